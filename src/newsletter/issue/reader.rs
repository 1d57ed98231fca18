//! Common parts of reading sections: the file, and the lists that grow while it is read.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use toml::Spanned;

use super::prose::Prose;
use super::source_map::{LinkSource, RuleTestSource, SourceMap};
use super::{PictureFile, link, literal_markdown};
use crate::diag::{Finding, Findings, Place, Source};
use crate::placeholder::{self, MarkedPlaceholder, Placeholders};
use crate::subscriber::Rule;
use crate::toml_file::Text;

/// An issue's file while it is read.
pub(super) struct IssueReader<'a> {
    pub(super) source: &'a Arc<Source>,
    /// The newsletter's directory.
    pub(super) folder: &'a Path,
    pub(super) zone: &'a TimeZone,
    pub(super) placeholders: Placeholders,
    pub(super) rules: Vec<Rule>,
    pub(super) pictures: Vec<PictureFile>,
    /// The anchors of the sections read so far, with their locations.
    pub(super) anchors: Vec<(String, Place)>,
    pub(super) source_map: SourceMap,
    pub(super) findings: &'a mut Findings,
}

impl IssueReader<'_> {
    pub(super) fn text(&self, value: Spanned<String>) -> Text {
        Text::new(self.source, value)
    }

    pub(super) fn place<T>(&self, value: &Spanned<T>) -> Place {
        Place::new(self.source, value.span())
    }

    /// A single-line value, its placeholders marked.
    pub(super) fn line(&mut self, value: Spanned<String>) -> String {
        let text = self.text(value);
        let marked = placeholder::mark(&text, &mut self.placeholders, self.findings);
        let fields = self.foreign(&text, &marked);
        for mark in literal_markdown::of_line(&marked.text) {
            let at = marked.original(mark.at.clone());
            let earlier = fields.partition_point(|field| field.start < at.end);
            if fields[..earlier]
                .last()
                .is_some_and(|field| at.start < field.end)
            {
                continue;
            }
            let finding = mark.finding(text.part(at.clone()), text.place_of(at));
            self.findings.push(finding);
        }
        self.source_map.passages.push(text);
        marked.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Reports merge fields of other programs in a value without code; returns their ranges.
    fn foreign(&mut self, text: &Text, marked: &MarkedPlaceholder) -> Vec<Range<usize>> {
        let fields = placeholder::merge_fields(&marked.text, &[]).into_iter();
        let places = fields.map(|field| {
            let at = marked.original(field.at.clone());
            let finding = field.finding(text.part(at.clone()), text.place_of(at.clone()));
            self.findings.push(finding);
            at
        });
        places.collect()
    }

    pub(super) fn optional_line(&mut self, value: Option<Spanned<String>>) -> Option<String> {
        let line = self.line(value?);
        (!line.is_empty()).then_some(line)
    }

    /// A required single-line value.
    pub(super) fn required_line(
        &mut self,
        value: Option<Spanned<String>>,
        key: &str,
        owner: &str,
        place: &Place,
    ) -> Option<String> {
        let value = self.required(value, key, owner, place)?;
        let own_place = self.place(&value);
        let line = self.line(value);
        if line.is_empty() {
            let message = format!("the `{key}` of {owner} is empty");
            self.findings
                .push(Finding::error("empty-value", message).at(own_place));
            return None;
        }
        Some(line)
    }

    pub(super) fn prose(&mut self, value: Option<Spanned<String>>) -> Prose {
        let Some(value) = value else {
            return Prose::default();
        };
        let text = self.text(value);
        let (prose, links) = Prose::read(&text, &mut self.placeholders, self.findings);
        self.source_map.links.extend(links);
        self.source_map.passages.push(text);
        prose
    }

    pub(super) fn required_prose(
        &mut self,
        value: Option<Spanned<String>>,
        key: &str,
        owner: &str,
        place: &Place,
    ) -> Option<Prose> {
        let value = self.required(value, key, owner, place)?;
        let own_place = self.place(&value);
        let prose = self.prose(Some(value));
        if prose.is_empty() {
            let message = format!("the `{key}` of {owner} is empty");
            self.findings
                .push(Finding::error("empty-value", message).at(own_place));
        }
        Some(prose)
    }

    /// A required key; a value that could not be read has been reported.
    pub(super) fn required<T>(
        &mut self,
        value: Option<T>,
        key: &str,
        owner: &str,
        place: &Place,
    ) -> Option<T> {
        if value.is_none() && !self.findings.is_unread(place, key) {
            let message = format!("missing key `{key}` in {owner}");
            let finding = Finding::error("missing-key", message).at(place.clone());
            let hint = format!("write `{key} = {}`", example(key));
            self.findings.push(finding.hint(hint));
        }
        value
    }

    /// A link destination; `words` is the link's text, if the editor wrote one.
    pub(super) fn url(
        &mut self,
        value: Option<Spanned<String>>,
        words: Option<&str>,
        words_place: Option<Place>,
    ) -> Option<String> {
        let text = self.text(value?);
        let marked = placeholder::mark(&text, &mut self.placeholders, self.findings);
        self.foreign(&text, &marked);
        let place = text.place();
        let url = link::check(&marked.text, &self.placeholders, place, self.findings)?;
        self.source_map.links.push(LinkSource {
            url: url.clone(),
            words: words.map(str::to_owned),
            title: None,
            place: place.clone(),
            words_place,
        });
        Some(url)
    }

    /// An audience rule.
    pub(super) fn rule(&mut self, value: Option<Spanned<String>>) -> Option<Rule> {
        let text = self.text(value?);
        match Rule::parse_with_tests(text.value()) {
            Ok((rule, tests)) => {
                let tests = tests.into_iter().map(|test| RuleTestSource {
                    place: text.place_of(test.span),
                    rule: test.rule,
                    is_negated: test.is_negated,
                });
                self.source_map.tests.extend(tests);
                Some(rule)
            }
            Err(error) => {
                let place = text.place_of(error.span);
                let finding = Finding::error("bad-audience", error.message).at(place);
                let hint = "for example: `tag:members and not lang:fr`";
                self.findings.push(finding.hint(hint));
                None
            }
        }
    }
}

/// A value of a required key.
fn example(key: &str) -> &'static str {
    match key {
        "date" => "2026-05-30",
        "start" => "2026-05-30T18:00:00",
        "url" => "\"https://…\"",
        "guest" => "{ name = \"…\" }",
        "image" => "{ src = \"…\", alt = \"…\" }",
        _ => "\"…\"",
    }
}
