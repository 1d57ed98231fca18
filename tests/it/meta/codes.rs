//! Every code that the program gives is explained, and every explanation is of a code that it gives.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{Folder, repository};

/// The codes in the source: the first words of `Finding::error(…)` and `Finding::warning(…)`, and of the
/// functions that pass them on.
fn codes_given(path: &Path, codes: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder of the source") {
            codes_given(&entry.expect("an entry of the source").path(), codes);
        }
        return;
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let production = text.split("#[cfg(test)]").next().unwrap_or_default();
    for literal in production.split('"').skip(1).step_by(2) {
        if is_code(literal) {
            codes.insert(literal.to_owned());
        }
    }
}

/// Two words or more in small letters with hyphens between them.
fn is_code(literal: &str) -> bool {
    let words: Vec<&str> = literal.split('-').collect();
    words.len() > 1
        && words.iter().all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[test]
fn every_explanation_is_about_a_code_of_the_program() {
    let mut given = BTreeSet::new();
    codes_given(&repository().join("src"), &mut given);
    let listed = Folder::empty().run(&["explain"]).stdout;
    let hyphenated: Vec<&str> = listed.lines().filter(|code| code.contains('-')).collect();
    assert!(hyphenated.len() > 40, "{listed}");
    for code in hyphenated {
        assert!(
            given.contains(code),
            "`{code}` is explained and never given"
        );
    }
}
