//! The locations of an issue's links, dates, pictures and texts in its file.
//!
//! The issue has what recipients see; the source map has where the editor wrote it, for findings.

use std::ops::Range;

use super::Timepoint;
use crate::diag::Place;
use crate::language::Language;
use crate::subscriber::Rule;
use crate::toml_file::Text;

/// All locations, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// The location of the subject.
    pub subject: Option<Place>,
    /// The location of the preheader.
    pub preheader: Option<Place>,
    /// The links.
    pub links: Vec<LinkSource>,
    /// The dates of keys.
    pub dates: Vec<DateSource>,
    /// The pictures.
    pub pictures: Vec<PictureSource>,
    /// The tests of all audience rules, including those of sections.
    pub tests: Vec<RuleTestSource>,
    /// Every text that recipients read, as the editor wrote it.
    pub passages: Vec<Text>,
    /// The languages of sections and items.
    pub languages: Vec<LanguageSource>,
}

/// The language of a section or of an item.
#[derive(Debug, Clone)]
pub struct LanguageSource {
    /// The language.
    pub language: Language,
    /// The indexes of its texts in [`SourceMap::passages`].
    pub passages: Range<usize>,
    /// Whether it is the language of an item: it applies to its title, while its other texts may be in the language of
    /// the section.
    pub is_item: bool,
}

/// A link.
#[derive(Debug, Clone)]
pub struct LinkSource {
    /// The destination, with marks of placeholders.
    pub url: String,
    /// The text, if the editor wrote one; otherwise it is generated from a title.
    pub words: Option<String>,
    /// The title from which the text is generated.
    pub title: Option<String>,
    /// The location of the destination.
    pub place: Place,
    /// The location of the text, if it has a key of its own.
    pub words_place: Option<Place>,
}

/// A date of a key.
#[derive(Debug, Clone)]
pub struct DateSource {
    /// The key, such as `deadline`.
    pub key: &'static str,
    /// The date, with or without a time.
    pub timepoint: Timepoint,
    /// The location of the date.
    pub place: Place,
}

/// A picture in a section.
#[derive(Debug, Clone)]
pub struct PictureSource {
    /// The index of its file in [`super::Issue::pictures`].
    pub file: usize,
    /// The alternative text.
    pub alt: String,
    /// The location of the file name.
    pub src_place: Place,
    /// The location of `alt`.
    pub alt_place: Place,
}

/// A test of an audience rule, such as `tag:members`.
#[derive(Debug, Clone)]
pub struct RuleTestSource {
    /// The test as a rule.
    pub rule: Rule,
    /// Whether it is negated by `not`.
    pub is_negated: bool,
    /// The location of the test.
    pub place: Place,
}
