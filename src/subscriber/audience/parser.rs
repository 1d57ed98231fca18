//! The recursive-descent parser of audience rules.

use std::ops::Range;

use super::{Rule, RuleError, Test};
use crate::subscriber::Attribute;

/// The maximum nesting, because `((((…` and `not not …` are read recursively.
const DEEPEST: usize = 32;

/// Parses the rule in `text`; returns it with its tests in the order of the text.
pub(super) fn parse(text: &str) -> Result<(Rule, Vec<Test>), RuleError> {
    let mut parser = Parser {
        words: words(text)?,
        at: 0,
        end: text.len(),
        depth: 0,
        negations: 0,
        tests: Vec::new(),
    };
    let rule = parser.rule()?;
    match parser.peek() {
        None => Ok((rule, parser.tests)),
        Some(word) => Err(error(
            format!("unexpected `{}` after the end of the rule", word.text),
            word.span.clone(),
        )),
    }
}

struct RuleWord<'a> {
    text: &'a str,
    quoted: bool,
    span: Range<usize>,
}

struct Parser<'a> {
    words: Vec<RuleWord<'a>>,
    at: usize,
    end: usize,
    depth: usize,
    /// The number of `not` around the current test.
    negations: usize,
    tests: Vec<Test>,
}

impl<'a> Parser<'a> {
    fn rule(&mut self) -> Result<Rule, RuleError> {
        let mut rule = self.term()?;
        while self.take("or") {
            rule = Rule::Or(Box::new(rule), Box::new(self.term()?));
        }
        Ok(rule)
    }

    fn term(&mut self) -> Result<Rule, RuleError> {
        let mut rule = self.factor()?;
        while self.take("and") {
            rule = Rule::And(Box::new(rule), Box::new(self.factor()?));
        }
        Ok(rule)
    }

    fn factor(&mut self) -> Result<Rule, RuleError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(error("the rule is nested too deep".to_owned(), self.here()));
        }
        let rule = if self.take("not") {
            self.negations += 1;
            let rule = self.factor()?;
            self.negations -= 1;
            Rule::Not(Box::new(rule))
        } else if self.take("(") {
            let rule = self.rule()?;
            self.expect(")")?;
            rule
        } else {
            self.recorded_test()?
        };
        self.depth -= 1;
        Ok(rule)
    }

    /// A test, which is added to the list of tests with its position.
    fn recorded_test(&mut self) -> Result<Rule, RuleError> {
        let start = self.here().start;
        let rule = self.test()?;
        let end = self.words[self.at - 1].span.end;
        self.tests.push(Test {
            rule: rule.clone(),
            span: start..end,
            is_negated: self.negations > 0,
        });
        Ok(rule)
    }

    fn test(&mut self) -> Result<Rule, RuleError> {
        let here = self.here();
        let word = self.next();
        let text = word.map(|word| word.text).ok_or_else(|| {
            error(
                "the rule ends where a test is expected".to_owned(),
                here.clone(),
            )
        })?;
        match text.strip_prefix("attr.") {
            None | Some("") => test_of_word(text).map_err(|message| error(message, here)),
            Some(name) => {
                self.expect("=")?;
                Ok(Rule::Attr(name.to_owned(), self.attribute()?))
            }
        }
    }

    fn attribute(&mut self) -> Result<Attribute, RuleError> {
        let here = self.here();
        let Some(word) = self.next() else {
            let message = "the rule ends where a value is expected".to_owned();
            return Err(error(message, here));
        };
        if word.quoted {
            return Ok(Attribute::Text(word.text.to_owned()));
        }
        let message = format!("the string `{}` must be in quotes", word.text);
        unquoted_attribute(word.text).ok_or_else(|| error(message, here))
    }

    fn peek(&self) -> Option<&RuleWord<'a>> {
        self.words.get(self.at)
    }

    fn next(&mut self) -> Option<&RuleWord<'a>> {
        self.at += 1;
        self.words.get(self.at - 1)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|word| !word.quoted && word.text == text);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Result<(), RuleError> {
        if self.take(text) {
            return Ok(());
        }
        Err(error(format!("missing `{text}`"), self.here()))
    }

    fn here(&self) -> Range<usize> {
        self.peek()
            .map_or(self.end..self.end, |word| word.span.clone())
    }
}

fn error(message: String, span: Range<usize>) -> RuleError {
    RuleError { message, span }
}

/// The test in one word, such as `tag:members`. The error is its message.
fn test_of_word(word: &str) -> Result<Rule, String> {
    let pair = word.split_once(':').filter(|(_, value)| !value.is_empty());
    match pair {
        _ if word == "all" => Ok(Rule::All),
        Some(("tag", value)) => Ok(Rule::Tag(value.to_owned())),
        Some(("lang", value)) => Ok(Rule::Lang(value.to_owned())),
        Some(("email", value)) => Ok(Rule::Email(value.to_owned())),
        Some(("domain", host)) => Err(format!("unknown test `domain:`; write `email:*@{host}`")),
        _ => Err(format!("unknown test `{word}`")),
    }
}

/// A boolean or a number; `None` if the text is neither.
fn unquoted_attribute(text: &str) -> Option<Attribute> {
    let boolean = text.parse().map(Attribute::Boolean);
    let integer = text.parse().map(Attribute::Integer);
    let number = text.parse().map(Attribute::Number);
    boolean.ok().or(integer.ok()).or(number.ok())
}

fn words(text: &str) -> Result<Vec<RuleWord<'_>>, RuleError> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let word = word_at(text, at, first)?;
        at = word.span.end;
        words.push(word);
    }
    Ok(words)
}

/// The word that begins at byte `start` with the character `first`.
fn word_at(text: &str, start: usize, first: char) -> Result<RuleWord<'_>, RuleError> {
    let rest = &text[start..];
    if let '"' | '\'' = first {
        let length = rest[1..]
            .find(first)
            .ok_or_else(|| error("this quote is not closed".to_owned(), start..text.len()))?;
        return Ok(RuleWord {
            text: &rest[1..=length],
            quoted: true,
            span: start..start + length + 2,
        });
    }
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '=' | '"');
    let length = match first {
        '(' | ')' | '=' => 1,
        _ => rest.find(ends_word).unwrap_or(rest.len()),
    };
    Ok(RuleWord {
        text: &rest[..length],
        quoted: false,
        span: start..start + length,
    })
}
