//! The outline: the issue's sections in the order of the file, each with its findings.

use maud::{Markup, html};

use super::scene::Scene;
use super::weight;
use crate::diag::{Finding, Place};
use crate::message::Sizes;
use crate::newsletter::issue;
use crate::newsletter::issue::{Content, Section};
use crate::placeholder;

pub(super) fn outline(scene: &Scene<'_>) -> Markup {
    let rows = rows(scene);
    let file = issue::path_of(&scene.issue.name);
    html! {
        nav.outline #outline aria-label="Outline" {
            h2 { "Outline" }
            ol {
                @for row in &rows {
                    li class=[(!row.is_shown).then_some("not-shown")] {
                        @match row.number {
                            Some(number) => a href={ "#section-" (number) } data-section=(number) { (row.label) },
                            None => span { (row.label) },
                        }
                        @if !row.is_shown { " " span.quiet { "(not for this subscriber)" } }
                        @if let Some(place) = &row.place { " " code { (line_of(place)) } }
                        (findings(&row.findings, &file))
                    }
                }
            }
        }
    }
}

fn findings(findings: &[&Finding], file: &str) -> Markup {
    html! {
        @if !findings.is_empty() {
            ul {
                @for finding in findings {
                    li {
                        (weight(finding.severity)) " " (finding.message)
                        @if let Some(place) = &finding.place { " " code { (where_is(place, file)) } }
                    }
                }
            }
        }
    }
}

/// `41:8`, without the file, which is that of the issue.
fn line_of(place: &Place) -> String {
    let position = place.position();
    format!("{}:{}", position.line, position.column)
}

fn where_is(place: &Place, file: &str) -> String {
    if place.source().path() == file {
        line_of(place)
    } else {
        place.to_string()
    }
}

/// An entry of the outline: a section, the part before the first section, or other files.
struct OutlineRow<'a> {
    label: String,
    /// The section's number, if it is a section.
    number: Option<usize>,
    place: Option<Place>,
    /// Whether the recipient gets the section.
    is_shown: bool,
    findings: Vec<&'a Finding>,
}

impl<'a> OutlineRow<'a> {
    fn of_no_section(label: &str, findings: Vec<&'a Finding>) -> Self {
        Self {
            label: label.to_owned(),
            number: None,
            place: None,
            is_shown: true,
            findings,
        }
    }

    /// The line where it starts; 0 if it has no place.
    fn line(&self) -> usize {
        self.place.as_ref().map_or(0, |place| place.position().line)
    }
}

fn rows<'a>(scene: &Scene<'a>) -> Vec<OutlineRow<'a>> {
    let mut rows = vec![OutlineRow::of_no_section("Head", Vec::new())];
    rows.extend(sections(scene));
    let file = issue::path_of(&scene.issue.name);
    let mut elsewhere = Vec::new();
    for finding in &scene.issue.findings {
        match &finding.place {
            Some(place) if place.source().path() == file => row_of(&mut rows, place).push(finding),
            _ => elsewhere.push(finding),
        }
    }
    if !elsewhere.is_empty() {
        rows.push(OutlineRow::of_no_section("Other files", elsewhere));
    }
    rows
}

/// A row without findings for each section.
fn sections<'a>(scene: &Scene<'_>) -> Vec<OutlineRow<'a>> {
    let Some((good, chosen)) = &scene.message else {
        return Vec::new();
    };
    let sizes = Sizes::of(&good.compiled.edition, &chosen.subscriber);
    let is_shown = |number| sizes.sections.iter().any(|(shown, _)| *shown == number);
    let sections = good.compiled.issue.sections.iter().enumerate();
    let rows = sections.map(|(number, section)| OutlineRow {
        label: label(section),
        number: Some(number),
        place: Some(section.place.clone()),
        is_shown: is_shown(number),
        findings: Vec::new(),
    });
    rows.collect()
}

/// The findings of the last row that starts at or before a place.
fn row_of<'r, 'a>(rows: &'r mut [OutlineRow<'a>], place: &Place) -> &'r mut Vec<&'a Finding> {
    let line = place.position().line;
    let last = rows.iter().rposition(|row| row.line() <= line);
    &mut rows[last.unwrap_or(0)].findings
}

/// A section's heading, or its kind if it has none.
pub(super) fn label(section: &Section) -> String {
    match &section.heading {
        Some(heading) => placeholder::without_marks(heading),
        None => kind(&section.content).to_owned(),
    }
}

fn kind(content: &Content) -> &'static str {
    match content {
        Content::Text(_) => "Text",
        Content::Interview(_) => "Interview",
        Content::Article(_) => "Article",
        Content::Publications(_) => "Publications",
        Content::Calls(_) => "Calls",
        Content::News(_) => "News",
        Content::Events(_) => "Events",
        Content::Image(_) => "Image",
        Content::Button(_) => "Button",
        Content::Quote(_) => "Quote",
        Content::Divider => "Divider",
        Content::Contents => "Contents",
    }
}
