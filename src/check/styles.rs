//! A template's style sheet: what has no effect, and what makes Gmail drop all of it.
//!
//! The inliner is silent about both.

use super::Subject;
use crate::diag::{Finding, Findings, nearest};
use crate::html;
use crate::template::{Use, Used};

/// Where Gmail drops style blocks, in bytes of all of them (about 16,384); half of it is our own limit.
const GMAIL_LIMIT: usize = 16_384;
const OWN_LIMIT: usize = 8_000;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for used in &subject.template.uses {
        match &used.what {
            Used::Selectors(selectors) => {
                classes(selectors, used, findings);
                lost_pseudo_class(selectors, used, findings);
            }
            Used::AtRule(name, _) => at_rule(name, used, findings),
            Used::Declaration(_, value) => value_of(value, used, findings),
        }
    }
    head_size(subject, findings);
}

/// A class that no component gives, such as one with a slip in it, dresses nothing.
fn classes(selectors: &str, used: &Use, findings: &mut Findings) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for rest in selectors.split('.').skip(1) {
        let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        if html::CLASSES.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let near = nearest(name, html::CLASSES.iter().map(|(known, _)| *known));
        let hint = match near {
            Some(near) => format!("did you mean `.{near}`?"),
            None => "`franking template show` lists the classes".to_owned(),
        };
        findings.push(
            Finding::warning(
                "unknown-class",
                format!("nothing in a letter has the class `{name}`"),
            )
            .at(used.place.clone())
            .hint(hint),
        );
    }
}

/// How the pseudo-classes begin that say where an element stands: the inliner knows that, once for all.
const STRUCTURAL: [&str; 5] = ["first-", "last-", "only-", "nth-", "not("];

/// Plain rules become attributes, and an attribute knows no `:hover`.
fn lost_pseudo_class(selectors: &str, used: &Use, findings: &mut Findings) {
    let is_structural = |name: &str| STRUCTURAL.iter().any(|known| name.starts_with(known));
    let is_lost = !selectors.split(':').skip(1).all(is_structural);
    if used.inside.is_empty() && is_lost {
        let message = format!("`{selectors}` has no effect: a style attribute has no such state");
        findings.push(
            Finding::warning("lost-rule", message)
                .at(used.place.clone())
                .hint("put the rule into `@media screen { … }`".to_owned()),
        );
    }
}

fn at_rule(name: &str, used: &Use, findings: &mut Findings) {
    if !used.inside.is_empty() {
        let message = "Gmail drops the whole block for an at-rule inside an at-rule";
        findings.push(Finding::error("nested-at-rule", message).at(used.place.clone()));
    } else if name == "import" || name == "font-face" {
        let message = format!("`@{name}` would load something from elsewhere with every reading");
        findings.push(
            Finding::error("foreign-request", message)
                .at(used.place.clone())
                .hint("use fonts that are installed everywhere".to_owned()),
        );
    }
}

fn value_of(value: &str, used: &Use, findings: &mut Findings) {
    if value.contains("url(") {
        let message = "a style that loads something tells its host who reads the letter, and when";
        findings.push(Finding::error("foreign-request", message).at(used.place.clone()));
    }
    if is_modern_colour(value) {
        let message = "Gmail drops the whole style for a colour written like this";
        findings.push(
            Finding::error("modern-colour", message)
                .at(used.place.clone())
                .hint("write six hexadecimal digits, or use a token of the theme".to_owned()),
        );
    }
}

/// `rgb(0 0 0 / 1)`, `oklch(…)`: the spellings with spaces.
fn is_modern_colour(value: &str) -> bool {
    let functions = [
        "rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "color(",
    ];
    functions.iter().any(|function| {
        value
            .split_once(function)
            .and_then(|(_, rest)| rest.split_once(')'))
            .is_some_and(|(inside, _)| !inside.contains(','))
    })
}

fn head_size(subject: &Subject<'_>, findings: &mut Findings) {
    let html = subject.edition.html.fixed();
    let blocks = html.split("<style>").skip(1);
    let blocks = blocks.map(|rest| rest.split("</style>").next().unwrap_or_default());
    let bytes: usize = blocks.map(str::len).sum();
    let at = subject
        .template
        .uses
        .iter()
        .find(|used| matches!(used.what, Used::AtRule(..)));
    let at = at.map(|used| used.place.clone());
    if bytes > GMAIL_LIMIT {
        let message =
            format!("Gmail drops what passes {GMAIL_LIMIT} bytes of styles; here are {bytes}");
        findings.push(Finding::error("too-many-styles", message).at(at));
    } else if bytes > OWN_LIMIT {
        let message = format!("the styles of the head have {bytes} bytes; {OWN_LIMIT} are safe");
        findings.push(Finding::warning("many-styles", message).at(at));
    }
}
