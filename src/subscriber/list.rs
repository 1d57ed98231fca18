//! The subscriber list: in `subscribers.toml`, or in the store.
//!
//! Callers read the subscribers one at a time. The first reading reports all findings and returns a [`Census`]; later
//! readings are compared with it, because the list may have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::census::Census;
use super::list_file::{self, ListFileReader};
use super::stored::{self, AudienceQuestion, StoredList, StoredListReader};
use super::{Address, FILE, Subscriber};
use crate::diag::{Findings, Place};

/// The subscriber list of a newsletter.
#[derive(Debug, Clone)]
pub struct List {
    source: ListSource,
    /// The tags that `newsletter.toml` declares.
    declared: BTreeSet<String>,
}

#[derive(Debug, Clone)]
enum ListSource {
    /// `subscribers.toml` in this directory.
    File(PathBuf),
    Store(Arc<dyn StoredList>),
}

/// The state of a list, by which a change is detected without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStamp {
    /// The metadata of the file.
    File {
        /// Device, inode and size.
        file: (u64, u64, u64),
        /// Seconds and nanoseconds of the last change of the content.
        modified: (i64, i64),
        /// Seconds and nanoseconds of the last change of the metadata.
        changed: (i64, i64),
    },
    /// How often the list in the store has changed.
    Revision(u64),
}

/// The list has changed since its census was taken, or can no longer be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the subscriber list has changed since it was checked")
    }
}

impl std::error::Error for Changed {}

impl List {
    /// The list in the file in `folder`; nothing is read yet.
    pub fn below(folder: &Path) -> Self {
        Self {
            source: ListSource::File(folder.to_owned()),
            declared: BTreeSet::new(),
        }
    }

    /// The list in the store; nothing is read yet.
    pub fn stored(list: Arc<dyn StoredList>) -> Self {
        Self {
            source: ListSource::Store(list),
            declared: BTreeSet::new(),
        }
    }

    /// Sets the tags that `newsletter.toml` declares, with which the tags of the list are compared.
    #[must_use]
    pub fn with_declared(self, tags: BTreeSet<String>) -> Self {
        Self {
            declared: tags,
            ..self
        }
    }

    /// The tags that `newsletter.toml` declares.
    pub fn declared(&self) -> impl Iterator<Item = &String> + Clone {
        self.declared.iter()
    }

    /// Whether the list is in the store.
    pub fn is_stored(&self) -> bool {
        matches!(self.source, ListSource::Store(_))
    }

    /// The state of the list; `None` if it does not exist.
    pub fn stamp(&self) -> Option<ListStamp> {
        match &self.source {
            ListSource::File(folder) => file_stamp(&folder.join(FILE)),
            ListSource::Store(list) => list.revision().ok().map(ListStamp::Revision),
        }
    }

    /// Starts to read the list. The subscribers are valid only if [`ListReader::end`] finds the list readable.
    pub fn read(&self) -> ListReader<'_> {
        ListReader {
            source: match &self.source {
                ListSource::File(folder) => {
                    ReaderSource::File(Box::new(ListFileReader::of(folder, &self.declared)))
                }
                ListSource::Store(list) => ReaderSource::Store(StoredListReader::of(list.as_ref())),
            },
            census: Census::default(),
        }
    }

    /// The subscribers again, each with the strictest status of its mailbox's entries. The last item is an error if the
    /// list has changed since `census`.
    pub fn read_again(&self, census: &Census) -> impl Iterator<Item = Result<Subscriber, Changed>> {
        let mut reading = Some(self.read());
        std::iter::from_fn(move || {
            if let Some(mut subscriber) = reading.as_mut()?.again() {
                census.repeated.settle(&mut subscriber);
                return Some(Ok(subscriber));
            }
            let is_same = reading.take()?.digest() == Some(census.digest);
            (!is_same).then_some(Err(Changed))
        })
    }

    /// The subscriber with this mailbox in any spelling of the address: the first entry, with the strictest status of
    /// all.
    pub fn find(&self, address: &Address) -> Option<Subscriber> {
        let key = address.key();
        if let ListSource::Store(list) = &self.source {
            return list.find(&key).ok().flatten();
        }
        let entries = self
            .read()
            .filter(|subscriber| subscriber.address.key() == key);
        entries.reduce(|first, other| Subscriber {
            status: first.status.max(other.status),
            ..first
        })
    }

    /// The locations of values of subscribers: `wanted` maps the key of a mailbox to the name of the value. If a
    /// subscriber has no such value, the location of the address. A list in the store has no locations.
    pub fn places(&self, wanted: &BTreeMap<String, String>) -> BTreeMap<String, Place> {
        match &self.source {
            ListSource::File(folder) => list_file::places(folder, wanted),
            ListSource::Store(_) => BTreeMap::new(),
        }
    }

    /// The census of a list in the store, after `see` was called with the subscribers that answer each of `questions`, with
    /// the number of the question. `None` if the list is in a file, which has to be read.
    pub fn survey(
        &self,
        questions: &[AudienceQuestion<'_>],
        findings: &mut Findings,
        see: &mut dyn FnMut(usize, &Subscriber),
    ) -> Option<Census> {
        match &self.source {
            ListSource::File(_) => None,
            ListSource::Store(list) => Some(stored::survey(&**list, questions, findings, see)),
        }
    }
}

fn file_stamp(path: &Path) -> Option<ListStamp> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).ok()?;
    Some(ListStamp::File {
        file: (file.dev(), file.ino(), file.size()),
        modified: (file.mtime(), file.mtime_nsec()),
        changed: (file.ctime(), file.ctime_nsec()),
    })
}

/// A list while it is read: the subscribers in its order, without entries that cannot be read.
#[derive(Debug)]
pub struct ListReader<'a> {
    source: ReaderSource<'a>,
    census: Census,
}

#[derive(Debug)]
enum ReaderSource<'a> {
    File(Box<ListFileReader<'a>>),
    Store(StoredListReader<'a>),
}

impl Iterator for ListReader<'_> {
    type Item = Subscriber;

    fn next(&mut self) -> Option<Subscriber> {
        match &mut self.source {
            ReaderSource::File(file) => file.next(&mut self.census),
            ReaderSource::Store(store) => store.next(&mut self.census),
        }
    }
}

impl ListReader<'_> {
    /// Reads the rest, reports the findings about the list and returns its census. Returns `None` if the list cannot be
    /// read; then the subscribers that were read must not be used.
    pub fn end(mut self, findings: &mut Findings) -> Option<Census> {
        self.by_ref().for_each(drop);
        match self.source {
            ReaderSource::File(file) => file.end(self.census, findings),
            ReaderSource::Store(store) => store.end(self.census, findings),
        }
    }

    /// The next subscriber, without counting it.
    fn again(&mut self) -> Option<Subscriber> {
        match &mut self.source {
            ReaderSource::File(file) => file.entry().map(|(subscriber, _)| subscriber),
            ReaderSource::Store(store) => store.again(),
        }
    }

    /// The digest of the list; `None` if it could not be read.
    fn digest(&self) -> Option<[u8; 32]> {
        match &self.source {
            ReaderSource::File(file) => file.digest(),
            ReaderSource::Store(store) => store.digest(),
        }
    }
}
