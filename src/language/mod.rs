//! The language of an issue: its direction, its dates and the program's labels.

mod calendar_words;
mod dates;
mod labels;
mod plural;
mod privacy_texts;
mod registry;
mod script;

pub use calendar_words::{CalendarWords, words};
pub use dates::Dates;
pub use labels::Labels;
pub use privacy_texts::PrivacyTexts;
pub use registry::registered;
pub use script::{direction, mixes_scripts};

use icu_locale_core::LanguageIdentifier;
use serde::{Deserialize, Serialize};

use crate::diag::Finding;
use crate::util::escape;

/// A language, identified by its BCP 47 tag, such as `en`, `fr-BE` or `ar`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language(String);

/// The direction of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    LeftToRight,
    /// Right to left.
    RightToLeft,
}

impl Direction {
    /// The value of the HTML attribute `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

impl Language {
    /// Parses a tag; `None` if it is not valid in BCP 47.
    pub fn parse(tag: &str) -> Option<Self> {
        let identifier: LanguageIdentifier = tag.parse().ok()?;
        (!identifier.language.is_unknown()).then(|| Self(identifier.to_string()))
    }

    /// The canonical tag.
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// The language subtag: `fr` of `fr-BE`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The colon after a label. French has a space before it, where no line may break.
    pub fn colon(&self) -> &'static str {
        match self.primary() {
            "fr" => "\u{A0}:",
            _ => ":",
        }
    }

    /// The direction of the language's usual script.
    pub fn direction(&self) -> Direction {
        let right_to_left = [
            "ar", "he", "fa", "ur", "yi", "ps", "sd", "ug", "dv", "ckb", "syr",
        ];
        let script_is_hebrew_or_arabic = ["-Arab", "-Hebr"].iter().any(|s| self.0.contains(s));
        if script_is_hebrew_or_arabic
            || (right_to_left.contains(&self.primary()) && !self.0.contains("-Latn"))
        {
            Direction::RightToLeft
        } else {
            Direction::LeftToRight
        }
    }
}

/// The finding about a tag that [`Language::parse`] rejects; the caller adds its location.
pub fn no_language(tag: &str) -> Finding {
    let message = format!("invalid language tag `{}`", escape::terminal(tag));
    Finding::error("bad-language", message).hint("write a BCP 47 tag, such as `en` or `fr-BE`")
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
