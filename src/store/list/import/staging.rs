//! The temporary tables of an import: `staged` has the rows with an address, `staged_rejection` the others, and
//! `staged_update` the new values of subscribers who are on the list.

use std::collections::BTreeSet;

use super::own;
use crate::store::connection::Connection;
use crate::store::insert::insert;
use crate::store::list::row;
use crate::store::value::{Value, v};
use crate::store::{Store, StoreError};
use crate::subscriber::SuppressionKey;
use crate::subscriber::import::{
    Contact, HashedMailbox, ImportedRow, RejectionCode, Standing, Suppression, json,
};

/// How many rows are in memory before they are written.
const ROWS: usize = 200;

/// The columns of `staged` but for `outcome`, which is null until the row is known to be no new subscriber, and
/// `is_forgotten`.
const COLUMNS: [&str; 28] = [
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
];

/// The statements that create the tables. Only `seq` differs: for SQLite it must be the number of the row.
const TABLES: [&str; 8] = [
    "drop table if exists staged",
    "drop table if exists staged_rejection",
    "drop table if exists staged_update",
    "drop table if exists staged_consent",
    own::TABLE,
    "create temporary table staged (seq :integer primary key, file bigint, line bigint, strictness bigint, hash text,
     reason text, detail text, suppression_at text, suppressed_since bigint, evidence text, consent_at text, consent_ip text,
     confirmed_at text, confirmed_ip text, consent_columns text, consent_source text, is_listed bigint, shown text, address text,
     address_key text, unicode_key text, name text, status text, language text, terms text, weight bigint,
     is_unusual bigint, data text, outcome text, is_forgotten bigint)",
    "create temporary table staged_rejection (seq :integer primary key, file bigint, line bigint, code text,
     is_suppressed bigint)",
    "create temporary table staged_update (seq :integer primary key, id bigint, name text, status text, language text,
     terms text, weight bigint, is_unusual bigint, data text)",
];

/// An import whose rows are being read.
#[derive(Debug)]
pub struct ListImport<'a> {
    pub(super) store: &'a Store,
    pub(super) key: SuppressionKey,
    /// Where the people agreed, if the rows do not say so.
    consent_source: Option<String>,
    /// How many rows were read.
    pub(super) read: usize,
    /// How many of them are rejected.
    pub(super) rejected: usize,
    /// Rows that are not written to the temporary table yet.
    rows: Vec<Vec<Value>>,
    rejections: Vec<Vec<Value>>,
    /// The attributes of the subscribers.
    pub(super) attributes: BTreeSet<String>,
    /// The evidence of our own export that is not written yet.
    consents: Vec<Vec<Value>>,
    /// Whether there are rows of our own export.
    pub(super) has_own: bool,
    /// Whether there are mailboxes without an address.
    pub(super) has_hashed: bool,
}

impl Store {
    /// Begins an import. `consent_source` is where the people agreed, for rows that do not say so.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn import_list(
        &mut self,
        key: SuppressionKey,
        consent_source: Option<&str>,
    ) -> Result<ListImport<'_>, StoreError> {
        create(self.connection.as_ref())?;
        Ok(ListImport {
            store: self,
            key,
            consent_source: consent_source.map(str::to_owned),
            read: 0,
            rejected: 0,
            rows: Vec::new(),
            rejections: Vec::new(),
            attributes: BTreeSet::new(),
            consents: Vec::new(),
            has_own: false,
            has_hashed: false,
        })
    }
}

/// Creates the empty tables.
fn create(connection: &dyn Connection) -> Result<(), StoreError> {
    connection.prepare_bulk()?;
    let integer = if connection.is_shared() {
        "bigint"
    } else {
        "integer"
    };
    for sql in TABLES {
        connection.execute(&sql.replace(":integer", integer), &[])?;
    }
    Ok(())
}

/// Marks every row of a mailbox but the strictest; of equal ones, the first counts.
pub(super) fn mark_duplicates(connection: &dyn Connection) -> Result<(), StoreError> {
    let index = "create index staged_by_key on staged (address_key, strictness desc, seq)";
    connection.execute(index, &[])?;
    connection.analyze("staged")?;
    let sql = "update staged set outcome = 'duplicate' where seq in (select seq from (
         select seq, row_number() over (partition by address_key order by strictness desc, seq) as place from staged
         ) as ranked where place > 1)";
    connection.execute(sql, &[]).map(drop)
}

impl ListImport<'_> {
    /// Adds a row of a file.
    ///
    /// # Errors
    /// When the temporary tables cannot be written.
    pub fn add(&mut self, row: &ImportedRow) -> Result<(), StoreError> {
        self.read += 1;
        let place = [
            v(self.read as i64),
            v(row.number as i64),
            v(row.line as i64),
        ];
        match &row.contact {
            Ok(contact) => {
                if let Some(code) = contact.problem {
                    self.reject(place.clone(), code, true);
                }
                let own = contact.own.iter();
                self.has_own |= contact.own.is_some();
                let consents = own.flat_map(|own| own.consents.iter().enumerate());
                let consents = consents.map(|(place, one)| own::values(self.read, place, one));
                self.consents.extend(consents);
                let values = self.values(place, contact);
                self.rows.push(values);
            }
            Err(code) => {
                self.rejected += 1;
                self.reject(place, *code, false);
            }
        }
        if self.rows.len() + self.rejections.len() + self.consents.len() < ROWS {
            return Ok(());
        }
        self.write()
    }

    /// Notes a row that could not be read. `is_suppressed` is whether the person is suppressed nevertheless.
    fn reject(&mut self, place: [Value; 3], code: RejectionCode, is_suppressed: bool) {
        let values = [v(code.as_str()), v(is_suppressed)];
        self.rejections
            .push(place.into_iter().chain(values).collect());
    }

    /// Writes the rows that are in memory.
    pub(super) fn write(&mut self) -> Result<(), StoreError> {
        let connection = self.store.connection.as_ref();
        insert(connection, "staged", &COLUMNS, self.rows.drain(..))?;
        insert(
            connection,
            "staged_consent",
            &own::COLUMNS,
            self.consents.drain(..),
        )?;
        let columns = ["seq", "file", "line", "code", "is_suppressed"];
        let rejections = self.rejections.drain(..);
        insert(connection, "staged_rejection", &columns, rejections).map(drop)
    }

    /// The values of [`COLUMNS`].
    fn values(&mut self, place: [Value; 3], contact: &Contact) -> Vec<Value> {
        let own = contact.own.as_ref();
        if let Some(mailbox) = own.and_then(|own| own.mailbox.as_ref()) {
            return self.hashed(place, contact, mailbox);
        }
        let key = contact.address.key();
        let mut values = Vec::with_capacity(COLUMNS.len());
        values.extend(place);
        values.push(v(i64::from(contact.standing.strictness())));
        values.push(v(self.key.hash(&key).as_str()));
        match &contact.standing {
            Standing::Suppressed(suppression) => {
                values.extend(suppressed(suppression, contact));
                values.extend(self.consent(contact));
                if contact.listed().is_some() {
                    values.extend(self.subscriber(contact));
                    return values;
                }
                values.push(Value::Null);
                values.extend([v(contact.address.as_str()), v(key)]);
                values.resize(COLUMNS.len(), Value::Null);
            }
            Standing::Active | Standing::Pending => {
                values.extend([const { Value::Null }; 5]);
                values.extend(self.consent(contact));
                values.extend(self.subscriber(contact));
            }
        }
        values
    }

    /// The values of [`COLUMNS`] of a mailbox without an address. The hash stands for the address and its key.
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
        values.resize(COLUMNS.len(), Value::Null);
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

    /// The JSON that reports show, if it is not that of the row, and the columns of the row.
    fn subscriber(&mut self, contact: &Contact) -> Vec<Value> {
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
        let mut values = vec![v(shown)];
        values.extend(row::row(&subscriber, 0));
        // The times are those of the merge.
        values.truncate(11);
        values
    }
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
