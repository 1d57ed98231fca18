//! The list of subscribers: in the store, and what an import reads.

mod commands;
mod export;
mod forget;
mod import;
mod import_hidden;
mod import_merge;
mod import_safety;
mod left;
mod revival;
mod small_faults;
mod stored;
mod suppressions;
