//! CSV: rows with the line on which each begins.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::io::{self, Read};
use std::rc::Rc;

use csv::StringRecord;

use super::error::{ImportError, too_large};
use super::quotes::{self, RowShape};
use super::rejection::RejectionCode;

/// The separators that are recognised.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The most columns of a file. No system exports as many.
const COLUMNS: usize = 400;
/// The most bytes of a row.
const ROW: usize = 1 << 20;
/// What to do about a longer one.
const SHORTEN: &str = "export the file again, without large fields";
/// What to do about a quotation mark that opens by mistake.
const STRAY: &str = "remove the quotation mark, or write two for one that belongs to the text, and quote the value; if the value is \
    right as it is, remove its line ends";
/// A row after the last one: if it is part of another row, a quotation mark is not closed. No text has its NUL.
const END: &str = "\0end";

/// The first row, with the separator that makes it longest.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) separator: u8,
    /// The names, trimmed.
    pub(super) names: Vec<String>,
    index: HashMap<String, usize>,
}

impl Header {
    /// The name of the separator, in the plural.
    pub(super) fn separators(&self) -> &'static str {
        match self.separator {
            b';' => "semicolons",
            b'\t' => "tabs",
            _ => "commas",
        }
    }

    fn shape(&self) -> RowShape {
        RowShape {
            columns: self.names.len(),
            separator: char::from(self.separator),
        }
    }

    /// Reads the header from the beginning of a file.
    pub(super) fn of(head: &str, file: &str) -> Result<Self, ImportError> {
        let rows = SEPARATORS.map(|separator| (separator, first_row(head, separator)));
        let longest = rows.into_iter().rev().max_by_key(|(_, row)| row.len());
        let (separator, row) = longest.unwrap_or_default();
        if row.len() > COLUMNS {
            let message = format!("{} columns (at most {COLUMNS})", row.len());
            return Err(ImportError::new(file, message)
                .line(1)
                .help("export fewer columns, or remove those that are not needed"));
        }
        let names: Vec<String> = row.iter().map(|name| name.trim().to_owned()).collect();
        let mut index = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            let is_new = index.insert(name.to_lowercase(), at).is_none();
            if !is_new && !name.is_empty() {
                let message = format!("the column `{}` is there twice", escape(name));
                return Err(ImportError::new(file, message)
                    .line(1)
                    .help("rename or remove one of them"));
            }
        }
        Ok(Self {
            separator,
            names,
            index,
        })
    }

    /// The number of a column, in any case.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        // Nearly all names are in lower case already.
        let known = self.index.get(name);
        known
            .or_else(|| self.index.get(&name.to_lowercase()))
            .copied()
    }

    /// Whether a row looks as if the file were cut off in it: it has too few values, or its last value may be the `problem`.
    pub(super) fn may_be_cut(&self, row: &StringRecord, problem: Option<RejectionCode>) -> bool {
        let is_filled = row
            .iter()
            .next_back()
            .is_some_and(|value| !value.is_empty());
        let has_address = |name: &String| name.to_lowercase().contains("mail");
        match problem {
            Some(RejectionCode::Columns) => row.len() < self.names.len(),
            Some(RejectionCode::BadAddress) => self.names.last().is_some_and(has_address),
            Some(
                RejectionCode::UnknownStatus
                | RejectionCode::BadAttributes
                | RejectionCode::BadJson
                | RejectionCode::BadHash
                | RejectionCode::BadLanguage,
            ) => is_filled,
            _ => false,
        }
    }

    /// Whether the column is there; a name that ends in `*` is the beginning of one.
    pub(super) fn has(&self, name: &str) -> bool {
        match name.strip_suffix('*') {
            Some(beginning) => self.index.keys().any(|key| key.starts_with(beginning)),
            None => self.find(name).is_some(),
        }
    }
}

fn escape(text: &str) -> String {
    crate::util::escape::terminal(text)
}

fn first_row(head: &str, separator: u8) -> StringRecord {
    let mut reader = builder(separator).from_reader(head.as_bytes());
    let mut row = StringRecord::new();
    // A header that cannot be read is an empty one.
    let _ = reader.read_record(&mut row);
    row
}

fn builder(separator: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(separator);
    builder
}

/// Calls `each` with every row after the header, and the line on which it begins.
pub(super) fn each_row(
    text: &mut dyn Read,
    header: &Header,
    file: &str,
    each: &mut dyn FnMut(&StringRecord, u64) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let lines = Rc::new(RefCell::new(Lines::default()));
    let end = format!("\n{END}");
    let text = Indexed {
        text: text.chain(end.as_bytes()),
        lines: Rc::clone(&lines),
    };
    let mut reader = builder(header.separator).from_reader(text);
    let mut row = StringRecord::new();
    let mut first = None;
    loop {
        let read = reader.read_record(&mut row);
        let start = row.position().map_or(0, csv::Position::byte);
        let line = lines.borrow_mut().line_at(start);
        read.map_err(|error| unreadable(file, line, error))?;
        if row.as_slice() == END {
            return Ok(());
        }
        check(&row, header, file, line, first.as_ref())?;
        match &first {
            None => first = Some(row.clone()),
            Some(_) => each(&row, line)?,
        }
    }
}

/// Finds the rows after which nothing of the file can be trusted.
fn check(
    row: &StringRecord,
    header: &Header,
    file: &str,
    line: u64,
    first: Option<&StringRecord>,
) -> Result<(), ImportError> {
    let error =
        |message: &str, hint: &str| Err(ImportError::new(file, message).line(line).help(hint));
    if row.as_slice().ends_with(END) {
        let message = "a quotation mark opens here and is not closed before the end of the file";
        return error(message, "the file is incomplete: export it again");
    }
    if row.as_slice().len() > ROW {
        return error(&too_long(), SHORTEN);
    }
    if let Some(lines) = quotes::swallowed(row, header.shape()) {
        let message = "a quotation mark opens here, and the value up to the next one has what looks like a row of its own";
        return Err(ImportError::new(file, message)
            .line(line + lines)
            .help(STRAY));
    }
    if first.is_some_and(|first| first == row) {
        return error(
            "the header is repeated here: the file is several exports in one",
            "remove the line, if the columns are the same",
        );
    }
    if row.len() != header.names.len() && has_other_separator(row, header) {
        return error(
            "this row has another separator than the header",
            "use the same separator in the whole file",
        );
    }
    Ok(())
}

/// Whether a row of one value would have as many values as the header with another separator.
fn has_other_separator(row: &StringRecord, header: &Header) -> bool {
    let others = SEPARATORS
        .into_iter()
        .filter(|other| *other != header.separator);
    row.len() == 1
        && others
            .map(|other| first_row(row.as_slice(), other).len())
            .any(|columns| columns == header.names.len())
}

fn too_long() -> String {
    format!("a row of more than {} MiB", ROW >> 20)
}

fn unreadable(file: &str, line: u64, error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ImportError::unreadable(file, &error).line(line),
        other => ImportError::new(file, format!("not CSV: {other:?}")).line(line),
    }
}

/// A text whose line starts are recorded while it is read. The parser counts lines differently: one too few after CRLF,
/// and none after CR alone.
struct Indexed<R> {
    text: R,
    lines: Rc<RefCell<Lines>>,
}

impl<R: Read> Read for Indexed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        let mut lines = self.lines.borrow_mut();
        lines.add(&buffer[..read]);
        // Two rows, and what the parser has read ahead.
        if lines.offset - lines.row > (2 * ROW + (256 << 10)) as u64 {
            return Err(too_large(too_long(), SHORTEN));
        }
        Ok(read)
    }
}

/// The starts of the lines that are not empty: byte and number.
#[derive(Debug)]
struct Lines {
    offset: u64,
    number: u64,
    is_start: bool,
    is_after_cr: bool,
    starts: VecDeque<(u64, u64)>,
    row: u64,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            offset: 0,
            number: 1,
            is_start: true,
            is_after_cr: false,
            starts: VecDeque::new(),
            row: 0,
        }
    }
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' if self.is_after_cr => self.is_after_cr = false,
                b'\n' | b'\r' => {
                    self.number += 1;
                    self.is_start = true;
                    self.is_after_cr = *byte == b'\r';
                }
                _ => {
                    self.is_after_cr = false;
                    if std::mem::take(&mut self.is_start) {
                        self.starts.push_back((self.offset, self.number));
                    }
                }
            }
            self.offset += 1;
        }
    }

    /// The line of the first row that begins at or after a byte.
    fn line_at(&mut self, byte: u64) -> u64 {
        self.row = byte;
        while self.starts.front().is_some_and(|(start, _)| *start < byte) {
            self.starts.pop_front();
        }
        self.starts
            .front()
            .map_or(self.number, |(_, number)| *number)
    }
}
