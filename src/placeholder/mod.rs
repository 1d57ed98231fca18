//! Slots: the places of an edition that are filled for each reader.
//!
//! A placeholder `{{ name }}` in an editor's text becomes a mark of private-use characters
//! (`U+E000` number `U+E001`), which no parser and no printer on the road takes for anything else: it
//! passes through CommonMark, HTML and the inliner as a word. The finished part is then cut at its
//! marks into a [`Pattern`], each slot with the escaping of the place where it ended up. Placeholders
//! are looked for in the editor's text only, once: a `{{` in a reader's name stays as it is.

mod merge_field;

pub use merge_field::{MergeField, merge_fields};

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::diag::{Finding, Findings, Place};
use crate::toml_file::Text;
use crate::util::characters;
use crate::util::escape;

const SLOT: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
const WHEN: char = '\u{E002}';
const END: char = '\u{E003}';
const SECTION: char = '\u{E004}';

/// The URLs that are whole destinations; every other value is a part of one at most.
pub const URLS: [&str; 2] = ["unsubscribe_url", "web_url"];

/// The placeholders that every publication has; a list's attributes come on top.
pub const BUILT_IN: [&str; 9] = [
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "unsubscribe_url",
    "web_url",
    "issue_title",
    "issue_number",
];

/// One placeholder as an editor wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placeholder {
    /// The name between the braces.
    pub name: String,
    /// What stands there for a reader without a value: `default("…")`.
    pub default: Option<String>,
    /// Where it stands in the file; a frozen edition has forgotten it.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// The placeholders of one issue, numbered as their marks are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Placeholders(Vec<Placeholder>);

impl Placeholders {
    /// Adds a slot and returns the mark that stands for it.
    pub fn add(&mut self, slot: Placeholder) -> String {
        self.0.push(slot);
        format!("{SLOT}{}{CLOSE}", self.0.len() - 1)
    }

    /// Adds a slot that no file speaks of, such as the footer's link to leave.
    pub fn add_named(&mut self, name: &str) -> String {
        self.add(Placeholder {
            name: name.to_owned(),
            default: None,
            place: None,
        })
    }

    /// The slots in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter()
    }

    /// The slot of a number.
    pub fn get(&self, number: usize) -> Option<&Placeholder> {
        self.0.get(number)
    }

    /// The slots that are marked in `text`.
    pub fn in_text(&self, text: &str) -> impl Iterator<Item = &Placeholder> {
        let uses = Pattern::line(text).uses();
        uses.into_iter().filter_map(|(number, _)| self.get(number))
    }

    /// The slot that `mark` at the head of a text stands for.
    pub fn at_head(&self, text: &str) -> Option<&Placeholder> {
        let number = text.strip_prefix(SLOT)?.split_once(CLOSE)?.0;
        self.0.get(number.parse::<usize>().ok()?)
    }
}

/// The mark before a part that only the readers of rule number `rule` see.
pub fn when(rule: usize) -> String {
    format!("{WHEN}{rule}{CLOSE}")
}

/// The mark at the head of section number `section` of the issue: nothing for a reader, the place for who
/// asks what takes up how much of a letter.
pub fn section(section: usize) -> String {
    format!("{SECTION}{section}{CLOSE}")
}

/// The mark after such a part.
pub fn end() -> String {
    END.to_string()
}

/// Whether a slot's mark is in `text`.
pub fn has_mark(text: &str) -> bool {
    text.contains(SLOT)
}

/// `text` cut at its slots' marks; with each run, whether it is such a mark.
pub fn runs(text: &str) -> Vec<(&str, bool)> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(SLOT) {
        let close = rest[open..].find(CLOSE).expect("every mark is closed");
        let (before, after) = rest.split_at(open);
        let (mark, after) = after.split_at(close + CLOSE.len_utf8());
        runs.extend([(before, false), (mark, true)]);
        rest = after;
    }
    runs.push((rest, false));
    runs.retain(|(run, _)| !run.is_empty());
    runs
}

/// `text` without its marks, for what must be the same for all readers, such as a file name.
pub fn without_marks(text: &str) -> String {
    Pattern::line(text).fixed()
}

/// How many characters `text` has for a reader with a name of eight letters.
pub fn typical_length(text: &str) -> usize {
    let pieces = Pattern::line(text).0;
    let lengths = pieces.iter().map(|piece| match piece {
        Piece::Fixed(fixed) => fixed.chars().count(),
        Piece::Placeholder(..) => 8,
        _ => 0,
    });
    lengths.sum()
}

/// A text whose placeholders have become marks, and the way back to the editor's characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// The text with marks.
    pub text: String,
    /// For each mark: the bytes it takes in `text`, and those of its placeholder in the original.
    swaps: Vec<(Range<usize>, Range<usize>)>,
}

impl Marked {
    /// Appends the bytes `part` of `original` without what is not text, and without private characters.
    fn push(&mut self, original: &str, part: Range<usize>) {
        let mut at = part.start;
        let unwanted = characters::unwanted(&original[part.clone()]).map(|(at, c, _)| (at, c));
        let mut dropped: Vec<(usize, char)> = unwanted.collect();
        dropped.extend(private_characters(&original[part.clone()]));
        dropped.sort_unstable();
        for (offset, c) in dropped {
            let found = part.start + offset;
            self.text.push_str(&original[at..found]);
            at = found + c.len_utf8();
            self.swap(characters::substitute(c), found..at);
        }
        self.text.push_str(&original[at..part.end]);
    }

    /// Appends `new` in the place of the bytes `old` of the original.
    fn swap(&mut self, new: &str, old: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(new);
        self.swaps.push((start..self.text.len(), old));
    }

    /// The bytes of the original that `part` of the marked text came from.
    pub fn original(&self, part: Range<usize>) -> Range<usize> {
        self.before(part.start, false)..self.before(part.end, true)
    }

    fn before(&self, offset: usize, is_end: bool) -> usize {
        let passed = self.swaps.partition_point(|(mark, _)| mark.start < offset);
        match self.swaps[..passed].last() {
            Some((mark, placeholder)) if offset < mark.end && is_end => placeholder.end,
            Some((mark, placeholder)) if offset < mark.end => placeholder.start,
            Some((mark, placeholder)) => placeholder.end + (offset - mark.end),
            None => offset,
        }
    }
}

/// Puts marks in the place of the placeholders of an editor's text.
///
/// What looks like a placeholder and is none is a finding, and stays as it is.
pub fn mark(text: &Text, slots: &mut Placeholders, findings: &mut Findings) -> Marked {
    mark_outside(text, &[], slots, findings)
}

/// As [`mark`]; what only looks like a placeholder in `code`, whose ranges are in order, is meant as it stands.
pub fn mark_outside(
    text: &Text,
    code: &[Range<usize>],
    slots: &mut Placeholders,
    findings: &mut Findings,
) -> Marked {
    let original = text.value();
    let mut marked = Marked {
        text: String::with_capacity(original.len()),
        swaps: Vec::new(),
    };
    let mut at = 0;
    text.report_unwanted(findings);
    if let Some((found, c)) = private_characters(original).next() {
        findings.push(private(c, text.place_of(found..found + c.len_utf8())));
    }
    while let Some(open) = original[at..].find("{{").map(|i| at + i) {
        marked.push(original, at..open);
        let code = merge_field::covering(code, open);
        // Braces in code reach no farther than the code: a placeholder may follow it.
        let reach = code.map_or(original.len(), |code| code.end);
        let close = original[open..reach].find("}}").map(|i| open + i + 2);
        let Some(close) = close else {
            if code.is_some() {
                marked.push(original, open..reach);
                at = reach;
                continue;
            }
            findings.push(unclosed(text, open));
            at = open;
            break;
        };
        // Three braces are those of another program: the third belongs to them.
        let is_triple = original[open + 2..].starts_with('{') && original[close..].starts_with('}');
        let close = close + usize::from(is_triple);
        match parse(&original[open + 2..close - 2]) {
            Some((name, default)) => {
                let place = Some(text.place_of(open..close));
                let token = slots.add(Placeholder {
                    name,
                    default,
                    place,
                });
                marked.swap(&token, open..close);
            }
            None => {
                if code.is_none() {
                    findings.push(malformed(text, open..close));
                }
                marked.push(original, open..close);
            }
        }
        at = close;
    }
    marked.push(original, at..original.len());
    marked
}

/// The characters of `text` that would be taken for marks, with their offsets.
fn private_characters(text: &str) -> impl Iterator<Item = (usize, char)> {
    // The first byte of all of them in UTF-8.
    let first = memchr::memchr(0xEE, text.as_bytes()).unwrap_or(text.len());
    text[first..]
        .char_indices()
        .map(move |(at, c)| (first + at, c))
        .filter(|(_, c)| escape::is_private(*c))
}

/// Reports placeholders and merge fields in a text where nothing is filled, such as the newsletter's address.
pub fn report_unfilled(text: &Text, findings: &mut Findings) {
    let value = text.value();
    for field in merge_fields(value, &[]) {
        let finding = field.finding(&value[field.at.clone()], text.place_of(field.at.clone()));
        let hint = "write the words themselves: placeholders are filled in issues only";
        findings.push(finding.hint(hint.to_owned()));
    }
    let mut at = 0;
    while let Some(open) = value[at..].find("{{").map(|i| at + i) {
        let Some(close) = value[open..].find("}}").map(|i| open + i + 2) else {
            break;
        };
        let written = escape::terminal(&value[open..close]);
        let message = format!("`{written}` is not filled in this key");
        let finding = Finding::error("placeholder", message)
            .at(text.place_of(open..close))
            .hint("write the words themselves: placeholders are filled in issues only".to_owned());
        findings.push(finding);
        at = close;
    }
}

/// What is said of a character that would be taken for a mark, at its place.
pub fn private(c: char, place: Place) -> Finding {
    let message = format!("U+{:04X} cannot be mailed", u32::from(c));
    Finding::error("private-character", message).at(place)
}

fn unclosed(text: &Text, open: usize) -> Finding {
    Finding::error("placeholder", "this placeholder is not closed")
        .at(text.place_of(open..open + 2))
        .hint("a placeholder is written `{{ first_name }}`".to_owned())
}

fn malformed(text: &Text, span: Range<usize>) -> Finding {
    let written = &text.value()[span.clone()];
    let name = written.trim_matches(['{', '}']);
    Finding::error("placeholder", format!("`{written}` is no placeholder"))
        .at(text.place_of(span))
        .hint(merge_field::hint(name))
}

/// ` name ` or ` name | default("…") `
fn parse(inside: &str) -> Option<(String, Option<String>)> {
    let (name, filter) = match inside.split_once('|') {
        Some((name, filter)) => (name.trim(), Some(filter.trim())),
        None => (inside.trim(), None),
    };
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !is_name {
        return None;
    }
    let default = match filter {
        Some(filter) => Some(parse_default(filter)?),
        None => None,
    };
    Some((name.to_owned(), default))
}

fn parse_default(filter: &str) -> Option<String> {
    let argument = filter.strip_prefix("default")?.trim_start();
    let quoted = argument.strip_prefix('(')?.strip_suffix(')')?.trim();
    ['"', '\'']
        .iter()
        .find_map(|quote| quoted.strip_prefix(*quote)?.strip_suffix(*quote))
        .map(str::to_owned)
}

/// What a value may do in the place where its slot ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Escaping {
    /// A run of text in HTML, or an attribute.
    Html,
    /// A whole URL in an HTML attribute.
    HtmlUrl,
    /// A part of a URL, in any place: percent-encoding leaves nothing that HTML would take amiss.
    UrlPart,
    /// One line of plain text, or of a header field.
    Line,
}

/// A finished text, cut at its marks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Piece {
    Fixed(String),
    /// Frozen editions in ledgers have it by its first name.
    #[serde(rename = "Slot")]
    Placeholder(usize, Escaping),
    When(usize),
    End,
    Section(usize),
}

/// What one reader puts into an edition's slots.
pub trait Values {
    /// The value of slot number `slot`, unescaped.
    fn value(&self, slot: usize) -> Cow<'_, str>;
    /// Whether this reader sees the parts of rule number `rule`.
    fn sees(&self, rule: usize) -> bool;
}

/// No recipient's values, but the placeholders as an editor writes them.
#[derive(Debug)]
pub struct Written<'a>(pub &'a Placeholders);

impl Values for Written<'_> {
    fn value(&self, slot: usize) -> Cow<'_, str> {
        let slot = self.0.get(slot);
        slot.map_or(Cow::Borrowed(""), |slot| {
            Cow::Owned(format!("{{{{ {} }}}}", slot.name))
        })
    }

    fn sees(&self, _rule: usize) -> bool {
        true
    }
}

/// Takes a part of an edition as it is filled for one reader.
pub trait Sink {
    /// Run number `number` of those that are the same for every reader.
    fn fixed(&mut self, number: usize, text: &str);
    /// A run that is this reader's own.
    fn own(&mut self, text: &str);
    /// Here begins section number `number` of the issue.
    fn section(&mut self, _number: usize) {}
}

impl Sink for String {
    fn fixed(&mut self, _: usize, text: &str) {
        self.push_str(text);
    }

    fn own(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Pattern {
    /// Cuts a finished HTML document; each slot gets the escaping of its place in it.
    pub fn html(marked: &str) -> Self {
        Self::cut(marked, |before, state| {
            state.read_html(before);
            match state.attribute {
                Some(url) if url.is_url && url.start == before.len() => Escaping::HtmlUrl,
                Some(url) if url.is_url => Escaping::UrlPart,
                _ => Escaping::Html,
            }
        })
    }

    /// Cuts one line of plain text or a header field's value.
    pub fn line(marked: &str) -> Self {
        Self::cut(marked, |_, _| Escaping::Line)
    }

    /// Cuts a URL that stands in plain text: a slot at its head is a URL itself.
    pub fn url(marked: &str) -> Self {
        Self::cut(marked, |before, _| {
            if before.is_empty() {
                Escaping::Line
            } else {
                Escaping::UrlPart
            }
        })
    }

    fn cut(marked: &str, mut escaping: impl FnMut(&str, &mut HtmlState) -> Escaping) -> Self {
        let mut pieces = Vec::new();
        let mut state = HtmlState::default();
        let mut at = 0;
        while let Some(found) = next_mark(&marked[at..]).map(|i| at + i) {
            if found > at {
                pieces.push(Piece::Fixed(marked[at..found].to_owned()));
            }
            let (piece, length) = mark_at(&marked[found..]);
            pieces.push(match piece {
                Piece::Placeholder(number, _) => {
                    Piece::Placeholder(number, escaping(&marked[..found], &mut state))
                }
                other => other,
            });
            at = found + length;
        }
        if at < marked.len() {
            pieces.push(Piece::Fixed(marked[at..].to_owned()));
        }
        Self(pieces)
    }

    /// The text for one reader.
    pub fn fill(&self, values: &impl Values) -> String {
        let mut out = String::with_capacity(self.fixed_length() + 256);
        self.fill_into(values, &mut out);
        out
    }

    /// Gives the text for one reader to `sink`, a run after the other.
    pub fn fill_into(&self, values: &impl Values, sink: &mut impl Sink) {
        let mut hidden = 0_usize;
        let mut fixed = 0;
        let mut own = String::new();
        for piece in &self.0 {
            let number = fixed;
            fixed += usize::from(matches!(piece, Piece::Fixed(_)));
            match piece {
                Piece::When(rule) => hidden += usize::from(hidden > 0 || !values.sees(*rule)),
                Piece::End => hidden = hidden.saturating_sub(1),
                _ if hidden > 0 => {}
                Piece::Section(number) => sink.section(*number),
                Piece::Fixed(text) => sink.fixed(number, text),
                Piece::Placeholder(number, escaping) => {
                    own.clear();
                    put(&values.value(*number), *escaping, &mut own);
                    sink.own(&own);
                }
            }
        }
    }

    /// The runs that are the same for every reader, in the order of the numbers that a sink hears.
    pub fn fixed_runs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Fixed(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Each slot's number with the rules that hide it from some readers, for who asks beforehand whether
    /// every slot can be filled.
    pub fn uses(&self) -> Vec<(usize, Vec<usize>)> {
        let mut open = Vec::new();
        let mut uses = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::When(rule) => open.push(*rule),
                Piece::End => drop(open.pop()),
                Piece::Placeholder(number, _) => uses.push((*number, open.clone())),
                Piece::Fixed(_) | Piece::Section(_) => {}
            }
        }
        uses
    }

    /// What is the same for every reader, in one piece.
    pub fn fixed(&self) -> String {
        self.fixed_runs().collect()
    }

    /// The bytes that are the same for every reader.
    fn fixed_length(&self) -> usize {
        self.fixed_runs().map(str::len).sum()
    }
}

fn put(value: &str, escaping: Escaping, out: &mut String) {
    match escaping {
        Escaping::Html | Escaping::HtmlUrl => escape::html(&escape::line(value), out),
        Escaping::UrlPart => escape::url_component(value, out),
        Escaping::Line => out.push_str(&escape::line(value)),
    }
}

/// Where the next mark begins. All begin with the byte 0xEE, which hardly anything else does.
fn next_mark(text: &str) -> Option<usize> {
    let mut candidates = memchr::memchr_iter(0xEE, text.as_bytes());
    candidates.find(|at| text[*at..].starts_with([SLOT, WHEN, END, SECTION]))
}

/// The mark at the head of `text`, and its length.
fn mark_at(text: &str) -> (Piece, usize) {
    if text.starts_with(END) {
        return (Piece::End, END.len_utf8());
    }
    let close = text
        .find(CLOSE)
        .expect("every mark was written by this module");
    let number = text[SLOT.len_utf8()..close]
        .parse()
        .expect("a mark holds a number");
    let length = close + CLOSE.len_utf8();
    if text.starts_with(WHEN) {
        (Piece::When(number), length)
    } else if text.starts_with(SECTION) {
        (Piece::Section(number), length)
    } else {
        (Piece::Placeholder(number, Escaping::Line), length)
    }
}

/// Where in a well-formed document the scan stands: in text, in a tag, in an attribute's value.
///
/// The documents come from one serialiser, which quotes every value with `"`.
#[derive(Default)]
struct HtmlState {
    read: usize,
    in_tag: bool,
    attribute: Option<Attribute>,
}

/// An attribute whose value is being read.
#[derive(Clone, Copy)]
struct Attribute {
    /// The offset of the value's first byte.
    start: usize,
    is_url: bool,
}

impl HtmlState {
    /// Jumps from one character that changes something to the next.
    fn read_html(&mut self, before: &str) {
        while let Some(found) = self.next_change(&before[self.read..]) {
            let at = self.read + found;
            match before.as_bytes()[at] {
                b'"' if self.attribute.is_some() => self.attribute = None,
                b'"' => self.attribute = Some(Attribute::behind(&before[..at])),
                b'<' => self.in_tag = true,
                _ => self.in_tag = false,
            }
            self.read = at + 1;
        }
        self.read = before.len();
    }

    fn next_change(&self, rest: &str) -> Option<usize> {
        if self.attribute.is_some() {
            rest.find('"')
        } else if self.in_tag {
            rest.find(['"', '>'])
        } else {
            rest.find('<')
        }
    }
}

impl Attribute {
    /// The attribute whose opening quote stands behind `before`.
    fn behind(before: &str) -> Self {
        let name = before.strip_suffix('=').unwrap_or(before);
        let is_url = [" href", " src"].iter().any(|url| name.ends_with(url));
        Self {
            start: before.len() + 1,
            is_url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    struct One(&'static str);

    impl Values for One {
        fn value(&self, _: usize) -> Cow<'_, str> {
            Cow::Borrowed(self.0)
        }
        fn sees(&self, rule: usize) -> bool {
            rule == 0
        }
    }

    fn marked(content: &str) -> (Marked, Placeholders, Findings) {
        let file = format!("'{content}'");
        let source = Source::new("a.toml", file);
        let spanned = toml::Spanned::new(0..content.len() + 2, content.to_owned());
        let mut slots = Placeholders::default();
        let mut findings = Findings::new();
        let marked = mark(&Text::new(&source, spanned), &mut slots, &mut findings);
        (marked, slots, findings)
    }

    #[test]
    fn placeholders_become_marks_and_lead_back() {
        let (marked, slots, findings) = marked("Dear {{ first_name | default(\"you\") }}, hello");
        assert!(findings.is_empty());
        let slot = slots.iter().next().unwrap();
        assert_eq!(
            (slot.name.as_str(), slot.default.as_deref()),
            ("first_name", Some("you"))
        );
        let at = marked.text.find("hello").unwrap();
        assert_eq!(marked.original(at..at + 5), 40..45);
        assert_eq!(marked.original(5..6), 5..38);
    }

    #[test]
    fn what_is_no_placeholder_is_told() {
        let (_, _, findings) = marked("{{ first name }} and {{ open");
        let told: Vec<_> = findings
            .sorted()
            .iter()
            .map(|f| f.message.clone())
            .collect();
        assert_eq!(
            told,
            [
                "`{{ first name }}` is no placeholder",
                "this placeholder is not closed"
            ]
        );
    }

    #[test]
    fn each_place_has_its_escaping() {
        let mut slots = Placeholders::default();
        let s = slots.add_named("name");
        let html =
            format!(r#"<a href="{s}" title="{s}">{s}</a><a href="https://x.example/?q={s}">"#);
        let filled = Pattern::html(&html).fill(&One("<\"&"));
        assert_eq!(
            filled,
            "<a href=\"&lt;&quot;&amp;\" title=\"&lt;&quot;&amp;\">&lt;&quot;&amp;</a>\
             <a href=\"https://x.example/?q=%3C%22%26\">"
        );
        assert_eq!(
            Pattern::line(&s).fill(&One("a\r\nb {{ email }}")),
            "a  b {{ email }}"
        );
    }

    #[test]
    fn a_text_is_cut_at_its_marks() {
        let mut slots = Placeholders::default();
        let mark = slots.add_named("name");
        let text = format!("Dear {mark}, {mark}");
        assert_eq!(
            runs(&text),
            [
                ("Dear ", false),
                (&*mark, true),
                (", ", false),
                (&*mark, true)
            ]
        );
        assert_eq!(runs(""), []);
    }

    #[test]
    fn hidden_parts_are_left_out_with_all_they_hold() {
        let text = format!("a{}b{}c{}d{}e{}", when(1), when(0), end(), end(), end());
        assert_eq!(Pattern::line(&text).fill(&One("")), "ae");
        let text = format!("a{}b{}c", when(0), end());
        assert_eq!(Pattern::line(&text).fill(&One("")), "abc");
    }
}
