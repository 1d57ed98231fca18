//! The files of an import: plain, or packed in a ZIP archive.

mod archive;
mod encoding;
mod ending;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use ring::digest;

pub(super) use ending::Ending;

use super::error::ImportError;

/// The remedy for a file of an archive that has no contacts.
pub(super) const UNPACKED: &str = "remove the file from the archive if it has no contacts";

/// One text file, which can be read several times.
#[derive(Debug)]
pub(super) struct ExportSource {
    path: PathBuf,
    /// The entry of the archive, if it is packed.
    entry: Option<usize>,
    /// The name in messages: the path, or the name in the archive.
    pub(super) name: String,
    /// Whether it is packed.
    pub(super) is_packed: bool,
    encoding: &'static Encoding,
    /// Whether the encoding is Windows-1252 because it is not UTF-8.
    pub(super) is_assumed: bool,
    /// The number of its lines; 0 if an encoding with a mark other than that of UTF-8 hides them.
    pub(super) lines: u64,
    /// The beginning of the text.
    pub(super) head: String,
}

impl ExportSource {
    /// The text files at a path: the file, or those of an archive.
    pub(super) fn all(
        path: &Path,
        given: Option<&'static Encoding>,
    ) -> Result<Vec<Self>, ImportError> {
        let name = path.display().to_string();
        if !archive::is_archive(path).map_err(|error| ImportError::unreadable(&name, &error))? {
            return Ok(vec![Self::survey(path, None, name, given)?]);
        }
        let mut sources = Vec::new();
        for (entry, name) in archive::entries(path)? {
            let source = Self::survey(path, Some(entry), name, given);
            let source = source.map_err(|error| error.or(UNPACKED))?;
            if !source.head.trim().is_empty() {
                sources.push(source);
            }
        }
        match sources.is_empty() {
            true => Err(ImportError::new(&name, "the archive has no list")
                .help("import the files of the list themselves")),
            false => Ok(sources),
        }
    }

    fn survey(
        path: &Path,
        entry: Option<usize>,
        name: String,
        given: Option<&'static Encoding>,
    ) -> Result<Self, ImportError> {
        let mut source = Self {
            path: path.to_owned(),
            entry,
            name,
            is_packed: entry.is_some(),
            encoding: encoding_rs::UTF_8,
            is_assumed: false,
            lines: 0,
            head: String::new(),
        };
        let survey = source.with_bytes(|bytes| encoding::survey(bytes, &source.name))?;
        source.lines = survey.lines;
        (source.encoding, source.is_assumed) = survey.decide(given, &source.name)?;
        source.head = source.with_text(|text| encoding::head(text, &source.name))?;
        Ok(source)
    }

    /// Calls `act` with the text in UTF-8, without a byte order mark.
    pub(super) fn with_text<T>(
        &self,
        act: impl FnOnce(&mut dyn Read) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        self.with_bytes(|bytes| {
            let mut text = DecodeReaderBytesBuilder::new()
                .encoding(Some(self.encoding))
                .bom_override(true)
                .strip_bom(true)
                .build(bytes);
            act(&mut text)
        })
    }

    /// The SHA-256 digest of the file at the path, in hexadecimal digits.
    pub(super) fn sha256(&self) -> Result<String, ImportError> {
        let failed = |error| ImportError::unreadable(&self.name, &error);
        let mut file = File::open(&self.path).map_err(failed)?;
        let mut context = digest::Context::new(&digest::SHA256);
        let mut bytes = vec![0; 1 << 16];
        loop {
            match file.read(&mut bytes).map_err(failed)? {
                0 => break,
                read => context.update(&bytes[..read]),
            }
        }
        let digest = context.finish();
        Ok(digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    fn with_bytes<T>(
        &self,
        act: impl FnOnce(&mut dyn Read) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        let file = File::open(&self.path).map_err(|e| ImportError::unreadable(&self.name, &e))?;
        match self.entry {
            None => act(&mut &file),
            Some(entry) => archive::with_entry(file, entry, &self.name, act),
        }
    }
}
