//! Common parts of reading `newsletter.toml`: the file, its findings, checks of single values.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;

use super::raw::RawText;
use crate::diag::{Finding, Findings, Place, Source, one_of};
use crate::newsletter::config::{FILE, Passage};
use crate::placeholder;
use crate::toml_file::Text;
use crate::util::{escape, tls};

/// `newsletter.toml` while it is read.
pub(super) struct ConfigReader<'a> {
    /// The newsletter's directory.
    pub(super) folder: &'a Path,
    pub(super) source: &'a Arc<Source>,
    pub(super) findings: &'a mut Findings,
    /// The words that recipients read.
    pub(super) passages: Vec<Passage>,
}

impl<'a> ConfigReader<'a> {
    /// A reader of the file `source` in the newsletter's directory `folder`.
    pub(super) fn new(
        folder: &'a Path,
        source: &'a Arc<Source>,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            folder,
            source,
            findings,
            passages: Vec::new(),
        }
    }
}

impl ConfigReader<'_> {
    /// The beginning of the file, where findings about the whole of it point.
    pub(super) fn top(&self) -> Place {
        Place::new(self.source, 0..0)
    }

    /// The value of a key, unless it is blank.
    pub(super) fn text(&self, value: RawText) -> Option<Text> {
        value
            .map(|value| Text::new(self.source, value))
            .filter(|text| !text.is_blank())
    }

    /// The value of a key that the file must have.
    pub(super) fn required(&mut self, value: RawText, key: &str) -> Option<Text> {
        let top = self.top();
        self.required_in(value, key, FILE, &top)
    }

    /// The value of a key that `table`, which messages call `owner`, must have.
    pub(super) fn required_in(
        &mut self,
        value: RawText,
        key: &str,
        owner: &str,
        table: &Place,
    ) -> Option<Text> {
        let text = self.text(value);
        if text.is_none() {
            self.report_missing(key, owner, table);
        }
        text
    }

    /// Reports a missing key, unless its value was reported as unreadable.
    pub(super) fn report_missing(&mut self, key: &str, owner: &str, table: &Place) {
        if !self.findings.is_unread(table, key) {
            let message = format!("missing key `{key}` in {owner}");
            let finding = Finding::error("missing-key", message).at(table.clone());
            self.findings.push(finding);
        }
    }

    /// Whether `key` has a value, valid or not.
    pub(super) fn is_set(&self, key: &str, value: &RawText) -> bool {
        let is_filled = |value: &Spanned<String>| !value.get_ref().trim().is_empty();
        value.as_ref().is_some_and(is_filled) || self.findings.is_unread(&self.top(), key)
    }

    /// A single-line value that recipients read, without characters that are not text.
    pub(super) fn line(&mut self, text: &Text) -> String {
        self.report_words(text, text.value().len());
        escape::line(text.value())
    }

    /// Reports unwanted characters and placeholders in a value that recipients read, and keeps the words before `end`
    /// for the checks.
    pub(super) fn report_words(&mut self, text: &Text, end: usize) {
        text.report_unwanted(self.findings);
        placeholder::report_unfilled(text, self.findings);
        let text = text.clone();
        self.passages.push(Passage { text, end });
    }

    /// Reports an error in the value `text`; an empty hint is left out.
    pub(super) fn error(&mut self, code: &'static str, message: String, text: &Text, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        let finding = Finding::error(code, message).at(text.place().clone());
        self.findings.push(finding.hint(hint));
    }

    /// Reports a file of certificate authorities that cannot be used. It is a warning, because an absolute path may exist
    /// only on the machine that sends.
    pub(super) fn check_authorities(&mut self, file: &str, place: Place) {
        let Err(error) = tls::check_authorities(&self.folder.join(file)) else {
            return;
        };
        let shown = escape::terminal(file);
        let message = format!(
            "the certificate file `{shown}` cannot be used: {}",
            error.reason()
        );
        let hint =
            "`send` refuses without it; name a PEM file with the certificate of the authority";
        let finding = Finding::warning("bad-ca-file", message).at(place);
        self.findings.push(finding.hint(hint));
    }

    /// The position in `known` of the value of `key`; any other value is reported.
    pub(super) fn choice(&mut self, key: &str, text: &Text, known: &[&str]) -> Option<usize> {
        let found = known.iter().position(|word| *word == text.value());
        if found.is_none() {
            let shown = escape::terminal(text.value());
            let message = format!("invalid value `{shown}` for `{key}`");
            let hint = one_of(text.value(), known).unwrap_or_default();
            self.error("bad-value", message, text, &hint);
        }
        found
    }

    /// The value of `key`, from 1 to `most`.
    pub(super) fn count(
        &mut self,
        key: &str,
        value: Option<Spanned<usize>>,
        most: usize,
    ) -> Option<usize> {
        let value = value?;
        let number = *value.get_ref();
        if (1..=most).contains(&number) {
            return Some(number);
        }
        let place = Place::new(self.source, value.span());
        let message = format!("`{key}` must be between 1 and {most}, not {number}");
        self.findings
            .push(Finding::error("bad-value", message).at(place));
        None
    }
}
