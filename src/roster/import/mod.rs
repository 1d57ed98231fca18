//! Imports files into the list in the store.

mod codes;
mod json;
mod mailboxes;
mod report;
mod stage;
mod tags;
mod text;

pub use codes::{explain_import, import_codes};

use std::path::{Path, PathBuf};

use self::mailboxes::RowCheck;
use self::tags::UnnameableTags;
use super::values;
use crate::store::{ImportCounts, MergedImport, RowStager, StagedPlace, StoreError};
use crate::subscriber::import::{
    ImportError, ImportOptions, ImportWarning, ImportedFile, recognise,
};
use crate::workspace::{Failure, FailureKind, Sources, Warned, Warning, Workspace};

/// How many subscribers, suppressions, duplicates and rejections a report lists.
const SHOWN: usize = 1_000;

/// What to import.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// The files.
    pub files: Vec<PathBuf>,
    /// What the operator knows about them.
    pub options: ImportOptions,
    /// Whether only the result is wanted.
    pub is_dry_run: bool,
    /// The file for the duplicates and rejections.
    pub report: Option<PathBuf>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProgress {
    /// Rows are being read.
    Read {
        /// The lines that were read.
        line: u64,
        /// The lines of all files, unless an encoding hides them.
        of: u64,
    },
    /// All rows were read; the list is being changed.
    Merging,
}

/// Where an import reports what happens.
pub struct ImportEvents<'a> {
    /// Gets the warnings about the ledger.
    pub warn: &'a mut dyn FnMut(&Warning),
    /// Learns how far it is.
    pub progress: &'a mut dyn FnMut(ImportProgress),
}

/// The result of an import.
#[derive(Debug)]
pub struct ImportReport {
    /// The names of the formats.
    formats: Vec<&'static str>,
    files: Vec<ImportedFile>,
    /// For each file, whether reports name it.
    is_named: Vec<bool>,
    merged: MergedImport,
    /// The first further rows of a mailbox, with the address.
    duplicates: Vec<StagedPlace>,
    /// The first rejected rows, with the code.
    rejections: Vec<StagedPlace>,
    /// How many of the rejected rows could not be read.
    unread: usize,
    /// How many rows have values that could not be read, and say that the person left.
    partly_read: usize,
    warnings: Vec<ImportWarning>,
    tags: UnnameableTags,
    is_dry_run: bool,
    /// Whether the list of the newsletter is the one in the store.
    is_list: bool,
    /// Why the file for the duplicates and rejections could not be written.
    unwritten: Option<Failure>,
}

impl ImportReport {
    /// What came of the rows.
    pub fn counts(&self) -> &ImportCounts {
        &self.merged.counts
    }

    /// Whether every row could be read. If not, a person who has left may still be mailed.
    pub fn is_complete(&self) -> bool {
        self.unread == 0
    }

    /// The result, and why the file for the duplicates and rejections could not be written, if it could not.
    pub fn take_unwritten(&mut self) -> Option<Failure> {
        self.unwritten.take()
    }
}

/// Imports files: all of them, or nothing.
///
/// # Errors
/// When a file cannot be imported, or the store or the report cannot be written.
pub fn import(
    workspace: &Workspace,
    sources: &Sources,
    request: &ImportRequest,
    events: &mut ImportEvents<'_>,
) -> Result<Warned<ImportReport>, Failure> {
    require_consent(&request.options, workspace.now.as_second())?;
    let paths: Vec<&Path> = request.files.iter().map(PathBuf::as_path).collect();
    let mut recognised = recognise(&paths, &request.options).map_err(refused)?;
    let files = recognised.files().map_err(refused)?;
    let report = match request.report.as_deref() {
        Some(path) => Some((report::create(path, &request.files, workspace)?, path)),
        None => None,
    };
    let mut list = mailboxes::open(workspace, sources, &recognised, request, events.warn)?;
    let source = request.options.consent_source.as_deref();
    let mut reading = stage::Reading {
        check: RowCheck::of(&files, &list.key),
        rows: RowStager::new(list.key.clone(), source),
        recognised: &mut recognised,
        options: &request.options,
    };
    let mut import = list.store.import_list(list.key)?;
    let is_named = stage::stage(&mut reading, &import, events.progress)?;
    (events.progress)(ImportProgress::Merging);
    let (rows, tags) = (reading.rows, reading.check.tags);
    let how = (workspace.now.as_second(), request.is_dry_run);
    let merged = import.merge((&rows, &files), how, SHOWN)?;
    let unwritten =
        report.and_then(|(file, path)| report::write(file, path, &import, &files).err());
    let report = ImportReport {
        formats: recognised.formats().into_iter().collect(),
        is_named,
        duplicates: first(|see| import.each_duplicate(see))?,
        rejections: first(|see| import.each_rejection(see))?,
        unread: import.unread_rows()?,
        partly_read: import.partly_read_rows()?,
        files,
        merged,
        warnings: recognised.warnings.into_iter().collect(),
        tags,
        is_dry_run: request.is_dry_run,
        is_list: sources.list.is_stored(),
        unwritten,
    };
    Ok(Warned {
        warnings: report.warnings(),
        value: report,
    })
}

/// Refuses an empty source of consent, and one in the future.
fn require_consent(options: &ImportOptions, now: i64) -> Result<(), Failure> {
    if options
        .consent_source
        .as_ref()
        .is_some_and(|text| text.trim().is_empty())
    {
        let hint = "say where the people agreed, such as `--consent-source 'paper form'`";
        return Err(Failure::new(FailureKind::Usage, "the source of consent is empty").hint(hint));
    }
    values::require_past("--consent-at", options.consent_at.as_deref(), now)
}

fn refused(error: ImportError) -> Failure {
    let failure = Failure::new(FailureKind::NeedsAttention, error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The end of a reading of the first rows.
enum Stop {
    Enough,
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

type SeeRow<'a> = &'a mut dyn FnMut(StagedPlace) -> Result<(), Stop>;

/// The first rows of those that `each` reads.
fn first(each: impl FnOnce(SeeRow<'_>) -> Result<(), Stop>) -> Result<Vec<StagedPlace>, Failure> {
    let mut rows = Vec::new();
    let read = each(&mut |row| {
        rows.push(row);
        match rows.len() {
            SHOWN => Err(Stop::Enough),
            _ => Ok(()),
        }
    });
    match read {
        Err(Stop::Failed(error)) => Err(error.into()),
        Ok(()) | Err(Stop::Enough) => Ok(rows),
    }
}
