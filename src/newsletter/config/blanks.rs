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
    let mut search = BlankSearch {
        source,
        findings,
        blanks: Vec::new(),
    };
    search.table(table);
    search.blanks
}

struct BlankSearch<'a> {
    source: &'a Arc<Source>,
    findings: &'a mut Findings,
    blanks: Vec<Finding>,
}

impl BlankSearch<'_> {
    fn table(&mut self, table: &TomlValue<'_>) {
        let Some(entries) = table.get_ref().as_table() else {
            return;
        };
        for (key, value) in entries {
            let key: &str = key.get_ref();
            if !OWN_WORDS.contains(&key) {
                self.entry(key, value, table);
            }
        }
    }

    fn entry(&mut self, key: &str, value: &TomlValue<'_>, table: &TomlValue<'_>) {
        match value.get_ref() {
            _ if is_empty(value) && EXAMINED.contains(&key) => {}
            _ if is_empty(value) => {
                let place = Place::new(self.source, value.span());
                self.findings.push(empty(key).at(place));
                let table = Place::new(self.source, table.span());
                self.findings.note_unread(&table, key);
            }
            DeValue::Table(_) => self.table(value),
            DeValue::Array(items) => items.iter().for_each(|item| self.table(item)),
            DeValue::String(text) => self.text(key, text, value),
            _ => {}
        }
    }

    fn text(&mut self, key: &str, text: &str, value: &TomlValue<'_>) {
        let place = Place::new(self.source, value.span());
        let blank = blank(key, text, &place);
        let may_be_secret = SECRET.contains(&key) && text.contains('@');
        let shown = may_be_secret.then(|| Place::new(self.source, 0..0));
        let shown = shown.unwrap_or(place);
        self.blanks.extend(blank.map(|finding| finding.at(shown)));
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
        .hint("write a value, or delete the line")
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
    Some(Finding::error("bad-value", message).hint("remove it"))
}
