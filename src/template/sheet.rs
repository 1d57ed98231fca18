//! A style sheet, its tokens put in, told apart into what can stand in attributes and what cannot.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use cssparser::{ParseError, Parser, Token};

use crate::diag::{Finding, Findings, Place, Source, nearest};

/// The rules of a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// The rules to be inlined.
    pub plain: String,
    /// The `@media` rules, each whole: they can stand in the head only.
    pub media: Vec<String>,
}

impl Sheet {
    /// Reads `style.css`; what is no CSS and a token that no theme has are findings.
    pub(super) fn read(
        css: &Arc<Source>,
        tokens: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Self {
        let mut sheet = Self::default();
        for rule in rules(css, findings) {
            let text = resolved(css, rule.span, tokens, findings);
            if rule.is_at_rule {
                sheet.media.push(text);
            } else {
                sheet.plain.push_str(&text);
            }
        }
        sheet
    }
}

struct RuleSpan {
    span: Range<usize>,
    is_at_rule: bool,
}

/// The rules of a sheet, comments between them left out.
fn rules(css: &Arc<Source>, findings: &mut Findings) -> Vec<RuleSpan> {
    let mut parser = Parser::new(css.text());
    let origin = parser.position();
    let mut rules = Vec::new();
    loop {
        parser.skip_whitespace();
        let start = parser.slice_from(origin).len();
        let Some(is_at_rule) = one_rule(&mut parser, css, start, findings) else {
            return rules;
        };
        let end = parser.slice_from(origin).len();
        rules.push(RuleSpan {
            span: start..end,
            is_at_rule,
        });
    }
}

/// Reads one rule; `None` at the end of the sheet. Whether it is an at-rule.
fn one_rule(
    parser: &mut Parser<'_>,
    css: &Arc<Source>,
    start: usize,
    findings: &mut Findings,
) -> Option<bool> {
    let mut is_at_rule = false;
    let mut has_begun = false;
    loop {
        let Ok(token) = parser.next() else {
            if has_begun {
                fault(css, start, "this rule has no block", findings);
            }
            return None;
        };
        match token {
            Token::CurlyBracketBlock => {
                let base = start_of_block(parser, css);
                let read: Result<(), ParseError<()>> = parser.parse_nested_block(|block| {
                    check_block(block, css, base, findings);
                    Ok(())
                });
                debug_assert!(read.is_ok(), "a block is read to its end");
                return Some(is_at_rule);
            }
            Token::AtKeyword(_) if !has_begun => is_at_rule = true,
            Token::Semicolon if is_at_rule => return Some(true),
            token if token.is_parse_error() => fault(css, start, "this is no CSS", findings),
            _ => {}
        }
        has_begun = true;
    }
}

fn start_of_block(parser: &Parser<'_>, css: &Arc<Source>) -> usize {
    let location = parser.current_source_location();
    let lines: usize = css
        .text()
        .split_inclusive('\n')
        .take(usize::try_from(location.line).unwrap_or(0))
        .map(str::len)
        .sum();
    lines
}

/// A block without a broken string, URL or bracket in it.
fn check_block(block: &mut Parser<'_>, css: &Arc<Source>, base: usize, findings: &mut Findings) {
    while let Ok(token) = block.next() {
        if token.is_parse_error() {
            fault(css, base, "there is a broken value in this rule", findings);
            return;
        }
    }
}

fn fault(css: &Arc<Source>, at: usize, message: &str, findings: &mut Findings) {
    let line = css.text()[at..].lines().next().unwrap_or_default();
    let place = Place::new(css, at..at + line.len());
    findings.push(Finding::error("bad-css", message).at(place));
}

/// The text of a rule with each `var(--…)` replaced: mail clients know no variables.
fn resolved(
    css: &Arc<Source>,
    span: Range<usize>,
    tokens: &BTreeMap<String, String>,
    findings: &mut Findings,
) -> String {
    let text = &css.text()[span.clone()];
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find("var(").map(|i| at + i) {
        out.push_str(&text[at..found]);
        let Some(close) = text[found..].find(')').map(|i| found + i) else {
            break;
        };
        let name = text[found + 4..close].trim();
        match tokens.get(name) {
            Some(value) => out.push_str(value),
            None => {
                let place = Place::new(css, span.start + found..span.start + close + 1);
                findings.push(unknown_token(name, tokens).at(place));
            }
        }
        at = close + 1;
    }
    out.push_str(&text[at..]);
    without_comments(&out)
}

fn unknown_token(name: &str, tokens: &BTreeMap<String, String>) -> Finding {
    let hint = match nearest(name, tokens.keys().map(String::as_str)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "tokens are named `--color-…`, `--dark-…`, `--font-…`, `--size-…`, `--width`, `--margin`, `--portrait` and `--logo`".to_owned(),
    };
    Finding::error("unknown-token", format!("the theme has no token `{name}`")).hint(hint)
}

/// Some clients ignore the rule that follows a comment (caniemail, html-style, note 5).
pub(super) fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(css: &str) -> (Sheet, Vec<String>) {
        let source = Source::new("style.css", css);
        let tokens = BTreeMap::from([("--color-text".to_owned(), "#112233".to_owned())]);
        let mut findings = Findings::new();
        let sheet = Sheet::read(&source, &tokens, &mut findings);
        let told = findings.sorted().into_iter().map(|f| {
            format!(
                "{} {} {}",
                f.place.as_ref().unwrap(),
                f.code,
                f.hint.as_deref().unwrap_or("")
            )
        });
        let told = told.collect();
        (sheet, told)
    }

    #[test]
    fn rules_are_told_apart_and_tokens_put_in() {
        let (sheet, told) = read(
            "/* a */ p { color: var(--color-text) }\n@media (max-width:480px) { p { color: red } }\nh1 {}",
        );
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(sheet.plain, "p { color: #112233 }h1 {}");
        assert_eq!(
            sheet.media,
            ["@media (max-width:480px) { p { color: red } }"]
        );
    }

    #[test]
    fn faults_have_their_places() {
        let (_, told) = read("p { color: var(--color-txt) }\n");
        assert_eq!(
            told,
            ["style.css:1:12 unknown-token did you mean `--color-text`?"]
        );
        let (_, told) = read("p {}\nh1 { font: \"a\n }\n");
        assert_eq!(told, ["style.css:2:1 bad-css "]);
        let (_, told) = read("p {}\nh1");
        assert_eq!(told, ["style.css:2:1 bad-css "]);
    }
}
