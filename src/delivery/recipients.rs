//! Recipient selection: the candidates of a campaign, and why some of them are excluded.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use ring::digest;

use crate::diag::{Findings, counted};
use crate::store::{Candidate, REMOVED, Suppressions};
use crate::subscriber::{Address, Changed, Duplicates, List, Rule, Status, Subscriber};

/// The subscribers whom `audience` selects, each with the reason for its exclusion, if there is one.
///
/// `repeated` has the mailboxes that are on the list more than once, `suppressed` those that the ledger excludes. A
/// subscriber for whom `is_sendable` is false is excluded from this campaign only.
///
/// `subscribers` must have the strictest status of their mailboxes, as [`crate::subscriber::List::read_again`] returns it.
/// Of two selected entries for one mailbox the second is the duplicate.
pub fn candidates(
    subscribers: impl Iterator<Item = Result<Subscriber, Changed>>,
    repeated: &Duplicates,
    audience: &Rule,
    language: &str,
    suppressed: &Suppressions,
    is_sendable: impl Fn(&Subscriber) -> bool,
) -> impl Iterator<Item = Result<Candidate, Changed>> {
    let mut seen = HashSet::new();
    let is_selected = |subscriber: &Subscriber| audience.selects(subscriber, language);
    subscribers
        .filter(move |subscriber| subscriber.as_ref().map_or(true, is_selected))
        .map(move |subscriber| {
            let subscriber = subscriber?;
            let key = subscriber.address.key();
            let is_new = !repeated.contains(&key) || seen.insert(key.clone());
            let exclusion = exclusion(&subscriber, is_new, &is_sendable).map(Cow::Borrowed);
            let suppression = || {
                suppressed
                    .reason(&key)
                    .map(|why| Cow::Owned(why.to_owned()))
            };
            let exclusion = exclusion.or_else(suppression);
            Ok(candidate(&subscriber, key, exclusion))
        })
}

fn candidate(
    subscriber: &Subscriber,
    address_key: String,
    exclusion: Option<Cow<'static, str>>,
) -> Candidate {
    Candidate {
        address: subscriber.address.as_str().to_owned(),
        address_key,
        name: subscriber.full_name().map(std::borrow::Cow::into_owned),
        subscriber: serde_json::to_string(subscriber).expect("a subscriber can be serialized"),
        exclusion,
    }
}

/// Restricts the candidates to the mailbox `only`, if it is given.
pub fn only<'a>(
    candidates: impl Iterator<Item = Result<Candidate, Changed>> + 'a,
    only: Option<&Address>,
) -> impl Iterator<Item = Result<Candidate, Changed>> + 'a {
    let only = only.map(Address::key);
    candidates.filter(move |candidate| match (candidate, &only) {
        (Ok(candidate), Some(only)) => *only == candidate.address_key,
        _ => true,
    })
}

/// What a campaign that has not begun would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// The number of recipients.
    pub recipients: usize,
    /// The number of excluded candidates by reason.
    pub excluded: BTreeMap<Cow<'static, str>, usize>,
    /// The first recipient, as JSON.
    pub first: Option<String>,
}

impl Plan {
    /// Counts the recipients and the exclusions among `candidates`.
    ///
    /// # Errors
    /// If the list has changed while the candidates were read.
    pub fn of(
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Self, Changed> {
        let mut plan = Self::default();
        for candidate in candidates {
            let candidate = candidate?;
            match candidate.exclusion {
                None => {
                    plan.recipients += 1;
                    plan.first.get_or_insert(candidate.subscriber);
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
    /// Formats as `20 recipients, 5 excluded (1 duplicate, 4 unsubscribed)`.
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

/// An index of the current status of every mailbox on the list, 16 bytes each. A campaign that continues needs it, because
/// subscribers may have left since it began.
#[derive(Debug)]
pub struct StatusIndex(Vec<u128>);

/// The bits of an entry that hold the status, as an index into [`Status::ALL`]; the other bits are the digest of the
/// mailbox. So the strictest entry of a mailbox is the greatest one.
const STATUS: u128 = 0b111;

impl StatusIndex {
    /// Indexes the subscribers of a list.
    pub fn of(subscribers: impl Iterator<Item = Subscriber>) -> Self {
        let mut all: Vec<u128> = subscribers
            .map(|subscriber| {
                let status = Status::ALL
                    .iter()
                    .position(|known| *known == subscriber.status);
                mailbox(&subscriber.address.key()) | status.map_or(STATUS, |at| at as u128)
            })
            .collect();
        all.sort_unstable();
        Self(all)
    }

    /// Reads and indexes a list. `None` if the list has errors, which are added to `findings`, or has no subscribers: an
    /// empty file is probably an accident, so it does not exclude any recipients.
    pub fn read(list: &List, findings: &mut Findings) -> Option<Self> {
        let mut subscribers = list.read();
        let index = Self::of(subscribers.by_ref());
        let census = subscribers.end(findings)?;
        (census.subscribers > 0).then_some(index)
    }

    /// Why a mailbox is excluded, if it is. A mailbox that is not on the list has been removed.
    pub fn reason(&self, address_key: &str) -> Option<&'static str> {
        let wanted = mailbox(address_key);
        let after = self.0.partition_point(|entry| entry & !STATUS <= wanted);
        match self.0[..after].last() {
            Some(strictest) if strictest & !STATUS == wanted => exclusion_by_status(*strictest),
            _ => Some(REMOVED),
        }
    }
}

/// The reason for the exclusion of a mailbox with this entry of the index.
fn exclusion_by_status(entry: u128) -> Option<&'static str> {
    let status = Status::ALL.get((entry & STATUS) as usize);
    let status = status.copied().unwrap_or(Status::Pending);
    (status != Status::Active).then(|| status.as_str())
}

/// The digest of a mailbox, long enough to make collisions negligible.
fn mailbox(address_key: &str) -> u128 {
    let digest = digest::digest(&digest::SHA256, address_key.as_bytes());
    let head = digest
        .as_ref()
        .first_chunk()
        .expect("SHA-256 has 32 octets");
    u128::from_be_bytes(*head) & !STATUS
}

/// Why a subscriber is excluded from a campaign, apart from suppressions.
fn exclusion(
    subscriber: &Subscriber,
    is_new: bool,
    is_sendable: impl Fn(&Subscriber) -> bool,
) -> Option<&'static str> {
    if !is_new {
        return Some("duplicate");
    }
    match subscriber.status {
        Status::Active if !is_sendable(subscriber) => Some("unsendable"),
        Status::Active => None,
        other => Some(other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_candidate_is_a_recipient_or_has_an_exclusion_reason() {
        let subscriber = |address: &str, status| Subscriber {
            status,
            ..Subscriber::at(Address::parse(address).unwrap())
        };
        let subscribers = [
            subscriber("a@x.example", Status::Active),
            subscriber("A@X.example", Status::Active),
            subscriber("b@x.example", Status::Unsubscribed),
            subscriber("b@X.example", Status::Active),
            subscriber("ü@x.example", Status::Active),
            subscriber("c@x.example", Status::Pending),
            subscriber("D@x.example", Status::Active),
        ];
        let mut repeated = Duplicates::default();
        repeated.insert("a@x.example".to_owned(), Status::Active);
        repeated.insert("b@x.example".to_owned(), Status::Unsubscribed);
        let bounced = ("d@x.example".to_owned(), "bounced".to_owned());
        let suppressed = Suppressions::from_iter([bounced]);
        let subscribers = subscribers.into_iter().map(Ok);
        let is_sendable = |subscriber: &Subscriber| !subscriber.address.needs_smtputf8();
        let all = candidates(
            subscribers,
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
        let subscriber = |address: &str, status| Subscriber {
            status,
            ..Subscriber::at(Address::parse(address).unwrap())
        };
        for one in Status::ALL {
            for other in Status::ALL {
                let entries = [
                    subscriber("a@x.example", one),
                    subscriber("A@X.example", other),
                ];
                let reason = StatusIndex::of(entries.into_iter()).reason("a@x.example");
                let strictest = one.max(other);
                let expected = (strictest != Status::Active).then(|| strictest.as_str());
                assert_eq!(reason, expected, "{one:?}, {other:?}");
            }
        }
        let index = StatusIndex::of(std::iter::once(subscriber("b@x.example", Status::Active)));
        assert_eq!(index.reason("c@x.example"), Some("removed"));
    }
}
