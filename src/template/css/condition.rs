//! Whether a media rule can ever apply: a browser reads a condition that it does not know as `not all`.

use super::grammar::{Impossible, fault, one_of_these, write};
use super::value::{Kind, Word, words};

const TYPES: &[&str] = &[
    "all",
    "screen",
    "print",
    "speech",
    "not",
    "only",
    "and",
    "or",
    "handheld",
    "projection",
    "tv",
    "tty",
    "braille",
    "embossed",
    "aural",
];

/// Features that `min-` and `max-` can stand before.
const RANGES: &[&str] = &[
    "width",
    "height",
    "device-width",
    "device-height",
    "aspect-ratio",
    "device-aspect-ratio",
    "color",
    "color-index",
    "monochrome",
    "resolution",
];

const FEATURES: &[&str] = &[
    "min-width",
    "max-width",
    "min-height",
    "max-height",
    "min-device-width",
    "max-device-width",
    "min-device-height",
    "max-device-height",
    "min-resolution",
    "max-resolution",
    "orientation",
    "hover",
    "any-hover",
    "pointer",
    "any-pointer",
    "grid",
    "scan",
    "update",
    "overflow-block",
    "overflow-inline",
    "color-gamut",
    "display-mode",
    "dynamic-range",
    "video-dynamic-range",
    "forced-colors",
    "inverted-colors",
    "scripting",
    "prefers-color-scheme",
    "prefers-contrast",
    "prefers-reduced-motion",
    "prefers-reduced-transparency",
    "prefers-reduced-data",
    "environment-blending",
    "nav-controls",
];

/// What is wrong with the condition of a media rule; `None` where nothing is, as far as is known.
pub fn impossible_condition(condition: &str) -> Option<Impossible> {
    words(condition).iter().find_map(|word| match &word.kind {
        Kind::Keyword(name) if !TYPES.contains(&name.as_str()) => Some(fault(
            format!("`{name}` is not a type of media"),
            write("conditions stand in brackets, such as `(max-width: 480px)`"),
        )),
        Kind::Keyword(_) | Kind::Comma => None,
        Kind::Other if word.text.starts_with('(') => {
            feature(word.text.trim_start_matches('(').trim_end_matches(')'))
        }
        Kind::Function(_) => None,
        _ => Some(fault(
            format!("`{}` does not belong between conditions", word.text),
            write("conditions stand in brackets, such as `(max-width: 480px)`"),
        )),
    })
}

/// The inside of a bracket. Brackets in brackets and `400px <= width` are trusted.
fn feature(inside: &str) -> Option<Impossible> {
    if inside.contains(['(', '<', '>', '=']) {
        return None;
    }
    let words = words(inside);
    let [
        Word {
            kind: Kind::Keyword(name),
            ..
        },
        rest @ ..,
    ] = words.as_slice()
    else {
        return Some(fault(
            format!("`({inside})` is not a condition"),
            write("write it like `(max-width: 480px)`"),
        ));
    };
    let base = name.strip_prefix("min-").or(name.strip_prefix("max-"));
    if !is_feature(name, base) {
        let message = format!("`{name}` is not a media feature");
        return Some(fault(message, one_of_these(name, vec![FEATURES, RANGES])));
    }
    match rest {
        [] if base.is_some() => Some(fault(
            format!("`{name}` has no value"),
            write("write it like `(max-width: 480px)`"),
        )),
        [] => None,
        [
            Word { text: ":", .. },
            Word {
                kind: Kind::Number(value),
                text,
                ..
            },
        ] if *value != 0.0 && (name.ends_with("width") || name.ends_with("height")) => {
            let message = format!("`{name}` cannot be `{text}`");
            Some(fault(
                message,
                write(&format!("write the unit, such as `{text}px`")),
            ))
        }
        [Word { text: ":", .. }, _, ..] => None,
        _ => Some(fault(
            format!("a `:` and a value are missing after `{name}`"),
            write("write it like `(max-width: 480px)`"),
        )),
    }
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
        ] {
            assert!(impossible_condition(bad).is_some(), "{bad}");
        }
    }
}
