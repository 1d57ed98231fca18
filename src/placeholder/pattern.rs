//! Finished texts, split at their marks and filled with the values of each recipient.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::html_state::HtmlState;
use super::marks::{self, Mark};
use super::name::Placeholders;
use crate::util::escape;

/// `text` without its marks, for values that must be the same for all recipients, such as a file name.
pub fn without_marks(text: &str) -> String {
    Pattern::line(text).fixed()
}

/// The length of `text` in characters, with eight for each placeholder.
pub fn typical_length(text: &str) -> usize {
    let pieces = Pattern::line(text).0;
    pieces.iter().map(Piece::typical_length).sum()
}

/// The escaping of a value at the position of its placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Escaping {
    /// Text or an attribute in HTML.
    Html,
    /// A whole URL in an HTML attribute.
    HtmlUrl,
    /// A part of a URL anywhere; after percent-encoding it needs no escaping for HTML.
    UrlPart,
    /// One line of plain text, or of a header field.
    Line,
}

/// A finished text, split at its marks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Piece {
    Fixed(String),
    /// The name in frozen editions of old ledgers.
    #[serde(rename = "Slot")]
    Placeholder(usize, Escaping),
    When(usize),
    End,
    Section(usize),
}

impl Piece {
    fn typical_length(&self) -> usize {
        match self {
            Self::Fixed(fixed) => fixed.chars().count(),
            Self::Placeholder(..) => 8,
            _ => 0,
        }
    }
}

/// The values of one recipient.
pub trait Values {
    /// The value of placeholder number `number`, unescaped.
    fn value(&self, number: usize) -> Cow<'_, str>;
    /// Whether the recipient gets the parts of rule number `rule`.
    fn sees(&self, rule: usize) -> bool;
}

/// Values that are the placeholders as an editor writes them.
#[derive(Debug)]
pub struct Written<'a>(pub &'a Placeholders);

impl Values for Written<'_> {
    fn value(&self, number: usize) -> Cow<'_, str> {
        let placeholder = self.0.get(number);
        placeholder.map_or(Cow::Borrowed(""), |placeholder| {
            Cow::Owned(format!("{{{{ {} }}}}", placeholder.name))
        })
    }

    fn sees(&self, _rule: usize) -> bool {
        true
    }
}

/// Values for a text that stands for all recipients: the placeholders' defaults, and the placeholders themselves without one.
#[derive(Debug)]
pub struct DefaultValues<'a>(pub &'a Placeholders);

impl Values for DefaultValues<'_> {
    fn value(&self, number: usize) -> Cow<'_, str> {
        let default = self.0.get(number).and_then(|one| one.default.as_deref());
        default.map_or_else(
            || Written(self.0).value(number).into_owned().into(),
            Cow::Borrowed,
        )
    }

    fn sees(&self, _rule: usize) -> bool {
        true
    }
}

/// Receives a part of an edition while it is filled for one recipient.
pub trait Sink {
    /// Text number `number` of those that are the same for every recipient.
    fn fixed(&mut self, number: usize, text: &str);
    /// A value of this recipient.
    fn own(&mut self, text: &str);
    /// Section number `number` of the issue starts here.
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
    /// Splits a finished HTML document; each placeholder gets the escaping of its position.
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

    /// Splits one line of plain text or a header field's value.
    pub fn line(marked: &str) -> Self {
        Self::cut(marked, |_, _| Escaping::Line)
    }

    /// Splits a URL in plain text: a placeholder at its beginning is a URL itself.
    pub fn url(marked: &str) -> Self {
        Self::cut(marked, |before, _| match before.is_empty() {
            true => Escaping::Line,
            false => Escaping::UrlPart,
        })
    }

    fn cut(marked: &str, mut escaping: impl FnMut(&str, &mut HtmlState) -> Escaping) -> Self {
        let mut pieces = Vec::new();
        let mut state = HtmlState::default();
        let mut at = 0;
        for (span, mark) in marks::in_text(marked) {
            if span.start > at {
                pieces.push(Piece::Fixed(marked[at..span.start].to_owned()));
            }
            pieces.push(match mark {
                Mark::Placeholder(number) => {
                    Piece::Placeholder(number, escaping(&marked[..span.start], &mut state))
                }
                Mark::When(rule) => Piece::When(rule),
                Mark::End => Piece::End,
                Mark::Section(number) => Piece::Section(number),
            });
            at = span.end;
        }
        if at < marked.len() {
            pieces.push(Piece::Fixed(marked[at..].to_owned()));
        }
        Self(pieces)
    }

    /// The text for one recipient.
    pub fn fill(&self, values: &impl Values) -> String {
        let mut out = String::with_capacity(self.fixed_length() + 256);
        self.fill_into(values, &mut out);
        out
    }

    /// Passes the text for one recipient to `sink`, part by part.
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

    /// The texts that are the same for every recipient, in the order of their numbers.
    pub fn fixed_runs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Fixed(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Each placeholder's number with the rules that hide it from some recipients, to check beforehand that every
    /// placeholder can be filled.
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

    /// The text that is the same for every recipient.
    pub fn fixed(&self) -> String {
        self.fixed_runs().collect()
    }

    /// The length of that text.
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

#[cfg(test)]
mod tests {
    use super::super::{end, when};
    use super::*;

    struct One(&'static str);

    impl Values for One {
        fn value(&self, _: usize) -> Cow<'_, str> {
            Cow::Borrowed(self.0)
        }
        fn sees(&self, rule: usize) -> bool {
            rule == 0
        }
    }

    #[test]
    fn each_place_has_its_escaping() {
        let mut placeholders = Placeholders::default();
        let s = placeholders.add_named("name");
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
    fn hidden_parts_are_left_out_with_all_they_hold() {
        let text = format!("a{}b{}c{}d{}e{}", when(1), when(0), end(), end(), end());
        assert_eq!(Pattern::line(&text).fill(&One("")), "ae");
        let text = format!("a{}b{}c", when(0), end());
        assert_eq!(Pattern::line(&text).fill(&One("")), "abc");
    }
}
