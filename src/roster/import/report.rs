//! `--report FILE`: every duplicate and rejected row as CSV.

use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use crate::roster::private_file::{PrivateFile, require_foreign};
use crate::store::{ListImport, StagedPlace, StoreError};
use crate::subscriber::import::ImportedFile;
use crate::workspace::{Failure, FailureKind, Workspace};

/// An error while the report is written.
enum ReportError {
    Store(StoreError),
    File(Error),
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for ReportError {
    fn from(error: Error) -> Self {
        Self::File(error)
    }
}

/// Begins the report at `path`, which must be neither one of the `inputs` nor a file of the newsletter.
///
/// # Errors
/// When the file cannot be created.
pub(super) fn create(
    path: &Path,
    inputs: &[PathBuf],
    workspace: &Workspace,
) -> Result<PrivateFile, Failure> {
    require_foreign(path, workspace)?;
    let own = path.canonicalize().ok();
    let is_input = |input: &PathBuf| own.is_some() && input.canonicalize().ok() == own;
    if inputs.iter().any(is_input) {
        let message = format!(
            "the report would replace `{}`, which is imported",
            path.display()
        );
        return Err(
            Failure::new(FailureKind::Usage, message).hint("choose another file for --report")
        );
    }
    PrivateFile::create(path).map_err(|error| not_written(path, &error))
}

/// Writes the rows to the report at `path`.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(
    mut file: PrivateFile,
    path: &Path,
    import: &ListImport<'_>,
    files: &[ImportedFile],
) -> Result<(), Failure> {
    let written = rows(&mut file, import, files);
    let kept = written.and_then(|()| file.keep().map_err(ReportError::from));
    kept.map_err(|error| match error {
        ReportError::Store(error) => error.into(),
        ReportError::File(error) => not_written(path, &error),
    })
}

fn rows(
    out: &mut impl Write,
    import: &ListImport<'_>,
    files: &[ImportedFile],
) -> Result<(), ReportError> {
    writeln!(out, "file,line,kind,detail")?;
    let line = |kind: &str, row: &StagedPlace| {
        let (file, detail) = (quoted(&files[row.file].name), quoted(&row.value));
        format!("{file},{},{kind},{detail}\n", row.line)
    };
    import.each_rejection(|row| {
        let kind = if row.is_suppressed {
            "suppressed"
        } else {
            "rejected"
        };
        out.write_all(line(kind, &row).as_bytes())
            .map_err(ReportError::from)
    })?;
    import.each_duplicate(|row| {
        out.write_all(line("duplicate", &row).as_bytes())
            .map_err(ReportError::from)
    })?;
    Ok(())
}

/// A value of CSV (RFC 4180), in quotation marks where it needs them.
fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

fn not_written(path: &Path, error: &Error) -> Failure {
    let message = format!("the report `{}` cannot be written", path.display());
    Failure::new(FailureKind::LedgerUnavailable, message).caused_by(error)
}
