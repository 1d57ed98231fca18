//! The temporary tables of an import: `staged` has the rows with an address, `staged_rejection` the others, and
//! `staged_update` the new values of subscribers who are on the list.

use super::own;
use super::row_stager::{REJECTION, StagedRow, columns};
use crate::store::connection::Connection;
use crate::store::{Store, StoreError};
use crate::subscriber::SuppressionKey;

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
}

impl Store {
    /// Begins an import: creates the temporary tables.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn import_list(&mut self, key: SuppressionKey) -> Result<ListImport<'_>, StoreError> {
        create(self.connection.as_ref())?;
        Ok(ListImport { store: self, key })
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
    /// Writes rows to the temporary tables.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, rows: Vec<StagedRow>) -> Result<(), StoreError> {
        let connection = self.store.connection.as_ref();
        let (mut rejections, mut consents) = (Vec::new(), Vec::new());
        let mut contacts = rows.into_iter().filter_map(|row| {
            rejections.extend(row.rejection);
            consents.extend(row.consents);
            row.contact
        });
        connection.insert("staged", &columns(), &mut contacts)?;
        connection.insert("staged_consent", &own::COLUMNS, &mut consents.into_iter())?;
        let rejections = &mut rejections.into_iter();
        let inserted = connection.insert("staged_rejection", &REJECTION, rejections);
        inserted.map(drop)
    }
}
