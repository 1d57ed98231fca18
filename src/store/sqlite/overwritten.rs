//! Detects that the ledger's file was overwritten during a run: `cp other.db store.db` changes neither device nor inode.
//!
//! SQLite does not notice that. It reads cached pages and the log, and its next checkpoint writes pages of the old ledger
//! into the new one. So the file itself is checked, without the log, whenever its size or modification time has changed: it
//! must contain a generation of this ledger, which a checkpoint keeps and another ledger does not have.

use std::cell::Cell;
use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use memchr::memmem;

/// How many octets of the file are read at once.
const PART: usize = 1 << 20;

/// Size and modification time of a file, at least one of which changes with every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, i64, i64);

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self(file.size(), file.mtime(), file.mtime_nsec())
    }
}

/// The ledger's file, opened a second time next to SQLite's connection.
///
/// It must stay open as long as the connection: when a process closes a file, it loses all its locks on the file (POSIX),
/// those of SQLite too.
#[derive(Debug)]
pub(super) struct OverwriteCheck {
    file: File,
    /// `None` until a run has begun.
    known: Option<Known>,
}

/// The state of the file at the last check.
#[derive(Debug)]
struct Known {
    /// Texts that only this ledger contains: the generation of this run, those before it, and the identifier.
    texts: Vec<String>,
    /// The index of the first of them that is in the file itself, and its offset.
    found: Cell<(usize, u64)>,
    stamp: Cell<Stamp>,
}

impl OverwriteCheck {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { file, known: None })
    }

    /// Stores the texts that identify the ledger, the latest first. The latest may be only in the log yet. A file with the
    /// text before it is the one to which the log belongs, so the log may be written to it.
    pub(super) fn learn(&mut self, texts: Vec<String>) {
        self.known = None;
        let Ok(present) = self.file.metadata() else {
            return;
        };
        let Some(found) = self.first_of(&texts) else {
            return;
        };
        self.known = Some(Known {
            texts,
            found: Cell::new(found),
            stamp: Cell::new(Stamp::of(&present)),
        });
    }

    /// Whether the file, whose metadata are `present`, is still the same ledger.
    pub(super) fn is_same(&self, present: &Metadata) -> bool {
        let Some(known) = &self.known else {
            return true;
        };
        let present = Stamp::of(present);
        let before = known.stamp.get();
        if present == before {
            return true;
        }
        // A ledger never shrinks.
        if present.0 < before.0 {
            return false;
        }
        let Some(found) = self.found_again(known) else {
            return false;
        };
        known.found.set(found);
        known.stamp.set(present);
        true
    }

    /// The latest text that is in the file now: the one that was there at the last check, or a later one. A checkpoint may
    /// have moved its row.
    fn found_again(&self, known: &Known) -> Option<(usize, u64)> {
        let (index, offset) = known.found.get();
        let later = self.first_of(&known.texts[..index]);
        if later.is_some() {
            return later;
        }
        let text = &known.texts[index];
        if self.has_at(offset, text) {
            return Some((index, offset));
        }
        Some((index, self.offset_of(text)?))
    }

    /// The index and the offset of the first of `texts` that is in the file.
    fn first_of(&self, texts: &[String]) -> Option<(usize, u64)> {
        let mut found = texts.iter().enumerate();
        found.find_map(|(index, text)| Some((index, self.offset_of(text)?)))
    }

    fn has_at(&self, offset: u64, text: &str) -> bool {
        let mut found = vec![0; text.len()];
        let read = self.file.read_exact_at(&mut found, offset);
        read.is_ok() && found == text.as_bytes()
    }

    fn offset_of(&self, text: &str) -> Option<u64> {
        let finder = memmem::Finder::new(text);
        let mut part = vec![0; PART];
        let mut start = 0;
        loop {
            let read = self.file.read_at(&mut part, start).ok()?;
            if let Some(at) = finder.find(&part[..read]) {
                return Some(start + at as u64);
            }
            if read < text.len() {
                return None;
            }
            // The parts overlap, because the text may cross the boundary.
            start += (read - text.len() + 1) as u64;
        }
    }
}
