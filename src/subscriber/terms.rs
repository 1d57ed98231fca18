//! What audience rules and placeholders look for in a subscriber, as lines that a database can search.
//!
//! ```text
//! tag "members"
//! attribute "country" "IT"
//! value "country"
//! ```
//!
//! The parts are JSON strings and values, so no line can be part of another one.

use super::{Attribute, Subscriber};

/// The values that a subscriber may have besides attributes, by the names of their placeholders.
const BUILT_IN: [&str; 4] = ["name", "first_name", "last_name", "language"];

/// The line of a tag.
pub fn tag_term(tag: &str) -> String {
    line("tag", tag)
}

/// The line of an attribute with this value.
pub fn attribute_term(name: &str, value: &Attribute) -> String {
    let mut line = String::new();
    push_attribute(&mut line, name, value);
    line
}

fn push_attribute(lines: &mut String, name: &str, value: &Attribute) {
    lines.push_str("attribute ");
    push_quoted(lines, name);
    lines.push(' ');
    match value {
        Attribute::Text(text) => push_quoted(lines, text),
        other => {
            lines.push_str(&serde_json::to_string(other).expect("an attribute can be serialized"))
        }
    }
    lines.push('\n');
}

/// The line of a value that a placeholder shows.
pub fn value_term(name: &str) -> String {
    line("value", name)
}

fn line(word: &str, text: &str) -> String {
    let mut line = String::new();
    push_line(&mut line, word, text);
    line
}

/// Adds a line to others: an import composes those of a million subscribers.
fn push_line(lines: &mut String, word: &str, text: &str) {
    lines.push_str(word);
    lines.push(' ');
    push_quoted(lines, text);
    lines.push('\n');
}

/// Adds a JSON string.
fn push_quoted(lines: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        lines.push('"');
        lines.push_str(text);
        lines.push('"');
    } else {
        lines.push_str(&serde_json::to_string(text).expect("a string can be serialized"));
    }
}

impl Subscriber {
    /// The lines of all tags, attributes and values.
    pub fn terms(&self) -> String {
        let mut lines = String::with_capacity(256);
        for tag in &self.tags {
            push_line(&mut lines, "tag", tag);
        }
        for (name, value) in &self.attributes {
            push_attribute(&mut lines, name, value);
        }
        let names = BUILT_IN
            .into_iter()
            .chain(self.attributes.keys().map(String::as_str));
        for name in names.filter(|name| self.value(name).is_some()) {
            push_line(&mut lines, "value", name);
        }
        lines
    }

    /// The size of all values that a message may contain, in bytes.
    pub fn weight(&self) -> usize {
        let attributes = self.attributes.values();
        let attributes = attributes.map(|value| value.to_string().len());
        let name = self.full_name().map_or(0, |name| name.len());
        name + self.address.as_str().len() + attributes.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Address;
    use super::*;

    #[test]
    fn a_term_is_found_in_its_subscriber_only() {
        let mut subscriber = Subscriber::at(Address::parse("ana@rusi.example").unwrap());
        subscriber.tags.insert("tag \"board\"\n".to_owned());
        let attributes = [
            ("country", Attribute::Text("IT".to_owned())),
            ("year", Attribute::Integer(12)),
            ("note", Attribute::Text("n/a".to_owned())),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        subscriber.attributes.extend(attributes);
        let terms = subscriber.terms();
        for (term, is_there) in [
            (tag_term("tag \"board\"\n"), true),
            (tag_term("board"), false),
            (attribute_term("year", &Attribute::Integer(12)), true),
            (attribute_term("year", &Attribute::Integer(1)), false),
            (
                attribute_term("year", &Attribute::Text("12".to_owned())),
                false,
            ),
            (value_term("country"), true),
            (value_term("note"), false),
            (value_term("name"), false),
        ] {
            assert_eq!(terms.contains(&term), is_there, "{term}");
        }
    }
}
