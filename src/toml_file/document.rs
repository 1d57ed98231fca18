//! A file whose TOML syntax has been read.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::TomlValue;
use super::date::{date_hint, invalid_date};
use super::entry_error::EntryError;
use super::syntax_error;
use super::typed::{remove, remove_entry, take_tables, typed_beside};
use crate::diag::{Finding, Findings, Place, Source};

/// A TOML file with parsed syntax and untyped values.
#[derive(Debug)]
pub struct Document<'s> {
    source: &'s Arc<Source>,
    root: TomlValue<'s>,
}

impl<'s> Document<'s> {
    /// Parses a file; `None` if it has syntax errors, which are reported.
    pub fn parse(source: &'s Arc<Source>, findings: &mut Findings) -> Option<Self> {
        Self::parse_reporting(source, MOST_SYNTAX_ERRORS, findings).ok()
    }

    /// Parses a file. If it has syntax errors, reports at most `most` of them and returns their number.
    pub(super) fn parse_reporting(
        source: &'s Arc<Source>,
        most: usize,
        findings: &mut Findings,
    ) -> Result<Self, usize> {
        let (root, errors) = DeTable::parse_recoverable(source.text());
        let root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
        if errors.is_empty() {
            return Ok(Self { source, root });
        }
        let Some(controls) = syntax_error::ControlCharacters::of(source.text()) else {
            let mut root = root;
            return match syntax_findings(source, source.text(), &mut root, errors, findings) {
                found if found.is_empty() => Ok(Self { source, root }),
                found => Err(report(found, most, findings)),
            };
        };
        let (root, mut errors) = DeTable::parse_recoverable(&controls.replaced);
        let mut root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
        errors.retain(|error| {
            let at = error.span().unwrap_or_default().start;
            !controls.share_a_line(&controls.replaced, at)
        });
        let mut found = controls.findings(source);
        let text = &controls.replaced;
        found.extend(syntax_findings(source, text, &mut root, errors, findings));
        Err(report(found, most, findings))
    }

    /// The text and name of the file.
    pub fn source(&self) -> &Arc<Source> {
        self.source
    }

    /// The root table.
    pub fn root(&self) -> &TomlValue<'s> {
        &self.root
    }

    /// Takes the array of tables `[[key]]` out of the file, so that each can be typed separately.
    pub fn take_tables(&mut self, key: &str, findings: &mut Findings) -> Vec<TomlValue<'s>> {
        take_tables(&mut self.root, key, self.source, findings)
    }

    /// Takes the value under `key` out of the file.
    pub fn take(&mut self, key: &str) -> Option<TomlValue<'s>> {
        remove(&mut self.root, key)
    }

    /// Takes the table under `key` out of the file; a value that is not a table stays, to be reported.
    pub fn take_table(&mut self, key: &str) -> Option<TomlValue<'s>> {
        let is_table = self.root.get_ref().get(key)?.get_ref().is_table();
        is_table.then(|| self.take(key)).flatten()
    }

    /// Converts the remaining file to a `T`; `what` names it in messages, such as `newsletter.toml`.
    pub fn typed<T: DeserializeOwned + Default>(self, what: &str, findings: &mut Findings) -> T {
        self.typed_beside(what, &[], findings)
    }

    /// Like [`Document::typed`], after the keys `beside` were taken out: hints include them.
    pub fn typed_beside<T: DeserializeOwned + Default>(
        self,
        what: &str,
        beside: &[&str],
        findings: &mut Findings,
    ) -> T {
        typed_beside(self.root, what, beside, self.source, findings)
    }
}

/// The maximum number of syntax errors that are reported. One error can cause others on every line after it; the first
/// few show the cause, and one more finding says that there are others.
pub(super) const MOST_SYNTAX_ERRORS: usize = 5 + 1;

/// The findings about a file's syntax `errors`. Dates that do not exist are added to `findings` and removed from
/// `root`.
fn syntax_findings(
    source: &Arc<Source>,
    text: &str,
    root: &mut TomlValue<'_>,
    mut errors: Vec<toml::de::Error>,
    findings: &mut Findings,
) -> Vec<Finding> {
    // The parser treats a date that does not exist as a syntax error, which would hide the rest of the file.
    errors.retain(|error| !take_invalid_date(error, root, source, findings));
    if errors.is_empty() {
        return Vec::new();
    }
    syntax_error::findings(source, text, &errors)
}

/// Reports the first `most` of `found`, and returns their number; the last one only says that there are more.
fn report(mut found: Vec<Finding>, most: usize, findings: &mut Findings) -> usize {
    found.truncate(most);
    let reported = found.len();
    if let Some(last) = found.last_mut().filter(|_| reported == most) {
        "more syntax errors are not shown".clone_into(&mut last.message);
        last.hint = Some("fix the errors above first".to_owned());
        last.related = None;
    }
    found.into_iter().for_each(|finding| findings.push(finding));
    reported
}

/// Reports a date that does not exist and removes it from `root`; returns whether `error` was about one.
fn take_invalid_date(
    error: &toml::de::Error,
    root: &mut TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> bool {
    let Some(span) = error.span() else {
        return false;
    };
    let Some(entry) = EntryError::invalid_date(&span, root) else {
        return false;
    };
    let written = &source.text()[span.clone()];
    let finding = Finding::error("bad-date", invalid_date(written)).hint(date_hint(written));
    findings.push(finding.at(Place::new(source, span)));
    remove_entry(&entry, root, source, findings);
    true
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Article {
        title: Option<String>,
        count: Option<u8>,
        image: Option<Image>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Image {
        src: Option<String>,
        alt: Option<String>,
    }

    fn read(text: &str) -> (Article, Vec<String>) {
        let mut findings = Findings::new();
        let source = Source::new("a.toml", text);
        let document = Document::parse(&source, &mut findings);
        let article = document.map(|d| d.typed("an article", &mut findings));
        let reported = findings.sorted().into_iter().map(|f| {
            let place = f
                .place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("{place} {} {}", f.message, f.hint.as_deref().unwrap_or(""))
        });
        let reported = reported.collect();
        (article.unwrap_or_default(), reported)
    }

    #[test]
    fn every_error_of_a_table_is_reported_and_the_rest_is_read() {
        let (article, reported) =
            read("titel = 1\ntitle = \"T\"\ncount = \"three\"\nimage = { scr = \"a\", alt = 7 }\n");
        assert_eq!(article.title.as_deref(), Some("T"));
        assert!(article.image.is_some());
        assert_eq!(
            reported,
            [
                "a.toml:1:1 unknown key `titel` in an article did you mean `title`?",
                "a.toml:3:9 `count` must be a number from 0 to 255, not the string \"three\" write a whole number in digits",
                "a.toml:4:11 unknown key `scr` in `image` did you mean `src`?",
                "a.toml:4:28 `alt` must be a string, not the integer `7` write `\"7\"`",
            ]
        );
    }

    #[test]
    fn an_error_below_a_header_hides_nothing() {
        let (article, reported) =
            read("title = \"T\"\n[image]\nscr = \"a\"\nsrc = 7\nalt = \"A\"\n");
        assert_eq!(article.title.as_deref(), Some("T"));
        assert_eq!(article.image.and_then(|i| i.alt).as_deref(), Some("A"));
        assert_eq!(
            reported,
            [
                "a.toml:3:1 unknown key `scr` in `image` did you mean `src`?",
                "a.toml:4:7 `src` must be a string, not the integer `7` write `\"7\"`",
            ]
        );
    }

    #[test]
    fn a_syntax_error_has_its_location() {
        let (_, reported) = read("title = \"T\ncount = 1\n");
        assert!(reported[0].starts_with("a.toml:1:"), "{reported:?}");
    }

    #[test]
    fn nesting_ten_thousand_deep_is_a_finding() {
        let (_, reported) = read(&format!(
            "title = {}{}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        ));
        assert!(
            !reported.is_empty() && reported.len() <= 5,
            "{}",
            reported.len()
        );
    }
}
