//! What identifies a person in a text that was written by hand, such as the source of a consent or the name of a file.

use std::collections::BTreeSet;
use std::ops::Range;

use super::row;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::v;
use crate::subscriber::Address;

/// The shortest local part or word of a name that is looked for inside of other words, or at all, in characters. Shorter
/// ones, such as `de`, occur in most texts.
const SHORTEST: usize = 3;

/// The address of a person and the words of the name, in lower case.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Looked for anywhere in a text.
    parts: Vec<String>,
    /// Looked for as whole words.
    words: BTreeSet<String>,
    /// Whether a name is known.
    pub(super) has_name: bool,
}

impl Identity {
    /// The address alone.
    pub(super) fn of_address(address_key: &str) -> Self {
        let mut identity = Self::default();
        identity.parts.push(address_key.to_owned());
        if let Ok(address) = Address::parse(address_key) {
            identity.parts.push(address.unicode_key().to_lowercase());
            let local_part = address.local_part().to_lowercase();
            match is_long(&local_part) {
                true => identity.parts.push(local_part),
                false => drop(identity.words.insert(local_part)),
            }
        }
        identity
    }

    /// The address, and the name that the list has for it.
    pub(super) fn of_entry(
        connection: &dyn Connection,
        address_key: &str,
    ) -> Result<Self, StoreError> {
        let mut identity = Self::of_address(address_key);
        let listed = "select data, null from subscriber where address_key = ?1";
        for mut row in connection.query(listed, &[v(address_key)])? {
            let subscriber = row::subscriber(&mut row, 0).ok_or_else(|| connection.damaged())?;
            let names = [
                &subscriber.name,
                &subscriber.first_name,
                &subscriber.last_name,
            ];
            names
                .into_iter()
                .flatten()
                .for_each(|name| identity.add(name));
        }
        Ok(identity)
    }

    /// As [`Identity::of_entry`], with the names in the deliveries of all campaigns, which are searched.
    pub(super) fn of_everything(
        connection: &dyn Connection,
        address_key: &str,
    ) -> Result<Self, StoreError> {
        let mut identity = Self::of_entry(connection, address_key)?;
        let sql = "select distinct name from delivery where address_key = ?1 and name is not null";
        for mut row in connection.query(sql, &[v(address_key)])? {
            identity.add(&row.text(0).ok_or_else(|| connection.damaged())?);
        }
        Ok(identity)
    }

    fn add(&mut self, name: &str) {
        self.has_name = true;
        let name = name.to_lowercase();
        let words = words(&name).filter(|word| is_long(word));
        self.words.extend(words.map(str::to_owned));
    }

    /// Whether a text quotes the address, its local part, or a word of the name.
    pub(super) fn is_in(&self, text: &str) -> bool {
        !self.places(&text.to_lowercase()).is_empty()
    }

    /// The texts to look for, in lower case.
    pub(super) fn needles(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().chain(&self.words)
    }

    /// A text in which [`REMOVED`] stands for what identifies the person.
    pub(super) fn redacted(&self, text: &str) -> String {
        let lower = text.to_lowercase();
        if lower.len() != text.len() {
            // The places in the two texts differ.
            return REMOVED.to_owned();
        }
        let (mut kept, mut end) = (String::new(), 0);
        for place in self.places(&lower) {
            if let Some(between) = text.get(end..place.start) {
                kept.push_str(between);
                kept.push_str(REMOVED);
            }
            end = end.max(place.end);
        }
        kept + text.get(end..).unwrap_or_default()
    }

    /// The places in a text in lower case that quote the person, in their order.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let find = |needle: &String| {
            let found = text.match_indices(needle.as_str());
            let found = found.map(|(at, part)| at..at + part.len());
            found.collect::<Vec<_>>()
        };
        let is_word = |place: &Range<usize>| {
            let before = text[..place.start].chars().next_back();
            let after = text[place.end..].chars().next();
            ![before, after]
                .into_iter()
                .flatten()
                .any(char::is_alphanumeric)
        };
        let parts = self.parts.iter().flat_map(find);
        let words = self.words.iter().flat_map(find).filter(is_word);
        let mut places: Vec<Range<usize>> = parts.chain(words).collect();
        places.sort_by_key(|place| (place.start, place.end));
        places
    }
}

/// What stands for a person in a text about others. The triggers of the store know it too.
const REMOVED: &str = "[removed]";

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// A name in a script without letter case is short: `王` is one.
fn is_long(word: &str) -> bool {
    !word.is_ascii() || word.len() >= SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_quotes_the_address_the_local_part_or_a_word_of_the_name() {
        let mut ada = Identity::of_address("ada.quell@xn--bcher-kva.example");
        ada.add("Quell, Ada de");
        for text in [
            "letter from Ada.Quell@bücher.example",
            "2026-adaquell.csv is not it, ada.quell_2026.csv is",
            "talk with Mr QUELL",
            "ada's form",
        ] {
            assert!(ada.is_in(text), "{text}");
        }
        for text in [
            "sign-up form",
            "Canada",
            "museum de Bruxelles",
            "quellen.csv",
        ] {
            assert!(!ada.is_in(text), "{text}");
        }
        assert_eq!(
            ada.redacted("Form of Ada Quell <ada.quell@bücher.example>, Canada"),
            "Form of [removed] [removed] <[removed]>, Canada"
        );
        let short = Identity::of_address("al@fen.example");
        assert!(short.is_in("al.csv") && !short.is_in("journal.csv"));
    }
}
