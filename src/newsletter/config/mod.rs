//! The newsletter's configuration: `newsletter.toml`, read and checked.

mod advice;
mod blanks;
mod free_mail;
mod mailbox;
mod rate;
mod reach;
mod read;
mod relays;
mod retention;
mod secret;
mod signing;
mod starter;
mod store_url;
mod zones;

pub use mailbox::{Mailbox, MailboxError};
pub use rate::{Rate, RateError};
pub use reach::is_this_machine;
pub use read::read;
pub use relays::{RelayConfig, SecretKind, Smtp, TlsMode};
pub use retention::{Retention, RetentionError, RetentionTimes};
pub use secret::{Password, PasswordSource, SecretError};
pub use signing::{Dkim, is_selector, signing_domain};
pub use store_url::{StoreUrl, StoreUrlError};

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use url::Url;

use crate::diag::Place;
use crate::language::Language;
use crate::subscriber::Address;
use crate::toml_file::Text;

/// The file that makes a directory a newsletter.
pub const FILE: &str = "newsletter.toml";

/// A value of `newsletter.toml` that recipients read.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The value.
    pub text: Text,
    /// The length of the words at its beginning; an address follows them.
    pub end: usize,
}

/// A newsletter: its sender, its template and its delivery settings.
///
/// # Examples
///
/// ```
/// let newsletter = franking::Workspace::open(".")?.load()?.newsletter;
/// assert_eq!(newsletter.name, "The Confluence Letter");
/// assert!(newsletter.smtp.is_none(), "messages become files");
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone)]
pub struct Newsletter {
    /// The name of the newsletter.
    pub name: String,
    /// The list identifier (RFC 2919), which never changes.
    pub list_id: String,
    /// The sender.
    pub from: Mailbox,
    /// The destination of replies.
    pub reply_to: Option<Mailbox>,
    /// The default language of issues.
    pub language: Language,
    /// The time zone of every time without an offset.
    pub time_zone: TimeZone,
    /// The default template of issues.
    pub template: String,
    /// The location of the key `template`.
    pub template_place: Option<Place>,
    /// The newsletter's website, without a trailing slash.
    pub web_url: Option<Url>,
    /// The address for unsubscribing by mail.
    pub unsubscribe_mailto: Option<Address>,
    /// How pictures are delivered.
    pub pictures: Pictures,
    /// The format of the plain text part.
    pub text: TextForm,
    /// The line under the name in the masthead.
    pub tagline: Option<String>,
    /// The postal address in the footer.
    pub address: Option<String>,
    /// The privacy policy.
    pub privacy_url: Option<Url>,
    /// The default values of placeholders.
    pub defaults: BTreeMap<String, String>,
    /// Whether some defaults could not be read.
    pub has_unread_defaults: bool,
    /// The values that recipients read, for the checks.
    pub passages: Vec<Passage>,
    /// The declared tags with their meanings: audience rules may use them before a subscriber has them.
    pub tags: BTreeMap<String, String>,
    /// The codes of warnings that are not reported, with the reasons.
    pub allow: BTreeMap<String, String>,
    /// The relays; without any, messages are written to files.
    pub smtp: Option<Smtp>,
    /// The DKIM signature; without it, the relay may sign.
    pub dkim: Option<Dkim>,
    /// The location of the ledger.
    pub store: StoreUrl,
    /// Where the subscriber list is.
    pub list: ListLocation,
    /// How long personal data is kept.
    pub privacy: RetentionTimes,
}

/// Where the subscriber list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListLocation {
    /// In `subscribers.toml`.
    #[default]
    File,
    /// In the store.
    Store,
}

/// How pictures are delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pictures {
    /// As parts of the message.
    #[default]
    Embed,
    /// Loaded from the website, below `web_url`.
    Link,
}

/// The format of the plain text part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextForm {
    /// Lines are wrapped.
    #[default]
    Wrapped,
    /// Paragraphs that mail clients wrap, `format=flowed` (RFC 3676).
    Flowed,
}

impl Newsletter {
    /// Whether the newsletter has a website.
    pub fn has_web(&self) -> bool {
        self.web_url.is_some()
    }
}
