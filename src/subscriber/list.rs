//! `subscribers.toml`: the list that is kept by hand.
//!
//! A list may have a million entries, so it is never in memory as a whole: callers read the subscribers one at a time.
//! The first reading reports all findings and returns a [`Census`]; later readings are compared with it, because the
//! file may have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::duplicates::{Duplicates, Fingerprint, Fingerprints};
use super::entry::EntryReader;
use super::{Address, Status, Subscriber};
use crate::diag::{Finding, Findings, Place};
use crate::toml_file::{self, Chunks, Document};

/// The file name of the list in the newsletter's directory.
pub const FILE: &str = "subscribers.toml";
const KEY: &str = "subscriber";

/// The subscriber list of a newsletter.
#[derive(Debug, Clone)]
pub struct List {
    folder: PathBuf,
    /// The tags that `newsletter.toml` declares.
    declared: BTreeSet<String>,
}

/// File metadata by which a change of the list is detected without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListStamp {
    file: (u64, u64, u64),
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Properties of a list that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Census {
    /// The number of subscribers.
    pub subscribers: usize,
    /// The names of all attributes: the placeholders besides the built-in ones.
    pub attributes: BTreeSet<String>,
    /// The mailboxes with several entries.
    pub repeated: Duplicates,
    /// Whether every entry could be read. If not, an attribute that seems missing may be in an unreadable entry.
    pub is_whole: bool,
    digest: [u8; 32],
}

/// The list has changed since its census was taken, or can no longer be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{FILE}` has changed since it was checked")
    }
}

impl std::error::Error for Changed {}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawList {}

impl List {
    /// The list in `folder`; nothing is read yet.
    pub fn below(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            declared: BTreeSet::new(),
        }
    }

    /// The metadata of the file; `None` if it does not exist.
    pub fn stamp(&self) -> Option<ListStamp> {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(self.folder.join(FILE)).ok()?;
        Some(ListStamp {
            file: (file.dev(), file.ino(), file.size()),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        })
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

    /// Starts to read the list. The subscribers are valid only if [`ListReader::end`] finds the file readable.
    pub fn read(&self) -> ListReader<'_> {
        let mut findings = Findings::new();
        let chunks = Chunks::open(&self.folder, FILE, KEY);
        let chunks = chunks.map_err(|finding| findings.push(finding)).ok();
        ListReader {
            list: self,
            chunks,
            entries: Vec::new().into_iter(),
            entry_reader: EntryReader::declaring(self.declared()),
            findings,
            census: Census::default(),
            fingerprints: Fingerprints::default(),
        }
    }

    /// The subscribers again, each with the strictest status of its mailbox's entries. The last item is an error if the
    /// list has changed since `census`.
    pub fn read_again(&self, census: &Census) -> impl Iterator<Item = Result<Subscriber, Changed>> {
        let mut reading = Some(self.read());
        std::iter::from_fn(move || {
            if let Some((mut subscriber, _)) = reading.as_mut()?.entry() {
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
        let entries = self
            .read()
            .filter(|subscriber| subscriber.address.key() == key);
        entries.reduce(|first, other| Subscriber {
            status: first.status.max(other.status),
            ..first
        })
    }

    /// The locations of values of subscribers: `wanted` maps the key of a mailbox to the name of the value. If a
    /// subscriber has no such value, the location of the address.
    pub fn places(&self, wanted: &BTreeMap<String, String>) -> BTreeMap<String, Place> {
        let mut places = BTreeMap::new();
        let Ok(mut chunks) = Chunks::open(&self.folder, FILE, KEY) else {
            return places;
        };
        let mut ignored = Findings::new();
        while let Ok(Some(found)) = chunks.next(&mut ignored, |document, findings| {
            placed(document, wanted, findings)
        }) {
            // Of several entries for one mailbox, the first is sent.
            for (key, place) in found {
                places.entry(key).or_insert(place);
            }
        }
        places
    }

    /// Reports every mailbox with more than one entry.
    ///
    /// This needs a second reading, because two mailboxes may have the same fingerprint.
    fn report_repeated(
        &self,
        suspects: &BTreeSet<Fingerprint>,
        findings: &mut Findings,
    ) -> Duplicates {
        let mut strictest: BTreeMap<String, ListEntry> = BTreeMap::new();
        let mut repeated = Duplicates::default();
        let mut reading = self.read();
        while let Some((subscriber, place)) = reading.entry() {
            let key = subscriber.address.key();
            if !suspects.contains(&Fingerprint::of(&key)) {
                continue;
            }
            let status = subscriber.status;
            let entry = ListEntry { status, place };
            let Some(known) = strictest.get_mut(&key) else {
                strictest.insert(key, entry);
                continue;
            };
            findings.push(known.repeated_by(&entry, &subscriber.address));
            if status > known.status {
                *known = entry;
            }
            repeated.insert(key, known.status);
        }
        repeated
    }
}

/// One entry of a mailbox.
#[derive(Debug)]
struct ListEntry {
    status: Status,
    place: Place,
}

impl ListEntry {
    /// The finding about two entries for one mailbox, probably one person. Different statuses have a code of their own,
    /// because they decide whether that person gets mail.
    fn repeated_by(&self, other: &Self, address: &Address) -> Finding {
        if self.status != other.status {
            return self.conflict_with(other, address);
        }
        let message = format!("`{address}` is on the list twice");
        Finding::warning("duplicate-address", message)
            .at(other.place.clone())
            .related(self.place.clone(), "the same mailbox")
            .hint("one mailbox gets one message; remove one of the entries")
    }

    fn conflict_with(&self, other: &Self, address: &Address) -> Finding {
        let (here, there) = (other.status.as_str(), self.status.as_str());
        let strictest = self.status.max(other.status).as_str();
        let message = format!("`{address}` is `{here}` here, but `{there}` in another entry");
        let related = format!("the same mailbox is `{there}` here");
        Finding::warning("conflicting-status", message)
            .at(other.place.clone())
            .related(self.place.clone(), related)
            .hint(format!(
                "the stricter status `{strictest}` applies, so this mailbox gets no mail; remove the outdated entry"
            ))
    }
}

/// A list while it is read: the subscribers in the order of the file, without entries that cannot be read.
#[derive(Debug)]
pub struct ListReader<'a> {
    list: &'a List,
    /// `None` if there is nothing left to read.
    chunks: Option<Chunks>,
    entries: std::vec::IntoIter<(Subscriber, Place)>,
    entry_reader: EntryReader,
    findings: Findings,
    census: Census,
    fingerprints: Fingerprints,
}

impl Iterator for ListReader<'_> {
    type Item = Subscriber;

    fn next(&mut self) -> Option<Subscriber> {
        let (subscriber, _) = self.entry()?;
        self.census.note(&subscriber);
        self.fingerprints.note(&subscriber.address.key());
        Some(subscriber)
    }
}

impl ListReader<'_> {
    /// Reads the rest, reports the findings about the list and returns its census. Returns `None` if the file is invalid;
    /// then the subscribers that were read must not be used.
    pub fn end(mut self, findings: &mut Findings) -> Option<Census> {
        self.by_ref().for_each(drop);
        let digest = self.digest();
        let is_broken = digest.is_none();
        if !is_broken {
            self.entry_reader.end(&mut self.findings);
        }
        let repeats = self.fingerprints.repeated();
        if !is_broken && !repeats.is_empty() {
            self.census.repeated = self.list.report_repeated(&repeats, &mut self.findings);
        }
        let is_whole = !self.findings.has_errors();
        findings.extend(self.findings);
        let census = self.census;
        digest.map(|digest| Census {
            digest,
            is_whole,
            ..census
        })
    }

    /// The next subscriber, with the location of the address.
    fn entry(&mut self) -> Option<(Subscriber, Place)> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(entry);
            }
            self.entries = self.chunk()?.into_iter();
        }
    }

    fn chunk(&mut self) -> Option<Vec<(Subscriber, Place)>> {
        let chunks = self.chunks.as_mut()?;
        let entry_reader = &mut self.entry_reader;
        match chunks.next(&mut self.findings, |chunk, findings| {
            entries(chunk, entry_reader, findings)
        }) {
            Ok(Some(entries)) => return Some(entries),
            Ok(None) if chunks.has_syntax_error() => {
                // Other findings about such a file are unreliable.
                const SYNTAX: [&str; 3] = ["syntax", "bad-date", "broken-character"];
                let is_syntax = |finding: &Finding| SYNTAX.contains(&finding.code);
                self.findings.retain(is_syntax);
                self.chunks = None;
            }
            Ok(None) => {}
            Err(finding) => {
                self.findings = Findings::new();
                self.findings.push(finding);
                self.chunks = None;
            }
        }
        None
    }

    /// The digest of the list; `None` if the file could not be read.
    fn digest(&self) -> Option<[u8; 32]> {
        self.chunks.as_ref().map(Chunks::digest)
    }
}

impl Census {
    fn note(&mut self, subscriber: &Subscriber) {
        self.subscribers += 1;
        for name in subscriber.attributes.keys() {
            if !self.attributes.contains(name) {
                self.attributes.insert(name.clone());
            }
        }
    }
}

fn placed(
    mut document: Document<'_>,
    wanted: &BTreeMap<String, String>,
    findings: &mut Findings,
) -> Vec<(String, Place)> {
    let source = std::sync::Arc::clone(document.source());
    let values = document.take_tables(KEY, findings).into_iter();
    let places = values.filter_map(|value| {
        let email = toml_file::peek_text(&value, "email", &source)?;
        let key = Address::parse(email.value()).ok()?.key();
        let name = wanted.get(&key)?;
        let own = value.get_ref().get(name.as_str());
        let attributes = value.get_ref().get("attributes");
        let own = own.or_else(|| attributes?.get_ref().get(name.as_str()));
        let place = own.map_or(email.place().clone(), |own| Place::new(&source, own.span()));
        Some((key, place))
    });
    places.collect()
}

fn entries(
    mut document: Document<'_>,
    entry_reader: &mut EntryReader,
    findings: &mut Findings,
) -> Vec<(Subscriber, Place)> {
    let source = std::sync::Arc::clone(document.source());
    let values = document.take_tables(KEY, findings);
    let read = values
        .into_iter()
        .filter_map(|value| entry_reader.read(value, &source, findings));
    let read = read.collect();
    let _: RawList = document.typed_beside(FILE, &[KEY], findings);
    read
}
