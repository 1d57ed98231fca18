//! As whom the letter is read: anybody on the list, and those of whom editors do not think.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::project::Good;
use crate::compile::edition::Edition;
use crate::delivery;
use crate::message::{Examiner, MergeValues};
use crate::placeholder::Values;
use crate::subscriber::{Address, Duplicates, Subscriber};
use crate::util::key::Key;
use crate::workspace::Sources;

/// The readers who try a letter out: the word in the URL, what the page calls them.
pub(super) const SPECIMENS: [(&str, &str); 5] = [
    ("odd:nameless", "nothing known but the address"),
    ("odd:long", "a name of 60 characters"),
    ("odd:signs", "a name of < > & and \""),
    ("odd:hebrew", "a name from right to left"),
    ("odd:abroad", "an address beyond ASCII"),
];

/// How many suggestions a search gives.
const FOUND: usize = 12;

/// A reader and why it is this one.
pub(super) struct Chosen {
    pub(super) subscriber: Subscriber,
    /// What the page says of the choice.
    pub(super) label: String,
    /// What is wrong with the choice, if something is.
    pub(super) warning: Option<String>,
}

/// The reader whom the URL names; without one, a subscriber without a name.
pub(super) fn choose(good: &Good, wanted: &str) -> Chosen {
    if let Some((word, label)) = SPECIMENS.iter().find(|(word, _)| *word == wanted) {
        return Chosen {
            subscriber: odd(word),
            label: (*label).to_owned(),
            warning: None,
        };
    }
    let folder = &good.folder;
    let found = Address::parse(wanted)
        .ok()
        .and_then(|address| folder.list.find(&address));
    match found {
        Some(subscriber) => Chosen {
            label: named(&subscriber),
            warning: why_not(good, &subscriber)
                .map(|why| format!("{} is {why} and gets nothing", subscriber.address)),
            subscriber,
        },
        None => Chosen {
            subscriber: Subscriber::at(folder.newsletter.from.address.clone()),
            label: "a subscriber without a name".to_owned(),
            warning: (!wanted.is_empty()).then(|| format!("`{wanted}` is not on the list")),
        },
    }
}

/// Why a send would pass over somebody on the list.
fn why_not(good: &Good, subscriber: &Subscriber) -> Option<Cow<'static, str>> {
    let compiled = &good.compiled;
    let (issue, examiner) = (&compiled.issue, Examiner::of(&compiled.edition));
    let once = std::iter::once(Ok(subscriber.clone()));
    let (audience, language) = (&issue.audience, issue.language.tag());
    // The first of a mailbox's entries has been found, and that is no duplicate.
    let repeated = Duplicates::default();
    let is_sendable = |subscriber: &Subscriber| examiner.unsendable(subscriber).is_none();
    let mut candidates = delivery::candidates(
        once,
        &repeated,
        audience,
        language,
        &good.suppressed,
        is_sendable,
    );
    match candidates.next() {
        Some(candidate) => candidate.map_or(None, |candidate| candidate.exclusion),
        None => Some(Cow::Borrowed("not in the audience")),
    }
}

/// `Ann Aster <ann@reader.example>`
pub(super) fn named(subscriber: &Subscriber) -> String {
    match subscriber.full_name() {
        Some(name) => format!("{name} <{}>", subscriber.address),
        None => subscriber.address.to_string(),
    }
}

fn odd(word: &str) -> Subscriber {
    let at = |address: &str| Subscriber::at(Address::parse(address).expect("an address of ours"));
    let called = |first: &str, last: &str| Subscriber {
        name: Some(format!("{first} {last}")),
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        ..at("odd.reader@reader.example")
    };
    match word {
        "odd:long" => called(
            "Wilhelmina-Konstanzia Theodora",
            "von Hohenstein-Rautenberg-Ems",
        ),
        "odd:signs" => called("<b>Ann</b> & \"Bo\"", "O'Neil <script>alert(1)</script>"),
        "odd:hebrew" => called("נועה", "אברהמי"),
        "odd:abroad" => at("läserin@bücher.example"),
        _ => at("nameless@reader.example"),
    }
}

/// Those on the list in whose name or address the words are, the first few.
pub(super) fn search(folder: &Sources, words: &str) -> Vec<Subscriber> {
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let matching = folder.list.read().filter(|subscriber| {
        let subscriber = named(subscriber).to_lowercase();
        wanted.iter().all(|word| subscriber.contains(word))
    });
    matching.take(FOUND).collect()
}

/// Readers who see the same parts of a letter.
pub(super) struct Variant {
    /// One of them.
    pub(super) subscriber: Subscriber,
    /// How many there are.
    pub(super) count: usize,
}

/// The letters that differ by more than a name, the commonest first; one where the letter is the same for all.
pub(super) fn variants(
    edition: &Edition,
    subscribers: impl Iterator<Item = Subscriber>,
) -> Vec<Variant> {
    let key = Key::specimen();
    let mut variants: BTreeMap<Vec<bool>, Variant> = BTreeMap::new();
    for subscriber in subscribers {
        let personal = MergeValues::new(edition, &subscriber, &key);
        let seen = (0..edition.rules.len()).map(|rule| personal.sees(rule));
        let variant = variants.entry(seen.collect()).or_insert_with(|| Variant {
            subscriber: subscriber.clone(),
            count: 0,
        });
        variant.count += 1;
    }
    let mut variants: Vec<Variant> = variants.into_values().collect();
    variants.sort_by_key(|variant| std::cmp::Reverse(variant.count));
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_reader_is_what_its_label_says() {
        assert_eq!(odd("odd:long").name.unwrap().chars().count(), 60);
        assert!(odd("odd:nameless").full_name().is_none());
        assert!(odd("odd:abroad").address.needs_smtputf8());
    }
}
