//! Stars as footnote marks: `Rates* rose.` with `*Source: ONS.` in a later line or sentence.
//!
//! They are not unclosed emphasis, and stay text. Mark and note are in one text, often in different blocks.

use std::collections::HashMap;
use std::ops::Range;

use super::mapped_text::MappedText;
use super::mask::MASKED_STAR;

/// The longest footnote mark, in stars.
const LONGEST: usize = 3;

/// The possible footnote marks of one text.
#[derive(Debug, Default)]
pub(super) struct Footnotes {
    /// The role of each run of stars, by its offset in the Markdown.
    runs: HashMap<usize, NoteRun>,
    /// For each number of stars, the first reference and the last note.
    references: [Option<usize>; LONGEST],
    notes: [Option<usize>; LONGEST],
}

#[derive(Debug, Clone, Copy)]
struct NoteRun {
    stars: usize,
    is_note: bool,
}

impl Footnotes {
    /// Adds the literal stars of a block.
    pub(super) fn read(&mut self, block: &MappedText) {
        let text = block.text();
        let mut done = 0;
        for at in memchr::memchr2_iter(b'*', MASKED_STAR, text.as_bytes()) {
            if at < done {
                continue;
            }
            let star = text.as_bytes()[at];
            let stars = text[at..].bytes().take_while(|byte| *byte == star).count();
            done = at + stars;
            let run = run(text, at..done);
            if let Some(run) = run.filter(|run| run.stars <= LONGEST) {
                self.add(block.sources(at..done).start, run);
            }
        }
    }

    fn add(&mut self, at: usize, run: NoteRun) {
        self.runs.insert(at, run);
        let index = run.stars - 1;
        if run.is_note {
            self.notes[index] = Some(at);
        } else {
            self.references[index].get_or_insert(at);
        }
    }

    /// Whether the stars at `at` are a footnote mark: a reference before its note, or the next in a series of
    /// references.
    pub(super) fn is_footnote(&self, at: usize) -> bool {
        let Some(run) = self.runs.get(&at) else {
            return false;
        };
        let index = run.stars - 1;
        let is_after = |earlier: Option<usize>| earlier.is_some_and(|earlier| earlier < at);
        if run.is_note {
            return is_after(self.references[index]);
        }
        let has_note = self.notes[index].is_some_and(|note| note > at);
        has_note || index > 0 && is_after(self.references[index - 1])
    }
}

/// The role of stars by the characters around them: directly after a word or an amount they are a reference, before the
/// first word of a line or sentence a note.
fn run(text: &str, at: Range<usize>) -> Option<NoteRun> {
    let before = text[..at.start].chars().next_back();
    let after = text[at.end..].chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let ends_amount = matches!(
        before,
        Some(')' | '%' | '€' | '$' | '£' | '¥' | '°' | '.' | '!')
    );
    let is_reference = (is_word(before) || ends_amount) && !is_word(after);
    let sentence = text[..at.start].trim_end_matches(' ');
    let begins = sentence.is_empty() || sentence.ends_with(['\n', '.', '!', '?', '…', ')', ';']);
    let is_apart = before.is_none_or(char::is_whitespace);
    let is_note = begins && is_apart && after.is_some_and(|c| !c.is_whitespace());
    (is_reference || is_note).then_some(NoteRun {
        stars: at.len(),
        is_note,
    })
}
