//! The evidence of consent: rows are only added. `forget` removes the address of a row and what else identifies the person,
//! and `[privacy]` `evidence` deletes rows of people who left.

use serde::Serialize;

use super::change::ListChange;
use crate::store::insert::insert;
use crate::store::value::{Row, v};
use crate::store::{Store, StoreError};
use crate::subscriber::MailboxHash;
use crate::util::timestamp;

/// What shows that a person agreed to get mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentRecord {
    /// When the person agreed: a date or a time, as it was given.
    pub at: Option<String>,
    /// The IP address from which the person agreed.
    pub ip: Option<String>,
    /// When the person confirmed.
    pub confirmed_at: Option<String>,
    /// The IP address from which the person confirmed.
    pub confirmed_ip: Option<String>,
    /// Times without a time zone, as the columns of the file have them: JSON.
    pub columns: Option<String>,
    /// Where and how the person agreed.
    pub source: Option<String>,
    /// The file from which the row was imported; `None` also after a person whose name it contains was forgotten.
    pub file: Option<String>,
    /// The SHA-256 digest of the file, in hexadecimal digits.
    pub sha256: Option<String>,
    /// The line of the row in the file.
    pub line: Option<i64>,
    /// When the evidence was stored, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub recorded_at: i64,
}

const RECORDS: &str =
    "select consent.at, ip, confirmed_at, confirmed_ip, columns, source, import_file.name,
     import_file.sha256, line, recorded_at
     from consent left join import_file
     on import_file.import = consent.import and import_file.number = consent.file
     where hash = ?1 order by consent.id";

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
        insert(
            self.connection,
            "consent",
            &columns,
            std::iter::once(values),
        )
        .map(drop)
    }
}

impl Store {
    /// The evidence of consent of a mailbox, the earliest first. There is none without a suppression key, whose hashes
    /// identify the rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn consents(&self, address_key: &str) -> Result<Vec<ConsentRecord>, StoreError> {
        self.rows(RECORDS, &[v(self.hash(address_key))], record)
    }
}

fn record(row: &mut Row) -> Option<ConsentRecord> {
    Some(ConsentRecord {
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
    })
}
