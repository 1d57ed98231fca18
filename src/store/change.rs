//! How a change updates the row of its delivery.

use super::{Change, MailedToken, RecordedRefusal, State};
use crate::outcome::{Diagnostic, EnhancedStatus};

/// The new values of a delivery's row, and the states from which the change may start.
#[derive(Debug)]
pub(super) struct DeliveryUpdate<'a> {
    pub(super) number: i64,
    /// The states before, each between two bars: `|leased|in_data|`.
    pub(super) from: &'static str,
    pub(super) state: State,
    /// The new text; `None` keeps the old one with its codes.
    pub(super) why: Option<&'a str>,
    /// The reply code of the new text.
    pub(super) reply_code: Option<i64>,
    /// The enhanced status code of the new text.
    pub(super) enhanced_status: Option<EnhancedStatus>,
    pub(super) next_try: Option<i64>,
    pub(super) at: i64,
    /// Added to the number of attempts.
    pub(super) attempts: i64,
    /// The relay; `None` keeps the old value, and [`NO_RELAY`] clears it.
    pub(super) relay: Option<&'a str>,
    /// The edition of the message, unless the delivery is bound to one already.
    pub(super) edition: Option<i64>,
}

impl<'a> DeliveryUpdate<'a> {
    /// The enhanced status code as the ledger stores it.
    pub(super) fn enhanced_status(&self) -> Option<String> {
        self.enhanced_status.map(|status| status.to_string())
    }

    fn new(number: i64, from: &'static str, state: State, at: i64) -> Self {
        Self {
            number,
            from,
            state,
            why: None,
            reply_code: None,
            enhanced_status: None,
            next_try: None,
            at,
            attempts: 0,
            relay: None,
            edition: None,
        }
    }

    fn diagnostic(self, diagnostic: &'a Diagnostic) -> Self {
        Self {
            why: Some(&diagnostic.text),
            reply_code: diagnostic.reply_code.map(i64::from),
            enhanced_status: diagnostic.enhanced_status,
            ..self
        }
    }

    fn why(self, why: &'a str) -> Self {
        let why = Some(why);
        Self { why, ..self }
    }

    fn not_before(self, moment: i64) -> Self {
        let next_try = Some(moment);
        Self { next_try, ..self }
    }

    /// Nothing was sent, so the attempt does not count.
    fn unsent(self) -> Self {
        Self {
            attempts: -1,
            relay: NO_RELAY,
            ..self
        }
    }
}

/// The relay of a delivery that was leased and not sent.
const NO_RELAY: Option<&str> = Some("");

const LEASED: &str = "|leased|";
const LEASED_OR_IN_DATA: &str = "|leased|in_data|";
const IN_DATA: &str = "|in_data|";

impl Change {
    /// The refusal that this change records, if it is one.
    pub(super) fn refused(&self) -> Option<RecordedRefusal> {
        match *self {
            Self::Refused { number, reason, .. } => Some(RecordedRefusal { number, reason }),
            _ => None,
        }
    }

    /// The update of the delivery's row.
    pub(super) fn update(&self) -> DeliveryUpdate<'_> {
        let (number, at) = self.number_and_time();
        let update = |from, state| DeliveryUpdate::new(number, from, state, at);
        match self {
            Self::Intent { relay, edition, .. } => DeliveryUpdate {
                relay: Some(relay),
                edition: Some(*edition),
                ..update(LEASED, State::InData)
            },
            Self::Accepted { diagnostic, .. } => {
                update(IN_DATA, State::Accepted).diagnostic(diagnostic)
            }
            Self::Uncertain { diagnostic, .. } => {
                update(IN_DATA, State::Uncertain).diagnostic(diagnostic)
            }
            Self::Refused { diagnostic, .. } => {
                update(LEASED_OR_IN_DATA, State::Refused).diagnostic(diagnostic)
            }
            Self::Deferred {
                diagnostic,
                next_try,
                ..
            } => update(LEASED_OR_IN_DATA, State::Deferred)
                .diagnostic(diagnostic)
                .not_before(*next_try),
            Self::Postponed { why, next_try, .. } => update(LEASED_OR_IN_DATA, State::Deferred)
                .unsent()
                .why(why)
                .not_before(*next_try),
            Self::Excluded { why, .. } => update(LEASED, State::Excluded).unsent().why(why),
            Self::Release { .. } => update(LEASED_OR_IN_DATA, State::Ready).unsent(),
        }
    }

    /// The token of the message that is about to be sent, with the time.
    pub(super) fn token(&self) -> Option<(&MailedToken, i64)> {
        match self {
            Self::Intent { token, at, .. } => token.as_ref().map(|token| (token, *at)),
            _ => None,
        }
    }

    fn number_and_time(&self) -> (i64, i64) {
        match *self {
            Self::Intent { number, at, .. }
            | Self::Accepted { number, at, .. }
            | Self::Deferred { number, at, .. }
            | Self::Refused { number, at, .. }
            | Self::Uncertain { number, at, .. }
            | Self::Release { number, at }
            | Self::Excluded { number, at, .. }
            | Self::Postponed { number, at, .. } => (number, at),
        }
    }
}
