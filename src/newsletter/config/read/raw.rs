//! `newsletter.toml` as the file has it: every key optional, no value checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

/// A string value with its location.
pub(super) type RawText = Option<Spanned<String>>;
/// Strings by keys that the editor chooses.
pub(super) type RawTable = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawNewsletter {
    pub(super) name: RawText,
    pub(super) list_id: RawText,
    pub(super) from: RawText,
    pub(super) reply_to: RawText,
    pub(super) language: RawText,
    pub(super) time_zone: RawText,
    pub(super) template: RawText,
    pub(super) web_url: RawText,
    pub(super) unsubscribe_mailto: RawText,
    pub(super) pictures: RawText,
    pub(super) text: RawText,
    pub(super) tagline: RawText,
    pub(super) address: RawText,
    pub(super) privacy_url: RawText,
    pub(super) defaults: RawTable,
    pub(super) tags: RawTable,
    pub(super) check: RawCheck,
    /// Read separately, in two parts. A value that is not a table is left here, so that its type is reported.
    #[serde(rename = "smtp")]
    pub(super) _smtp: Option<RawRelay>,
    pub(super) dkim: Option<Spanned<RawDkim>>,
    pub(super) store: Option<RawStore>,
    pub(super) list: Option<RawListTable>,
    pub(super) privacy: Option<RawPrivacy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawPrivacy {
    pub(super) keep: RawText,
    pub(super) evidence: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawCheck {
    pub(super) allow: RawTable,
}

/// The keys of `[smtp]` that concern all relays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawSmtp {
    pub(super) connections: Option<Spanned<usize>>,
    pub(super) window: Option<Spanned<usize>>,
    pub(super) per_domain: RawTable,
    pub(super) relay: Vec<Spanned<RawRelay>>,
}

/// The names of those keys.
pub(super) const OF_ALL_RELAYS: [&str; 4] = ["connections", "window", "per_domain", "relay"];

/// The keys of one relay, in `[smtp]` and in `[[smtp.relay]]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawRelay {
    pub(super) host: RawText,
    pub(super) port: Option<Spanned<usize>>,
    pub(super) tls: RawText,
    pub(super) ca_file: RawText,
    pub(super) user: RawText,
    pub(super) auth: RawText,
    /// Read to be refused.
    #[serde(
        alias = "pass",
        alias = "passwd",
        alias = "secret",
        alias = "token",
        alias = "api_key"
    )]
    pub(super) password: Option<IgnoredAny>,
    pub(super) password_command: Option<Spanned<Vec<String>>>,
    pub(super) password_file: RawText,
    pub(super) connections: Option<Spanned<usize>>,
    pub(super) daily: Option<Spanned<usize>>,
    pub(super) warm_up: Vec<Spanned<usize>>,
    pub(super) rate: RawText,
    pub(super) weight: Option<Spanned<usize>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawDkim {
    pub(super) domain: RawText,
    pub(super) selector: RawText,
    pub(super) key_file: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawStore {
    pub(super) url: RawText,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawListTable {
    pub(super) source: RawText,
}
