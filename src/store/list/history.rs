//! The history of the list: what `franking list` has changed, and each suppression with its end.

use super::change::ListChange;
use crate::store::value::{Row, v};
use crate::store::{Store, StoreError};

/// How many events one statement reads.
const PAGE: i64 = 1_000;

/// One change of the list or of a suppression.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ListEvent {
    /// When, in Unix seconds.
    #[serde(serialize_with = "crate::util::timestamp::serialize")]
    pub at: i64,
    /// The key of the address; `None` for a change of many. After the person was forgotten, the hash of the mailbox, or `None`.
    pub address: Option<String>,
    /// What happened, such as `add`, `tag` or `suppress`.
    pub action: String,
    /// What was changed, or why.
    pub detail: Option<String>,
}

/// The suppression of a mailbox, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StoredSuppression {
    /// The reason.
    pub reason: String,
    /// Since when, in Unix seconds.
    #[serde(rename = "since", serialize_with = "crate::util::timestamp::serialize")]
    pub at: i64,
    /// The word of another system for the reason.
    pub detail: Option<String>,
    /// What shows the reason.
    pub evidence: Option<String>,
}

/// All events in the order of their times, after the one with the first three parameters. The evidence of consent shows the
/// imports of a person; without an address, an import is one event.
const EVENTS: &str = "select at, source, id, address_key, action, detail from (
         select at, cast(0 as bigint) as source, id, address_key, action, detail, address_key as hash from list_event
         union all
         select at, cast(1 as bigint), id, address_key, action, reason || coalesce(': ' || why, ''), hash
         from suppression_event
         union all :imports) as event
     where (at, source, id) > (cast(?1 as bigint), cast(?2 as bigint), cast(?3 as bigint))
     and (cast(?4 as text) is null or address_key = ?4 or hash = ?5) order by at, source, id limit ";

/// The imports of one person.
const IMPORTS_OF_PERSON: &str = "select recorded_at, cast(2 as bigint), id, coalesce(address_key, hash), 'import',
         coalesce(nullif(import_file.name, ''), 'a file') || ':' || line, hash
         from consent join import_file on import_file.import = consent.import and import_file.number = consent.file
         where hash = ?5";

/// All imports. The parameters are those of the other one.
const IMPORTS: &str = "select at, cast(2 as bigint), id, cast(null as text), 'import', import_file.name
         || case when exists (select 1 from import_file as other where other.import = id and other.number = 1)
         then ' and others' else '' end, cast(null as text)
         from list_import join import_file on import_file.import = id and number = 0 where cast(?5 as text) is null";

impl ListChange<'_> {
    /// Adds to the history.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn record(
        &mut self,
        address_key: Option<&str>,
        action: &str,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let values = vec![v(self.now), v(address_key), v(action), v(detail)];
        let columns = ["at", "address_key", "action", "detail"];
        let mut row = std::iter::once(values);
        let inserted = self.connection.insert("list_event", &columns, &mut row);
        inserted.map(drop)
    }
}

impl Store {
    /// Calls `see` with the events of one mailbox, or of all, the earliest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_events(
        &self,
        address_key: Option<&str>,
        see: &mut dyn FnMut(ListEvent),
    ) -> Result<(), StoreError> {
        let hash = address_key.and_then(|address_key| self.hash(address_key));
        let imports = match address_key {
            Some(_) => IMPORTS_OF_PERSON,
            None => IMPORTS,
        };
        let sql = EVENTS.replace(":imports", imports);
        let mut after = (i64::MIN, 0, 0);
        loop {
            let values = [
                v(after.0),
                v(after.1),
                v(after.2),
                v(address_key),
                v(hash.clone()),
            ];
            let page = self.rows(&format!("{sql}{PAGE}"), &values, event)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            page.into_iter().for_each(|(_, event)| see(event));
        }
    }

    /// The suppression of a mailbox, also after its address was removed, if the suppression key is in use.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppression(&self, address_key: &str) -> Result<Option<StoredSuppression>, StoreError> {
        let sql = "select reason, at, detail, evidence from suppression where address_key = ?1 or hash = ?2";
        let values = [v(address_key), v(self.hash(address_key))];
        let found = self.rows(sql, &values, |row| {
            Some(StoredSuppression {
                reason: row.text(0)?,
                at: row.int(1)?,
                detail: row.maybe(2, Row::text)?,
                evidence: row.maybe(3, Row::text)?,
            })
        })?;
        Ok(found.into_iter().next())
    }

    /// The hash of a mailbox, if the suppression key is in use.
    pub(super) fn hash(&self, address_key: &str) -> Option<String> {
        let key = self.suppression_key.as_ref()?;
        Some(key.hash(address_key).as_str().to_owned())
    }
}

type Position = (i64, i64, i64);

fn event(row: &mut Row) -> Option<(Position, ListEvent)> {
    let at = row.int(0)?;
    let event = ListEvent {
        at,
        address: row.maybe(3, Row::text)?,
        action: row.text(4)?,
        detail: row.maybe(5, Row::text)?,
    };
    Some(((at, row.int(1)?, row.int(2)?), event))
}
