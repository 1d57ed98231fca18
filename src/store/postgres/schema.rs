//! The tables on a server, and the way from an older version's to ours: numbered steps, counted in a table.

use super::Postgres;
use crate::store::StoreError;
use crate::store::connection::{Connection, MOVED, Step};

const STEPS: [&str; 4] = [
    include_str!("001.sql"),
    include_str!("002.sql"),
    include_str!("003.sql"),
    include_str!("004.sql"),
];

/// Any number, so long as it is always the same: of two senders that begin with an empty database one makes
/// the tables, and the other waits for it.
const LOCK: i64 = 0x0046_7261_6e6b;

/// Brings the tables to this version.
pub(super) fn migrate(server: &Postgres) -> Result<(), StoreError> {
    server.transaction(Step::Begin)?;
    server.query("select pg_advisory_xact_lock(?1)", &[LOCK.into()])?;
    server.run("create table if not exists franking (version bigint not null)")?;
    let version = server.query("select coalesce(max(version), 0) from franking", &[])?;
    let version = version.first().and_then(|row| row.int(0));
    let version = version.ok_or_else(|| server.damaged())?;
    if version == MOVED {
        return Err(StoreError::Moved(server.place.clone()));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(left) = STEPS.get(done..) else {
        return Err(StoreError::Newer(server.place.clone(), version));
    };
    for (step, sql) in (done + 1..).zip(left) {
        server.run(sql)?;
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        server.execute("insert into franking (version) values (?1)", &[step.into()])?;
    }
    server.transaction(Step::Commit)
}
