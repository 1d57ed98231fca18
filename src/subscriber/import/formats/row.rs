//! A row under a header, and the values that every format reads alike.

use csv::StringRecord;

use crate::language::Language;
use crate::subscriber::import::attributes;
use crate::subscriber::import::contact::{Consent, Contact};
use crate::subscriber::import::options::ImportOptions;
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::table::Header;
use crate::subscriber::{Address, Attribute};

/// One row of a table. Columns are found by their names, in any case; a missing one is empty.
#[derive(Debug)]
pub(in crate::subscriber::import) struct ExportRow<'a> {
    pub(in crate::subscriber::import) header: &'a Header,
    pub(in crate::subscriber::import) record: &'a StringRecord,
    /// The name of the file.
    pub(in crate::subscriber::import) file: &'a str,
    pub(in crate::subscriber::import) options: &'a ImportOptions,
}

impl<'a> ExportRow<'a> {
    /// A value, trimmed.
    pub(super) fn get(&self, column: &str) -> &'a str {
        self.header
            .find(column)
            .map_or("", |number| self.value(number))
    }

    /// The value of a column by its number, trimmed.
    pub(super) fn value(&self, number: usize) -> &'a str {
        self.record.get(number).unwrap_or_default().trim()
    }

    /// A contact with the address of this column.
    pub(super) fn contact(&self, column: &str) -> Result<Contact, RejectionCode> {
        contact(self.get(column))
    }

    /// A text of one line.
    pub(super) fn text(&self, column: &str) -> Result<Option<String>, RejectionCode> {
        text(self.get(column))
    }

    /// First and last name of these columns.
    pub(super) fn names(&self, contact: &mut Contact, first: &str, last: &str) {
        contact.first_name = contact.noted(self.text(first));
        contact.last_name = contact.noted(self.text(last));
    }

    /// `true`, `yes` or `1`; `false`, `no` or `0`.
    pub(super) fn boolean(&self, column: &str) -> Result<bool, RejectionCode> {
        match self.get(column).to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(RejectionCode::UnknownStatus),
        }
    }

    /// The tags of a column.
    pub(super) fn tags(&self, contact: &mut Contact, column: &str, separators: &[char]) {
        for text in self.get(column).split(separators) {
            tag(contact, text);
        }
    }

    /// Columns as attributes; `language` or `locale` is the language.
    pub(super) fn attributes(&self, contact: &mut Contact, columns: impl Iterator<Item = usize>) {
        for number in columns {
            self.attribute(contact, &self.header.names[number], self.value(number));
        }
    }

    /// Every column but these, by their names in small letters.
    pub(super) fn others(&self, except: impl Fn(&str) -> bool) -> Vec<usize> {
        let names = self.header.names.iter().enumerate();
        names
            .filter(|(_, name)| !except(&name.to_lowercase()))
            .map(|(number, _)| number)
            .collect()
    }

    pub(super) fn attribute(&self, contact: &mut Contact, column: &str, value: &str) {
        let name = attributes::name_of(column);
        if matches!(name.as_str(), "language" | "locale") {
            contact.language = contact.noted(language(value));
        } else if let Some(value) = contact.noted(text(value)).filter(|_| !name.is_empty()) {
            contact.attributes.insert(name, Attribute::Text(value));
        }
    }

    /// A time of consent in UTC; in another notation, the column is kept as it is.
    pub(super) fn time(
        &self,
        column: &str,
        read: fn(&str) -> Option<String>,
        consent: &mut Consent,
    ) -> Option<String> {
        let text = self.get(column);
        if text.is_empty() {
            return None;
        }
        let time = read(text);
        if time.is_none() {
            self.keep(column, consent);
        }
        time
    }

    /// Keeps a column as evidence, as the file has it.
    pub(super) fn keep(&self, column: &str, consent: &mut Consent) {
        let text = self.get(column);
        if !text.is_empty() {
            consent.columns.insert(column.to_owned(), text.to_owned());
        }
    }
}

/// A contact at this address, in the spelling that identifies the mailbox.
pub(super) fn contact(address: &str) -> Result<Contact, RejectionCode> {
    if address.is_empty() {
        return Err(RejectionCode::NoAddress);
    }
    let address = Address::parse(address).map_err(|_| RejectionCode::BadAddress)?;
    let key = address.key();
    let address = match key == address.as_str() {
        true => address,
        false => Address::parse(&key).map_err(|_| RejectionCode::BadAddress)?,
    };
    Ok(Contact::at(address))
}

/// A language tag; blank is none.
pub(super) fn language(tag: &str) -> Result<Option<String>, RejectionCode> {
    if tag.is_empty() {
        return Ok(None);
    }
    let language = Language::parse(tag).ok_or(RejectionCode::BadLanguage)?;
    Ok(Some(language.tag().to_owned()))
}

/// Adds a tag to the contact, unless it is blank or not a text of one line.
pub(super) fn tag(contact: &mut Contact, tag: &str) {
    if let Some(tag) = contact.noted(text(tag.trim())) {
        contact.tag(&tag);
    }
}

/// A text of one line; blank is none.
pub(super) fn text(text: &str) -> Result<Option<String>, RejectionCode> {
    let text = plain(text)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn plain(text: &str) -> Result<&str, RejectionCode> {
    if text.chars().any(char::is_control) {
        return Err(RejectionCode::ControlCharacter);
    }
    Ok(text)
}
