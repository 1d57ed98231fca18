//! What one reader puts into an edition's slots, and the links that only this reader has.

use std::borrow::Cow;

use crate::compile::edition::Edition;
use crate::placeholder::{Placeholder, Values};
use crate::subscriber::Subscriber;
use crate::util::escape;
use crate::util::key::Key;

/// One reader's values for the slots of an edition.
pub struct MergeValues<'a> {
    pub(super) edition: &'a Edition,
    pub(super) reader: &'a Subscriber,
    pub(super) leave_token: String,
    unsubscribe_url: String,
    web_url: Option<String>,
}

impl<'a> MergeValues<'a> {
    /// The values of `reader`.
    pub fn new(edition: &'a Edition, reader: &'a Subscriber, key: &Key) -> Self {
        let leave_token = leave_token(edition, reader, key);
        Self {
            edition,
            reader,
            unsubscribe_url: way_to_leave(edition, &leave_token),
            leave_token,
            web_url: edition
                .sender
                .web_url
                .as_ref()
                .map(|url| web_page(url, &edition.issue)),
        }
    }

    /// The value of a slot: the reader's own, the slot's default, the publication's. `None` where there is
    /// none of them, which `check` finds before anything is sent.
    pub fn own_value(&self, slot: &'a Placeholder) -> Option<Cow<'_, str>> {
        match slot.name.as_str() {
            "unsubscribe_url" => Some(Cow::Borrowed(self.unsubscribe_url.as_str())),
            "web_url" => self.web_url.as_deref().map(Cow::Borrowed),
            "issue_title" => Some(Cow::Borrowed(self.edition.title.as_str())),
            "issue_number" => self
                .edition
                .number
                .map(|number| Cow::Owned(number.to_string())),
            name => self.reader.value(name),
        }
        .or_else(|| slot.default.as_deref().map(Cow::Borrowed))
        .or_else(|| {
            self.edition
                .defaults
                .get(&slot.name)
                .map(|value| Cow::Borrowed(value.as_str()))
        })
    }
}

impl Values for MergeValues<'_> {
    fn value(&self, slot: usize) -> Cow<'_, str> {
        self.edition
            .slots
            .get(slot)
            .and_then(|slot| self.own_value(slot))
            .unwrap_or_default()
    }

    fn sees(&self, rule: usize) -> bool {
        let language = self.edition.language.tag();
        self.edition
            .rules
            .get(rule)
            .is_some_and(|rule| rule.selects(self.reader, language))
    }
}

/// The page of an issue. Its name is a file's, and may hold what a URL does not.
fn web_page(web_url: &str, issue: &str) -> String {
    format!("{web_url}/issues/{}", escape::url_segment(issue))
}

fn leave_token(edition: &Edition, reader: &Subscriber, key: &Key) -> String {
    key.code("leave", &[&edition.sender.list_id, &reader.address.key()])
}

/// Where one reader leaves: on the web where there is one, by mail otherwise.
pub fn unsubscribe_url(edition: &Edition, reader: &Subscriber, key: &Key) -> String {
    way_to_leave(edition, &leave_token(edition, reader, key))
}

fn way_to_leave(edition: &Edition, token: &str) -> String {
    leave_page(edition, token)
        .or_else(|| mailto_to_leave(edition, token))
        .unwrap_or_default()
}

pub(super) fn leave_page(edition: &Edition, token: &str) -> Option<String> {
    let url = edition.sender.web_url.as_ref()?;
    Some(format!("{url}/leave/{token}"))
}

pub(super) fn mailto_to_leave(edition: &Edition, token: &str) -> Option<String> {
    let address = edition.sender.unsubscribe_mailto.as_ref()?;
    // In a `mailto:` a local part is percent-encoded (RFC 6068 section 2).
    let local = escape::url_segment(address.local_part());
    let domain = address.domain();
    Some(format!("mailto:{local}@{domain}?subject=leave%20{token}"))
}
