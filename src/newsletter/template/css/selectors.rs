//! Reads the selectors of a rule and reports their errors.

use std::ops::Range;

use super::cursor::RuleReader;
use super::lexeme::{Blanks, Lexeme, written};
use super::selector::{self, Selector, split_at_commas};
use crate::diag::Place;

/// The largest number of selectors: each is compared with each element of an issue.
pub(super) const MOST_SELECTORS: usize = 1_000;

/// The longest allowed selector, in bytes.
const LONGEST_SELECTOR: usize = 1_000;

impl RuleReader<'_, '_> {
    /// The selectors of a rule; an empty list if one of them is invalid, as in a browser.
    pub(super) fn selectors(&mut self, range: Range<usize>) -> Vec<Selector> {
        let lexemes = &self.lexemes[range];
        let mut selectors = Vec::new();
        for one in split_at_commas(lexemes) {
            self.selectors += 1;
            if self.selectors > MOST_SELECTORS {
                self.too_many_selectors(lexemes);
                return Vec::new();
            }
            match self.selector(one, lexemes) {
                Some(selector) => selectors.push(selector),
                None => return Vec::new(),
            }
        }
        selectors
    }

    /// One selector of the list `all`; `None`, reported, if it is invalid or too long.
    fn selector(&mut self, one: &[Lexeme<'_>], all: &[Lexeme<'_>]) -> Option<Selector> {
        let place = self.place_of(one);
        if self.has_steps {
            return Some(self.step(one, place));
        }
        let bytes = place.span().len();
        if bytes > LONGEST_SELECTOR {
            let message =
                format!("this selector has {bytes} bytes; the limit is {LONGEST_SELECTOR}");
            self.limit(&place, message);
            return None;
        }
        selector::read(one, self.css.text(), place)
            .map_err(|error| {
                let place = match error.span.is_empty() {
                    true => self.place_of(all),
                    false => Place::new(self.css, error.span),
                };
                self.error_at(place, error.message);
            })
            .ok()
    }

    /// A step of an animation: `from`, `50%`, `to`.
    fn step(&self, lexemes: &[Lexeme<'_>], place: Place) -> Selector {
        Selector {
            text: written(lexemes, self.text(), Blanks::Selector),
            parts: Vec::new(),
            specificity: [0; 3],
            place,
        }
    }

    fn too_many_selectors(&mut self, lexemes: &[Lexeme<'_>]) {
        let message = format!("the style sheet has more than {MOST_SELECTORS} selectors");
        let place = self.place_of(lexemes);
        self.limit(&place, message);
    }
}
