//! The codes of rejected rows and of warnings, with their meaning and remedy.

use crate::subscriber::import::{ImportWarning, RejectionCode};

/// Every code of a rejected row, and of a warning.
pub fn import_codes() -> impl Iterator<Item = &'static str> {
    let rejections = RejectionCode::ALL.map(RejectionCode::as_str).into_iter();
    rejections.chain(ImportWarning::ALL.map(code_of))
}

/// What a code of `list import` means, and what to do about it.
pub fn explain_import(code: &str) -> Option<String> {
    let mut rejections = RejectionCode::ALL.into_iter();
    if rejections.any(|known| known.as_str() == code) {
        let remedy = remedy(code, "");
        return Some(format!(
            "{code} (rejected row of `franking list import`)\n\n{remedy}\n"
        ));
    }
    let mut warnings = ImportWarning::ALL.into_iter();
    let warning = warning(warnings.find(|known| code_of(*known) == code)?);
    let means = warning.split_once(": ").map_or(warning, |(_, means)| means);
    Some(format!(
        "{code} (warning of `franking list import`)\n\n{means}\n"
    ))
}

/// The code with which the text of a warning begins.
fn code_of(lacking: ImportWarning) -> &'static str {
    warning(lacking).split(':').next().unwrap_or_default()
}

/// The sentence about what the files lack; it begins with the code.
pub(super) fn warning(warning: ImportWarning) -> &'static str {
    match warning {
        ImportWarning::OptOutsMissing => {
            "opt-outs-missing: a file does not show who left; suppress the people who left before you send"
        }
        ImportWarning::BouncesMissing => {
            "bounces-missing: a file does not show which addresses bounced or complained"
        }
        ImportWarning::EncodingAssumed => {
            "encoding-assumed: a file is not UTF-8 and was read as Windows-1252; --encoding names another one"
        }
        ImportWarning::ZoneUnknown => {
            "zone-unknown: times of consent have no time zone and are kept as they are"
        }
    }
}

/// What to do about a rejected row of a file in this format.
pub(super) fn remedy(code: &str, format: &str) -> &'static str {
    match code {
        "no-consent" if format == "mailchimp" => {
            "the person never agreed to be mailed; nothing to do"
        }
        "no-address" => "the row has no address; add it, or remove the row",
        "bad-address" => "not a valid address; correct it, without a display name",
        "columns" => {
            "more or fewer values than the header; quote values that contain the separator"
        }
        "unknown-status" => "the status is unknown; correct the word",
        "bad-attributes" => "the attributes cannot be read; correct them",
        "bad-json" => {
            "not a JSON object as `franking list export` writes it; export the list again"
        }
        "bad-date" => "a time of consent or of leaving is not a date; correct it",
        "bad-hash" => "not a hash as `franking list export` writes it; export the list again",
        "bad-language" => "not a language tag; write one such as `en` or `de-AT`",
        "control-character" => "a value contains a control character; remove it",
        "no-consent" => {
            "nothing shows that the person agreed; --consent-source names where they did, except for the non-subscribed of \
             Mailchimp, who never agreed"
        }
        "deleted" => "the other system has deleted the person; nothing to do",
        "erased" => "the other system has only a hash of the address; nothing to do",
        _ => "correct the row",
    }
}
