//! Differences to the last send and to the last commit.

use std::path::Path;
use std::process::{Command, Stdio};

use similar::{ChangeTag, TextDiff};

use crate::compile::edition::Edition;
use crate::message::{self, MessageOptions};
use crate::newsletter::issue;
use crate::store::{Send, Store, StoreError};
use crate::subscriber::Subscriber;

/// A line of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) change: Change,
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Removed,
    Unchanged,
}

/// The number of unchanged lines before and after a change.
const CONTEXT: usize = 3;

/// The changed lines from one text to another, in groups with some context.
pub(super) fn between(old: &str, new: &str) -> Vec<Vec<Line>> {
    let diff = TextDiff::from_lines(old, new);
    let groups = diff.grouped_ops(CONTEXT).into_iter();
    let lines = groups.map(|group| {
        let changes = group.iter().flat_map(|op| diff.iter_changes(op));
        changes
            .map(|change| Line {
                change: match change.tag() {
                    ChangeTag::Insert => Change::Added,
                    ChangeTag::Delete => Change::Removed,
                    ChangeTag::Equal => Change::Unchanged,
                },
                text: change.value().trim_end_matches('\n').to_owned(),
            })
            .collect()
    });
    lines.collect()
}

/// The send to compare with: that of the issue, or the latest of another issue.
pub(super) fn last_send(store: &Store, name: &str) -> Result<Option<Send>, StoreError> {
    if let Some(own) = store.send_of(name)? {
        return Ok(Some(own));
    }
    let sends = store.sends()?;
    Ok(sends.into_iter().max_by_key(|send| send.started_at))
}

/// The plain text that a subscriber got, or would have got, in a send; `None` if another version of the program froze the
/// edition and this one cannot read it.
pub(super) fn text_of(
    store: &Store,
    send: &Send,
    subscriber: &Subscriber,
    options: &MessageOptions,
) -> Result<Option<String>, StoreError> {
    let edition = Edition::thaw(&store.edition(&send.digest)?);
    Ok(edition
        .ok()
        .map(|edition| message::fill(&edition, subscriber, options).text))
}

/// The issue's file in the last commit; `None` without git, outside of a repository, or if the file is not committed. git
/// fetches nothing, and runs no program that the repository configures.
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
    fn a_change_has_context() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let groups = between(old, "a\nb\nc\nD\ne\nf\n");
        let [group] = groups.as_slice() else {
            panic!("{groups:?}")
        };
        let lines = group.iter().map(|line| (line.change, &*line.text));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                (Change::Unchanged, "a"),
                (Change::Unchanged, "b"),
                (Change::Unchanged, "c"),
                (Change::Removed, "d"),
                (Change::Added, "D"),
                (Change::Unchanged, "e"),
                (Change::Unchanged, "f"),
            ]
        );
        assert!(between(old, old).is_empty());
    }
}
