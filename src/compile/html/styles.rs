//! The style attributes of elements, from the rules that match them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::newsletter::template::{
    Declaration, Match, Selector, StyleSheet, cascade, declarations, is_global, words,
};

/// The property name that represents a selector, followed by the selector's number.
const NUMBER: &str = "n";

/// The approximate length of a style attribute in bytes, for preallocation.
const USUAL_LENGTH: usize = 256;

/// The plain rules of a style sheet, with the number of each selector in place of its declarations.
pub(super) fn numbered(sheet: &StyleSheet) -> String {
    let mut css = String::new();
    for (number, (_, selector)) in selectors(sheet).enumerate() {
        let text = selector.without_is();
        write!(css, "{text}{{{NUMBER}{number}:0}}").expect("a String takes every write");
    }
    css
}

/// Each selector of the plain rules, and its rule as a match.
fn selectors(sheet: &StyleSheet) -> impl Iterator<Item = (Match<'_>, &Selector)> {
    // A browser drops the whole rule if one of its selectors is unknown.
    let rules = sheet.rules.iter().filter(|rule| !rule.is_dropped());
    rules.flat_map(|rule| {
        rule.selectors.iter().map(move |selector| {
            let specificity = selector.specificity;
            (Match { specificity, rule }, selector)
        })
    })
}

/// The style attributes of a document.
pub(super) struct Styles<'a> {
    matches: Vec<Match<'a>>,
    written: Vec<String>,
    /// The index of the attribute for the same numbers: many elements match the same rules. A map of a few dozen short
    /// keys is faster with comparisons than with hashing.
    known: BTreeMap<String, usize>,
}

impl<'a> Styles<'a> {
    pub(super) fn new(sheet: &'a StyleSheet) -> Self {
        Self {
            matches: selectors(sheet).map(|(one, _)| one).collect(),
            written: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The style attribute for `style`: selector numbers, followed by the page's own declarations.
    pub(super) fn of(&mut self, style: &str) -> &str {
        let known = self.known.get(style).copied();
        let at = known.unwrap_or_else(|| self.add(style));
        &self.written[at]
    }

    /// Writes the attribute for `style`, and returns its index.
    fn add(&mut self, style: &str) -> usize {
        let at = self.written.len();
        self.written.push(self.attribute(style));
        self.known.insert(style.to_owned(), at);
        at
    }

    fn attribute(&self, style: &str) -> String {
        let (numbers, own) = split_numbers(style);
        let matches = self.strongest(&numbers);
        let replaced: Vec<String> = declarations(own).into_iter().map(|one| one.name).collect();
        let mut written: Vec<WrittenDeclaration<'_>> = Vec::new();
        for declaration in cascade(&matches) {
            if declaration.is_important || !replaced.contains(&declaration.name) {
                push(declaration, &mut written);
            }
        }
        let mut attribute = String::with_capacity(USUAL_LENGTH);
        for one in &written {
            one.declaration.append(&one.value, &mut attribute);
        }
        if !own.is_empty() && !attribute.is_empty() {
            attribute.push(';');
        }
        attribute + own
    }

    /// The matching rules, each with the highest specificity of its matching selectors.
    fn strongest(&self, numbers: &[usize]) -> Vec<Match<'a>> {
        let mut matches: Vec<Match<'a>> = Vec::with_capacity(numbers.len());
        for one in numbers
            .iter()
            .filter_map(|number| self.matches.get(*number))
        {
            match matches.last_mut() {
                Some(last) if std::ptr::eq(last.rule, one.rule) => {
                    last.specificity = last.specificity.max(one.specificity);
                }
                _ => matches.push(*one),
            }
        }
        matches
    }
}

/// The numbers in a style attribute in the order of the style sheet, and the declarations after them.
fn split_numbers(style: &str) -> (Vec<usize>, &str) {
    let (mut numbers, mut own) = (Vec::new(), style);
    while let Some((number, rest)) = number_at_head(own) {
        numbers.push(number);
        own = rest;
    }
    numbers.sort_unstable();
    (numbers, own)
}

/// The number at the start of a style attribute, and the rest.
fn number_at_head(style: &str) -> Option<(usize, &str)> {
    let (number, rest) = style.strip_prefix(NUMBER)?.split_once(":0")?;
    Some((number.parse().ok()?, rest.strip_prefix(';').unwrap_or(rest)))
}

/// A declaration of an attribute.
struct WrittenDeclaration<'a> {
    declaration: &'a Declaration,
    value: Cow<'a, str>,
}

impl WrittenDeclaration<'_> {
    /// Merges a side into the shorthand of the same box, such as `margin-top` into `margin`. Returns whether that is
    /// possible.
    fn merge(&mut self, declaration: &Declaration) -> bool {
        let one = self.declaration;
        let is_alike = one.is_important == declaration.is_important
            && one.is_understood
            && declaration.is_understood;
        let side = side_of(&one.name, &declaration.name).filter(|_| is_alike);
        let with = side.and_then(|side| with_side(&self.value, side, &declaration.value));
        let Some(with) = with else {
            return false;
        };
        self.value = Cow::Owned(with);
        true
    }
}

/// Adds a declaration, merged into an earlier one if possible: Gmail clips by the bytes of the source.
fn push<'a>(declaration: &'a Declaration, written: &mut Vec<WrittenDeclaration<'a>>) {
    let whole = declaration.name.split('-').next().unwrap_or_default();
    let is_side = side_of(whole, &declaration.name).is_some();
    // Only the nearest one is merged: another may be the same side under another name (`margin-inline-start`).
    let nearest = written.iter_mut().rev();
    let mut nearest = nearest.filter(|one| is_side && one.declaration.name.starts_with(whole));
    if !nearest.next().is_some_and(|one| one.merge(declaration)) {
        let value = Cow::Borrowed(declaration.value.as_str());
        written.push(WrittenDeclaration { declaration, value });
    }
}

/// The side of the box `whole` that the property `part` sets, clockwise from the top.
fn side_of(whole: &str, part: &str) -> Option<usize> {
    if !matches!(whole, "margin" | "padding") {
        return None;
    }
    let side = part.strip_prefix(whole)?;
    let mut sides = ["-top", "-right", "-bottom", "-left"].iter();
    sides.position(|known| *known == side)
}

/// The value with one side replaced: `0 0 14px` with `32px` at the top is `32px 0 14px`.
fn with_side(value: &str, side: usize, one: &str) -> Option<String> {
    let words = words(value);
    // Keywords such as `initial` cannot be part of a value.
    if is_global(one) || is_global(value) {
        return None;
    }
    let text = |at: usize| words.get(at).map(|word| word.text);
    let mut sides = match words.len() {
        1 => [text(0); 4],
        2 => [text(0), text(1), text(0), text(1)],
        3 => [text(0), text(1), text(2), text(1)],
        4 => [text(0), text(1), text(2), text(3)],
        _ => return None,
    };
    sides[side] = Some(one);
    let needed = sides.into_iter().take(needed_sides(&sides)).flatten();
    Some(needed.collect::<Vec<&str>>().join(" "))
}

/// The number of values that four sides need: `1px 2px 1px 2px` is `1px 2px`.
fn needed_sides([top, right, bottom, left]: &[Option<&str>; 4]) -> usize {
    match (left == right, top == bottom, top == right) {
        (true, true, true) => 1,
        (true, true, false) => 2,
        (true, false, _) => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_written_once() {
        for (value, side, one, expected) in [
            ("0 0 14px", "margin-top", "32px", "32px 0 14px"),
            ("0", "margin-top", "2px", "2px 0 0"),
            ("1px 2px", "margin-top", "0", "0 2px 1px"),
            ("1px 2px 3px 4px", "margin-top", "9px", "9px 2px 3px 4px"),
            ("1px 2px 3px", "margin-left", "4px", "1px 2px 3px 4px"),
            ("0 auto", "margin-bottom", "0", "0 auto"),
        ] {
            let side = side_of("margin", side).expect("a side");
            assert_eq!(with_side(value, side, one).as_deref(), Some(expected));
        }
        assert_eq!(side_of("margin", "margin-inline"), None);
    }
}
