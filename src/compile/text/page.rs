//! Wrapped lines of text. A paragraph with a placeholder is wrapped when the placeholder is filled.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use super::breaks;
use crate::newsletter::config::TextForm;
use crate::placeholder::{self, Pattern, Sink, Values};

/// The maximum columns of a line: with two levels of quotation marks it has 80.
pub const WIDTH: usize = 76;

/// A text part, split into pieces that are the same for all recipients and pieces that are not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    form: TextForm,
    pieces: Vec<TextPiece>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum TextPiece {
    /// Finished lines, each with its line break.
    Lines(String),
    /// A paragraph to be wrapped.
    Paragraph { indent: Indent, words: Pattern },
    /// A line that is never wrapped: a URL.
    Line { indent: Indent, line: Pattern },
    /// The beginning of a part that only the recipients of a rule see.
    When(usize),
    /// The end of that part.
    End,
}

/// The text before the first line of a paragraph and before its other lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Indent {
    first: String,
    rest: String,
}

impl Indent {
    pub(super) const NONE: Self = Self {
        first: String::new(),
        rest: String::new(),
    };

    /// A deeper indent: `marker` before the first line, spaces of the same width before the others.
    pub(super) fn hanging(&self, marker: &str) -> Self {
        Self {
            first: format!("{}{marker}", self.rest),
            rest: format!("{}{}", self.rest, " ".repeat(display_width(marker))),
        }
    }

    /// A deeper indent with `prefix` before every line.
    pub(super) fn prefixed(&self, prefix: &str) -> Self {
        Self {
            first: format!("{}{prefix}", self.first),
            rest: format!("{}{prefix}", self.rest),
        }
    }

    /// Whether a mail client may join the lines of `words` again (RFC 3676, format=flowed). Not with an indent, which
    /// would remain inside the joined line, and not if a line can break without a space, as in Chinese, because the
    /// trailing space would remain between the words.
    fn flows(&self, words: &str) -> bool {
        // No character takes more columns than bytes, and bytes are counted faster.
        let is_long = |word: &&str| word.len() > WIDTH && display_width(word) > WIDTH;
        let mut long = words.split(' ').filter(is_long);
        *self == Self::NONE && long.next().is_none()
    }

    /// The indent of the paragraphs after the first.
    pub(super) fn continued(&self) -> Self {
        Self {
            first: self.rest.clone(),
            rest: self.rest.clone(),
        }
    }
}

impl Page {
    /// An empty page.
    pub(super) fn new(form: TextForm) -> Self {
        let pieces = Vec::new();
        Self { form, pieces }
    }

    /// The form of its lines.
    pub fn form(&self) -> TextForm {
        self.form
    }

    /// Adds a wrapped paragraph.
    pub(super) fn paragraph(&mut self, indent: &Indent, words: &str) {
        if placeholder::has_mark(words) {
            let (indent, words) = (indent.clone(), Pattern::line(words));
            self.pieces.push(TextPiece::Paragraph { indent, words });
        } else {
            let mut lines = String::new();
            wrap(words, indent, self.form, &mut lines);
            self.lines(&lines);
        }
    }

    /// Adds a heading, underlined with the character `underline`.
    pub(super) fn heading(&mut self, words: &str, underline: char) {
        self.paragraph(&Indent::NONE, words);
        let length = display_width(&placeholder::without_marks(words)).clamp(3, WIDTH);
        self.lines(&format!("{}\n", underline.to_string().repeat(length)));
    }

    /// Adds the text of a link with its colon, and its URL on a line of its own, so that nothing breaks it.
    pub(super) fn link(&mut self, indent: &Indent, words: &str, url: &str) {
        self.paragraph(indent, words);
        self.url(&indent.continued(), url);
    }

    /// Adds a URL on a line of its own.
    pub(super) fn url(&mut self, indent: &Indent, url: &str) {
        if placeholder::has_mark(url) {
            let (indent, line) = (indent.clone(), Pattern::url(url));
            self.pieces.push(TextPiece::Line { indent, line });
        } else {
            self.fixed(indent, &format!("{}{url}", indent.first));
        }
    }

    /// Adds labels with their colons and values, one pair per line, with aligned values.
    pub(super) fn pairs(&mut self, indent: &Indent, pairs: &[(String, String)]) {
        let width = pairs
            .iter()
            .map(|(label, _)| display_width(label))
            .max()
            .unwrap_or(0);
        for (label, value) in pairs {
            let gap = " ".repeat(width - display_width(label) + 2);
            self.paragraph(&indent.hanging(&format!("{label}{gap}")), value);
        }
    }

    /// Adds lines without wrapping.
    pub(super) fn preformatted(&mut self, indent: &Indent, text: &str) {
        for line in text.lines() {
            self.fixed(indent, &format!("{}{line}", indent.rest));
        }
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.lines("\n");
    }

    /// Adds a horizontal rule.
    pub(super) fn rule(&mut self) {
        self.lines(&format!("{}\n", "-".repeat(WIDTH)));
    }

    /// Begins a part that only the recipients of the rule `when` see.
    pub(super) fn begin(&mut self, when: Option<usize>) {
        self.pieces.extend(when.map(TextPiece::When));
    }

    /// Ends that part.
    pub(super) fn end(&mut self, when: Option<usize>) {
        self.pieces.extend(when.map(|_| TextPiece::End));
    }

    fn fixed(&mut self, indent: &Indent, line: &str) {
        let mut lines = String::new();
        fixed(line, indent, self.form, &mut lines);
        self.lines(&lines);
    }

    fn lines(&mut self, lines: &str) {
        match self.pieces.last_mut() {
            Some(TextPiece::Lines(before)) => before.push_str(lines),
            _ => self.pieces.push(TextPiece::Lines(lines.to_owned())),
        }
    }

    /// The text for one recipient, with lines ending in `\n`.
    pub fn fill(&self, values: &impl Values) -> String {
        let mut out = String::new();
        self.fill_into(values, &mut out);
        out
    }

    /// Writes the text for one recipient to `sink`, in whole lines.
    pub fn fill_into(&self, values: &impl Values, sink: &mut impl Sink) {
        let mut hidden = 0_usize;
        let mut fixed_runs = 0;
        let mut own = String::new();
        for piece in &self.pieces {
            let number = fixed_runs;
            fixed_runs += usize::from(matches!(piece, TextPiece::Lines(_)));
            own.clear();
            match piece {
                TextPiece::When(rule) => hidden += usize::from(hidden > 0 || !values.sees(*rule)),
                TextPiece::End => hidden = hidden.saturating_sub(1),
                _ if hidden > 0 => {}
                TextPiece::Lines(lines) => sink.fixed(number, lines),
                TextPiece::Paragraph { indent, words } => {
                    wrap(&words.fill(values), indent, self.form, &mut own);
                    sink.own(&own);
                }
                TextPiece::Line { indent, line } => {
                    let line = format!("{}{}", indent.first, line.fill(values));
                    fixed(&line, indent, self.form, &mut own);
                    sink.own(&own);
                }
            }
        }
    }

    /// The runs that are the same for all recipients, in the order of their numbers.
    pub fn fixed_runs(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            TextPiece::Lines(lines) => Some(lines.as_str()),
            _ => None,
        })
    }
}

fn wrap(words: &str, indent: &Indent, form: TextForm, out: &mut String) {
    let continued = indent.continued();
    for (number, part) in words.split('\u{2028}').enumerate() {
        let indent = if number == 0 { indent } else { &continued };
        let flows = form == TextForm::Flowed && indent.flows(part);
        let has_no_spaces = !part.is_ascii() && part.contains(breaks::is_without_spaces);
        let lines = match has_no_spaces && !flows {
            true => broken_anywhere(part, indent),
            false => broken_at_spaces(part, indent),
        };
        for (index, line) in lines.iter().enumerate() {
            fixed(&with_plain_spaces(line.trim_end()), indent, form, out);
            if flows && index + 1 < lines.len() {
                out.insert(out.len() - 1, ' ');
            }
        }
    }
}

/// A no-break space has done its work when the lines are made; to a terminal it may be junk.
fn with_plain_spaces(line: &str) -> Cow<'_, str> {
    const NO_BREAK: [char; 2] = ['\u{A0}', '\u{202F}'];
    if line.is_ascii() || !line.contains(NO_BREAK) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.replace(NO_BREAK, " "))
}

/// The lines of a text, each filled as far as possible and broken at spaces only. The Unicode rules would also break a
/// URL after a slash and a word at its hyphen, and take ten times as long.
fn broken_at_spaces(words: &str, indent: &Indent) -> Vec<String> {
    let mut lines = Vec::new();
    let begin = |indent: &str| {
        let mut line = String::with_capacity(WIDTH + 1);
        line.push_str(indent);
        (line, width_of(indent))
    };
    let (mut line, mut width) = begin(&indent.first);
    let mut is_empty = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let word_width = width_of(word);
        if !is_empty && width + 1 + word_width > WIDTH {
            lines.push(line);
            (line, width) = begin(&indent.rest);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += word_width;
        is_empty = false;
    }
    lines.push(line);
    lines
}

fn width_of(word: &str) -> usize {
    match word.is_ascii() {
        true => word.len(),
        false => display_width(word),
    }
}

/// The lines of a text in a script without spaces (UAX 14).
fn broken_anywhere(words: &str, indent: &Indent) -> Vec<String> {
    let options = Options::new(WIDTH)
        .initial_indent(&indent.first)
        .subsequent_indent(&indent.rest)
        .break_words(false)
        .word_separator(WordSeparator::Custom(breaks::words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(words, options);
    lines.into_iter().map(Cow::into_owned).collect()
}

/// Appends a line that is not joined to the next: without a trailing space, and with a space before `>`, which mail
/// clients read as a quotation, and before `From ` (RFC 3676 section 4.4).
fn fixed(line: &str, indent: &Indent, form: TextForm, out: &mut String) {
    if form == TextForm::Flowed {
        let is_quoted = line.starts_with('>') && indent.first.starts_with('>');
        if line.starts_with([' ', '>']) && !is_quoted || line.starts_with("From ") {
            out.push(' ');
        }
        out.push_str(line.trim_end());
    } else {
        out.push_str(line);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::Placeholders;

    struct Name(String);

    impl Values for Name {
        fn value(&self, _: usize) -> Cow<'_, str> {
            Cow::Borrowed(&self.0)
        }
        fn sees(&self, _: usize) -> bool {
            true
        }
    }

    #[test]
    fn a_paragraph_is_wrapped_after_its_slot_is_filled() {
        let mut slots = Placeholders::default();
        let words = format!("Dear {}, {}", slots.add_named("name"), "word ".repeat(30));
        let mut page = Page::new(TextForm::Wrapped);
        page.paragraph(&Indent::NONE.hanging("* "), &words);
        let filled = page.fill(&Name("Wolfeschlegelsteinhausenbergerdorff ".repeat(3)));
        assert!(filled.lines().all(|line| line.len() <= WIDTH), "{filled}");
        assert!(
            filled.lines().skip(1).all(|line| line.starts_with("  ")),
            "{filled}"
        );
    }

    #[test]
    fn a_hard_break_continues_an_item() {
        let mut page = Page::new(TextForm::Wrapped);
        page.paragraph(&Indent::NONE.hanging("1. "), "a\u{2028}b");
        assert_eq!(page.fill(&Name(String::new())), "1. a\n   b\n");
    }

    #[test]
    fn a_url_is_never_broken() {
        let url = format!("https://a.example/{}", "long-path/".repeat(12));
        let mut page = Page::new(TextForm::Wrapped);
        page.link(&Indent::NONE, "Words:", &url);
        assert_eq!(page.fill(&Name(String::new())), format!("Words:\n{url}\n"));
    }
}
