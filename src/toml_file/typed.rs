//! From tables of a file to typed values: each error is reported, and its entry left out.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::entry_error::EntryError;
use super::{Text, TomlValue};
use crate::diag::{Finding, Findings, Place, Source};

/// Removes an entry that was reported from `value`; its key is not reported again as missing.
pub(super) fn remove_entry(
    error: &EntryError,
    value: &mut TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
) {
    if let Some((table, key)) = error.remove(value) {
        findings.note_unread(&Place::new(source, table..table), key);
    }
}

/// Takes the array of tables `key` out of `value`; any other value of that key is reported.
pub fn take_tables<'s>(
    value: &mut TomlValue<'s>,
    key: &str,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> Vec<TomlValue<'s>> {
    let Some(taken) = remove(value, key) else {
        return Vec::new();
    };
    let span = taken.span();
    if let DeValue::Array(items) = taken.into_inner() {
        let items: Vec<TomlValue<'s>> = items.into_iter().collect();
        if items.iter().all(|item| item.get_ref().is_table()) {
            return items;
        }
    }
    findings.push(not_tables(key, source, span));
    Vec::new()
}

/// The finding about a value of `key` that is not an array of tables: mostly a header with single brackets.
fn not_tables(key: &str, source: &Arc<Source>, span: std::ops::Range<usize>) -> Finding {
    let written = &source.text()[span.clone()];
    let head = written
        .strip_prefix('[')
        .and_then(|head| head.strip_suffix(']'));
    let line = source.text()[..span.start]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = source.text()[line..]
        .lines()
        .next()
        .unwrap_or_default()
        .trim();
    let is_below = line.trim_start_matches('[').starts_with(&format!("{key}."));
    if line.starts_with('[') && is_below {
        let message = format!("`{line}` is above the first `[[{key}]]`");
        return Finding::error("wrong-type", message)
            .at(Place::new(source, span))
            .hint(format!("write a line `[[{key}]]` above it"));
    }
    let (message, hint) = match head.filter(|head| head.trim().ends_with(key)) {
        Some(head) => (
            format!("`{written}` is a single table, but `{key}` is a list of tables"),
            format!("write `[[{}]]`, with two brackets, above each", head.trim()),
        ),
        None => (
            format!("`{key}` must be a list of tables"),
            match key {
                "item" | "exchange" => format!("write a line `[[section.{key}]]` above each"),
                _ => format!("write a line `[[{key}]]` above each"),
            },
        ),
    };
    Finding::error("wrong-type", message)
        .at(Place::new(source, span))
        .hint(hint)
}

/// Takes the value under `key` out of the table `value`.
pub fn remove<'s>(value: &mut TomlValue<'s>, key: &str) -> Option<TomlValue<'s>> {
    match value.get_mut() {
        DeValue::Table(table) => table.remove(key),
        _ => None,
    }
}

/// Takes the entries of `keys` out of the table `value` into a new table.
pub fn split_off<'s>(value: &mut TomlValue<'s>, keys: &[&str]) -> TomlValue<'s> {
    let mut taken = DeTable::default();
    if let DeValue::Table(table) = value.get_mut() {
        for key in keys {
            if let Some((key, entry)) = table.remove_entry(*key) {
                taken.insert(key, entry);
            }
        }
    }
    Spanned::new(value.span(), DeValue::Table(taken))
}

/// The string of `key` with its location, not removed.
pub fn peek_text(value: &TomlValue<'_>, key: &str, source: &Arc<Source>) -> Option<Text> {
    let found = value.get_ref().get(key)?;
    let string = found.get_ref().as_str()?.to_owned();
    Some(Text::new(source, Spanned::new(found.span(), string)))
}

/// Converts a table to a `T`, reporting every error in it.
///
/// Each error is reported once and its entry removed; the rest is converted again, so that one wrong key does not hide
/// the next. `what` names the table in messages: "an article".
pub fn typed<T: DeserializeOwned + Default>(
    value: TomlValue<'_>,
    what: &str,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> T {
    typed_beside(value, what, &[], source, findings)
}

/// The limit of errors in one table: after each, the table is converted again.
const MOST_ERRORS: usize = 50;

/// Like [`typed`], for a table whose keys `beside` were taken out before: hints include them.
pub fn typed_beside<T: DeserializeOwned + Default>(
    mut value: TomlValue<'_>,
    what: &str,
    beside: &[&str],
    source: &Arc<Source>,
    findings: &mut Findings,
) -> T {
    for _ in 0..MOST_ERRORS {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(typed) => return typed,
            Err(error) => error,
        };
        let Some(error) = EntryError::locate(&error, &value) else {
            let place = Place::new(source, error.span().unwrap_or(value.span()));
            findings.push(Finding::error("wrong-value", error.message()).at(place));
            return T::default();
        };
        findings.push(error.finding(what, beside, source));
        remove_entry(&error, &mut value, source, findings);
    }
    let message =
        format!("this table has more than {MOST_ERRORS} errors: the others are not shown");
    findings.push(Finding::error("wrong-value", message).at(Place::new(source, value.span())));
    T::default()
}
