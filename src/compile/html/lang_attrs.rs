//! Words in another language than the issue's: a screen reader changes its voice for them.

use crate::compile::context::RenderContext;
use crate::language::Language;

/// The attributes of an element that holds such words; `dir` only where the script runs the other way.
#[derive(Default)]
pub(super) struct LangAttrs<'a> {
    pub(super) lang: Option<&'a str>,
    pub(super) dir: Option<&'static str>,
}

impl<'a> LangAttrs<'a> {
    /// Nothing where `language` is the issue's own, or unsaid.
    pub(super) fn of(context: &RenderContext<'_>, language: Option<&'a Language>) -> Self {
        let Some(language) = language.filter(|one| **one != context.issue.language) else {
            return Self::default();
        };
        let turns = language.direction() != context.direction();
        Self {
            lang: Some(language.tag()),
            dir: turns.then(|| language.direction().as_str()),
        }
    }

    /// Whether there is anything to say.
    pub(super) fn is_said(&self) -> bool {
        self.lang.is_some()
    }
}
