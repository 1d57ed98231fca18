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
    format!("tag {}\n", quoted(tag))
}

/// The line of an attribute with this value.
pub fn attribute_term(name: &str, value: &Attribute) -> String {
    let value = serde_json::to_string(value).expect("an attribute can be serialized");
    format!("attribute {} {value}\n", quoted(name))
}

/// The line of a value that a placeholder shows.
pub fn value_term(name: &str) -> String {
    format!("value {}\n", quoted(name))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string can be serialized")
}

impl Subscriber {
    /// The lines of all tags, attributes and values.
    pub fn terms(&self) -> String {
        let tags = self.tags.iter().map(|tag| tag_term(tag));
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, value)| attribute_term(name, value));
        let names = BUILT_IN
            .into_iter()
            .chain(self.attributes.keys().map(String::as_str));
        let values = names.filter(|name| self.value(name).is_some());
        tags.chain(attributes)
            .chain(values.map(value_term))
            .collect()
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
