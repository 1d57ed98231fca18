//! A look: `templates/NAME/` with `theme.toml` (tokens), `style.css` and pictures.
//!
//! An editor changes colours, fonts, sizes, labels and the logo in `theme.toml`, everything else in
//! `style.css`; neither needs a compiler. The structure that the rules dress is in `html`.

mod css;
mod read;

pub use css::{
    AtRule, Declaration, Impossible, Inlined, Kind, Match, Part, Rgba, Selector, StyleRule,
    StyleSheet, UnknownName, UnknownProperty, Word, cascade, colour, colour_of, covers,
    declarations, functions, impossible, impossible_condition, impossible_support, is_global,
    request, units, unknown_name, unknown_property, value_spans, variables, words,
};
pub use read::{names, read};

use std::collections::BTreeMap;

use crate::diag::Place;
use crate::newsletter::issue::PictureFile;

/// A template, read and checked.
///
/// # Examples
///
/// ```
/// let workspace = franking::Workspace::open(".")?;
/// let checked = workspace.compile(&workspace.load()?, "2026-11")?;
/// let template: &franking::Template = &checked.compiled.template;
/// assert_eq!(template.name, "institute");
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    /// The folder's name.
    pub name: String,
    /// The width of the text on a desktop, in CSS pixels; also that of the widest picture.
    pub width: u32,
    /// The margin of the sheet at both sides of the text, in CSS pixels.
    pub margin: u32,
    /// The width of a portrait, in CSS pixels.
    pub portrait: u32,
    /// The tokens that the style sheet may use, by name.
    pub tokens: BTreeMap<String, String>,
    /// Where each colour stands in the theme.
    pub colour_places: BTreeMap<String, Place>,
    /// Whether errors in the theme or the style sheet took something out, so that what is seen is not what is meant.
    pub has_gaps: bool,
    /// The style sheet, its tokens put in.
    pub sheet: StyleSheet,
    /// Words of the program that this template replaces, by the names of [`crate::language::Labels`].
    pub labels: BTreeMap<String, String>,
    /// The picture in the masthead.
    pub logo: Option<Logo>,
}

impl Template {
    /// The ground of a button where no rule reaches: `button`, or `accent` where the theme has none.
    pub fn button(&self) -> Option<&str> {
        let names = ["--color-button", "--color-accent"];
        let colour = names.iter().find_map(|name| self.tokens.get(*name));
        colour.map(String::as_str)
    }

    /// Whether the style sheet puts a button in the middle: to Word its cell is a table, and a table does
    /// not follow `text-align`.
    pub fn centres_buttons(&self) -> bool {
        self.sheet.rules.iter().any(|rule| {
            let is_centred =
                |one: &Declaration| (&*one.name, &*one.value) == ("text-align", "center");
            rule.selectors.iter().any(|one| one.text == ".action")
                && rule.declarations.iter().any(is_centred)
        })
    }
}

/// The picture in the masthead.
#[derive(Debug, Clone)]
pub struct Logo {
    /// Its file.
    pub file: PictureFile,
    /// The file for a dark ground, in the same shape.
    pub dark: Option<PictureFile>,
    /// What it says to who cannot see it.
    pub alt: String,
    /// The width at which it is shown, in CSS pixels.
    pub width: u32,
}

impl Logo {
    /// The height at which it is shown, in CSS pixels.
    pub fn height(&self) -> u32 {
        let scaled = u64::from(self.width) * u64::from(self.file.height);
        u32::try_from(scaled / u64::from(self.file.width.max(1))).unwrap_or(self.width)
    }
}
