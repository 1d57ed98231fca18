//! The explanations of finding codes: `franking explain CODE`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Severity;

/// The explanation of a finding code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The severity, wherever it occurs.
    pub severity: Severity,
    /// The meaning, and why it matters.
    pub means: String,
    /// How to fix it.
    pub fix: String,
}

static EXPLANATIONS: LazyLock<BTreeMap<String, Explanation>> =
    LazyLock::new(|| toml::from_str(include_str!("codes.toml")).expect("the list is tested"));

/// The explanation of a code; `None` if the code is unknown.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    EXPLANATIONS.get(code)
}

/// All codes in alphabetical order.
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
