//! The newsletter that is sent: nobody's, to nobody, by a relay on this machine.

use std::path::Path;

use super::OnDoubt;
use crate::workspace::{Failure, starter};

/// The name of its issue.
pub(super) const ISSUE: &str = "selftest";

/// Writes it to `folder`; `smtp` are the lines below `[smtp]`.
pub(super) fn write(
    folder: &Path,
    smtp: &str,
    readers: usize,
    on_doubt: OnDoubt,
) -> Result<(), Failure> {
    let newsletter = NEWSLETTER.replace("SMTP", smtp);
    let readers = (1..=readers).map(|number| READER.replace("NUMBER", &number.to_string()));
    let on_doubt = match on_doubt {
        OnDoubt::Hold => "hold",
        OnDoubt::Resend => "resend",
    };
    let issue = TEXT.replace("POLICY", on_doubt);
    let readers: String = readers.collect();
    starter::write_minimal(folder, &newsletter, &readers, (ISSUE, &issue))
}

const NEWSLETTER: &str = r#"
name = "The Small Letter"
list_id = "small.press.example"
from = "The Small Letter <letter@press.example>"
time_zone = "UTC"
template = "letter"
web_url = "https://press.example"
unsubscribe_mailto = "leave@press.example"

[smtp]
SMTP
"#;

const READER: &str = r#"
[[subscriber]]
email = "rNUMBER@reader.example"
first_name = "Reader NUMBER"
"#;

const TEXT: &str = r#"
subject = "A word to {{ first_name }}"
preheader = "What became of the river."
date = 2026-11-30
on_uncertain = "POLICY"

[[section]]
kind = "text"
body = "This is a small letter for {{ first_name }}."
"#;
