//! The publication: `newsletter.toml`, read and checked.

mod advice;
mod blanks;
mod mailbox;
mod rate;
mod reach;
mod read;
mod secret;
mod signing;
mod starter;
mod store_url;
mod zones;

pub use mailbox::{Mailbox, MailboxError};
pub use rate::{Rate, RateError};
pub use reach::is_this_machine;
pub use read::{FILE, read};
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

/// The relays that take the letters, and how they are used together.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The first relay, which also takes what is sent without a ledger.
    pub relay: RelayConfig,
    /// Those beside it.
    pub further: Vec<RelayConfig>,
    /// How many connections are open at once, over all relays.
    pub connections: usize,
    /// How many messages are on their way over one connection at once, where the relay takes that (RFC 3030).
    /// So many are in doubt when it is lost.
    pub window: usize,
    /// The most messages in a time for single recipient domains, over all relays.
    pub per_domain: BTreeMap<String, Rate>,
}

/// A relay that takes letters.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: TlsMode,
    /// A certificate authority of one's own, a PEM file.
    pub ca_file: Option<std::path::PathBuf>,
    /// The name to log in with, and where its password is found.
    pub login: Option<(String, PasswordSource)>,
    /// What is found there.
    pub secret: SecretKind,
    /// The most connections that are open to it at once, if there is such a limit.
    pub most_connections: Option<usize>,
    /// Its part of the connections, among the weights of all.
    pub weight: usize,
    /// The most messages in any 24 hours.
    pub daily: Option<usize>,
    /// The most messages in the first, the second, … 24 hours since the first message of all; never fewer than
    /// in those before.
    pub warm_up: Vec<usize>,
    /// The most messages in a time, such as `20/s`.
    pub rate: Option<Rate>,
}

impl Smtp {
    /// Every relay with its connections: as its weight has it, but at least one.
    pub fn relays(&self) -> impl Iterator<Item = (&RelayConfig, usize)> {
        let relays: Vec<&RelayConfig> = std::iter::once(&self.relay).chain(&self.further).collect();
        let weights: Vec<usize> = relays.iter().map(|relay| relay.weight).collect();
        let shares = shares(self.connections, &weights);
        relays.into_iter().zip(shares).map(|(relay, share)| {
            let most = relay.most_connections.unwrap_or(share);
            (relay, share.min(most))
        })
    }
}

impl RelayConfig {
    /// The relay's name in the ledger and in what is said of it: `host:port`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// `total` in whole parts as the weights have it; each is at least 1, also where that makes more of them.
fn shares(total: usize, weights: &[usize]) -> Vec<usize> {
    let all = weights.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = weights.iter().map(|weight| total * weight / all).collect();
    let mut by_rest: Vec<usize> = (0..weights.len()).collect();
    by_rest.sort_by_key(|&n| std::cmp::Reverse(total * weights[n] % all));
    let left = total - shares.iter().sum::<usize>();
    for &number in by_rest.iter().take(left) {
        shares[number] += 1;
    }
    shares.into_iter().map(|share| share.max(1)).collect()
}

/// What the secret for the relay is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretKind {
    /// A password.
    #[default]
    Password,
    /// An access token, which `password_command` fetches: XOAUTH2, as Google and Microsoft have it.
    Token,
}

/// How the connection to the relay is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// STARTTLS (RFC 3207), required: a relay that does not offer it gets nothing.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all: on this machine only, or when the operator insists.
    None,
}

impl Newsletter {
    /// Whether placeholders and headers may use `web_url`.
    pub fn has_web(&self) -> bool {
        self.web_url.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_by_weight_and_everybody_has_one() {
        assert_eq!(shares(4, &[1]), [4]);
        assert_eq!(shares(4, &[3, 1]), [3, 1]);
        assert_eq!(shares(5, &[1, 1]), [3, 2]);
        assert_eq!(shares(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shares(4, &[100, 1]), [4, 1]);
        assert_eq!(shares(1, &[1, 1]), [1, 1]);
    }
}
