//! Language attributes for text in another language than the issue's. Screen readers choose their voice by them.

use crate::compile::context::RenderContext;
use crate::language::Language;

/// The attributes of an element with such text; `dir` only if the direction differs.
#[derive(Default)]
pub(super) struct LangAttrs<'a> {
    pub(super) lang: Option<&'a str>,
    pub(super) dir: Option<&'static str>,
}

impl<'a> LangAttrs<'a> {
    /// No attributes if `language` is `None` or that of the issue.
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

    /// Whether there is an attribute.
    pub(super) fn is_set(&self) -> bool {
        self.lang.is_some()
    }
}
