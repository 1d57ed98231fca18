//! The beginnings of lines: incomplete headings, lists and tables.

use std::ops::Range;

use super::LiteralMark;
use super::characters::is_space;

const BULLET: &str = "a bullet of a word processor";
const BULLET_HINT: &str = "start each item with `- `, after an empty line";

/// The incomplete headings, lists and tables at the beginnings of lines.
pub(super) fn of(text: &str) -> Vec<LiteralMark> {
    let mut found = Vec::new();
    let has_cells = text.contains('|');
    let mut at = 0;
    let mut earlier: Option<(LineHead, Range<usize>)> = None;
    for line in text.split('\n') {
        let trimmed = line.trim_start_matches(' ');
        let start = at + (line.len() - trimmed.len());
        found.extend(
            opening(trimmed)
                .map(|(length, what, hint)| LiteralMark::new(start..start + length, what, hint)),
        );
        let head = LineHead::of(trimmed, has_cells);
        let is_reported = matches!(earlier, Some((LineHead::Reported, _)));
        if let Some(bullet) = pasted_bullet(trimmed).filter(|_| !is_reported) {
            found.push(LiteralMark::new(start..start + bullet, BULLET, BULLET_HINT));
            earlier = Some((LineHead::Reported, start..start));
        } else if let (Some(head), Some((before, first))) = (head, &earlier)
            && head == *before
        {
            found.push(LiteralMark::new(first.clone(), head.what(), head.hint()));
            // The rest of the same list is not reported again.
            earlier = Some((LineHead::Reported, start..start));
        } else if !is_reported || head.is_none() {
            earlier = head.map(|head| {
                (
                    head,
                    start..start + trimmed.chars().next().map_or(0, char::len_utf8),
                )
            });
        }
        at += line.len() + 1;
    }
    found
}

/// An incomplete heading, container, admonition or definition at the beginning of a line.
fn opening(line: &str) -> Option<(usize, &'static str, &'static str)> {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    if is_heading(marks, &line[marks..]) {
        let hint = "write one to six `#` and a space: `## Heading`";
        return Some((marks, "an incomplete heading", hint));
    }
    if line.starts_with(": ") {
        let hint = "write a list: `- **term**: meaning`";
        return Some((1, "a definition list", hint));
    }
    let is_admonition = line.starts_with(":::") || line.starts_with("!!! ");
    is_admonition.then_some((3, "an admonition", "write the word in bold: `**Note:**`"))
}

/// The length of a bullet that Word pastes as text, with a tab or several spaces after it. A single such line is an
/// item too.
fn pasted_bullet(line: &str) -> Option<usize> {
    let bullet = line.chars().next()?;
    let after = &line[bullet.len_utf8()..];
    let is_pasted = |spaces| after.starts_with('\t') || after.starts_with(spaces);
    let is_bullet = match bullet {
        'o' | '§' => is_pasted("   "),
        _ => BULLETS.contains(&bullet) && is_pasted("  "),
    };
    is_bullet.then_some(bullet.len_utf8())
}

/// Whether the number of `marks` before the text `after` was intended as a heading, although it is none.
fn is_heading(marks: usize, after: &str) -> bool {
    match marks {
        // One `#` with a word is a hashtag.
        0 | 1 => false,
        2..=6 => !is_space(after.chars().next()),
        _ => true,
    }
}

/// Characters that people write as bullets.
const BULLETS: [char; 9] = ['•', '‣', '◦', '▪', '●', '·', '➤', '✓', '–'];

/// The beginning of a line that, repeated on the next line, looks like a list or a table.
#[derive(Clone, Copy, PartialEq)]
enum LineHead {
    Bullet,
    Number,
    Letter,
    Row,
    /// The preceding lines were reported.
    Reported,
}

impl LineHead {
    /// The kind of the beginning of `line`. If the text `has_cells`, bars alone make a line a row of a table.
    fn of(line: &str, has_cells: bool) -> Option<Self> {
        let mut chars = line.chars();
        let first = chars.next()?;
        let second = chars.next();
        match first {
            _ if BULLETS.contains(&first) || pasted_bullet(line).is_some() => Some(Self::Bullet),
            '-' | '+' | '*' if second.is_some_and(char::is_alphabetic) => Some(Self::Bullet),
            '|' => Some(Self::Row),
            _ if is_number(line) => Some(Self::Number),
            c if c.is_ascii_lowercase() && second == Some(')') => Some(Self::Letter),
            '(' if line.chars().nth(2) == Some(')') => Some(Self::Letter),
            _ if has_cells && line.bytes().filter(|byte| *byte == b'|').nth(1).is_some() => {
                Some(Self::Row)
            }
            _ => None,
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Row => "an incomplete table",
            _ => "an incomplete list",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Row => "tables are not rendered: write a list",
            _ => {
                "these lines become one paragraph: start each with `- ` or `1. `, after an empty line"
            }
        }
    }
}

/// Whether a line begins with one to three digits and a `.` or `)`, and is not a decimal number.
fn is_number(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = &line[digits..];
    (1..4).contains(&digits)
        && after.starts_with(['.', ')'])
        && after.len() > 1
        && !after[1..].starts_with(|c: char| c.is_ascii_digit())
}
