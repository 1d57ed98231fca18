//! What a run would do of a campaign that has begun, counted without a write.

use super::super::dispatch;
use super::Arguments;
use super::sending::Sending;
use crate::cli::terminal;
use crate::delivery::StatusIndex;
use crate::store::{Departed, Left, REMOVED, Send, State, Store, StoreError, Sum};
use crate::subscriber::Address;
use crate::util::escape;
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// What is left of a campaign, without the recipients who have left the list since it began.
pub(super) struct Outlook {
    /// How many recipients the run would serve.
    pub(super) recipients: usize,
    /// The mailbox of the first.
    pub(super) first: Option<String>,
    /// The account when those who have left are excluded.
    pub(super) sum: Sum,
    /// How many have left of those whose deliveries are open.
    departed: Departed,
}

impl Outlook {
    /// That of a run under the policy of `send`; with `only`, for that mailbox alone.
    pub(super) fn of(
        store: &Store,
        send: &Send,
        standings: &StatusIndex,
        only: Option<&Address>,
    ) -> Result<Self, Failure> {
        if let Some(only) = only {
            dispatch::require_open(store, send, only)?;
            if let Some(why) = standings.reason(&only.key()) {
                let message = format!("`{only}` is excluded, {why}");
                return Err(Failure::new(FailureKind::Usage, message));
            }
        }
        let mut outlook = Self {
            recipients: 0,
            first: None,
            sum: store.sum(send)?,
            departed: Departed::default(),
        };
        let only = only.map(Address::key);
        store.left(send, |left| match standings.reason(&left.address_key) {
            Some(why) => outlook.leave_out(left, why),
            None => outlook.count(left, only.as_deref()),
        })?;
        Ok(outlook)
    }

    fn count(&mut self, left: &Left, only: Option<&str>) {
        self.departed.open += usize::from(is_open(left));
        if only.is_none_or(|only| only == left.address_key) {
            self.recipients += 1;
            self.first.get_or_insert_with(|| left.address_key.clone());
        }
    }

    /// A delivery that is uncertain and sent again is left out too, and is no part of the change of the list.
    fn leave_out(&mut self, left: &Left, why: &str) {
        let before = match left.state {
            State::Deferred => &mut self.sum.deferred,
            State::Uncertain => &mut self.sum.uncertain,
            _ => &mut self.sum.untried,
        };
        *before = before.saturating_sub(1);
        self.sum.excluded += 1;
        *self.sum.reasons.entry(why.to_owned()).or_default() += 1;
        if !is_open(left) {
            return;
        }
        self.departed.open += 1;
        match why {
            REMOVED => self.departed.removed += 1,
            _ => self.departed.inactive += 1,
        }
        self.departed.excluded += 1;
    }

    /// Says who would be excluded, and where a run without agreement would pause the campaign instead.
    pub(super) fn tell_departed(&self, sending: &Sending<'_>, send: &Send) {
        if !self.departed.is_accident() {
            sending.tell_departed(self.departed);
            return;
        }
        terminal::warning(&self.departed.to_string());
        let word = escape::shell(&send.issue);
        terminal::hint(&format!(
            "without agreement a run pauses the campaign; `franking resume {word}` asks, and continues without them"
        ));
    }
}

/// A campaign that has begun as a run would continue it: under the policy of the issue as it is now, with the statuses of
/// the present list. Both are read for `franking plan`, and nothing is written.
pub(in crate::cli) struct Continued<'a> {
    sending: Sending<'a>,
    pub(in crate::cli) send: Send,
}

impl<'a> Continued<'a> {
    /// `arguments` are those of a run that sends the frozen edition although its file is gone: [`Continued::arguments`].
    pub(in crate::cli) fn of(
        arguments: &'a Arguments,
        workspace: &'a Workspace,
        sources: &'a Sources,
        send: Send,
        issue: &'a str,
    ) -> Result<Self, Failure> {
        let sending = Sending {
            arguments,
            workspace,
            sources,
            issue,
        };
        let send = sending.with_policy_of_today(send)?;
        Ok(Self { sending, send })
    }

    pub(in crate::cli) fn arguments() -> Arguments {
        Arguments {
            frozen: true,
            ..Arguments::default()
        }
    }

    /// Tells `hear` of every delivery that a run would try.
    pub(in crate::cli) fn each(
        &self,
        store: &Store,
        only: Option<&Address>,
        hear: impl FnMut(&Left),
    ) -> Result<(), Failure> {
        let standings = self.sending.standings()?;
        let outlook = Outlook::of(store, &self.send, &standings, only)?;
        outlook.tell_departed(&self.sending, &self.send);
        Ok(each(store, &self.send, &standings, only, hear)?)
    }
}

/// How many deliveries whose message may have left a run would send again.
pub(super) fn sent_again(
    store: &Store,
    send: &Send,
    standings: &StatusIndex,
) -> Result<u32, StoreError> {
    let mut count = 0;
    each(store, send, standings, None, |left| {
        count += u32::from(!is_open(left));
    })?;
    Ok(count)
}

fn is_open(left: &Left) -> bool {
    matches!(left.state, State::Ready | State::Leased | State::Deferred)
}

/// Tells `hear` of every delivery that a run would try, in the order of the list; with `only`, of that mailbox alone.
pub(super) fn each(
    store: &Store,
    send: &Send,
    standings: &StatusIndex,
    only: Option<&Address>,
    mut hear: impl FnMut(&Left),
) -> Result<(), StoreError> {
    let only = only.map(Address::key);
    store.left(send, |left| {
        let is_meant = only.as_ref().is_none_or(|only| *only == left.address_key);
        if is_meant && standings.reason(&left.address_key).is_none() {
            hear(left);
        }
    })
}
