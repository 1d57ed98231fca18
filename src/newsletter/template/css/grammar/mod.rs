//! Whether a property can have a value: what a browser would drop in silence is found here.
//!
//! The common properties are checked word by word. Of the others only what no property can have is found: a
//! colour with five digits, an unknown unit. A value that is checked too mildly costs less than a good one that
//! is reported, so functions are trusted.

mod colour_names;
mod font;
mod function;
mod function_names;
mod impossible;
mod keywords;
mod shape;
mod shapes;
mod units;

pub use impossible::Impossible;
pub(super) use impossible::{Remedy, fault, one_of_these, write};
pub(super) use units::{is_unit, nearest_unit};

use super::value::{Kind, Word, words};
use crate::diag::counted;
use font::{families, font};
use function::broken_function;
use keywords::GLOBAL;
use shape::{Shape, is_colour};
use shapes::shape_of;
use units::LENGTH_UNITS;

/// What is wrong with a value of a property; `None` where nothing is, as far as is known.
pub fn impossible(property: &str, value: &str) -> Option<Impossible> {
    impossible_words(property, value, &words(value))
}

/// The same for a value with its words.
pub(super) fn impossible_words(
    property: &str,
    value: &str,
    words: &[Word<'_>],
) -> Option<Impossible> {
    if property.starts_with("mso-") || property.starts_with('-') {
        return None;
    }
    if let [
        Word {
            kind: Kind::Keyword(word),
            ..
        },
    ] = words
        && GLOBAL.contains(&word.as_str())
    {
        return None;
    }
    let general = words.iter().find_map(|word| never(property, word));
    let general = general.or_else(|| broken_function(value));
    general.or_else(|| apart(words)).or_else(|| match property {
        "font" => font(words),
        "font-family" => families(words),
        _ => shape_of(property).and_then(|shape| misfit(property, &shape, words)),
    })
}

/// What no property can have.
fn never(property: &str, word: &Word<'_>) -> Option<Impossible> {
    let text = word.text;
    match &word.kind {
        Kind::Hash(digits) if !is_colour(digits) => Some(fault(
            format!("`{text}` is not a colour"),
            Remedy::Words("write six hexadecimal digits, such as `#0b4f7d`".to_owned()),
        )),
        Kind::Dimension(_, unit) if !is_unit(unit) && property != "unicode-range" => {
            let digits = unit.find(|c: char| c.is_ascii_digit());
            let remedy = match digits.filter(|at| is_unit(&unit[..*at])) {
                Some(at) => {
                    let first = text.len() - unit.len() + at;
                    let (first, second) = (&text[..first], &text[first..]);
                    Remedy::Words(format!("write a blank between them: `{first} {second}`"))
                }
                None => nearest_unit(unit),
            };
            Some(fault(format!("`{unit}` in `{text}` is not a unit"), remedy))
        }
        _ => None,
    }
}

/// A number that a blank or a comma has torn apart: `10 px`, `1,5em`.
fn apart(words: &[Word<'_>]) -> Option<Impossible> {
    words.iter().enumerate().find_map(|(at, word)| {
        let Kind::Number(_) = word.kind else {
            return None;
        };
        let (next, after) = (words.get(at + 1)?, words.get(at + 2));
        let unit = next.text.to_ascii_lowercase();
        let is_word = matches!(next.kind, Kind::Keyword(_));
        if (is_word && LENGTH_UNITS.contains(&unit.as_str())) || unit == "%" {
            let written = format!("{}{unit}", word.text);
            let message = format!("`{} {unit}` has a blank before its unit", word.text);
            return Some(fault(message, write(&format!("write `{written}`"))));
        }
        let is_decimal = |after: &&Word<'_>| {
            let digits = after.text.trim_end_matches(|c: char| !c.is_ascii_digit());
            let is_number = matches!(after.kind, Kind::Number(_) | Kind::Dimension(..));
            is_number && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let part = after
            .filter(is_decimal)
            .filter(|_| next.kind == Kind::Comma)?;
        let is_whole = word.text.bytes().all(|b| b.is_ascii_digit());
        is_whole.then(|| {
            let written = format!("{}.{}", word.text, part.text);
            let message = format!("`{},{}` has a comma", word.text, part.text);
            fault(message, write(&format!("write `{written}`")))
        })
    })
}

fn misfit(property: &str, shape: &Shape, words: &[Word<'_>]) -> Option<Impossible> {
    let bad = words.iter().find(|word| !shape.takes(word));
    if let Some(bad) = bad {
        return Some(shape.misfit(property, bad));
    }
    let count = words.iter().filter(|word| word.kind != Kind::Comma).count();
    (count > shape.most).then(|| {
        let most = counted(shape.most, "value");
        let message = format!("`{property}` can have {most}, not {count}");
        fault(message, Remedy::Unknown)
    })
}

/// Whether a value is one that every property has, such as `inherit`.
pub fn is_global(value: &str) -> bool {
    GLOBAL
        .iter()
        .any(|global| value.eq_ignore_ascii_case(global))
}
