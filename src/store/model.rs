//! The types of a campaign and its deliveries, as the ledger keeps them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::brake::{Brake, Braked, Halt};
use super::last_stop::LastStop;
use super::quota::{Quota, QuotaLimits};
use crate::newsletter::issue::OnUncertain;
use crate::outcome::{Diagnostic, EnhancedStatus, RejectReason};
use crate::subscriber::TokenDigest;
use crate::util::{escape, timestamp};

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not yet attempted.
    Ready,
    /// Leased by a connection; no message was sent.
    Leased,
    /// The message is being sent; the reply is outstanding.
    InData,
    /// Accepted by the relay.
    Accepted,
    /// Failed temporarily; it is retried.
    Deferred,
    /// Refused for good by the relay, or given up.
    Refused,
    /// Never attempted, for a recorded reason.
    Excluded,
    /// The connection was lost after the last byte of the message and before the reply.
    Uncertain,
}

impl State {
    /// All states, in the order in which a delivery may have them.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::Leased,
        Self::InData,
        Self::Accepted,
        Self::Deferred,
        Self::Refused,
        Self::Excluded,
        Self::Uncertain,
    ];

    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::InData => "in_data",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Excluded => "excluded",
            Self::Uncertain => "uncertain",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A campaign that is about to begin.
#[derive(Debug, Clone)]
pub struct NewSend {
    /// The issue's name; an issue is sent once.
    pub issue: String,
    /// The edition's digest.
    pub digest: String,
    /// The frozen edition.
    pub edition: Vec<u8>,
    /// The digest of the content without the head of the issue; empty if there is none.
    pub content: String,
    /// The subject, as the status shows it.
    pub subject: String,
    /// When it begins, in Unix seconds: the Date field of every message.
    pub started_at: i64,
    /// The policy for uncertain deliveries.
    pub on_uncertain: OnUncertain,
    /// Whether it begins with one recipient only.
    pub is_held: bool,
    /// Whether messages are written to files and not mailed. The issue can be sent afterwards.
    pub is_rehearsal: bool,
    /// Whether the list in the store decides who has left since it began.
    pub follows_list: bool,
    /// The number of the key of its unsubscribe tokens.
    pub token_key: u8,
}

/// A subscriber that the audience rule selects.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The address as the list writes it.
    pub address: String,
    /// The key of the mailbox: the same for all spellings of its address.
    pub address_key: String,
    /// The subscriber's name.
    pub name: Option<String>,
    /// The subscriber as JSON.
    pub subscriber: String,
    /// The reason of the exclusion, if the subscriber is excluded.
    pub exclusion: Option<Cow<'static, str>>,
}

/// A campaign in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Send {
    /// Its number in the ledger.
    #[serde(skip)]
    pub id: i64,
    /// The issue's name.
    pub issue: String,
    /// The edition's digest.
    pub digest: String,
    /// The subject.
    pub subject: String,
    /// When it began, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub started_at: i64,
    /// When it finished, in Unix seconds; `None` while deliveries remain.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub finished_at: Option<i64>,
    /// The policy for uncertain deliveries.
    pub on_uncertain: OnUncertain,
    /// Whether it began with one recipient, and the others wait for the operator.
    pub is_held: bool,
    /// The brake that stops it.
    pub brake: Option<Braked>,
    /// The number of the edition of new messages.
    #[serde(skip)]
    pub edition: i64,
    /// When a run last recorded that it works on it, in Unix seconds.
    #[serde(skip)]
    pub touched_at: Option<i64>,
    /// When its quota resets, in Unix seconds, if a quota stops it.
    #[serde(skip)]
    pub waits_until: Option<i64>,
    /// How its last run ended, if it ended early.
    pub last_stop: Option<LastStop>,
    /// Whether its messages were written to files and not mailed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_rehearsal: bool,
}

impl Send {
    /// Whether it was cancelled, which cannot be undone.
    pub fn is_cancelled(&self) -> bool {
        self.has(Brake::Cancelled)
    }

    /// Whether this brake is set.
    pub fn has(&self, brake: Brake) -> bool {
        self.brake
            .as_ref()
            .is_some_and(|braked| braked.brake == brake)
    }
}

/// The next delivery, for a sender that has leased none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextDue {
    /// None remain.
    Nothing,
    /// A delivery that falls due at this moment, in Unix seconds; 0 for one that is ready now.
    At(i64),
    /// Other senders hold leases, which may expire.
    Others,
}

/// A request for deliveries.
#[derive(Debug, Clone)]
pub struct LeaseRequest {
    /// The maximum number of deliveries.
    pub limit: usize,
    /// The current time, in Unix seconds.
    pub now: i64,
    /// The key of the only mailbox to deliver to.
    pub only: Option<String>,
    /// The relay, by its name in the ledger.
    pub relay: Arc<str>,
    /// The relay's quota.
    pub quota: Arc<QuotaLimits>,
    /// Whether recipients who have left the list in the store are excluded: see [`NewSend::follows_list`].
    pub follows_list: bool,
}

/// The answer to a [`LeaseRequest`].
#[derive(Debug, Clone, PartialEq)]
pub enum LeaseResult {
    /// The leased deliveries; empty if none is ready or due.
    Deliveries(Vec<Leased>),
    /// Deliveries are due, but the relay's quota is used up.
    QuotaReached(Quota),
    /// The campaign is stopped.
    Halted(Halt),
}

/// A delivery that a connection has leased.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// Its number in the campaign.
    pub number: i64,
    /// The subscriber as JSON.
    pub subscriber: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The time of the first attempt, in Unix seconds.
    pub first_try: i64,
    /// The number of the edition of its message.
    pub edition: i64,
}

/// A delivery as `status` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// The address.
    pub address: String,
    /// The recipient's name.
    pub name: Option<String>,
    /// The state.
    pub state: State,
    /// The relay's reply, or the reason of an exclusion.
    #[serde(rename = "diagnostic")]
    pub why: Option<String>,
    /// The code of the relay's reply.
    pub reply_code: Option<u16>,
    /// The enhanced status code of the relay's reply (RFC 3463).
    #[serde(serialize_with = "as_text")]
    pub enhanced_status: Option<EnhancedStatus>,
    /// The number of attempts.
    pub attempts: u32,
    /// When the next attempt is due, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub next_try: Option<i64>,
    /// When its state changed, in Unix seconds. After a crash, an uncertain delivery keeps the time at which the message
    /// was about to be sent, which is where to look in the relay's log.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub changed_at: Option<i64>,
    /// The relay that it was sent to, or was about to be, by its name in the ledger.
    pub relay: Option<String>,
    /// The number of the edition whose message may have left; `None` before that.
    pub edition: Option<i64>,
    /// After how many days the address, the name and the reply were removed; see [`Store::remove_addresses`].
    ///
    /// [`Store::remove_addresses`]: super::Store::remove_addresses
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_after: Option<u32>,
}

/// The reason of a delivery that is uncertain because its sender was killed or lost.
pub(super) const SENDER_STOPPED: &str = "the sender was stopped before the reply";

impl Delivery {
    /// The address for people, or `(removed after 30 days)`.
    pub fn shown_address(&self) -> Cow<'_, str> {
        match self.removed_after {
            _ if !self.address.is_empty() => Cow::Owned(escape::terminal(&self.address)),
            Some(1) => Cow::Borrowed("(removed after 1 day)"),
            Some(days) => Cow::Owned(format!("(removed after {days} days)")),
            None => Cow::Borrowed("(removed)"),
        }
    }

    /// The delivery if no run is active: one that is `in_data` is uncertain.
    #[must_use]
    pub fn without_runs(self) -> Self {
        if self.state != State::InData {
            return self;
        }
        Self {
            state: State::Uncertain,
            why: Some(SENDER_STOPPED.to_owned()),
            reply_code: None,
            enhanced_status: None,
            ..self
        }
    }
}

fn as_text<S: serde::Serializer>(
    status: &Option<EnhancedStatus>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = status.map(|status| status.to_string());
    text.serialize(serializer)
}

/// The unsubscribe token of a message, and whom it unsubscribes.
#[derive(Debug, Clone, PartialEq)]
pub struct MailedToken {
    /// The digest of the token.
    pub digest: TokenDigest,
    /// The key of the mailbox.
    pub address_key: String,
}

/// A change of one delivery. `at` is in Unix seconds.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of `Delivery`")]
pub enum Change {
    /// The message is about to be sent to this relay.
    Intent {
        number: i64,
        relay: Arc<str>,
        /// The edition of all messages of this delivery from now on.
        edition: i64,
        /// The token of its unsubscribe links; `None` if the message is not mailed.
        token: Option<MailedToken>,
        at: i64,
    },
    /// The relay accepted the message.
    Accepted {
        number: i64,
        diagnostic: Diagnostic,
        at: i64,
    },
    /// A temporary failure.
    Deferred {
        number: i64,
        diagnostic: Diagnostic,
        next_try: i64,
        at: i64,
    },
    /// A permanent failure. The reason decides whether the address is suppressed.
    Refused {
        number: i64,
        diagnostic: Diagnostic,
        reason: RejectReason,
        at: i64,
    },
    /// The connection was lost after the last byte of the message and before the reply.
    Uncertain {
        number: i64,
        diagnostic: Diagnostic,
        at: i64,
    },
    /// Nothing was sent; the attempt does not count.
    Release { number: i64, at: i64 },
    /// Nothing was sent and nothing will be: the recipient left the list.
    Excluded { number: i64, why: String, at: i64 },
    /// Nothing was sent, and it is not leased again before `next_try`.
    Postponed {
        number: i64,
        why: String,
        next_try: i64,
        at: i64,
    },
}

/// The operator's decision about an uncertain delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// The key of the mailbox.
    pub address_key: String,
    /// Whether the message arrived. If not, it is sent again.
    pub has_arrived: bool,
    /// The reason in the ledger.
    pub why: String,
}

/// The deliveries of a run that did not end normally.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Leased but not sent: ready again.
    pub released: usize,
    /// May have been sent: uncertain now.
    pub uncertain: usize,
    /// Uncertain, and sent again by the issue's policy.
    pub resent: usize,
}
