//! Markdown without effect: an unclosed link, an incomplete list.
//!
//! The CommonMark parser accepts every text, so a mistake in Markdown is mailed literally. Each file here finds one
//! kind of such mistakes in the text that remains after parsing, in which escaped characters and code are gaps.

mod brackets;
mod characters;
mod delimiter_runs;
mod line_heads;
mod mistyped_url;
mod one_line;
mod words;

pub(super) use one_line::of_line;
pub use one_line::{report_braces, report_marks};

use std::ops::Range;

use super::mapped_text::MappedText;
use crate::diag::{Finding, Place};
use crate::util::characters::has_byte;
use crate::util::escape;

/// Markdown that stayed text.
#[derive(Debug, PartialEq)]
pub(super) struct LiteralMark {
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
    what: &'static str,
    hint: &'static str,
}

impl LiteralMark {
    pub(super) fn new(at: Range<usize>, what: &'static str, hint: &'static str) -> Self {
        Self { at, what, hint }
    }

    /// Whether it is unclosed emphasis.
    pub(super) fn is_emphasis(&self) -> bool {
        self.what == delimiter_runs::EMPHASIS
    }

    /// The finding about it, at `place`; `written` is its text.
    pub(super) fn finding(&self, written: &str, place: Place) -> Finding {
        finding(self.what, written, self.hint, place)
    }
}

/// The finding about Markdown that the message shows literally.
pub(super) fn finding(what: &str, written: &str, hint: &str, place: Place) -> Finding {
    let message = format!("{what}: `{}` is shown literally", escape::terminal(written));
    Finding::warning("literal-markdown", message)
        .at(place)
        .hint(hint)
}

/// The literal marks of one block of running text.
pub(super) fn of_block(block: &MappedText) -> Vec<LiteralMark> {
    let text = block.text();
    let mut found = line_heads::of(text);
    found.extend(delimiter_runs::of(text));
    if has_byte(text, |byte| (byte == b'[') | (byte == b']')) {
        found.extend(brackets::of(text));
    }
    found.extend(words::of(text));
    found.extend(words::hosts(text));
    found.extend(
        mistyped_url::urls(text).map(|(at, hint)| LiteralMark::new(at, mistyped_url::WHAT, hint)),
    );
    found.sort_by_key(|mark| mark.at.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let mut traced = MappedText::default();
        traced.push(text, 0);
        of_block(&traced)
            .into_iter()
            .map(|mark| mark.what)
            .collect()
    }

    #[test]
    fn mistakes_are_found() {
        for text in [
            "some **bold words",
            "bold** words",
            "** bold ** words",
            "__ bold __ words",
            "~~ gone ~~ words",
            "words\n**\nwords",
            "__",
            "**強調。**です",
            "これは**「強調」**です",
            "これは*強調（きょう）*です",
            "Kreis**(Stadt)** und",
            "**Wichtig!**er",
            "[a] [nope]",
            "htps://a.example",
            "www,a.example",
            "fish &amp chips",
            "__under",
            "a *star",
            "an _under",
            "~~struck",
            "`code",
            "==marked==",
            "[a] (\u{FFFB})",
            "[a](\u{FFFB} b)",
            "(a)[\u{FFFB}]",
            "[a(\u{FFFB})",
            "[a]: \u{FFFB} and more",
            "see[^1]",
            "[ ] task",
            "[!NOTE] x",
            "[/b]",
            "[TOC]",
            "&nbps;",
            ":smile:",
            "{.lead}",
            "<www.a.example>",
            "www.a.example",
            "##Heading",
            "####### x",
            "• one\n• two",
            "•\tone",
            "•\tone\n•\ttwo",
            "o   one\no   two",
            "·      one",
            "-one\n-two",
            "2. two\n3. three",
            "a) one\nb) two",
            "|a|b|\n|c|d|",
            "a | b | c\nd | e | f",
            "::: note",
            "Question ?\n: answer",
        ] {
            assert_eq!(found(text).len(), 1, "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn correct_texts_have_no_findings() {
        for text in [
            "5 * 3 * 2 = 30",
            "[sic] […] [1] [2] [E-mail]",
            "[Note by the editor] [E-mail] [sic]",
            "[sic] [nope]",
            "Preis*, Steuer*(x)",
            "これは**強調**です",
            "2**8 and snake_case_name",
            "a_b",
            "100 % of it",
            "[sic] and [1]",
            "a | b",
            "Price 10 euro*",
            "***",
            "AT&T; no",
            "10:30:15",
            "time 12:00: go",
            "std ::string::name",
            "#canal #birds",
            "#COP30 begins on Monday.",
            "-5 degrees\nand rising",
            "1914. A year\nof war",
            "f(x)[1]",
            "{a, b}",
            "<3",
            "a < b > c",
            "x == y and z == 1",
            "O`ahu",
            "_",
            "____ fill in",
            "the www",
            "(a) and (b)",
            "a ~ b",
            "well-known – yes\nand so on",
            "o rio",
            "• one line",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
