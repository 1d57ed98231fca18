//! What each sort of finding means: `franking explain CODE`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Severity;

/// What is to be said of one sort of finding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// How much it weighs, wherever it is found.
    pub severity: Severity,
    /// What it means, and why it matters.
    pub means: String,
    /// What to do about it.
    pub fix: String,
}

static EXPLANATIONS: LazyLock<BTreeMap<String, Explanation>> =
    LazyLock::new(|| toml::from_str(include_str!("codes.toml")).expect("the list is tested"));

/// What a finding with this code means; `None` where there is no such code.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    EXPLANATIONS.get(code)
}

/// Every code, in the order of the alphabet.
pub fn codes() -> impl Iterator<Item = &'static str> {
    EXPLANATIONS.keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_explanation_says_what_and_what_to_do() {
        for code in codes() {
            let explanation = explain(code).expect("a code of the list");
            assert!(explanation.means.ends_with('.'), "{code}");
            assert!(explanation.fix.ends_with('.'), "{code}");
        }
    }
}
