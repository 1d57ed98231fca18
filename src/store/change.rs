//! What a change asks of a delivery's row, and what it makes of it.

use super::{Change, RecordedRefusal, State};
use crate::outcome::{Diagnostic, EnhancedStatus};

/// A row behind a change, and the states before it that allow it.
#[derive(Debug)]
pub(super) struct DeliveryUpdate<'a> {
    pub(super) number: i64,
    /// The states before, with a bar on either side of each.
    pub(super) from: &'static str,
    pub(super) state: State,
    /// The new text; `None` leaves the old one, with its codes.
    pub(super) why: Option<&'a str>,
    /// The reply code of the new text.
    pub(super) reply_code: Option<i64>,
    /// The enhanced status code of the new text.
    pub(super) enhanced_status: Option<EnhancedStatus>,
    pub(super) next_try: Option<i64>,
    pub(super) at: i64,
    /// What is added to the number of tries.
    pub(super) attempts: i64,
    /// Over which relay it goes; `None` leaves what was there, and [`NOWHERE`] that it went over none.
    pub(super) relay: Option<&'a str>,
    /// The edition that the message is written from, if none was before.
    pub(super) edition: Option<i64>,
}

impl<'a> DeliveryUpdate<'a> {
    /// The enhanced status code as the ledger keeps it.
    pub(super) fn enhanced_status(&self) -> Option<String> {
        self.enhanced_status.map(|status| status.to_string())
    }

    fn with(self, diagnostic: &'a Diagnostic) -> Self {
        Self {
            why: Some(&diagnostic.text),
            reply_code: diagnostic.reply_code.map(i64::from),
            enhanced_status: diagnostic.enhanced_status,
            ..self
        }
    }
}

/// The relay of what was taken and not sent.
const NOWHERE: Option<&str> = Some("");

const TAKEN: &str = "|leased|";
const TRIED: &str = "|leased|in_data|";
const SENT: &str = "|in_data|";

impl Change {
    /// What it says of a reader, where it refuses one.
    pub(super) fn refused(&self) -> Option<RecordedRefusal> {
        match *self {
            Self::Refused { number, reason, .. } => Some(RecordedRefusal { number, reason }),
            _ => None,
        }
    }

    pub(super) fn update(&self) -> DeliveryUpdate<'_> {
        let to = |number: &i64, from, state, at: &i64| DeliveryUpdate {
            number: *number,
            from,
            state,
            why: None,
            reply_code: None,
            enhanced_status: None,
            next_try: None,
            at: *at,
            attempts: 0,
            relay: None,
            edition: None,
        };
        match self {
            Self::Intent {
                number,
                relay,
                edition,
                at,
            } => DeliveryUpdate {
                relay: Some(relay),
                edition: Some(*edition),
                ..to(number, TAKEN, State::InData, at)
            },
            Self::Accepted {
                number,
                diagnostic,
                at,
            } => to(number, SENT, State::Accepted, at).with(diagnostic),
            Self::Deferred {
                number,
                diagnostic,
                next_try,
                at,
            } => DeliveryUpdate {
                next_try: Some(*next_try),
                ..to(number, TRIED, State::Deferred, at).with(diagnostic)
            },
            Self::Refused {
                number,
                diagnostic,
                at,
                ..
            } => to(number, TRIED, State::Refused, at).with(diagnostic),
            Self::Uncertain {
                number,
                diagnostic,
                at,
            } => to(number, SENT, State::Uncertain, at).with(diagnostic),
            Self::Postponed {
                number,
                why,
                next_try,
                at,
            } => DeliveryUpdate {
                why: Some(why),
                next_try: Some(*next_try),
                attempts: -1,
                relay: NOWHERE,
                ..to(number, TRIED, State::Deferred, at)
            },
            Self::Excluded { number, why, at } => DeliveryUpdate {
                why: Some(why),
                attempts: -1,
                relay: NOWHERE,
                ..to(number, TAKEN, State::Excluded, at)
            },
            Self::Release { number, at } => DeliveryUpdate {
                attempts: -1,
                relay: NOWHERE,
                ..to(number, TRIED, State::Ready, at)
            },
        }
    }
}
