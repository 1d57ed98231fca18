//! Moves a whole store into another one: from a file to a server, or back.

use std::collections::BTreeMap;

use super::connection::Connection;
use super::value::{Value, v};
use super::{Store, StoreError};

/// A table: its name, its columns, and how many of the first columns are its primary key.
type CopiedTable = (&'static str, &'static [&'static str], usize);

/// Every table after those that it refers to.
const TABLES: [CopiedTable; 19] = [
    ("edition", &["digest", "bytes"], 1),
    (
        "send",
        &[
            "id",
            "issue",
            "digest",
            "subject",
            "started_at",
            "on_uncertain",
            "is_held",
            "is_rehearsal",
            "candidates",
            "finished_at",
            "brake",
            "brake_why",
            "brake_at",
            "touched_at",
            "waits_until",
            "edition",
            "stop",
            "stop_why",
            "stop_at",
            "stop_since",
            "brake_is_automatic",
            "is_frozen",
            "follows_list",
            "removed_after",
            "tokens_added",
        ],
        1,
    ),
    (
        "delivery",
        &[
            "send",
            "number",
            "address",
            "address_key",
            "name",
            "reader",
            "state",
            "why",
            "attempts",
            "first_try",
            "next_try",
            "changed_at",
            "relay",
            "edition",
            "reply_code",
            "enhanced_status",
        ],
        2,
    ),
    (
        "suppression",
        &["hash", "address_key", "reason", "detail", "evidence", "at"],
        1,
    ),
    (
        "domain",
        &["send", "name", "suspensions", "until", "why", "blocked"],
        2,
    ),
    (
        "bounce",
        &["address_key", "kind", "issues", "first_at", "last_at"],
        2,
    ),
    (
        "send_edition",
        &[
            "send",
            "number",
            "digest",
            "subject",
            "since",
            "content",
            "token_key",
        ],
        2,
    ),
    ("generation", &["token", "number", "at"], 1),
    ("signature", &["code"], 1),
    (
        "subscriber",
        &[
            "id",
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
        ],
        1,
    ),
    ("subscriber_attribute", &["name"], 1),
    (
        "suppression_event",
        &["id", "at", "hash", "address_key", "action", "reason", "why"],
        1,
    ),
    ("suppression_key", &["code", "are_tokens_hashed"], 1),
    ("token", &["digest", "mailbox", "at"], 1),
    ("token_key", &["number", "code"], 1),
    ("list_import", &["id", "at", "counts"], 1),
    (
        "import_file",
        &["import", "number", "name", "sha256", "format"],
        2,
    ),
    (
        "consent",
        &[
            "id",
            "hash",
            "address_key",
            "at",
            "ip",
            "confirmed_at",
            "confirmed_ip",
            "columns",
            "source",
            "import",
            "file",
            "line",
            "form_version",
            "text_digest",
            "recorded_at",
        ],
        1,
    ),
    (
        "list_event",
        &["id", "at", "address_key", "action", "detail"],
        1,
    ),
];

/// How many rows are in memory at once.
const PAGE: i64 = 1_000;

/// How many rows were moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MigratedRows {
    /// Frozen editions.
    pub editions: usize,
    /// Campaigns.
    pub sends: usize,
    /// Deliveries of all campaigns.
    pub deliveries: usize,
    /// Suppressed addresses.
    pub suppressions: usize,
    /// Subscribers of the list in the store.
    pub subscribers: usize,
}

impl Store {
    /// Moves all rows into `target`, in one transaction there, and marks this store as moved, so that it cannot be opened:
    /// a run that continued with it would send every message again.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] if the target contains rows, [`StoreError::InUse`] while a sender is active, and errors of
    /// either store. After an error nothing has been moved.
    pub fn move_to(&mut self, target: &mut Self) -> Result<MigratedRows, StoreError> {
        target.require_empty()?;
        self.transaction(|from| {
            from.lock_tables()?;
            let moved = target.transaction(|to| {
                to.lock_tables()?;
                target.require_empty()?;
                let moved = copy_all(from, to)?;
                // The ledger keeps its identifier, so the marker remains valid.
                let id = [v(self.id()?)];
                to.execute("update ledger set id = ?1", &id)?;
                // A reader of the list must not take it for the empty one.
                to.execute("update list set revision = revision + 1", &[])?;
                to.refresh_statistics()?;
                self.require_same_totals(target)?;
                Ok(moved)
            })?;
            from.mark_as_moved()?;
            Ok(moved)
        })
    }

    /// The file, or the server's URL without its password, for messages.
    pub fn place(&self) -> String {
        self.connection.place()
    }

    fn require_empty(&self) -> Result<(), StoreError> {
        for (table, ..) in TABLES {
            let sql = format!("select 1 from {table} limit 1");
            if !self.connection.query(&sql, &[])?.is_empty() {
                return Err(StoreError::NotEmpty(self.place()));
            }
        }
        Ok(())
    }

    fn require_same_totals(&self, target: &Self) -> Result<(), StoreError> {
        let sends = self.sends()?;
        let mut is_same =
            target.sends()? == sends && target.subscribers()? == self.subscribers()?;
        for send in &sends {
            is_same &= self.totals(send)? == target.totals(send)?;
        }
        if is_same {
            Ok(())
        } else {
            Err(self.connection.damaged())
        }
    }
}

fn copy_all(from: &dyn Connection, to: &dyn Connection) -> Result<MigratedRows, StoreError> {
    let mut counts = BTreeMap::new();
    for table in TABLES {
        counts.insert(table.0, copy(from, to, table)?);
    }
    let count = |table| counts.get(table).copied().unwrap_or_default();
    Ok(MigratedRows {
        editions: count("edition"),
        sends: count("send"),
        deliveries: count("delivery"),
        suppressions: count("suppression"),
        subscribers: count("subscriber"),
    })
}

/// Copies a table page by page, in the order of its primary key.
fn copy(
    from: &dyn Connection,
    to: &dyn Connection,
    (table, columns, keys): CopiedTable,
) -> Result<usize, StoreError> {
    let (all, key) = (columns.join(", "), columns[..keys].join(", "));
    let parameters: Vec<String> = (1..=keys).map(|number| format!("?{number}")).collect();
    let after = format!("where ({key}) > ({})", parameters.join(", "));
    let mut last: Vec<Value> = Vec::new();
    let mut count = 0;
    loop {
        let condition = if last.is_empty() { "" } else { &after };
        let sql = format!("select {all} from {table} {condition} order by {key} limit {PAGE}");
        let rows = from.query(&sql, &last)?;
        let Some(end) = rows.last() else {
            return Ok(count);
        };
        last = end.0[..keys].to_vec();
        count += to.insert(table, columns, &mut rows.into_iter().map(|row| row.0))?;
    }
}
