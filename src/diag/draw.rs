//! Findings for terminals: the line, a marker below the location, the hint.

use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Finding, Place, Severity};
use crate::util::{escape, fs};

/// The number of bytes of a line that are drawn after the location.
const DRAWN_AFTER: usize = 400;

/// Draws one finding, in colour if `colour` is set, with a line break at the end. Files are shown relative to the current
/// directory, if `base` is the newsletter's directory.
///
/// ```text
/// error[unknown-key]: unknown key `author` in an article
///   --> issues/2026-11.toml:11:1
///    |
/// 11 | author = ["…"]
///    | ^^^^^^
/// hint: did you mean `authors`?
/// ```
pub fn draw(finding: &Finding, base: &Path, colour: bool) -> String {
    let message = escape::terminal(&finding.message);
    let title = level(finding.severity)
        .primary_title(message.as_str())
        .id(finding.code);
    let mut group = match &finding.place {
        Some(place) => title.element(snippet(place, base, AnnotationKind::Primary, None)),
        None => Group::with_title(title),
    };
    if let Some((place, word)) = finding.related.as_deref() {
        group = group.element(snippet(place, base, AnnotationKind::Context, Some(word)));
    }
    let mut drawn = renderer(colour).render(&[group]);
    drawn.push('\n');
    if let Some(hint) = &finding.hint {
        drawn.push_str(&remark("hint", &escape::terminal(hint), colour));
    }
    if let Some(contributor) = &finding.contributor {
        let words = format!("contributed by {}", escape::terminal(contributor));
        drawn.push_str(&remark("note", &words, colour));
    }
    drawn
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn renderer(colour: bool) -> Renderer {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.decor_style(DecorStyle::Ascii)
}

fn remark(head: &str, words: &str, colour: bool) -> String {
    let style = anstyle::AnsiColor::Cyan.on_default().bold();
    if colour {
        format!("{style}{head}{style:#}: {words}\n")
    } else {
        format!("{head}: {words}\n")
    }
}

/// Only the lines of the location: a list of a hundred thousand subscribers is not scanned for one marker.
fn snippet<'a>(
    place: &'a Place,
    base: &Path,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Snippet<'a, Annotation<'a>> {
    let source = place.source();
    let span = first_line_only(place);
    let mut lines = source.lines_around(&span);
    // A paragraph may be a single line of a megabyte, of which only the surroundings are drawn.
    let drawn = &source.text()[lines.clone()];
    lines.end = lines.start + drawn.floor_char_boundary(span.end - lines.start + DRAWN_AFTER);
    let shown = fs::shortest(&base.join(source.path()));
    let annotation = kind.span(span.start - lines.start..span.end - lines.start);
    Snippet::source(&source.text()[lines.clone()])
        .line_start(source.position(lines.start).line)
        .path(escape::terminal(&shown.to_string_lossy()))
        .annotation(match label {
            Some(label) => annotation.label(label),
            None => annotation,
        })
}

/// Marking twenty lines of prose would hide the relevant word.
fn first_line_only(place: &Place) -> std::ops::Range<usize> {
    let span = place.span();
    let text = &place.source().text()[span.clone()];
    let length = text.find('\n').unwrap_or(text.len());
    span.start..span.start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    #[test]
    fn the_drawing_names_place_line_and_hint() {
        let source = Source::new("issues/a.toml", "x = 1\nauthor = [\"…\"]\n");
        let finding = Finding::error("unknown-key", "unknown key `author` in an article")
            .at(Place::new(&source, 6..12))
            .hint("did you mean `authors`?");
        let expected = "\
error[unknown-key]: unknown key `author` in an article
 --> issues/a.toml:2:1
  |
2 | author = [\"…\"]
  | ^^^^^^
hint: did you mean `authors`?
";
        assert_eq!(draw(&finding, Path::new(""), false), expected);
    }
}
