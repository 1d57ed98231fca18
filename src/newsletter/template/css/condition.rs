//! Checks whether a media rule can ever apply. A browser reads an invalid condition as `not all`.

use super::grammar::{
    Impossible, Remedy, error, impossible, is_unit, nearest_unit, one_of_these, write,
};
use super::media_features::{FEATURES, RANGES, TYPES, WORDS};
use super::property::unknown_property;
use super::value::{Inlined, Kind, Word, declarations, words};

const EXAMPLE: &str = "write it like `screen and (max-width: 480px)`";
const FEATURE_EXAMPLE: &str = "write it like `(max-width: 480px)`";

/// The error in the condition of a media rule, if one is known.
pub fn impossible_condition(condition: &str) -> Option<Impossible> {
    let words = words(condition);
    if words.is_empty() {
        return None;
    }
    let mut queries = words.split(|word| word.kind == Kind::Comma);
    queries.find_map(|query| media_word(query).or_else(|| order(query)))
}

/// The error in the condition of `@supports`, if one is known.
pub fn impossible_support(condition: &str) -> Option<Impossible> {
    let words = words(condition);
    let wrong = words.iter().find_map(|word| match &word.kind {
        Kind::Keyword(name) if ["and", "or", "not"].contains(&name.as_str()) => None,
        Kind::Other if word.text.starts_with('(') => supported(inside_of(word.text)),
        Kind::Function(name) if JOINERS.contains(&name.as_str()) => Some(no_blank(name)),
        Kind::Function(_) => None,
        _ => Some(error(
            format!("`{}` is not valid between conditions", word.text),
            write("write each condition in parentheses, such as `(display: grid)`"),
        )),
    });
    wrong.or_else(|| order(&words))
}

/// The error in `display:grid`, or in nested conditions.
fn supported(inside: &str) -> Option<Impossible> {
    if opens_condition(words(inside).first()) {
        return impossible_support(inside);
    }
    let Inlined { name, value, .. } = declarations(inside).into_iter().next()?;
    if let Some(unknown) = unknown_property(&name) {
        let message = format!("unknown property `{name}`");
        let remedy = unknown.meant.map_or(Remedy::Unknown, |meant| {
            write(&format!("did you mean `{meant}`?"))
        });
        return Some(error(message, remedy));
    }
    impossible(&name, &value)
}

const JOINERS: [&str; 4] = ["and", "or", "not", "only"];

fn no_blank(name: &str) -> Impossible {
    let hint = write(&format!("write `{name} (`"));
    error(
        format!("no space between `{name}` and its parenthesis"),
        hint,
    )
}

fn inside_of(brackets: &str) -> &str {
    let inside = brackets.strip_prefix('(').unwrap_or(brackets);
    inside.strip_suffix(')').unwrap_or(inside).trim()
}

/// Whether the first word in parentheses begins a nested condition instead of a feature or declaration.
fn opens_condition(first: Option<&Word<'_>>) -> bool {
    first.is_some_and(|word| match &word.kind {
        Kind::Keyword(name) | Kind::Function(name) => name == "not",
        Kind::Other => word.text.starts_with('('),
        _ => false,
    })
}

/// The error of the first word that is invalid in a media query.
fn media_word(query: &[Word<'_>]) -> Option<Impossible> {
    query.iter().find_map(|word| match &word.kind {
        Kind::Keyword(name) if is_feature(name, None) => Some(error(
            format!("`{name}` is not in parentheses"),
            write("write each condition in parentheses, such as `(max-width: 480px)`"),
        )),
        Kind::Keyword(name) if !TYPES.contains(&name.as_str()) => Some(error(
            format!("`{name}` is not a media type"),
            one_of_these(name, vec![TYPES]),
        )),
        Kind::Keyword(_) => None,
        Kind::Other if word.text.starts_with('(') => feature(inside_of(word.text)),
        Kind::Function(name) if TYPES.contains(&name.as_str()) => Some(no_blank(name)),
        Kind::Function(_) => None,
        _ => Some(error(
            format!("`{}` is not valid between conditions", word.text),
            write("write each condition in parentheses, such as `(max-width: 480px)`"),
        )),
    })
}

/// The error of conditions without `and` between them, or of `and` without a condition on both sides.
fn order(query: &[Word<'_>]) -> Option<Impossible> {
    let is_joiner = |word: &Word<'_>| matches!(&word.kind, Kind::Keyword(name) if JOINERS[..2].contains(&name.as_str()));
    let is_prefix = |word: &Word<'_>| matches!(&word.kind, Kind::Keyword(name) if JOINERS[2..].contains(&name.as_str()));
    let mut is_complete = false;
    for word in query {
        if is_joiner(word) != is_complete && !is_prefix(word) {
            let message = if is_complete {
                format!("`and` is missing before `{}`", word.text)
            } else {
                format!("a condition is missing before `{}`", word.text)
            };
            return Some(error(message, write(EXAMPLE)));
        }
        is_complete = !is_joiner(word) && !is_prefix(word);
    }
    (!is_complete).then(|| {
        let message = match query.last() {
            Some(word) => format!("a condition is missing after `{}`", word.text),
            None => "a condition is missing next to a comma".to_owned(),
        };
        error(message, write(EXAMPLE))
    })
}

/// The error in the inside of parentheses: a feature, a range or nested conditions.
fn feature(inside: &str) -> Option<Impossible> {
    let words = words(inside);
    if opens_condition(words.first()) {
        return impossible_condition(inside);
    }
    if words
        .iter()
        .any(|word| matches!(word.text, "<" | ">" | "="))
    {
        return range(inside, &words);
    }
    match words.as_slice() {
        [
            Word {
                kind: Kind::Keyword(name),
                ..
            },
            rest @ ..,
        ] => named_feature(name, rest),
        _ => Some(error(
            format!("`({inside})` is not a condition"),
            write(FEATURE_EXAMPLE),
        )),
    }
}

/// The error in `name` or `name: value`; `rest` is everything after the name.
fn named_feature(name: &str, rest: &[Word<'_>]) -> Option<Impossible> {
    let base = name.strip_prefix("min-").or(name.strip_prefix("max-"));
    if !is_feature(name, base) {
        let message = format!("`{name}` is not a media feature");
        return Some(error(message, one_of_these(name, vec![FEATURES, RANGES])));
    }
    let message = match rest {
        [] if base.is_some() => format!("`{name}` has no value"),
        [] => return None,
        [Word { text: ":", .. }, value @ ..] if !value.is_empty() => {
            return feature_value(name, value);
        }
        _ => format!("a `:` and a value are missing after `{name}`"),
    };
    Some(error(message, write(FEATURE_EXAMPLE)))
}

/// The error in a range such as `400px <= width <= 700px`: a feature without a range, or `< =`.
fn range(inside: &str, words: &[Word<'_>]) -> Option<Impossible> {
    if words.windows(2).any(is_split_operator) {
        let hint = write("write `<=` or `>=` without a space");
        return Some(error(format!("`({inside})` is not a condition"), hint));
    }
    words.iter().find_map(|word| match &word.kind {
        Kind::Keyword(name) if name.starts_with("min-") || name.starts_with("max-") => {
            let message = format!("`{name}` cannot be compared");
            Some(error(message, write(FEATURE_EXAMPLE)))
        }
        Kind::Keyword(name) if !RANGES.contains(&name.as_str()) && !name.starts_with('-') => {
            let message = format!("`{name}` is not a media feature");
            Some(error(message, one_of_these(name, vec![RANGES])))
        }
        _ => None,
    })
}

/// Whether two words are `<` and `=` with a space between them.
fn is_split_operator(pair: &[Word<'_>]) -> bool {
    let [first, second] = pair else { return false };
    let is_operator = matches!(first.text, "<" | ">") && second.text == "=";
    is_operator && second.start > first.start + 1
}

/// The error in the value after the colon. Vendors' features are not checked.
fn feature_value(name: &str, value: &[Word<'_>]) -> Option<Impossible> {
    let is_length = (name.ends_with("width") || name.ends_with("height")) && !name.starts_with('-');
    if is_length {
        return length(name, value);
    }
    let (_, known) = WORDS.iter().find(|(feature, _)| *feature == name)?;
    let remedy = match kinds(value).as_slice() {
        [Kind::Keyword(word)] if known.contains(&word.as_str()) => return None,
        [Kind::Keyword(word)] => one_of_these(word, vec![known]),
        _ => write(&format!("write `{}`", known[0])),
    };
    Some(unfit(name, value, remedy))
}

/// The error in the value of a feature that is a length.
fn length(name: &str, value: &[Word<'_>]) -> Option<Impossible> {
    let remedy = match kinds(value).as_slice() {
        [Kind::Number(0.0) | Kind::Function(_)] => return None,
        [Kind::Dimension(_, unit)] if is_unit(unit) => return None,
        [Kind::Number(_)] => write(&format!("write the unit, such as `{}px`", value[0].text)),
        [Kind::Number(_), _] => {
            let joined = format!("{}{}", value[0].text, value[1].text);
            write(&format!("write `{joined}` without a space"))
        }
        [Kind::Dimension(_, unit)] => nearest_unit(unit),
        _ => write("write a length, such as `480px`"),
    };
    Some(unfit(name, value, remedy))
}

fn kinds<'w>(value: &'w [Word<'_>]) -> Vec<&'w Kind> {
    value.iter().map(|word| &word.kind).collect()
}

fn unfit(name: &str, value: &[Word<'_>], remedy: Remedy) -> Impossible {
    let text: Vec<&str> = value.iter().map(|word| word.text).collect();
    error(format!("`{name}` cannot be `{}`", text.join(" ")), remedy)
}

fn is_feature(name: &str, base: Option<&str>) -> bool {
    let is_range = RANGES.contains(&base.unwrap_or(name));
    is_range || FEATURES.contains(&name) || name.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_apply_somewhere_and_others() {
        for good in [
            "(max-width:480px)",
            "screen and (min-width:0) and (orientation:landscape)",
            "only screen and (-webkit-min-device-pixel-ratio:2),print",
            "(prefers-color-scheme:dark)",
            "not all",
            "(400px <= width <= 700px)",
            "(not (hover))",
            "(color)",
            "(max-aspect-ratio:16/9)",
            "",
            "((min-width:1px) and (max-width:2px))",
            "(not (prefers-color-scheme:dark))",
            "(width = 600px)",
            "(-ms-high-contrast:active)",
            "all and (min-width:0\\0)",
            "not screen and (max-width:calc(1px + 2px))",
        ] {
            assert_eq!(impossible_condition(good), None, "{good}");
        }
        for bad in [
            "(max-widht:480px)",
            "(max-width 480px)",
            "(max-width:480)",
            "(max-width)",
            "max-width:480px",
            "(prefers-colour-scheme:dark)",
            "scren and (max-width:480px)",
            "()",
            "(max-width:480 px)",
            "(max-width:480xp)",
            "(max-width:wide)",
            "(max-width=480px)",
            "(widht <= 480px)",
            "(width < = 480px)",
            "(prefers-color-scheme:drak)",
            "(orientation:portait)",
            "screen and(max-width:480px)",
            "screen (max-width:480px)",
            "(max-width:480px) (min-width:2px)",
            "screen and",
            "and (max-width:480px)",
            "screen,",
            "screen,,print",
            "((min-widht:1px) and (max-width:2px))",
        ] {
            assert!(impossible_condition(bad).is_some(), "{bad}");
        }
        for good in [
            "(display:grid)",
            "not (display:grid)",
            "(display:grid) and (not (float:left))",
            "(-webkit-overflow-scrolling:touch)",
            "selector(:focus-visible)",
            "(background:linear-gradient(red, blue))",
        ] {
            assert_eq!(impossible_support(good), None, "{good}");
        }
        for bad in [
            "(dispaly:grid)",
            "display:grid",
            "(display:gird)",
            "(display:grid) (color:red)",
        ] {
            assert!(impossible_support(bad).is_some(), "{bad}");
        }
    }
}
