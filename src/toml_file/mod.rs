//! A TOML file read in two steps, so that every error in it has its own location.
//!
//! First the file becomes a table with locations ([`Document`]); then each part of it becomes a typed value ([`typed`]).
//! serde alone stops at the first error and, for a section tagged by its `kind`, locates it at the head of the section.
//! [`typed`] removes an invalid entry and tries again, until every error is reported.

mod chunks;
mod date;
mod document;
mod encoding;
mod entry_error;
mod file;
mod offset_map;
mod syntax_error;
mod text;
mod typed;

pub use chunks::Chunks;
pub use date::{date_hint, invalid_date};
pub use document::Document;
pub use file::read;
pub use text::{Text, unwanted};
pub use typed::{peek_text, remove, split_off, take_tables, typed, typed_beside};

use toml::Spanned;
use toml::de::DeValue;

/// The size limit in bytes of files that editors write.
pub const LARGEST_FILE: u64 = 1 << 20;

/// The message about a merge conflict, in TOML or in a text.
pub const CONFLICT: &str = "unresolved merge conflict";
/// The hint how to resolve it.
pub const CONFLICT_HINT: &str =
    "keep one of the two versions, and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`";

/// An untyped value of a file, with its location.
pub type TomlValue<'s> = Spanned<DeValue<'s>>;
