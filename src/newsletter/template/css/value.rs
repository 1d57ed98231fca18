//! Values as words, and style attributes as declarations.

use std::ops::Range;

use cssparser::Token;

use super::lexeme::{Blanks, Lexeme, close_of, lexemes, trimmed, written};

/// A word of a value. Words are separated by spaces, commas and slashes outside brackets.
#[derive(Debug, Clone, PartialEq)]
pub struct Word<'a> {
    /// The text as written.
    pub text: &'a str,
    /// Its first byte in the value.
    pub start: usize,
    /// Its type.
    pub kind: Kind,
}

/// The type of a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `solid`, in lower case.
    Keyword(String),
    /// `1.5`
    Number(f32),
    /// `12px`, with the unit in lower case.
    Dimension(f32, String),
    /// `50%`
    Percentage(f32),
    /// `#112233`, without the `#`.
    Hash(String),
    /// `'Times'`
    Text,
    /// `rgb(…)`, with the name in lower case.
    Function(String),
    /// `,`
    Comma,
    /// `/`
    Slash,
    /// Anything else.
    Other,
}

/// The words of a value.
pub fn words(value: &str) -> Vec<Word<'_>> {
    let lexemes = lexemes(value);
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(lexeme) = lexemes.get(at) {
        let end = close_of(&lexemes, at).unwrap_or(at);
        if !lexeme.is_blank() {
            words.push(Word {
                text: &value[lexeme.start..lexemes[end].end],
                start: lexeme.start,
                kind: kind(&lexeme.token),
            });
        }
        at = end + 1;
    }
    words
}

fn kind(token: &Token<'_>) -> Kind {
    match token {
        Token::Ident(name) => Kind::Keyword(name.to_ascii_lowercase()),
        Token::Number { value, .. } => Kind::Number(*value),
        Token::Percentage { unit_value, .. } => Kind::Percentage(unit_value * 100.0),
        Token::Dimension { value, unit, .. } => Kind::Dimension(*value, unit.to_ascii_lowercase()),
        Token::Hash(digits) | Token::IDHash(digits) => Kind::Hash(digits.to_string()),
        Token::QuotedString(_) => Kind::Text,
        Token::UnquotedUrl(_) => Kind::Function("url".to_owned()),
        Token::Function(name) => Kind::Function(name.to_ascii_lowercase()),
        Token::Comma => Kind::Comma,
        Token::Delim('/') => Kind::Slash,
        _ => Kind::Other,
    }
}

/// The names of all functions in a value, in lower case.
pub fn functions(value: &str) -> Vec<String> {
    names_in(value, |token| match token {
        Token::Function(name) => Some(name.to_ascii_lowercase()),
        Token::UnquotedUrl(_) => Some("url".to_owned()),
        _ => None,
    })
}

/// All units in a value, in lower case: `px` of `12px`, `percent` of `50%`.
pub fn units(value: &str) -> Vec<String> {
    names_in(value, |token| match token {
        Token::Dimension { unit, .. } => Some(unit.to_ascii_lowercase()),
        Token::Percentage { .. } => Some("percent".to_owned()),
        _ => None,
    })
}

/// The names that `name_of` finds in the tokens of a value.
fn names_in(value: &str, name_of: impl Fn(&Token<'_>) -> Option<String>) -> Vec<String> {
    let lexemes = lexemes(value).into_iter();
    let names = lexemes.filter_map(|lexeme| name_of(&lexeme.token));
    names.collect()
}

/// The names of the tokens in all `var(…)` of a text.
pub fn variables(text: &str) -> Vec<String> {
    let lexemes = lexemes(text);
    let after_var = lexemes.iter().enumerate().filter_map(|(at, lexeme)| {
        let is_var =
            matches!(&lexeme.token, Token::Function(name) if name.eq_ignore_ascii_case("var"));
        is_var.then_some(&lexemes[at + 1..])
    });
    let names = after_var.filter_map(|inside| match trimmed(inside).first() {
        Some(Lexeme {
            token: Token::Ident(name),
            ..
        }) => Some(name.to_string()),
        _ => None,
    });
    names.collect()
}

/// The properties set by a style attribute or style sheet, each with the range of its value without `!important`.
pub fn value_spans(css: &str) -> Vec<(String, Range<usize>)> {
    let lexemes = lexemes(css);
    let mut spans = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for (at, lexeme) in lexemes.iter().enumerate() {
        match &lexeme.token {
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => depth += 1,
            Token::CloseParenthesis | Token::CloseSquareBracket => depth = depth.saturating_sub(1),
            // A prelude, such as `a:hover`.
            Token::CurlyBracketBlock if depth == 0 => begin = at + 1,
            Token::Semicolon | Token::CloseCurlyBracket if depth == 0 => {
                spans.extend(value_span(&lexemes[begin..at]));
                begin = at + 1;
            }
            _ => {}
        }
    }
    spans.extend(value_span(&lexemes[begin..]));
    spans
}

fn value_span(lexemes: &[Lexeme<'_>]) -> Option<(String, Range<usize>)> {
    let (name, value, _) = name_and_value(lexemes)?;
    let (first, last) = (value.first()?, value.last()?);
    Some((name, first.start..last.end))
}

/// A declaration of a style attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlined {
    /// The property, in lower case.
    pub name: String,
    /// The normalized value.
    pub value: String,
    /// Whether it is `!important`.
    pub is_important: bool,
}

/// The declarations of a style attribute. Everything else is skipped.
pub fn declarations(style: &str) -> Vec<Inlined> {
    let lexemes = lexemes(style);
    let parts = lexemes.split(|lexeme| lexeme.token == Token::Semicolon);
    parts
        .filter_map(|part| inlined(trimmed(part), style))
        .collect()
}

fn inlined(lexemes: &[Lexeme<'_>], style: &str) -> Option<Inlined> {
    let (name, value, is_important) = name_and_value(lexemes)?;
    Some(Inlined {
        name,
        value: written(value, style, Blanks::Value),
        is_important,
    })
}

/// The property of a declaration in lower case, its value, and whether it is `!important`.
fn name_and_value<'l, 'a>(lexemes: &'l [Lexeme<'a>]) -> Option<(String, &'l [Lexeme<'a>], bool)> {
    let [first, rest @ ..] = trimmed(lexemes) else {
        return None;
    };
    let Token::Ident(name) = &first.token else {
        return None;
    };
    let [colon, value @ ..] = trimmed(rest) else {
        return None;
    };
    let mark = value.iter().rposition(|one| one.token == Token::Delim('!'));
    let value = trimmed(&value[..mark.unwrap_or(value.len())]);
    (colon.token == Token::Colon).then(|| (name.to_ascii_lowercase(), value, mark.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_addresses_hide_what_looks_like_the_end_of_a_value() {
        let css = "@media (width:1px){a:hover{color:red!important;b:url(data:x;y,{z})}}\
            c{content:'};d:e';background:url('f;g:h') #fff}";
        let found: Vec<(String, &str)> = value_spans(css)
            .into_iter()
            .map(|(name, span)| (name, &css[span]))
            .collect();
        let expected = [
            ("color", "red"),
            ("b", "url(data:x;y,{z})"),
            ("content", "'};d:e'"),
            ("background", "url('f;g:h') #fff"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_tokens_of_a_declaration_are_named() {
        let text = "border: 1px solid var( --color-line ) 'var(--no)' VAR(--dark-x)";
        assert_eq!(variables(text), ["--color-line", "--dark-x"]);
    }
}
