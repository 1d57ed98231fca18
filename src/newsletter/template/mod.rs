//! A template: `templates/NAME/` with `theme.toml` (tokens), `style.css` and pictures.
//!
//! Colours, fonts, sizes, labels and the logo are set in `theme.toml`, everything else in `style.css`. The elements that
//! the rules apply to are in `compile::html`.

mod css;
mod misspelt_tokens;
mod read;

pub use css::{
    AtRule, Declaration, Impossible, Inlined, Kind, Match, Part, Rgba, Selector, StyleRule,
    StyleSheet, UnknownName, UnknownProperty, Word, cascade, colour, colour_of, covers,
    declarations, functions, impossible, impossible_condition, impossible_support, is_global,
    request, units, unknown_name, unknown_property, value_spans, variables, words,
};
pub use read::{names, read, report_misnamed};

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
    /// The name of its directory.
    pub name: String,
    /// The width of the text on a desktop, and of the widest picture, in CSS pixels.
    pub width: u32,
    /// The margin on both sides of the text, in CSS pixels.
    pub margin: u32,
    /// The width of a portrait, in CSS pixels.
    pub portrait: u32,
    /// The tokens for the style sheet, by name.
    pub tokens: BTreeMap<String, String>,
    /// The locations of the tokens' keys in the theme.
    pub token_places: BTreeMap<String, Place>,
    /// The location of each colour in the theme.
    pub colour_places: BTreeMap<String, Place>,
    /// Whether errors removed parts of the theme or the style sheet, so that its appearance is not the intended one.
    pub has_gaps: bool,
    /// The style sheet with its tokens filled in.
    pub sheet: StyleSheet,
    /// Labels that replace those of [`crate::language::Labels`], by name.
    pub labels: BTreeMap<String, String>,
    /// The logo in the masthead.
    pub logo: Option<Logo>,
}

impl Template {
    /// The background of a button in Word, where no rule applies: the colour `button`, or `accent` without one.
    pub fn button(&self) -> Option<&str> {
        let names = ["--color-button", "--color-accent"];
        let colour = names.iter().find_map(|name| self.tokens.get(*name));
        colour.map(String::as_str)
    }

    /// Whether the style sheet centres buttons. In Word a button is a table, which ignores `text-align`.
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
    /// The file.
    pub file: PictureFile,
    /// The file for dark mode, with the same proportions.
    pub dark: Option<PictureFile>,
    /// The alternative text.
    pub alt: String,
    /// The displayed width in CSS pixels.
    pub width: u32,
    /// The location of the width; of the file if the theme has no width.
    pub width_place: Place,
}

impl Logo {
    /// The displayed height in CSS pixels.
    pub fn height(&self) -> u32 {
        let scaled = u64::from(self.width) * u64::from(self.file.height);
        u32::try_from(scaled / u64::from(self.file.width.max(1))).unwrap_or(self.width)
    }
}
