//! The list of subscribers: in the store, and what an import reads.

mod commands;
mod import;
mod import_merge;
mod left;
mod import_safety;
mod stored;
mod suppressions;
