//! The script and the direction of single characters.

use icu_properties::CodePointMapData;
use icu_properties::props::{BidiClass, Script};

use super::Direction;
use crate::util::escape;

/// Scripts that are combined with Latin (UTS 39 section 5.2, "Highly Restrictive").
const TOGETHER: [&[Script]; 3] = [
    &[
        Script::Latin,
        Script::Han,
        Script::Hiragana,
        Script::Katakana,
    ],
    &[Script::Latin, Script::Han, Script::Bopomofo],
    &[Script::Latin, Script::Han, Script::Hangul],
];

/// Whether a word combines scripts that are not used together.
pub fn mixes_scripts(word: &str) -> bool {
    let mut scripts: Vec<Script> = Vec::new();
    for c in word.chars() {
        let script = CodePointMapData::<Script>::new().get(c);
        let is_shared = matches!(script, Script::Common | Script::Inherited | Script::Unknown);
        if !is_shared && !scripts.contains(&script) {
            scripts.push(script);
        }
    }
    let are_together = |together: &&[Script]| scripts.iter().all(|one| together.contains(one));
    scripts.len() > 1 && !TOGETHER.iter().any(are_together)
}

/// The direction of a character with a strong type (UAX 9 section 3.2).
pub fn direction(c: char) -> Option<Direction> {
    if c.is_ascii() || escape::is_private(c) {
        return c.is_ascii_alphabetic().then_some(Direction::LeftToRight);
    }
    match CodePointMapData::<BidiClass>::new().get(c) {
        BidiClass::LeftToRight => Some(Direction::LeftToRight),
        BidiClass::RightToLeft | BidiClass::ArabicLetter => Some(Direction::RightToLeft),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_are_written_together_do_not_mix() {
        for word in [
            "heron",
            "h\u{e9}ron-2",
            "\u{446}\u{430}\u{43f}\u{43b}\u{44f}",
            "\u{9dfa}\u{306e}heron",
            "\u{c655}\u{9dfa}",
        ] {
            assert!(!mixes_scripts(word), "{word}");
        }
        for word in ["her\u{43e}n", "\u{3b1}bc", "\u{446}\u{5d0}"] {
            assert!(mixes_scripts(word), "{word}");
        }
    }

    #[test]
    fn digits_and_punctuation_have_no_direction() {
        assert_eq!(
            "3, (\u{5d0}b".chars().find_map(direction),
            Some(Direction::RightToLeft)
        );
        assert_eq!("\u{2026} 12".chars().find_map(direction), None);
    }
}
