//! Reading a long file of tables `[[key]]` in chunks: it is never in memory as a whole.
//!
//! A chunk ends before a line `[[key]]`. Such a line may also be part of a multi-line string, and cutting there would
//! split an entry; but then the string is open, and the chunk is not valid TOML. So a chunk that is valid TOML ends at
//! the end of an entry, and no second TOML parser is needed. An invalid chunk is read again with more text; when it is
//! as long as a file that a person writes, its errors are reported.
//!
//! The root tables of two chunks cannot be compared: an unknown table in two chunks is reported twice as unknown, not
//! once as repeated.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;
use ring::digest;

use super::document::{Document, MOST_SYNTAX_ERRORS};
use super::file::{ReadError, locate};
use super::syntax_error::has_string_that_runs_on;
use super::{LARGEST_FILE, encoding};
use crate::diag::{ChunkStart, Finding, Findings, Source};

/// The size of a chunk in bytes: about a hundred subscribers.
const CHUNK: usize = 16 << 10;
/// The largest chunk in bytes, if no line in it is `[[key]]`.
const LARGEST_CHUNK: usize = 64 << 20;

/// A file while it is read in chunks.
#[derive(Debug)]
pub struct Chunks {
    file: File,
    shown: String,
    /// A line break and `[[key]]`.
    head: String,
    /// Bytes that were read and belong to the next chunks.
    buffer: Vec<u8>,
    is_at_end: bool,
    /// The minimum size of a chunk.
    size: usize,
    /// The number of bytes to read before the next chunk is cut off.
    wanted: usize,
    before: ChunkStart,
    seen: Seen,
    /// The number of syntax errors that were reported.
    syntax_errors: usize,
}

/// The digest of the bytes read so far.
#[derive(Clone)]
struct Seen(digest::Context);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}

impl Chunks {
    /// Opens the file `shown` in `folder`, whose tables are `[[key]]`.
    ///
    /// # Errors
    /// The finding that it is missing, outside the folder or unreadable.
    pub fn open(folder: &Path, shown: &str, key: &str) -> Result<Self, Finding> {
        let path = locate(folder, shown).map(|(path, _)| path);
        let file = path.and_then(|path| File::open(path).map_err(ReadError::Io));
        let file = file.map_err(|why| why.into_finding(shown))?;
        Ok(Self {
            file,
            shown: shown.to_owned(),
            head: format!("\n[[{key}]]"),
            buffer: Vec::new(),
            is_at_end: false,
            size: CHUNK,
            wanted: CHUNK,
            before: ChunkStart::default(),
            seen: Seen(digest::Context::new(&digest::SHA256)),
            syntax_errors: 0,
        })
    }

    /// Reads the next chunk with `read`; `None` after the last one.
    ///
    /// After a syntax error, chunks are no longer passed to `read`, as a short file with a syntax error is not.
    ///
    /// # Errors
    /// The finding that the file can no longer be read.
    pub fn next<T: Default>(
        &mut self,
        findings: &mut Findings,
        read: impl FnOnce(Document<'_>, &mut Findings) -> T,
    ) -> Result<Option<T>, Finding> {
        loop {
            let Some(source) = self.chunk()? else {
                return Ok(None);
            };
            let mut reported = Findings::new();
            let left = MOST_SYNTAX_ERRORS - self.syntax_errors;
            let document = Document::parse_reporting(&source, left, &mut reported);
            if (document.is_err() || has_string_that_runs_on(source.text())) && self.grows() {
                continue;
            }
            self.remove_chunk(&source);
            let made = match document {
                Ok(document) if !self.has_syntax_error() => read(document, &mut reported),
                Ok(_) => T::default(),
                Err(syntax_errors) => {
                    self.syntax_errors += syntax_errors;
                    T::default()
                }
            };
            findings.extend(reported);
            return Ok(Some(made));
        }
    }

    /// Whether a syntax error was reported.
    pub fn has_syntax_error(&self) -> bool {
        self.syntax_errors > 0
    }

    /// The SHA-256 digest of the bytes read so far.
    pub fn digest(&self) -> [u8; digest::SHA256_OUTPUT_LEN] {
        let digest = self.seen.0.clone().finish();
        digest.as_ref().try_into().expect("SHA-256 has 32 octets")
    }

    /// The next chunk, which is not removed yet.
    fn chunk(&mut self) -> Result<Option<Arc<Source>>, Finding> {
        let end = self.end_of_chunk()?;
        let chunk = &self.buffer[..end];
        match std::str::from_utf8(chunk) {
            Ok("") => Ok(None),
            Ok(text) => Ok(Some(Source::chunk(self.shown.as_str(), text, self.before))),
            Err(error) => {
                let offset = error.valid_up_to();
                Err(encoding::finding(&self.shown, chunk, offset, self.before))
            }
        }
    }

    fn end_of_chunk(&mut self) -> Result<usize, Finding> {
        loop {
            let filled = self.fill();
            filled.map_err(|error| ReadError::Io(error).into_finding(&self.shown))?;
            if self.is_at_end {
                return Ok(self.buffer.len());
            }
            if let Some(end) = self.last_head() {
                return Ok(end);
            }
            if self.wanted >= LARGEST_CHUNK {
                return Err(self.too_large());
            }
            self.wanted *= 2;
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        let known = self.buffer.len();
        let missing = self.wanted.saturating_sub(known);
        let mut more = self.file.by_ref().take(missing as u64);
        let count = more.read_to_end(&mut self.buffer)?;
        self.is_at_end |= count < missing;
        self.seen.0.update(&self.buffer[known..]);
        Ok(())
    }

    /// The offset of the last `[[key]]` after the first. The beginning of the file is read with its first entry,
    /// because they may conflict.
    fn last_head(&self) -> Option<usize> {
        let head = self.head.as_bytes();
        let last = memmem::rfind(&self.buffer, head)?;
        let is_after_another = self.buffer.starts_with(&head[1..])
            || memmem::find(&self.buffer, head).is_some_and(|first| first < last);
        is_after_another.then_some(last + 1)
    }

    fn too_large(&self) -> Finding {
        let line = self.head.trim_start();
        let message = format!(
            "`{}` has {LARGEST_CHUNK} bytes without a line `{line}`",
            self.shown
        );
        Finding::error("file-too-large", message).hint(format!(
            "write `{line}` before each entry, in a line of its own"
        ))
    }

    /// Whether an invalid chunk can be read again with more text; if so, the next one is larger.
    fn grows(&mut self) -> bool {
        let grows = !self.is_at_end && (self.wanted as u64) < LARGEST_FILE;
        if grows {
            self.wanted *= 4;
        }
        grows
    }

    fn remove_chunk(&mut self, chunk: &Source) {
        self.before = chunk.next_chunk();
        self.buffer.drain(..chunk.text().len());
        self.wanted = self.size;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Possible entries and tails; some are not valid TOML, alone or combined.
    const PARTS: [&str; 14] = [
        "[[subscriber]]\nemail = \"a@x.example\"\n\n",
        "[[subscriber]]\r\nemail = 'b@x.example'\r\n",
        "[[subscriber]]   # with a word\nname = \"é\"\ntags = [\n  \"a\",\n]\n",
        "[[subscriber]]\nname = \"\"\"\n[[subscriber]]\nemail = 1\n\"\"\"\nlanguage = 'fr'\n",
        "[[subscriber]]\nname = '''\n[[subscriber]]\n[[subscriber]]\n'''\n",
        "[[subscriber]]\nemail = 1\n[subscriber.attributes]\ncountry = \"IT\"\n",
        "[[subscriber]]\nconsent = { at = 2025-02-30 }\n",
        "  [[subscriber]]\n  email = 'c@x.example'\n",
        "# [[subscriber]]\n",
        "[[subscriber]]\nemail = \n",
        "[[subscriber]]\nemail = \"no end\n",
        "[[subscriber]]\ntags = [\n",
        "[[subscriber]]\nname = \"\"\"no end\n",
        "[subscriber]\nemail = 'd@x.example'\n",
    ];
    const HEADS: [&str; 5] = [
        "",
        "# Our subscribers.\n\n",
        "title = 1\n",
        "subscriber = []\n",
        "\u{feff}# Our subscribers.\n",
    ];

    type Reported = (Vec<String>, Vec<String>);

    fn reported(findings: &Findings) -> Vec<String> {
        let shown = |finding: &Finding| format!("{:?} {}", finding.place, finding.message);
        findings.sorted().into_iter().map(shown).collect()
    }

    /// Each table with its line.
    fn tables(mut document: Document<'_>, findings: &mut Findings) -> Vec<String> {
        let source = Arc::clone(document.source());
        let tables = document.take_tables("subscriber", findings).into_iter();
        tables
            .map(|table| {
                let place = crate::diag::Place::new(&source, table.span());
                let text = &source.text()[table.span()];
                format!(
                    "{place} {text} {}",
                    table.get_ref().as_table().unwrap().len()
                )
            })
            .collect()
    }

    fn as_a_whole(text: &str) -> Reported {
        let mut findings = Findings::new();
        let source = Source::new("list.toml", text);
        let document = Document::parse(&source, &mut findings);
        let found = document.map(|document| tables(document, &mut findings));
        (found.unwrap_or_default(), reported(&findings))
    }

    fn in_chunks(text: &str, size: usize) -> (Reported, usize) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("list.toml"), text).unwrap();
        let mut chunks = Chunks::open(folder.path(), "list.toml", "subscriber").unwrap();
        (chunks.size, chunks.wanted) = (size, size);
        let mut findings = Findings::new();
        let (mut found, mut count) = (Vec::new(), 0);
        while let Some(more) = chunks.next(&mut findings, tables).unwrap() {
            found.extend(more);
            count += 1;
        }
        if chunks.has_syntax_error() {
            found.clear();
        }
        ((found, reported(&findings)), count)
    }

    proptest! {
        #[test]
        fn chunks_are_read_as_the_whole_is(
            head in prop::sample::select(&HEADS[..]),
            parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..12),
            size in 1_usize..200,
        ) {
            // A table that is defined twice hides invalid dates from a whole file, but not from chunks.
            let has_date = parts.contains(&PARTS[6]);
            let parts = parts.into_iter().filter(|part| !has_date || *part != PARTS[13]);
            let text = head.to_owned() + &parts.collect::<String>();
            prop_assert_eq!(in_chunks(&text, size).0, as_a_whole(&text));
        }
    }

    #[test]
    fn a_long_list_is_read_in_many_chunks() {
        let list = PARTS[..4].concat().repeat(1_000);
        let (reported, count) = in_chunks(&list, CHUNK);
        assert_eq!(reported, as_a_whole(&list));
        assert!(count > list.len() / CHUNK / 2, "{count}");
        assert!(count < list.len() / CHUNK * 2, "{count}");
    }

    #[test]
    fn an_invalid_byte_is_found_in_any_chunk() {
        let folder = tempfile::tempdir().unwrap();
        let list = [PARTS[0].repeat(1_000).as_bytes(), b"name = \"\xff\"\n"].concat();
        std::fs::write(folder.path().join("list.toml"), list).unwrap();
        let mut chunks = Chunks::open(folder.path(), "list.toml", "subscriber").unwrap();
        let finding = loop {
            match chunks.next(&mut Findings::new(), tables) {
                Ok(more) => assert!(more.is_some()),
                Err(finding) => break finding,
            }
        };
        assert_eq!(finding.place.unwrap().to_string(), "list.toml:3001:9");
    }
}
