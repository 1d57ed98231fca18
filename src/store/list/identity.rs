//! What identifies a person in a text that was written by hand, such as the source of a consent or the name of a file.

use std::collections::BTreeSet;

use super::quotation::Quotation;
use super::row;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::v;
use crate::subscriber::{Address, MailboxHash, mention};

/// The shortest local part or word of a name that is looked for inside of other words, or at all, in characters. Shorter
/// ones, such as `de`, occur in most texts.
const SHORTEST: usize = 3;

/// A row if the store knows the person. A suppression without an address does not count: `forget` adds one for every address.
const KNOWN: &str = "select 1 from subscriber where address_key = ?1
     union all select 1 from delivery where address_key = ?1
     union all select 1 from bounce where address_key = ?1
     union all select 1 from suppression where address_key = ?1
     union all select 1 from list_event where address_key in (?1, ?2)
     union all select 1 from consent where hash = ?2 limit 1";

/// A row if the person is on the list and has had one name there, as far as its history shows.
const UNCHANGED: &str = "select 1 from subscriber where address_key = ?1
     and (select count(*) from list_event where address_key in (?1, ?2)
     and action in ('add', 'update', 'import', 'remove')) < 2";

/// The address of a person and the words of the name, in lower case.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Looked for anywhere in a text.
    parts: Vec<String>,
    /// Looked for as whole words.
    words: BTreeSet<String>,
    has_name: bool,
    /// Whether every name is known that the person has had: otherwise any text may have another one.
    pub(super) is_complete: bool,
    /// What quotes the person in texts about others.
    pub(super) quotation: Quotation,
}

impl Identity {
    /// The address alone.
    pub(super) fn of_address(address_key: &str) -> Self {
        let mut identity = Self {
            quotation: Quotation::of_address(address_key),
            ..Self::default()
        };
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
            let parts = [&subscriber.first_name, &subscriber.last_name];
            let parts = parts.into_iter().flatten();
            parts.for_each(|part| identity.add_words(part));
            let name = subscriber.full_name();
            name.iter().for_each(|name| identity.add(name));
        }
        Ok(identity)
    }

    /// As [`Identity::of_entry`], with the names in the deliveries of all campaigns, which are searched, and with the local
    /// part in texts about others, if the store knows the person.
    pub(super) fn of_everything(
        connection: &dyn Connection,
        hash: &MailboxHash,
        address_key: &str,
    ) -> Result<Self, StoreError> {
        let mut identity = Self::of_entry(connection, address_key)?;
        let sql = "select distinct name from delivery where address_key = ?1 and name is not null";
        for mut row in connection.query(sql, &[v(address_key)])? {
            identity.add(&row.text(0).ok_or_else(|| connection.damaged())?);
        }
        let person = [v(address_key), v(hash.as_str())];
        if !connection.query(KNOWN, &person)?.is_empty() {
            identity.quotation.add_local_part();
        }
        identity.is_complete =
            identity.has_name && !connection.query(UNCHANGED, &person)?.is_empty();
        Ok(identity)
    }

    /// Adds a full name.
    fn add(&mut self, name: &str) {
        self.add_words(name);
        self.quotation.add_name(name);
    }

    fn add_words(&mut self, name: &str) {
        self.has_name = true;
        let name = name.to_lowercase();
        let words = words(&name).filter(|word| is_long(word));
        self.words.extend(words.map(str::to_owned));
    }

    /// Whether a text quotes the address, its local part, or a word of the name.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.quotes(&text.to_lowercase())
    }

    /// Whether a text in lower case quotes the person.
    fn quotes(&self, text: &str) -> bool {
        let mut parts = self.parts.iter();
        let mut words = words(text);
        parts.any(|part| text.contains(part.as_str()))
            || words.any(|word| self.words.contains(word))
            || self.has_joined_word(text)
    }

    /// Whether a text has a short local part that is not a word, such as `a.b`.
    fn has_joined_word(&self, text: &str) -> bool {
        let mut joined = self
            .words
            .iter()
            .filter(|word| !word.chars().all(char::is_alphanumeric));
        joined.any(|word| mention::words(text, word).next().is_some())
    }
}

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
        let short = Identity::of_address("al@fen.example");
        assert!(short.is_in("al.csv") && !short.is_in("journal.csv"));
    }
}
