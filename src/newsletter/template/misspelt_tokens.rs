//! Keys of `theme.toml` that are probably misspelt: the style sheet uses a similar token, which the theme does not have.

use std::collections::{BTreeMap, BTreeSet};

use super::css::Gaps;
use super::variables;
use crate::diag::{Finding, Findings, Place, nearest};

/// The keys of the templates that `franking init` creates. They are not misspelt.
const USUAL: [&str; 17] = [
    "text",
    "muted",
    "heading",
    "accent",
    "rule",
    "ground",
    "panel",
    "deadline",
    "urgent",
    "button",
    "button-text",
    "body",
    "small",
    "title",
    "feature",
    "section",
    "item",
];

/// Reports each misspelt key once, instead of every use of the missing token in the style sheet `css`. `keys` has the
/// tokens of the theme with the locations of their keys. The missing tokens become gaps.
pub(super) fn report(
    keys: &BTreeMap<String, Place>,
    css: &str,
    gaps: &mut Gaps,
    findings: &mut Findings,
) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for name in variables(css) {
        *uses.entry(name).or_default() += 1;
    }
    let mut unused: BTreeSet<&str> = keys.keys().map(String::as_str).collect();
    unused.retain(|name| !uses.contains_key(*name) && !is_usual(name));
    let missing = uses.iter().filter(|(name, uses)| {
        let is_unknown = !keys.contains_key(*name) && !gaps.tokens.contains(*name);
        // If an unusual token is used only once, the style sheet may have the typo.
        is_unknown && (is_usual(name) || **uses > 1)
    });
    let mut found = Vec::new();
    for (name, _) in missing {
        let (table, key) = parts(name);
        let of_table = unused.iter().map(|one| parts(one));
        let of_table = of_table.filter(|(other, _)| *other == table);
        let Some(written) = nearest(key, of_table.map(|(_, key)| key)) else {
            continue;
        };
        let token = format!("{table}{written}");
        unused.remove(token.as_str());
        let message = format!("`{written}` is not used, and the theme has no token `{name}`");
        let finding = Finding::error("unknown-token", message).at(keys[&token].clone());
        findings.push(finding.hint(format!("did you mean `{key}`?")));
        found.push(name.clone());
    }
    gaps.tokens.extend(found);
}

fn is_usual(name: &str) -> bool {
    USUAL.contains(&parts(name).1)
}

/// The table and the key of a token: `--color-` and `accent`.
fn parts(name: &str) -> (&str, &str) {
    let end = name.get(2..).and_then(|rest| rest.find('-'));
    name.split_at(end.map_or(0, |at| at + 3))
}
