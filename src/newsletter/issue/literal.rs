//! Marks of Markdown that stayed text: a link that was not closed, a list that did not become one.
//!
//! The parser accepts everything, so a slip in Markdown goes out as its marks. Each rule here describes one such
//! slip in the text that is left after parsing, where an escaped character and code are only gaps.

use std::ops::Range;

use super::mapped_text::{GAP, LINK, MappedText};
use super::{delimiter_runs, entity, mistyped_url};
use crate::diag::{Finding, Findings, Place};
use crate::placeholder;
use crate::toml_file::Text;
use crate::util::characters::{has_byte, next_byte};
use crate::util::escape;

/// A mark that stayed text.
#[derive(Debug, PartialEq)]
pub(super) struct Leftover {
    /// Where it stands in the text.
    pub(super) at: Range<usize>,
    what: &'static str,
    hint: &'static str,
}

impl Leftover {
    pub(super) fn new(at: Range<usize>, what: &'static str, hint: &'static str) -> Self {
        Self { at, what, hint }
    }

    /// Whether it is a mark of emphasis without its other end.
    pub(super) fn is_emphasis(&self) -> bool {
        self.what == delimiter_runs::EMPHASIS
    }

    /// The finding about it, at `place`; `written` is what stands there.
    pub(super) fn finding(&self, written: &str, place: Place) -> Finding {
        finding(self.what, written, self.hint, place)
    }
}

/// The finding about something of Markdown that the message shows as it is written.
pub(super) fn finding(what: &str, written: &str, hint: &str, place: Place) -> Finding {
    let message = format!(
        "{what}: `{}` is shown as it is written",
        escape::terminal(written)
    );
    Finding::warning("literal-markdown", message)
        .at(place)
        .hint(hint.to_owned())
}

/// The leftovers of one block of running text.
pub(super) fn of_block(block: &MappedText) -> Vec<Leftover> {
    let text = block.text();
    let mut found = lines(text);
    found.extend(delimiter_runs::of(text));
    if has_byte(text, |byte| (byte == b'[') | (byte == b']')) {
        found.extend(brackets(text));
    }
    found.extend(words(text));
    found.extend(hosts(text));
    found.extend(mistyped_url::urls(text).map(|(at, hint)| Leftover::new(at, SLIP, hint)));
    found.sort_by_key(|leftover| leftover.at.start);
    found
}

/// Reports Markdown, entities and tags in a line of another file than an issue. What stands after `end` is not looked
/// at.
pub fn report_marks(text: &Text, end: usize, findings: &mut Findings) {
    let line = text.part(0..end);
    let fields = placeholder::merge_fields(line, &[]);
    let is_field = |at: &Range<usize>| {
        let mut fields = fields.iter();
        fields.any(|field| field.at.start < at.end && at.start < field.at.end)
    };
    for leftover in of_line(line) {
        let at = leftover.at.clone();
        if !is_field(&at) {
            findings.push(leftover.finding(text.part(at.clone()), text.place_of(at)));
        }
    }
}

/// Reports `{word}` in a label, unless it is `{value}` where that `is_filled`.
pub fn report_braces(label: &Text, is_filled: bool, findings: &mut Findings) {
    let line = label.value();
    let fields = placeholder::merge_fields(line, &[]);
    for (open, _) in line.match_indices('{') {
        let Some(length) = line[open..].find('}') else {
            continue;
        };
        let at = open..open + length + 1;
        let word = &line[open + 1..at.end - 1];
        let is_told = fields.iter().any(|field| field.at.contains(&open))
            || word.contains('{')
            || line[..open].ends_with('{');
        if is_told || is_filled && word == "value" {
            continue;
        }
        let hint = "only `{value}` is filled, in `more_about` and `sent_to`";
        findings.push(finding(
            "braces in a label",
            &line[at.clone()],
            hint,
            label.place_of(at),
        ));
    }
}

/// The leftovers of a value in one line, such as a title, where no Markdown is read at all.
pub(super) fn of_line(text: &str) -> Vec<Leftover> {
    const HINT: &str = "Markdown is read in texts, not in this key: take the marks out";
    const HTML: &str = "HTML is not read here: take the tag out";
    const ENTITY: &str = "entities are read in texts, not in this key: write the character itself";
    let is_sign =
        |byte| (byte == b']') | (byte == b'&') | (byte == b'#') | (byte == b'>') | (byte == b'<');
    if !has_byte(text, |byte| is_run_mark(byte) | is_sign(byte)) {
        return Vec::new();
    }
    let pairs = ["**", "__", "~~", "`", "*", "_"]
        .into_iter()
        .filter_map(|mark| pair(text, mark));
    let links = text.find("](").map(|at| at..at + 2);
    let marks = pairs.chain(links).chain(line_head(text));
    let marks = marks.map(|at| Leftover::new(at, "Markdown in a line", HINT));
    let entities = memchr::memchr_iter(b'&', text.as_bytes()).filter_map(|at| {
        let before = text[..at].chars().next_back();
        let found = entity::unread(before, &text[at + 1..])?;
        Some(Leftover::new(
            at..at + 1 + found.length,
            "an entity in a line",
            ENTITY,
        ))
    });
    let tags = memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| {
        let length = tag(&text[at..])?;
        Some(Leftover::new(at..at + length, "HTML in a line", HTML))
    });
    marks.chain(entities).chain(tags).collect()
}

/// The length of the tag at the head of `text`, such as `<b>`, `</b>` or `<br />`.
fn tag(text: &str) -> Option<usize> {
    let inside = text
        .strip_prefix('<')?
        .strip_prefix('/')
        .unwrap_or(&text[1..]);
    let reach = inside
        .char_indices()
        .nth(80)
        .map_or(inside.len(), |(at, _)| at);
    let end = inside[..reach].find(['<', '>'])?;
    let is_closed = inside[end..].starts_with('>');
    let is_tag =
        inside.starts_with(|c: char| c.is_ascii_alphabetic()) && !inside[..end].contains('@');
    (is_closed && is_tag).then_some(text.len() - inside.len() + end + 1)
}

/// The sign of a heading or a quotation at the head of a line.
fn line_head(text: &str) -> Option<Range<usize>> {
    let marks = text.bytes().take_while(|byte| *byte == b'#').count();
    let is_heading = (1..=6).contains(&marks) && text[marks..].starts_with(' ');
    let end = if is_heading {
        marks
    } else {
        usize::from(text.starts_with("> "))
    };
    (end > 0).then_some(0..end)
}

/// A word or more between two of the same marks, which touch other words only where they are not letters.
fn pair(text: &str, mark: &str) -> Option<Range<usize>> {
    let is_single = matches!(mark, "*" | "_");
    let mut from = 0;
    loop {
        let open = from + text[from..].find(mark)?;
        let inside = &text[open + mark.len()..];
        let length = inside.find(mark)?;
        let end = open + 2 * mark.len() + length;
        let words = &inside[..length];
        let is_tight = words.starts_with(char::is_alphanumeric) && !words.ends_with(' ');
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || mark.contains(c));
        let is_inner =
            touches(text[..open].chars().next_back()) || touches(text[end..].chars().next());
        if is_tight && !(is_single && is_inner) {
            return Some(open..end);
        }
        if !is_single {
            return None;
        }
        from = open + mark.len();
    }
}

/// Whether a character belongs to a word: what stands for a link or code does.
pub(super) fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || matches!(c, GAP | LINK) || escape::is_private(c))
}

pub(super) fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

pub(super) fn is_run_mark(byte: u8) -> bool {
    (byte == b'*') | (byte == b'_') | (byte == b'~') | (byte == b'`') | (byte == b'=')
}

const SLIP: &str = "a URL with a slip in it";
const HOST: &str = "write `<https://…>`: not every mail program makes a link of it";

/// The ASCII characters of `text` that are looked for: bytes are read faster than characters, and each text of each
/// issue passes here.
fn ascii(text: &str, is_wanted: impl Fn(u8) -> bool + Copy) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = at + next_byte(&text.as_bytes()[at..], is_wanted)?;
        at = found + 1;
        Some((found, char::from(text.as_bytes()[found])))
    })
}

/// Brackets of links that are none.
fn brackets(text: &str) -> Vec<Leftover> {
    const HINT: &str = "write `[words](https://…)` without a blank between the brackets; a blank in the URL is `%20`";
    let mut found = Vec::new();
    // The last `[` that is not closed: a character with a backslash is a gap here, and opens nothing.
    let mut open: Option<usize> = None;
    let is_bracket = |byte| (byte == b'[') | (byte == b']') | (byte == b'(') | (byte == b')');
    for (at, c) in ascii(text, is_bracket) {
        let rest = &text[at + 1..];
        let is_link = match c {
            '[' => {
                open = Some(at);
                found.extend(special(text, at));
                false
            }
            ']' => {
                let words = open.map_or("", |open| &text[open + 1..at]);
                closes_link(rest, open.is_some()) || names_label(words, rest)
            }
            // A bracket that is still open: `[words(https://…)`.
            '(' => open.is_some() && leads(rest),
            _ => rest.strip_prefix('[').is_some_and(leads),
        };
        if is_link {
            let start = open.unwrap_or(at);
            found.push(Leftover::new(start..at + 1, "a link that is none", HINT));
        }
        if is_link || c == ']' {
            open = None;
        }
    }
    found
}

/// Whether what stands after a `]` was meant as the destination of a link.
fn closes_link(rest: &str, is_open: bool) -> bool {
    let target = rest.trim_start_matches([' ', '\n']);
    let is_definition = rest
        .strip_prefix(':')
        .map(str::trim_start)
        .is_some_and(leads);
    is_open && rest.starts_with('(')
        || target.strip_prefix(['(', '{']).is_some_and(leads)
        || is_definition
}

/// Whether `words` in brackets and the word in brackets after them, in `rest`, were meant as `[words][label]`.
fn names_label(words: &str, rest: &str) -> bool {
    let Some((label, _)) = rest
        .strip_prefix(" [")
        .and_then(|rest| rest.split_once(']'))
    else {
        return false;
    };
    // Remarks such as `[sic]` and `[Ed. note]` stand in brackets too.
    let is_remark = words.eq_ignore_ascii_case("sic") || words.ends_with(['.', '!', '…']);
    let is_text = words.contains(char::is_alphabetic) && !words.contains(['[', '\n']);
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let has_letter = label.contains(|c: char| c.is_ascii_lowercase());
    is_text && !is_remark && label != "sic" && has_letter && label.chars().all(is_label)
}

/// Whether a text begins with something that a link may lead to.
fn leads(target: &str) -> bool {
    target.starts_with(LINK)
        || ["www.", "mailto:", "tel:"]
            .iter()
            .any(|head| target.starts_with(head))
}

/// What other dialects write in brackets: a footnote, a box, an admonition, BBCode.
fn special(text: &str, open: usize) -> Option<Leftover> {
    let rest = &text[open..];
    let reach = rest.char_indices().nth(80).map_or(rest.len(), |(at, _)| at);
    let end = rest[..reach].find(']')? + 1;
    let begins_line = text[..open]
        .trim_end_matches(' ')
        .chars()
        .next_back()
        .is_none_or(|c| c == '\n');
    let inside = &rest[1..end - 1];
    let is_tag = |tag: &str| {
        [
            "b", "i", "u", "s", "url", "img", "quote", "list", "code", "color", "size",
        ]
        .contains(&tag.to_ascii_lowercase().as_str())
    };
    let (what, hint) = if inside.len() > 1 && inside.starts_with('^') {
        (
            "a footnote",
            "write the note in brackets, or at the end of the section",
        )
    } else if begins_line && matches!(inside, " " | "x" | "X") {
        (
            "a task list that is none",
            "write `- [ ] words`, each item in a line of its own",
        )
    } else if begins_line && inside.starts_with('!') {
        ("an admonition", "write the word in bold: `**Note:**`")
    } else if inside.eq_ignore_ascii_case("toc") {
        ("contents", "use a section of `kind = \"contents\"`")
    } else if inside.strip_prefix('/').is_some_and(is_tag)
        || inside.split_once('=').is_some_and(|(tag, _)| is_tag(tag))
    {
        (
            "BBCode",
            "write Markdown: `**bold**`, `*italic*`, `[words](https://…)`",
        )
    } else {
        return None;
    };
    Some(Leftover::new(open..open + end, what, hint))
}

/// Single words of other dialects: entities, emoji codes, attributes, tags.
fn words(text: &str) -> Vec<Leftover> {
    let mut found = Vec::new();
    let is_sign = |byte| (byte == b'&') | (byte == b':') | (byte == b'{') | (byte == b'<');
    for (at, c) in ascii(text, is_sign) {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 1..];
        let reach = rest.char_indices().nth(40).map_or(rest.len(), |(at, _)| at);
        let rest = &rest[..reach];
        let leftover = match c {
            '&' => entity::unread(before, rest).map(|found| (found.length, found.what, found.hint)),
            ':' if !is_word(before) && before != Some(':') => between(rest, ':', is_emoji)
                .filter(|n| !rest[*n..].starts_with(':'))
                .map(|n| (n, "an emoji code", "write the emoji itself")),
            '{' if before != Some('{') => between(rest, '}', |name| {
                name.starts_with(['#', '.', ':']) && name.len() > 1
            })
            .map(|n| {
                (
                    n,
                    "attributes",
                    "take them out: the template decides how a text looks",
                )
            }),
            '<' => between(rest, '>', |tag| {
                !tag.is_empty()
                    && !tag.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '=' | '%'))
            })
            .map(|n| {
                (
                    n,
                    "neither a link nor an address",
                    "write `<https://…>`, or `\\<` for the character",
                )
            }),
            _ => None,
        };
        found.extend(
            leftover.map(|(length, what, hint)| Leftover::new(at..at + 1 + length, what, hint)),
        );
    }
    found
}

/// Host names without a scheme, or with a slip in `www.`.
fn hosts(text: &str) -> Vec<Leftover> {
    let bytes = text.as_bytes();
    let is_double = |at: &usize| {
        let next = bytes.get(at + 1);
        next.is_some_and(|byte| byte.eq_ignore_ascii_case(&b'w'))
    };
    let stands_alone = |at: &usize| {
        let before = text[..*at].chars().next_back();
        !is_word(before) && !matches!(before, Some('.' | '/' | '@' | '-' | '<'))
    };
    memchr::memchr2_iter(b'w', b'W', bytes)
        .filter(is_double)
        .filter(stands_alone)
        .filter_map(|at| {
            let whole = host(&text[at..]).map(|n| (n, "a host name without `https://`"));
            let slip = || mistyped_url::host(&text[at..]).map(|n| (n, SLIP));
            let (length, what) = whole.or_else(slip)?;
            Some(Leftover::new(at..at + length, what, HOST))
        })
        .collect()
}

/// The length up to and with `close`, if what stands before it is right.
fn between(rest: &str, close: char, is_right: impl Fn(&str) -> bool) -> Option<usize> {
    let end = rest.find(close)?;
    is_right(&rest[..end]).then(|| end + close.len_utf8())
}

fn is_emoji(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    name.len() > 1 && letters && name.bytes().any(|b| b.is_ascii_lowercase())
}

/// The length of a host name at the head of `text` that begins with `www.`.
fn host(text: &str) -> Option<usize> {
    let reach = text
        .char_indices()
        .nth(100)
        .map_or(text.len(), |(at, _)| at);
    let text = &text[..reach];
    let rest = text
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case("www."))
        .map(|_| &text[4..])?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-'))
        .unwrap_or(rest.len());
    let host = rest[..end].trim_end_matches(['.', '-']);
    host.contains('.').then(|| 4 + host.len())
}

/// What stands at the head of lines: headings without a blank, lists and tables that are none.
fn lines(text: &str) -> Vec<Leftover> {
    let mut found = Vec::new();
    let has_cells = text.contains('|');
    let mut at = 0;
    let mut earlier: Option<(Head, Range<usize>)> = None;
    for line in text.split('\n') {
        let trimmed = line.trim_start_matches(' ');
        let start = at + (line.len() - trimmed.len());
        found.extend(
            opening(trimmed)
                .map(|(length, what, hint)| Leftover::new(start..start + length, what, hint)),
        );
        let head = Head::of(trimmed, has_cells);
        if let (Some(head), Some((before, first))) = (head, &earlier)
            && head == *before
        {
            found.push(Leftover::new(first.clone(), head.what(), head.hint()));
            // The rest of the same list says nothing new.
            earlier = Some((Head::Told, start..start));
        } else if !matches!(earlier, Some((Head::Told, _))) || head.is_none() {
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

/// Signs of a heading, a container, an admonition or a definition at the head of a line.
fn opening(line: &str) -> Option<(usize, &'static str, &'static str)> {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    let after = line[marks..].chars().next();
    let is_heading = match marks {
        // One sign with a word is a hashtag.
        0 | 1 => false,
        2..=6 => !is_space(after),
        _ => true,
    };
    if is_heading {
        return Some((
            marks,
            "a heading that is none",
            "write one to six `#` and a blank: `## Heading`",
        ));
    }
    if line.starts_with(": ") {
        return Some((
            1,
            "a definition list",
            "write a list: `- **term**: meaning`",
        ));
    }
    let is_admonition = line.starts_with(":::") || line.starts_with("!!! ");
    is_admonition.then_some((3, "an admonition", "write the word in bold: `**Note:**`"))
}

/// What a line begins with that makes a list or a table of several such lines.
#[derive(Clone, Copy, PartialEq)]
enum Head {
    Bullet,
    Number,
    Letter,
    Row,
    /// The lines before were reported.
    Told,
}

impl Head {
    /// The head of `line`; with `has_cells`, a row of a table may be one by its bars alone.
    fn of(line: &str, has_cells: bool) -> Option<Self> {
        let mut chars = line.chars();
        let first = chars.next()?;
        let second = chars.next();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let after = &line[digits..];
        match first {
            '•' | '‣' | '◦' | '▪' | '●' | '·' | '➤' | '✓' | '–' => {
                Some(Self::Bullet)
            }
            '-' | '+' | '*' if second.is_some_and(char::is_alphabetic) => Some(Self::Bullet),
            '|' => Some(Self::Row),
            _ if digits > 0
                && digits < 4
                && after.starts_with(['.', ')'])
                && after.len() > 1
                && !after[1..].starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Some(Self::Number)
            }
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
            Self::Row => "a table that is none",
            _ => "a list that is none",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Row => "tables are not rendered: write a list",
            _ => "the lines run together: begin each with `- ` or `1. `, after an empty line",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let mut traced = MappedText::default();
        traced.push(text, 0);
        of_block(&traced)
            .into_iter()
            .map(|leftover| leftover.what)
            .collect()
    }

    #[test]
    fn slips_are_found() {
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
    fn texts_are_left_alone() {
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
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn markdown_in_a_line_is_found() {
        for text in [
            "**Big** news",
            "see [a](https://a.example)",
            "`code` here",
            "~~12~~ 10",
            "*Big* news",
            "10 euro* is *big*",
            "some _news_",
            "# News",
            "> News",
            "Fish &amp; chips",
            "Fish &#38; chips",
            "Fish &nbsp chips",
            "<b>News",
            "News<br />",
        ] {
            assert_eq!(of_line(text).len(), 1, "{text}");
        }
        for text in [
            "2 ** 3 ** 4, snake__case",
            "Leser*innen und Autor*innen",
            "10 euro* and 5 euro*",
            "snake_case_name and a_b",
            "R&D; AT&T, Q&A",
            "5 < 6 > 4, <3",
            "#canal, No. #1 & >100",
        ] {
            assert_eq!(of_line(text), [], "{text}");
        }
    }
}
