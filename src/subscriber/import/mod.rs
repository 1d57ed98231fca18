//! Import: the exports of other systems, read row by row into contacts, with opt-outs and evidence of consent.
//!
//! A file is recognised by its columns and never guessed: an unknown status, a missing address or a wrong number of values
//! rejects the row, and a file that cannot show who left is refused. Files are streamed, so that a list may have any length.

mod attributes;
mod contact;
mod error;
mod formats;
pub mod json;
mod lines;
mod opt_outs;
mod options;
mod own;
mod python;
mod quotes;
mod reader;
mod rejection;
mod source;
mod table;
mod times;
mod unrecognised;

pub use contact::{Consent, Contact, Standing, Suppression, SuppressionReason};
pub use encoding_rs::Encoding;
pub use error::ImportError;
pub use formats::{format_names, parse_format};
pub use options::{Field, ImportOptions, parse_date, parse_encoding, parse_map, parse_status};
pub use own::{HashedMailbox, OwnRow, RecordedConsent};
pub use reader::{ImportWarning, ImportedFile, ImportedRow, Recognised, recognise};
pub use rejection::RejectionCode;
