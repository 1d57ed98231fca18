//! The plan of a send: every candidate, and why some of them get nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use ring::digest;

use crate::diag::{Findings, counted};
use crate::store::{Candidate, REMOVED, Suppressions};
use crate::subscriber::{Address, Changed, Duplicates, List, Rule, Status, Subscriber};

/// The subscribers whom `audience` selects, each with the reason why nothing is sent, if there is one. `repeated`
/// has the mailboxes that are on the list more than once, `suppressed` those that the ledger excludes; a message that is
/// not `is_sendable` is left out, and tried again by the next campaign.
///
/// `readers` have the strictest status of their mailboxes, as [`crate::subscriber::List::read_again`] gives it. Of
/// two selected entries for one mailbox the second is the duplicate.
pub fn candidates(
    readers: impl Iterator<Item = Result<Subscriber, Changed>>,
    repeated: &Duplicates,
    audience: &Rule,
    language: &str,
    suppressed: &Suppressions,
    is_sendable: impl Fn(&Subscriber) -> bool,
) -> impl Iterator<Item = Result<Candidate, Changed>> {
    let mut seen = HashSet::new();
    readers
        .filter(|reader| {
            let reader = reader.as_ref();
            reader.map_or(true, |reader| audience.selects(reader, language))
        })
        .map(move |reader| {
            let reader = reader?;
            let key = reader.address.key();
            let is_new = !repeated.contains(&key) || seen.insert(key.clone());
            let exclusion = exclusion(&reader, is_new, &is_sendable).map(Cow::Borrowed);
            let exclusion = exclusion.or_else(|| suppressed.get(&key).cloned().map(Cow::Owned));
            Ok(candidate(&reader, key, exclusion))
        })
}

fn candidate(
    reader: &Subscriber,
    address_key: String,
    exclusion: Option<Cow<'static, str>>,
) -> Candidate {
    Candidate {
        address: reader.address.as_str().to_owned(),
        address_key,
        name: reader.full_name().map(std::borrow::Cow::into_owned),
        reader: serde_json::to_string(reader).expect("a reader has nothing that JSON lacks"),
        exclusion,
    }
}

/// The candidates that a command is about: all of them, or those with the mailbox `only`.
pub fn only<'a>(
    candidates: impl Iterator<Item = Result<Candidate, Changed>> + 'a,
    only: Option<&Address>,
) -> impl Iterator<Item = Result<Candidate, Changed>> + 'a {
    let only = only.map(Address::key);
    let is_meant = move |candidate: &Candidate| {
        let only = only.as_deref();
        only.is_none_or(|only| only == candidate.address_key)
    };
    candidates.filter(move |one| one.as_ref().map_or(true, &is_meant))
}

/// What a campaign that has not begun would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// How many get the message.
    pub recipients: usize,
    /// How many do not, by reason.
    pub excluded: BTreeMap<Cow<'static, str>, usize>,
    /// The first who gets the message, as JSON.
    pub first: Option<String>,
}

impl Plan {
    /// The plan for `candidates`.
    ///
    /// # Errors
    /// Where the candidates end with that.
    pub fn of(
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Self, Changed> {
        let mut plan = Self::default();
        for candidate in candidates {
            let candidate = candidate?;
            match candidate.exclusion {
                None => {
                    plan.recipients += 1;
                    plan.first.get_or_insert(candidate.reader);
                }
                Some(reason) => *plan.excluded.entry(reason).or_insert(0) += 1,
            }
        }
        Ok(plan)
    }

    /// How many candidates are excluded.
    pub fn left_out(&self) -> usize {
        self.excluded.values().sum()
    }
}

impl std::fmt::Display for Plan {
    /// `20 recipients, 5 excluded (1 duplicate, 4 unsubscribed)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&counted(self.recipients, "recipient"))?;
        if self.excluded.is_empty() {
            return Ok(());
        }
        let reasons = self
            .excluded
            .iter()
            .map(|(why, count)| format!("{count} {why}"));
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        write!(f, ", {} excluded ({reasons})", self.left_out())
    }
}

/// Every mailbox of the list with the reason why nothing is sent to it now, if there is one: what a send
/// that goes on has to know, for somebody may have left since it began. 16 bytes a mailbox.
#[derive(Debug)]
pub struct StatusIndex(Vec<u128>);

/// The lowest bits of an entry are its status, a number in [`Status::ALL`]; the others are of the mailbox's
/// digest. So the strictest entry of a mailbox is its greatest.
const STATUS: u128 = 0b111;

impl StatusIndex {
    /// Those of a list.
    pub fn of(readers: impl Iterator<Item = Subscriber>) -> Self {
        let mut all: Vec<u128> = readers
            .map(|reader| {
                let status = Status::ALL.iter().position(|known| *known == reader.status);
                mailbox(&reader.address.key()) | status.map_or(STATUS, |at| at as u128)
            })
            .collect();
        all.sort_unstable();
        Self(all)
    }

    /// Reads a list to its end. `None` where it is broken, which `findings` has, or has no subscriber: an empty file
    /// is more often an accident than a list that all have left, so it removes no recipient.
    pub fn read(list: &List, findings: &mut Findings) -> Option<Self> {
        let mut readers = list.read();
        let standings = Self::of(readers.by_ref());
        let census = readers.end(findings)?;
        (census.subscribers > 0).then_some(standings)
    }

    /// Why nothing is sent to a mailbox, if there is a reason; who is not on the list has been removed.
    pub fn reason(&self, address_key: &str) -> Option<&'static str> {
        let wanted = mailbox(address_key);
        let behind = self.0.partition_point(|entry| entry & !STATUS <= wanted);
        let strictest = self.0[..behind].last();
        let Some(entry) = strictest.filter(|entry| *entry & !STATUS == wanted) else {
            return Some(REMOVED);
        };
        let status = Status::ALL.get((entry & STATUS) as usize);
        let status = status.copied().unwrap_or(Status::Pending);
        (status != Status::Active).then(|| status.as_str())
    }
}

/// So long a digest that no two mailboxes have the same.
fn mailbox(address_key: &str) -> u128 {
    let digest = digest::digest(&digest::SHA256, address_key.as_bytes());
    let head = digest
        .as_ref()
        .first_chunk()
        .expect("SHA-256 has 32 octets");
    u128::from_be_bytes(*head) & !STATUS
}

fn exclusion(
    reader: &Subscriber,
    is_new: bool,
    is_sendable: impl Fn(&Subscriber) -> bool,
) -> Option<&'static str> {
    if !is_new {
        return Some("duplicate");
    }
    match reader.status {
        Status::Active if !is_sendable(reader) => Some("unsendable"),
        Status::Active => None,
        other => Some(other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_candidate_is_written_to_or_has_a_reason() {
        let reader = |address: &str, status| Subscriber {
            status,
            ..Subscriber::at(Address::parse(address).unwrap())
        };
        let readers = [
            reader("a@x.example", Status::Active),
            reader("A@X.example", Status::Active),
            reader("b@x.example", Status::Unsubscribed),
            reader("b@X.example", Status::Active),
            reader("ü@x.example", Status::Active),
            reader("c@x.example", Status::Pending),
            reader("D@x.example", Status::Active),
        ];
        let mut repeated = Duplicates::default();
        repeated.insert("a@x.example".to_owned(), Status::Active);
        repeated.insert("b@x.example".to_owned(), Status::Unsubscribed);
        let suppressed = Suppressions::from([("d@x.example".to_owned(), "bounced".to_owned())]);
        let readers = readers.into_iter().map(Ok);
        let is_sendable = |reader: &Subscriber| !reader.address.needs_smtputf8();
        let all = candidates(
            readers,
            &repeated,
            &Rule::All,
            "en",
            &suppressed,
            is_sendable,
        );
        let reasons: Vec<_> = all.map(|c| c.unwrap().exclusion).collect();
        let expected = [
            None,
            Some("duplicate"),
            Some("unsubscribed"),
            Some("duplicate"),
            Some("unsendable"),
            Some("pending"),
            Some("bounced"),
        ];
        let reasons: Vec<_> = reasons.iter().map(Option::as_deref).collect();
        assert_eq!(reasons, expected);
    }

    #[test]
    fn the_strictest_entry_of_a_mailbox_counts_in_every_order() {
        let reader = |address: &str, status| Subscriber {
            status,
            ..Subscriber::at(Address::parse(address).unwrap())
        };
        for one in Status::ALL {
            for other in Status::ALL {
                let entries = [reader("a@x.example", one), reader("A@X.example", other)];
                let reason = StatusIndex::of(entries.into_iter()).reason("a@x.example");
                let strictest = one.max(other);
                let expected = (strictest != Status::Active).then(|| strictest.as_str());
                assert_eq!(reason, expected, "{one:?}, {other:?}");
            }
        }
        let standings = StatusIndex::of(std::iter::once(reader("b@x.example", Status::Active)));
        assert_eq!(standings.reason("c@x.example"), Some("removed"));
    }
}
