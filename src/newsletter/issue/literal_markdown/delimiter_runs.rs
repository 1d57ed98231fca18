//! Delimiter runs of emphasis, code and strikethrough that have no effect.

use std::ops::Range;

use super::LiteralMark;
use super::characters::{is_run_mark, is_space, is_word};
use crate::newsletter::issue::mapped_text::{GAP, LINK};
use crate::newsletter::issue::url_end::is_unspaced;
use crate::util::characters::next_byte;

/// The description of a delimiter run without its other end.
pub(super) const EMPHASIS: &str = "unclosed emphasis";

/// The literal marks among the delimiter runs of a block.
pub(super) fn of(text: &str) -> Vec<LiteralMark> {
    let mut reading = RunReader::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) = next_byte(&bytes[at..], is_run_mark).map(|i| at + i) {
        let mark = bytes[start];
        let length = bytes[start..]
            .iter()
            .take_while(|byte| **byte == mark)
            .count();
        at = start + length;
        reading.run(DelimiterRun {
            mark,
            at: start..at,
            before: text[..start].chars().next_back(),
            after: text[at..].chars().next(),
        });
    }
    reading.found
}

/// A delimiter run with the characters around it.
#[derive(Clone)]
struct DelimiterRun {
    mark: u8,
    at: Range<usize>,
    before: Option<char>,
    after: Option<char>,
}

/// The state after the runs that were read.
#[derive(Default)]
struct RunReader {
    found: Vec<LiteralMark>,
    /// An earlier run that may open emphasis.
    opener: Option<DelimiterRun>,
    /// An earlier pair of marks between spaces.
    isolated: Option<DelimiterRun>,
    highlight: Option<DelimiterRun>,
}

impl RunReader {
    fn run(&mut self, run: DelimiterRun) {
        let opener = self.opener.take();
        if let Some(opener) = opener.filter(|opener| run.is_kept_from_closing(opener)) {
            self.found.pop_if(|last| last.at == opener.at);
            self.found.push(LiteralMark::new(
                opener.at.start..run.at.end,
                "emphasis next to punctuation",
                "move the punctuation outside the marks, as in `**words**.`, or add a space outside them",
            ));
        } else if let Some(first) = self.isolated.take_if(|first| run.closes_isolated(first)) {
            self.found.push(spaced(first.at));
        } else if let Some(mark) = run.unclosed() {
            self.found.push(mark);
            self.opener = Some(run);
        } else if run.is_alone() {
            self.found.push(LiteralMark::new(
                run.at,
                "marks without text",
                "remove them, or write text between them: `**words**`",
            ));
        } else if run.is_isolated() || self.isolated.is_some() && run.ends_isolated() {
            self.isolated(run);
        } else if run.mark == b'=' && run.at.len() == 2 {
            self.highlight(run);
        } else {
            self.opener = Some(run);
        }
    }

    fn isolated(&mut self, run: DelimiterRun) {
        match self.isolated.take_if(|first| first.mark == run.mark) {
            Some(first) => self.found.push(spaced(first.at)),
            None => self.isolated = Some(run),
        }
    }

    fn highlight(&mut self, run: DelimiterRun) {
        match self.highlight.take() {
            Some(first) if !is_space(run.before) => self.found.push(LiteralMark::new(
                first.at.start..run.at.end,
                "a highlight",
                "write `**words**`",
            )),
            _ => self.highlight = (!is_space(run.after)).then_some(run),
        }
    }
}

fn spaced(at: Range<usize>) -> LiteralMark {
    LiteralMark::new(
        at,
        "marks with a space before the text",
        "write the marks next to the text: `**words**`",
    )
}

impl DelimiterRun {
    fn unclosed(&self) -> Option<LiteralMark> {
        let escaped = "close it at the end of the text, or write a backslash before each mark";
        let (what, is_one) = match (self.mark, self.at.len()) {
            (b'*', 1) | (b'_', 1) => (EMPHASIS, self.opens()),
            (b'*', 2 | 3) | (b'_', 2 | 3) => (EMPHASIS, self.touches_one_word()),
            (b'~', 2) => ("unclosed strikethrough", self.touches_one_word()),
            (b'`', _) => (
                "unclosed code",
                !(is_word(self.before) && is_word(self.after)),
            ),
            _ => return None,
        };
        is_one.then(|| LiteralMark::new(self.at.clone(), what, escaped))
    }

    /// Whether it is before a word and not after one.
    fn opens(&self) -> bool {
        let opens_words = matches!(
            self.before,
            None | Some('(' | '"' | '“' | '„' | '«' | '\'' | '‘')
        ) || is_space(self.before);
        let is_letter = self
            .after
            .is_some_and(|c| c.is_alphabetic() || matches!(c, GAP | LINK | '"' | '“' | '('))
            || self.mark == b'*' && is_word(self.after);
        opens_words && is_letter
    }

    fn touches_one_word(&self) -> bool {
        let (before, after) = (!is_space(self.before), !is_space(self.after));
        (before || after)
            && !(is_word(self.before) && is_word(self.after))
            && (is_word(self.before) || is_word(self.after))
    }

    /// Whether it would close what `opener` opens if there were no punctuation between one of them and the words:
    /// between a letter and punctuation, CommonMark neither opens nor closes emphasis (section 6.2).
    fn is_kept_from_closing(&self, opener: &Self) -> bool {
        let is_punctuation = |c: Option<char>| !is_space(c) && !is_word(c);
        // A star after a word is more often a footnote mark, except in scripts without spaces.
        let is_letter = |c: Option<char>| match self.at.len() {
            1 => self.mark == b'*' && c.is_some_and(is_unspaced),
            _ => is_word(c),
        };
        let is_pair = opener.mark == self.mark && opener.at.len() == self.at.len();
        let has_words = !is_space(opener.after) && !is_space(self.before);
        let opens_nothing = is_letter(opener.before) && is_punctuation(opener.after);
        let closes_nothing = is_punctuation(self.before) && is_letter(self.after);
        let is_emphasis = matches!(self.mark, b'*' | b'_' | b'~');
        is_emphasis && is_pair && has_words && (opens_nothing || closes_nothing)
    }

    /// Whether it is two marks between a space and punctuation.
    fn ends_isolated(&self) -> bool {
        let is_double = matches!(self.mark, b'*' | b'_' | b'~') && self.at.len() == 2;
        is_double && is_space(self.before) && !is_word(self.after)
    }

    /// Whether it closes bold text, as in `** Note:** text`, that the isolated marks `first` should open.
    fn closes_isolated(&self, first: &Self) -> bool {
        let is_pair = first.mark == self.mark && first.at.len() == self.at.len();
        let ends_words = matches!(self.before, Some(':' | '.' | '!' | '?' | '…'));
        is_pair && ends_words && !is_word(self.after)
    }

    /// Whether it is two marks between spaces.
    fn is_isolated(&self) -> bool {
        self.ends_isolated() && is_space(self.after)
    }

    /// Whether it is two marks on a line of their own.
    fn is_alone(&self) -> bool {
        let is_end = |c: Option<char>| c.is_none_or(|c| c == '\n');
        self.is_isolated() && is_end(self.before) && is_end(self.after)
    }
}
