//! `subscribers.toml`: the list that is kept by hand.
//!
//! A list may have a million entries, so it is never in memory as a whole. The first reading reports all findings; later
//! readings are compared with it, because the file may have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::census::Census;
use super::duplicates::{Duplicates, Fingerprint, Fingerprints};
use super::entry::EntryReader;
use super::{Address, Status, Subscriber};
use crate::diag::{Finding, Findings, Place};
use crate::toml_file::{self, Chunks, Document};

/// The file name of the list in the newsletter's directory.
pub const FILE: &str = "subscribers.toml";
const KEY: &str = "subscriber";

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawList {}

/// The file while it is read: the subscribers in its order, without entries that cannot be read.
#[derive(Debug)]
pub(super) struct ListFileReader<'a> {
    folder: &'a Path,
    /// The tags that `newsletter.toml` declares.
    declared: &'a BTreeSet<String>,
    /// `None` if there is nothing left to read.
    chunks: Option<Chunks>,
    entries: std::vec::IntoIter<(Subscriber, Place)>,
    entry_reader: EntryReader,
    findings: Findings,
    fingerprints: Fingerprints,
}

impl<'a> ListFileReader<'a> {
    pub(super) fn of(folder: &'a Path, declared: &'a BTreeSet<String>) -> Self {
        let mut findings = Findings::new();
        let chunks = Chunks::open(folder, FILE, KEY);
        let chunks = chunks.map_err(|finding| findings.push(finding)).ok();
        Self {
            folder,
            declared,
            chunks,
            entries: Vec::new().into_iter(),
            entry_reader: EntryReader::declaring(declared.iter()),
            findings,
            fingerprints: Fingerprints::default(),
        }
    }

    /// The next subscriber, counted in `census`.
    pub(super) fn next(&mut self, census: &mut Census) -> Option<Subscriber> {
        let (subscriber, _) = self.entry()?;
        census.note(&subscriber);
        self.fingerprints.note(&subscriber.address.key());
        Some(subscriber)
    }

    /// Reports the findings about the file, which was read to its end, and completes the census. Returns `None` if the file
    /// is invalid.
    pub(super) fn end(mut self, census: Census, findings: &mut Findings) -> Option<Census> {
        let digest = self.digest();
        let mut repeated = Duplicates::default();
        if digest.is_some() {
            self.entry_reader.end(&mut self.findings);
            repeated = self.report_repeated();
        }
        let is_whole = !self.findings.has_errors();
        findings.extend(self.findings);
        digest.map(|digest| Census {
            digest,
            is_whole,
            repeated,
            ..census
        })
    }

    /// Reports every mailbox with more than one entry.
    ///
    /// This needs a second reading, because two mailboxes may have the same fingerprint.
    fn report_repeated(&mut self) -> Duplicates {
        let mut repeated = Duplicates::default();
        let suspects = self.fingerprints.repeated();
        if suspects.is_empty() {
            return repeated;
        }
        let mut strictest: BTreeMap<String, ListEntry> = BTreeMap::new();
        let mut again = Self::of(self.folder, self.declared);
        while let Some((subscriber, place)) = again.entry() {
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
            let finding = known.repeated_by(&entry, &subscriber.address);
            self.findings.push(finding);
            if status > known.status {
                *known = entry;
            }
            repeated.insert(key, known.status);
        }
        repeated
    }

    /// The next subscriber, with the location of the address.
    pub(super) fn entry(&mut self) -> Option<(Subscriber, Place)> {
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
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        self.chunks.as_ref().map(Chunks::digest)
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

/// The locations of values of subscribers in the file: see [`super::List::places`].
pub(super) fn places(folder: &Path, wanted: &BTreeMap<String, String>) -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    let Ok(mut chunks) = Chunks::open(folder, FILE, KEY) else {
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
