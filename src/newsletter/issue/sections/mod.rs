//! The sections of an issue, from the file's tables to checked content.

mod items;
mod kinds;
mod tables;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::raw::{COMMON, RawCommon};
use super::reader::IssueReader;
use super::source_map::LanguageSource;
use super::{Article, Content, Link, Section};
use crate::diag::{Finding, Place, one_of};
use crate::language::Language;
use crate::toml_file::{self, TomlValue};
use crate::util::escape;

/// The kinds of sections.
pub(super) const KINDS: [&str; 12] = [
    "text",
    "interview",
    "article",
    "publications",
    "calls",
    "news",
    "events",
    "image",
    "button",
    "quote",
    "divider",
    "contents",
];

impl IssueReader<'_> {
    /// Reads one `[[section]]`; `None` if its kind is unknown or a required key is missing.
    pub(super) fn section(&mut self, value: TomlValue<'_>) -> Option<Section> {
        let first = self.findings.len();
        let contributor = toml_file::peek_text(&value, "contributor", self.source);
        let section = self.in_language(value, false, Self::whole_section);
        if let Some(contributor) = contributor {
            self.findings.attribute(first, contributor.value());
        }
        section
    }

    /// Reads a section or an item with `read`, and records its own language.
    pub(super) fn in_language<'s, T>(
        &mut self,
        value: TomlValue<'s>,
        is_item: bool,
        read: impl FnOnce(&mut Self, TomlValue<'s>) -> Option<T>,
    ) -> Option<T> {
        let language = toml_file::peek_text(&value, "language", self.source);
        let language = language.and_then(|tag| Language::parse(tag.value()));
        let first = self.source_map.passages.len();
        let read = read(self, value);
        if let Some(language) = language {
            self.source_map.languages.push(LanguageSource {
                language,
                passages: first..self.source_map.passages.len(),
                is_item,
            });
        }
        read
    }

    fn whole_section(&mut self, mut value: TomlValue<'_>) -> Option<Section> {
        let place = self.head_of(&value);
        let kind = self.kind(&value, &place)?;
        let common = toml_file::split_off(&mut value, &COMMON);
        let common: RawCommon = toml_file::typed(common, "a section", self.source, self.findings);
        let when = self.rule(common.when).map(|rule| {
            self.rules.push(rule);
            self.rules.len() - 1
        });
        let first = self.source_map.links.len();
        let content = self.content(&kind, value, &place);
        if content.as_ref().is_some_and(has_link_without_text) {
            let heading = common.heading.as_ref();
            self.titled(first, heading.map(|heading| heading.get_ref().as_str()));
        }
        Some(Section {
            heading: self.optional_line(common.heading),
            id: common.id.and_then(|id| self.anchor(id)),
            when,
            contributor: self.optional_line(common.contributor),
            language: self.language(common.language),
            content: content?,
            place,
        })
    }

    /// The anchor of a section: links to it end in `#` and the anchor.
    fn anchor(&mut self, id: Spanned<String>) -> Option<String> {
        let place = self.place(&id);
        let id = id.into_inner();
        let is_anchor = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || !id.chars().all(is_anchor) {
            let message = format!("invalid `id` `{}`", escape::terminal(&id));
            let finding = Finding::error("bad-value", message).at(place);
            let hint = "use alphanumeric characters, `-`, `_` and `.`, such as `call-for-papers`";
            self.findings.push(finding.hint(hint));
            return None;
        }
        if let Some((_, first)) = self.anchors.iter().find(|(other, _)| *other == id) {
            let message = format!("two sections have the `id` `{id}`");
            let finding = Finding::error("duplicate-id", message).at(place);
            let finding = finding.related(first.clone(), "first used here");
            let hint = "links lead to the first section: give the second an `id` of its own";
            self.findings.push(finding.hint(hint));
            return None;
        }
        self.anchors.push((id.clone(), place));
        Some(id)
    }

    fn kind(&mut self, value: &TomlValue<'_>, place: &Place) -> Option<String> {
        let Some(kind) = toml_file::peek_text(value, "kind", self.source) else {
            let finding = match value.get_ref().get("kind") {
                Some(other) => Finding::error("wrong-type", "`kind` must be a string")
                    .at(Place::new(self.source, other.span())),
                None => Finding::error("missing-key", "missing key `kind` in a section")
                    .at(place.clone()),
            };
            self.findings.push(finding.hint(one_of("", &KINDS)));
            return None;
        };
        let name = kind.value();
        if KINDS.contains(&name) {
            return Some(name.to_owned());
        }
        let message = format!("unknown section kind `{name}`");
        let finding = Finding::error("unknown-kind", message).at(kind.place().clone());
        self.findings.push(finding.hint(one_of(name, &KINDS)));
        None
    }

    /// The content of a section of the known kind `kind`.
    fn content(&mut self, kind: &str, value: TomlValue<'_>, place: &Place) -> Option<Content> {
        match kind {
            "text" => self.prose_section(value, place),
            "interview" => self.interview(value, place),
            "article" => self.article(value, place),
            "publications" => self.publications(value, place),
            "calls" => self.calls(value, place),
            "news" => self.news(value, place),
            "events" => self.events(value, place),
            "image" => self.image(value, place),
            "button" => self.button(value, place),
            "quote" => self.quote(value, place),
            "divider" => self.nothing(value, "a divider").map(|()| Content::Divider),
            _ => self
                .nothing(value, "the contents")
                .map(|()| Content::Contents),
        }
    }

    /// Converts a section without its common keys and its tables; `tables` is the key of these.
    pub(super) fn typed_section<T>(
        &mut self,
        value: TomlValue<'_>,
        what: &str,
        tables: Option<&str>,
    ) -> T
    where
        T: DeserializeOwned + Default,
    {
        let beside: Vec<&str> = tables.into_iter().chain(COMMON).collect();
        toml_file::typed_beside(value, what, &beside, self.source, self.findings)
    }

    /// Converts a table within a section.
    pub(super) fn typed<T>(&mut self, value: TomlValue<'_>, what: &str) -> T
    where
        T: DeserializeOwned + Default,
    {
        toml_file::typed(value, what, self.source, self.findings)
    }

    /// The header of a table, `[[section]]`, to which findings about the whole table point.
    pub(super) fn head_of(&self, value: &TomlValue<'_>) -> Place {
        Place::new(self.source, value.span())
    }
}

fn has_link_without_text(content: &Content) -> bool {
    let Content::Article(Article { link, .. }) = content else {
        return false;
    };
    matches!(link, Some(Link { text: None, .. }))
}
