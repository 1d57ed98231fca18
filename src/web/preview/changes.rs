//! What is new: against the last issue that was sent, and against the last commit.

use std::path::Path;
use std::process::{Command, Stdio};

use similar::{ChangeTag, TextDiff};

use crate::compile::edition::Edition;
use crate::message::{self, MessageOptions};
use crate::newsletter::issue;
use crate::store::{Send, Store, StoreError};
use crate::subscriber::Subscriber;

/// A line, and whether it is new, gone, or the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) change: Change,
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    New,
    Gone,
    Same,
}

/// How many lines that are the same stand around those that are not.
const AROUND: usize = 3;

/// The changes from one text to another, in groups with some lines around them.
pub(super) fn between(old: &str, new: &str) -> Vec<Vec<Line>> {
    let diff = TextDiff::from_lines(old, new);
    let groups = diff.grouped_ops(AROUND).into_iter();
    let lines = groups.map(|group| {
        let changes = group.iter().flat_map(|op| diff.iter_changes(op));
        changes
            .map(|change| Line {
                change: match change.tag() {
                    ChangeTag::Insert => Change::New,
                    ChangeTag::Delete => Change::Gone,
                    ChangeTag::Equal => Change::Same,
                },
                text: change.value().trim_end_matches('\n').to_owned(),
            })
            .collect()
    });
    lines.collect()
}

/// The send that an editor compares with: the issue's own, if it has begun, or else the latest of another.
pub(super) fn last_send(store: &Store, name: &str) -> Result<Option<Send>, StoreError> {
    if let Some(own) = store.send_of(name)? {
        return Ok(Some(own));
    }
    let sends = store.sends()?;
    Ok(sends.into_iter().max_by_key(|send| send.started_at))
}

/// The plain text that a reader got, or would have got, of a send; `None` where what was frozen cannot be
/// read by this version.
pub(super) fn text_of(
    store: &Store,
    send: &Send,
    subscriber: &Subscriber,
    stamp: &MessageOptions,
) -> Result<Option<String>, StoreError> {
    let edition = Edition::thaw(&store.edition(&send.digest)?);
    Ok(edition
        .ok()
        .map(|edition| message::fill(&edition, subscriber, stamp).text))
}

/// The issue's file as the last commit has it; `None` without git, outside of a repository, or where the file
/// is in no commit. Nothing is looked up elsewhere, and no program that a repository names is run.
pub(super) fn committed(folder: &Path, name: &str) -> Option<String> {
    let shown = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["show", "--no-textconv", "--no-ext-diff"])
        .arg(format!("HEAD:./{}", issue::path_of(name)))
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !shown.status.success() {
        return None;
    }
    String::from_utf8(shown.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_in_their_surroundings() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let groups = between(old, "a\nb\nc\nD\ne\nf\n");
        let [group] = groups.as_slice() else {
            panic!("{groups:?}")
        };
        let marks = group.iter().map(|line| (line.change, &*line.text));
        assert_eq!(
            marks.collect::<Vec<_>>(),
            [
                (Change::Same, "a"),
                (Change::Same, "b"),
                (Change::Same, "c"),
                (Change::Gone, "d"),
                (Change::New, "D"),
                (Change::Same, "e"),
                (Change::Same, "f"),
            ]
        );
        assert!(between(old, old).is_empty());
    }
}
