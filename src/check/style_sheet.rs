//! A template's style sheet: rules without effect, external resources, and CSS that makes Gmail drop a whole block.
//!
//! The inliner reports none of these.

use super::Subject;
use std::collections::BTreeMap;

use crate::compile::html;
use crate::diag::{Finding, Findings, MOST_OF_A_CODE, nearest};
use crate::newsletter::template::{
    AtRule, Declaration, Impossible, Kind, Part, Selector, UnknownName, UnknownProperty,
    impossible, impossible_condition, impossible_support, request, unknown_name, unknown_property,
    words,
};

/// The total size of style blocks, in bytes, from which Gmail drops them (about 16,384). Half of it is a safe limit.
const GMAIL_LIMIT: usize = 16_384;
const SAFE_LIMIT: usize = 8_000;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let sheet = &subject.template.sheet;
    let declarations = sheet.all_rules().flat_map(|(_, rule)| &rule.declarations);
    mistakes(declarations, findings);
    for (around, rule) in sheet.all_rules() {
        for selector in &rule.selectors {
            classes(selector, findings);
            let unknown = unknown_name(&selector.parts);
            if around.is_none() && unknown.is_none() {
                lost_pseudo_class(selector, findings);
            }
            findings.extend_some(unknown.map(|unknown| no_such_name(selector, &unknown)));
        }
        for declaration in &rule.declarations {
            value(declaration, findings);
        }
    }
    for rule in &sheet.at_rules {
        at_rule(rule, findings);
    }
    head_size(subject, findings);
}

/// Reports a class that no element has, such as a misspelt one.
fn classes(selector: &Selector, findings: &mut Findings) {
    for name in selector.classes() {
        if html::CLASSES.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let near = nearest(name, html::CLASSES.iter().map(|(known, _)| *known));
        let hint = match near {
            Some(near) => format!("did you mean `.{near}`?"),
            None => "`franking template show` lists the classes".to_owned(),
        };
        let message = format!("no element of a message has the class `{name}`");
        let finding = Finding::warning("unknown-class", message);
        findings.push(finding.at(selector.place.clone()).hint(hint));
    }
}

/// The finding about an unknown element or pseudo-class. Its rule has no effect.
fn no_such_name(selector: &Selector, unknown: &UnknownName) -> Finding {
    let (what, name) = (unknown.what, &unknown.name);
    let colons = match what {
        "element" => "",
        "pseudo-class" => ":",
        _ => "::",
    };
    let message = format!("unknown {what} `{colons}{name}`");
    let hint = unknown
        .meant
        .map(|meant| format!("did you mean `{colons}{meant}`?"));
    Finding::warning("unknown-selector", message)
        .at(selector.place.clone())
        .hint(hint)
}

/// The pseudo-classes that the inliner evaluates, such as the position of an element.
const INLINED: [&str; 17] = [
    "is",
    "where",
    "first-child",
    "last-child",
    "only-child",
    "first-of-type",
    "last-of-type",
    "only-of-type",
    "nth-child",
    "nth-last-child",
    "nth-of-type",
    "nth-last-of-type",
    "not",
    "root",
    "empty",
    "link",
    "any-link",
];

/// Whether the inliner evaluates this pseudo-class.
pub(super) fn is_inlined(pseudo_class: &str) -> bool {
    INLINED.contains(&pseudo_class)
}

fn is_lost(part: &Part) -> bool {
    match part {
        Part::PseudoClass(name, inner) => !is_inlined(name) || inner.iter().any(is_lost),
        Part::PseudoElement(_) => true,
        _ => false,
    }
}

/// Reports a plain rule with a state such as `:hover`: it would become a style attribute, which has no states.
fn lost_pseudo_class(selector: &Selector, findings: &mut Findings) {
    if selector.parts.iter().any(is_lost) {
        let text = &selector.text;
        let message = format!("`{text}` has no effect: a style attribute has no such state");
        findings.push(
            Finding::warning("lost-rule", message)
                .at(selector.place.clone())
                .hint("move the rule into `@media screen { … }`"),
        );
    }
}

/// The at-rules that some mail clients support.
const KNOWN: [&str; 5] = ["media", "supports", "keyframes", "font-face", "import"];

fn at_rule(rule: &AtRule, findings: &mut Findings) {
    for inner in &rule.at_rules {
        let message = "Gmail drops the whole block for an at-rule inside an at-rule";
        findings.push(Finding::error("nested-at-rule", message).at(inner.place.clone()));
    }
    match rule.name.as_str() {
        "media" => condition(rule, impossible_condition(&rule.prelude), findings),
        "supports" => condition(rule, impossible_support(&rule.prelude), findings),
        name @ ("import" | "font-face") => {
            let message = format!(
                "`@{name}` loads a file from another server whenever the message is opened"
            );
            findings.push(
                Finding::error("foreign-request", message)
                    .at(rule.place.clone())
                    .hint("use fonts that are installed on most systems"),
            );
        }
        "charset" => {}
        name if !rule.is_kept() => {
            let hint = match nearest(name, KNOWN) {
                Some(near) => format!("did you mean `@{near}`?"),
                None => "write the rules without it, or in `@media`".to_owned(),
            };
            let message = format!("`@{name}` is not supported in messages: its rules are lost");
            let finding = Finding::error("unknown-at-rule", message);
            findings.push(finding.at(rule.place.clone()).hint(hint));
        }
        _ => {}
    }
}

/// Reports a condition that is never true.
fn condition(rule: &AtRule, error: Option<Impossible>, findings: &mut Findings) {
    if let Some(error) = error {
        let message = format!("{}, so the rule never applies", error.message);
        let finding = Finding::warning("impossible-value", message).hint(error.hint());
        findings.push(finding.at(rule.place.clone()));
    }
}

/// Reports mistakes in `declarations`. The search for similar names is slow, so only as many findings as are shown get a
/// hint.
fn mistakes<'a>(declarations: impl Iterator<Item = &'a Declaration>, findings: &mut Findings) {
    let mut unknown = BTreeMap::new();
    let mut impossible = 0;
    for declaration in declarations {
        let unknown = unknown
            .entry(declaration.name.as_str())
            .or_insert_with(|| unknown_property(&declaration.name));
        let Some(finding) = mistake(declaration, unknown.as_ref(), impossible < MOST_OF_A_CODE)
        else {
            continue;
        };
        impossible += usize::from(finding.code == "impossible-value");
        findings.push(finding);
    }
}

/// The finding about an unknown property or an impossible value. Browsers drop both without a message.
fn mistake(
    declaration: &Declaration,
    unknown: Option<&UnknownProperty>,
    has_hint: bool,
) -> Option<Finding> {
    let (name, place) = (&declaration.name, &declaration.place);
    let finding = if name.starts_with("--") {
        let message = format!("`{name}` has no effect: only tokens of the theme are filled in");
        let hint = "define it in `theme.toml`";
        Finding::warning("unknown-property", message).hint(hint)
    } else if let Some(unknown) = unknown {
        let hint = unknown
            .meant
            .map(|meant| format!("did you mean `{meant}`?"));
        let message = format!("unknown property `{name}`");
        Finding::warning("unknown-property", message).hint(hint)
    } else if let Some(error) = impossible(name, &declaration.value) {
        let hint = Some(&error).filter(|_| has_hint).and_then(Impossible::hint);
        Finding::warning("impossible-value", error.message.as_str()).hint(hint)
    } else {
        return None;
    };
    Some(finding.at(place.clone()))
}

fn value(declaration: &Declaration, findings: &mut Findings) {
    let place = &declaration.place;
    if request(&declaration.value).is_some() {
        let message = "this style loads a file: its server learns who opens the message, and when";
        findings.push(Finding::error("foreign-request", message).at(place.clone()));
    }
    if is_modern_colour(&declaration.value) {
        let message = "Gmail drops the whole style because of this colour notation";
        findings.push(
            Finding::error("modern-colour", message)
                .at(place.clone())
                .hint("write six hexadecimal digits, or use a token of the theme"),
        );
    }
}

/// Whether a value has a colour in a notation with spaces: `rgb(0 0 0 / 1)`, `oklch(…)`.
fn is_modern_colour(value: &str) -> bool {
    let functions = [
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "oklch",
        "oklab",
        "lab",
        "lch",
        "color",
        "hwb",
        "color-mix",
    ];
    words(value).iter().any(|word| match &word.kind {
        Kind::Function(name) => functions.contains(&name.as_str()) && !word.text.contains(','),
        _ => false,
    })
}

fn head_size(subject: &Subject<'_>, findings: &mut Findings) {
    let html = subject.edition.html.fixed();
    let blocks = html.split("<style>").skip(1);
    let blocks = blocks.map(|rest| rest.split("</style>").next().unwrap_or_default());
    let bytes: usize = blocks.map(str::len).sum();
    let at = subject.template.sheet.head_rules().next();
    let at = at.map(|rule| rule.place.clone());
    if bytes > GMAIL_LIMIT {
        let message =
            format!("the style blocks have {bytes} bytes; Gmail drops them above {GMAIL_LIMIT}");
        findings.push(Finding::error("too-many-styles", message).at(at));
    } else if bytes > SAFE_LIMIT {
        let message = format!("the style blocks have {bytes} bytes; up to {SAFE_LIMIT} are safe");
        findings.push(Finding::warning("many-styles", message).at(at));
    }
}
