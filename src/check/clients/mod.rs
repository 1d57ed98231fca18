//! What a template uses and a mail client lacks, told with judgement.
//!
//! The data know of hundreds of features and dozens of clients, and by count a bloated mail does better
//! than a lean one. So only what carries the layout or the reading is told, and only where nothing stands
//! in for it.

mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::template::{Use, Used};

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
            // Word's own, which the data leave out.
            || slug.starts_with("css-mso-")
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    for used in &subject.template.uses {
        for slug in slugs(used) {
            if !JUDGEMENT.is_harmless(&slug) && told.insert(slug.clone()) {
                lacking(&slug, used, findings);
            }
        }
    }
}

fn lacking(slug: &str, used: &Use, findings: &mut Findings) {
    let Some(feature) = data::feature(slug) else {
        return;
    };
    let clients = feature.lacking();
    if clients.is_empty() {
        return;
    }
    let message = format!("`{}` is unknown to {}", feature.title, clients.join(", "));
    findings.push(
        Finding::warning("client-support", message)
            .at(used.place.clone())
            .hint(format!(
                "caniemail.com, data of {}, tested {}: look at the letter without it",
                data::date(),
                feature.last_test_date
            )),
    );
}

/// What caniemail calls the things that a use touches.
fn slugs(used: &Use) -> Vec<String> {
    match &used.what {
        Used::Declaration(name, value) => declaration(name, value),
        Used::Selectors(selectors) if !used.inside.is_empty() => selector(selectors),
        // What is inlined is no selector any more.
        Used::Selectors(_) => Vec::new(),
        Used::AtRule(name, prelude) => at_rule(name, prelude),
    }
}

fn declaration(name: &str, value: &str) -> Vec<String> {
    let mut slugs = vec![format!("css-{}", family(name))];
    let value = value.to_ascii_lowercase();
    if name == "display" {
        let kinds = ["flex", "grid", "none"];
        let kind = kinds.iter().find(|kind| value.ends_with(*kind));
        slugs.extend(kind.map(|kind| format!("css-display-{kind}")));
    }
    let functions = value.match_indices('(').filter_map(|(at, _)| {
        let name = value[..at]
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .next()?;
        // A token of the theme is put in when the sheet is read; no client meets a variable.
        (!name.is_empty() && name != "var").then(|| function(name))
    });
    slugs.extend(functions);
    slugs.extend(units(&value).map(|unit| format!("css-unit-{unit}")));
    if value.contains("!important") {
        slugs.push("css-important".to_owned());
    }
    slugs
}

/// `margin` of `margin-left`: the data have most of the families under one name.
fn family(name: &str) -> &str {
    let families = ["margin", "padding", "border", "list-style", "overflow"];
    let family = families.iter().find(|family| {
        let rest = name.strip_prefix(**family).unwrap_or_default();
        rest.starts_with('-') && rest != "-radius" && rest != "-collapse" && rest != "-spacing"
    });
    family.copied().unwrap_or(name)
}

fn function(name: &str) -> String {
    match name {
        "rgb" | "rgba" | "linear-gradient" | "radial-gradient" | "conic-gradient" => {
            format!("css-{name}")
        }
        "calc" => "css-unit-calc".to_owned(),
        "min" | "max" | "clamp" | "light-dark" => format!("css-function-{name}"),
        "url" => "css-background-image".to_owned(),
        other => format!("css-function-{other}"),
    }
}

/// The letters behind a number: `px` of `12px`.
fn units(value: &str) -> impl Iterator<Item = &str> {
    let words = value.split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '(' | ')'));
    words.filter_map(|word| {
        let word = word.trim_start_matches(['-', '+']);
        let number = word.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit = &word[number..];
        (number > 0 && !unit.starts_with(['#', '!'])).then_some(match unit {
            "%" => "percent",
            unit => unit,
        })
    })
}

fn selector(selectors: &str) -> Vec<String> {
    let marks = [
        ("#", "css-selector-id"),
        ("[", "css-selector-attribute"),
        (">", "css-selector-child"),
        ("+", "css-selector-adjacent-sibling"),
        ("~", "css-selector-general-sibling"),
        ("*", "css-selector-universal"),
    ];
    let mut slugs: Vec<String> = marks
        .iter()
        .filter(|(mark, _)| selectors.contains(mark))
        .map(|(_, slug)| (*slug).to_owned())
        .collect();
    let name = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect()
    };
    let pseudo_elements = selectors.match_indices("::").map(|(at, _)| at);
    slugs.extend(
        pseudo_elements.map(|at| format!("css-pseudo-element-{}", name(&selectors[at + 2..]))),
    );
    let single = selectors.replace("::", " ");
    slugs.extend(
        single
            .split(':')
            .skip(1)
            .map(|rest| format!("css-pseudo-class-{}", name(rest))),
    );
    slugs
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

    #[test]
    fn a_use_is_found_under_the_names_of_the_data() {
        let all = [
            declaration("display", "inline-flex"),
            declaration("margin-left", "-1.5rem !important"),
            declaration("width", "calc(100% - 2vw)"),
            selector(".a > p:first-child::before"),
            at_rule("media", "(prefers-color-scheme: dark)"),
        ]
        .concat();
        let expected = [
            "css-display",
            "css-display-flex",
            "css-margin",
            "css-unit-rem",
            "css-important",
            "css-width",
            "css-unit-calc",
            "css-unit-percent",
            "css-unit-vw",
            "css-selector-child",
            "css-pseudo-element-before",
            "css-pseudo-class-first-child",
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
            let template = crate::template::read(root, name, None, &mut Findings::new());
            let uses = template.expect("a template of the repository").uses;
            let asked: Vec<String> = uses
                .iter()
                .flat_map(slugs)
                .filter(|slug| !JUDGEMENT.is_harmless(slug))
                .collect();
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
