//! Names of the list that are not used, and the findings about them.

use super::null_values::{LONGEST, NameProblem};
use crate::diag::{Finding, Findings, Place};

/// How many links are reported one by one; mass sign-ups by spammers may have thousands.
const MOST_LINKS: usize = 20;

/// The unusable names.
#[derive(Debug, Default)]
pub(super) struct UnusableNames {
    not_names: Option<Many>,
    long: Option<Many>,
    links: Vec<Many>,
}

/// Names with the same problem: the first, and their number.
#[derive(Debug)]
struct Many {
    place: Place,
    name: String,
    count: usize,
}

impl UnusableNames {
    /// Records a single-line name.
    pub(super) fn note(&mut self, problem: NameProblem, name: String, place: Place) {
        let one = Many {
            place,
            name,
            count: 0,
        };
        let many = match problem {
            NameProblem::NotAName => self.not_names.get_or_insert(one),
            NameProblem::Long => self.long.get_or_insert(one),
            NameProblem::Link => {
                if self.links.len() < MOST_LINKS {
                    self.links.push(one);
                }
                self.links.last_mut().expect("there is at least one")
            }
        };
        many.count += 1;
    }

    /// Reports the names; of those with the same problem, the first.
    pub(super) fn report(&mut self, findings: &mut Findings) {
        if let Some(many) = self.not_names.take() {
            findings.push(many.finding("is not a name"));
        }
        if let Some(many) = self.long.take() {
            let what = format!("has more than {LONGEST} characters");
            findings.push(many.finding(&what));
        }
        for many in self.links.drain(..) {
            findings.push(many.finding("is a link, not a name"));
        }
    }
}

impl Many {
    fn finding(self, what: &str) -> Finding {
        let name = shortened(&self.name);
        let message = match self.count {
            1 => format!("`{name}` {what}"),
            count => format!("`{name}` {what} ({count} such names on the list)"),
        };
        let hint = "the placeholder's default is used instead; remove the name";
        Finding::warning("no-name", message)
            .at(self.place)
            .hint(hint)
    }
}

/// The beginning of a name.
fn shortened(name: &str) -> String {
    const SHOWN: usize = 60;
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}
