//! The rows of files as rows of the temporary tables. Nothing is read or written here, so this is done while earlier rows are
//! being written.

use std::collections::BTreeSet;

use super::own;
use crate::store::list::row;
use crate::store::value::{Value, v};
use crate::subscriber::SuppressionKey;
use crate::subscriber::import::{
    Contact, HashedMailbox, ImportedRow, RejectionCode, Standing, Suppression, json,
};

/// The columns of `staged` before those of a subscriber.
const EVIDENCE: [&str; 18] = [
    "seq",
    "file",
    "line",
    "strictness",
    "hash",
    "reason",
    "detail",
    "suppression_at",
    "suppressed_since",
    "evidence",
    "consent_at",
    "consent_ip",
    "confirmed_at",
    "confirmed_ip",
    "consent_columns",
    "consent_source",
    "is_listed",
    "shown",
];

/// The number of [`columns`].
const WIDTH: usize = EVIDENCE.len() + row::VALUES.len();

/// The columns of `staged` but for `outcome`, which is null until the row is known to be no new subscriber, and
/// `is_forgotten`.
pub(super) fn columns() -> Vec<&'static str> {
    [&EVIDENCE, row::VALUES].concat()
}

/// The columns of `staged_rejection`.
pub(super) const REJECTION: [&str; 5] = ["seq", "file", "line", "code", "is_suppressed"];

/// A row of a file, prepared for the temporary tables.
#[derive(Debug, Default)]
pub struct StagedRow {
    /// The values of [`columns`], if the row has an address.
    pub(super) contact: Option<Vec<Value>>,
    /// The values of [`REJECTION`], if the row or a part of it could not be read.
    pub(super) rejection: Option<Vec<Value>>,
    /// The evidence of our own export: the values of [`own::COLUMNS`].
    pub(super) consents: Vec<Vec<Value>>,
}

/// Prepares the rows of an import, and counts them.
#[derive(Debug)]
pub struct RowStager {
    key: SuppressionKey,
    /// Where the people agreed, if the rows do not say so.
    consent_source: Option<String>,
    /// How many rows were prepared.
    pub(super) read: usize,
    /// How many of them are rejected.
    pub(super) rejected: usize,
    /// The attributes of the subscribers.
    pub(super) attributes: BTreeSet<String>,
    /// Whether there are rows of our own export.
    pub(super) has_own: bool,
    /// Whether there are mailboxes without an address.
    pub(super) has_hashed: bool,
}

impl RowStager {
    /// For the first row of an import. `consent_source` is where the people agreed, for rows that do not say so.
    pub fn new(key: SuppressionKey, consent_source: Option<&str>) -> Self {
        Self {
            key,
            consent_source: consent_source.map(str::to_owned),
            read: 0,
            rejected: 0,
            attributes: BTreeSet::new(),
            has_own: false,
            has_hashed: false,
        }
    }

    /// Prepares the next row.
    pub fn stage(&mut self, row: &ImportedRow) -> StagedRow {
        self.read += 1;
        let place = [self.read as i64, row.number as i64, row.line as i64].map(v);
        match &row.contact {
            Ok(contact) => StagedRow {
                rejection: contact.problem.map(|code| rejection(&place, code, true)),
                consents: self.consents(contact),
                contact: Some(self.values(place, contact)),
            },
            Err(code) => {
                self.rejected += 1;
                StagedRow {
                    rejection: Some(rejection(&place, *code, false)),
                    ..StagedRow::default()
                }
            }
        }
    }

    /// The evidence that our own export has of a person.
    fn consents(&mut self, contact: &Contact) -> Vec<Vec<Value>> {
        let Some(own) = &contact.own else {
            return Vec::new();
        };
        self.has_own = true;
        let consents = own.consents.iter().enumerate();
        consents
            .map(|(place, consent)| own::values(self.read, place, consent))
            .collect()
    }

    /// The values of [`columns`].
    fn values(&mut self, place: [Value; 3], contact: &Contact) -> Vec<Value> {
        let own = contact.own.as_ref();
        if let Some(mailbox) = own.and_then(|own| own.mailbox.as_ref()) {
            return self.hashed(place, contact, mailbox);
        }
        let key = contact.address.key();
        let mut values = Vec::with_capacity(WIDTH);
        values.extend(place);
        values.push(v(i64::from(contact.standing.strictness())));
        values.push(v(self.key.hash(&key).as_str()));
        match &contact.standing {
            Standing::Suppressed(suppression) => {
                values.extend(suppressed(suppression, contact));
                values.extend(self.consent(contact));
                if contact.listed().is_some() {
                    self.subscriber(contact, &mut values);
                    return values;
                }
                values.push(Value::Null);
                values.extend([v(contact.address.as_str()), v(key)]);
                values.resize(WIDTH, Value::Null);
            }
            Standing::Active | Standing::Pending => {
                values.extend([const { Value::Null }; 5]);
                values.extend(self.consent(contact));
                self.subscriber(contact, &mut values);
            }
        }
        values
    }

    /// The values of [`columns`] of a mailbox without an address. The hash stands for the address and its key.
    fn hashed(
        &mut self,
        place: [Value; 3],
        contact: &Contact,
        mailbox: &HashedMailbox,
    ) -> Vec<Value> {
        let hash = mailbox.hash.as_str();
        let mut values: Vec<Value> = place.into();
        values.extend([v(i64::from(contact.standing.strictness())), v(hash)]);
        if let Standing::Suppressed(suppression) = &contact.standing {
            values.extend(suppressed(suppression, contact));
        }
        values.extend(self.consent(contact));
        values.extend([Value::Null, v(hash), v(hash)]);
        values.resize(WIDTH, Value::Null);
        self.has_hashed = true;
        values
    }

    /// The evidence of consent, and whether our own export has the person on the list: seven columns.
    fn consent(&self, contact: &Contact) -> [Value; 7] {
        let consent = &contact.consent;
        let columns = (!consent.columns.is_empty())
            .then(|| serde_json::to_string(&consent.columns).expect("texts can be serialized"));
        let source = consent.source.as_ref().or(self.consent_source.as_ref());
        [
            v(consent.at.as_deref()),
            v(consent.ip.as_deref()),
            v(consent.confirmed_at.as_deref()),
            v(consent.confirmed_ip.as_deref()),
            v(columns),
            v(source),
            v(contact
                .own
                .as_ref()
                .map(|own| i64::from(own.listed.is_some()))),
        ]
    }

    /// Adds the JSON that reports show, if it is not that of the row, and the columns of the row.
    fn subscriber(&mut self, contact: &Contact, values: &mut Vec<Value>) {
        let subscriber = contact.subscriber();
        for name in subscriber.attributes.keys() {
            if !self.attributes.contains(name) {
                self.attributes.insert(name.clone());
            }
        }
        let is_same = subscriber.name == contact.name
            && subscriber.first_name == contact.first_name
            && subscriber.last_name == contact.last_name
            && contact.tags.is_sorted();
        let shown = (!is_same).then(|| json::subscriber(contact).to_string());
        values.push(v(shown));
        values.extend(row::row(&subscriber, 0));
        // The times are those of the merge.
        values.truncate(WIDTH);
    }
}

/// The values of [`REJECTION`]. `is_suppressed` is whether the person is suppressed nevertheless.
fn rejection(place: &[Value; 3], code: RejectionCode, is_suppressed: bool) -> Vec<Value> {
    let [seq, file, line] = place.clone();
    vec![seq, file, line, v(code.as_str()), v(is_suppressed)]
}

/// The reason, the word of the other system, the time, as the file has it and in Unix seconds, and the evidence.
fn suppressed(suppression: &Suppression, contact: &Contact) -> [Value; 5] {
    let evidence = contact.own.as_ref().and_then(|own| own.evidence.as_deref());
    let at = suppression.at.as_deref();
    let since = at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    [
        v(suppression.reason.as_str()),
        v(suppression.detail.as_deref()),
        v(at),
        v(since.map(jiff::Timestamp::as_second)),
        v(evidence),
    ]
}
