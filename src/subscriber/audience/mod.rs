//! Audience rules: `tag:members and not lang:fr`.
//!
//! The grammar; `or` has the lowest precedence, `not` the highest:
//!
//! ```text
//! rule   = term *( "or" term )
//! term   = factor *( "and" factor )
//! factor = "not" factor / "(" rule ")" / "all" / "tag:" WORD / "lang:" WORD
//!        / "email:" PATTERN / "attr." NAME "=" VALUE
//! ```

mod parser;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::address::unicode_domain;
use super::{Address, Attribute, Subscriber};

/// A rule that selects subscribers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// All subscribers.
    All,
    /// Subscribers with this tag.
    Tag(String),
    /// Subscribers with this language; `fr` selects `fr-BE` too.
    Lang(String),
    /// Subscribers whose address matches a pattern, in which `*` matches any characters.
    Email(String),
    /// Subscribers whose attribute has this value.
    Attr(String, Attribute),
    /// Subscribers that the rule does not select.
    Not(Box<Rule>),
    /// Subscribers that both rules select.
    And(Box<Rule>, Box<Rule>),
    /// Subscribers that at least one of the rules selects.
    Or(Box<Rule>, Box<Rule>),
}

/// A syntax error in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The error, in one sentence.
    pub message: String,
    /// The bytes of the rule's text that are wrong.
    pub span: Range<usize>,
}

/// One test of a rule, such as `tag:members`, with its position in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The test as a rule.
    pub rule: Rule,
    /// The bytes of the rule's text.
    pub span: Range<usize>,
    /// Whether it is negated by `not`.
    pub is_negated: bool,
}

impl Rule {
    /// Parses a rule.
    ///
    /// # Errors
    /// The first error, with its position in `text`.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        Self::parse_with_tests(text).map(|(rule, _)| rule)
    }

    /// Parses a rule; returns it with its tests in the order of the text.
    ///
    /// # Errors
    /// The first error, with its position in `text`.
    pub fn parse_with_tests(text: &str) -> Result<(Self, Vec<Test>), RuleError> {
        parser::parse(text)
    }

    /// Whether the rule selects `subscriber`, whose language is `default_language` if it has none.
    pub fn selects(&self, subscriber: &Subscriber, default_language: &str) -> bool {
        match self {
            Self::All => true,
            Self::Tag(tag) => subscriber.tags.contains(tag),
            Self::Lang(tag) => is_language(
                subscriber.language.as_deref().unwrap_or(default_language),
                tag,
            ),
            Self::Email(pattern) => is_address(&subscriber.address, pattern),
            Self::Attr(name, value) => subscriber.attributes.get(name) == Some(value),
            Self::Not(rule) => !rule.selects(subscriber, default_language),
            Self::And(a, b) => {
                a.selects(subscriber, default_language) && b.selects(subscriber, default_language)
            }
            Self::Or(a, b) => {
                a.selects(subscriber, default_language) || b.selects(subscriber, default_language)
            }
        }
    }
}

fn is_language(own: &str, wanted: &str) -> bool {
    let own = own.to_lowercase();
    let wanted = wanted.to_lowercase();
    own.strip_prefix(&wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Whether an address matches `pattern`, in either spelling of its domain: `*@bücher.example` and
/// `*@xn--bcher-kva.example` select the same subscribers.
fn is_address(address: &Address, pattern: &str) -> bool {
    let [ascii, unicode] = address_patterns(pattern);
    let key = address.key();
    fits(&key, &ascii) || (key.contains("xn--") && fits(&address.unicode_key(), &unicode))
}

/// The patterns for [`Address::key`], and for [`Address::unicode_key`] of an address whose domain is not ASCII.
pub fn address_patterns(pattern: &str) -> [String; 2] {
    let pattern = pattern.to_lowercase();
    let unicode = in_unicode(&pattern);
    [pattern, unicode]
}

/// The pattern with the labels of its domain in Unicode, except those with a `*`.
fn in_unicode(pattern: &str) -> String {
    let (local, domain) = pattern.rsplit_once('@').unwrap_or(("", pattern));
    let labels = domain.split('.').map(|label| match label.contains('*') {
        true => label.to_owned(),
        false => unicode_domain(label),
    });
    let domain = labels.collect::<Vec<_>>().join(".");
    match pattern.contains('@') {
        true => format!("{local}@{domain}"),
        false => domain,
    }
}

/// Whether `text` matches `pattern`, in which each `*` matches any characters.
fn fits(text: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return text == pattern;
    };
    let Some(rest) = text
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    let mut rest = Some(rest);
    for part in middle {
        rest = rest.and_then(|r| r.split_once(part).map(|(_, after)| after));
    }
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::Address;
    use super::*;

    fn subscriber() -> Subscriber {
        let mut subscriber = Subscriber::at(Address::parse("Ana@rusi.example").unwrap());
        subscriber.tags.insert("members".to_owned());
        subscriber.language = Some("fr-BE".to_owned());
        subscriber
            .attributes
            .insert("country".to_owned(), Attribute::Text("IT".to_owned()));
        subscriber
            .attributes
            .insert("board".to_owned(), Attribute::Boolean(true));
        subscriber
    }

    #[test]
    fn rules_select_subscribers() {
        for (rule, selected) in [
            ("all", true),
            ("tag:members", true),
            ("tag:press", false),
            ("lang:fr", true),
            ("lang:f", false),
            ("attr.country = \"IT\"", true),
            ("attr.board = true", true),
            ("attr.board = 1", false),
            ("email:*@rusi.example", true),
            ("email:b*", false),
            ("tag:members and not lang:fr", false),
            ("tag:press or lang:fr and tag:members", true),
            ("not (tag:press or lang:fr)", false),
        ] {
            assert_eq!(
                Rule::parse(rule).unwrap().selects(&subscriber(), "en"),
                selected,
                "{rule}"
            );
        }
    }

    #[test]
    fn both_spellings_of_a_domain_select_the_same_subscribers() {
        let at = |address| Subscriber::at(Address::parse(address).unwrap());
        for address in ["Bo@bücher.example", "bo@XN--bcher-KVA.example"] {
            for (rule, selected) in [
                ("email:*@bücher.example", true),
                ("email:*@BÜCHER.example", true),
                ("email:*@xn--bcher-kva.example", true),
                ("email:bo@bu\u{308}cher.example", true),
                ("email:*bücher*", true),
                ("email:*@*cher.example", true),
                ("email:*@bucher.example", false),
            ] {
                let rule_read = Rule::parse(rule).unwrap();
                assert_eq!(rule_read.selects(&at(address), "en"), selected, "{rule}");
            }
        }
    }

    #[test]
    fn each_test_has_its_position_and_its_negation() {
        let text = "tag:a and not (lang:fr or attr.x = \"y\") or not not email:*@z";
        let (_, tests) = Rule::parse_with_tests(text).unwrap();
        let tests: Vec<_> = tests
            .iter()
            .map(|test| (&text[test.span.clone()], test.is_negated))
            .collect();
        let expected = [
            ("tag:a", false),
            ("lang:fr", true),
            ("attr.x = \"y\"", true),
            ("email:*@z", true),
        ];
        assert_eq!(tests, expected);
    }

    #[test]
    fn an_error_has_its_position() {
        for (rule, span) in [
            ("tag:a and", 9..9),
            ("tga:a", 0..5),
            ("attr.country = IT", 15..17),
            ("(tag:a", 6..6),
            ("tag:a tag:b", 6..11),
            ("attr.x = \"y", 9..11),
        ] {
            assert_eq!(Rule::parse(rule).unwrap_err().span, span, "{rule}");
        }
        assert!(Rule::parse(&"(".repeat(10_000)).is_err());
    }
}
