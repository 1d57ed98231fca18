//! The privacy notice: what is stored about a subscriber, why, for how long, and who receives it.
//!
//! The categories come from the list of columns of the store, the times and the recipients from `newsletter.toml`, and the
//! sentences from the texts of a language. The notice describes what this program does, and is not legal advice.

mod columns;
mod facts;
mod render;
mod sections;

pub use columns::ColumnsOfStore;

use serde_json::{Value, json};

use crate::language::{Language, PrivacyTexts, registered};
use crate::newsletter::config::{Newsletter, Retention};
use crate::store::Category;
use crate::workspace::{Failure, FailureKind, Workspace};
use facts::PrivacyFacts;
use sections::NoticeSection;

/// The privacy notice of a newsletter.
#[derive(Debug)]
pub struct PrivacyNotice {
    /// What the person who publishes the notice should know.
    pub warnings: Vec<String>,
    facts: PrivacyFacts,
    texts: PrivacyTexts,
}

impl PrivacyNotice {
    /// The notice in the language with the tag `language`, or in that of the newsletter. A language without texts is replaced
    /// by English.
    ///
    /// # Errors
    /// If the tag is not valid.
    pub fn of(
        workspace: &Workspace,
        newsletter: &Newsletter,
        language: Option<&str>,
    ) -> Result<Self, Failure> {
        let language = match language {
            Some(tag) => registered(tag).map_err(|finding| {
                let failure = Failure::new(FailureKind::Usage, finding.message);
                failure.hint(finding.hint.unwrap_or_default())
            })?,
            None => newsletter.language.clone(),
        };
        let facts = PrivacyFacts::of(workspace, newsletter);
        let mut warnings = facts.warnings();
        let texts = PrivacyTexts::of(&language).unwrap_or_else(|| {
            warnings.insert(0, no_texts(&language));
            PrivacyTexts::english()
        });
        Ok(Self {
            warnings,
            facts,
            texts,
        })
    }

    /// The notice in Markdown.
    pub fn markdown(&self) -> String {
        let title = self.title(render::markdown_value);
        render::markdown(&title, &self.sections(render::markdown_value), &self.texts)
    }

    /// The notice as a fragment of HTML.
    pub fn html(&self) -> String {
        let title = self.title(render::html_value);
        render::html(&title, &self.sections(render::html_value), &self.texts)
    }

    /// The notice and its facts.
    pub fn json(&self) -> Value {
        let sections = self.sections(str::to_owned);
        json!({
            "language": self.texts.language,
            "title": self.title(str::to_owned),
            "sections": sections.iter().map(NoticeSection::json).collect::<Vec<_>>(),
            "facts": self.facts.json(),
        })
    }

    fn title(&self, value: fn(&str) -> String) -> String {
        let name = value(&self.facts.name);
        self.texts.fill("title", &[("name", &name)])
    }

    fn sections(&self, value: fn(&str) -> String) -> Vec<NoticeSection> {
        sections::all(&self.facts, &self.texts, value)
    }
}

fn no_texts(language: &Language) -> String {
    let tags = PrivacyTexts::LANGUAGES.join(", ");
    format!("the privacy notice has no text in `{language}` (only in {tags}), so it is in English")
}

/// A time in the words of a language; `None` for `forever`.
fn time(texts: &PrivacyTexts, time: Retention) -> Option<String> {
    match time {
        Retention::Days(days) => Some(texts.count(days, "day")),
        Retention::Years(years) => Some(texts.count(years, "year")),
        Retention::Forever => None,
    }
}

/// The part of the names of the texts that describe a category; `None` if nothing is described.
fn text_name(category: Category) -> Option<&'static str> {
    Some(match category {
        Category::Address => "address",
        Category::Name => "name",
        Category::Language => "language",
        Category::Attributes => "attributes",
        Category::Entry => "entry",
        Category::Consent => "consent",
        Category::Delivery => "delivery",
        Category::Refusals => "refusals",
        Category::OptOut => "optout",
        Category::Hash => "hash",
        Category::Token => "token",
        Category::History => "history",
        Category::None => return None,
    })
}
