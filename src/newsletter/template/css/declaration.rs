//! Declarations, with what is wrong in them.

use std::ops::Range;

use cssparser::Token;

use super::Declaration;
use super::cursor::RuleReader;
use super::grammar::impossible_words;
use super::lexeme::{Blanks, Lexeme, Writer, all_closed, close_of, trimmed};
use super::value::{Kind, words};
use crate::diag::{Finding, nearest};

/// How long a value may be, in bytes: it is written into each element that it is about.
const LONGEST_VALUE: usize = 8_000;

/// The tokens of a declaration.
struct Parts<'l, 'a> {
    name: String,
    value: &'l [Lexeme<'a>],
    is_important: bool,
    /// What follows without a semicolon between.
    rest: &'l [Lexeme<'a>],
}

impl<'l, 'a> RuleReader<'l, 'a> {
    /// Reads the declarations in `range`, which are several where semicolons are missing.
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

    /// The name and the value; `None` where the tokens are not a declaration.
    fn parts(&mut self, whole: &'l [Lexeme<'a>]) -> Option<Parts<'l, 'a>> {
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
        let value = &whole[colon + 1..];
        let next = next_declaration(value);
        let (value, rest) = value.split_at(next.unwrap_or(value.len()));
        if let Some(next) = rest.first() {
            let name = &self.text()[next.start..next.end];
            let message = format!("a `;` is missing before `{name}`");
            self.error_at(self.place_of(&rest[..1]), message);
        }
        let name = name.to_ascii_lowercase();
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

    /// The value before `!important`, and whether that is there.
    fn without_importance(&mut self, value: &'l [Lexeme<'a>]) -> (&'l [Lexeme<'a>], bool) {
        let mark = value.iter().rposition(|one| one.token == Token::Delim('!'));
        let Some(mark) = mark else {
            return (value, false);
        };
        let word = trimmed(&value[mark + 1..]);
        let is_important = matches!(word, [Lexeme { token: Token::Ident(word), .. }]
            if word.eq_ignore_ascii_case("important"));
        if !is_important {
            let place = self.place_of(&value[mark..]);
            let hint = "write `!important`";
            self.error_with_hint(place, "only `!important` can stand here", hint);
        }
        (trimmed(&value[..mark]), is_important)
    }

    /// The text of a value with the theme's tokens in it; `None`, reported, where it is broken.
    pub(super) fn value(&mut self, value: &'l [Lexeme<'a>], blanks: Blanks) -> Option<String> {
        let place = self.place_of(value);
        if place.span().len() > LONGEST_VALUE {
            let bytes = place.span().len();
            let message = format!("this value has {bytes} bytes; it can have {LONGEST_VALUE}");
            self.limit(&place, message);
            return None;
        }
        let broken = value.iter().find(|one| is_broken(&one.token));
        if let Some(broken) = broken {
            self.error_at(
                self.place_of(std::slice::from_ref(broken)),
                fault(&broken.token),
            );
            return None;
        }
        if !all_closed(value) {
            self.error_at(self.place_of(value), "a bracket is missing in this value");
            return None;
        }
        let mut writer = Writer::new(blanks);
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

    /// Writes the token of the theme that the `var(` at `open` names; where its bracket is closed.
    fn variable(
        &mut self,
        value: &'l [Lexeme<'a>],
        open: usize,
        writer: &mut Writer,
    ) -> Option<usize> {
        let close = close_of(value, open)?;
        let place = self.place_of(&value[open..=close]);
        let name = match trimmed(&value[open + 1..close]).first() {
            Some(Lexeme {
                token: Token::Ident(name),
                ..
            }) => name.to_string(),
            _ => String::new(),
        };
        match self.tokens.get(name.as_str()) {
            Some(Some(text)) => writer.push_written(text),
            Some(None) => {
                let message = format!("the token `{name}` is not a value that can stand in a rule");
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
        let hint = match nearest(name, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "tokens are named `--color-…`, `--dark-…`, `--font-…`, `--size-…`, `--width`, `--margin`, `--portrait` and `--logo`".to_owned(),
        };
        Finding::error("unknown-token", format!("the theme has no token `{name}`")).hint(hint)
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

fn fault(token: &Token<'_>) -> &'static str {
    match token {
        Token::BadString(_) => "this string ends with the line, before its quotation mark",
        Token::BadUrl(_) => "this is not a URL",
        _ => "this does not belong in a value",
    }
}

/// Where a second `name:` begins in a value: the semicolon before it is missing. Word's and old Explorer's
/// `progid:` is part of one.
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

/// Whether every client knows a value like this one: no function, no digits for transparency, none but the old
/// units.
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
