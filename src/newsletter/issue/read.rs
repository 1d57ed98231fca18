//! `issues/NAME.toml`, from the file to an [`Issue`].

use std::path::Path;
use std::sync::Arc;

use super::files::path_of;
use super::raw::RawIssue;
use super::reader::IssueReader;
use super::{
    Content, Issue, IssueIdentity, OnUncertain, Prose, Section, SourceMap, misplaced_tables,
    skeleton,
};
use crate::diag::{Finding, Findings, Place, Source, one_of};
use crate::language::{Language, registered};
use crate::newsletter::config::Newsletter;
use crate::placeholder::Placeholders;
use crate::subscriber::Rule;
use crate::toml_file::{self, Document, LARGEST_FILE};

/// Reads and checks the issue `name` in `folder`.
///
/// All errors become findings. `None` if the file cannot be read or lacks a required key; an issue that is returned may
/// still have errors that prevent sending.
pub fn read(
    folder: &Path,
    name: &str,
    newsletter: &Newsletter,
    findings: &mut Findings,
) -> Option<Issue> {
    let source = toml_file::read(folder, &path_of(name), LARGEST_FILE, findings)?;
    let mut file = Document::parse(&source, findings)?;
    let sections = file.take_tables("section", findings);
    misplaced_tables::take_out(&mut file, &sections, findings);
    let raw: RawIssue = file.typed_beside("an issue", &["section"], findings);
    let mut reading = IssueReader::begin(&source, folder, newsletter, findings);
    let head = reading.head(raw, newsletter);
    let sections = sections.into_iter();
    let sections: Vec<Section> = sections
        .filter_map(|value| reading.section(value))
        .collect();
    let head = head?;
    reading.require_content(&head.intro, &sections);
    Some(Issue {
        name: name.to_owned(),
        sections,
        placeholders: reading.placeholders,
        rules: reading.rules,
        pictures: reading.pictures,
        source_map: reading.source_map,
        ..head
    })
}

/// The identity of the issue `name`; `None` if the file does not contain it.
pub fn identity(folder: &Path, name: &str, newsletter: &Newsletter) -> Option<IssueIdentity> {
    let mut ignored = Findings::new();
    let source = toml_file::read(folder, &path_of(name), LARGEST_FILE, &mut ignored)?;
    let content = content(source.text());
    let mut file = Document::parse(&source, &mut ignored)?;
    file.take_tables("section", &mut ignored);
    let raw: RawIssue = file.typed("an issue", &mut ignored);
    let mut reading = IssueReader::begin(&source, folder, newsletter, &mut ignored);
    let issue = reading.head(raw, newsletter)?;
    let source_map = reading.source_map;
    let head = IssueIdentity::of(&Issue {
        name: name.to_owned(),
        source_map,
        ..issue
    });
    let is_starter = content == self::content(&skeleton(name, None));
    Some(IssueIdentity {
        content,
        is_starter,
        ..head
    })
}

/// The introduction and sections of a file, without formatting and comments.
fn content(text: &str) -> String {
    let parts = toml::from_str::<toml::Table>(text).map(|file| {
        let parts = ["intro", "section"].map(|key| Some((key.to_owned(), file.get(key)?.clone())));
        parts.into_iter().flatten().collect::<toml::Table>()
    });
    parts.map_or_else(|_| String::new(), |parts| parts.to_string())
}

impl<'a> IssueReader<'a> {
    fn begin(
        source: &'a Arc<Source>,
        folder: &'a Path,
        newsletter: &'a Newsletter,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            source,
            folder,
            zone: &newsletter.time_zone,
            placeholders: Placeholders::default(),
            rules: Vec::new(),
            pictures: Vec::new(),
            anchors: Vec::new(),
            source_map: SourceMap::default(),
            findings,
        }
    }
}

impl IssueReader<'_> {
    /// Reports an issue without content. In a file with errors, the content may be what could not be read.
    fn require_content(&mut self, intro: &Prose, sections: &[Section]) {
        // Dividers have no content, and contents only list other sections.
        let shows_nothing =
            |one: &Section| matches!(one.content, Content::Divider | Content::Contents);
        let is_empty = intro.is_empty() && sections.iter().all(shows_nothing);
        if is_empty && !self.findings.has_errors() {
            let hint = "write an `intro`, or a `[[section]]` with text, pictures or items";
            self.findings.push(
                Finding::error("no-content", "this issue has no content")
                    .at(self.source_map.subject.clone())
                    .hint(hint),
            );
        }
    }

    /// The keys above the first section.
    fn head(&mut self, raw: RawIssue, newsletter: &Newsletter) -> Option<Issue> {
        let top = Place::new(self.source, 0..0);
        let send_at_place = raw.send_at.as_ref().map(|at| self.place(at));
        let send_at = self.moment(raw.send_at, "send_at");
        let audience_place = raw.audience.as_ref().map(|rule| self.place(rule));
        let audience = self.rule(raw.audience).unwrap_or(Rule::All);
        self.source_map.subject = raw.subject.as_ref().map(|subject| self.place(subject));
        self.source_map.preheader = raw.preheader.as_ref().map(|words| self.place(words));
        let title = self.optional_line(raw.title);
        let subject = self.required_line(raw.subject, "subject", "an issue", &top);
        let preheader = self.optional_line(raw.preheader);
        let intro = self.prose(raw.intro);
        let language = self.language(raw.language);
        let on_uncertain = self.on_uncertain(raw.on_uncertain);
        let (template_place, template) = match raw.template {
            Some(name) => (Some(self.place(&name)), name.into_inner()),
            None => (
                newsletter.template_place.clone(),
                newsletter.template.clone(),
            ),
        };
        let date = self.required(raw.date, "date", "an issue", &top);
        let date = self.day(date, "date");
        Some(Issue {
            name: String::new(),
            number: raw.number,
            title,
            subject: subject?,
            preheader,
            date: date?,
            send_at,
            send_at_place,
            language: language.unwrap_or_else(|| newsletter.language.clone()),
            template,
            template_place,
            audience,
            audience_place,
            on_uncertain,
            intro,
            sections: Vec::new(),
            placeholders: Placeholders::default(),
            rules: Vec::new(),
            pictures: Vec::new(),
            source_map: SourceMap::default(),
        })
    }

    pub(super) fn language(&mut self, tag: Option<toml::Spanned<String>>) -> Option<Language> {
        let tag = tag?;
        let language = registered(tag.get_ref());
        let place = self.place(&tag);
        let pushed = language.map_err(|finding| self.findings.push(finding.at(place)));
        pushed.ok()
    }

    fn on_uncertain(&mut self, word: Option<toml::Spanned<String>>) -> OnUncertain {
        let all = [OnUncertain::Hold, OnUncertain::Resend, OnUncertain::Skip];
        let Some(word) = word else {
            return OnUncertain::default();
        };
        if let Some(policy) = all.iter().find(|policy| policy.as_str() == word.get_ref()) {
            return *policy;
        }
        let message = format!("invalid value `{}` for `on_uncertain`", word.get_ref());
        let place = self.place(&word);
        let hint = one_of(word.get_ref(), &all.map(OnUncertain::as_str));
        self.findings
            .push(Finding::error("bad-value", message).at(place).hint(hint));
        OnUncertain::default()
    }
}
