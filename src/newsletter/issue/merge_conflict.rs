//! Merge conflicts in texts: the lines that git writes around the two versions.
//!
//! CommonMark reads them as text, a heading and nested quotations, so they would be mailed.

use std::ops::Range;

use memchr::memmem;

use super::code::fenced_blocks;
use crate::diag::{Finding, Place};
use crate::toml_file::{CONFLICT, CONFLICT_HINT};

const OPEN: &str = "<<<<<<<";
const BASE: &str = "|||||||";
const MIDDLE: &str = "=======";
const CLOSE: &str = ">>>>>>>";

/// The lines of one conflict, in the order of the text.
#[derive(Debug, PartialEq)]
pub(super) struct MergeConflict {
    /// Each marker line of git, without its line end.
    pub(super) lines: Vec<Range<usize>>,
}

impl MergeConflict {
    /// The finding about it, at the `place` of its first line.
    pub(super) fn finding(place: Place) -> Finding {
        Finding::error("syntax", CONFLICT)
            .at(place)
            .hint(CONFLICT_HINT.to_owned())
    }
}

/// The conflicts of a text, except those in code blocks, which are intended.
pub(super) fn of(text: &str) -> Vec<MergeConflict> {
    let has = |mark: &str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if !has(OPEN) && !has(CLOSE) {
        return Vec::new();
    }
    let code = fenced_blocks(text);
    let is_code = |at: &Range<usize>| code.iter().any(|code| code.contains(&at.start));
    let mut found = grouped(marks(text).filter(|(at, _)| !is_code(at)));
    found.retain(|conflict| is_conflict(text, conflict));
    found
}

/// Groups marker lines into conflicts. An opening marker starts a new one.
fn grouped(marks: impl Iterator<Item = (Range<usize>, &'static str)>) -> Vec<MergeConflict> {
    let mut found = Vec::new();
    let mut open: Vec<Range<usize>> = Vec::new();
    for (at, mark) in marks {
        match mark {
            OPEN => {
                found.extend(whole(std::mem::take(&mut open)));
                open.push(at);
            }
            CLOSE if !open.is_empty() => {
                open.push(at);
                found.extend(whole(std::mem::take(&mut open)));
            }
            CLOSE => {}
            _ => open.push(at),
        }
    }
    found.extend(whole(open));
    found
}

fn whole(lines: Vec<Range<usize>>) -> Option<MergeConflict> {
    (!lines.is_empty()).then_some(MergeConflict { lines })
}

/// Whether the lines are a conflict: `=======` alone underlines a heading, `>>>>>>>` is a quotation.
fn is_conflict(text: &str, conflict: &MergeConflict) -> bool {
    let has = |mark| {
        let mut lines = conflict.lines.iter();
        lines.any(|at| text[at.clone()].starts_with(mark))
    };
    has(OPEN) || has(MIDDLE) && has(CLOSE)
}

/// The marker lines, alone or with the name of a version.
fn marks(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        let mark = [OPEN, BASE, MIDDLE, CLOSE]
            .into_iter()
            .find(|mark| line.starts_with(mark))?;
        let name = &line[mark.len()..];
        let is_mark = name.is_empty() || mark != MIDDLE && name.starts_with(' ');
        is_mark.then(|| (start..start + line.len(), mark))
    })
}
