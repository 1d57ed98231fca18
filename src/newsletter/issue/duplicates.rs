//! Copies of issues: equal content, and the file names that file managers and synchronisation programs give to copies.

use jiff::{Timestamp, civil};

use super::Issue;
use crate::diag::Place;
use crate::placeholder;

/// The properties that identify an issue.
#[derive(Debug, Clone)]
pub struct IssueIdentity {
    /// The name of the issue.
    pub name: String,
    /// The issue's number.
    pub number: Option<i64>,
    /// The subject without its placeholders.
    pub subject: String,
    /// The date.
    pub date: civil::Date,
    /// The scheduled time.
    pub send_at: Option<Timestamp>,
    /// The location of the subject.
    pub place: Option<Place>,
    /// The introduction and the sections as written in the file; empty if they were not read.
    pub content: String,
    /// Whether introduction and sections are unchanged from the starter issue.
    pub is_starter: bool,
}

impl IssueIdentity {
    /// The identity of an issue.
    pub fn of(issue: &Issue) -> Self {
        Self {
            name: issue.name.clone(),
            number: issue.number,
            subject: placeholder::without_marks(&issue.subject),
            date: issue.date,
            send_at: issue.send_at.as_ref().map(|at| at.instant),
            place: issue.source_map.subject.clone(),
            content: String::new(),
            is_starter: false,
        }
    }

    /// Whether both have the same introduction and sections.
    pub fn has_content_of(&self, other: &Self) -> bool {
        !self.content.is_empty() && self.content == other.content
    }

    /// Whether both were created by `franking new` and not edited or scheduled yet: their equal content is no sign of a
    /// copy.
    pub fn is_begun_like(&self, other: &Self) -> bool {
        let is_begun = |head: &Self| head.is_starter && head.send_at.is_none();
        is_begun(self) && is_begun(other)
    }

    /// Whether both have the same number, subject and date, at any scheduled time.
    pub fn is_like(&self, other: &Self) -> bool {
        let key = |head: &Self| (head.number, head.date);
        key(self) == key(other) && self.subject == other.subject
    }

    /// Whether a name such as `a 2` or `a-LAPTOP`, which may be intended, is that of a copy of `other`: it is, if both
    /// are scheduled for the same time.
    pub fn may_be_copy_of(&self, other: &Self) -> bool {
        let is_meant = self.send_at.is_some() && self.send_at == other.send_at;
        is_meant
            && self
                .name
                .strip_prefix(&other.name)
                .is_some_and(may_mark_a_copy)
    }
}

/// The issue in `known` whose copy `name` is, by its name: `a copy`, `a (1)`, `Copy of a`,
/// `a.sync-conflict-20261130-080000-ABCDEFG`, `a (Ann's conflicted copy 2026-11-30)`.
pub fn copied_name<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let known = known.iter().map(String::as_str);
    let mut others = known.filter(|other| *other != name);
    others.find(|other| {
        let marks = name.strip_prefix(other).is_some_and(marks_a_copy);
        marks || name.strip_suffix(other).is_some_and(announces_a_copy)
    })
}

/// Words that file managers add to the name of a copy.
const COPY: [&str; 7] = ["copy", "kopie", "copie", "copia", "kopia", "cópia", "kópia"];

/// Words that synchronisation programs add to the second version of a file.
const CONFLICT: [&str; 6] = [
    "conflict",
    "conflicted",
    "sfconflict",
    "konflikt",
    "conflit",
    "conflicto",
];

/// Words that `git mergetool` adds to a file name, before a number.
const MERGE: [&str; 4] = ["backup", "base", "local", "remote"];

/// Whether `rest`, the text after the name of the original, marks a copy.
fn marks_a_copy(rest: &str) -> bool {
    let is_apart = rest.starts_with([' ', '(', '_', '.']);
    let rest = rest.to_lowercase();
    let words: Vec<&str> = rest
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_counted = rest.trim_start().starts_with('(') && rest.ends_with(')');
    let is_called = words
        .iter()
        .any(|word| COPY.contains(word) || CONFLICT.contains(word));
    match words.as_slice() {
        [number] if is_counted && is_number(number) => true,
        [stage, number] if MERGE.contains(stage) && is_number(number) => is_apart,
        _ => is_apart && is_called,
    }
}

/// Whether `before`, the text before the name of the original, marks a copy: `Copy of `, `Kopie von `.
fn announces_a_copy(before: &str) -> bool {
    let before = before.to_lowercase();
    let mut words = before.split_whitespace();
    let is_called = words.next().is_some_and(|word| COPY.contains(&word));
    is_called && before.ends_with(' ') && words.count() <= 1
}

/// ` 2` (iCloud), `-LAPTOP-1A2B` (OneDrive).
fn may_mark_a_copy(rest: &str) -> bool {
    rest.strip_prefix(' ').is_some_and(is_count)
        || rest.strip_prefix('-').is_some_and(is_machine_name)
}

fn is_count(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` may be the name that Windows gives a computer, in capitals.
fn is_machine_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() >= 4 && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_copies_are_those_of_file_managers_and_of_synchronisation() {
        let known = ["a".to_owned()];
        for name in [
            "a copy",
            "a copy 2",
            "a - Copy",
            "a - Copy (2)",
            "a - Kopie",
            "a (1)",
            "a(1)",
            "a (copy)",
            "a (another copy)",
            "a (3rd copy)",
            "a_copy",
            "Copy of a",
            "Kopie von a",
            "a (Ann's conflicted copy 2026-11-30)",
            "a (conflicted copy 2026-11-30 080000)",
            "a (Case Conflict)",
            "a.sync-conflict-20261130-080000-ABCDEFG",
            "a_conflict-20261130-080000",
            "a (SFConflict ann@reader.example 2026-11-30-08-00-00)",
            "a.Conflict",
            "a_REMOTE_4711",
        ] {
            assert_eq!(copied_name(name, &known), Some("a"), "{name}");
        }
        for name in [
            "a",
            "ab",
            "a-copyright",
            "a-conflict-of-the-month",
            "a 2",
            "a-LAPTOP",
            "a.b",
        ] {
            assert_eq!(copied_name(name, &known), None, "{name}");
        }
        assert!(may_mark_a_copy(" 2") && may_mark_a_copy("-LAPTOP-1A2B"));
    }
}
