//! Our own list file: `[[subscriber]]` tables, read one at a time. Its statuses show who left.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::{Each, ExportFormat, Layout, TextLayout, row};
use crate::subscriber::import::contact::{Contact, Standing};
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;
use crate::subscriber::{Attribute, Status};

/// The line with which an entry begins.
const HEAD: &str = "[[subscriber]]";

/// The most bytes of an entry. A string of several lines may contain [`HEAD`], so an entry that is not complete grows.
const ENTRY: usize = 1 << 16;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "subscribers.toml",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits: |head| head.lines().any(begins),
        shows_opt_outs: true,
        each,
    }),
};

/// The file, or a part of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entries {
    subscriber: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    email: String,
    name: String,
    first_name: String,
    last_name: String,
    language: String,
    tags: Vec<String>,
    status: Option<String>,
    attributes: BTreeMap<String, toml::Value>,
    consent: EntryConsent,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EntryConsent {
    at: Option<toml::value::Datetime>,
    source: Option<String>,
}

fn begins(line: &str) -> bool {
    line.trim_start().starts_with(HEAD)
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    let mut part = Part::default();
    each_line(text, file, |number, line| {
        if begins(line) {
            part.end(file, false, each)?;
        }
        part.add(number, line);
        Ok(())
    })?;
    part.end(file, true, each)
}

/// The lines of an entry so far.
#[derive(Debug, Default)]
struct Part {
    line: u64,
    text: String,
}

impl Part {
    fn add(&mut self, number: u64, line: &str) {
        if self.text.is_empty() {
            self.line = number;
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Reads the entry if it is complete; at the end of the file, or if it is too long, it must be.
    fn end(&mut self, file: &str, is_last: bool, each: Each<'_>) -> Result<(), ImportError> {
        match toml::from_str::<Entries>(&self.text) {
            Ok(entries) => {
                self.text.clear();
                let line = self.line;
                let mut entries = entries.subscriber.into_iter();
                entries.try_for_each(|entry| each(line, contact(entry)))
            }
            Err(_) if !is_last && self.text.len() < ENTRY => Ok(()),
            Err(error) => {
                let before = error.span().map_or(0, |span| span.start);
                let lines = self.text[..before].matches('\n').count() as u64;
                let message = error
                    .message()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let error = ImportError::new(file, message).line(self.line + lines);
                Err(error.help("correct the file: `franking check` reports all its errors"))
            }
        }
    }
}

fn contact(entry: Entry) -> Result<Contact, RejectionCode> {
    let mut contact = row::contact(entry.email.trim())?;
    contact.standing = contact.noted(standing(entry.status.as_deref()));
    contact.name = contact.noted(row::text(&entry.name));
    contact.first_name = contact.noted(row::text(&entry.first_name));
    contact.last_name = contact.noted(row::text(&entry.last_name));
    contact.language = contact.noted(row::language(&entry.language));
    for tag in &entry.tags {
        contact.tag(tag);
    }
    for (name, value) in entry.attributes {
        if let Some(value) = contact.noted(attribute(value).map(Some)) {
            contact.attributes.insert(name, value);
        }
    }
    contact.consent.source = entry.consent.source;
    if let Some(at) = entry.consent.at {
        let text = at.to_string();
        match (times::iso(&text), at.time) {
            (Some(utc), _) => contact.consent.at = Some(utc),
            (None, None) => contact.consent.at = Some(text),
            (None, Some(_)) => drop(
                contact
                    .consent
                    .columns
                    .insert("consent.at".to_owned(), text),
            ),
        }
    }
    Ok(contact)
}

fn standing(word: Option<&str>) -> Result<Standing, RejectionCode> {
    let Some(word) = word else {
        return Ok(Standing::Active);
    };
    let status = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == word);
    status
        .map(Standing::from)
        .ok_or(RejectionCode::UnknownStatus)
}

fn attribute(value: toml::Value) -> Result<Attribute, RejectionCode> {
    match value {
        toml::Value::String(text) => Ok(Attribute::Text(text)),
        toml::Value::Integer(number) => Ok(Attribute::Integer(number)),
        toml::Value::Float(number) => Ok(Attribute::Number(number)),
        toml::Value::Boolean(value) => Ok(Attribute::Boolean(value)),
        _ => Err(RejectionCode::BadAttributes),
    }
}
