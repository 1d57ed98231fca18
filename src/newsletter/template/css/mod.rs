//! A style sheet as rules, selectors and declarations, each with its place.
//!
//! `style.css` is read once, with the tokens of the theme put in. Whatever looks at the style sheet walks
//! these rules: nothing splits its text a second time, where a `;` or a `}` may be part of a string.

mod cascade;
mod colour;
mod condition;
mod cursor;
mod declaration;
mod grammar;
mod lexeme;
mod media_features;
mod name;
mod nested;
mod property;
mod read;
mod request;
mod selector;
mod selectors;
mod value;

pub use cascade::{Match, cascade, covers};
pub use colour::{Rgba, colour, colour_of};
pub use condition::{impossible_condition, impossible_support};
pub use cursor::Gaps;
pub use grammar::{Impossible, impossible, is_global};
pub use name::{UnknownName, unknown_name};
pub use property::{UnknownProperty, unknown_property};
pub use request::request;
pub use selector::{Part, Selector};
pub use value::{
    Inlined, Kind, Word, declarations, functions, units, value_spans, variables, words,
};

use crate::diag::Place;

/// A style sheet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StyleSheet {
    /// The rules outside of at-rules, which are inlined.
    pub rules: Vec<StyleRule>,
    /// The at-rules.
    pub at_rules: Vec<AtRule>,
}

/// `selector, selector { declarations }`
#[derive(Debug, Clone, PartialEq)]
pub struct StyleRule {
    /// At least one.
    pub selectors: Vec<Selector>,
    /// In their order, all that could be read.
    pub declarations: Vec<Declaration>,
}

/// `name: value !important`
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The property, in small letters.
    pub name: String,
    /// The value in one spelling: no comment, no needless blank, strings in single quotes. It can stand in a
    /// style block and in an attribute.
    pub value: String,
    /// Whether it is `!important`.
    pub is_important: bool,
    /// Whether every client sets the property to this value.
    pub is_understood: bool,
    /// Where it stands.
    pub place: Place,
}

/// `@name prelude { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AtRule {
    /// The name in small letters, without the `@`.
    pub name: String,
    /// What stands between the name and the block, in one spelling.
    pub prelude: String,
    /// The rules in its block.
    pub rules: Vec<StyleRule>,
    /// The at-rules in its block.
    pub at_rules: Vec<AtRule>,
    /// The declarations in its block, such as those of `@font-face`.
    pub declarations: Vec<Declaration>,
    /// Where its name and prelude stand.
    pub place: Place,
}

impl StyleSheet {
    /// The `@media` rules and their like, which stand in the head of a message.
    pub fn head_rules(&self) -> impl Iterator<Item = &AtRule> {
        self.at_rules.iter().filter(|rule| rule.is_kept())
    }

    /// Every style rule with the at-rule that it is in.
    pub fn all_rules(&self) -> impl Iterator<Item = (Option<&AtRule>, &StyleRule)> {
        let plain = self.rules.iter().map(|rule| (None, rule));
        let inner = self
            .at_rules
            .iter()
            .flat_map(|around| around.rules.iter().map(move |rule| (Some(around), rule)));
        plain.chain(inner)
    }
}

impl StyleRule {
    /// Whether a browser drops the rule, because one of its selectors has a pseudo-class that does not exist.
    pub fn is_dropped(&self) -> bool {
        let mut selectors = self.selectors.iter();
        selectors.any(|one| name::has_unknown_pseudo(&one.parts))
    }
}

impl AtRule {
    /// Whether a message keeps it.
    pub fn is_kept(&self) -> bool {
        matches!(self.name.as_str(), "media" | "supports" | "keyframes")
    }

    /// Whether it is about the dark.
    pub fn is_dark(&self) -> bool {
        let prelude = self.prelude.to_ascii_lowercase();
        self.name == "media" && prelude.contains("prefers-color-scheme:dark")
    }
}

impl Declaration {
    /// Appends the declaration with the value `value` to a block or a style attribute, after a semicolon where
    /// another stands before it.
    pub fn append(&self, value: &str, block: &mut String) {
        if !block.is_empty() && !block.ends_with('{') {
            block.push(';');
        }
        block.push_str(&self.name);
        block.push(':');
        block.push_str(value);
        if self.is_important {
            block.push_str("!important");
        }
    }
}

/// As it stands in a block.
impl std::fmt::Display for Declaration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let important = if self.is_important { "!important" } else { "" };
        write!(f, "{}:{}{important}", self.name, self.value)
    }
}
