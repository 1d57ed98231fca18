//! The sections of the privacy notice.

use serde_json::{Value, json};

use super::facts::PrivacyFacts;
use super::{text_name, time};
use crate::language::PrivacyTexts;
use crate::newsletter::config::ListLocation;
use crate::store::Category;

/// A section: a heading with paragraphs, or with items that have labels.
#[derive(Debug)]
pub(super) struct NoticeSection {
    /// `None` for the introduction.
    pub(super) heading: Option<String>,
    pub(super) paragraphs: Vec<NoticeParagraph>,
}

/// A paragraph; with a label, an item of a list.
#[derive(Debug)]
pub(super) struct NoticeParagraph {
    pub(super) label: Option<String>,
    pub(super) text: String,
}

impl NoticeSection {
    pub(super) fn json(&self) -> Value {
        let paragraphs = self.paragraphs.iter();
        let paragraphs: Vec<Value> = paragraphs
            .map(|paragraph| json!({ "label": paragraph.label, "text": paragraph.text }))
            .collect();
        json!({ "heading": self.heading, "paragraphs": paragraphs })
    }
}

/// Composes the sections of a notice.
struct Composer<'a> {
    facts: &'a PrivacyFacts,
    texts: &'a PrivacyTexts,
    /// Escapes a value of the settings for the format of the notice.
    value: fn(&str) -> String,
}

/// All sections, in their order.
pub(super) fn all(
    facts: &PrivacyFacts,
    texts: &PrivacyTexts,
    value: fn(&str) -> String,
) -> Vec<NoticeSection> {
    let composer = Composer {
        facts,
        texts,
        value,
    };
    vec![
        composer.introduction(),
        composer.responsible(),
        composer.stored(),
        composer.recipients(),
        composer.section("tracking", vec![composer.plain("tracking")]),
        composer.leaving(),
        composer.limits(),
    ]
}

impl Composer<'_> {
    fn section(&self, name: &str, paragraphs: Vec<NoticeParagraph>) -> NoticeSection {
        NoticeSection {
            heading: Some(self.texts.fill(&format!("{name}_heading"), &[])),
            paragraphs,
        }
    }

    fn plain(&self, name: &str) -> NoticeParagraph {
        self.filled(name, &[])
    }

    fn filled(&self, name: &str, values: &[(&str, &str)]) -> NoticeParagraph {
        NoticeParagraph {
            label: None,
            text: self.texts.fill(name, values),
        }
    }

    fn introduction(&self) -> NoticeSection {
        NoticeSection {
            heading: None,
            paragraphs: vec![self.plain("intro")],
        }
    }

    fn responsible(&self) -> NoticeSection {
        let sender = (self.value)(&self.facts.sender);
        let contact = (self.value)(&self.facts.contact);
        let paragraphs = vec![
            self.filled("responsible", &[("sender", &sender)]),
            self.filled("contact", &[("contact", &contact)]),
        ];
        self.section("responsible", paragraphs)
    }

    /// An item for each category; the first ones are kept as long as the entry of the list.
    fn stored(&self) -> NoticeSection {
        let mut paragraphs = Vec::new();
        for category in &self.facts.categories {
            let Some(name) = text_name(*category) else {
                continue;
            };
            paragraphs.push(self.category(*category, name));
            if *category == Category::Entry {
                paragraphs.push(self.item("list", self.entry_kept()));
            }
        }
        paragraphs.push(self.plain("timing"));
        self.section("stored", paragraphs)
    }

    fn item(&self, name: &str, text: String) -> NoticeParagraph {
        NoticeParagraph {
            label: Some(self.texts.fill(&format!("{name}_label"), &[])),
            text,
        }
    }

    fn category(&self, category: Category, name: &str) -> NoticeParagraph {
        let text = match category {
            Category::Token if self.facts.has_key => self.texts.fill("token_code", &[]),
            Category::Token => self.texts.fill("token_address", &[]),
            _ => self.texts.fill(name, &[]),
        };
        let kept = match category {
            Category::Consent => self.kept(name, self.evidence().as_deref(), "evidence"),
            Category::Delivery | Category::Refusals => {
                self.kept(name, self.keep().as_deref(), "keep")
            }
            // Without the key, the addresses stay.
            Category::OptOut | Category::History => {
                let keep = self.keep().filter(|_| self.facts.has_key);
                self.kept(name, keep.as_deref(), "keep")
            }
            _ => return self.item(name, text),
        };
        self.item(name, format!("{text} {kept}"))
    }

    fn kept(&self, name: &str, time: Option<&str>, key: &str) -> String {
        match time {
            Some(time) => self.texts.fill(&format!("{name}_kept"), &[(key, time)]),
            None => self.texts.fill(&format!("{name}_forever"), &[]),
        }
    }

    fn keep(&self) -> Option<String> {
        time(self.texts, self.facts.times.keep)
    }

    fn evidence(&self) -> Option<String> {
        time(self.texts, self.facts.times.evidence)
    }

    fn entry_kept(&self) -> String {
        match (self.facts.list, self.keep()) {
            (ListLocation::File, _) => self.texts.fill("list_file", &[]),
            (ListLocation::Store, Some(keep)) => self.texts.fill("list_store", &[("keep", &keep)]),
            (ListLocation::Store, None) => self.texts.fill("list_store_forever", &[]),
        }
    }

    fn recipients(&self) -> NoticeSection {
        let mut paragraphs = vec![self.relay()];
        for (name, host) in [
            ("database", &self.facts.database),
            ("pictures", &self.facts.pictures),
        ] {
            let host = host.as_deref().map(self.value);
            paragraphs.extend(host.map(|host| self.filled(name, &[("host", &host)])));
        }
        paragraphs.push(self.plain("no_one"));
        self.section("recipients", paragraphs)
    }

    fn relay(&self) -> NoticeParagraph {
        let Some(relays) = &self.facts.relays else {
            return self.plain("relay_unknown");
        };
        let relays: Vec<String> = relays.iter().map(|host| (self.value)(host)).collect();
        match relays.as_slice() {
            [] => self.plain("relay_own"),
            [relay] => self.filled("relay_one", &[("relays", relay)]),
            _ => {
                let all = relays.join(&self.texts.fill("separator", &[]));
                self.filled("relay_several", &[("relays", &all)])
            }
        }
    }

    fn leaving(&self) -> NoticeSection {
        let mut paragraphs = Vec::new();
        if self.facts.has_link {
            paragraphs.push(self.plain("leaving_link"));
        }
        if let Some(mailto) = self.facts.mailto.as_deref().map(self.value) {
            paragraphs.push(self.filled("leaving_mail", &[("mailto", &mailto)]));
        }
        self.section("leaving", paragraphs)
    }

    fn limits(&self) -> NoticeSection {
        let of_file = (self.facts.list == ListLocation::File).then_some("limits_file");
        let names = ["limits_backups"].into_iter().chain(of_file).chain([
            "limits_relay",
            "limits_log",
            "limits_messages",
        ]);
        let paragraphs = names.map(|name| self.plain(name)).collect();
        self.section("limits", paragraphs)
    }
}
