//! What quotes a person in a text about others: less than in a text about the person, because it is their evidence.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::store::connection::Connection;
use crate::store::value::{Value, v};
use crate::subscriber::{Address, mention};

/// The shortest local part that is looked for in texts about others, in characters.
const SHORTEST: usize = 6;

/// The shortest part of a quotation that the database looks for, in bytes.
const SHORTEST_NEEDLE: usize = 3;

/// What stands for a person in a text about others. The triggers of the store know it too.
const REMOVED: &str = "[removed]";

/// The whole address, the whole name, and a distinctive local part, folded as by [`mention::fold`].
#[derive(Debug, Default)]
pub(super) struct Quotation {
    addresses: Vec<String>,
    local_part: Option<String>,
    names: BTreeSet<Vec<String>>,
}

impl Quotation {
    /// The address alone.
    pub(super) fn of_address(address_key: &str) -> Self {
        let mut addresses = BTreeSet::from([mention::fold(address_key)]);
        if let Ok(address) = Address::parse(address_key) {
            addresses.insert(mention::fold(&address.unicode_key()));
        }
        Self {
            addresses: addresses.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds the local part of the address, if it is distinctive.
    pub(super) fn add_local_part(&mut self) {
        let address = self.addresses.first().and_then(|key| key.rsplit_once('@'));
        let local_part = address.map(|(local_part, _)| local_part.to_owned());
        self.local_part = local_part.filter(|local_part| is_distinctive(local_part));
    }

    /// Adds a full name of at least two words, also with the last word, or the part after a comma, first.
    pub(super) fn add_name(&mut self, name: &str) {
        let folded = mention::fold(name);
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
            words
                .filter(|word| word.chars().any(char::is_alphanumeric))
                .map(str::to_owned)
                .collect()
        };
        let mut names = vec![words(&folded)];
        if let Some((last, first)) = folded.split_once(',') {
            names.push([words(first), words(last)].concat());
        } else if let [first @ .., last] = &names[0][..] {
            names.push([std::slice::from_ref(last), first].concat());
        }
        self.names
            .extend(names.into_iter().filter(|name| name.len() > 1));
    }

    /// Whether a text has the whole address.
    pub(super) fn has_address(&self, text: &str) -> bool {
        let text = mention::fold(text);
        let mut addresses = self.addresses.iter();
        addresses.any(|address| mention::addresses(&text, address).next().is_some())
    }

    /// Whether a text has the whole name.
    pub(super) fn has_name(&self, text: &str) -> bool {
        let text = mention::fold(text);
        let mut names = self.names.iter();
        names.any(|name| mention::names(&text, name).next().is_some())
    }

    /// Whether a text quotes the person.
    pub(super) fn is_in(&self, text: &str) -> bool {
        !self.places(&mention::fold(text)).is_empty()
    }

    /// A text in which [`REMOVED`] stands for the person.
    pub(super) fn redacted(&self, text: &str) -> String {
        let (mut kept, mut end) = (String::new(), 0);
        for place in self.places(&mention::fold(text)) {
            if let Some(between) = text.get(end..place.start) {
                kept.push_str(between);
                kept.push_str(REMOVED);
            }
            end = end.max(place.end);
        }
        kept + text.get(end..).unwrap_or_default()
    }

    /// The places in a folded text that quote the person, in their order.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let addresses = self.addresses.iter();
        let addresses = addresses.flat_map(|address| mention::addresses(text, address));
        let words = self.local_part.iter();
        let words = words.flat_map(|word| mention::words(text, word));
        let names = self.names.iter();
        let names = names.flat_map(|name| mention::names(text, name));
        let mut places: Vec<Range<usize>> = addresses.chain(words).chain(names).collect();
        places.sort_by_key(|place| (place.start, place.end));
        places
    }

    /// A condition in SQL that every text meets which may quote the person, with its values as the parameters from number
    /// `first` on.
    pub(super) fn condition(
        &self,
        connection: &dyn Connection,
        column: &str,
        first: usize,
    ) -> (String, Vec<Value>) {
        let texts = self.addresses.iter().chain(&self.local_part);
        let texts = texts.map(|text| needle(text));
        let names = self.names.iter().filter_map(|name| {
            let words = name.iter().map(|word| needle(word));
            words.max_by_key(|word| word.len())
        });
        let needles: BTreeSet<&str> = texts.chain(names).collect();
        // A name of short words, or one in another script: SQLite's `lower` changes ASCII only.
        if needles.iter().any(|needle| needle.len() < SHORTEST_NEEDLE) {
            return ("true".to_owned(), Vec::new());
        }
        let lower = format!("lower({column})");
        let conditions: Vec<String> = (first..first + needles.len())
            .map(|number| connection.contains(&lower, &format!("?{number}")))
            .collect();
        let values = needles.into_iter().map(v).collect();
        (format!("({})", conditions.join(" or ")), values)
    }
}

/// The longest part of a text that is the same in JSON and in each database's lower case.
fn needle(text: &str) -> &str {
    let parts = text.split(|c: char| !c.is_ascii() || c == '"' || c == '\\');
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

/// Whether a local part is hardly a word: `ada.quell` and `quell77` are distinctive, `press` and `2024` are not.
fn is_distinctive(local_part: &str) -> bool {
    let letters: Vec<char> = local_part.chars().collect();
    let is_joined = letters
        .windows(3)
        .any(|part| part[0].is_alphabetic() && "._-+".contains(part[1]) && part[2].is_alphabetic());
    let has = |is: fn(char) -> bool| letters.iter().any(|c| is(*c));
    letters.len() >= SHORTEST && (is_joined || has(char::is_alphabetic) && has(char::is_numeric))
}
