//! A subscriber as a JSON object, a row of CSV, or a line for people.

use serde_json::{Map, Value, json};

use crate::store::{ExportedMailbox, ListedSubscriber};
use crate::subscriber::Status;
use crate::util::{escape, timestamp};

/// The columns of the CSV export. `tags`, `attributes` and `consent` are JSON, so that they are read back as they were. `hash`
/// is empty in most rows, so that a row that was cut off has too few columns.
pub(super) const COLUMNS: [&str; 15] = [
    "email",
    "status",
    "reason",
    "name",
    "first_name",
    "last_name",
    "language",
    "tags",
    "attributes",
    "listed",
    "suppressed_at",
    "detail",
    "evidence",
    "consent",
    "hash",
];

/// The JSON object of `list find`, `list show` and `list export`. Every key is there; what a subscriber does not have is
/// `null` or empty.
pub fn record_json(one: &ListedSubscriber) -> Value {
    let subscriber = &one.subscriber;
    json!({
        "email": subscriber.address,
        "status": subscriber.status,
        "reason": one.suppression,
        "name": subscriber.name,
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "language": subscriber.language,
        "tags": subscriber.tags,
        "attributes": subscriber.attributes,
    })
}

/// The JSON object of `list export`: that of [`record_json`], and everything else that the store knows of the mailbox.
pub(super) fn exported_json(one: &ExportedMailbox) -> Value {
    let suppression = one.suppression.as_ref();
    let reason = suppression.map(|suppression| suppression.reason.as_str());
    let listed = one.subscriber.as_ref().map(|subscriber| subscriber.status);
    let status = reason.map(Status::of_suppression).or(listed);
    let mut record = match &one.subscriber {
        Some(subscriber) => json!(subscriber),
        None => json!({ "address": one.address_key }),
    };
    let mut take = |key: &str| record.get_mut(key).map(Value::take).unwrap_or_default();
    let or = |value: Value, empty: Value| if value.is_null() { empty } else { value };
    json!({
        "email": take("address"),
        "status": status,
        "reason": reason,
        "name": take("name"),
        "first_name": take("first_name"),
        "last_name": take("last_name"),
        "language": take("language"),
        "tags": or(take("tags"), json!([])),
        "attributes": or(take("attributes"), json!({})),
        "listed": listed,
        "suppressed_at": suppression.map(|suppression| timestamp::format(suppression.at)),
        "detail": suppression.and_then(|suppression| suppression.detail.as_ref()),
        "evidence": suppression.and_then(|suppression| suppression.evidence.as_ref()),
        "consent": one.consents,
        "hash": one.hash,
    })
}

/// The row of [`COLUMNS`] of such an object.
pub(super) fn csv_row(record: &Value) -> String {
    let empty = Map::new();
    let record = record.as_object().unwrap_or(&empty);
    let fields = COLUMNS.map(|column| match record.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => quoted(text),
        Some(Value::Array(list)) if list.is_empty() => String::new(),
        Some(Value::Object(members)) if members.is_empty() => String::new(),
        Some(value) => quoted(&value.to_string()),
    });
    format!("{}\r\n", fields.join(","))
}

/// A field of CSV (RFC 4180).
fn quoted(text: &str) -> String {
    let is_plain = !text.contains([',', ';', '"', '\n', '\r', '\t']) && text.trim() == text;
    match is_plain {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

/// `active        ada@rivers.example (Ada Reed)  fr  [members press]`
pub fn record_line(one: &ListedSubscriber) -> String {
    let subscriber = &one.subscriber;
    let name = subscriber.full_name().map(|name| format!(" ({name})"));
    let language = subscriber.language.as_ref().map(|tag| format!("  {tag}"));
    let tags: Vec<&str> = subscriber.tags.iter().map(String::as_str).collect();
    let tags = (!tags.is_empty()).then(|| format!("  [{}]", tags.join(" ")));
    let line = format!(
        "{:<13} {}{}{}{}",
        subscriber.status.as_str(),
        subscriber.address,
        name.unwrap_or_default(),
        language.unwrap_or_default(),
        tags.unwrap_or_default()
    );
    format!("{}\n", escape::terminal(&line))
}
