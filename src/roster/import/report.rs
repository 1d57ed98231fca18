//! `--report FILE`: every duplicate and rejected row as CSV.

use std::fs::File;
use std::io::{BufWriter, Error, Write};
use std::path::{Path, PathBuf};

use crate::store::{ListImport, StagedPlace, StoreError};
use crate::subscriber::import::ImportedFile;
use crate::workspace::{Failure, display_path};

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

/// Writes the rows to the open file with this path.
pub(super) fn write(
    (path, file): (PathBuf, File),
    import: &ListImport<'_>,
    files: &[ImportedFile],
) -> Result<(), Failure> {
    let mut out = BufWriter::new(file);
    rows(&mut out, import, files).map_err(|error| match error {
        ReportError::Store(error) => error.into(),
        ReportError::File(error) => not_written(&path, &error),
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
        out.write_all(line("rejected", &row).as_bytes())
            .map_err(ReportError::from)
    })?;
    import.each_duplicate(|row| {
        out.write_all(line("duplicate", &row).as_bytes())
            .map_err(ReportError::from)
    })?;
    out.flush().map_err(ReportError::from)
}

/// A value of CSV (RFC 4180), in quotation marks where it needs them.
fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

pub(super) fn not_written(path: &Path, error: &Error) -> Failure {
    let path = display_path(path);
    Failure::io(format!("cannot write the report `{path}`"), error)
}
