//! The plan of a send: every candidate, and why some of them get nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::reader::{Reader, Rule, Status};
use crate::store::Candidate;

/// The readers whom `audience` selects, each with the reason why nothing is sent, if there is one.
///
/// Of two entries for one mailbox the second is the duplicate, also where the first is not active: whoever
/// has left does not come back by another spelling.
pub fn candidates<'a>(
    readers: impl Iterator<Item = &'a Reader> + 'a,
    audience: &'a Rule,
    language: &'a str,
) -> impl Iterator<Item = Candidate> + 'a {
    let mut seen = HashSet::new();
    readers
        .filter(move |reader| audience.selects(reader, language))
        .map(move |reader| {
            let address_key = reader.address.key();
            let is_new = seen.insert(address_key.clone());
            Candidate {
                address: reader.address.as_str().to_owned(),
                name: reader.full_name().map(std::borrow::Cow::into_owned),
                reader: serde_json::to_string(reader)
                    .expect("a reader has nothing that JSON lacks"),
                exclusion: exclusion(reader, is_new),
                address_key,
            }
        })
}

/// Every mailbox of the list with the reason why nothing is sent to it now, if there is one: what a send
/// that goes on has to know, for somebody may have left since it began.
pub fn standings<'a>(
    readers: impl Iterator<Item = &'a Reader>,
) -> HashMap<String, Option<&'static str>> {
    let mut standings = HashMap::new();
    for reader in readers {
        let reason = (reader.status != Status::Active).then(|| reader.status.as_str());
        // The first entry of a mailbox speaks for it, as in the plan.
        standings.entry(reader.address.key()).or_insert(reason);
    }
    standings
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

/// How many candidates are excluded, by reason.
pub fn exclusion_counts<'a>(
    candidates: impl Iterator<Item = &'a Candidate>,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for reason in candidates.filter_map(|candidate| candidate.exclusion) {
        *counts.entry(reason).or_insert(0) += 1;
    }
    counts
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
        let reasons: Vec<_> = candidates(readers.iter(), &Rule::All, "en")
            .map(|c| c.exclusion)
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
}
