//! The style attribute of an element, made of the rules that match it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::newsletter::template::{
    Declaration, Match, Selector, StyleSheet, cascade, declarations, is_global, words,
};

/// The property that stands for a selector, followed by the selector's number.
const NUMBER: &str = "n";

/// About how long a style attribute is, in bytes.
const USUAL_LENGTH: usize = 256;

/// The plain rules of a sheet, each selector with its number in place of the declarations.
pub(super) fn numbered(sheet: &StyleSheet) -> String {
    let mut css = String::new();
    for (number, selector) in selectors(sheet).enumerate() {
        let (_, selector) = selector;
        let text = selector.without_is();
        write!(css, "{text}{{{NUMBER}{number}:0}}").expect("a String takes every write");
    }
    css
}

/// Each selector of the plain rules, and its rule as a match.
fn selectors(sheet: &StyleSheet) -> impl Iterator<Item = (Match<'_>, &Selector)> {
    // A browser drops a rule with all its selectors for one that it does not know.
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
    made: Vec<String>,
    /// Which of them was made of the same numbers: many elements match the same rules. There are a few dozen short
    /// texts, which are compared faster than hashed.
    known: BTreeMap<String, usize>,
}

impl<'a> Styles<'a> {
    pub(super) fn new(sheet: &'a StyleSheet) -> Self {
        Self {
            matches: selectors(sheet).map(|(one, _)| one).collect(),
            made: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The style attribute for one that holds numbers, and declarations of the page after them.
    pub(super) fn of(&mut self, style: &str) -> &str {
        let known = self.known.get(style).copied();
        let at = known.unwrap_or_else(|| {
            self.made.push(self.make(style));
            let last = self.made.len() - 1;
            self.known.insert(style.to_owned(), last);
            last
        });
        &self.made[at]
    }

    fn make(&self, style: &str) -> String {
        let (mut numbers, mut own) = (Vec::new(), style);
        while let Some((number, rest)) = number_at_head(own) {
            numbers.push(number);
            own = rest;
        }
        // In the order of the style sheet, which is that of the numbers.
        numbers.sort_unstable();
        let matches = self.strongest(&numbers);
        let replaced: Vec<String> = declarations(own).into_iter().map(|one| one.name).collect();
        let mut written: Vec<Written<'_>> = Vec::new();
        for declaration in cascade(&matches) {
            if declaration.is_important || !replaced.contains(&declaration.name) {
                push(declaration, &mut written);
            }
        }
        let mut made = String::with_capacity(USUAL_LENGTH);
        for one in &written {
            one.declaration.append(&one.value, &mut made);
        }
        if !own.is_empty() && !made.is_empty() {
            made.push(';');
        }
        made + own
    }

    /// A rule matches with the heaviest of its selectors that do.
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

/// The number at the head of a style attribute, and what follows it.
fn number_at_head(style: &str) -> Option<(usize, &str)> {
    let (number, rest) = style.strip_prefix(NUMBER)?.split_once(":0")?;
    Some((number.parse().ok()?, rest.strip_prefix(';').unwrap_or(rest)))
}

/// A declaration of an attribute.
struct Written<'a> {
    declaration: &'a Declaration,
    value: Cow<'a, str>,
}

impl Written<'_> {
    /// Takes in a side of the same box, as `margin` does with `margin-top`; whether it could.
    fn take_in(&mut self, declaration: &Declaration) -> bool {
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

/// Adds a declaration; in one before where that is shorter. Gmail cuts by the bytes of the source.
fn push<'a>(declaration: &'a Declaration, written: &mut Vec<Written<'a>>) {
    let whole = declaration.name.split('-').next().unwrap_or_default();
    let is_side = side_of(whole, &declaration.name).is_some();
    // Another side may be the same one in other words (`margin-inline-start`), so the order stays.
    let nearest = written.iter_mut().rev();
    let mut nearest = nearest.filter(|one| is_side && one.declaration.name.starts_with(whole));
    if !nearest.next().is_some_and(|one| one.take_in(declaration)) {
        let value = Cow::Borrowed(declaration.value.as_str());
        written.push(Written { declaration, value });
    }
}

/// Which side of the box `whole` the property `part` is, from the top in the clock's direction.
fn side_of(whole: &str, part: &str) -> Option<usize> {
    if !matches!(whole, "margin" | "padding") {
        return None;
    }
    let side = part.strip_prefix(whole)?;
    ["-top", "-right", "-bottom", "-left"]
        .iter()
        .position(|known| *known == side)
}

/// `0 0 14px` with `32px` at the top is `32px 0 14px`.
fn with_side(value: &str, side: usize, one: &str) -> Option<String> {
    let words = words(value);
    // `initial` and its like are a value alone, and no part of one.
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
    let needed = match sides {
        [top, right, bottom, left] if left == right && top == bottom && top == right => 1,
        [top, right, bottom, left] if left == right && top == bottom => 2,
        [_, right, _, left] if left == right => 3,
        _ => 4,
    };
    let needed: Vec<&str> = sides.into_iter().take(needed).flatten().collect();
    Some(needed.join(" "))
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
