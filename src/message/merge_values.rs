//! The values of an edition's placeholders for one recipient, including the recipient's own links.

use std::borrow::Cow;

use crate::compile::edition::Edition;
use crate::placeholder::{Placeholder, Values};
use crate::subscriber::{Subscriber, TokenKey, UnsubscribeToken};
use crate::util::escape;

/// The values of an edition's placeholders for one recipient.
pub struct MergeValues<'a> {
    pub(super) edition: &'a Edition,
    pub(super) recipient: &'a Subscriber,
    pub(super) unsubscribe_token: UnsubscribeToken,
    unsubscribe_url: String,
    web_url: Option<String>,
}

impl<'a> MergeValues<'a> {
    /// The values for `recipient`.
    pub fn new(edition: &'a Edition, recipient: &'a Subscriber, key: &TokenKey) -> Self {
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

fn unsubscribe_token(
    edition: &Edition,
    recipient: &Subscriber,
    key: &TokenKey,
) -> UnsubscribeToken {
    key.token(&edition.sender.list_id, &recipient.address.key())
}

/// The recipient's unsubscribe link: a web page if the newsletter has one, else a `mailto:` URI.
pub fn unsubscribe_url(edition: &Edition, recipient: &Subscriber, key: &TokenKey) -> String {
    unsubscribe_link(edition, &unsubscribe_token(edition, recipient, key))
}

fn unsubscribe_link(edition: &Edition, token: &UnsubscribeToken) -> String {
    unsubscribe_page(edition, token)
        .or_else(|| unsubscribe_mailto(edition, token))
        .unwrap_or_default()
}

/// The longest URI on the last line of a folded header field, in octets: a line should have at most 78 (RFC 5322 section
/// 2.1.1), and this one also has a space and angle brackets.
const LONGEST_URI: usize = 75;

/// The page of a token. Its path is short, because the line in List-Unsubscribe has 78 octets at most.
pub(super) fn unsubscribe_page(edition: &Edition, token: &UnsubscribeToken) -> Option<String> {
    let url = edition.sender.web_url.as_ref()?;
    let path = match token.is_earlier_form() {
        true => "leave",
        false => "u",
    };
    Some(format!("{url}/{path}/{token}"))
}

/// The message that unsubscribes. Its subject has the word `leave` before the token, unless the line in List-Unsubscribe would
/// be longer than 78 octets.
pub(super) fn unsubscribe_mailto(edition: &Edition, token: &UnsubscribeToken) -> Option<String> {
    let address = edition.sender.unsubscribe_mailto.as_ref()?;
    // In a `mailto:` URI the local part is percent-encoded (RFC 6068 section 2).
    let local = escape::url_segment(address.local_part());
    let domain = address.domain();
    let with_subject = |word: &str| format!("mailto:{local}@{domain}?subject={word}{token}");
    let with_word = with_subject("leave%20");
    Some(
        match with_word.len() > LONGEST_URI && !token.is_earlier_form() {
            true => with_subject(""),
            false => with_word,
        },
    )
}
