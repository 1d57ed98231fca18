//! The shorthand `font` and lists of font families.

use super::super::value::{Kind, Word};
use super::impossible::{Impossible, Remedy, error, write};
use super::keywords::{FONT_SIZES, FONT_WORDS, SYSTEM_FONTS};
use super::only_keyword;
use super::shape::{LENGTH, NUMBER, PERCENTAGE, Shape, is_of_vendor, shape};

/// The error in a `font` such as `italic 700 19px/1.35 Georgia, serif`. Size and family are required.
pub(super) fn font(words: &[Word<'_>]) -> Option<Impossible> {
    if only_keyword(words).is_some_and(|name| SYSTEM_FONTS.contains(&name) || is_of_vendor(name)) {
        return None;
    }
    let before = shape(FONT_WORDS, NUMBER, 5);
    let size = shape(FONT_SIZES, LENGTH | PERCENTAGE, 1);
    let at = words
        .iter()
        .position(|word| size.takes(word) && !before.takes(word));
    let Some(at) = at else {
        return no_size(words, &before);
    };
    if let Some(bad) = words[..at].iter().find(|word| !before.takes(word)) {
        return Some(before.misfit("font", bad));
    }
    match &words[at + 1..] {
        [
            Word {
                kind: Kind::Slash, ..
            },
            height,
            rest @ ..,
        ] => line_height(height).or_else(|| families(rest)),
        rest => families(rest),
    }
}

fn no_size(words: &[Word<'_>], before: &Shape) -> Option<Impossible> {
    let bad = words.iter().find(|word| !before.takes(word));
    let bad = bad.or(words.first())?;
    Some(error(
        format!("`font` has no size before `{}`", bad.text),
        Remedy::Words("write it like `bold 16px/1.4 Georgia, serif`".to_owned()),
    ))
}

fn line_height(height: &Word<'_>) -> Option<Impossible> {
    let heights = shape(&["normal"], LENGTH | PERCENTAGE | NUMBER, 1);
    (!heights.takes(height)).then(|| heights.misfit("font", height))
}

/// Quotation marks that CSS reads as part of a name; no font has them in its name.
const TYPOGRAPHIC_QUOTES: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// The error in a list of font families. Commas separate the names; a name is one string, or words.
pub(super) fn families(words: &[Word<'_>]) -> Option<Impossible> {
    let is_quoted = |word: &&Word<'_>| matches!(&word.kind, Kind::Keyword(name) if name.contains(TYPOGRAPHIC_QUOTES));
    let quoted = words.iter().find(is_quoted);
    if let Some(quoted) = quoted {
        let message = format!("`{}` has typographic quotation marks", quoted.text);
        return Some(error(message, write("write `'` or `\"`")));
    }
    let bad = words
        .split(|word| word.kind == Kind::Comma)
        .find(|family| !is_family(family))?;
    Some(not_a_family(bad))
}

fn is_family(words: &[Word<'_>]) -> bool {
    match words {
        [
            Word {
                kind: Kind::Text, ..
            },
        ] => true,
        [] => false,
        words => words
            .iter()
            .all(|word| matches!(word.kind, Kind::Keyword(_))),
    }
}

fn not_a_family(bad: &[Word<'_>]) -> Impossible {
    let text: Vec<&str> = bad.iter().map(|word| word.text).collect();
    let message = match text.as_slice() {
        [] => "a font family is missing in this list".to_owned(),
        text => format!("`{}` is not a font family", text.join(" ")),
    };
    let hint = "separate families by commas, and write names with digits in quotes";
    error(message, Remedy::Words(hint.to_owned()))
}
