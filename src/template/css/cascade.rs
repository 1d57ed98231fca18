//! Which declarations an element gets, and in which order, so that they mean in one attribute what they meant
//! in the rules (CSS Cascading and Inheritance Level 4, section 6).

use super::{Declaration, StyleRule};

/// A rule that matches an element, with the weight of its heaviest selector that does.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The weight of the selector.
    pub specificity: [u16; 3],
    /// The rule.
    pub rule: &'a StyleRule,
}

/// The declarations of the rules that match an element, the strongest last. `matches` has the rules in the order
/// of the style sheet.
///
/// A declaration is left out where a stronger one sets all that it sets. One whose value some clients do not
/// know sets nothing there, so what it replaces stays as their fallback.
pub fn cascade<'a>(matches: &[Match<'a>]) -> Vec<&'a Declaration> {
    let mut matches = matches.to_vec();
    matches.sort_by_key(|one| one.specificity);
    let declarations = matches.iter().flat_map(|one| &one.rule.declarations);
    let mut kept: Vec<&Declaration> = Vec::new();
    for declaration in declarations {
        let is_weaker =
            |before: &&Declaration| replaces(before, declaration) && before.is_important;
        if !declaration.is_important && kept.iter().any(is_weaker) {
            continue;
        }
        kept.retain(|before| !replaces(declaration, before));
        kept.push(declaration);
    }
    kept
}

/// Whether `strong` sets all that `weak` sets, in every client.
fn replaces(strong: &Declaration, weak: &Declaration) -> bool {
    strong.is_important >= weak.is_important
        && covers(&strong.name, &weak.name)
        && strong.is_understood
}

/// Whether the property `whole` sets the property `part` with all else that it sets.
pub fn covers(whole: &str, part: &str) -> bool {
    if whole == part {
        return true;
    }
    match whole {
        "all" => part != "direction" && part != "unicode-bidi" && !part.starts_with("mso-"),
        "border" => part.starts_with("border-") && !is_apart_from_border(part),
        "border-color" | "border-style" | "border-width" => {
            let kind = &whole["border".len()..];
            part.starts_with("border-") && part.ends_with(kind)
        }
        "border-radius" => part.starts_with("border-") && part.ends_with("-radius"),
        "font" => part == "line-height" || below(whole, part),
        "overflow" => matches!(part, "overflow-x" | "overflow-y"),
        "outline" => matches!(part, "outline-color" | "outline-style" | "outline-width"),
        "flex" => matches!(part, "flex-grow" | "flex-shrink" | "flex-basis"),
        "flex-flow" => matches!(part, "flex-direction" | "flex-wrap"),
        "inset" => matches!(part, "top" | "right" | "bottom" | "left") || below(whole, part),
        "text-decoration" => matches!(
            part,
            "text-decoration-line" | "text-decoration-style" | "text-decoration-color"
        ),
        "border-top" | "border-right" | "border-bottom" | "border-left" => {
            below(whole, part) && !part.ends_with("-radius")
        }
        "margin" | "padding" | "background" | "list-style" | "border-image" | "columns"
        | "transition" | "animation" => below(whole, part),
        _ => false,
    }
}

/// What begins with `border-` and is not set by `border`.
fn is_apart_from_border(part: &str) -> bool {
    part.ends_with("-radius") || matches!(part, "border-collapse" | "border-spacing")
}

/// Whether `part` is `whole` with more words.
fn below(whole: &str, part: &str) -> bool {
    part.strip_prefix(whole)
        .is_some_and(|rest| rest.starts_with('-'))
}
