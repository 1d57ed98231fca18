//! A subscriber as a row of the table `subscriber`.

use crate::store::value::{Row, Value, v};
use crate::subscriber::{Status, Subscriber};

/// The columns of a row but for its number. The last two are the times.
pub(in crate::store) const COLUMNS: [&str; 12] = [
    "address",
    "address_key",
    "unicode_key",
    "name",
    "status",
    "language",
    "terms",
    "weight",
    "is_unusual",
    "data",
    "added_at",
    "changed_at",
];

/// The columns but for the times.
pub(in crate::store) const VALUES: &[&str] = COLUMNS.split_at(COLUMNS.len() - 2).0;

/// The shortest sum of values, in bytes, among which one may be too long for a subject: see [`crate::message::Examiner`].
const UNUSUAL_WEIGHT: usize = crate::message::LONGEST_LINE;

/// The values of [`COLUMNS`].
pub(in crate::store) fn row(subscriber: &Subscriber, now: i64) -> Vec<Value> {
    let address = &subscriber.address;
    let (key, weight) = (address.key(), subscriber.weight());
    let unicode_key = key.contains("xn--").then(|| address.unicode_key());
    let is_unusual = address.needs_smtputf8() || weight > UNUSUAL_WEIGHT;
    vec![
        v(address.as_str()),
        v(key),
        v(unicode_key),
        v(subscriber.full_name()),
        v(subscriber.status.as_str()),
        v(subscriber.language.as_deref().map(str::to_lowercase)),
        v(subscriber.terms()),
        v(weight as i64),
        v(is_unusual),
        v(serde_json::to_string(subscriber).expect("a subscriber can be serialized")),
        v(now),
        v(now),
    ]
}

/// Reads the columns `data` and `reason` from the column with this number on. The status is the one that applies.
pub(in crate::store) fn subscriber(row: &mut Row, column: usize) -> Option<Subscriber> {
    let mut subscriber: Subscriber = serde_json::from_str(&row.text(column)?).ok()?;
    if let Some(reason) = row.maybe(column + 1, Row::text)? {
        subscriber.status = Status::of_suppression(&reason);
    }
    Some(subscriber)
}
