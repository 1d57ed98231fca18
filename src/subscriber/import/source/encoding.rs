//! The encoding of a file: by its byte order mark, else UTF-8 if the whole file is valid, else Windows-1252.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::subscriber::import::error::ImportError;

/// How much of the text the recognition of formats sees.
const HEAD: u64 = 64 << 10;

/// What the bytes of a file show.
#[derive(Debug, Default)]
pub(super) struct EncodingSurvey {
    mark: Option<&'static Encoding>,
    has_sequences: bool,
    first_invalid: Option<u64>,
    /// The number of lines, if the whole file was read.
    pub(super) lines: u64,
}

/// Reads a file once.
pub(super) fn survey(bytes: &mut dyn Read, name: &str) -> Result<EncodingSurvey, ImportError> {
    let mut survey = EncodingSurvey::default();
    let mut lines = 1;
    let mut buffer = vec![0; 256 << 10];
    let mut kept = 0;
    let mut is_first = true;
    loop {
        let read =
            fill(bytes, &mut buffer[kept..]).map_err(|e| ImportError::unreadable(name, &e))?;
        let known = &buffer[..kept + read];
        if std::mem::take(&mut is_first) {
            survey.mark = Encoding::for_bom(known).map(|(encoding, _)| encoding);
            if survey.mark.is_some_and(|mark| mark != UTF_8) {
                return Ok(survey);
            }
        }
        if let Some(at) = memchr::memchr(0, known) {
            let line = lines + line_ends(&known[..at]);
            return Err(null_byte(name, line));
        }
        let rest = survey.add(known, lines, read == 0);
        lines += line_ends(&known[..known.len() - rest]);
        if read == 0 {
            survey.lines = lines;
            return Ok(survey);
        }
        let start = known.len() - rest;
        buffer.copy_within(start..start + rest, 0);
        kept = rest;
    }
}

impl EncodingSurvey {
    /// Examines bytes, and returns how many at their end may be the beginning of a sequence.
    fn add(&mut self, bytes: &[u8], line: u64, is_end: bool) -> usize {
        let mut from = 0;
        loop {
            match std::str::from_utf8(&bytes[from..]) {
                Ok(text) => {
                    self.has_sequences |= !text.is_ascii();
                    return 0;
                }
                Err(error) => {
                    let valid = from + error.valid_up_to();
                    self.has_sequences |= !bytes[from..valid].is_ascii();
                    match error.error_len() {
                        None if !is_end => return bytes.len() - valid,
                        length => {
                            let line = line + line_ends(&bytes[..valid]);
                            self.first_invalid.get_or_insert(line);
                            from = valid + length.unwrap_or(bytes.len() - valid);
                        }
                    }
                }
            }
        }
    }

    /// The encoding, and whether it is assumed.
    pub(super) fn decide(
        &self,
        given: Option<&'static Encoding>,
        name: &str,
    ) -> Result<(&'static Encoding, bool), ImportError> {
        match (self.mark.or(given), self.first_invalid) {
            (Some(encoding), line) if encoding == UTF_8 => match line {
                None => Ok((UTF_8, false)),
                Some(line) => Err(ImportError::new(name, "a character that is not UTF-8")
                    .line(line)
                    .help("save the file as UTF-8, or name its encoding with --encoding")),
            },
            (Some(encoding), _) => Ok((encoding, false)),
            (None, None) => Ok((UTF_8, false)),
            (None, Some(line)) if self.has_sequences => Err(mixed(name, line)),
            (None, Some(_)) => Ok((WINDOWS_1252, true)),
        }
    }
}

/// The first part of a text.
pub(super) fn head(text: &mut dyn Read, name: &str) -> Result<String, ImportError> {
    let mut head = Vec::new();
    let read = text.take(HEAD).read_to_end(&mut head);
    read.map_err(|error| ImportError::unreadable(name, &error))?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn mixed(name: &str, line: u64) -> ImportError {
    ImportError::new(name, "the file mixes UTF-8 with another encoding")
        .line(line)
        .help("name the encoding, such as --encoding windows-1252, or save the file as UTF-8")
}

fn null_byte(name: &str, line: u64) -> ImportError {
    ImportError::new(
        name,
        "the file has a NUL byte: it is not a text file, or is UTF-16 without a byte order mark",
    )
    .line(line)
    .help("export it again as CSV in UTF-8")
}

fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Fills the buffer as far as the file reaches.
fn fill(bytes: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match bytes.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
