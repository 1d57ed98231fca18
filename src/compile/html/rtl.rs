//! A template's rules for right-to-left scripts: left and right are exchanged.
//!
//! Templates are written for left-to-right scripts. Logical properties such as `margin-inline-start` are not an
//! alternative, because Word, Yahoo and several webmail clients do not support them (caniemail,
//! css-margin-inline-start).

use crate::newsletter::template::{AtRule, Declaration, Kind, StyleRule, StyleSheet, words};

/// The rules of a template with left and right exchanged.
pub(super) fn mirrored(sheet: &StyleSheet) -> StyleSheet {
    StyleSheet {
        rules: rules(&sheet.rules),
        at_rules: sheet.at_rules.iter().map(at_rule).collect(),
    }
}

fn at_rule(rule: &AtRule) -> AtRule {
    AtRule {
        rules: rules(&rule.rules),
        ..rule.clone()
    }
}

fn rules(rules: &[StyleRule]) -> Vec<StyleRule> {
    let mirrored = rules.iter().map(|rule| StyleRule {
        selectors: rule.selectors.clone(),
        declarations: rule.declarations.iter().map(declaration).collect(),
    });
    mirrored.collect()
}

fn declaration(declaration: &Declaration) -> Declaration {
    let name = name(&declaration.name);
    Declaration {
        value: value(&name, &declaration.value),
        name,
        ..declaration.clone()
    }
}

fn name(name: &str) -> String {
    let words: Vec<&str> = name.split('-').map(other_side).collect();
    words.join("-")
}

/// The value with left and right exchanged. Letter spacing is set to 0, because it would separate joined Arabic letters.
fn value(name: &str, value: &str) -> String {
    match name {
        "float"
        | "clear"
        | "text-align"
        | "background"
        | "background-position"
        | "object-position" => exchanged(value),
        "margin" | "padding" | "border-width" | "border-color" | "border-style" | "inset"
        | "mso-padding-alt" | "mso-margin-alt" => turned(value, [0, 3, 2, 1]),
        "border-radius" => turned(value, [1, 0, 3, 2]),
        "letter-spacing" => "0".to_owned(),
        _ => value.to_owned(),
    }
}

fn other_side(word: &str) -> &str {
    match word {
        "left" => "right",
        "right" => "left",
        _ => word,
    }
}

/// The value with the keywords `left` and `right` exchanged, except in brackets and strings.
fn exchanged(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut written = 0;
    for word in words(value) {
        if matches!(word.kind, Kind::Keyword(_)) {
            out.push_str(&value[written..word.start]);
            out.push_str(other_side(word.text));
            written = word.start + word.text.len();
        }
    }
    out + &value[written..]
}

/// Four values in the given order; fewer values are the same on both sides.
fn turned(value: &str, order: [usize; 4]) -> String {
    let words = words(value);
    match words.len() {
        4 => order.map(|at| words[at].text).join(" "),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_change_places() {
        for (property, left, right) in [
            ("float", "left", "right"),
            ("margin", "1px 2px 3px 4px", "1px 4px 3px 2px"),
            ("margin", "0 16px", "0 16px"),
            ("border-radius", "1px 2px 3px 4px", "2px 1px 4px 3px"),
            (
                "background",
                "url('left') left top",
                "url('left') right top",
            ),
            ("letter-spacing", "1px", "0"),
            ("font-family", "left", "left"),
        ] {
            assert_eq!(value(property, left), right, "{property}");
        }
        assert_eq!(name("border-left-color"), "border-right-color");
    }
}
