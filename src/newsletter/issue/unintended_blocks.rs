//! Lines that became a list, heading or quotation but may belong to a sentence: `1. January`, `- as always`.
//!
//! CommonMark starts a list wherever a line starts with its sign, even in the middle of a paragraph (section 5.2), and
//! numbers its items from the first number.

use std::collections::HashSet;
use std::ops::Range;

use crate::diag::{Finding, Place};
use crate::util::escape;

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
    open: Vec<List>,
    numbered: Vec<List>,
    found: Vec<UnintendedBlock>,
}

/// A list while it is read.
#[derive(Debug)]
struct List {
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
        self.open.push(List {
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
        if let Some(sign) = spaced_emphasis(text, at) {
            self.found.push(UnintendedBlock {
                at: sign,
                what: What::Spaced,
            });
        }
        let Some(start) = list.start else { return };
        let at = at + (text[at..].len() - text[at..].trim_start().len());
        let sign = sign_at(text, at);
        let written = text[sign.clone()]
            .trim_end_matches(['.', ')'])
            .parse::<u64>();
        let shown = start + list.items - 1;
        list.is_same &= written == Ok(start);
        if written != Ok(shown) && list.misnumbered.is_none() {
            list.misnumbered = Some((sign, shown));
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
        let starts: HashSet<u64> = self.numbered.iter().map(List::first).collect();
        let ends: HashSet<u64> = self.numbered.iter().map(List::after).collect();
        let is_continued =
            |list: &List| ends.contains(&list.first()) || starts.contains(&list.after());
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

impl List {
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

/// The bullet or number at `at`.
fn sign_at(text: &str, at: usize) -> Range<usize> {
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    at..(at + digits + 1).min(text.len())
}

/// Whether the item at `sign` is a number with a unit, or a plus with a number; after a colon it is a list.
fn is_amount(text: &str, sign: &Range<usize>) -> bool {
    let inside = &text[sign.end..];
    let is_plus = text[sign.clone()].starts_with('+') && number(inside) > 0;
    let is_minus = text[sign.clone()].starts_with('-') && begins_with_amount(inside);
    let is_announced = text[..sign.start].trim_end().ends_with(':');
    (is_plus || is_minus) && !is_announced
}

/// Whether a text starts with a number and a unit, as in ` 5 %`.
fn begins_with_amount(text: &str) -> bool {
    let length = number(text);
    let unit = text.trim_start()[length..].trim_start();
    length > 0 && unit.starts_with(['%', '‰', '°', '€', '$', '£', '¥', '℃'])
}

/// The length of the number at the beginning of a text, after its spaces.
fn number(text: &str) -> usize {
    let text = text.trim_start();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => text.find(|c| !is_part(c)).unwrap_or(text.len()),
        false => 0,
    }
}

/// Whether the text after a `#` is a rank, as in ` 5 in the charts`.
fn is_rank(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "in", "on", "im", "auf", "bei", "dans", "en", "nel", "på", "i",
    ];
    let line = text.lines().next().unwrap_or_default().trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut words = line[digits..].split(' ');
    digits > 0 && words.next() == Some("") && words.next().is_some_and(|word| WORDS.contains(&word))
}

/// Whether the line of `at` is a paragraph of its own.
fn is_line_alone(text: &str, at: usize) -> bool {
    let below = text[at..].lines().nth(1).unwrap_or_default();
    let above = text[..at].trim_end_matches([' ', '\t']);
    below.trim().is_empty() && (above.is_empty() || above.ends_with("\n\n"))
}

/// The bullet at `at` if its line is emphasis with a space after the first mark: `* Note:* text`.
fn spaced_emphasis(text: &str, at: usize) -> Option<Range<usize>> {
    let at = at + (text[at..].len() - text[at..].trim_start().len());
    let line = text[at..].lines().next()?.strip_prefix("* ")?;
    let (words, rest) = line.split_once('*')?;
    let is_emphasis = words.ends_with(':') && (rest.is_empty() || rest.starts_with(' '));
    is_emphasis.then_some(at..at + 1)
}

/// Whether the line before that of `at` ends inside a sentence.
fn continues_sentence(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').unwrap_or(0);
    let before = text[..line].rfind('\n').map_or(0, |i| i + 1);
    let before = text[before..line]
        .trim_end()
        .trim_start_matches(['>', ' ', '\t']);
    let ends = |c: char| {
        matches!(
            c,
            '.' | ':' | '!' | '?' | '…' | ';' | '*' | '_' | '。' | '：' | '！' | '？'
        )
    };
    !before.is_empty() && !before.ends_with(ends)
}

/// Months in languages that write a day as `1.`: German, Danish, Norwegian, Czech, Finnish.
const MONTHS: [&str; 55] = [
    "januar",
    "jänner",
    "jan",
    "februar",
    "feb",
    "märz",
    "mär",
    "marts",
    "mars",
    "april",
    "apr",
    "mai",
    "maj",
    "juni",
    "jun",
    "juli",
    "jul",
    "august",
    "aug",
    "september",
    "sept",
    "sep",
    "oktober",
    "okt",
    "november",
    "nov",
    "dezember",
    "dez",
    "december",
    "desember",
    "des",
    "ledna",
    "února",
    "března",
    "dubna",
    "května",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "listopadu",
    "prosince",
    "tammikuuta",
    "helmikuuta",
    "maaliskuuta",
    "huhtikuuta",
    "toukokuuta",
    "kesäkuuta",
    "heinäkuuta",
    "elokuuta",
    "syyskuuta",
    "lokakuuta",
    "marraskuuta",
    "joulukuuta",
];

fn begins_with_month(text: &str) -> bool {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    end < 20 && MONTHS.contains(&text[..end].to_lowercase().as_str())
}
