//! The recipient whose message is shown: a subscriber, or a specimen that editors rarely think of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::project::Good;
use crate::compile::edition::Edition;
use crate::delivery;
use crate::message::{Examiner, MergeValues};
use crate::placeholder::Values;
use crate::subscriber::{Address, Duplicates, Subscriber, TokenKey};
use crate::workspace::Sources;

/// Subscribers with unusual names and addresses: the word in the URL, and the label on the page.
pub(super) const SPECIMENS: [(&str, &str); 5] = [
    ("odd:nameless", "no name, only an address"),
    ("odd:long", "a name of 60 characters"),
    ("odd:signs", "a name with < > & and \""),
    ("odd:hebrew", "a name written from right to left"),
    ("odd:abroad", "an address outside ASCII"),
];

/// The most suggestions of a search.
const MAX_SUGGESTIONS: usize = 12;

/// The recipient whose message is shown.
pub(super) struct Chosen {
    pub(super) subscriber: Subscriber,
    /// The name and address, or what the specimen is.
    pub(super) label: String,
    /// The reason why a send would exclude the subscriber, or that the address is not on the list.
    pub(super) warning: Option<String>,
}

/// The recipient that the URL names; by default, a subscriber without a name.
pub(super) fn choose(good: &Good, wanted: &str) -> Chosen {
    if let Some((word, label)) = SPECIMENS.iter().find(|(word, _)| *word == wanted) {
        return Chosen {
            subscriber: specimen(word),
            label: (*label).to_owned(),
            warning: None,
        };
    }
    let folder = &good.sources;
    let found = Address::parse(wanted)
        .ok()
        .and_then(|address| folder.list.find(&address));
    match found {
        Some(subscriber) => Chosen {
            label: named(&subscriber),
            warning: exclusion(good, &subscriber)
                .map(|reason| format!("{} gets no message: {reason}", subscriber.address)),
            subscriber,
        },
        None => Chosen {
            subscriber: Subscriber::at(folder.newsletter.from.address.clone()),
            label: "a subscriber without a name".to_owned(),
            warning: (!wanted.is_empty()).then(|| format!("`{wanted}` is not on the list")),
        },
    }
}

/// The reason why a send would exclude a subscriber.
fn exclusion(good: &Good, subscriber: &Subscriber) -> Option<Cow<'static, str>> {
    let compiled = &good.compiled;
    let (issue, examiner) = (&compiled.issue, Examiner::of(&compiled.edition));
    let once = std::iter::once(Ok(subscriber.clone()));
    let (audience, language) = (&issue.audience, issue.language.tag());
    // `find` returned the first entry of the mailbox, and only later ones are duplicates.
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

fn specimen(word: &str) -> Subscriber {
    let at = |address: &str| Subscriber::at(Address::parse(address).expect("a valid address"));
    let named = |first: &str, last: &str| Subscriber {
        name: Some(format!("{first} {last}")),
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        ..at("specimen@recipient.example")
    };
    match word {
        "odd:long" => named(
            "Wilhelmina-Konstanzia Theodora",
            "von Hohenstein-Rautenberg-Ems",
        ),
        "odd:signs" => named("<b>Ann</b> & \"Bo\"", "O'Neil <script>alert(1)</script>"),
        "odd:hebrew" => named("נועה", "אברהמי"),
        "odd:abroad" => at("läserin@bücher.example"),
        _ => at("nameless@recipient.example"),
    }
}

/// The first subscribers whose name or address contains all words.
pub(super) fn search(folder: &Sources, words: &str) -> Vec<Subscriber> {
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let matching = folder.list.read().filter(|subscriber| {
        let subscriber = named(subscriber).to_lowercase();
        wanted.iter().all(|word| subscriber.contains(word))
    });
    matching.take(MAX_SUGGESTIONS).collect()
}

/// Recipients who get the same sections.
pub(super) struct Variant {
    /// The first of them.
    pub(super) subscriber: Subscriber,
    /// Their number.
    pub(super) count: usize,
}

/// The messages that differ in their sections, the most frequent first; one if all recipients get the same sections.
pub(super) fn variants(
    edition: &Edition,
    subscribers: impl Iterator<Item = Subscriber>,
) -> Vec<Variant> {
    let key = TokenKey::specimen();
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
    fn a_specimen_is_what_its_label_says() {
        assert_eq!(specimen("odd:long").name.unwrap().chars().count(), 60);
        assert!(specimen("odd:nameless").full_name().is_none());
        assert!(specimen("odd:abroad").address.needs_smtputf8());
    }
}
