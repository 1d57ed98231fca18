//! An issue as its file has it: every key optional, no value checked.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use toml::Spanned;
use toml::value::Datetime;

type RawText = Option<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawIssue {
    pub(super) number: Option<i64>,
    pub(super) title: RawText,
    pub(super) subject: RawText,
    pub(super) preheader: RawText,
    pub(super) date: Option<Spanned<RawDate>>,
    pub(super) send_at: Option<Spanned<RawDate>>,
    pub(super) language: RawText,
    pub(super) template: RawText,
    pub(super) audience: RawText,
    pub(super) on_uncertain: RawText,
    pub(super) intro: RawText,
}

/// The keys that every kind of section has.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawCommon {
    #[serde(rename = "kind")]
    pub(super) _kind: RawText,
    pub(super) heading: RawText,
    pub(super) id: RawText,
    pub(super) when: RawText,
    pub(super) contributor: RawText,
    pub(super) language: RawText,
}

/// The names of those keys, in the order of hints.
pub(super) const COMMON: [&str; 6] = ["kind", "heading", "id", "when", "contributor", "language"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawProse {
    pub(super) body: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawInterview {
    pub(super) guest: Option<Spanned<RawGuest>>,
    pub(super) intro: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawGuest {
    pub(super) name: RawText,
    pub(super) role: RawText,
    pub(super) organisation: RawText,
    pub(super) bio: RawText,
    pub(super) portrait: Option<Spanned<RawPortrait>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPortrait {
    pub(super) src: RawText,
    pub(super) alt: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawExchange {
    pub(super) question: RawText,
    pub(super) answer: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawImage {
    pub(super) src: RawText,
    pub(super) alt: RawText,
    pub(super) caption: RawText,
    pub(super) credit: RawText,
    pub(super) href: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawArticle {
    pub(super) kicker: RawText,
    pub(super) body: RawText,
    pub(super) image: Option<Spanned<RawImage>>,
    pub(super) authors: Vec<Spanned<RawAuthor<RawPerson>>>,
    pub(super) link: Option<Spanned<RawLink>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPerson {
    pub(super) name: RawText,
    pub(super) role: RawText,
    pub(super) organisation: RawText,
}

/// An author of a publication as a table.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawName {
    pub(super) name: RawText,
}

/// An author: only the name, or a table.
#[derive(Debug)]
pub(super) enum RawAuthor<T> {
    Name(String),
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for RawAuthor<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AuthorVisitor(PhantomData))
    }
}

/// An untagged enum would lose the location of an error in the table.
struct AuthorVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AuthorVisitor<T> {
    type Value = RawAuthor<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a table")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(RawAuthor::Name(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(RawAuthor::Table)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawLink {
    pub(super) url: RawText,
    pub(super) text: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawReference {
    pub(super) title: RawText,
    pub(super) language: RawText,
    pub(super) url: RawText,
    pub(super) authors: Vec<Spanned<RawAuthor<RawName>>>,
    pub(super) series: RawText,
    pub(super) number: Option<RawNumber>,
    pub(super) publisher: RawText,
    pub(super) date: Option<Spanned<RawDate>>,
    pub(super) summary: RawText,
}

/// A date as the file has it: a TOML date, or a string such as `"2025-05"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "must be a date")]
pub(super) enum RawDate {
    Date(Datetime),
    Text(String),
}

/// A number in a series: `98`, or `"98/2"`.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "must be a string or an integer")]
pub(super) enum RawNumber {
    Integer(i64),
    Text(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawCall {
    pub(super) title: RawText,
    pub(super) language: RawText,
    pub(super) body: RawText,
    pub(super) organiser: RawText,
    pub(super) deadline: Option<Spanned<RawDate>>,
    pub(super) url: RawText,
    pub(super) link_text: RawText,
    pub(super) place: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNews {
    pub(super) title: RawText,
    pub(super) language: RawText,
    pub(super) body: RawText,
    pub(super) url: RawText,
    pub(super) link_text: RawText,
    pub(super) image: Option<Spanned<RawImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) title: RawText,
    pub(super) language: RawText,
    pub(super) body: RawText,
    pub(super) start: Option<Spanned<RawDate>>,
    pub(super) end: Option<Spanned<RawDate>>,
    pub(super) place: RawText,
    pub(super) url: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPicture {
    pub(super) image: Option<Spanned<RawImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawButton {
    pub(super) text: RawText,
    pub(super) url: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawQuote {
    pub(super) body: RawText,
    pub(super) by: RawText,
}

/// A kind without keys of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNothing {}
