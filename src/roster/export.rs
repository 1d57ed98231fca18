//! The whole list as a file, with the people who left: `list import` reads it back.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use super::private_file::{PrivateFile, require_foreign};
use super::reading::{Roster, RosterSource};
use super::record::{COLUMNS, csv_row, exported_json};
use crate::store::{ExportedMailbox, Store, StoredSuppression};
use crate::subscriber::Subscriber;
use crate::workspace::{Failure, FailureKind, Workspace, display_path};

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

/// Writes every mailbox that is suppressed, then the other subscribers: a file whose end is lost still has every opt-out.
///
/// # Errors
/// When the list cannot be read, or the suppression key is missing.
pub fn export(
    roster: &Roster,
    format: ExportTo,
    write: &mut dyn FnMut(&str),
) -> Result<(), Failure> {
    roster.require_key()?;
    if format == ExportTo::Csv {
        write(&format!("{}\r\n", COLUMNS.join(",")));
    }
    let mut see = |one: &ExportedMailbox| write(&format.line(&exported_json(one)));
    match roster.source() {
        RosterSource::Store(None) => Ok(()),
        RosterSource::Store(Some(store)) => Ok(store.each_exported(&mut |one| see(&one))?),
        RosterSource::File { store, .. } => each_of_file(roster, store.as_ref(), &mut see),
    }
}

/// The mailboxes of a list in a file, in the same order.
fn each_of_file(
    roster: &Roster,
    store: Option<&Store>,
    see: &mut dyn FnMut(&ExportedMailbox),
) -> Result<(), Failure> {
    let mut listed = HashSet::new();
    let mut left = Vec::new();
    roster.each_listed(&mut |subscriber, reason| {
        if reason.is_some() && listed.insert(subscriber.address.key()) {
            left.push(subscriber);
        }
    })?;
    for subscriber in left {
        let key = subscriber.address.key();
        let suppression = store.map(|store| store.suppression(&key)).transpose()?;
        see(&listed_in_file(subscriber, suppression.flatten()));
    }
    if let Some(store) = store {
        store.each_suppressed(&mut |one| {
            let is_listed = |key: &String| listed.contains(key);
            if !one.address_key.as_ref().is_some_and(is_listed) {
                see(&one);
            }
        })?;
    }
    roster.each_listed(&mut |subscriber, reason| {
        if reason.is_none() {
            see(&listed_in_file(subscriber, None));
        }
    })
}

fn listed_in_file(
    subscriber: Subscriber,
    suppression: Option<StoredSuppression>,
) -> ExportedMailbox {
    ExportedMailbox {
        address_key: Some(subscriber.address.key()),
        hash: None,
        subscriber: Some(subscriber),
        suppression,
        consents: Vec::new(),
    }
}

/// As [`export`], into a file that only its owner can read. The file is complete or not there.
///
/// # Errors
/// As [`export`], and when the file cannot be written or belongs to the newsletter.
pub fn export_to_file(
    workspace: &Workspace,
    roster: &Roster,
    (format, path): (ExportTo, &Path),
) -> Result<(), Failure> {
    require_foreign(path, workspace)?;
    let failed = |error: &io::Error| {
        let message = format!("`{}` cannot be written", display_path(path));
        Failure::new(FailureKind::LedgerUnavailable, message).caused_by(error)
    };
    let mut file = PrivateFile::create(path).map_err(|error| failed(&error))?;
    let mut written = Ok(());
    export(roster, format, &mut |text| {
        if written.is_ok() {
            written = file.write_all(text.as_bytes());
        }
    })?;
    let kept = written.and_then(|()| file.keep());
    kept.map_err(|error| failed(&error))
}
