//! What an issue source_map, each with its place: links, dates, pictures, passages.
//!
//! The model of the issue says what readers see; this says where the editor wrote it, for whoever has
//! something to say about it.

use std::ops::Range;

use super::Timepoint;
use crate::diag::Place;
use crate::language::Language;
use crate::subscriber::Rule;
use crate::toml_file::Text;

/// Everything that is mentioned, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// Where the subject stands.
    pub subject: Option<Place>,
    /// Where the preheader stands.
    pub preheader: Option<Place>,
    /// The links.
    pub links: Vec<LinkSource>,
    /// The dates that stand under a key of their own.
    pub dates: Vec<DateSource>,
    /// The pictures.
    pub pictures: Vec<PictureSource>,
    /// The tests of the audience rules, those of sections included.
    pub tests: Vec<RuleTestSource>,
    /// Every text that readers see, as the editor wrote it.
    pub passages: Vec<Text>,
    /// The languages that sections and items have of their own.
    pub languages: Vec<LanguageSource>,
}

/// The language of a section or of an item.
#[derive(Debug, Clone)]
pub struct LanguageSource {
    /// The language.
    pub language: Language,
    /// Which of [`SourceMap::passages`] it is about.
    pub passages: Range<usize>,
    /// Whether an item says so: its title is in that language, and its other words may be in that of the section.
    pub is_item: bool,
}

/// A link with its words.
#[derive(Debug, Clone)]
pub struct LinkSource {
    /// Where it leads; slots are marks.
    pub url: String,
    /// Its words, if the editor gave it any; otherwise they are made from a title.
    pub words: Option<String>,
    /// The title that leads there, where it has no words of its own.
    pub title: Option<String>,
    /// Where its destination stands.
    pub place: Place,
    /// Where its words stand, if they have a key of their own.
    pub words_place: Option<Place>,
}

/// A date under a key.
#[derive(Debug, Clone)]
pub struct DateSource {
    /// The key, such as `deadline`.
    pub key: &'static str,
    /// The day or moment.
    pub timepoint: Timepoint,
    /// Where it stands.
    pub place: Place,
}

/// A picture where it is shown.
#[derive(Debug, Clone)]
pub struct PictureSource {
    /// Which of [`super::Issue::pictures`] it shows.
    pub file: usize,
    /// What it says to who cannot see it.
    pub alt: String,
    /// Where its file is named.
    pub src_place: Place,
    /// Where its `alt` stands.
    pub alt_place: Place,
}

/// A test of an audience rule, such as `tag:members`.
#[derive(Debug, Clone)]
pub struct RuleTestSource {
    /// The test alone.
    pub rule: Rule,
    /// Whether it stands under a `not`.
    pub is_negated: bool,
    /// Where it stands.
    pub place: Place,
}
