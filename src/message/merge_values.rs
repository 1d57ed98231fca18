//! The values of an edition's placeholders for one recipient, including the recipient's own links.

use std::borrow::Cow;

use crate::compile::edition::Edition;
use crate::placeholder::{Placeholder, Values};
use crate::subscriber::Subscriber;
use crate::util::escape;
use crate::util::key::Key;

/// The values of an edition's placeholders for one recipient.
pub struct MergeValues<'a> {
    pub(super) edition: &'a Edition,
    pub(super) recipient: &'a Subscriber,
    pub(super) unsubscribe_token: String,
    unsubscribe_url: String,
    web_url: Option<String>,
}

impl<'a> MergeValues<'a> {
    /// The values for `recipient`.
    pub fn new(edition: &'a Edition, recipient: &'a Subscriber, key: &Key) -> Self {
        let unsubscribe_token = unsubscribe_token(edition, recipient, key);
        Self {
            edition,
            recipient,
            unsubscribe_url: unsubscribe_link(edition, &unsubscribe_token),
            unsubscribe_token,
            web_url: edition
                .sender
                .web_url
                .as_ref()
                .map(|url| web_page(url, &edition.issue)),
        }
    }

    /// The value of a placeholder: the recipient's, else the placeholder's default, else the newsletter's. `None` if
    /// there is none of them, which `check` reports before anything is sent.
    pub fn own_value(&self, placeholder: &'a Placeholder) -> Option<Cow<'_, str>> {
        match placeholder.name.as_str() {
            "unsubscribe_url" => Some(Cow::Borrowed(self.unsubscribe_url.as_str())),
            "web_url" => self.web_url.as_deref().map(Cow::Borrowed),
            "issue_title" => Some(Cow::Borrowed(self.edition.title.as_str())),
            "issue_number" => self
                .edition
                .number
                .map(|number| Cow::Owned(number.to_string())),
            name => self.recipient.value(name),
        }
        .or_else(|| placeholder.default.as_deref().map(Cow::Borrowed))
        .or_else(|| {
            self.edition
                .defaults
                .get(&placeholder.name)
                .map(|value| Cow::Borrowed(value.as_str()))
        })
    }
}

impl Values for MergeValues<'_> {
    fn value(&self, number: usize) -> Cow<'_, str> {
        self.edition
            .placeholders
            .get(number)
            .and_then(|placeholder| self.own_value(placeholder))
            .unwrap_or_default()
    }

    fn sees(&self, rule: usize) -> bool {
        let language = self.edition.language.tag();
        self.edition
            .rules
            .get(rule)
            .is_some_and(|rule| rule.selects(self.recipient, language))
    }
}

/// The web page of an issue. The name is a file name, so it may need percent-encoding.
fn web_page(web_url: &str, issue: &str) -> String {
    format!("{web_url}/issues/{}", escape::url_segment(issue))
}

fn unsubscribe_token(edition: &Edition, recipient: &Subscriber, key: &Key) -> String {
    key.code(
        "leave",
        &[&edition.sender.list_id, &recipient.address.key()],
    )
}

/// The recipient's unsubscribe link: a web page if the newsletter has one, else a `mailto:` URI.
pub fn unsubscribe_url(edition: &Edition, recipient: &Subscriber, key: &Key) -> String {
    unsubscribe_link(edition, &unsubscribe_token(edition, recipient, key))
}

fn unsubscribe_link(edition: &Edition, token: &str) -> String {
    unsubscribe_page(edition, token)
        .or_else(|| unsubscribe_mailto(edition, token))
        .unwrap_or_default()
}

pub(super) fn unsubscribe_page(edition: &Edition, token: &str) -> Option<String> {
    let url = edition.sender.web_url.as_ref()?;
    Some(format!("{url}/leave/{token}"))
}

pub(super) fn unsubscribe_mailto(edition: &Edition, token: &str) -> Option<String> {
    let address = edition.sender.unsubscribe_mailto.as_ref()?;
    // In a `mailto:` URI the local part is percent-encoded (RFC 6068 section 2).
    let local = escape::url_segment(address.local_part());
    let domain = address.domain();
    Some(format!("mailto:{local}@{domain}?subject=leave%20{token}"))
}
