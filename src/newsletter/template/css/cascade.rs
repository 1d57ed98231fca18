//! Selects and orders the declarations of an element, so that one style attribute has the effect of all matching
//! rules (CSS Cascading and Inheritance Level 4, section 6).

use std::collections::BTreeMap;

use super::{Declaration, StyleRule};

/// A rule that matches an element, with the highest specificity of its matching selectors.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The specificity of the selector.
    pub specificity: [u16; 3],
    /// The rule.
    pub rule: &'a StyleRule,
}

/// The declarations of the rules that match an element, the strongest last. `matches` has the rules in the order
/// of the style sheet.
///
/// A declaration is left out if a stronger one sets all its properties. If some clients do not support the value of
/// the stronger one, the weaker one stays as their fallback.
pub fn cascade<'a>(matches: &[Match<'a>]) -> Vec<&'a Declaration> {
    let mut matches = matches.to_vec();
    matches.sort_by_key(|one| one.specificity);
    let mut kept = Kept::default();
    for one in matches {
        for declaration in &one.rule.declarations {
            kept.add(declaration);
        }
    }
    kept.declarations.into_iter().flatten().collect()
}

/// The declarations of an element so far.
#[derive(Default)]
struct Kept<'a> {
    /// `None` in place of a declaration that was replaced.
    declarations: Vec<Option<&'a Declaration>>,
    /// The positions of each property's declarations. Without them, a hostile style sheet would take quadratic time.
    places: BTreeMap<&'a str, Vec<usize>>,
    has_important: bool,
}

impl<'a> Kept<'a> {
    fn add(&mut self, declaration: &'a Declaration) {
        if self.has_important && self.all().any(|(_, one)| outweighs(one, declaration)) {
            return;
        }
        for at in self.replaced_by(declaration) {
            self.declarations[at] = None;
        }
        let places = self.places.entry(&declaration.name).or_default();
        places.retain(|at| self.declarations[*at].is_some());
        places.push(self.declarations.len());
        self.declarations.push(Some(declaration));
        self.has_important |= declaration.is_important;
    }

    fn replaced_by(&self, declaration: &Declaration) -> Vec<usize> {
        let is_replaced = |(_, one): &(usize, &Declaration)| replaces(declaration, one);
        if is_shorthand(&declaration.name) {
            return self.all().filter(is_replaced).map(|(at, _)| at).collect();
        }
        let places = self.places.get(declaration.name.as_str());
        let same = places.into_iter().flatten().copied();
        let same = same.filter_map(|at| Some((at, self.declarations[at]?)));
        same.filter(is_replaced).map(|(at, _)| at).collect()
    }

    fn all(&self) -> impl Iterator<Item = (usize, &'a Declaration)> {
        let all = self.declarations.iter().enumerate();
        all.filter_map(|(at, one)| Some((at, (*one)?)))
    }
}

/// Whether `before` is important and sets all properties of `declaration`, which is not important.
fn outweighs(before: &Declaration, declaration: &Declaration) -> bool {
    before.is_important && !declaration.is_important && replaces(before, declaration)
}

/// Whether `strong` sets all properties of `weak` in every client.
fn replaces(strong: &Declaration, weak: &Declaration) -> bool {
    strong.is_important >= weak.is_important
        && covers(&strong.name, &weak.name)
        && strong.is_understood
}

/// The properties that set other properties.
const SHORTHANDS: [&str; 25] = [
    "all",
    "animation",
    "background",
    "border",
    "border-bottom",
    "border-color",
    "border-image",
    "border-left",
    "border-radius",
    "border-right",
    "border-style",
    "border-top",
    "border-width",
    "columns",
    "flex",
    "flex-flow",
    "font",
    "inset",
    "list-style",
    "margin",
    "outline",
    "overflow",
    "padding",
    "text-decoration",
    "transition",
];

fn is_shorthand(name: &str) -> bool {
    SHORTHANDS.contains(&name)
}

/// Whether the property `whole` also sets the property `part`.
pub fn covers(whole: &str, part: &str) -> bool {
    if whole == part {
        return true;
    }
    match whole {
        "all" => part != "direction" && part != "unicode-bidi" && !part.starts_with("mso-"),
        "border" => part.starts_with("border-") && !is_apart_from_border(part),
        "border-color" | "border-style" | "border-width" | "border-radius" => {
            let kind = &whole["border".len()..];
            part.starts_with("border-") && part.ends_with(kind)
        }
        "border-top" | "border-right" | "border-bottom" | "border-left" => {
            below(whole, part) && !part.ends_with("-radius")
        }
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
        "margin" | "padding" | "background" | "list-style" | "border-image" | "columns"
        | "transition" | "animation" => below(whole, part),
        _ => false,
    }
}

/// Whether a property that begins with `border-` is not set by `border`.
fn is_apart_from_border(part: &str) -> bool {
    part.ends_with("-radius") || matches!(part, "border-collapse" | "border-spacing")
}

/// Whether `part` is `whole` with a suffix such as `-top`.
fn below(whole: &str, part: &str) -> bool {
    part.strip_prefix(whole)
        .is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_what() {
        for (whole, part) in [
            ("margin", "margin-top"),
            ("border", "border-left-color"),
            ("border-color", "border-left-color"),
            ("border-top", "border-top-width"),
            ("font", "line-height"),
            ("border-radius", "border-top-left-radius"),
            ("background", "background-position-x"),
            ("all", "color"),
        ] {
            assert!(
                covers(whole, part) && !covers(part, whole),
                "{whole} {part}"
            );
            assert!(is_shorthand(whole), "{whole}");
        }
        for (one, other) in [
            ("border", "border-radius"),
            ("border-top", "border-top-left-radius"),
            ("border-color", "border-left"),
            ("margin", "mso-margin-alt"),
            ("text-decoration", "text-decoration-skip-ink"),
            ("overflow", "overflow-wrap"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }
}
