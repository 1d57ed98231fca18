//! Empty values in `newsletter.toml`, and values with spaces at their ends.
//!
//! An empty `user` would mean no login, an empty `warm_up` no warm-up. If an empty value counted as a missing key, the
//! editor would not learn about it.

use std::sync::Arc;

use toml::de::DeValue;

use crate::diag::{Finding, Findings, Place, Source};
use crate::toml_file::TomlValue;

/// Tables whose values may be empty, or are checked one by one when they are read.
const OWN_WORDS: [&str; 4] = ["defaults", "tags", "allow", "per_domain"];

/// Keys whose empty values are reported by their own reader.
const EXAMINED: [&str; 2] = ["password_command", "password_file"];

/// Keys whose values may contain a password. Their lines are not shown.
const SECRET: [&str; 2] = ["host", "url"];

/// Reports every empty value in `table`, and marks each as unread. Returns the findings about spaces at the ends of
/// values, which are reported only if the value has no other error.
pub(super) fn report(
    table: &TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> Vec<Finding> {
    let mut blanks = Vec::new();
    report_below(table, source, findings, &mut blanks);
    blanks
}

fn report_below(
    table: &TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
    blanks: &mut Vec<Finding>,
) {
    let Some(entries) = table.get_ref().as_table() else {
        return;
    };
    for (key, value) in entries {
        let key: &str = key.get_ref();
        if OWN_WORDS.contains(&key) {
            continue;
        }
        match value.get_ref() {
            _ if is_empty(value) && EXAMINED.contains(&key) => {}
            _ if is_empty(value) => {
                findings.push(empty(key).at(Place::new(source, value.span())));
                findings.note_unread(&Place::new(source, table.span()), key);
            }
            DeValue::Table(_) => report_below(value, source, findings, blanks),
            DeValue::Array(items) => {
                for item in items {
                    report_below(item, source, findings, blanks);
                }
            }
            DeValue::String(text) => {
                let is_shown = !SECRET.contains(&key) || !text.contains('@');
                let place = Place::new(source, value.span());
                let shown = if is_shown {
                    place.clone()
                } else {
                    Place::new(source, 0..0)
                };
                blanks.extend(blank(key, text, &place).map(|finding| finding.at(shown)));
            }
            _ => {}
        }
    }
}

fn is_empty(value: &TomlValue<'_>) -> bool {
    match value.get_ref() {
        DeValue::String(text) => text.trim().is_empty(),
        DeValue::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn empty(key: &str) -> Finding {
    Finding::error("empty-value", format!("`{key}` is empty"))
        .hint("write a value, or delete the line".to_owned())
}

/// A multi-line string ends before its closing quotes, so its last line break is not a space at the end.
fn blank(key: &str, text: &str, place: &Place) -> Option<Finding> {
    let written = &place.source().text()[place.span()];
    if written.starts_with("\"\"\"") || written.starts_with("'''") {
        return None;
    }
    let end = match (text.trim_start() != text, text.trim_end() != text) {
        (true, true) => "both ends",
        (true, false) => "the beginning",
        (false, true) => "the end",
        (false, false) => return None,
    };
    let message = format!("the value of `{key}` has a space at {end}");
    Some(Finding::error("bad-value", message).hint("remove it".to_owned()))
}
