//! Tags whose parts are registered in BCP 47. ICU accepts any well-formed tag, even `en-UK` and `jp`.

use language_tags::{LanguageTag, ValidationError};

use super::{Language, no_language};
use crate::diag::Finding;
use crate::util::escape;

/// Country codes and names of languages, with the intended language. Codes that are also languages, such as `uk` and
/// `se`, cannot be recognised.
const LANGUAGES: [(&str, &str); 36] = [
    ("jp", "ja"),
    ("gr", "el"),
    ("cz", "cs"),
    ("dk", "da"),
    ("ua", "uk"),
    ("cn", "zh"),
    ("tw", "zh-TW"),
    ("in", "hi"),
    ("us", "en-US"),
    ("gb", "en-GB"),
    ("au", "en-AU"),
    ("at", "de-AT"),
    ("mx", "es-MX"),
    ("rs", "sr"),
    ("il", "he"),
    ("ir", "fa"),
    ("al", "sq"),
    ("eng", "en"),
    ("deu", "de"),
    ("ger", "de"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("spa", "es"),
    ("ita", "it"),
    ("nld", "nl"),
    ("dut", "nl"),
    ("por", "pt"),
    ("english", "en"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("francais", "fr"),
    ("spanish", "es"),
    ("espanol", "es"),
    ("italian", "it"),
    ("dutch", "nl"),
];

/// Common region names, with their ISO 3166 codes.
const REGIONS: [(&str, &str); 5] = [
    ("UK", "GB"),
    ("EN", "GB"),
    ("EL", "GR"),
    ("CS", "CZ"),
    ("JA", "JP"),
];

/// Parses a tag with registered language, script, region and variants.
///
/// # Errors
/// The finding, without a location.
pub fn registered(tag: &str) -> Result<Language, Finding> {
    let name = tag.trim().to_lowercase();
    if LANGUAGES.iter().any(|(known, _)| *known == name) {
        return Err(unknown(tag, "language", &name, &LANGUAGES));
    }
    let language = Language::parse(tag).ok_or_else(|| no_language(tag))?;
    let Ok(parsed) = LanguageTag::parse(language.tag()) else {
        return Err(no_language(tag));
    };
    match parsed.validate() {
        Err(ValidationError::PrimaryLanguageNotInRegistry) => Err(unknown(
            tag,
            "language",
            parsed.primary_language(),
            &LANGUAGES,
        )),
        Err(ValidationError::RegionNotInRegistry) => {
            let region = parsed.region().unwrap_or_default();
            Err(unknown(tag, "region", region, &REGIONS))
        }
        Err(ValidationError::ScriptNotInRegistry) => Err(unknown(
            tag,
            "script",
            parsed.script().unwrap_or_default(),
            &[],
        )),
        Err(ValidationError::VariantNotInRegistry) => Err(unknown(
            tag,
            "variant",
            parsed.variant().unwrap_or_default(),
            &[],
        )),
        _ => Ok(language),
    }
}

fn unknown(tag: &str, what: &str, part: &str, meant: &[(&str, &str)]) -> Finding {
    let tag = escape::terminal(tag);
    let message = format!("unknown {what} `{part}` in the language tag `{tag}`");
    let known = meant.iter().find(|(written, _)| *written == part);
    let hint = match known {
        // A country instead of a language needs no region.
        Some((_, right)) if what == "language" => format!("did you mean `{right}`?"),
        Some((_, right)) => {
            let (before, _) = tag.rsplit_once(['-', '_']).unwrap_or((&tag, ""));
            format!("did you mean `{before}-{right}`?")
        }
        None => "write a registered tag, such as `en` or `fr-BE`".to_owned(),
    };
    Finding::error("bad-language", message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(tag: &str) -> Option<String> {
        registered(tag).err().and_then(|finding| finding.hint)
    }

    #[test]
    fn only_registered_parts_make_a_tag() {
        for tag in [
            "en",
            "fr-BE",
            "zh-Hant-TW",
            "sr-Latn",
            "ckb",
            "de-1996",
            "es-419",
            "gsw",
            "ar",
        ] {
            assert_eq!(hint(tag), None, "{tag}");
        }
        assert_eq!(hint("en-UK").as_deref(), Some("did you mean `en-GB`?"));
        assert_eq!(hint("jp").as_deref(), Some("did you mean `ja`?"));
        assert_eq!(hint("English").as_deref(), Some("did you mean `en`?"));
        for tag in ["xx", "en-ZX", "en-Abcd", "en-quick", "plain english"] {
            assert!(
                hint(tag).is_some_and(|hint| hint.starts_with("write ")),
                "{tag}"
            );
        }
    }
}
