//! The issue's sections in the order of its file, each with its findings.

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
                    li class=[(!row.is_seen).then_some("unseen-by-reader")] {
                        @match row.number {
                            Some(number) => a href={ "#section-" (number) } data-section=(number) { (row.label) },
                            None => span { (row.label) },
                        }
                        @if !row.is_seen { span.quiet { " not for this subscriber" } }
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

/// `41:8`, for the file is the outline's own.
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

/// A stretch of the issue's file.
struct Row<'a> {
    label: String,
    /// The section's number; `None` for what stands before the first.
    number: Option<usize>,
    place: Option<Place>,
    is_seen: bool,
    findings: Vec<&'a Finding>,
}

fn rows<'a>(scene: &Scene<'a>) -> Vec<Row<'a>> {
    let mut rows = vec![Row {
        label: "Head".to_owned(),
        number: None,
        place: None,
        is_seen: true,
        findings: Vec::new(),
    }];
    if let Some((good, chosen)) = &scene.message {
        let sizes = Sizes::of(&good.compiled.edition, &chosen.subscriber);
        let seen: Vec<usize> = sizes.sections.iter().map(|(number, _)| *number).collect();
        let sections = good.compiled.issue.sections.iter().enumerate();
        rows.extend(sections.map(|(number, section)| Row {
            label: label(section),
            number: Some(number),
            place: Some(section.place.clone()),
            is_seen: seen.contains(&number),
            findings: Vec::new(),
        }));
    }
    let file = issue::path_of(&scene.issue.name);
    let mut elsewhere = Vec::new();
    for finding in &scene.issue.findings {
        match &finding.place {
            Some(place) if place.source().path() == file => row_of(&mut rows, place).push(finding),
            _ => elsewhere.push(finding),
        }
    }
    if !elsewhere.is_empty() {
        rows.push(Row {
            label: "Other files".to_owned(),
            number: None,
            place: None,
            is_seen: true,
            findings: elsewhere,
        });
    }
    rows
}

/// The last row that begins at or before a place.
fn row_of<'r, 'a>(rows: &'r mut [Row<'a>], place: &Place) -> &'r mut Vec<&'a Finding> {
    let line = place.position().line;
    let is_before = |row: &Row<'_>| {
        let begin = row.place.as_ref().map_or(0, |place| place.position().line);
        begin <= line
    };
    let last = rows.iter().rposition(is_before).unwrap_or(0);
    &mut rows[last].findings
}

/// A section's heading, or what it is.
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
