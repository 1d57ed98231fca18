//! The types of a campaign and its deliveries, as the ledger keeps them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::brake::{Brake, Braked, Halt};
use super::quota::{Quota, QuotaLimits};
use crate::newsletter::issue::OnUncertain;
use crate::outcome::{Diagnostic, EnhancedStatus, RejectReason};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not yet tried.
    Ready,
    /// LeaseResult by a connection; nothing that counts has been sent.
    Leased,
    /// The message is on its way; the reply is not here.
    InData,
    /// LeaseResult by the relay.
    Accepted,
    /// Not now; there will be another try.
    Deferred,
    /// Not at all.
    Refused,
    /// Never to be tried, with a reason.
    Excluded,
    /// Nobody can know.
    Uncertain,
}

impl State {
    /// Every state, in the order in which a delivery may pass them.
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

    /// The word that the ledger keeps.
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

/// A send that is about to begin.
#[derive(Debug, Clone)]
pub struct NewSend {
    /// The issue's name; an issue is sent once.
    pub issue: String,
    /// The edition's digest.
    pub digest: String,
    /// The frozen edition.
    pub edition: Vec<u8>,
    /// The digest of what it says, whatever the head of the issue is; empty for nothing.
    pub content: String,
    /// The subject, as the status shows it.
    pub subject: String,
    /// When it begins, in Unix seconds: the Date field of every letter.
    pub started_at: i64,
    /// What becomes of uncertain deliveries.
    pub on_uncertain: OnUncertain,
    /// Whether it begins for one reader alone.
    pub is_held: bool,
    /// Whether nothing is mailed: messages become files, and the issue can be sent afterwards.
    pub is_rehearsal: bool,
}

/// A reader whom the audience rule selects.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The address as the list writes it.
    pub address: String,
    /// What two spellings of one mailbox have in common.
    pub address_key: String,
    /// The reader's name, as the status shows it.
    pub name: Option<String>,
    /// The reader as JSON, frozen.
    pub reader: String,
    /// Why nothing is sent, if nothing is.
    pub exclusion: Option<Cow<'static, str>>,
}

/// A send as the ledger knows it.
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
    /// Unix seconds.
    pub started_at: i64,
    /// Unix seconds; `None` while something is left to do.
    pub finished_at: Option<i64>,
    /// What becomes of uncertain deliveries.
    pub on_uncertain: OnUncertain,
    /// Whether it was begun for one reader alone, and the others wait until somebody says so.
    pub is_held: bool,
    /// What stops it.
    pub brake: Option<Braked>,
    /// The number of the edition that new messages are written from.
    #[serde(skip)]
    pub edition: i64,
    /// When a run last said that it works on it, in Unix seconds.
    #[serde(skip)]
    pub touched_at: Option<i64>,
    /// Until when a quota keeps it from going on, in Unix seconds.
    #[serde(skip)]
    pub waits_until: Option<i64>,
    /// Whether nothing was mailed: its messages are files.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_rehearsal: bool,
}

impl Send {
    /// Whether it was cancelled, which is for good.
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

/// What is left for a sender that has found nothing to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextDue {
    /// Nothing at all.
    Nothing,
    /// A delivery that falls due at this moment, in Unix seconds; 0 for one that is ready now.
    At(i64),
    /// What other senders have in hand, and may leave behind.
    Others,
}

/// What a connection asks for.
#[derive(Debug, Clone)]
pub struct LeaseRequest {
    /// How many deliveries, at most.
    pub limit: usize,
    /// The moment at which they are ready or due, in Unix seconds.
    pub now: i64,
    /// The one address that they are to be for, as its key.
    pub only: Option<String>,
    /// Over which relay they are to go, by the name that the ledger gives it.
    pub relay: Arc<str>,
    /// How many letters that relay takes in a day.
    pub allowance: Arc<QuotaLimits>,
}

/// What it has been given.
#[derive(Debug, Clone, PartialEq)]
pub enum LeaseResult {
    /// These; none where there is nothing to take.
    Deliveries(Vec<Leased>),
    /// Nothing, although there is something to take: the relay's day has no room.
    QuotaReached(Quota),
    /// Nothing: the campaign is stopped.
    Halted(Halt),
}

/// A delivery that a connection has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// Its number in the send.
    pub number: i64,
    /// The reader as JSON.
    pub reader: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When the first try was, in Unix seconds.
    pub first_try: i64,
    /// The number of the edition that its message is written from.
    pub edition: i64,
}

/// A delivery as the status shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// The address.
    pub address: String,
    /// The reader's name.
    pub name: Option<String>,
    /// Where it stands.
    pub state: State,
    /// The relay's reply, or the reason.
    #[serde(rename = "diagnostic")]
    pub why: Option<String>,
    /// The code of the relay's reply.
    pub reply_code: Option<u16>,
    /// The enhanced status code of the relay's reply (RFC 3463).
    #[serde(serialize_with = "as_text")]
    pub enhanced_status: Option<EnhancedStatus>,
    /// How many tries there have been.
    pub attempts: u32,
    /// When the next try is due, in Unix seconds.
    pub next_try: Option<i64>,
    /// When it came into its state, in Unix seconds; what a crash has left in doubt keeps the moment at which
    /// the message was about to be sent, for that is where to look in the relay's log.
    pub changed_at: Option<i64>,
    /// Over which relay it went, or was about to go, by the name that the ledger gives it.
    pub relay: Option<String>,
    /// The number of the campaign's edition whose message may have left; `None` while none has.
    pub edition: Option<i64>,
}

fn as_text<S: serde::Serializer>(
    status: &Option<EnhancedStatus>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = status.map(|status| status.to_string());
    text.serialize(serializer)
}

/// A change of one delivery; `at` is in Unix seconds.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are those of `Delivery`")]
pub enum Change {
    /// The message is about to be sent over a relay, by the name that the ledger gives it.
    Intent {
        number: i64,
        relay: Arc<str>,
        /// From now on, the edition of every message of this delivery.
        edition: i64,
        at: i64,
    },
    /// The relay has taken it.
    Accepted {
        number: i64,
        diagnostic: Diagnostic,
        at: i64,
    },
    /// Not now.
    Deferred {
        number: i64,
        diagnostic: Diagnostic,
        next_try: i64,
        at: i64,
    },
    /// Not at all; what it says of the reader decides whether the address is suppressed.
    Refused {
        number: i64,
        diagnostic: Diagnostic,
        reason: RejectReason,
        at: i64,
    },
    /// Nobody can know.
    Uncertain {
        number: i64,
        diagnostic: Diagnostic,
        at: i64,
    },
    /// Nothing was sent; the try does not count.
    Release { number: i64, at: i64 },
    /// Nothing was sent and nothing will be: the recipient has left.
    Excluded { number: i64, why: String, at: i64 },
    /// The same, and it is not taken again before `next_try`.
    Postponed {
        number: i64,
        why: String,
        next_try: i64,
        at: i64,
    },
}

/// What a person has found out of an uncertain delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// Whose it is.
    pub address_key: String,
    /// Whether the letter has arrived; where it has not, it is sent again.
    pub has_arrived: bool,
    /// What the ledger keeps as the reason.
    pub why: String,
}

/// The account of a send. It has to add up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many readers were frozen, counted when the send began.
    pub candidates: u32,
    /// How many the relay has taken.
    pub accepted: u32,
    /// How many it has refused.
    pub refused: u32,
    /// How many are never tried.
    pub excluded: u32,
    /// How many wait for another try.
    pub deferred: u32,
    /// Of how many nobody can know.
    pub uncertain: u32,
    /// How many have not been tried to an end.
    pub untried: u32,
    /// The exclusions by reason.
    pub reasons: std::collections::BTreeMap<String, u32>,
}

impl Totals {
    /// Whether every candidate is accounted for.
    pub fn add_up(&self) -> bool {
        self.accepted + self.refused + self.excluded + self.deferred + self.uncertain + self.untried
            == self.candidates
    }

    /// How many are still to be served.
    pub fn open(&self) -> u32 {
        self.deferred + self.untried
    }

    /// Whether nothing is left to do.
    pub fn is_finished(&self) -> bool {
        self.deferred == 0 && self.untried == 0
    }
}

/// What was found after a run that did not end by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// LeaseResult, but certainly not sent: tried again.
    pub released: usize,
    /// Perhaps sent: uncertain now.
    pub doubtful: usize,
    /// Uncertain before or now, and sent again because the issue says so.
    pub resent: usize,
}
