//! Audience rules as conditions on the table `subscriber`.

use crate::store::connection::Connection;
use crate::store::value::{Value, v};
use crate::subscriber::{Rule, address_patterns, attribute_term, tag_term, value_term};

/// A condition in SQL with its parameters.
pub(in crate::store) struct SqlCondition<'a> {
    connection: &'a dyn Connection,
    /// The language of subscribers who have none, in lower case.
    language: String,
    /// The parameters of the statement, in their order.
    pub(in crate::store) values: Vec<Value>,
}

impl<'a> SqlCondition<'a> {
    /// A writer of conditions for a statement that has these parameters already.
    pub(in crate::store) fn after(
        connection: &'a dyn Connection,
        language: &str,
        values: Vec<Value>,
    ) -> Self {
        Self {
            connection,
            language: language.to_lowercase(),
            values,
        }
    }

    /// The condition that the rule selects a subscriber, as [`Rule::selects`] decides it. It is never null.
    pub(in crate::store) fn of(&mut self, rule: &Rule) -> String {
        match rule {
            Rule::All => "1 = 1".to_owned(),
            Rule::Tag(tag) => self.has_term(tag_term(tag)),
            Rule::Attr(name, value) => self.has_term(attribute_term(name, value)),
            Rule::Lang(tag) => self.language(&tag.to_lowercase()),
            Rule::Email(pattern) => self.address(pattern),
            Rule::Not(rule) => format!("not ({})", self.of(rule)),
            Rule::And(a, b) => format!("({} and {})", self.of(a), self.of(b)),
            Rule::Or(a, b) => format!("({} or {})", self.of(a), self.of(b)),
        }
    }

    /// The condition that a subscriber has no value for the placeholder `name`.
    pub(in crate::store) fn lacks(&mut self, name: &str) -> String {
        format!("not ({})", self.has_term(value_term(name)))
    }

    fn has_term(&mut self, term: String) -> String {
        let parameter = self.parameter(term);
        self.connection.contains("subscriber.terms", &parameter)
    }

    fn language(&mut self, tag: &str) -> String {
        let begins = self.parameter(format!("{}-", tag));
        let is = self.parameter(tag);
        let default = match &self.language {
            own if own == tag || own.starts_with(&format!("{tag}-")) => "1 = 1",
            _ => "1 = 0",
        };
        let length = tag.chars().count() + 1;
        format!(
            "case when subscriber.language is null then {default} else subscriber.language = {is}
             or substr(subscriber.language, 1, {length}) = {begins} end"
        )
    }

    fn address(&mut self, pattern: &str) -> String {
        let [ascii, unicode] = address_patterns(pattern);
        let ascii = self.parameter(like(&ascii));
        let unicode = self.parameter(like(&unicode));
        format!(
            "(subscriber.address_key like {ascii} escape '\\'
             or coalesce(subscriber.unicode_key, '') like {unicode} escape '\\'
             and subscriber.unicode_key is not null)"
        )
    }

    fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(v(value));
        format!("?{}", self.values.len())
    }
}

/// The pattern of an audience rule for `like`.
fn like(pattern: &str) -> String {
    let escaped = pattern.chars().map(|character| match character {
        '*' => "%".to_owned(),
        '%' | '_' | '\\' => format!("\\{character}"),
        other => other.to_string(),
    });
    escaped.collect()
}
