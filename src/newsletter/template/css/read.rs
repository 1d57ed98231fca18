//! `style.css` read into rules, with what is wrong in it.
//!
//! A browser drops what it cannot read in silence, and after a missing brace that is most of the sheet. Here
//! each error is a finding at its place, and reading continues where the author most probably meant it to.

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
    /// Reads a style sheet and puts the values of `tokens` in place of `var(--name)`, because mail clients know
    /// no variables. What cannot be read is a finding.
    pub fn read(
        css: &Arc<Source>,
        tokens: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Self {
        Self::read_with_gaps(css, tokens, &Gaps::default(), findings)
    }

    /// As [`StyleSheet::read`], where errors took tokens out of the theme: a rule that needs one is not an error.
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

/// The value of a token in the one spelling; `None` where it would not be one value.
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

/// How many braces are opened and never closed.
fn missing_braces(lexemes: &[Lexeme<'_>]) -> usize {
    lexemes
        .iter()
        .fold(0_usize, |open, lexeme| match lexeme.token {
            Token::CurlyBracketBlock => open + 1,
            Token::CloseCurlyBracket => open.saturating_sub(1),
            _ => open,
        })
}

/// What a block holds.
#[derive(Default)]
struct Block {
    rules: Vec<StyleRule>,
    at_rules: Vec<AtRule>,
    declarations: Vec<Declaration>,
}

impl<'l, 'a> RuleReader<'l, 'a> {
    /// The rules up to the end of the block that opens at `open`, or of the sheet.
    fn rules(&mut self, open: Option<usize>) -> Block {
        let mut block = Block::default();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.unclosed(open);
                    return block;
                }
                Some(Token::CloseCurlyBracket) => {
                    self.at += 1;
                    if open.is_some() {
                        return block;
                    }
                    self.error(self.at - 1..self.at, "this `}` closes nothing");
                }
                Some(Token::Semicolon | Token::CDO | Token::CDC) => {
                    self.at += 1;
                    self.error(self.at - 1..self.at, "this does not belong between rules");
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

    /// A rule; `None` where it cannot be read.
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
                self.error(start..end, "this declaration stands outside of a rule");
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

    /// The declarations up to the end of the block that opens at `open`.
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
                Some(Token::AtKeyword(_)) => {
                    if self.brace_is_missing(self.at) {
                        break;
                    }
                    self.nested_at_rule();
                }
                Some(_) => {
                    if self.item(&mut declarations) {
                        break;
                    }
                }
            }
        }
        self.depth -= 1;
        declarations
    }

    /// A declaration, or a rule where a declaration should stand; whether the block ends here, because its
    /// closing brace is missing.
    fn item(&mut self, declarations: &mut Vec<Declaration>) -> bool {
        let start = self.at;
        let end = self.end_of_prelude();
        let opens = matches!(self.token_at(end), Some(Token::CurlyBracketBlock));
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
        let block = match self.token_at(end) {
            Some(Token::CurlyBracketBlock) => {
                self.at = end + 1;
                self.block(&name, end)
            }
            _ => {
                self.at = end;
                Block::default()
            }
        };
        // The semicolon after a rule without a block.
        if self.peek() == Some(&Token::Semicolon) && end == self.at {
            self.at += 1;
        }
        AtRule {
            name,
            prelude: prelude.unwrap_or_default(),
            rules: block.rules,
            at_rules: block.at_rules,
            declarations: block.declarations,
            place,
        }
    }

    /// The block of the at-rule `name`, which opens at `open`.
    fn block(&mut self, name: &str, open: usize) -> Block {
        let holds_rules = match name {
            "media" | "supports" | "keyframes" | "layer" | "container" | "scope" => true,
            "font-face" | "page" | "property" | "counter-style" => false,
            _ => matches!(
                self.token_at(self.end_of_prelude()),
                Some(Token::CurlyBracketBlock)
            ),
        };
        if !holds_rules {
            return Block {
                declarations: self.declarations(open),
                ..Block::default()
            };
        }
        if self.depth >= DEEPEST_BLOCK {
            self.pass_over(open);
            return Block::default();
        }
        self.depth += 1;
        let had_steps = std::mem::replace(&mut self.has_steps, name.ends_with("keyframes"));
        let block = self.rules(Some(open));
        self.has_steps = had_steps;
        self.depth -= 1;
        block
    }
}
