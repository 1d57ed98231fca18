//! Pictures: file size, dimensions, animation and alternative text.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::newsletter::issue::{PictureFile, PictureSource};

/// The size of a heavy picture in bytes: it takes seconds to load on a phone.
const HEAVY: usize = 300 * 1024;
/// The size of heavy pictures together in bytes. Some mail hosts reject messages over 10 MB, and base64 adds a third.
const HEAVY_TOGETHER: usize = 2 * 1024 * 1024;
/// The longest `alt` in characters: screen readers cannot pause in it.
const LONGEST_ALT: usize = 150;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for mention in &subject.issue.source_map.pictures {
        each(subject, mention, findings);
    }
    together(subject, findings);
}

/// Checks one picture, without regard to the others.
fn each(subject: &Subject<'_>, mention: &PictureSource, findings: &mut Findings) {
    let file = &subject.issue.pictures[mention.file];
    weight(subject, mention, file, findings);
    alt(mention, file, findings);
    if file.is_animated {
        findings.push(animated(mention, file));
    }
}

fn weight(
    subject: &Subject<'_>,
    mention: &PictureSource,
    file: &PictureFile,
    findings: &mut Findings,
) {
    let kilobytes = file.bytes.len() / 1024;
    let widest = subject.template.width * 2;
    if file.bytes.len() > HEAVY {
        let message = format!("the picture `{}` has {kilobytes} kB", file.src);
        findings.push(
            Finding::warning("heavy-picture", message)
                .at(mention.src_place.clone())
                .hint(format!(
                    "{} kB are enough for a picture as wide as the message",
                    HEAVY / 1024
                )),
        );
    } else if file.width > widest {
        let message = format!("the picture `{}` is {} pixels wide", file.src, file.width);
        findings.push(
            Finding::warning("wide-picture", message)
                .at(mention.src_place.clone())
                .hint(format!("scale it to {widest} pixels: no screen shows more")),
        );
    }
}

/// The finding about an animation. Outlook on Windows shows only its first frame, which may be empty.
fn animated(mention: &PictureSource, file: &PictureFile) -> Finding {
    let message = format!("the picture `{}` is animated", file.src);
    let hint =
        "Outlook on Windows shows only the first frame: it must contain everything important";
    Finding::warning("animated-picture", message)
        .at(mention.src_place.clone())
        .hint(hint)
}

fn alt(mention: &PictureSource, file: &PictureFile, findings: &mut Findings) {
    let alt = mention.alt.trim();
    let name = file.src.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_name = !alt.is_empty() && (alt.eq_ignore_ascii_case(stem) || has_extension(alt));
    let length = alt.chars().count();
    let (code, message, hint) = if is_name {
        let hint = "describe what the picture shows";
        ("alt-is-file-name", format!("`{alt}` is a file name"), hint)
    } else if length > LONGEST_ALT {
        let hint = "summarise it, and move the details to the caption";
        (
            "long-alt",
            format!("this `alt` has {length} characters"),
            hint,
        )
    } else {
        return;
    };
    findings.push(
        Finding::warning(code, message)
            .at(mention.alt_place.clone())
            .hint(hint),
    );
}

fn has_extension(alt: &str) -> bool {
    let alt = alt.to_lowercase();
    [".png", ".jpg", ".jpeg", ".gif"]
        .iter()
        .any(|end| alt.ends_with(end))
}

/// Reports large pictures that are small enough one by one.
fn together(subject: &Subject<'_>, findings: &mut Findings) {
    let sum: usize = subject
        .edition
        .pictures
        .iter()
        .map(|picture| picture.bytes.len())
        .sum();
    if sum > HEAVY_TOGETHER {
        let message = format!(
            "the pictures make every message {} kB heavier",
            sum / 1024 * 4 / 3
        );
        findings.push(
            Finding::warning("heavy-letter", message)
                .at(heaviest(subject).map(|mention| mention.src_place.clone()))
                .hint("scale them down, this one first, or set `pictures = \"link\"` in newsletter.toml"),
        );
    }
}

fn heaviest<'a>(subject: &'a Subject<'_>) -> Option<&'a PictureSource> {
    let mentions = subject.issue.source_map.pictures.iter();
    mentions.max_by_key(|mention| subject.issue.pictures[mention.file].bytes.len())
}
