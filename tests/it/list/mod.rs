//! The list of subscribers: what an import reads.

mod import;
