//! The tables of a section: `[[section.item]]`, `[[section.exchange]]`.

use crate::diag::{Finding, Place};
use crate::newsletter::issue::reader::IssueReader;
use crate::toml_file::{self, TomlValue};
use crate::util::escape;

impl IssueReader<'_> {
    pub(super) fn items<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        what: &str,
        place: &Place,
    ) -> Vec<TomlValue<'s>> {
        self.tables(value, "item", what, place)
    }

    /// The tables of `key`, at least one.
    pub(super) fn tables<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        key: &str,
        what: &str,
        place: &Place,
    ) -> Vec<TomlValue<'s>> {
        let is_missing = value.get_ref().get(key).is_none();
        if is_missing && self.findings.is_unread(place, key) {
            return Vec::new();
        }
        if is_missing && let Some(tables) = self.misnamed_tables(value, key, what) {
            return tables;
        }
        if is_missing {
            let message = format!("missing key `{key}` in {what}");
            let finding = Finding::error("missing-key", message).at(place.clone());
            let hint = format!("start each with a line `[[section.{key}]]`");
            self.findings.push(finding.hint(hint));
            return Vec::new();
        }
        toml_file::take_tables(value, key, self.source, self.findings)
    }

    /// Tables with another name instead of `key`: `[[section.items]]`.
    pub(super) fn misnamed_tables<'s>(
        &mut self,
        value: &mut TomlValue<'s>,
        key: &str,
        what: &str,
    ) -> Option<Vec<TomlValue<'s>>> {
        const OTHERS: [&str; 4] = ["guest", "image", "link", "authors"];
        let table = value.get_ref().as_table()?;
        let (name, _) = table.iter().find(|(name, value)| {
            is_array_of_tables(value) && !OTHERS.contains(&name.get_ref().as_ref())
        })?;
        let (name, span) = (name.get_ref().to_string(), name.span());
        let message = format!("unknown key `{}` in {what}", escape::terminal(&name));
        let finding = Finding::error("unknown-key", message).at(Place::new(self.source, span));
        self.findings
            .push(finding.hint(format!("write `[[section.{key}]]`")));
        Some(toml_file::take_tables(
            value,
            &name,
            self.source,
            self.findings,
        ))
    }
}

fn is_array_of_tables(value: &TomlValue<'_>) -> bool {
    let array = value.get_ref().as_array();
    array.is_some_and(|items| items.iter().all(|item| item.get_ref().is_table()))
}
