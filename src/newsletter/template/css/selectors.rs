//! The selectors of a rule, with what is wrong in them.

use std::ops::Range;

use super::cursor::RuleReader;
use super::lexeme::{Blanks, Lexeme, written};
use super::selector::{self, Selector, split_at_commas};
use crate::diag::Place;

/// How many selectors a style sheet may have: each is compared with each element of an issue.
pub(super) const MOST_SELECTORS: usize = 1_000;

/// How long a selector may be, in bytes.
const LONGEST_SELECTOR: usize = 1_000;

impl RuleReader<'_, '_> {
    /// The selectors of a rule; none where one of them cannot be read, as a browser has it.
    pub(super) fn selectors(&mut self, range: Range<usize>) -> Vec<Selector> {
        let lexemes = &self.lexemes[range];
        let mut selectors = Vec::new();
        for one in split_at_commas(lexemes) {
            self.selectors += 1;
            if self.selectors > MOST_SELECTORS {
                self.too_many_selectors(lexemes);
                return Vec::new();
            }
            let place = self.place_of(one);
            if self.has_steps {
                selectors.push(self.step(one, place));
                continue;
            }
            if place.span().len() > LONGEST_SELECTOR {
                let bytes = place.span().len();
                self.limit(
                    &place,
                    format!("this selector has {bytes} bytes; it can have {LONGEST_SELECTOR}"),
                );
                return Vec::new();
            }
            match selector::read(one, self.css.text(), place) {
                Ok(selector) => selectors.push(selector),
                Err(fault) => {
                    let place = match fault.span.is_empty() {
                        true => self.place_of(lexemes),
                        false => Place::new(self.css, fault.span),
                    };
                    self.error_at(place, fault.message);
                    return Vec::new();
                }
            }
        }
        selectors
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
        let message =
            format!("a style sheet can have {MOST_SELECTORS} selectors, and here is one more");
        let place = self.place_of(lexemes);
        self.limit(&place, message);
    }
}
