//! The plan of a send: every candidate, and why some of them get nothing.

use std::collections::{BTreeMap, HashSet};

use ring::digest;

use crate::reader::{Changed, Reader, Repeated, Rule, Status};
use crate::store::Candidate;

/// The subscribers whom `audience` selects, each with the reason why nothing is sent, if there is one.
/// `repeated` has the mailboxes that are on the list more than once.
///
/// `readers` have the strictest status of their mailboxes, as [`crate::reader::List::read_again`] gives it. Of
/// two selected entries for one mailbox the second is the duplicate.
pub fn candidates(
    readers: impl Iterator<Item = Result<Reader, Changed>>,
    repeated: &Repeated,
    audience: &Rule,
    language: &str,
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
            Ok(candidate(&reader, key, is_new))
        })
}

fn candidate(reader: &Reader, address_key: String, is_new: bool) -> Candidate {
    Candidate {
        address: reader.address.as_str().to_owned(),
        address_key,
        name: reader.full_name().map(std::borrow::Cow::into_owned),
        reader: serde_json::to_string(reader).expect("a reader has nothing that JSON lacks"),
        exclusion: exclusion(reader, is_new),
    }
}

/// What a send that has not begun would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// How many get it.
    pub readers: usize,
    /// How many do not, by reason.
    pub excluded: BTreeMap<&'static str, usize>,
    /// What becomes of the one reader who was asked for: why nothing is sent, if nothing is. `None` where it is
    /// no candidate.
    pub asked: Option<Option<&'static str>>,
}

impl Plan {
    /// The plan for `candidates`, with a look at the one whose key is `asked`.
    ///
    /// # Errors
    /// Where the candidates end with that.
    pub fn of(
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
        asked: Option<&str>,
    ) -> Result<Self, Changed> {
        let mut plan = Self::default();
        for candidate in candidates {
            let candidate = candidate?;
            match candidate.exclusion {
                None => plan.readers += 1,
                Some(reason) => *plan.excluded.entry(reason).or_insert(0) += 1,
            }
            // A duplicate has the same key and comes behind the entry that counts.
            if plan.asked.is_none() && asked == Some(candidate.address_key.as_str()) {
                plan.asked = Some(candidate.exclusion);
            }
        }
        Ok(plan)
    }
}

/// Every mailbox of the list with the reason why nothing is sent to it now, if there is one: what a send
/// that goes on has to know, for somebody may have left since it began. 16 bytes a mailbox.
#[derive(Debug)]
pub struct Standings(Vec<u128>);

/// The lowest bits of an entry are its status, a number in [`Status::ALL`]; the others are of the mailbox's
/// digest. So the strictest entry of a mailbox is its greatest.
const STATUS: u128 = 0b111;

impl Standings {
    /// Those of a list.
    pub fn of(readers: impl Iterator<Item = Reader>) -> Self {
        let mut all: Vec<u128> = readers
            .map(|reader| {
                let status = Status::ALL.iter().position(|known| *known == reader.status);
                mailbox(&reader.address.key()) | status.map_or(STATUS, |at| at as u128)
            })
            .collect();
        all.sort_unstable();
        Self(all)
    }

    /// Why nothing is sent to a mailbox, if there is a reason; who is not on the list has been removed.
    pub fn reason(&self, address_key: &str) -> Option<&'static str> {
        let wanted = mailbox(address_key);
        let behind = self.0.partition_point(|entry| entry & !STATUS <= wanted);
        let strictest = self.0[..behind].last();
        let Some(entry) = strictest.filter(|entry| *entry & !STATUS == wanted) else {
            return Some("removed");
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

fn exclusion(reader: &Reader, is_new: bool) -> Option<&'static str> {
    if !is_new {
        return Some("duplicate");
    }
    match reader.status {
        // No relay can be relied on to offer SMTPUTF8; a letter that comes back helps nobody.
        Status::Active if reader.address.needs_smtputf8() => Some("invalid"),
        Status::Active => None,
        other => Some(other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Address;

    #[test]
    fn each_candidate_is_written_to_or_has_a_reason() {
        let reader = |address: &str, status| Reader {
            status,
            ..Reader::at(Address::parse(address).unwrap())
        };
        let readers = [
            reader("a@x.example", Status::Active),
            reader("A@X.example", Status::Active),
            reader("b@x.example", Status::Unsubscribed),
            reader("b@X.example", Status::Active),
            reader("ü@x.example", Status::Active),
            reader("c@x.example", Status::Pending),
        ];
        let mut repeated = Repeated::default();
        repeated.insert("a@x.example".to_owned(), Status::Active);
        repeated.insert("b@x.example".to_owned(), Status::Unsubscribed);
        let readers = readers.into_iter().map(Ok);
        let reasons: Vec<_> = candidates(readers, &repeated, &Rule::All, "en")
            .map(|c| c.unwrap().exclusion)
            .collect();
        let expected = [
            None,
            Some("duplicate"),
            Some("unsubscribed"),
            Some("duplicate"),
            Some("invalid"),
            Some("pending"),
        ];
        assert_eq!(reasons, expected);
    }

    #[test]
    fn the_strictest_entry_of_a_mailbox_counts_in_every_order() {
        let reader = |address: &str, status| Reader {
            status,
            ..Reader::at(Address::parse(address).unwrap())
        };
        for one in Status::ALL {
            for other in Status::ALL {
                let entries = [reader("a@x.example", one), reader("A@X.example", other)];
                let reason = Standings::of(entries.into_iter()).reason("a@x.example");
                let strictest = one.max(other);
                let expected = (strictest != Status::Active).then(|| strictest.as_str());
                assert_eq!(reason, expected, "{one:?}, {other:?}");
            }
        }
        let standings = Standings::of(std::iter::once(reader("b@x.example", Status::Active)));
        assert_eq!(standings.reason("c@x.example"), Some("removed"));
    }
}
