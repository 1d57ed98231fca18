//! The whole list as a file, with the people who left: `list import` reads it back.

use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use super::private_file::PrivateFile;
use super::reading::{Roster, RosterSource};
use super::record::{COLUMNS, csv_row, record_json, suppressed_json};
use crate::store::Store;
use crate::subscriber::{Address, Rule, Status, Subscriber};
use crate::workspace::{Failure, display_path};

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportTo {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl std::str::FromStr for ExportTo {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            _ => Err("expected `csv` or `jsonl`".to_owned()),
        }
    }
}

impl ExportTo {
    fn line(self, record: &Value) -> String {
        match self {
            Self::Csv => csv_row(record),
            Self::JsonLines => format!("{record}\n"),
        }
    }
}

/// Writes every subscriber, then every suppressed mailbox that is not on the list. Returns how many suppressions cannot be
/// exported, because only the hash of their mailbox is known.
///
/// # Errors
/// When the list cannot be read.
pub fn export(
    roster: &Roster,
    format: ExportTo,
    write: &mut dyn FnMut(&str),
) -> Result<u32, Failure> {
    if format == ExportTo::Csv {
        write(&format!("{}\r\n", COLUMNS.join(",")));
    }
    roster.each(&Rule::All, &mut |one| {
        write(&format.line(&record_json(&one)))
    })?;
    match roster.source() {
        RosterSource::Store(Some(store)) => {
            each_other(store, &mut |record| write(&format.line(record)))?;
            Ok(store.suppressed_by_hash()?)
        }
        _ => Ok(0),
    }
}

/// The suppressed mailboxes that are not on the list.
fn each_other(store: &Store, see: &mut dyn FnMut(&Value)) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = store.suppressed_after(&after)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = last.clone();
        for (address_key, reason) in &page {
            if let Ok(address) = Address::parse(address_key) {
                let subscriber = Subscriber {
                    status: Status::of_suppression(reason),
                    ..Subscriber::at(address)
                };
                see(&suppressed_json(&subscriber, reason));
            }
        }
    }
}

/// As [`export`], into a file that only its owner can read. The file is complete or not there.
///
/// # Errors
/// As [`export`], and when the file cannot be written.
pub fn export_to_file(roster: &Roster, format: ExportTo, path: &Path) -> Result<u32, Failure> {
    let failed = |error: &io::Error| {
        Failure::io(format!("`{}` cannot be written", display_path(path)), error)
    };
    let mut file = PrivateFile::create(path).map_err(|error| failed(&error))?;
    let mut written = Ok(());
    let hashes = export(roster, format, &mut |text| {
        if written.is_ok() {
            written = file.write_all(text.as_bytes());
        }
    })?;
    let kept = written.and_then(|()| file.keep());
    kept.map_err(|error| failed(&error))?;
    Ok(hashes)
}
