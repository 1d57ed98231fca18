//! The publication: `newsletter.toml`, read and checked.

mod advice;
mod blanks;
mod free_mail;
mod mailbox;
mod rate;
mod reach;
mod read;
mod relays;
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

/// Words of `newsletter.toml` that recipients read.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The value.
    pub text: Text,
    /// The bytes before it are words; what follows is an address.
    pub end: usize,
}

/// Who publishes, in which look, and how it is sent.
#[derive(Debug, Clone)]
pub struct Newsletter {
    /// The newsletter's name.
    pub name: String,
    /// Its identity among all lists (RFC 2919), the same for ever.
    pub list_id: String,
    /// Who writes.
    pub from: Mailbox,
    /// Who reads the answers.
    pub reply_to: Option<Mailbox>,
    /// The language of an issue that names none.
    pub language: Language,
    /// The zone of every time without an offset.
    pub time_zone: TimeZone,
    /// The template of an issue that names none.
    pub template: String,
    /// Where that template is named.
    pub template_place: Option<Place>,
    /// Where readers find the newsletter on the web, without a slash at the end.
    pub web_url: Option<Url>,
    /// Where a mail to leave goes.
    pub unsubscribe_mailto: Option<Address>,
    /// How pictures travel.
    pub pictures: Pictures,
    /// How the lines of the plain text end.
    pub text: TextForm,
    /// The line under the name in the masthead.
    pub tagline: Option<String>,
    /// The postal address in the footer.
    pub address: Option<String>,
    /// Where readers learn what becomes of their data.
    pub privacy_url: Option<Url>,
    /// What a placeholder says for a reader without a value.
    pub defaults: BTreeMap<String, String>,
    /// Whether there may be more defaults, which could not be read.
    pub has_unread_defaults: bool,
    /// The words that recipients read, for the checks.
    pub passages: Vec<Passage>,
    /// The tags that audience rules may name though no subscriber has them yet, each with its meaning.
    pub tags: BTreeMap<String, String>,
    /// The codes of warnings that are not told, each with the reason.
    pub allow: BTreeMap<String, String>,
    /// The relay; without one, letters are files.
    pub smtp: Option<Smtp>,
    /// Who signs the letters here; without it the relay may.
    pub dkim: Option<Dkim>,
    /// Where the ledger is kept.
    pub store: StoreUrl,
}

/// How pictures travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pictures {
    /// As parts of the letter.
    #[default]
    Embed,
    /// On the web, below `web_url`.
    Link,
}

/// How the lines of the plain text end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextForm {
    /// Where the program wrapped them.
    #[default]
    Wrapped,
    /// In paragraphs, with a space where a reader's program may join them again (RFC 3676).
    Flowed,
}

impl Newsletter {
    /// Whether placeholders and headers may use `web_url`.
    pub fn has_web(&self) -> bool {
        self.web_url.is_some()
    }
}
