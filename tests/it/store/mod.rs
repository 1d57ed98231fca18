//! The ledger: SQLite and PostgreSQL, migrations, several senders.

mod columns;
mod ledger;
mod migrate;
mod older_ledger;
mod replies;
mod retention;
pub mod senders;
mod shared_quota;
mod state;
mod stored_list;
mod suppressions;
mod tokens;
