//! The shape of a property: the words that its value may contain.

use super::super::value::{Kind, Word, words};
use super::colour_names::COLOUR_NAMES;
use super::impossible::{Impossible, Remedy, error, write};
use super::keywords::GLOBAL;
use super::units::is_length;

/// The words that a property accepts.
pub(super) struct Shape {
    pub(super) keywords: &'static [&'static str],
    kinds: u16,
    /// The largest number of words.
    pub(super) most: usize,
}

pub(super) const LENGTH: u16 = 1;
pub(super) const PERCENTAGE: u16 = 2;
pub(super) const NUMBER: u16 = 4;
pub(super) const COLOUR: u16 = 8;
pub(super) const NEGATIVE: u16 = 16;
pub(super) const ANGLE: u16 = 32;
pub(super) const SLASH: u16 = 64;
pub(super) const COMMA: u16 = 128;
pub(super) const IMAGE: u16 = 256;
pub(super) const TEXT: u16 = 512;

pub(super) const fn shape(keywords: &'static [&'static str], kinds: u16, most: usize) -> Shape {
    Shape {
        keywords,
        kinds,
        most,
    }
}

pub(super) const fn one_of(keywords: &'static [&'static str]) -> Shape {
    shape(keywords, 0, 1)
}

impl Shape {
    fn has(&self, kind: u16) -> bool {
        self.kinds & kind != 0
    }

    pub(super) fn takes(&self, word: &Word<'_>) -> bool {
        let allows = |value: f32| value >= 0.0 || self.has(NEGATIVE);
        match &word.kind {
            Kind::Keyword(name) => {
                self.keywords.contains(&name.as_str())
                    || is_of_vendor(name)
                    || (self.has(COLOUR) && is_colour_name(name))
            }
            Kind::Number(value) => {
                (*value == 0.0 && self.has(LENGTH)) || (self.has(NUMBER) && allows(*value))
            }
            Kind::Dimension(_, unit) if unit == "deg" => self.has(ANGLE),
            Kind::Dimension(value, unit) => self.has(LENGTH) && is_length(unit) && allows(*value),
            Kind::Percentage(value) => self.has(PERCENTAGE) && allows(*value),
            Kind::Hash(_) => self.has(COLOUR),
            Kind::Function(name) => self.takes_function(name, word.text),
            Kind::Comma => self.has(COMMA),
            Kind::Slash => self.has(SLASH),
            Kind::Text => self.has(TEXT),
            Kind::Other => false,
        }
    }

    fn takes_function(&self, name: &str, text: &str) -> bool {
        match name {
            "rgb" | "rgba" | "hsl" | "hsla" => self.has(COLOUR) && has_channels(name, text),
            "url" | "image-set" | "cross-fade" => self.has(IMAGE),
            _ if name.ends_with("-gradient") => self.has(IMAGE),
            _ => true,
        }
    }

    /// The error of a word that the property does not accept.
    pub(super) fn misfit(&self, property: &str, word: &Word<'_>) -> Impossible {
        let message = format!("`{property}` cannot be `{}`", word.text);
        error(message, self.remedy(property, word))
    }

    fn remedy(&self, property: &str, word: &Word<'_>) -> Remedy {
        let text = word.text;
        match &word.kind {
            Kind::Number(_) if self.has(LENGTH) => {
                Remedy::Words(format!("write the unit, such as `{text}px`"))
            }
            Kind::Number(_) if self.has(COLOUR) && is_colour(text) => {
                Remedy::Words(format!("write `#{text}`"))
            }
            Kind::Text if self.has(COLOUR) => {
                Remedy::Words(format!("write `{}`", text.trim_matches('\'')))
            }
            Kind::Keyword(name) if name == "important" => write("write `!important`"),
            Kind::Keyword(name) if property == "vertical-align" && name == "center" => {
                write("write `middle`")
            }
            Kind::Keyword(name) if self.has(COLOUR) => {
                Remedy::Nearest(name.clone(), vec![self.keywords, COLOUR_NAMES, GLOBAL])
            }
            Kind::Keyword(name) => Remedy::Nearest(name.clone(), vec![self.keywords, GLOBAL]),
            Kind::Other if self.has(LENGTH) && text.starts_with('(') => {
                Remedy::Words(format!("write `calc{text}`"))
            }
            _ => Remedy::Unknown,
        }
    }
}

pub(super) fn is_of_vendor(keyword: &str) -> bool {
    let prefixes = ["-webkit-", "-moz-", "-ms-", "-o-", "-apple-", "-internal-"];
    prefixes.iter().any(|prefix| keyword.starts_with(prefix))
}

/// Whether a colour function has three or four arguments. Their kinds are checked only if commas separate them.
fn has_channels(name: &str, text: &str) -> bool {
    let inside = text.split_once('(').map_or("", |(_, inside)| inside);
    let inside = words(inside.strip_suffix(')').unwrap_or(inside));
    let commas = inside
        .iter()
        .filter(|word| word.kind == Kind::Comma)
        .count();
    match commas {
        0 => inside.len() >= 3,
        2 | 3 => inside.len() == 2 * commas + 1 && are_channels(name, &inside),
        _ => false,
    }
}

/// Whether the arguments are valid: all numbers or all percentages in `rgb(…)`, an angle and two percentages in
/// `hsl(…)`.
fn are_channels(name: &str, inside: &[Word<'_>]) -> bool {
    let channels: Vec<&Kind> = inside.iter().step_by(2).map(|word| &word.kind).collect();
    let is_number = |kind: &&Kind| matches!(kind, Kind::Number(_) | Kind::Function(_));
    let is_percentage = |kind: &&Kind| matches!(kind, Kind::Percentage(_) | Kind::Function(_));
    let is_angle = |kind: &&Kind| {
        matches!(kind, Kind::Number(_) | Kind::Function(_))
            || matches!(kind, Kind::Dimension(_, unit) if ["deg", "grad", "rad", "turn"].contains(&unit.as_str()))
    };
    let alpha = channels
        .get(3)
        .is_none_or(|one| is_number(one) || is_percentage(one));
    let first = &channels[..3];
    let are_colours = match name {
        "hsl" | "hsla" => is_angle(&first[0]) && first[1..].iter().all(is_percentage),
        _ => first.iter().all(is_number) || first.iter().all(is_percentage),
    };
    are_colours && alpha
}

pub(super) fn is_colour(digits: &str) -> bool {
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_colour_name(name: &str) -> bool {
    COLOUR_NAMES.contains(&name)
}
