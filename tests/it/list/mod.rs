//! The list of subscribers: in the store, and what an import reads.

mod import;
mod stored;
mod suppressions;
