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

use super::document::{Document, SYNTAX_FAULTS_SHOWN};
use super::file::{ReadError, locate};
use super::syntax_error::has_string_that_runs_on;
use super::{LARGEST_FILE, encoding};
use crate::diag::{ChunkStart, Finding, Findings, Source};

/// The size of a chunk in bytes: about a hundred subscribers.
const PIECE: usize = 16 << 10;
/// The largest chunk in bytes, if no line in it is `[[key]]`.
const LARGEST_PIECE: usize = 64 << 20;

/// A file while it is read in chunks.
#[derive(Debug)]
pub struct Chunks {
    file: File,
    shown: String,
    /// A line break and `[[key]]`.
    head: String,
    /// Bytes that were read and belong to the next chunks.
    held: Vec<u8>,
    is_at_end: bool,
    /// The minimum size of a chunk.
    size: usize,
    /// The number of bytes to read before the next chunk is cut off.
    wanted: usize,
    before: ChunkStart,
    seen: Seen,
    /// The number of syntax errors that were reported.
    faults: usize,
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
            held: Vec::new(),
            is_at_end: false,
            size: PIECE,
            wanted: PIECE,
            before: ChunkStart::default(),
            seen: Seen(digest::Context::new(&digest::SHA256)),
            faults: 0,
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
            let Some(source) = self.piece()? else {
                return Ok(None);
            };
            let mut told = Findings::new();
            let left = SYNTAX_FAULTS_SHOWN - self.faults;
            let document = Document::parse_telling(&source, left, &mut told);
            if (document.is_err() || has_string_that_runs_on(source.text())) && self.grows() {
                continue;
            }
            self.put_behind(&source);
            let made = match document {
                Ok(document) if !self.is_faulty() => read(document, &mut told),
                Ok(_) => T::default(),
                Err(faults) => {
                    self.faults += faults;
                    T::default()
                }
            };
            findings.extend(told);
            return Ok(Some(made));
        }
    }

    /// Whether a syntax error was reported.
    pub fn is_faulty(&self) -> bool {
        self.faults > 0
    }

    /// The SHA-256 digest of the bytes read so far.
    pub fn digest(&self) -> [u8; digest::SHA256_OUTPUT_LEN] {
        let digest = self.seen.0.clone().finish();
        digest.as_ref().try_into().expect("SHA-256 has 32 octets")
    }

    /// The next chunk, which is not removed yet.
    fn piece(&mut self) -> Result<Option<Arc<Source>>, Finding> {
        let end = self.end_of_piece()?;
        let piece = &self.held[..end];
        match std::str::from_utf8(piece) {
            Ok("") => Ok(None),
            Ok(text) => Ok(Some(Source::chunk(self.shown.as_str(), text, self.before))),
            Err(error) => {
                let offset = error.valid_up_to();
                Err(encoding::finding(&self.shown, piece, offset, self.before))
            }
        }
    }

    fn end_of_piece(&mut self) -> Result<usize, Finding> {
        loop {
            let filled = self.fill();
            filled.map_err(|error| ReadError::Io(error).into_finding(&self.shown))?;
            if self.is_at_end {
                return Ok(self.held.len());
            }
            if let Some(end) = self.last_head() {
                return Ok(end);
            }
            if self.wanted >= LARGEST_PIECE {
                return Err(self.too_large());
            }
            self.wanted *= 2;
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        let known = self.held.len();
        let missing = self.wanted.saturating_sub(known);
        let mut more = self.file.by_ref().take(missing as u64);
        let count = more.read_to_end(&mut self.held)?;
        self.is_at_end |= count < missing;
        self.seen.0.update(&self.held[known..]);
        Ok(())
    }

    /// The offset of the last `[[key]]` after the first. The beginning of the file is read with its first entry,
    /// because they may conflict.
    fn last_head(&self) -> Option<usize> {
        let head = self.head.as_bytes();
        let last = memmem::rfind(&self.held, head)?;
        let is_behind_another = self.held.starts_with(&head[1..])
            || memmem::find(&self.held, head).is_some_and(|first| first < last);
        is_behind_another.then_some(last + 1)
    }

    fn too_large(&self) -> Finding {
        let line = self.head.trim_start();
        let message = format!(
            "`{}` has {LARGEST_PIECE} bytes without a line `{line}`",
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

    fn put_behind(&mut self, piece: &Source) {
        self.before = piece.next_chunk();
        self.held.drain(..piece.text().len());
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
        "# Our readers.\n\n",
        "title = 1\n",
        "subscriber = []\n",
        "\u{feff}# Our readers.\n",
    ];

    type Told = (Vec<String>, Vec<String>);

    fn told(findings: &Findings) -> Vec<String> {
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

    fn as_a_whole(text: &str) -> Told {
        let mut findings = Findings::new();
        let source = Source::new("list.toml", text);
        let document = Document::parse(&source, &mut findings);
        let found = document.map(|document| tables(document, &mut findings));
        (found.unwrap_or_default(), told(&findings))
    }

    fn piece_by_piece(text: &str, size: usize) -> (Told, usize) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("list.toml"), text).unwrap();
        let mut pieces = Chunks::open(folder.path(), "list.toml", "subscriber").unwrap();
        (pieces.size, pieces.wanted) = (size, size);
        let mut findings = Findings::new();
        let (mut found, mut count) = (Vec::new(), 0);
        while let Some(more) = pieces.next(&mut findings, tables).unwrap() {
            found.extend(more);
            count += 1;
        }
        if pieces.is_faulty() {
            found.clear();
        }
        ((found, told(&findings)), count)
    }

    proptest! {
        #[test]
        fn the_pieces_say_what_the_whole_says(
            head in prop::sample::select(&HEADS[..]),
            parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..12),
            size in 1_usize..200,
        ) {
            // A table that is defined twice hides invalid dates from a whole file, but not from chunks.
            let has_date = parts.contains(&PARTS[6]);
            let parts = parts.into_iter().filter(|part| !has_date || *part != PARTS[13]);
            let text = head.to_owned() + &parts.collect::<String>();
            prop_assert_eq!(piece_by_piece(&text, size).0, as_a_whole(&text));
        }
    }

    #[test]
    fn a_long_list_is_read_in_many_pieces() {
        let list = PARTS[..4].concat().repeat(1_000);
        let (told, count) = piece_by_piece(&list, PIECE);
        assert_eq!(told, as_a_whole(&list));
        assert!(count > list.len() / PIECE / 2, "{count}");
        assert!(count < list.len() / PIECE * 2, "{count}");
    }

    #[test]
    fn a_byte_that_starts_no_character_is_found_in_whatever_piece() {
        let folder = tempfile::tempdir().unwrap();
        let list = [PARTS[0].repeat(1_000).as_bytes(), b"name = \"\xff\"\n"].concat();
        std::fs::write(folder.path().join("list.toml"), list).unwrap();
        let mut pieces = Chunks::open(folder.path(), "list.toml", "subscriber").unwrap();
        let finding = loop {
            match pieces.next(&mut Findings::new(), tables) {
                Ok(more) => assert!(more.is_some()),
                Err(finding) => break finding,
            }
        };
        assert_eq!(finding.place.unwrap().to_string(), "list.toml:3001:9");
    }
}
