//! The shorthand `font` and lists of font families.

use super::super::value::{Kind, Word};
use super::impossible::{Impossible, Remedy, fault, write};
use super::keywords::{FONT_SIZES, FONT_WORDS, SYSTEM_FONTS};
use super::shape::{LENGTH, NUMBER, PERCENTAGE, is_of_vendor, shape};

/// `italic 700 19px/1.35 Georgia, serif`: the size and a family have to be there.
pub(super) fn font(words: &[Word<'_>]) -> Option<Impossible> {
    if let [
        Word {
            kind: Kind::Keyword(name),
            ..
        },
    ] = words
        && (SYSTEM_FONTS.contains(&name.as_str()) || is_of_vendor(name))
    {
        return None;
    }
    let before = shape(FONT_WORDS, NUMBER, 5);
    let size = shape(FONT_SIZES, LENGTH | PERCENTAGE, 1);
    let at = words
        .iter()
        .position(|word| size.takes(word) && !before.takes(word));
    let Some(at) = at else {
        let bad = words
            .iter()
            .find(|word| !before.takes(word))
            .or(words.first())?;
        return Some(fault(
            format!("`font` has no size before `{}`", bad.text),
            Remedy::Words("write it like `bold 16px/1.4 Georgia, serif`".to_owned()),
        ));
    };
    if let Some(bad) = words[..at].iter().find(|word| !before.takes(word)) {
        return Some(before.misfit("font", bad));
    }
    let rest = match &words[at + 1..] {
        [
            Word {
                kind: Kind::Slash, ..
            },
            height,
            rest @ ..,
        ] => {
            let heights = shape(&["normal"], LENGTH | PERCENTAGE | NUMBER, 1);
            if !heights.takes(height) {
                return Some(heights.misfit("font", height));
            }
            rest
        }
        rest => rest,
    };
    families(rest)
}

/// Marks that are part of a name in CSS, and that no font has in its name.
const TYPOGRAPHIC_QUOTES: [char; 7] = ['“', '”', '„', '‘', '’', '«', '»'];

/// Names between commas: one string, or words.
pub(super) fn families(words: &[Word<'_>]) -> Option<Impossible> {
    let is_family = |family: &[Word<'_>]| match family {
        [
            Word {
                kind: Kind::Text, ..
            },
        ] => true,
        [_, ..] => family
            .iter()
            .all(|word| matches!(word.kind, Kind::Keyword(_))),
        [] => false,
    };
    let is_quoted = |word: &&Word<'_>| matches!(&word.kind, Kind::Keyword(name) if name.contains(TYPOGRAPHIC_QUOTES));
    let quoted = words.iter().find(is_quoted);
    if let Some(quoted) = quoted {
        let message = format!("`{}` has typographic quotation marks", quoted.text);
        return Some(fault(message, write("write `'` or `\"`")));
    }
    let bad = words
        .split(|word| word.kind == Kind::Comma)
        .find(|family| !is_family(family))?;
    let text: Vec<&str> = bad.iter().map(|word| word.text).collect();
    let message = match text.as_slice() {
        [] => "a family is missing in this list of fonts".to_owned(),
        text => format!("`{}` is not a family of fonts", text.join(" ")),
    };
    let hint = "separate families by commas, and write names with digits in quotes";
    Some(fault(message, Remedy::Words(hint.to_owned())))
}
