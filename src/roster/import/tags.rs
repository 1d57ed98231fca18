//! Tags of an import that no audience rule can name.

use std::collections::BTreeSet;

use crate::diag::counted;
use crate::subscriber::tag_problem;

/// How many tags are remembered, to limit memory.
const MOST: usize = 10_000;

/// The tags that no audience rule can name.
#[derive(Debug, Default)]
pub(super) struct UnnameableTags {
    examined: BTreeSet<String>,
    count: usize,
    example: Option<String>,
}

impl UnnameableTags {
    pub(super) fn examine(&mut self, tags: &[String]) {
        for tag in tags {
            if self.examined.len() >= MOST || self.examined.contains(tag) {
                continue;
            }
            self.examined.insert(tag.clone());
            if tag_problem(tag).is_some() {
                self.count += 1;
                self.example.get_or_insert_with(|| tag.clone());
            }
        }
    }

    /// The sentence about them, if there are any.
    pub(super) fn warning(&self) -> Option<String> {
        let example = self.example.as_ref()?;
        let tags = counted(self.count, "tag");
        Some(format!(
            "{tags} cannot be named by an audience rule, such as `{example}`: rename them in the file without spaces, commas, \
             brackets, quotes and `=`, and import it again"
        ))
    }
}
