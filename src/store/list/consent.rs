//! The evidence of consent: rows are only added. `forget` removes the address of a row and what else identifies the person,
//! and `[privacy]` `evidence` deletes rows of people who left.

use std::collections::HashMap;

use super::change::ListChange;
use crate::store::value::{Row, Value, v};
use crate::store::{Store, StoreError};
use crate::subscriber::MailboxHash;
use crate::subscriber::import::RecordedConsent;

/// The evidence, without its condition. [`record`] reads a row.
const RECORDS: &str =
    "select consent.at, ip, confirmed_at, confirmed_ip, columns, source, import_file.name,
     import_file.sha256, line, recorded_at, import_file.format, form_version, text_digest, hash
     from consent left join import_file
     on import_file.import = consent.import and import_file.number = consent.file";

/// Mailboxes by their hashes, each with its evidence.
pub(super) type Consents = HashMap<String, Vec<RecordedConsent>>;

impl ListChange<'_> {
    /// Adds evidence that was given by hand: where and how the person agreed, and when.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn record_consent(
        &mut self,
        (hash, address_key): (&MailboxHash, &str),
        source: &str,
        at: Option<&str>,
    ) -> Result<(), StoreError> {
        let columns = ["hash", "address_key", "at", "source", "recorded_at"];
        let values = vec![
            v(hash.as_str()),
            v(address_key),
            v(at),
            v(source),
            v(self.now),
        ];
        let mut row = std::iter::once(values);
        let inserted = self.connection.insert("consent", &columns, &mut row);
        inserted.map(drop)
    }
}

impl Store {
    /// The evidence of consent of a mailbox, the earliest first. There is none without a suppression key, whose hashes
    /// identify the rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn consents(&self, address_key: &str) -> Result<Vec<RecordedConsent>, StoreError> {
        let sql = format!("{RECORDS} where hash = ?1 order by consent.id");
        self.rows(&sql, &[v(self.hash(address_key))], record)
    }

    /// The evidence of consent of several mailboxes, by their hashes.
    pub(super) fn consents_of(&self, hashes: &[String]) -> Result<Consents, StoreError> {
        let mut consents = Consents::new();
        if hashes.is_empty() {
            return Ok(consents);
        }
        let parameters: Vec<String> = (1..=hashes.len())
            .map(|number| format!("?{number}"))
            .collect();
        let parameters = parameters.join(", ");
        let sql = format!("{RECORDS} where hash in ({parameters}) order by consent.id");
        let values: Vec<Value> = hashes.iter().map(v).collect();
        for (hash, record) in self.rows(&sql, &values, |row| Some((row.text(13)?, record(row)?)))? {
            consents.entry(hash).or_default().push(record);
        }
        Ok(consents)
    }
}

fn record(row: &mut Row) -> Option<RecordedConsent> {
    Some(RecordedConsent {
        at: row.maybe(0, Row::text)?,
        ip: row.maybe(1, Row::text)?,
        confirmed_at: row.maybe(2, Row::text)?,
        confirmed_ip: row.maybe(3, Row::text)?,
        columns: row.maybe(4, Row::text)?,
        source: row.maybe(5, Row::text)?,
        file: row.maybe(6, Row::text)?.filter(|name| !name.is_empty()),
        sha256: row.maybe(7, Row::text)?,
        line: row.maybe(8, |row, column| row.int(column))?,
        recorded_at: row.int(9)?,
        format: row.maybe(10, Row::text)?,
        form_version: row.maybe(11, Row::text)?,
        text_digest: row.maybe(12, Row::text)?,
    })
}
