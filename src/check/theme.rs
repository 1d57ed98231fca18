//! The theme of a template: a logo that would be blurred, and fonts without a fallback.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::newsletter::template::{Declaration, Kind, Template, words};

/// The names that a client replaces with an installed font (CSS Fonts 4, section 2.1.3), and the keywords of every
/// property.
const GENERIC: [&str; 17] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "math",
    "emoji",
    "inherit",
    "initial",
    "unset",
    "revert",
    "revert-layer",
];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    logo(subject.template, findings);
    fonts(subject.template, findings);
}

/// Reports a logo with fewer pixels than its displayed width.
fn logo(template: &Template, findings: &mut Findings) {
    let Some(logo) = &template.logo else { return };
    let (pixels, width) = (logo.file.width, logo.width);
    if pixels >= width {
        return;
    }
    let message =
        format!("the logo is {pixels} pixels wide but shown at {width}, so it is blurred");
    let finding = Finding::warning("blurred-logo", message).at(logo.width_place.clone());
    let hint = format!(
        "use a file {} pixels wide, or write `width = {}`",
        width * 2,
        pixels / 2
    );
    findings.push(finding.hint(hint));
}

/// Reports fonts of the theme, and other fonts of the style sheet, without a generic family at the end.
fn fonts(template: &Template, findings: &mut Findings) {
    let tokens = || {
        let tokens = template.tokens.iter();
        tokens.filter(|(name, _)| name.starts_with("--font-"))
    };
    for (name, value) in tokens().filter(|(_, value)| !has_fallback(value)) {
        findings.push(no_fallback(value).at(template.token_places.get(name).cloned()));
    }
    let of_token = |value: &str| tokens().any(|(_, token)| families(token).eq(families(value)));
    let rules = template.sheet.all_rules();
    let declarations = rules.flat_map(|(_, rule)| &rule.declarations);
    let is_alone = |one: &&Declaration| {
        one.name == "font-family" && !has_fallback(&one.value) && !of_token(&one.value)
    };
    for declaration in declarations.filter(is_alone) {
        findings.push(no_fallback(&declaration.value).at(declaration.place.clone()));
    }
}

/// The families of a list without their quotation marks, which the style sheet writes differently.
fn families(list: &str) -> impl Iterator<Item = &str> {
    let names = list.split(',');
    names.map(|name| name.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Whether the last family of a list is generic, or the list is unknown.
fn has_fallback(families: &str) -> bool {
    match words(families).pop().map(|word| word.kind) {
        Some(Kind::Keyword(name)) => GENERIC.contains(&name.as_str()),
        Some(Kind::Text) => false,
        _ => true,
    }
}

fn no_fallback(families: &str) -> Finding {
    let message = format!("`{families}` does not end in a generic family");
    let hint = format!("write `{families}, sans-serif`, or `serif` instead");
    Finding::warning("no-generic-font", message).hint(hint)
}
