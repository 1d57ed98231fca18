//! A TOML file read in two steps, so that every fault in it has its own place.
//!
//! First the file becomes a table with places; then each part of it becomes a typed value of its own.
//! serde alone stops at the first fault and, for a section told apart by its `kind`, places it at the
//! head of the section. [`typed`] takes a faulty entry out and tries again, until every fault is told.

mod chunks;
mod date;
mod encoding;
mod entry_error;
mod offset_map;
mod syntax_error;
mod text;

pub use chunks::Chunks;
pub use date::{date_hint, invalid_date};
pub use text::{Text, unwanted};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::diag::{Before, Finding, Findings, Place, Source};
use crate::util::system;
use entry_error::EntryError;

/// The largest file that an editor writes, in bytes: an issue of 1 MiB would be a book.
pub const LARGEST_FILE: u64 = 1 << 20;

/// The message about a merge conflict, between the keys of a file and in a text.
pub const CONFLICT: &str = "a merge conflict was left in the file";
/// How to resolve one.
pub const CONFLICT_HINT: &str =
    "keep one of the two versions, and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`";

/// A value of a file, still untyped, with its place.
pub type TomlValue<'s> = Spanned<DeValue<'s>>;

/// A file of TOML, its syntax read, its values not yet typed.
#[derive(Debug)]
pub struct Document<'s> {
    source: &'s Arc<Source>,
    root: TomlValue<'s>,
}

/// Reads the file `shown` below `folder`, at most `limit` bytes of it.
///
/// A file that is missing, outside of the folder (links followed), too large or no UTF-8 is a finding, and
/// `None`. A link may come with an issue that somebody else delivered, and what it leads to would be drawn in a
/// finding: of a file that is not the newsletter's, nothing is read.
pub fn read(
    folder: &Path,
    shown: &str,
    limit: u64,
    findings: &mut Findings,
) -> Option<Arc<Source>> {
    match read_text(folder, shown, limit) {
        Ok(text) => Some(Source::new(shown, text)),
        Err(why) => {
            findings.push(why.into_finding(shown));
            None
        }
    }
}

impl<'s> Document<'s> {
    /// Reads the syntax of a file; faults in it are findings, and `None`.
    pub fn parse(source: &'s Arc<Source>, findings: &mut Findings) -> Option<Self> {
        Self::parse_telling(source, SYNTAX_FAULTS_SHOWN, findings).ok()
    }

    /// Reads the syntax of a file and tells at most `most` faults in it; where there are any, how many it told.
    fn parse_telling(
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
            return match syntax_faults(source, source.text(), &mut root, errors, findings) {
                slips if slips.is_empty() => Ok(Self { source, root }),
                slips => Err(tell(slips, most, findings)),
            };
        };
        let (root, mut errors) = DeTable::parse_recoverable(&controls.replaced);
        let mut root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
        errors.retain(|error| {
            let at = error.span().unwrap_or_default().start;
            !controls.share_a_line(&controls.replaced, at)
        });
        let mut slips = controls.findings(source);
        let text = &controls.replaced;
        slips.extend(syntax_faults(source, text, &mut root, errors, findings));
        Err(tell(slips, most, findings))
    }

    /// The file's text and name.
    pub fn source(&self) -> &Arc<Source> {
        self.source
    }

    /// All that is in the file, as a table.
    pub fn root(&self) -> &TomlValue<'s> {
        &self.root
    }

    /// Takes the array of tables `[[key]]` out of the file, so that each can be typed by itself.
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

    /// Types what is left of the file; `what` names it in messages, such as `newsletter.toml`.
    pub fn typed<T: DeserializeOwned + Default>(self, what: &str, findings: &mut Findings) -> T {
        self.typed_beside(what, &[], findings)
    }

    /// As [`Document::typed`], after the keys `beside` have been taken out: a hint knows them too.
    pub fn typed_beside<T: DeserializeOwned + Default>(
        self,
        what: &str,
        beside: &[&str],
        findings: &mut Findings,
    ) -> T {
        typed_beside(self.root, what, beside, self.source, findings)
    }
}

/// One slip at the head of a file can unsettle every line after it; the first few tell the cause, and one more
/// finding says that there are others.
const SYNTAX_FAULTS_SHOWN: usize = 5 + 1;

/// The findings of a file's `errors` of syntax; dates that do not exist go into `findings` and out of `root`.
fn syntax_faults(
    source: &Arc<Source>,
    text: &str,
    root: &mut TomlValue<'_>,
    mut errors: Vec<toml::de::Error>,
    findings: &mut Findings,
) -> Vec<Finding> {
    // A day that no calendar has is a fault of syntax to the parser, and hides the rest of the file.
    errors.retain(|error| !take_invalid_date(error, root, source, findings));
    if errors.is_empty() {
        return Vec::new();
    }
    syntax_error::findings(source, text, &errors)
}

/// Adds the first `most` of `slips`, how many it added; the last that may be added says only that there are more.
fn tell(mut slips: Vec<Finding>, most: usize, findings: &mut Findings) -> usize {
    slips.truncate(most);
    let told = slips.len();
    if let Some(last) = slips.last_mut().filter(|_| told == most) {
        "more errors of syntax from here on are not shown".clone_into(&mut last.message);
        last.hint = Some("correct those above first".to_owned());
        last.related = None;
    }
    slips.into_iter().for_each(|slip| findings.push(slip));
    told
}

/// Tells a date that does not exist and takes it out of `root`; whether `error` was about one.
fn take_invalid_date(
    error: &toml::de::Error,
    root: &mut TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> bool {
    let Some(span) = error.span() else {
        return false;
    };
    let Some(fault) = EntryError::invalid_date(&span, root) else {
        return false;
    };
    let written = &source.text()[span.clone()];
    let finding = Finding::error("bad-date", invalid_date(written)).hint(date_hint(written));
    findings.push(finding.at(Place::new(source, span)));
    take_out(&fault, root, source, findings);
    true
}

/// Takes a fault that was told out of `value`: its key is not told again as missing.
fn take_out(
    fault: &EntryError,
    value: &mut TomlValue<'_>,
    source: &Arc<Source>,
    findings: &mut Findings,
) {
    if let Some((table, key)) = fault.remove(value) {
        findings.note_unread(&Place::new(source, table..table), key);
    }
}

/// Takes the array of tables `key` out of `value`; anything else under that key is a finding.
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
    findings.push(no_tables(key, source, span));
    Vec::new()
}

/// What is to be said of something else than an array of tables under `key`: mostly a head with one bracket.
fn no_tables(key: &str, source: &Arc<Source>, span: std::ops::Range<usize>) -> Finding {
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
        let message = format!("`{line}` stands above the first `[[{key}]]`");
        return Finding::error("wrong-type", message)
            .at(Place::new(source, span))
            .hint(format!("write a line `[[{key}]]` above it"));
    }
    let (message, hint) = match head.filter(|head| head.trim().ends_with(key)) {
        Some(head) => (
            format!("`{written}` is one table, and `{key}` is a list of tables"),
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

/// Takes the entries under `keys` out of the table `value`, into a table of their own.
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

/// The string under `key` with the place of the value, left where it is.
pub fn peek_text(value: &TomlValue<'_>, key: &str, source: &Arc<Source>) -> Option<Text> {
    let found = value.get_ref().get(key)?;
    let string = found.get_ref().as_str()?.to_owned();
    Some(Text::new(source, Spanned::new(found.span(), string)))
}

/// Makes a `T` of a table, telling every fault in it.
///
/// Each fault is told once and its entry taken out; what remains is typed without it, so that one wrong
/// key does not hide the next. `what` names the table in messages: "an article".
pub fn typed<T: DeserializeOwned + Default>(
    value: TomlValue<'_>,
    what: &str,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> T {
    typed_beside(value, what, &[], source, findings)
}

/// How many errors of one table are reported: after each the table is typed again.
const MOST_FAULTS: usize = 50;

/// As [`typed`], for a table whose keys `beside` have been taken out before: a hint knows them too.
pub fn typed_beside<T: DeserializeOwned + Default>(
    mut value: TomlValue<'_>,
    what: &str,
    beside: &[&str],
    source: &Arc<Source>,
    findings: &mut Findings,
) -> T {
    for _ in 0..MOST_FAULTS {
        let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(typed) => return typed,
            Err(error) => error,
        };
        let Some(fault) = EntryError::locate(&error, &value) else {
            let place = Place::new(source, error.span().unwrap_or(value.span()));
            findings.push(Finding::error("wrong-value", error.message()).at(place));
            return T::default();
        };
        findings.push(fault.finding(what, beside, source));
        take_out(&fault, &mut value, source, findings);
    }
    let message =
        format!("this table has more than {MOST_FAULTS} errors: the others are not shown");
    findings.push(Finding::error("wrong-value", message).at(Place::new(source, value.span())));
    T::default()
}

/// Why a file could not be read as text.
enum Unreadable {
    Io(std::io::Error),
    Outside,
    NoFile,
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    NotUtf8 {
        bytes: Vec<u8>,
        offset: usize,
        /// What stands in the file before `bytes`.
        before: Before,
    },
}

impl Unreadable {
    fn into_finding(self, shown: &str) -> Finding {
        match self {
            Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Finding::error("missing-file", format!("there is no file `{shown}`"))
            }
            Self::Io(error) => Finding::error(
                "unreadable-file",
                format!("`{shown}` cannot be read: {}", system::words(&error)),
            ),
            Self::Outside => {
                let message = format!("`{shown}` leads out of the newsletter's folder");
                Finding::error("file-outside", message)
                    .hint("put the file itself there, in the place of the link".to_owned())
            }
            Self::NoFile => Finding::error("unreadable-file", format!("`{shown}` is no file")),
            Self::TooLarge { bytes, limit } => {
                Finding::error("file-too-large", format!("`{shown}` has {bytes} bytes"))
                    .hint(format!("the most that is read is {limit} bytes"))
            }
            Self::NotUtf8 {
                bytes,
                offset,
                before,
            } => encoding::finding(shown, &bytes, offset, before),
        }
    }
}

/// Where the file `shown` below `folder` is, and its length in bytes; links are followed and must not lead out.
fn found(folder: &Path, shown: &str) -> Result<(PathBuf, u64), Unreadable> {
    let root = folder.canonicalize().map_err(Unreadable::Io)?;
    let path = folder.join(shown).canonicalize().map_err(Unreadable::Io)?;
    if !path.starts_with(root) {
        return Err(Unreadable::Outside);
    }
    let found = std::fs::metadata(&path).map_err(Unreadable::Io)?;
    // A pipe would be waited for.
    if !found.is_file() {
        return Err(Unreadable::NoFile);
    }
    Ok((path, found.len()))
}

fn read_text(folder: &Path, shown: &str, limit: u64) -> Result<String, Unreadable> {
    let (path, bytes) = found(folder, shown)?;
    if bytes > limit {
        return Err(Unreadable::TooLarge { bytes, limit });
    }
    let content = std::fs::read(path).map_err(Unreadable::Io)?;
    let not_utf8 = |bytes, offset| Unreadable::NotUtf8 {
        bytes,
        offset,
        before: Before::default(),
    };
    if !encoding::is_text(&content) {
        return Err(not_utf8(content, 0));
    }
    String::from_utf8(content).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        not_utf8(error.into_bytes(), offset)
    })
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
        let told = findings.sorted().into_iter().map(|f| {
            let place = f
                .place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("{place} {} {}", f.message, f.hint.as_deref().unwrap_or(""))
        });
        let told = told.collect();
        (article.unwrap_or_default(), told)
    }

    #[test]
    fn every_fault_of_a_table_is_told_and_the_rest_is_read() {
        let (article, told) =
            read("titel = 1\ntitle = \"T\"\ncount = \"three\"\nimage = { scr = \"a\", alt = 7 }\n");
        assert_eq!(article.title.as_deref(), Some("T"));
        assert!(article.image.is_some());
        assert_eq!(
            told,
            [
                "a.toml:1:1 `titel` is no key of an article did you mean `title`?",
                "a.toml:3:9 `count` must be a number from 0 to 255, not the string \"three\" write a whole number in digits",
                "a.toml:4:11 `scr` is no key of `image` did you mean `src`?",
                "a.toml:4:28 `alt` must be a string, not the integer `7` write `\"7\"`",
            ]
        );
    }

    #[test]
    fn a_fault_below_a_head_of_its_own_hides_nothing() {
        let (article, told) = read("title = \"T\"\n[image]\nscr = \"a\"\nsrc = 7\nalt = \"A\"\n");
        assert_eq!(article.title.as_deref(), Some("T"));
        assert_eq!(article.image.and_then(|i| i.alt).as_deref(), Some("A"));
        assert_eq!(
            told,
            [
                "a.toml:3:1 `scr` is no key of `image` did you mean `src`?",
                "a.toml:4:7 `src` must be a string, not the integer `7` write `\"7\"`",
            ]
        );
    }

    #[test]
    fn a_syntax_fault_has_its_place() {
        let (_, told) = read("title = \"T\ncount = 1\n");
        assert!(told[0].starts_with("a.toml:1:"), "{told:?}");
    }

    #[test]
    fn nesting_ten_thousand_deep_is_a_finding() {
        let (_, told) = read(&format!(
            "title = {}{}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        ));
        assert!(!told.is_empty() && told.len() <= 5, "{}", told.len());
    }
}
