//! An issue's file as close to the file as its types allow: every key optional, nothing judged.

use serde::Deserialize;
use toml::Spanned;

use super::date::RawDate;

type Line = Option<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawIssue {
    pub(super) number: Option<i64>,
    pub(super) title: Line,
    pub(super) subject: Line,
    pub(super) preheader: Line,
    pub(super) date: Option<Spanned<RawDate>>,
    pub(super) send_at: Option<Spanned<RawDate>>,
    pub(super) language: Line,
    pub(super) template: Line,
    pub(super) audience: Line,
    pub(super) on_uncertain: Line,
    pub(super) intro: Line,
}

/// The keys that a section of any kind may have.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawCommon {
    #[serde(rename = "kind")]
    pub(super) _kind: Line,
    pub(super) heading: Line,
    pub(super) id: Line,
    pub(super) when: Line,
    pub(super) contributor: Line,
    pub(super) language: Line,
}

/// The names of those keys, in the order in which a hint lists them.
pub(super) const COMMON: [&str; 6] = ["kind", "heading", "id", "when", "contributor", "language"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawText {
    pub(super) body: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawInterview {
    pub(super) guest: Option<Spanned<RawGuest>>,
    pub(super) intro: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawGuest {
    pub(super) name: Line,
    pub(super) role: Line,
    pub(super) organisation: Line,
    pub(super) bio: Line,
    pub(super) portrait: Option<Spanned<RawPortrait>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPortrait {
    pub(super) src: Line,
    pub(super) alt: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawExchange {
    pub(super) question: Line,
    pub(super) answer: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawImage {
    pub(super) src: Line,
    pub(super) alt: Line,
    pub(super) caption: Line,
    pub(super) credit: Line,
    pub(super) href: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawArticle {
    pub(super) kicker: Line,
    pub(super) body: Line,
    pub(super) image: Option<Spanned<RawImage>>,
    pub(super) authors: Vec<Spanned<RawAuthor>>,
    pub(super) link: Option<Spanned<RawLink>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawAuthor {
    pub(super) name: Line,
    pub(super) role: Line,
    pub(super) organisation: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawLink {
    pub(super) url: Line,
    pub(super) text: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPublication {
    pub(super) title: Line,
    pub(super) language: Line,
    pub(super) url: Line,
    pub(super) authors: Vec<Spanned<String>>,
    pub(super) series: Line,
    pub(super) number: Option<RawNumber>,
    pub(super) publisher: Line,
    pub(super) date: Option<Spanned<RawDate>>,
    pub(super) summary: Line,
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
    pub(super) title: Line,
    pub(super) language: Line,
    pub(super) body: Line,
    pub(super) organiser: Line,
    pub(super) deadline: Option<Spanned<RawDate>>,
    pub(super) url: Line,
    pub(super) link_text: Line,
    pub(super) place: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNews {
    pub(super) title: Line,
    pub(super) language: Line,
    pub(super) body: Line,
    pub(super) url: Line,
    pub(super) link_text: Line,
    pub(super) image: Option<Spanned<RawImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) title: Line,
    pub(super) language: Line,
    pub(super) body: Line,
    pub(super) start: Option<Spanned<RawDate>>,
    pub(super) end: Option<Spanned<RawDate>>,
    pub(super) place: Line,
    pub(super) url: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPicture {
    pub(super) image: Option<Spanned<RawImage>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawButton {
    pub(super) text: Line,
    pub(super) url: Line,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawQuote {
    pub(super) body: Line,
    pub(super) by: Line,
}

/// A kind without keys of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNothing {}
