//! Features of a template that mail clients do not support.
//!
//! The data contain hundreds of features and dozens of clients. Only features that layout or legibility depend on are
//! reported, and only if they have no fallback.

mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::newsletter::template::{Declaration, Part, StyleSheet, functions, units};

static JUDGEMENT: LazyLock<Judgement> =
    LazyLock::new(|| toml::from_str(include_str!("judgement.toml")).expect("the list is tested"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judgement {
    decoration: Features,
    everywhere: Features,
    unlisted: Features,
    forbidden: Features,
    fallback: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Features {
    features: Vec<String>,
}

impl Judgement {
    fn is_harmless(&self, slug: &str) -> bool {
        let known = |features: &Features| features.features.iter().any(|known| known == slug);
        known(&self.decoration)
            || known(&self.everywhere)
            || known(&self.unlisted)
            || known(&self.forbidden)
            || self.fallback.contains_key(slug)
            // Word's own properties, which are not in the data.
            || slug.starts_with("css-mso-")
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let mut reported = BTreeSet::new();
    for (slugs, place) in uses(&subject.template.sheet) {
        for slug in slugs {
            if !JUDGEMENT.is_harmless(&slug) && reported.insert(slug.clone()) {
                lacking(&slug, place, findings);
            }
        }
    }
}

fn lacking(slug: &str, place: &Place, findings: &mut Findings) {
    let Some(feature) = data::feature(slug) else {
        return;
    };
    let clients = feature.lacking();
    if clients.is_empty() {
        return;
    }
    let message = format!(
        "`{}` is not supported by {}",
        feature.title,
        clients.join(", ")
    );
    findings.push(
        Finding::warning("client-support", message)
            .at(place.clone())
            .hint(format!(
                "caniemail.com, data of {}, tested {}: check the message without it",
                data::date(),
                feature.last_test_date
            )),
    );
}

/// The caniemail.com identifiers of the features in a style sheet, with their locations.
fn uses(sheet: &StyleSheet) -> Vec<(Vec<String>, &Place)> {
    let mut uses = Vec::new();
    for (around, rule) in sheet.all_rules() {
        // Selectors of inlined rules are not in the message.
        let selectors = rule.selectors.iter().filter(|_| around.is_some());
        uses.extend(selectors.map(|one| (selector(&one.parts), &one.place)));
        uses.extend(
            rule.declarations
                .iter()
                .map(|one| (declaration(one), &one.place)),
        );
    }
    for rule in &sheet.at_rules {
        uses.push((at_rule(&rule.name, &rule.prelude), &rule.place));
        let inner = rule.declarations.iter();
        uses.extend(inner.map(|one| (declaration(one), &one.place)));
    }
    uses
}

fn declaration(declaration: &Declaration) -> Vec<String> {
    let name = &declaration.name;
    let mut slugs = vec![format!("css-{}", family(name))];
    let value = declaration.value.to_ascii_lowercase();
    if name == "display" {
        let kinds = ["flex", "grid", "none"];
        let kind = kinds.iter().find(|kind| value.ends_with(*kind));
        slugs.extend(kind.map(|kind| format!("css-display-{kind}")));
    }
    let functions = functions(&value).into_iter();
    slugs.extend(functions.filter_map(|function| slug_of(&function, name)));
    slugs.extend(
        units(&value)
            .into_iter()
            .map(|unit| format!("css-unit-{unit}")),
    );
    slugs.extend(declaration.is_important.then(|| "css-important".to_owned()));
    slugs
}

/// The family of a property in the data, such as `margin` for `margin-left`.
fn family(name: &str) -> &str {
    let families = ["margin", "padding", "border", "list-style", "overflow"];
    let family = families.iter().find(|family| {
        let rest = name.strip_prefix(**family).unwrap_or_default();
        rest.starts_with('-') && rest != "-radius" && rest != "-collapse" && rest != "-spacing"
    });
    family.copied().unwrap_or(name)
}

/// The identifier of the function `name` in a value of `property`. A URL alone is not a feature.
fn slug_of(name: &str, property: &str) -> Option<String> {
    Some(match name {
        "rgb" | "rgba" | "linear-gradient" | "radial-gradient" | "conic-gradient" => {
            format!("css-{name}")
        }
        "calc" => "css-unit-calc".to_owned(),
        "min" | "max" | "clamp" | "light-dark" => format!("css-function-{name}"),
        "url" if property == "background" => "css-background-image".to_owned(),
        "url" => return None,
        other => format!("css-function-{other}"),
    })
}

fn selector(parts: &[Part]) -> Vec<String> {
    let slugs = parts.iter().flat_map(|part| match part {
        Part::Id(_) => vec!["css-selector-id".to_owned()],
        Part::Attribute(_) => vec!["css-selector-attribute".to_owned()],
        Part::Universal => vec!["css-selector-universal".to_owned()],
        Part::Combinator('>') => vec!["css-selector-child".to_owned()],
        Part::Combinator('+') => vec!["css-selector-adjacent-sibling".to_owned()],
        Part::Combinator('~') => vec!["css-selector-general-sibling".to_owned()],
        Part::PseudoElement(name) => vec![format!("css-pseudo-element-{name}")],
        Part::PseudoClass(name, inner) => {
            let mut slugs = selector(inner);
            slugs.push(format!("css-pseudo-class-{name}"));
            slugs
        }
        Part::Element(_) | Part::Class(_) | Part::Combinator(_) => Vec::new(),
    });
    slugs.collect()
}

fn at_rule(name: &str, prelude: &str) -> Vec<String> {
    let mut slugs = vec![format!("css-at-{name}")];
    let features = [
        "prefers-color-scheme",
        "prefers-reduced-motion",
        "orientation",
        "hover",
        "device-pixel-ratio",
    ];
    let found = features
        .iter()
        .filter(|feature| name == "media" && prelude.contains(*feature));
    slugs.extend(found.map(|feature| format!("css-at-media-{feature}")));
    slugs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    #[test]
    fn a_use_is_found_under_the_names_of_the_data() {
        let css = "@media (prefers-color-scheme: dark) { .a > p:first-child::before { display: inline-flex; \
            margin-left: -1.5rem !important; width: calc(100% - 2vw) } }";
        let source = Source::new("style.css", css);
        let sheet = StyleSheet::read(&source, &BTreeMap::new(), &mut Findings::new());
        let all: Vec<String> = uses(&sheet)
            .into_iter()
            .flat_map(|(slugs, _)| slugs)
            .collect();
        let expected = [
            "css-selector-child",
            "css-pseudo-class-first-child",
            "css-pseudo-element-before",
            "css-display",
            "css-display-flex",
            "css-margin",
            "css-unit-rem",
            "css-important",
            "css-width",
            "css-unit-calc",
            "css-unit-percent",
            "css-unit-vw",
            "css-at-media",
            "css-at-media-prefers-color-scheme",
        ];
        assert_eq!(all, expected);
    }

    /// Reading the data takes longer than all the rest of a build.
    #[test]
    fn the_templates_of_the_repository_do_not_ask_for_the_data() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["institute", "letter"] {
            let template =
                crate::newsletter::template::read(root, name, None, &mut Findings::new());
            let sheet = template.expect("a template of the repository").sheet;
            let slugs = uses(&sheet).into_iter().flat_map(|(slugs, _)| slugs);
            let asked: Vec<String> = slugs.filter(|slug| !JUDGEMENT.is_harmless(slug)).collect();
            assert_eq!(asked, Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn the_judgement_speaks_of_features_that_there_are() {
        let named = JUDGEMENT
            .decoration
            .features
            .iter()
            .chain(&JUDGEMENT.everywhere.features);
        for slug in named.chain(JUDGEMENT.fallback.keys()) {
            assert!(data::feature(slug).is_some(), "{slug}");
        }
        for slug in &JUDGEMENT.unlisted.features {
            assert!(data::feature(slug).is_none(), "{slug}");
        }
    }
}
