//! Reads declarations and reports their errors.

use std::ops::Range;

use cssparser::Token;

use super::Declaration;
use super::cursor::RuleReader;
use super::grammar::impossible_words;
use super::lexeme::{Blanks, Lexeme, LexemeWriter, all_closed, close_of, trimmed};
use super::value::{Kind, words};
use crate::diag::{Finding, did_you_mean};

/// The longest allowed value, in bytes: each matching element gets a copy of it.
const LONGEST_VALUE: usize = 8_000;
/// The hint about an unknown token that is similar to none.
const TOKEN_NAMES: &str = "tokens are named `--color-…`, `--dark-…`, `--font-…`, `--size-…`, `--width`, `--margin`, `--portrait` and `--logo`";

/// The tokens of a declaration.
struct Parts<'l, 'a> {
    name: String,
    value: &'l [Lexeme<'a>],
    is_important: bool,
    /// The next declaration, if the semicolon before it is missing.
    rest: &'l [Lexeme<'a>],
}

impl<'l, 'a> RuleReader<'l, 'a> {
    /// Reads the declaration in `range`, or several if semicolons are missing.
    pub(super) fn declaration(&mut self, range: Range<usize>, declarations: &mut Vec<Declaration>) {
        let mut rest = trimmed(self.lexemes(range));
        while !rest.is_empty() {
            let whole = rest;
            let Some(parts) = self.parts(whole) else {
                return;
            };
            rest = parts.rest;
            let place = self.place_of(&whole[..whole.len() - rest.len()]);
            if let Some(value) = self.value(parts.value, Blanks::Value) {
                declarations.push(Declaration {
                    is_understood: is_understood(&parts.name, &value),
                    name: parts.name,
                    value,
                    is_important: parts.is_important,
                    place,
                });
            }
        }
    }

    /// The name and the value; `None`, reported, if the tokens are not a declaration.
    fn parts(&mut self, whole: &'l [Lexeme<'a>]) -> Option<Parts<'l, 'a>> {
        let (name, value) = self.name_and_value(whole)?;
        let next = next_declaration(value);
        let (value, rest) = value.split_at(next.unwrap_or(value.len()));
        if let Some(next) = rest.first() {
            let name = &self.text()[next.start..next.end];
            let message = format!("a `;` is missing before `{name}`");
            self.error_at(self.place_of(&rest[..1]), message);
        }
        let (value, is_important) = self.without_importance(trimmed(value));
        if value.is_empty() {
            self.error_at(self.place_of(whole), format!("`{name}` has no value"));
            return None;
        }
        Some(Parts {
            name,
            value,
            is_important,
            rest,
        })
    }

    /// The name in lower case, and everything after the colon.
    fn name_and_value(&mut self, whole: &'l [Lexeme<'a>]) -> Option<(String, &'l [Lexeme<'a>])> {
        let Token::Ident(name) = &whole[0].token else {
            self.error_at(self.place_of(whole), "this is not a declaration");
            return None;
        };
        let after_name = whole[1..].iter().position(|lexeme| !lexeme.is_blank());
        let colon = after_name.map(|at| at + 1);
        let Some(colon) = colon.filter(|at| whole[*at].token == Token::Colon) else {
            let message = format!("a `:` is missing after `{}`", &**name);
            self.error_at(self.place_of(&whole[..1]), message);
            return None;
        };
        Some((name.to_ascii_lowercase(), &whole[colon + 1..]))
    }

    /// The value without `!important`, and whether it had one.
    fn without_importance(&mut self, value: &'l [Lexeme<'a>]) -> (&'l [Lexeme<'a>], bool) {
        let bang = value.iter().rposition(|one| one.token == Token::Delim('!'));
        let Some(bang) = bang else {
            return (value, false);
        };
        let word = trimmed(&value[bang + 1..]);
        let is_important = matches!(word, [Lexeme { token: Token::Ident(word), .. }]
            if word.eq_ignore_ascii_case("important"));
        if !is_important {
            let place = self.place_of(&value[bang..]);
            let hint = "write `!important`";
            self.error_with_hint(place, "only `!important` is allowed here", hint);
        }
        (trimmed(&value[..bang]), is_important)
    }

    /// The text of a value with the theme's tokens filled in; `None`, reported, if the value is invalid.
    pub(super) fn value(&mut self, value: &'l [Lexeme<'a>], blanks: Blanks) -> Option<String> {
        self.check_value(value)?;
        let mut writer = LexemeWriter::new(blanks);
        let mut at = 0;
        while let Some(lexeme) = value.get(at) {
            match is_variable(&lexeme.token) {
                true => at = self.variable(value, at, &mut writer)?,
                false => writer.push(lexeme, self.text()),
            }
            at += 1;
        }
        Some(writer.finish())
    }

    /// `None`, reported, if a value is too long, has an invalid token or an unclosed bracket.
    fn check_value(&mut self, value: &'l [Lexeme<'a>]) -> Option<()> {
        let place = self.place_of(value);
        if place.span().len() > LONGEST_VALUE {
            let bytes = place.span().len();
            let message = format!("this value has {bytes} bytes; the limit is {LONGEST_VALUE}");
            self.limit(&place, message);
            return None;
        }
        let broken = value.iter().find(|one| is_broken(&one.token));
        if let Some(broken) = broken {
            self.error_at(
                self.place_of(std::slice::from_ref(broken)),
                token_error(&broken.token),
            );
            return None;
        }
        if !all_closed(value) {
            self.error_at(place, "a bracket is missing in this value");
            return None;
        }
        Some(())
    }

    /// Writes the theme's token that the `var(` at `open` names. Returns the position of the closing parenthesis.
    fn variable(
        &mut self,
        value: &'l [Lexeme<'a>],
        open: usize,
        writer: &mut LexemeWriter,
    ) -> Option<usize> {
        let close = close_of(value, open)?;
        let place = self.place_of(&value[open..=close]);
        let name = name_in(&value[open + 1..close]);
        match self.tokens.get(name.as_str()) {
            Some(Some(text)) => writer.push_written(text),
            Some(None) => {
                let message = format!("the value of the token `{name}` is not valid in a rule");
                self.report(Finding::error("bad-css", message).at(place));
                return None;
            }
            None if self.gaps.may_have(&name) => return None,
            None => {
                let finding = self.unknown_token(&name);
                self.report(finding.at(place));
                return None;
            }
        }
        Some(close)
    }

    fn unknown_token(&self, name: &str) -> Finding {
        let unread = self.gaps.tokens.iter().map(String::as_str);
        let known = self.tokens.keys().copied().chain(unread);
        let hint = did_you_mean(name, known).unwrap_or_else(|| TOKEN_NAMES.to_owned());
        Finding::error("unknown-token", format!("the theme has no token `{name}`")).hint(hint)
    }
}

/// The name in the parentheses of `var(…)`; empty if there is none.
fn name_in(parentheses: &[Lexeme<'_>]) -> String {
    let first = trimmed(parentheses).first();
    match first.map(|lexeme| &lexeme.token) {
        Some(Token::Ident(name)) => name.to_string(),
        _ => String::new(),
    }
}

fn is_variable(token: &Token<'_>) -> bool {
    matches!(token, Token::Function(name) if name.eq_ignore_ascii_case("var"))
}

fn is_broken(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::BadString(_) | Token::BadUrl(_) | Token::CDO | Token::CDC
    )
}

fn token_error(token: &Token<'_>) -> &'static str {
    match token {
        Token::BadString(_) => "this string has no closing quotation mark on its line",
        Token::BadUrl(_) => "this is not a URL",
        _ => "this is not valid in a value",
    }
}

/// The start of a second `name:` in a value, which means that a semicolon is missing. `progid:`, used by Word and
/// Internet Explorer, is part of a value.
fn next_declaration(value: &[Lexeme<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = None;
    for (at, lexeme) in value.iter().enumerate() {
        match &lexeme.token {
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => depth += 1,
            Token::CloseParenthesis | Token::CloseSquareBracket => depth = depth.saturating_sub(1),
            Token::Colon if depth == 0 => return last,
            _ => {}
        }
        if !lexeme.is_blank() {
            let is_name =
                matches!(&lexeme.token, Token::Ident(name) if !name.eq_ignore_ascii_case("progid"));
            last = is_name.then_some(at);
        }
    }
    None
}

/// Whether every client supports a value like this one: without functions, hexadecimal opacity and newer units.
fn is_understood(property: &str, value: &str) -> bool {
    let words = words(value);
    let is_old = words.iter().all(|word| match &word.kind {
        Kind::Dimension(_, unit) => matches!(
            unit.as_str(),
            "px" | "em" | "pt" | "pc" | "in" | "cm" | "mm" | "ex"
        ),
        Kind::Hash(digits) => matches!(digits.len(), 3 | 6),
        Kind::Keyword(name) => !name.starts_with('-'),
        Kind::Function(_) | Kind::Other => false,
        _ => true,
    });
    is_old && impossible_words(property, value, &words).is_none()
}
