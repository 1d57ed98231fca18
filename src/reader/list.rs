//! `subscribers.toml`: the list that is kept by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{Address, Attribute, Reader, Status};
use crate::diag::{Finding, Findings, Place, Source, one_of};
use crate::document::{self, Document};
use crate::escape;
use crate::language::{Language, no_language};

/// The largest list that is read from a file, in bytes; larger ones belong into the store.
pub const LARGEST_LIST: u64 = 64 << 20;

/// The name of the list below the newsletter's folder.
pub const FILE: &str = "subscribers.toml";

/// The readers in the order of the file, each with the place of its address.
#[derive(Debug, Default)]
pub struct List {
    /// Every reader whose entry could be read.
    pub readers: Vec<(Reader, Place)>,
}

/// One `[[subscriber]]`, as close to the file as its types allow.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSubscriber {
    email: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    first_name: Option<Spanned<String>>,
    last_name: Option<Spanned<String>>,
    language: Option<Spanned<String>>,
    tags: Vec<String>,
    status: Option<Spanned<String>>,
    attributes: BTreeMap<String, Spanned<toml::Value>>,
    consent: Option<RawConsent>,
}

/// When and where the reader said yes; kept in the file as evidence, not needed to send.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawConsent {
    #[serde(rename = "at")]
    _at: Option<toml::value::Datetime>,
    #[serde(rename = "source")]
    _source: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawList {}

/// Reads the list below `folder`.
pub fn read_list(folder: &Path, findings: &mut Findings) -> List {
    let Some(source) = document::read(folder, FILE, LARGEST_LIST, findings) else {
        return List::default();
    };
    let Some(mut file) = Document::parse(&source, findings) else {
        return List::default();
    };
    let mut list = List::default();
    for value in file.take_tables("subscriber", findings) {
        let place = Place::new(&source, value.span());
        let raw: RawSubscriber = document::typed(value, "a subscriber", &source, findings);
        list.readers.extend(raw.check(&source, place, findings));
    }
    let _: RawList = file.typed(FILE, findings);
    list.warn_of_duplicates(findings);
    list
}

/// The names of all attributes that some reader has: the placeholders beyond the built-in ones.
pub fn attribute_names<'a>(readers: impl Iterator<Item = &'a Reader>) -> BTreeSet<&'a str> {
    readers
        .flat_map(|reader| reader.attributes.keys().map(String::as_str))
        .collect()
}

impl List {
    /// The reader with this mailbox, however its address is spelt.
    pub fn find(&self, address: &Address) -> Option<&Reader> {
        let key = address.key();
        let mut readers = self.readers.iter().map(|(reader, _)| reader);
        readers.find(|reader| reader.address.key() == key)
    }

    /// Two entries for one mailbox are probably one person: the second gets nothing, and both are named.
    fn warn_of_duplicates(&self, findings: &mut Findings) {
        let mut first: HashMap<String, &Place> = HashMap::new();
        for (reader, place) in &self.readers {
            let Some(earlier) = first.get(&reader.address.key()) else {
                first.insert(reader.address.key(), place);
                continue;
            };
            findings.push(
                Finding::warning(
                    "duplicate-address",
                    format!("`{}` is on the list twice", reader.address),
                )
                .at(place.clone())
                .related((*earlier).clone(), "the same mailbox")
                .hint("the second entry is left out of every send; remove one of them".to_owned()),
            );
        }
    }
}

impl RawSubscriber {
    fn check(
        self,
        source: &Arc<Source>,
        place: Place,
        findings: &mut Findings,
    ) -> Option<(Reader, Place)> {
        let Some(email) = self.email else {
            if !findings.is_unread(&place, "email") {
                let message = "a subscriber without `email`";
                findings.push(Finding::error("missing-key", message).at(place));
            }
            return None;
        };
        let place = Place::new(source, email.span());
        let address = match Address::parse(email.get_ref()) {
            Ok(address) => address,
            Err(why) => {
                let message = format!(
                    "`{}` is no e-mail address",
                    escape::terminal(email.get_ref())
                );
                findings.push(
                    Finding::error("bad-address", message)
                        .at(place)
                        .hint(why.to_string()),
                );
                return None;
            }
        };
        let mut name = |value: Option<Spanned<String>>| value.map(|v| clean(v, source, findings));
        let reader = Reader {
            address,
            name: name(self.name),
            first_name: name(self.first_name),
            last_name: name(self.last_name),
            language: self
                .language
                .and_then(|tag| language(&tag, source, findings)),
            tags: self.tags.into_iter().collect(),
            status: self
                .status
                .map(|word| status(&word, source, findings))
                .unwrap_or_default(),
            attributes: attributes(self.attributes, source, findings),
        };
        Some((reader, place))
    }
}

/// A name in one line. A line break in a name is a slip of some export, or an attempt on the header.
fn clean(value: Spanned<String>, source: &Arc<Source>, findings: &mut Findings) -> String {
    let cleaned = escape::line(value.get_ref());
    if cleaned != *value.get_ref() {
        let place = Place::new(source, value.span());
        findings.push(
            Finding::warning(
                "control-character",
                "a control character in a name is left out",
            )
            .at(place)
            .hint("write the name in one line, without direction marks".to_owned()),
        );
    }
    cleaned
}

fn language(
    tag: &Spanned<String>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> Option<String> {
    let language = Language::parse(tag.get_ref());
    if language.is_none() {
        let place = Place::new(source, tag.span());
        findings.push(no_language(tag.get_ref()).at(place));
    }
    language.map(|language| language.tag().to_owned())
}

fn status(word: &Spanned<String>, source: &Arc<Source>, findings: &mut Findings) -> Status {
    let all = [
        Status::Active,
        Status::Unsubscribed,
        Status::Bounced,
        Status::Complained,
        Status::Pending,
    ];
    if let Some(status) = all.iter().find(|status| status.as_str() == word.get_ref()) {
        return *status;
    }
    let message = format!("`{}` is no status", escape::terminal(word.get_ref()));
    let place = Place::new(source, word.span());
    let hint = one_of(word.get_ref(), &all.map(Status::as_str));
    findings.push(Finding::error("bad-status", message).at(place).hint(hint));
    // Whoever cannot be understood is not written to.
    Status::Pending
}

fn attributes(
    raw: BTreeMap<String, Spanned<toml::Value>>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> BTreeMap<String, Attribute> {
    let mut attributes = BTreeMap::new();
    for (name, value) in raw {
        let place = Place::new(source, value.span());
        match attribute(value.into_inner()) {
            Some(attribute) => {
                attributes.insert(name, attribute);
            }
            None => findings.push(
                Finding::error(
                    "wrong-type",
                    format!("the attribute `{name}` is no text, number or boolean"),
                )
                .at(place),
            ),
        }
    }
    attributes
}

fn attribute(value: toml::Value) -> Option<Attribute> {
    match value {
        toml::Value::String(text) => Some(Attribute::Text(text)),
        toml::Value::Integer(number) => Some(Attribute::Integer(number)),
        toml::Value::Float(number) => Some(Attribute::Number(number)),
        toml::Value::Boolean(value) => Some(Attribute::Boolean(value)),
        _ => None,
    }
}
