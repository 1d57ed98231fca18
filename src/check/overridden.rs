//! Declarations in media rules that a style attribute overrides: it has precedence over all style blocks.

use scraper::{Html, Selector as Matcher};

use super::Subject;
use super::style_sheet::is_inlined;
use crate::diag::{Finding, Findings};
use crate::newsletter::template::{
    Declaration, Inlined, Part, Selector, StyleRule, StyleSheet, covers, declarations,
};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let sheet = &subject.template.sheet;
    let mut rules = rules_at_risk(sheet).peekable();
    if rules.peek().is_none() {
        return;
    }
    let document = Html::parse_document(&subject.edition.html.fixed());
    for rule in rules {
        let styles = styles_of(rule, &document);
        for declaration in &rule.declarations {
            let winner = styles.iter().find(|one| overrides(one, declaration));
            findings_of(declaration, winner, findings);
        }
    }
}

/// The rules in the head that a style attribute may override. Most style sheets have none: their declarations in the
/// head are `!important`, and the others are not.
fn rules_at_risk(sheet: &StyleSheet) -> impl Iterator<Item = &StyleRule> {
    let is_important = |rule: &StyleRule| rule.declarations.iter().any(|one| one.is_important);
    let are_inlined_important = sheet.rules.iter().any(is_important);
    let rules = sheet
        .head_rules()
        .filter(|around| around.name != "keyframes");
    let rules = rules.flat_map(|around| &around.rules);
    rules.filter(move |rule| {
        are_inlined_important || rule.declarations.iter().any(|one| !one.is_important)
    })
}

/// The declarations in the style attributes of the elements that the rule matches.
fn styles_of(rule: &StyleRule, document: &Html) -> Vec<Inlined> {
    let matchers = rule.selectors.iter().filter_map(matcher);
    let elements: Vec<_> = matchers
        .flat_map(|matcher| document.select(&matcher).collect::<Vec<_>>())
        .collect();
    let mut styles: Vec<&str> = elements
        .iter()
        .filter_map(|one| one.attr("style"))
        .collect();
    styles.sort_unstable();
    styles.dedup();
    styles.into_iter().flat_map(declarations).collect()
}

/// The selector without states such as `:hover`; `None` for a pseudo-element.
fn matcher(selector: &Selector) -> Option<Matcher> {
    let is_pseudo_element = |part: &Part| matches!(part, Part::PseudoElement(_));
    if selector.parts.iter().any(is_pseudo_element) {
        return None;
    }
    Matcher::parse(&selector.without_states(|name| !is_inlined(name))).ok()
}

fn overrides(inlined: &Inlined, declaration: &Declaration) -> bool {
    let is_about_the_same =
        covers(&inlined.name, &declaration.name) || covers(&declaration.name, &inlined.name);
    is_about_the_same
        && inlined.is_important >= declaration.is_important
        && inlined.value != declaration.value
}

/// Reports a declaration that `winner` overrides.
fn findings_of(declaration: &Declaration, winner: Option<&Inlined>, findings: &mut Findings) {
    let Some(winner) = winner else {
        return;
    };
    let (name, value) = (&winner.name, &winner.value);
    let (message, hint) = match winner.is_important {
        true => (
            format!(
                "`{declaration}` has no effect: a style attribute has `{name}:{value}!important`"
            ),
            "remove `!important` from the rule outside `@media`",
        ),
        false => (
            format!("`{declaration}` has no effect: a style attribute has `{name}:{value}`"),
            "add `!important`",
        ),
    };
    findings.push(
        Finding::warning("lost-rule", message)
            .at(declaration.place.clone())
            .hint(hint),
    );
}
