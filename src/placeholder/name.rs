//! A placeholder: its name, its default, and its number in an issue.

use serde::{Deserialize, Serialize};

use super::marks::{self, Mark};
use crate::diag::Place;

/// The placeholders that are whole URLs; the others can only be part of one.
pub const URLS: [&str; 2] = ["unsubscribe_url", "web_url"];

/// The built-in placeholders; the attributes of the list are available too.
pub const BUILT_IN: [&str; 9] = [
    "email",
    "name",
    "first_name",
    "last_name",
    "language",
    "unsubscribe_url",
    "web_url",
    "issue_title",
    "issue_number",
];

/// A placeholder in an editor's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placeholder {
    /// The name between the braces.
    pub name: String,
    /// The value for recipients without one: `default("…")`.
    pub default: Option<String>,
    /// The location in the file; a frozen edition has none.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// The placeholders of one issue, in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Placeholders(Vec<Placeholder>);

impl Placeholders {
    /// Adds a placeholder and returns its mark.
    pub fn add(&mut self, placeholder: Placeholder) -> String {
        self.0.push(placeholder);
        marks::placeholder(self.0.len() - 1)
    }

    /// Adds a placeholder that no file contains, such as that of the footer's unsubscribe link.
    pub fn add_named(&mut self, name: &str) -> String {
        self.add(Placeholder {
            name: name.to_owned(),
            default: None,
            place: None,
        })
    }

    /// The placeholders in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter()
    }

    /// The placeholder with a number.
    pub fn get(&self, number: usize) -> Option<&Placeholder> {
        self.0.get(number)
    }

    /// The placeholders whose marks are in `text`.
    pub fn in_text(&self, text: &str) -> impl Iterator<Item = &Placeholder> {
        marks::in_text(text).filter_map(|(_, mark)| match mark {
            Mark::Placeholder(number) => self.get(number),
            _ => None,
        })
    }

    /// The placeholder whose mark is at the beginning of `text`.
    pub fn at_head(&self, text: &str) -> Option<&Placeholder> {
        self.get(marks::placeholder_at_head(text)?)
    }
}

/// Name and default of ` name ` or ` name | default("…") `, the text between the braces.
pub(super) fn parse(inside: &str) -> Option<(String, Option<String>)> {
    let (name, filter) = match inside.split_once('|') {
        Some((name, filter)) => (name.trim(), Some(filter.trim())),
        None => (inside.trim(), None),
    };
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !is_name {
        return None;
    }
    let default = match filter {
        Some(filter) => Some(parse_default(filter)?),
        None => None,
    };
    Some((name.to_owned(), default))
}

fn parse_default(filter: &str) -> Option<String> {
    let argument = filter.strip_prefix("default")?.trim_start();
    let quoted = argument.strip_prefix('(')?.strip_suffix(')')?.trim();
    ['"', '\'']
        .iter()
        .find_map(|quote| quoted.strip_prefix(*quote)?.strip_suffix(*quote))
        .map(str::to_owned)
}
