//! The newsletter that the self-test sends.

use std::path::Path;

use crate::newsletter::issue::OnUncertain;
use crate::workspace::{Failure, starter};

/// The name of the issue.
pub(super) const ISSUE: &str = "selftest";

/// Writes the newsletter to `directory`; `smtp` are the lines of its table `[smtp]`.
pub(super) fn write(
    directory: &Path,
    smtp: &str,
    recipients: usize,
    on_uncertain: OnUncertain,
) -> Result<(), Failure> {
    let newsletter = NEWSLETTER.replace("SMTP", smtp);
    let subscribers =
        (1..=recipients).map(|number| SUBSCRIBER.replace("NUMBER", &number.to_string()));
    let issue = TEXT.replace("POLICY", on_uncertain.as_str());
    let subscribers: String = subscribers.collect();
    starter::write_minimal(directory, &newsletter, &subscribers, (ISSUE, &issue))
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

const SUBSCRIBER: &str = r#"
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
