//! The position of the reader in the tokens of a style sheet, and its findings.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use cssparser::Token;

use super::lexeme::{Lexeme, close_of, trimmed};
use crate::diag::{Finding, Findings, Place, Source};

/// The tokens of a theme that could not be read.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Whether any token may be missing because of an error.
    pub are_all_possible: bool,
    /// The known names of such tokens.
    pub tokens: BTreeSet<String>,
}

impl Gaps {
    pub(super) fn may_have(&self, token: &str) -> bool {
        self.are_all_possible || self.tokens.contains(token)
    }
}

/// Reads a style sheet from its first token to its last.
pub(super) struct RuleReader<'l, 'a> {
    pub(super) css: &'l Arc<Source>,
    pub(super) lexemes: &'l [Lexeme<'a>],
    pub(super) at: usize,
    /// The number of blocks around `at`.
    pub(super) depth: usize,
    /// The number of unclosed braces that have not been reported yet.
    pub(super) missing_braces: usize,
    /// Whether the rules are steps of an animation.
    pub(super) has_steps: bool,
    pub(super) selectors: usize,
    /// The normalized values of the theme's tokens; `None` if the text is not one value.
    pub(super) tokens: BTreeMap<&'l str, Option<String>>,
    pub(super) gaps: &'l Gaps,
    pub(super) findings: &'l mut Findings,
}

impl<'l, 'a> RuleReader<'l, 'a> {
    pub(super) fn skip_blanks(&mut self) {
        while self.lexemes.get(self.at).is_some_and(Lexeme::is_blank) {
            self.comment(self.at);
            self.at += 1;
        }
    }

    /// Reports an unclosed comment, which extends to the end of the style sheet.
    pub(super) fn comment(&mut self, at: usize) {
        let lexeme = &self.lexemes[at];
        let text = &self.css.text()[lexeme.start..lexeme.end];
        if matches!(lexeme.token, Token::Comment(_)) && (text.len() < 4 || !text.ends_with("*/")) {
            let place = Place::new(self.css, lexeme.start..lexeme.start + 2);
            self.error_at(place, "this comment is not closed");
        }
    }

    pub(super) fn peek(&self) -> Option<&'l Token<'a>> {
        self.token_at(self.at)
    }

    pub(super) fn token_at(&self, at: usize) -> Option<&'l Token<'a>> {
        self.lexemes.get(at).map(|lexeme| &lexeme.token)
    }

    /// The end of the prelude or declaration at the current token: a brace, a semicolon or the end of the style sheet.
    pub(super) fn end_of_prelude(&self) -> usize {
        let mut rest = self.lexemes[self.at..].iter();
        let length = rest.position(|lexeme| ends_prelude(&lexeme.token));
        length.map_or(self.lexemes.len(), |length| self.at + length)
    }

    /// Whether a block opens at `at`.
    pub(super) fn opens_block(&self, at: usize) -> bool {
        matches!(self.token_at(at), Some(Token::CurlyBracketBlock))
    }

    /// Continues after the block that opens at `open`.
    pub(super) fn pass_over(&mut self, open: usize) {
        let close = close_of(self.lexemes, open);
        self.at = close.map_or(self.lexemes.len(), |close| close + 1);
    }

    /// Whether an unclosed brace should be closed before the rule at `at`. Reports it.
    pub(super) fn brace_is_missing(&mut self, at: usize) -> bool {
        if self.missing_braces == 0 {
            return false;
        }
        self.missing_braces -= 1;
        let before = self.lexemes[..at].iter().rposition(|one| !one.is_blank());
        let before = before.unwrap_or(0);
        self.error(before..before + 1, "a `}` is missing after this");
        true
    }

    /// Reports the brace at `open` if the style sheet ends before it is closed.
    pub(super) fn unclosed(&mut self, open: Option<usize>) {
        if let Some(open) = open
            && self.missing_braces > 0
        {
            self.missing_braces -= 1;
            self.error(open..open + 1, "this `{` is not closed");
        }
    }

    /// The location of some tokens, without the spaces around them.
    pub(super) fn place_of(&self, lexemes: &[Lexeme<'_>]) -> Place {
        let (first, last) = match trimmed(lexemes) {
            [first, .., last] => (first, last),
            [only] => (only, only),
            [] => match lexemes {
                [first, ..] => (first, first),
                [] => return Place::new(self.css, self.here()),
            },
        };
        Place::new(self.css, first.start..last.end)
    }

    pub(super) fn here(&self) -> Range<usize> {
        let at = self.lexemes.get(self.at).or(self.lexemes.last());
        at.map_or(0..0, |lexeme| lexeme.start..lexeme.end)
    }

    pub(super) fn lexemes(&self, range: Range<usize>) -> &'l [Lexeme<'a>] {
        &self.lexemes[range]
    }

    pub(super) fn text(&self) -> &'l str {
        self.css.text()
    }

    /// Reports that the style sheet exceeds a limit.
    pub(super) fn limit(&mut self, place: &Place, message: String) {
        let start = place.span().start;
        // Only the first byte is marked, because the line may be very long.
        let place = place.elsewhere(start..start + 1);
        self.report(Finding::error("style-limit", message).at(place));
    }

    pub(super) fn error(&mut self, range: Range<usize>, message: &str) {
        let place = self.place_of(&self.lexemes[range]);
        self.error_at(place, message);
    }

    pub(super) fn error_at(&mut self, place: Place, message: impl Into<String>) {
        let text = &self.css.text()[place.span()];
        let is_comment = text.starts_with('/') && !text.starts_with("/*");
        let hint = is_comment.then(|| "a comment is written `/* … */`".to_owned());
        self.report(Finding::error("bad-css", message).at(place).hint(hint));
    }

    pub(super) fn error_with_hint(&mut self, place: Place, message: &str, hint: &str) {
        let finding = Finding::error("bad-css", message).at(place);
        self.report(finding.hint(hint));
    }

    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

fn ends_prelude(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::CurlyBracketBlock | Token::CloseCurlyBracket | Token::Semicolon
    )
}
