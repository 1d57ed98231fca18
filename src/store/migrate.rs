//! The whole of a store moved into another: from a file to a server, and back.

use super::connection::Connection;
use super::insert::insert;
use super::value::{Value, v};
use super::{Store, StoreError};

/// A table: its name, its columns, and how many of them, from the first, tell a row from all others.
type Table = (&'static str, &'static [&'static str], usize);

/// In an order in which each row finds what it refers to.
const TABLES: [Table; 9] = [
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
        &["address_key", "reason", "evidence", "at"],
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
        &["send", "number", "digest", "subject", "since", "content"],
        2,
    ),
    ("generation", &["token", "number", "at"], 1),
    ("signature", &["code"], 1),
];

/// How many rows are in memory at once.
const PAGE: i64 = 1_000;

/// How many rows were moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MigratedRows {
    /// Frozen editions.
    pub editions: usize,
    /// Sends.
    pub sends: usize,
    /// Deliveries of all sends.
    pub deliveries: usize,
    /// Addresses never to be written to again.
    pub suppressions: usize,
}

impl Store {
    /// Moves everything into `target`, in one transaction there. Then this store is marked as moved and
    /// opens no more, for who went on with it would send to everybody again.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] where the target has something in it, [`StoreError::InUse`] while somebody
    /// sends, and whatever else either store says; then nothing has been moved.
    pub fn move_to(&mut self, target: &mut Self) -> Result<MigratedRows, StoreError> {
        target.require_empty()?;
        self.transaction(|from| {
            from.lock_tables()?;
            let moved = target.transaction(|to| {
                to.lock_tables()?;
                target.require_empty()?;
                let moved = copy_all(from, to)?;
                // It stays the same ledger, and the marker keeps fitting.
                let id = [v(self.id()?)];
                to.execute("update ledger set id = ?1", &id)?;
                to.refresh_statistics()?;
                self.require_same_sums(target)?;
                Ok(moved)
            })?;
            from.mark_as_moved()?;
            Ok(moved)
        })
    }

    /// Where the store is, for messages: without a password.
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

    fn require_same_sums(&self, target: &Self) -> Result<(), StoreError> {
        let sends = self.sends()?;
        let mut is_same = target.sends()? == sends;
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
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(copy(from, to, table)?);
    }
    let [editions, sends, deliveries, suppressions, ..] = counts[..] else {
        unreachable!("there are as many counts as tables")
    };
    Ok(MigratedRows {
        editions,
        sends,
        deliveries,
        suppressions,
    })
}

/// Page by page, each beginning behind the last row of the one before.
fn copy(
    from: &dyn Connection,
    to: &dyn Connection,
    (table, columns, keys): Table,
) -> Result<usize, StoreError> {
    let (all, key) = (columns.join(", "), columns[..keys].join(", "));
    let behind: Vec<String> = (1..=keys).map(|number| format!("?{number}")).collect();
    let behind = behind.join(", ");
    let mut last: Vec<Value> = Vec::new();
    let mut count = 0;
    loop {
        let condition = if last.is_empty() {
            String::new()
        } else {
            format!("where ({key}) > ({behind})")
        };
        let sql = format!("select {all} from {table} {condition} order by {key} limit {PAGE}");
        let rows = from.query(&sql, &last)?;
        let Some(end) = rows.last() else {
            return Ok(count);
        };
        last = end.0[..keys].to_vec();
        count += insert(to, table, columns, rows.into_iter().map(|row| row.0))?;
    }
}
