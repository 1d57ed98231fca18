//! Selectors: their parts and their specificity.

use std::borrow::Cow;

use cssparser::Token;

use super::lexeme::{Blanks, Lexeme, close_of, lexemes, trimmed, written};
use crate::diag::Place;

/// One selector of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// The normalized text.
    pub text: String,
    /// The parts in their order; parts in parentheses belong to their pseudo-class.
    pub parts: Vec<Part>,
    /// The numbers of ids, classes and elements (Selectors Level 4, section 17).
    pub specificity: [u16; 3],
    /// Its location.
    pub place: Place,
}

/// A piece of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `h1`, in lower case.
    Element(String),
    /// `*`
    Universal,
    /// `.name`
    Class(String),
    /// `#name`
    Id(String),
    /// `[name=…]`, with the attribute's name in lower case.
    Attribute(String),
    /// `:hover`, or `:not(…)` with the parts in the parentheses.
    PseudoClass(String, Vec<Part>),
    /// `::before`
    PseudoElement(String),
    /// A space, `>`, `+` or `~`.
    Combinator(char),
}

impl Selector {
    /// The classes that it names, including those in parentheses.
    pub fn classes(&self) -> Vec<&str> {
        classes(&self.parts)
    }
}

impl Selector {
    /// The selector with `:not(:not(…))` in place of `:is(…)` and `:where(…)`, which css-inline does not support. It
    /// matches the same elements; the specificity is that of the original.
    pub fn without_is(&self) -> Cow<'_, str> {
        without_is(&self.text)
    }

    /// The selector without the pseudo-classes for which `is_state` is true, such as `:hover`.
    pub fn without_states(&self, is_state: impl Fn(&str) -> bool) -> String {
        let lexemes = lexemes(&self.text);
        let mut out = String::with_capacity(self.text.len());
        let mut rest = lexemes.as_slice();
        while let [first, tail @ ..] = rest {
            let state = match tail.first().map(|next| &next.token) {
                Some(Token::Ident(name)) if first.token == Token::Colon => Some(name),
                _ => None,
            };
            if state.is_some_and(|name| is_state(&name.to_ascii_lowercase())) {
                rest = &tail[1..];
                continue;
            }
            out.push_str(&self.text[first.start..first.end]);
            rest = tail;
        }
        out
    }
}

fn without_is(text: &str) -> Cow<'_, str> {
    if !text.contains(":is(") && !text.contains(":where(") {
        return Cow::Borrowed(text);
    }
    let lexemes = lexemes(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut closing = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        let is_pseudo = at > 0 && lexemes[at - 1].token == Token::Colon;
        match &lexeme.token {
            Token::Function(name) if is_pseudo && matches!(&**name, "is" | "where") => {
                out.push_str("not(:not(");
                closing.push("))");
            }
            Token::CloseParenthesis => out.push_str(closing.pop().unwrap_or(")")),
            token => {
                let opens = matches!(token, Token::Function(_) | Token::ParenthesisBlock);
                closing.extend(opens.then_some(")"));
                out.push_str(&text[lexeme.start..lexeme.end]);
            }
        }
    }
    Cow::Owned(out)
}

fn classes(parts: &[Part]) -> Vec<&str> {
    let named = parts.iter().flat_map(|part| match part {
        Part::Class(name) => vec![name.as_str()],
        Part::PseudoClass(_, inner) => classes(inner),
        _ => Vec::new(),
    });
    named.collect()
}

/// An error in a selector, with its bytes.
pub(super) struct SelectorError {
    pub(super) message: String,
    pub(super) span: std::ops::Range<usize>,
}

/// Reads one selector of `text`; it has no comma outside brackets.
pub(super) fn read(
    lexemes: &[Lexeme<'_>],
    text: &str,
    place: Place,
) -> Result<Selector, SelectorError> {
    let lexemes = trimmed(lexemes);
    let (parts, specificity) = parts(lexemes, text)?;
    Ok(Selector {
        text: written(lexemes, text, Blanks::Selector),
        parts,
        specificity,
        place,
    })
}

/// The pieces between the commas outside brackets.
pub(super) fn split_at_commas<'l, 'a>(lexemes: &'l [Lexeme<'a>]) -> Vec<&'l [Lexeme<'a>]> {
    let mut pieces = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for (at, lexeme) in lexemes.iter().enumerate() {
        match &lexeme.token {
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => depth += 1,
            Token::CloseParenthesis | Token::CloseSquareBracket => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 => {
                pieces.push(&lexemes[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&lexemes[begin..]);
    pieces
}

type Parts = (Vec<Part>, [u16; 3]);

fn parts(lexemes: &[Lexeme<'_>], text: &str) -> Result<Parts, SelectorError> {
    let mut walk = Walk {
        lexemes,
        text,
        at: 0,
        parts: Vec::new(),
        specificity: [0; 3],
    };
    while walk.at < lexemes.len() {
        walk.part()?;
    }
    match walk.parts.last() {
        None => Err(walk.error(0, "a selector is missing here")),
        Some(Part::Combinator(_)) => {
            Err(walk.error(lexemes.len() - 1, "this selector ends too early"))
        }
        Some(_) => Ok((walk.parts, walk.specificity)),
    }
}

struct Walk<'l, 'a> {
    lexemes: &'l [Lexeme<'a>],
    text: &'l str,
    at: usize,
    parts: Vec<Part>,
    specificity: [u16; 3],
}

/// Whether the tokens are `name`, `name operator value` or `name operator value flag`. A namespace may precede the
/// name.
fn is_attribute(tokens: &[&Token<'_>]) -> bool {
    let tokens = match tokens {
        [
            Token::Ident(_) | Token::Delim('*'),
            Token::Delim('|'),
            rest @ ..,
        ] => rest,
        [Token::Delim('|'), rest @ ..] => rest,
        all => all,
    };
    match tokens {
        [Token::Ident(_)] => true,
        [
            Token::Ident(_),
            operator,
            Token::Ident(_) | Token::QuotedString(_),
            rest @ ..,
        ] => is_operator(operator) && is_case_flag(rest),
        _ => false,
    }
}

fn is_operator(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Delim('=')
            | Token::IncludeMatch
            | Token::DashMatch
            | Token::PrefixMatch
            | Token::SuffixMatch
            | Token::SubstringMatch
    )
}

/// Whether the tokens are `i` or `s`, or there are none.
fn is_case_flag(tokens: &[&Token<'_>]) -> bool {
    match tokens {
        [] => true,
        [Token::Ident(flag)] => flag.eq_ignore_ascii_case("i") || flag.eq_ignore_ascii_case("s"),
        _ => false,
    }
}

impl<'l, 'a> Walk<'l, 'a> {
    fn part(&mut self) -> Result<(), SelectorError> {
        let at = self.at;
        self.at += 1;
        match &self.lexemes[at].token {
            Token::Comment(_) => {}
            Token::WhiteSpace(_) => self.combinator(' '),
            Token::Delim(c @ ('>' | '+' | '~')) => self.combinator(*c),
            Token::Delim('*') if self.begins_compound() => self.parts.push(Part::Universal),
            Token::Ident(name) if self.begins_compound() => {
                self.add(Part::Element(name.to_ascii_lowercase()), 2);
            }
            Token::Delim('.') => {
                let name = self.name(at)?;
                self.add(Part::Class(name), 1);
            }
            Token::IDHash(name) => self.add(Part::Id(name.to_string()), 0),
            Token::SquareBracketBlock => self.attribute(at)?,
            Token::Colon => self.pseudo(at)?,
            _ => return Err(self.error(at, "this is not part of a selector")),
        }
        Ok(())
    }

    /// Adds a combinator. Spaces around another combinator have no meaning.
    fn combinator(&mut self, combinator: char) {
        match self.parts.last_mut() {
            Some(Part::Combinator(before)) if *before == ' ' => *before = combinator,
            Some(Part::Combinator(_)) if combinator == ' ' => {}
            _ => self.parts.push(Part::Combinator(combinator)),
        }
    }

    fn begins_compound(&self) -> bool {
        matches!(self.parts.last(), None | Some(Part::Combinator(_)))
    }

    fn add(&mut self, part: Part, weight: usize) {
        self.parts.push(part);
        self.specificity[weight] = self.specificity[weight].saturating_add(1);
    }

    /// Reads the name after the dot or colon at `at`.
    fn name(&mut self, at: usize) -> Result<String, SelectorError> {
        let next = self.lexemes.get(self.at).map(|lexeme| &lexeme.token);
        let Some(Token::Ident(name)) = next else {
            return Err(self.error(at, "a name is missing after this"));
        };
        self.at += 1;
        Ok(name.to_string())
    }

    fn attribute(&mut self, at: usize) -> Result<(), SelectorError> {
        let inside = self.inside(at)?;
        let name = inside.iter().find_map(|lexeme| match &lexeme.token {
            Token::Ident(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        let Some(name) = name else {
            return Err(self.error(at, "the name of an attribute is missing here"));
        };
        let tokens = inside.iter().filter(|lexeme| !lexeme.is_blank());
        let tokens: Vec<&Token<'_>> = tokens.map(|lexeme| &lexeme.token).collect();
        if !is_attribute(&tokens) {
            return Err(self.error(
                at,
                "this is not an attribute selector such as `[width='600']`",
            ));
        }
        self.add(Part::Attribute(name), 1);
        Ok(())
    }

    fn pseudo(&mut self, at: usize) -> Result<(), SelectorError> {
        let next = self.lexemes.get(self.at).map(|lexeme| &lexeme.token);
        if let Some(Token::Function(name)) = next {
            let name = name.to_ascii_lowercase();
            let open = self.at;
            self.at += 1;
            return self.function(name, open);
        }
        if next == Some(&Token::Colon) {
            self.at += 1;
            let name = self.name(at)?.to_ascii_lowercase();
            self.add(Part::PseudoElement(name), 2);
            return Ok(());
        }
        let name = self.name(at)?.to_ascii_lowercase();
        // CSS 2 has these four pseudo-elements with one colon.
        match ["before", "after", "first-line", "first-letter"].contains(&name.as_str()) {
            true => self.add(Part::PseudoElement(name), 2),
            false => self.add(Part::PseudoClass(name, Vec::new()), 1),
        }
        Ok(())
    }

    /// Adds a pseudo-class with parentheses. The specificity of `:not(…)`, `:is(…)` and `:has(…)` is the highest of
    /// the selectors inside; that of `:where(…)` is zero.
    fn function(&mut self, name: String, open: usize) -> Result<(), SelectorError> {
        let inside = self.inside(open)?;
        if !matches!(name.as_str(), "not" | "is" | "where" | "has" | "matches") {
            self.add(Part::PseudoClass(name, Vec::new()), 1);
            return Ok(());
        }
        let mut all = Vec::new();
        let mut heaviest = [0; 3];
        for selector in split_at_commas(inside) {
            let (parts, specificity) = parts(trimmed(selector), self.text)?;
            all.extend(parts);
            heaviest = heaviest.max(specificity);
        }
        if name != "where" {
            for (sum, weight) in self.specificity.iter_mut().zip(heaviest) {
                *sum = sum.saturating_add(weight);
            }
        }
        self.parts.push(Part::PseudoClass(name, all));
        Ok(())
    }

    /// The lexemes in the bracket that opens at `open`. Continues after the closing bracket.
    fn inside(&mut self, open: usize) -> Result<&'l [Lexeme<'a>], SelectorError> {
        let Some(close) = close_of(self.lexemes, open) else {
            return Err(self.error(open, "this bracket is not closed"));
        };
        self.at = close + 1;
        Ok(&self.lexemes[open + 1..close])
    }

    fn error(&self, at: usize, message: &str) -> SelectorError {
        let span = self.lexemes.get(at).map(|lexeme| lexeme.start..lexeme.end);
        SelectorError {
            message: message.to_owned(),
            span: span.unwrap_or(0..0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::StyleSheet;
    use super::*;
    use crate::diag::{Findings, Source};

    #[test]
    fn a_list_of_alternatives_becomes_a_double_negation() {
        for (text, expected) in [
            (":is(p,#x) a", ":not(:not(p,#x)) a"),
            (
                "a:where(:not(.b):is(c))",
                "a:not(:not(:not(.b):not(:not(c))))",
            ),
            ("[a=':is(b)'] p:nth-child(2)", "[a=':is(b)'] p:nth-child(2)"),
            ("[a=')']:is(b)", "[a=')']:not(:not(b))"),
        ] {
            assert_eq!(without_is(text), expected);
        }
    }

    #[test]
    fn states_are_left_out_and_strings_stay() {
        let css = "a:hover[title=':hover']:first-child > b:Focus{color:red}";
        let source = Source::new("style.css", css);
        let sheet = StyleSheet::read(&source, &Default::default(), &mut Findings::new());
        let selector = &sheet.rules[0].selectors[0];
        let without = selector.without_states(|name| ["hover", "focus"].contains(&name));
        assert_eq!(without, "a[title=':hover']:first-child > b");
    }
}
