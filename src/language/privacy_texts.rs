//! The texts of the privacy notice, by language.

use std::collections::BTreeMap;

use super::Language;
use super::plural::PluralForm;

/// The texts in one language. `{…}` in them is filled by [`PrivacyTexts::fill`].
#[derive(Debug, Clone)]
pub struct PrivacyTexts {
    /// The language of the texts.
    pub language: Language,
    texts: BTreeMap<String, String>,
}

/// The files; a language without one falls back to the first.
const FILES: [(&str, &str); 9] = [
    ("en", include_str!("privacy/en.toml")),
    ("fr", include_str!("privacy/fr.toml")),
    ("de", include_str!("privacy/de.toml")),
    ("it", include_str!("privacy/it.toml")),
    ("es", include_str!("privacy/es.toml")),
    ("pt", include_str!("privacy/pt.toml")),
    ("nl", include_str!("privacy/nl.toml")),
    ("ar", include_str!("privacy/ar.toml")),
    ("he", include_str!("privacy/he.toml")),
];

impl PrivacyTexts {
    /// The tags of the languages that have texts.
    pub const LANGUAGES: [&str; 9] = ["en", "fr", "de", "it", "es", "pt", "nl", "ar", "he"];

    /// The texts in `language`; `None` if there are none.
    pub fn of(language: &Language) -> Option<Self> {
        let (_, file) = FILES.iter().find(|(tag, _)| *tag == language.primary())?;
        Some(Self {
            language: language.clone(),
            texts: toml::from_str(file).expect("the files are tested"),
        })
    }

    /// The English texts.
    pub fn english() -> Self {
        Self::of(&Language::default()).expect("there are English texts")
    }

    /// The text with this name, with each `{name}` replaced by its value.
    ///
    /// # Panics
    /// If there is no such text, or a value is missing: the texts of all languages have the same names.
    pub fn fill(&self, name: &str, values: &[(&str, &str)]) -> String {
        let text = self.texts.get(name);
        let mut rest = text
            .unwrap_or_else(|| panic!("no text `{name}` in {}", self.language))
            .as_str();
        let mut filled = String::new();
        while let Some((before, after)) = rest.split_once('{') {
            let (key, after) = after.split_once('}').expect("a closed placeholder");
            let value = values.iter().find(|(known, _)| *known == key);
            let (_, value) = value.unwrap_or_else(|| panic!("no value `{key}` in `{name}`"));
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled + rest
    }

    /// A number of units, `day` or `year`, such as `30 days`, in the case that the texts need.
    pub fn count(&self, number: u32, unit: &str) -> String {
        let form = PluralForm::of(number, self.language.primary());
        let name = format!("{unit}_{}", form.suffix());
        let other = format!("{unit}_other");
        let name = match self.texts.contains_key(&name) {
            true => name,
            false => other,
        };
        self.fill(&name, &[("count", &number.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        let placeholders = |text: &str| {
            let parts = text.split('{').skip(1);
            let mut names: Vec<String> = parts
                .map(|part| part.split('}').next().unwrap().to_owned())
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let is_plural = |name: &str| name.starts_with("day_") || name.starts_with("year_");
        let english = PrivacyTexts::english().texts;
        for tag in PrivacyTexts::LANGUAGES {
            let texts = PrivacyTexts::of(&Language::parse(tag).unwrap())
                .unwrap()
                .texts;
            let names = |texts: &BTreeMap<String, String>| {
                let names = texts.keys().filter(|name| !is_plural(name));
                names.cloned().collect::<Vec<_>>()
            };
            assert_eq!(names(&texts), names(&english), "{tag}");
            for (name, text) in texts.iter().filter(|(name, _)| !is_plural(name)) {
                assert_eq!(
                    placeholders(text),
                    placeholders(&english[name]),
                    "{tag}: {name}"
                );
                assert!(!text.contains(['<', '>', '&', '*', '_']), "{tag}: {name}");
            }
        }
    }

    #[test]
    fn numbers_have_the_plural_form_of_the_language() {
        let count = |tag: &str, number| {
            let texts = PrivacyTexts::of(&Language::parse(tag).unwrap()).unwrap();
            texts.count(number, "day")
        };
        assert_eq!([count("en", 1), count("en", 30)], ["1 day", "30 days"]);
        assert_eq!([count("de", 1), count("de", 30)], ["1 Tag", "30 Tagen"]);
        assert_eq!([count("he", 2), count("he", 30)], ["יומיים", "30 ימים"]);
        assert_eq!(
            [1, 2, 3, 30, 100].map(|number| count("ar", number)),
            ["يوم واحد", "يومين", "3 أيام", "30 يومًا", "100 يوم"]
        );
    }
}
