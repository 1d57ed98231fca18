//! Rules inside rules, which few mail clients support. They are reported and dropped.

use std::ops::Range;

use cssparser::Token;

use super::cursor::RuleReader;
use super::lexeme::trimmed;
use crate::diag::Finding;

/// The deepest nesting of blocks.
pub(super) const DEEPEST_BLOCK: usize = 16;

impl<'l, 'a> RuleReader<'l, 'a> {
    pub(super) fn nested(&mut self, prelude: Range<usize>) {
        self.nested_rule(prelude.clone());
        self.at = prelude.end + 1;
        match self.depth < DEEPEST_BLOCK {
            true => drop(self.declarations(prelude.end)),
            false => self.pass_over(prelude.end),
        }
    }

    pub(super) fn nested_at_rule(&mut self) {
        let start = self.at;
        self.at += 1;
        let end = self.end_of_prelude();
        if self.opens_block(end) {
            return self.nested(start..end);
        }
        self.nested_rule(start..end);
        self.at = end;
    }

    fn nested_rule(&mut self, range: Range<usize>) {
        let place = self.place_of(&self.lexemes[range]);
        let message = "this rule is inside another rule, which few mail clients support";
        let finding = Finding::error("nested-rule", message).at(place);
        self.findings
            .push(finding.hint("move it after the closing brace, with its whole selector"));
    }

    /// The start of the prelude of a nested rule. Text before it on other lines is a declaration without a semicolon.
    pub(super) fn start_of_prelude(&self, range: Range<usize>) -> usize {
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
}
