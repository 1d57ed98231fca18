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

struct Word<'a> {
    text: &'a str,
    quoted: bool,
    span: Range<usize>,
}

struct Parser<'a> {
    words: Vec<Word<'a>>,
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
            self.noted_test()?
        };
        self.depth -= 1;
        Ok(rule)
    }

    fn noted_test(&mut self) -> Result<Rule, RuleError> {
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
        let Some(word) = self.next() else {
            return Err(error(
                "the rule ends where a test is expected".to_owned(),
                here,
            ));
        };
        if word.text == "all" {
            return Ok(Rule::All);
        }
        if let Some(name) = word
            .text
            .strip_prefix("attr.")
            .filter(|name| !name.is_empty())
        {
            self.expect("=")?;
            return Ok(Rule::Attr(name.to_owned(), self.attribute()?));
        }
        match word
            .text
            .split_once(':')
            .filter(|(_, value)| !value.is_empty())
        {
            Some(("tag", value)) => Ok(Rule::Tag(value.to_owned())),
            Some(("lang", value)) => Ok(Rule::Lang(value.to_owned())),
            Some(("email", value)) => Ok(Rule::Email(value.to_owned())),
            Some(("domain", host)) => Err(error(
                format!("unknown test `domain:`; write `email:*@{host}`"),
                here,
            )),
            _ => Err(error(format!("unknown test `{}`", word.text), here)),
        }
    }

    fn attribute(&mut self) -> Result<Attribute, RuleError> {
        let here = self.here();
        let Some(word) = self.next() else {
            return Err(error(
                "the rule ends where a value is expected".to_owned(),
                here,
            ));
        };
        if word.quoted {
            return Ok(Attribute::Text(word.text.to_owned()));
        }
        if let Ok(value) = word.text.parse() {
            return Ok(Attribute::Boolean(value));
        }
        if let Ok(value) = word.text.parse() {
            return Ok(Attribute::Integer(value));
        }
        match word.text.parse() {
            Ok(value) => Ok(Attribute::Number(value)),
            Err(_) => Err(error(
                format!("the string `{}` must be in quotes", word.text),
                here,
            )),
        }
    }

    fn peek(&self) -> Option<&Word<'a>> {
        self.words.get(self.at)
    }

    fn next(&mut self) -> Option<&Word<'a>> {
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

fn words(text: &str) -> Result<Vec<Word<'_>>, RuleError> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let quoted = c == '"' || c == '\'';
        let (inside, end) = if quoted {
            let Some(length) = text[at + 1..].find(c) else {
                return Err(error("this quote is not closed".to_owned(), at..text.len()));
            };
            (at + 1..at + 1 + length, at + length + 2)
        } else if matches!(c, '(' | ')' | '=') {
            (at..at + 1, at + 1)
        } else {
            let rest = &text[at..];
            let ends_word = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '=' | '"');
            let end = at + rest.find(ends_word).unwrap_or(rest.len());
            (at..end, end)
        };
        words.push(Word {
            text: &text[inside],
            quoted,
            span: start..end,
        });
        at = end;
    }
    Ok(words)
}
