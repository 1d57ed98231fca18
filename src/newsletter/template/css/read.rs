//! `style.css` read into rules, with what is wrong in it.
//!
//! A browser drops what it cannot read in silence, and after a missing brace that is most of the sheet. Here
//! each error is a finding at its place, and reading continues where the author most probably meant it to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use cssparser::Token;

use super::lexeme::{Blanks, Lexeme, all_closed, close_of, lexemes, trimmed, written};
use super::selector::{self, Selector, split_at_commas};
use super::{AtRule, Declaration, StyleRule, StyleSheet};
use crate::diag::{Finding, Findings, Place, Source};

/// How many selectors a style sheet may have: each is compared with each element of an issue.
const MOST_SELECTORS: usize = 1_000;

/// How long a selector may be, in bytes.
const LONGEST_SELECTOR: usize = 1_000;

/// How deep blocks may stand in blocks.
const DEEPEST_BLOCK: usize = 16;

/// The tokens that a theme has and that could not be read.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Whether any token may be one of them.
    pub are_all_possible: bool,
    /// Those whose names are known.
    pub tokens: BTreeSet<String>,
}

impl Gaps {
    pub(super) fn may_have(&self, token: &str) -> bool {
        self.are_all_possible || self.tokens.contains(token)
    }
}

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

/// Reads a style sheet from its first token to its last.
pub(super) struct RuleReader<'l, 'a> {
    css: &'l Arc<Source>,
    lexemes: &'l [Lexeme<'a>],
    at: usize,
    /// How many blocks are around `at`.
    depth: usize,
    /// How many of the braces that are never closed have not been reported yet.
    missing_braces: usize,
    /// Whether the rules are steps of an animation.
    has_steps: bool,
    selectors: usize,
    /// The tokens of the theme in the one spelling of values; `None` where the text is not a value.
    pub(super) tokens: BTreeMap<&'l str, Option<String>>,
    pub(super) gaps: &'l Gaps,
    findings: &'l mut Findings,
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

    /// The selectors of a rule; none where one of them cannot be read, as a browser has it.
    fn selectors(&mut self, range: Range<usize>) -> Vec<Selector> {
        let lexemes = &self.lexemes[range];
        let mut selectors = Vec::new();
        for one in split_at_commas(lexemes) {
            self.selectors += 1;
            if self.selectors > MOST_SELECTORS {
                self.too_many_selectors(lexemes);
                return Vec::new();
            }
            let place = self.place_of(one);
            if self.has_steps {
                selectors.push(self.step(one, place));
                continue;
            }
            if place.span().len() > LONGEST_SELECTOR {
                let bytes = place.span().len();
                self.limit(
                    &place,
                    format!("this selector has {bytes} bytes; it can have {LONGEST_SELECTOR}"),
                );
                return Vec::new();
            }
            match selector::read(one, self.css.text(), place) {
                Ok(selector) => selectors.push(selector),
                Err(fault) => {
                    let place = match fault.span.is_empty() {
                        true => self.place_of(lexemes),
                        false => Place::new(self.css, fault.span),
                    };
                    self.error_at(place, fault.message);
                    return Vec::new();
                }
            }
        }
        selectors
    }

    /// A step of an animation: `from`, `50%`, `to`.
    fn step(&self, lexemes: &[Lexeme<'_>], place: Place) -> Selector {
        Selector {
            text: written(lexemes, self.text(), Blanks::Selector),
            parts: Vec::new(),
            specificity: [0; 3],
            place,
        }
    }

    fn too_many_selectors(&mut self, lexemes: &[Lexeme<'_>]) {
        let message =
            format!("a style sheet can have {MOST_SELECTORS} selectors, and here is one more");
        let place = self.place_of(lexemes);
        self.limit(&place, message);
    }

    /// Reports that the sheet passes a limit.
    pub(super) fn limit(&mut self, place: &Place, message: String) {
        let start = place.span().start;
        // The first byte shows where it is; the rest of the line may be very long.
        let place = place.elsewhere(start..start + 1);
        self.report(Finding::error("style-limit", message).at(place));
    }

    /// The declarations up to the end of the block that opens at `open`.
    fn declarations(&mut self, open: usize) -> Vec<Declaration> {
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

    fn nested(&mut self, prelude: Range<usize>) {
        self.nested_rule(prelude.clone());
        self.at = prelude.end + 1;
        match self.depth < DEEPEST_BLOCK {
            true => drop(self.declarations(prelude.end)),
            false => self.pass_over(prelude.end),
        }
    }

    fn nested_at_rule(&mut self) {
        let start = self.at;
        self.at += 1;
        let end = self.end_of_prelude();
        if matches!(self.token_at(end), Some(Token::CurlyBracketBlock)) {
            return self.nested(start..end);
        }
        self.nested_rule(start..end);
        self.at = end;
    }

    fn nested_rule(&mut self, range: Range<usize>) {
        let place = self.place_of(&self.lexemes[range]);
        let message = "this rule stands inside a rule, which few mail clients understand";
        let finding = Finding::error("nested-rule", message).at(place);
        self.findings.push(
            finding.hint("write it after the closing brace, with its whole selector".to_owned()),
        );
    }

    /// Where the prelude of a rule inside a block begins. What stands before it in other lines is a declaration
    /// without a semicolon.
    fn start_of_prelude(&self, range: Range<usize>) -> usize {
        let mut begin = range.end;
        for at in range.clone().rev() {
            let lexeme = &self.lexemes[at];
            let is_break = matches!(lexeme.token, Token::WhiteSpace(blank) if blank.contains('\n'));
            let is_last = trimmed(&self.lexemes[at..range.end]).is_empty();
            if is_break && !is_last && !self.follows_comma(range.start, at) {
                begin = at + 1;
                break;
            }
            begin = at;
        }
        begin
    }

    fn follows_comma(&self, start: usize, at: usize) -> bool {
        let before = trimmed(&self.lexemes[start..at]).last();
        before.is_some_and(|lexeme| lexeme.token == Token::Comma)
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

    /// Continues after the block that opens at `open`.
    fn pass_over(&mut self, open: usize) {
        let close = close_of(self.lexemes, open);
        self.at = close.map_or(self.lexemes.len(), |close| close + 1);
    }

    /// Where the prelude or declaration at the current token ends: at a brace, a semicolon or the end.
    fn end_of_prelude(&self) -> usize {
        let ends = |lexeme: &Lexeme<'_>| {
            matches!(
                lexeme.token,
                Token::CurlyBracketBlock | Token::CloseCurlyBracket | Token::Semicolon
            )
        };
        let length = self.lexemes[self.at..].iter().position(ends);
        length.map_or(self.lexemes.len(), |length| self.at + length)
    }

    /// Whether a brace that is never closed has to be closed before the rule at `at`; reports it.
    fn brace_is_missing(&mut self, at: usize) -> bool {
        if self.missing_braces == 0 {
            return false;
        }
        self.missing_braces -= 1;
        let before = self.lexemes[..at].iter().rposition(|one| !one.is_blank());
        let before = before.unwrap_or(0);
        self.error(before..before + 1, "a `}` is missing after this");
        true
    }

    /// Reports the brace at `open` where the sheet ends before it is closed.
    fn unclosed(&mut self, open: Option<usize>) {
        if let Some(open) = open
            && self.missing_braces > 0
        {
            self.missing_braces -= 1;
            self.error(open..open + 1, "this `{` is never closed");
        }
    }

    fn skip_blanks(&mut self) {
        while self.lexemes.get(self.at).is_some_and(Lexeme::is_blank) {
            self.comment(self.at);
            self.at += 1;
        }
    }

    /// An unclosed comment takes in the rest of the sheet.
    fn comment(&mut self, at: usize) {
        let lexeme = &self.lexemes[at];
        let text = &self.css.text()[lexeme.start..lexeme.end];
        if matches!(lexeme.token, Token::Comment(_)) && (text.len() < 4 || !text.ends_with("*/")) {
            let place = Place::new(self.css, lexeme.start..lexeme.start + 2);
            self.error_at(place, "this comment is never closed");
        }
    }

    fn peek(&self) -> Option<&'l Token<'a>> {
        self.token_at(self.at)
    }

    fn token_at(&self, at: usize) -> Option<&'l Token<'a>> {
        self.lexemes.get(at).map(|lexeme| &lexeme.token)
    }

    /// The place of some tokens, without the blanks around them.
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

    fn here(&self) -> Range<usize> {
        let at = self.lexemes.get(self.at).or(self.lexemes.last());
        at.map_or(0..0, |lexeme| lexeme.start..lexeme.end)
    }

    pub(super) fn lexemes(&self, range: Range<usize>) -> &'l [Lexeme<'a>] {
        &self.lexemes[range]
    }

    pub(super) fn text(&self) -> &'l str {
        self.css.text()
    }

    fn error(&mut self, range: Range<usize>, message: &str) {
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
        self.report(finding.hint(hint.to_owned()));
    }

    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
