//! Lines that became a list, heading or quotation but may belong to a sentence: `1. January`, `- as always`.
//!
//! CommonMark starts a list wherever a line starts with its sign, even in the middle of a paragraph (section 5.2), and
//! numbers its items from the first number.

mod line_text;
mod months;

use std::collections::HashSet;
use std::ops::Range;

use crate::diag::{Finding, Place};
use crate::util::escape;
use line_text::{
    begins_with_amount, begins_with_month, continues_sentence, is_amount, is_line_alone, is_rank,
    sign_at, spaced_emphasis,
};

/// A block that may not be intended.
#[derive(Debug, PartialEq)]
pub(super) struct UnintendedBlock {
    /// The sign of the list, heading or quotation.
    pub(super) at: Range<usize>,
    what: What,
}

const LIST: &str = "a list";
const HEADING: &str = "a heading";
const QUOTATION: &str = "a quotation";

#[derive(Debug, PartialEq)]
enum What {
    /// The block that the line became.
    Made(&'static str),
    /// The block that has no text.
    Empty(&'static str),
    /// A list item instead of emphasis, because of the space after its first mark.
    Spaced,
    /// The number that is shown instead of the written one.
    Number(u64),
}

impl UnintendedBlock {
    /// The finding about it, at `place`; `written` is the sign.
    pub(super) fn finding(&self, written: &str, place: Place) -> Finding {
        let sign = escape::terminal(written);
        let escaped = match sign.strip_suffix(['.', ')']) {
            Some(number) => format!("{number}\\{}", &sign[number.len()..]),
            None => format!("\\{sign}"),
        };
        let (message, hint) = match self.what {
            What::Made(what) => (
                format!("`{sign}` at the start of this line turns it into {what}"),
                format!("write `{escaped}` if it belongs to the sentence"),
            ),
            What::Empty(what) => (
                format!("`{sign}` makes {what} without text"),
                format!("write text after it, or `{escaped}` for the sign itself"),
            ),
            What::Spaced => (
                format!(
                    "`{sign}` at the start of this line turns it into a list, not into emphasis"
                ),
                format!("write the words next to the marks: `{sign}words:{sign}`"),
            ),
            What::Number(shown) => (
                format!("this item has the number `{sign}` but is shown as {shown}"),
                format!(
                    "a list counts up from its first number; write `{escaped}` for a literal number"
                ),
            ),
        };
        Finding::warning("unintended-markdown", message)
            .at(place)
            .hint(hint)
    }
}

/// The lists of one text, and the unintended blocks.
#[derive(Debug, Default)]
pub(super) struct UnintendedBlocks {
    /// The open lists, the innermost last.
    open: Vec<MarkdownList>,
    numbered: Vec<MarkdownList>,
    found: Vec<UnintendedBlock>,
}

/// A list while it is read.
#[derive(Debug)]
struct MarkdownList {
    start: Option<u64>,
    /// Whether it may be an amount, such as `+ 5 %` or `- 5 °C`.
    is_amount: bool,
    /// The sign of the first item.
    sign: Range<usize>,
    items: u64,
    /// Whether all items have the number of the first, which is a common style.
    is_same: bool,
    misnumbered: Option<(Range<usize>, u64)>,
    is_in_sentence: bool,
    is_date: bool,
}

impl UnintendedBlocks {
    /// Records that a list starts at `at` of `text`, numbered from `start` if there is one.
    pub(super) fn begin_list(
        &mut self,
        text: &str,
        at: usize,
        start: Option<u64>,
        is_nested: bool,
    ) {
        let at = at + (text[at..].len() - text[at..].trim_start().len());
        let sign = sign_at(text, at);
        let is_date = start.is_some() && begins_with_month(text[sign.end..].trim_start());
        self.open.push(MarkdownList {
            start,
            is_in_sentence: continues_sentence(text, at) && (is_date || !is_nested),
            is_date,
            is_amount: !is_nested && is_amount(text, &sign),
            sign,
            items: 0,
            is_same: true,
            misnumbered: None,
        });
    }

    /// Records that an item of the innermost list starts at `at`.
    pub(super) fn begin_item(&mut self, text: &str, at: usize) {
        let Some(list) = self.open.last_mut() else {
            return;
        };
        list.items += 1;
        if let Some(start) = list.start {
            list.number(text, at, start);
        }
        if let Some(sign) = spaced_emphasis(text, at) {
            self.found.push(UnintendedBlock {
                at: sign,
                what: What::Spaced,
            });
        }
    }

    /// Records that the innermost list ends.
    pub(super) fn end_list(&mut self) {
        let Some(mut list) = self.open.pop() else {
            return;
        };
        let misnumbered = list.misnumbered.take().filter(|_| !list.is_same);
        if let Some((at, shown)) = misnumbered {
            self.found.push(UnintendedBlock {
                at,
                what: What::Number(shown),
            });
        }
        if list.start.is_some() {
            self.numbered.push(list);
        } else if list.items == 1 && (list.is_in_sentence || list.is_amount) {
            self.found.push(UnintendedBlock {
                at: list.sign,
                what: What::Made(LIST),
            });
        }
    }

    /// Records that a heading or quotation starts at `at`: `# 1 in Europe`, `> 10 % of us`.
    pub(super) fn begin_block(&mut self, text: &str, at: usize) {
        let what = match text.as_bytes().get(at) {
            Some(b'#') => What::Made(HEADING),
            Some(b'>') => What::Made(QUOTATION),
            _ => return,
        };
        let is_number = text[at + 1..]
            .trim_start_matches(' ')
            .starts_with(|c: char| c.is_ascii_digit());
        let is_alone = match text.as_bytes()[at] {
            b'#' => is_rank(&text[at + 1..]),
            _ => is_line_alone(text, at) && begins_with_amount(&text[at + 1..]),
        };
        if is_number && (is_alone || continues_sentence(text, at)) {
            self.found.push(UnintendedBlock {
                at: at..at + 1,
                what,
            });
        }
    }

    /// Records that the heading, item or quotation at `at` has no text.
    pub(super) fn empty(&mut self, text: &str, at: usize) {
        let at = at + (text[at..].len() - text[at..].trim_start().len());
        let rest = &text[at..];
        let marks = rest.bytes().take_while(|byte| *byte == b'#').count();
        let (sign, what) = match rest.as_bytes().first() {
            Some(b'#') => (at..at + marks, HEADING),
            Some(b'>') => (at..at + 1, QUOTATION),
            Some(_) => (sign_at(text, at), "an item"),
            None => return,
        };
        self.found.push(UnintendedBlock {
            at: sign,
            what: What::Empty(what),
        });
    }

    /// The unintended blocks, in no particular order.
    pub(super) fn finish(mut self) -> Vec<UnintendedBlock> {
        let starts: HashSet<u64> = self.numbered.iter().map(MarkdownList::first).collect();
        let ends: HashSet<u64> = self.numbered.iter().map(MarkdownList::after).collect();
        let is_continued =
            |list: &MarkdownList| ends.contains(&list.first()) || starts.contains(&list.after());
        for list in std::mem::take(&mut self.numbered) {
            if list.is_unintended(is_continued(&list)) {
                self.found.push(UnintendedBlock {
                    at: list.sign,
                    what: What::Made(LIST),
                });
            }
        }
        self.found
    }
}

impl MarkdownList {
    /// Compares the number of the item at `at` with the number that is shown.
    fn number(&mut self, text: &str, at: usize, start: u64) {
        let at = at + (text[at..].len() - text[at..].trim_start().len());
        let sign = sign_at(text, at);
        let written = text[sign.clone()]
            .trim_end_matches(['.', ')'])
            .parse::<u64>();
        let shown = start + self.items - 1;
        self.is_same &= written == Ok(start);
        if written != Ok(shown) && self.misnumbered.is_none() {
            self.misnumbered = Some((sign, shown));
        }
    }

    fn first(&self) -> u64 {
        self.start.unwrap_or(1)
    }

    fn after(&self) -> u64 {
        self.first() + self.items
    }

    /// Whether it is a list of one item inside a sentence or with a date, a list that does not start at 1 and continues
    /// no other, or a list of years.
    fn is_unintended(&self, is_continued: bool) -> bool {
        const YEAR: u64 = 1000;
        match self.items {
            1 => self.is_in_sentence || self.is_date || self.first() > 1 && !is_continued,
            _ => self.first() >= YEAR,
        }
    }
}
