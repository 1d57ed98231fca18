//! Reads `style.css` into rules and reports its errors.
//!
//! A browser drops invalid CSS without a message; after a missing brace, that is most of the sheet. This reader
//! reports each error at its location and continues where the author probably meant the next rule to start.

use std::collections::BTreeMap;
use std::sync::Arc;

use cssparser::Token;

use super::cursor::{Gaps, RuleReader};
use super::lexeme::{Blanks, Lexeme, all_closed, lexemes, trimmed, written};
use super::nested::DEEPEST_BLOCK;
use super::selectors::MOST_SELECTORS;
use super::{AtRule, Declaration, StyleRule, StyleSheet};
use crate::diag::{Findings, Source};

impl StyleSheet {
    /// Reads a style sheet and replaces `var(--name)` with the values of `tokens`, because mail clients do not
    /// support variables. Errors are findings.
    pub fn read(
        css: &Arc<Source>,
        tokens: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Self {
        Self::read_with_gaps(css, tokens, &Gaps::default(), findings)
    }

    /// As [`StyleSheet::read`], for a theme that lost tokens to errors: a rule that uses one of `gaps` is dropped
    /// without another finding.
    pub fn read_with_gaps(
        css: &Arc<Source>,
        tokens: &BTreeMap<String, String>,
        gaps: &Gaps,
        findings: &mut Findings,
    ) -> Self {
        let lexemes = lexemes(css.text());
        let written = tokens
            .iter()
            .map(|(name, value)| (name.as_str(), value_of_token(value)));
        let mut reader = RuleReader {
            css,
            missing_braces: missing_braces(&lexemes),
            lexemes: &lexemes,
            at: 0,
            depth: 0,
            has_steps: false,
            selectors: 0,
            tokens: written.collect(),
            gaps,
            findings,
        };
        let block = reader.rules(None);
        Self {
            rules: block.rules,
            at_rules: block.at_rules,
        }
    }
}

/// The normalized value of a token; `None` if it is not one value.
fn value_of_token(value: &str) -> Option<String> {
    let lexemes = lexemes(value);
    let is_value = |lexeme: &Lexeme<'_>| {
        !lexeme.token.is_parse_error()
            && !matches!(
                lexeme.token,
                Token::CurlyBracketBlock | Token::Semicolon | Token::Delim('!')
            )
    };
    let is_whole = lexemes.iter().all(is_value) && all_closed(&lexemes);
    is_whole.then(|| written(trimmed(&lexemes), value, Blanks::Value))
}

/// The number of braces that are never closed.
fn missing_braces(lexemes: &[Lexeme<'_>]) -> usize {
    let tokens = lexemes.iter().map(|lexeme| &lexeme.token);
    tokens.fold(0_usize, |open, token| match token {
        Token::CurlyBracketBlock => open + 1,
        Token::CloseCurlyBracket => open.saturating_sub(1),
        _ => open,
    })
}

/// The content of a block.
#[derive(Default)]
struct CssBlock {
    rules: Vec<StyleRule>,
    at_rules: Vec<AtRule>,
    declarations: Vec<Declaration>,
}

impl<'l, 'a> RuleReader<'l, 'a> {
    /// Reads the rules up to the end of the block that opens at `open`, or of the sheet.
    fn rules(&mut self, open: Option<usize>) -> CssBlock {
        let mut block = CssBlock::default();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.unclosed(open);
                    return block;
                }
                Some(Token::CloseCurlyBracket) if open.is_some() => {
                    self.at += 1;
                    return block;
                }
                Some(Token::CloseCurlyBracket) => self.stray("this `}` has no opening `{`"),
                Some(Token::Semicolon | Token::CDO | Token::CDC) => {
                    self.stray("this is not valid between rules");
                }
                Some(Token::AtKeyword(_)) if open.is_some() && self.brace_is_missing(self.at) => {
                    return block;
                }
                Some(Token::AtKeyword(_)) => block.at_rules.push(self.at_rule()),
                Some(_) => block.rules.extend(self.style_rule()),
            }
            if self.selectors > MOST_SELECTORS {
                self.at = self.lexemes.len();
                self.missing_braces = 0;
            }
        }
    }

    /// Reports the current token and skips it.
    fn stray(&mut self, message: &str) {
        self.at += 1;
        self.error(self.at - 1..self.at, message);
    }

    /// Reads a rule; `None`, reported, if it is invalid.
    fn style_rule(&mut self) -> Option<StyleRule> {
        let start = self.at;
        let end = self.end_of_prelude();
        match self.lexemes.get(end).map(|lexeme| &lexeme.token) {
            Some(Token::CurlyBracketBlock) => {
                let selectors = self.selectors(start..end);
                self.at = end + 1;
                let declarations = self.declarations(end);
                (!selectors.is_empty()).then_some(StyleRule {
                    selectors,
                    declarations,
                })
            }
            Some(Token::Semicolon) => {
                self.error(start..end, "this declaration is outside a rule");
                self.at = end + 1;
                None
            }
            _ => {
                self.error(start..end, "this rule has no block");
                self.at = end;
                None
            }
        }
    }

    /// Reads the declarations up to the end of the block that opens at `open`.
    pub(super) fn declarations(&mut self, open: usize) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        self.depth += 1;
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.unclosed(Some(open));
                    break;
                }
                Some(Token::CloseCurlyBracket) => {
                    self.at += 1;
                    break;
                }
                Some(Token::Semicolon) => self.at += 1,
                Some(Token::AtKeyword(_)) if self.brace_is_missing(self.at) => break,
                Some(Token::AtKeyword(_)) => self.nested_at_rule(),
                Some(_) if self.item(&mut declarations) => break,
                Some(_) => {}
            }
        }
        self.depth -= 1;
        declarations
    }

    /// Reads a declaration, or a rule in its place. Returns whether the block ends here because its closing brace is
    /// missing.
    fn item(&mut self, declarations: &mut Vec<Declaration>) -> bool {
        let start = self.at;
        let end = self.end_of_prelude();
        let opens = self.opens_block(end);
        if !opens {
            self.at = end;
            self.declaration(start..end, declarations);
            return false;
        }
        let prelude = self.start_of_prelude(start..end);
        if !trimmed(&self.lexemes[start..prelude]).is_empty() {
            self.declaration(start..prelude, declarations);
        }
        if self.brace_is_missing(prelude) {
            self.at = prelude;
            return true;
        }
        self.nested(prelude..end);
        false
    }

    fn at_rule(&mut self) -> AtRule {
        let start = self.at;
        let name = match self.peek() {
            Some(Token::AtKeyword(name)) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        self.at += 1;
        let end = self.end_of_prelude();
        let place = self.place_of(&self.lexemes[start..end]);
        let prelude = self.value(trimmed(&self.lexemes[start + 1..end]), Blanks::Condition);
        let block = self.block_or_semicolon(&name, end);
        AtRule {
            name,
            prelude: prelude.unwrap_or_default(),
            rules: block.rules,
            at_rules: block.at_rules,
            declarations: block.declarations,
            place,
        }
    }

    /// Reads what follows the prelude of the at-rule `name`: a block, or a semicolon.
    fn block_or_semicolon(&mut self, name: &str, end: usize) -> CssBlock {
        self.at = end;
        match self.peek() {
            Some(Token::CurlyBracketBlock) => {
                self.at += 1;
                self.block(name, end)
            }
            next => {
                self.at += usize::from(next == Some(&Token::Semicolon));
                CssBlock::default()
            }
        }
    }

    /// Whether the block of the at-rule `name` contains rules. For an unknown name, the first item decides.
    fn has_rules(&self, name: &str) -> bool {
        match name {
            "media" | "supports" | "keyframes" | "layer" | "container" | "scope" => true,
            "font-face" | "page" | "property" | "counter-style" => false,
            _ => self.opens_block(self.end_of_prelude()),
        }
    }

    /// Reads the block of the at-rule `name` that opens at `open`.
    fn block(&mut self, name: &str, open: usize) -> CssBlock {
        if !self.has_rules(name) {
            return CssBlock {
                declarations: self.declarations(open),
                ..CssBlock::default()
            };
        }
        if self.depth >= DEEPEST_BLOCK {
            self.pass_over(open);
            return CssBlock::default();
        }
        self.depth += 1;
        let had_steps = std::mem::replace(&mut self.has_steps, name.ends_with("keyframes"));
        let block = self.rules(Some(open));
        self.has_steps = had_steps;
        self.depth -= 1;
        block
    }
}
