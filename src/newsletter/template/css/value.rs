//! Values taken apart into words.

use cssparser::Token;

use super::lexeme::{Blanks, Lexeme, close_of, lexemes, trimmed, written};

/// A word of a value: what stands between blanks, commas and slashes outside of brackets.
#[derive(Debug, Clone, PartialEq)]
pub struct Word<'a> {
    /// As it is written.
    pub text: &'a str,
    /// Its first byte in the value.
    pub start: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a word of a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `solid`, in small letters.
    Keyword(String),
    /// `1.5`
    Number(f32),
    /// `12px`, with the unit in small letters.
    Dimension(f32, String),
    /// `50%`
    Percentage(f32),
    /// `#112233`, without the `#`.
    Hash(String),
    /// `'Times'`
    Text,
    /// `rgb(…)`, with the name in small letters.
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

/// The functions of a value, those in brackets included, in small letters.
pub fn functions(value: &str) -> Vec<String> {
    let names = lexemes(value)
        .into_iter()
        .filter_map(|lexeme| match lexeme.token {
            Token::Function(name) => Some(name.to_ascii_lowercase()),
            Token::UnquotedUrl(_) => Some("url".to_owned()),
            _ => None,
        });
    names.collect()
}

/// The units of a value, those in brackets included, in small letters: `px` of `12px`, `percent` of `50%`.
pub fn units(value: &str) -> Vec<String> {
    let units = lexemes(value)
        .into_iter()
        .filter_map(|lexeme| match lexeme.token {
            Token::Dimension { unit, .. } => Some(unit.to_ascii_lowercase()),
            Token::Percentage { .. } => Some("percent".to_owned()),
            _ => None,
        });
    units.collect()
}

/// A declaration of a style attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlined {
    /// The property, in small letters.
    pub name: String,
    /// The value in one spelling.
    pub value: String,
    /// Whether it is `!important`.
    pub is_important: bool,
}

/// The declarations of a style attribute. What is not a declaration is left out.
pub fn declarations(style: &str) -> Vec<Inlined> {
    let lexemes = lexemes(style);
    let parts = lexemes.split(|lexeme| lexeme.token == Token::Semicolon);
    parts
        .filter_map(|part| inlined(trimmed(part), style))
        .collect()
}

fn inlined(lexemes: &[Lexeme<'_>], style: &str) -> Option<Inlined> {
    let [first, rest @ ..] = lexemes else {
        return None;
    };
    let Token::Ident(name) = &first.token else {
        return None;
    };
    let [colon, value @ ..] = trimmed(rest) else {
        return None;
    };
    let mark = value.iter().rposition(|one| one.token == Token::Delim('!'));
    let value = &value[..mark.unwrap_or(value.len())];
    (colon.token == Token::Colon).then(|| Inlined {
        name: name.to_ascii_lowercase(),
        value: written(value, style, Blanks::Value),
        is_important: mark.is_some(),
    })
}
