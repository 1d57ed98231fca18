//! A style sheet as rules, selectors and declarations, each with its location.
//!
//! `style.css` is read once, and the theme's tokens are filled in. Every later step walks these rules instead of
//! splitting the text, in which a `;` or a `}` can be part of a string.

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
    /// The rules outside at-rules. They are inlined.
    pub rules: Vec<StyleRule>,
    /// The at-rules.
    pub at_rules: Vec<AtRule>,
}

/// `selector, selector { declarations }`
#[derive(Debug, Clone, PartialEq)]
pub struct StyleRule {
    /// At least one.
    pub selectors: Vec<Selector>,
    /// The valid declarations in their order.
    pub declarations: Vec<Declaration>,
}

/// `name: value !important`
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The property, in lower case.
    pub name: String,
    /// The normalized value: without comments and needless spaces, strings in single quotes. It is valid in a style
    /// block and in an attribute.
    pub value: String,
    /// Whether it is `!important`.
    pub is_important: bool,
    /// Whether every client supports this value.
    pub is_understood: bool,
    /// Its location.
    pub place: Place,
}

/// `@name prelude { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AtRule {
    /// The name in lower case, without the `@`.
    pub name: String,
    /// The normalized text between the name and the block.
    pub prelude: String,
    /// The rules in its block.
    pub rules: Vec<StyleRule>,
    /// The at-rules in its block.
    pub at_rules: Vec<AtRule>,
    /// The declarations in its block, such as those of `@font-face`.
    pub declarations: Vec<Declaration>,
    /// The location of its name and prelude.
    pub place: Place,
}

impl StyleSheet {
    /// The at-rules that a message keeps in its head, such as `@media`.
    pub fn head_rules(&self) -> impl Iterator<Item = &AtRule> {
        self.at_rules.iter().filter(|rule| rule.is_kept())
    }

    /// Every style rule, with its at-rule if it is in one.
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
    /// Whether a browser drops the rule because one of its selectors has an unknown pseudo-class.
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

    /// Whether it applies in dark mode only.
    pub fn is_dark(&self) -> bool {
        let prelude = self.prelude.to_ascii_lowercase();
        self.name == "media" && prelude.contains("prefers-color-scheme:dark")
    }
}

impl Declaration {
    /// Appends the declaration with the value `value` to a block or a style attribute, after a semicolon if it is not
    /// the first.
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

/// As in a style block, without the semicolon.
impl std::fmt::Display for Declaration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let important = if self.is_important { "!important" } else { "" };
        write!(f, "{}:{}{important}", self.name, self.value)
    }
}
