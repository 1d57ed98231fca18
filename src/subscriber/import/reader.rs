//! Recognises each file, and reads its rows.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use serde::Serialize;

use super::contact::{Contact, Standing};
use super::error::ImportError;
use super::formats::{self, ExportFormat, ExportRow, FORMATS, Layout, MAPPED, OWN, TableLayout};
use super::opt_outs;
use super::options::{Field, ImportOptions};
use super::own::HashedMailbox;
use super::rejection::RejectionCode;
use super::source::{Ending, ExportSource, UNPACKED};
use super::table::{self, Header};
use super::times;
use super::unrecognised::{ambiguous, bare, columns, is_bare, unknown};
use crate::subscriber::Status;
use crate::util::escape;

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRow {
    /// The file, if there are several.
    pub file: Option<Arc<str>>,
    /// The number of the file, from 0: see [`Recognised::files`].
    pub number: usize,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The lines of the files before this one.
    pub lines_before: u64,
    /// The contact, or why the row is rejected.
    pub contact: Result<Contact, RejectionCode>,
}

impl ImportedRow {
    /// About how much memory it needs, in bytes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.contact.as_ref().map_or(0, Contact::size)
    }
}

/// A file of an import, as the evidence of consent names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// The path, or the name in the archive.
    pub name: String,
    /// The name of the format.
    pub format: &'static str,
    /// The SHA-256 digest of the file or of the archive that has it, in hexadecimal digits.
    pub sha256: String,
    /// What separates the values of a table, in the plural, such as `semicolons`.
    pub separators: Option<&'static str>,
}

/// What a file lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportWarning {
    /// The file does not show who left.
    OptOutsMissing,
    /// The file does not show which addresses bounced.
    BouncesMissing,
    /// The encoding is not UTF-8, and Windows-1252 is assumed.
    EncodingAssumed,
    /// Times of consent have no time zone.
    ZoneUnknown,
}

impl ImportWarning {
    /// Every warning.
    pub const ALL: [Self; 4] = [
        Self::OptOutsMissing,
        Self::BouncesMissing,
        Self::EncodingAssumed,
        Self::ZoneUnknown,
    ];
}

/// The files of an import, recognised and not read yet.
#[derive(Debug)]
pub struct Recognised {
    files: Vec<File>,
    /// What the files lack.
    pub warnings: BTreeSet<ImportWarning>,
}

#[derive(Debug)]
struct File {
    source: ExportSource,
    format: &'static ExportFormat,
    /// The header of a table.
    header: Option<Header>,
}

/// Recognises the files at these paths.
///
/// # Errors
/// If a file cannot be read, has no known format, or cannot show who left and the options do not say that this is known.
pub fn recognise(paths: &[&Path], options: &ImportOptions) -> Result<Recognised, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        for source in ExportSource::all(path, options.encoding)? {
            let is_packed = source.is_packed;
            let file = File::recognise(source, options);
            files.push(file.map_err(|error| match is_packed {
                true => error.or(UNPACKED),
                false => error,
            })?);
        }
    }
    let mut warnings = BTreeSet::new();
    for file in &files {
        if file.source.is_assumed {
            warnings.insert(ImportWarning::EncodingAssumed);
        }
        if file.format.lacks_bounces {
            warnings.insert(ImportWarning::BouncesMissing);
        }
        if let Some(header) = &file.header {
            opt_outs::check_mapped(&file.source.name, header, options)?;
        }
    }
    if let Some(file) = without_opt_outs(&files, options) {
        if !options.knows_of_missing_opt_outs() {
            return Err(opt_outs::missing(&file.source.name, file.format.name));
        }
        if !matches!(options.status, Some(Status::Unsubscribed | Status::Pending)) {
            warnings.insert(ImportWarning::OptOutsMissing);
        }
    }
    Ok(Recognised { files, warnings })
}

/// A file whose system has exported who left to no file of this import.
fn without_opt_outs<'a>(files: &'a [File], options: &ImportOptions) -> Option<&'a File> {
    let shown: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.shows_opt_outs(options))
        .map(|file| file.format.name)
        .collect();
    let mut files = files.iter();
    files.find(|file| !shown.contains(file.format.name) && !file.adds_no_one())
}

impl Recognised {
    /// The names of the formats.
    pub fn formats(&self) -> BTreeSet<&'static str> {
        self.files.iter().map(|file| file.format.name).collect()
    }

    /// The files in the order of their rows.
    ///
    /// # Errors
    /// If a file can no longer be read.
    pub fn files(&self) -> Result<Vec<ImportedFile>, ImportError> {
        let files = self.files.iter().map(|file| {
            Ok(ImportedFile {
                name: file.source.name.clone(),
                format: file.format.name,
                sha256: file.source.sha256()?,
                separators: file.header.as_ref().map(Header::separators),
            })
        });
        files.collect()
    }

    /// The number of lines of all files.
    pub fn lines(&self) -> u64 {
        self.files.iter().map(|file| file.source.lines).sum()
    }

    /// Whether our own export is among the files.
    pub fn has_own(&self) -> bool {
        self.files.iter().any(|file| file.format.name == OWN)
    }

    /// The first row of our own exports, if it is of a mailbox without an address: such rows come first. Returns the file,
    /// the line and the mailbox.
    pub fn first_hashed(&self, options: &ImportOptions) -> Option<(&str, u64, HashedMailbox)> {
        let own = self.files.iter().filter(|file| file.format.name == OWN);
        own.filter_map(|file| {
            let mut found = None;
            // A file that cannot be read is an error when all its rows are read.
            let _ = file.each_row(options, &mut |line, contact| {
                let own = contact.ok().and_then(|contact| contact.own);
                let mailbox = own.and_then(|own| own.mailbox);
                found = mailbox.map(|mailbox| (file.source.name.as_str(), line, mailbox));
                Err(ImportError::stopped())
            });
            found
        })
        .next()
    }

    /// Reads every row of every file, in their order.
    ///
    /// # Errors
    /// If a file cannot be read to its end, or `each` fails.
    pub fn each_row(
        &mut self,
        options: &ImportOptions,
        each: &mut dyn FnMut(ImportedRow) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut has_unknown_zone = false;
        let is_one = self.files.len() == 1;
        let mut lines_before = 0;
        for (number, file) in self.files.iter().enumerate() {
            let name = (file.source.is_packed || !is_one).then(|| Arc::from(&*file.source.name));
            file.each_row(options, &mut |line, contact| {
                let contact = contact.and_then(|contact| file.complete(contact, options));
                has_unknown_zone |= contact
                    .as_ref()
                    .is_ok_and(|contact| !contact.consent.columns.is_empty());
                let file = name.clone();
                each(ImportedRow {
                    file,
                    number,
                    line,
                    lines_before,
                    contact,
                })
            })?;
            lines_before += file.source.lines;
        }
        if has_unknown_zone {
            self.warnings.insert(ImportWarning::ZoneUnknown);
        }
        Ok(())
    }
}

impl File {
    fn recognise(source: ExportSource, options: &ImportOptions) -> Result<Self, ImportError> {
        if source.head.trim().is_empty() {
            return Err(ImportError::new(&source.name, "the file is empty"));
        }
        if !options.map.is_empty() {
            return Self::mapped(source, options);
        }
        let header = Header::of(&source.head, &source.name);
        let fitting: Vec<&'static ExportFormat> = FORMATS
            .into_iter()
            .filter(|format| match &options.format {
                Some(name) => name == format.name,
                None => true,
            })
            .filter(|format| match &format.layout {
                Layout::Table(table) => header.as_ref().is_ok_and(|header| table.fits(header)),
                Layout::Text(text) => (text.fits)(&source.head),
            })
            .collect();
        match fitting[..] {
            [format] if is_bare(&source, format, options) => Err(bare(&source)),
            [format] => Self::of(source, format),
            [] => Err(unknown(&source, header?, options)),
            _ => Err(ambiguous(&source, &fitting)),
        }
    }

    fn of(source: ExportSource, format: &'static ExportFormat) -> Result<Self, ImportError> {
        let header = match format.layout {
            Layout::Table(_) => Some(Header::of(&source.head, &source.name)?),
            Layout::Text(_) => None,
        };
        Ok(Self {
            source,
            format,
            header,
        })
    }

    fn mapped(source: ExportSource, options: &ImportOptions) -> Result<Self, ImportError> {
        let header = Header::of(&source.head, &source.name)?;
        for (column, _) in &options.map {
            if header.find(column).is_none() {
                let message = format!("no column `{}`", escape::terminal(column));
                return Err(ImportError::new(&source.name, message)
                    .line(1)
                    .help(columns(&header)));
            }
        }
        if let Some(message) = options.mapped_twice() {
            return Err(ImportError::new(&source.name, message)
                .line(1)
                .help("map each column once, and one column to each field but `tags`"));
        }
        if !options.map.iter().any(|(_, field)| *field == Field::Email) {
            return Err(
                ImportError::new(&source.name, "no column is mapped to `email`")
                    .line(1)
                    .help(columns(&header)),
            );
        }
        Self::of(source, MAPPED)
    }

    /// Whether all people of the file are suppressed or rejected.
    fn adds_no_one(&self) -> bool {
        let header = self.header.as_ref();
        header.is_some_and(|header| formats::adds_no_one(self.format, header, &self.source.name))
    }

    /// Whether the file shows who left.
    fn shows_opt_outs(&self, options: &ImportOptions) -> bool {
        let has_status = options.map.iter().any(|(_, field)| *field == Field::Status);
        match (&self.format.layout, &self.header) {
            (Layout::Table(table), Some(header)) => has_status || (table.shows_opt_outs)(header),
            (Layout::Table(_), None) => false,
            (Layout::Text(text), _) => text.shows_opt_outs,
        }
    }

    fn each_row(
        &self,
        options: &ImportOptions,
        each: &mut dyn FnMut(u64, Result<Contact, RejectionCode>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let name = &self.source.name;
        // The line of the last row, if it looks as if the file were cut off in it.
        let mut cut = None;
        self.source.with_text(|text| {
            let mut text = Ending::of(text);
            match (&self.format.layout, &self.header) {
                (Layout::Table(table), Some(header)) => {
                    table::each_row(&mut text, header, name, &mut |record, line| {
                        let contact = self.contact(table, header, record, options);
                        cut = header.may_be_cut(record, problem(&contact)).then_some(line);
                        each(line, contact)
                    })?
                }
                (Layout::Text(format), _) => {
                    (format.each)(&mut text, name, &mut |line, contact| {
                        let code = problem(&contact);
                        cut = code.is_some_and(RejectionCode::is_unread).then_some(line);
                        each(line, contact)
                    })?
                }
                (Layout::Table(_), None) => {}
            }
            match cut.filter(|_| text.is_open()) {
                Some(line) => Err(cut_off(name, line)),
                None => Ok(()),
            }
        })
    }

    fn contact(
        &self,
        table: &TableLayout,
        header: &Header,
        record: &StringRecord,
        options: &ImportOptions,
    ) -> Result<Contact, RejectionCode> {
        if record.len() != header.names.len() {
            return Err(RejectionCode::Columns);
        }
        (table.contact)(&ExportRow {
            header,
            record,
            file: &self.source.name,
            options,
        })
    }

    /// Adds what the operator knows about every row.
    fn complete(
        &self,
        mut contact: Contact,
        options: &ImportOptions,
    ) -> Result<Contact, RejectionCode> {
        if contact.standing == Standing::Active && !self.shows_opt_outs(options) {
            contact.standing = options.status.map_or(Standing::Active, Standing::from);
        }
        if !self.format.has_consent && !contact.standing.is_suppressed() {
            if options.consent_source.is_none() {
                return Err(RejectionCode::NoConsent);
            }
            contact.consent.at = contact.consent.at.or_else(|| options.consent_at.clone());
        }
        if !contact
            .consent
            .columns
            .values()
            .all(|text| times::may_be_time(text))
        {
            contact.problem.get_or_insert(RejectionCode::BadDate);
        }
        match contact
            .problem
            .filter(|_| !contact.standing.is_suppressed())
        {
            Some(code) => Err(code),
            None => Ok(contact),
        }
    }
}

/// The first value of a row that cannot be read.
fn problem(contact: &Result<Contact, RejectionCode>) -> Option<RejectionCode> {
    contact
        .as_ref()
        .map_or_else(|code| Some(*code), |contact| contact.problem)
}

fn cut_off(file: &str, line: u64) -> ImportError {
    ImportError::new(
        file,
        "the last line is incomplete and has no line end: the rest of the file is missing",
    )
    .line(line)
    .help(
        "export the file again; if nothing is missing, correct the line and end it with a line end",
    )
}
