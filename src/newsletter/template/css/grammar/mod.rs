//! Checks whether a property can have a value: a browser drops an impossible value without a message.
//!
//! The common properties are checked word by word. In other properties, only values that are wrong everywhere are
//! found: a colour with five digits, an unknown unit. A false finding costs more than a missed error, so the
//! arguments of functions are not checked.

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
pub(super) use impossible::{Remedy, error, one_of_these, write};
pub(super) use units::{is_unit, nearest_unit};

use super::value::{Kind, Word, words};
use crate::diag::counted;
use font::{families, font};
use function::broken_function;
use keywords::GLOBAL;
use shape::{Shape, is_colour};
use shapes::shape_of;
use units::LENGTH_UNITS;

/// The error in a value of a property, if one is known.
pub fn impossible(property: &str, value: &str) -> Option<Impossible> {
    impossible_words(property, value, &words(value))
}

/// As [`impossible`], for a value that is already split into words.
pub(super) fn impossible_words(
    property: &str,
    value: &str,
    words: &[Word<'_>],
) -> Option<Impossible> {
    if property.starts_with("mso-") || property.starts_with('-') {
        return None;
    }
    if only_keyword(words).is_some_and(|word| GLOBAL.contains(&word)) {
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

/// A word that is invalid in every property.
fn never(property: &str, word: &Word<'_>) -> Option<Impossible> {
    let text = word.text;
    match &word.kind {
        Kind::Hash(digits) if !is_colour(digits) => Some(error(
            format!("`{text}` is not a colour"),
            Remedy::Words("write six hexadecimal digits, such as `#0b4f7d`".to_owned()),
        )),
        Kind::Dimension(_, unit) if !is_unit(unit) && property != "unicode-range" => {
            Some(unknown_unit(text, unit))
        }
        _ => None,
    }
}

/// An unknown unit. In `1px2px`, the unit is `px2px`.
fn unknown_unit(text: &str, unit: &str) -> Impossible {
    let digits = unit.find(|c: char| c.is_ascii_digit());
    let remedy = match digits.filter(|at| is_unit(&unit[..*at])) {
        Some(at) => {
            let first = text.len() - unit.len() + at;
            let (first, second) = (&text[..first], &text[first..]);
            Remedy::Words(format!("write a space between them: `{first} {second}`"))
        }
        None => nearest_unit(unit),
    };
    error(format!("`{unit}` in `{text}` is not a unit"), remedy)
}

/// A number with a space before its unit or with a decimal comma: `10 px`, `1,5em`.
fn apart(words: &[Word<'_>]) -> Option<Impossible> {
    let is_number = |(_, word): &(usize, &Word<'_>)| matches!(word.kind, Kind::Number(_));
    let mut numbers = words.iter().enumerate().filter(is_number);
    numbers.find_map(|(at, word)| {
        let (next, after) = (words.get(at + 1)?, words.get(at + 2));
        separate_unit(word, next).or_else(|| decimal_comma(word, next, after))
    })
}

fn separate_unit(number: &Word<'_>, next: &Word<'_>) -> Option<Impossible> {
    let unit = next.text.to_ascii_lowercase();
    let is_word = matches!(next.kind, Kind::Keyword(_));
    let is_unit = (is_word && LENGTH_UNITS.contains(&unit.as_str())) || unit == "%";
    is_unit.then(|| {
        let written = format!("{}{unit}", number.text);
        let message = format!("`{} {unit}` has a space before its unit", number.text);
        error(message, write(&format!("write `{written}`")))
    })
}

fn decimal_comma(
    number: &Word<'_>,
    next: &Word<'_>,
    after: Option<&Word<'_>>,
) -> Option<Impossible> {
    let is_decimal = |after: &&Word<'_>| {
        let digits = after.text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let is_number = matches!(after.kind, Kind::Number(_) | Kind::Dimension(..));
        is_number && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let decimals = after
        .filter(is_decimal)
        .filter(|_| next.kind == Kind::Comma)?;
    let is_whole = number.text.bytes().all(|b| b.is_ascii_digit());
    is_whole.then(|| {
        let written = format!("{}.{}", number.text, decimals.text);
        let message = format!("`{},{}` has a decimal comma", number.text, decimals.text);
        error(message, write(&format!("write `{written}`")))
    })
}

/// The keyword, if the value is one keyword.
fn only_keyword<'w>(words: &'w [Word<'_>]) -> Option<&'w str> {
    match words {
        [
            Word {
                kind: Kind::Keyword(word),
                ..
            },
        ] => Some(word),
        _ => None,
    }
}

/// The first word that does not fit, or too many words.
fn misfit(property: &str, shape: &Shape, words: &[Word<'_>]) -> Option<Impossible> {
    let bad = words.iter().find(|word| !shape.takes(word));
    if let Some(bad) = bad {
        return Some(shape.misfit(property, bad));
    }
    let count = words.iter().filter(|word| word.kind != Kind::Comma).count();
    (count > shape.most).then(|| {
        let most = counted(shape.most, "value");
        let message = format!("`{property}` can have {most}, not {count}");
        error(message, Remedy::Unknown)
    })
}

/// Whether every property accepts the value, such as `inherit`.
pub fn is_global(value: &str) -> bool {
    GLOBAL
        .iter()
        .any(|global| value.eq_ignore_ascii_case(global))
}
