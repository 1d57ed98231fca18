//! The plan of a run that continues a campaign, made without writing to the ledger.

use super::event::{CampaignEvent, Events};
use super::recipients::require_open;
use crate::delivery::StatusIndex;
use crate::store::{Departures, REMOVED, Remaining, Send, State, Store, StoreError, Totals};
use crate::subscriber::Address;
use crate::workspace::{Failure, FailureKind};

/// The remaining deliveries of a campaign, without the recipients who have left the list since it began.
pub struct ResumePlan {
    /// The number of recipients to whom the run would send.
    pub recipients: usize,
    /// The key of the first of them.
    pub first: Option<String>,
    /// The totals after the departed recipients are excluded.
    pub totals: Totals,
    /// The departed recipients whose deliveries are open.
    departed: Departures,
}

impl ResumePlan {
    /// Counts the deliveries that a run would try under the policy of `send`; with `only`, for that mailbox only.
    pub(super) fn of(
        store: &Store,
        send: &Send,
        statuses: &StatusIndex,
        only: Option<&Address>,
    ) -> Result<Self, Failure> {
        if let Some(only) = only {
            require_open(store, send, only)?;
            require_active(statuses, only)?;
        }
        let mut resume_plan = Self {
            recipients: 0,
            first: None,
            totals: store.totals(send)?,
            departed: Departures::default(),
        };
        let only = only.map(Address::key);
        store.each_remaining(send, |left| match statuses.reason(&left.address_key) {
            Some(why) => resume_plan.exclude(left, why),
            None => resume_plan.count(left, only.as_deref()),
        })?;
        Ok(resume_plan)
    }

    fn count(&mut self, left: &Remaining, only: Option<&str>) {
        self.departed.open += usize::from(is_open(left));
        if only.is_none_or(|only| only == left.address_key) {
            self.recipients += 1;
            self.first.get_or_insert_with(|| left.address_key.clone());
        }
    }

    /// An uncertain delivery that would be sent again is excluded too, but does not count as a change of the list.
    fn exclude(&mut self, left: &Remaining, why: &str) {
        let before = match left.state {
            State::Deferred => &mut self.totals.deferred,
            State::Uncertain => &mut self.totals.uncertain,
            _ => &mut self.totals.untried,
        };
        *before = before.saturating_sub(1);
        self.totals.excluded += 1;
        *self.totals.reasons.entry(why.to_owned()).or_default() += 1;
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

    /// Reports the recipients who would be excluded, and whether a run without a confirmation would pause the campaign
    /// instead.
    pub(super) fn report_departed(&self, send: &Send, events: &dyn Events) {
        events.event(match self.departed.is_accident() {
            true => CampaignEvent::WouldPause(self.departed, send),
            false => CampaignEvent::Departed(self.departed),
        });
    }
}

/// Checks that the subscriber at `address` is still on the list and active.
fn require_active(statuses: &StatusIndex, address: &Address) -> Result<(), Failure> {
    match statuses.reason(&address.key()) {
        None => Ok(()),
        Some(why) => {
            let message = format!("`{address}` is excluded, {why}");
            Err(Failure::new(FailureKind::Usage, message))
        }
    }
}

/// How many uncertain deliveries a run would send again.
pub(super) fn sent_again(
    store: &Store,
    send: &Send,
    statuses: &StatusIndex,
) -> Result<u32, StoreError> {
    let mut count = 0;
    each(store, send, statuses, None, |left| {
        count += u32::from(!is_open(left));
    })?;
    Ok(count)
}

fn is_open(left: &Remaining) -> bool {
    matches!(left.state, State::Ready | State::Leased | State::Deferred)
}

/// Calls `visit` for every delivery that a run would try, in the order of the list; with `only`, for that mailbox only.
pub(super) fn each(
    store: &Store,
    send: &Send,
    statuses: &StatusIndex,
    only: Option<&Address>,
    mut visit: impl FnMut(&Remaining),
) -> Result<(), StoreError> {
    let only = only.map(Address::key);
    store.each_remaining(send, |left| {
        let is_selected = only.as_ref().is_none_or(|only| *only == left.address_key);
        if is_selected && statuses.reason(&left.address_key).is_none() {
            visit(left);
        }
    })
}
