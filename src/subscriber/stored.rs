//! The list in the store, as the rest of the program reads it.

use std::collections::BTreeSet;

use super::census::Census;
use super::{Rule, Subscriber};
use crate::diag::{Finding, Findings};

/// A list in a database.
///
/// The errors are sentences that name the store.
pub trait StoredList: std::fmt::Debug + Send + Sync {
    /// How often the list has changed.
    fn revision(&self) -> Result<u64, String>;

    /// The number of subscribers, and the names of their attributes.
    fn census(&self) -> Result<(usize, BTreeSet<String>), String>;

    /// The next subscribers after the one with this number, in the order of the list, each with its number; empty at the
    /// end. Each has the status that applies: a suppression counts more than the list.
    fn page(&self, after: i64) -> Result<Vec<(i64, Subscriber)>, String>;

    /// The subscriber with this mailbox.
    fn find(&self, address_key: &str) -> Result<Option<Subscriber>, String>;

    /// Calls `see` with the subscribers that decide the findings about an audience, in the order of the list: see
    /// [`AudienceQuestion`].
    fn survey(
        &self,
        question: &AudienceQuestion<'_>,
        see: &mut dyn FnMut(&Subscriber),
    ) -> Result<(), String>;
}

/// A question about the recipients of an issue. The subscribers that answer it are: one for each test of a rule; the
/// first recipient, and the one with the longest values; every recipient whose message may be impossible to send, or who
/// may have no value for one of the placeholders.
#[derive(Debug, Clone)]
pub struct AudienceQuestion<'a> {
    /// The audience rule.
    pub rule: &'a Rule,
    /// The language of subscribers who have none.
    pub language: &'a str,
    /// The tests of all rules of the issue.
    pub tests: Vec<&'a Rule>,
    /// The placeholders that must have a value.
    pub placeholders: BTreeSet<&'a str>,
}

/// A list in the store while it is read.
#[derive(Debug)]
pub(super) struct StoredListReader<'a> {
    list: &'a dyn StoredList,
    /// The revision when the reading began.
    revision: Result<u64, String>,
    page: std::vec::IntoIter<(i64, Subscriber)>,
    /// The number of the last subscriber.
    last: i64,
}

impl<'a> StoredListReader<'a> {
    pub(super) fn of(list: &'a dyn StoredList) -> Self {
        Self {
            list,
            revision: list.revision(),
            page: Vec::new().into_iter(),
            last: 0,
        }
    }

    /// The next subscriber, counted in `census`.
    pub(super) fn next(&mut self, census: &mut Census) -> Option<Subscriber> {
        let subscriber = self.again()?;
        census.note(&subscriber);
        Some(subscriber)
    }

    /// The next subscriber.
    pub(super) fn again(&mut self) -> Option<Subscriber> {
        if let Some((number, subscriber)) = self.page.next() {
            self.last = number;
            return Some(subscriber);
        }
        self.revision.as_ref().ok()?;
        match self.list.page(self.last) {
            Ok(page) => self.page = page.into_iter(),
            Err(error) => self.revision = Err(error),
        }
        let (number, subscriber) = self.page.next()?;
        self.last = number;
        Some(subscriber)
    }

    /// Reports an error, and completes the census. Returns `None` if the list could not be read.
    pub(super) fn end(self, census: Census, findings: &mut Findings) -> Option<Census> {
        let digest = self.digest();
        if let Err(error) = self.revision {
            findings.push(unreadable(error));
        }
        digest.map(|digest| Census {
            digest,
            is_whole: true,
            ..census
        })
    }

    /// The revision as a digest; `None` if the list could not be read, or has changed meanwhile.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        let began = *self.revision.as_ref().ok()?;
        let ended = self.list.revision().ok()?;
        (began == ended).then(|| digest(began))
    }
}

fn digest(revision: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&revision.to_be_bytes());
    digest
}

fn unreadable(error: String) -> Finding {
    Finding::error("unreadable-file", error)
        .hint("the list is in the store: see `[list]` and `[store]` in newsletter.toml")
}

/// The census, after `see` was called with the subscribers that answer each question: see [`super::List::survey`]. A census
/// without subscribers if the list cannot be read.
pub(super) fn survey(
    list: &dyn StoredList,
    questions: &[AudienceQuestion<'_>],
    findings: &mut Findings,
    see: &mut dyn FnMut(usize, &Subscriber),
) -> Census {
    let surveyed = try_survey(list, questions, see);
    surveyed.unwrap_or_else(|error| {
        findings.push(unreadable(error));
        Census::default()
    })
}

fn try_survey(
    list: &dyn StoredList,
    questions: &[AudienceQuestion<'_>],
    see: &mut dyn FnMut(usize, &Subscriber),
) -> Result<Census, String> {
    let revision = list.revision()?;
    let (subscribers, attributes) = list.census()?;
    for (number, question) in questions.iter().enumerate() {
        list.survey(question, &mut |subscriber| see(number, subscriber))?;
    }
    Ok(Census {
        subscribers,
        attributes,
        is_whole: true,
        digest: digest(revision),
        ..Census::default()
    })
}
