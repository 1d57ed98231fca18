//! Whether the ledger's file still is the one that this run has written to, where it was not replaced but overwritten:
//! `cp other.db store.db` leaves device and inode as they are.
//!
//! SQLite does not notice that. It reads pages that it has, and the log, and at its next checkpoint it writes pages of
//! the old ledger into the new one. So the file itself is looked at, without the log, whenever its size or its time of
//! change has changed: a checkpoint keeps the generations that the ledger had, and another ledger lacks them.

use std::cell::Cell;
use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use memchr::memmem;

/// How much of the file is read at once.
const PART: usize = 1 << 20;

/// What a file system says of a file that changes with every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, i64, i64);

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self(file.size(), file.mtime(), file.mtime_nsec())
    }
}

/// The ledger's file, open for reading beside SQLite's connection.
///
/// It has to stay open as long as that one: where a process closes a file, it loses all locks on it, whoever in the
/// process has taken them.
#[derive(Debug)]
pub(super) struct Beside {
    file: File,
    /// `None` until a run has begun.
    known: Option<Known>,
}

/// The file as it was when it was known to be ours.
#[derive(Debug)]
struct Known {
    /// What only this ledger has: the generation of this run, those before, its identity.
    marks: Vec<String>,
    /// The number and the place of the first of them that is in the file itself.
    found: Cell<(usize, u64)>,
    stamp: Cell<Stamp>,
}

impl Beside {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { file, known: None })
    }

    /// Learns the file by `marks`, the latest first. What is in the log alone is not in the file yet: a ledger that has
    /// the mark before is the one on which the log builds, so that no page of it is wrong there.
    pub(super) fn learn(&mut self, marks: Vec<String>) {
        self.known = None;
        let Ok(present) = self.file.metadata() else {
            return;
        };
        let first = marks.iter().enumerate();
        let mut first = first.filter_map(|(number, mark)| Some((number, self.offset_of(mark)?)));
        let Some(found) = first.next() else { return };
        drop(first);
        self.known = Some(Known {
            marks,
            found: Cell::new(found),
            stamp: Cell::new(Stamp::of(&present)),
        });
    }

    /// Whether the file, whose metadata are `present`, is ours.
    pub(super) fn is_ours(&self, present: &Metadata) -> bool {
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

    /// The latest mark that is in the file after a checkpoint: that which was there, or a later one. A checkpoint may
    /// have moved its row.
    fn found_again(&self, known: &Known) -> Option<(usize, u64)> {
        let (number, offset) = known.found.get();
        let later = known.marks[..number].iter().enumerate();
        let mut later = later.filter_map(|(number, mark)| Some((number, self.offset_of(mark)?)));
        if let Some(found) = later.next() {
            return Some(found);
        }
        let mark = &known.marks[number];
        if self.has_at(offset, mark) {
            return Some((number, offset));
        }
        Some((number, self.offset_of(mark)?))
    }

    fn has_at(&self, offset: u64, mark: &str) -> bool {
        let mut found = vec![0; mark.len()];
        let read = self.file.read_exact_at(&mut found, offset);
        read.is_ok() && found == mark.as_bytes()
    }

    fn offset_of(&self, mark: &str) -> Option<u64> {
        let finder = memmem::Finder::new(mark);
        let mut part = vec![0; PART];
        let mut start = 0;
        loop {
            let read = self.file.read_at(&mut part, start).ok()?;
            if let Some(at) = finder.find(&part[..read]) {
                return Some(start + at as u64);
            }
            if read < mark.len() {
                return None;
            }
            // The next part begins with the end of this one, on which the row may lie.
            start += (read - mark.len() + 1) as u64;
        }
    }
}
