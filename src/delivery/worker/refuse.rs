//! Records refusals, and takes them back if they are probably about the sender.

use std::ops::ControlFlow::{Break, Continue};

use super::Worker;
use super::record::with_recipient;
use crate::delivery::end::{Flow, StopReason, or_end};
use crate::delivery::now;
use crate::diag::counted;
use crate::outcome::{Diagnostic, RejectReason};
use crate::store::{BLOCKED, Change, DomainChange, DomainStatus, RecordedRefusal};
use crate::subscriber::Subscriber;

/// How many domains must reject messages as spam before the campaign stops.
const BLOCKING: u32 = 3;

impl Worker {
    /// Records a refusal. After too many refusals they are taken back, and the run stops.
    pub(super) async fn refuse(
        &self,
        recipient: &Subscriber,
        refused: RecordedRefusal,
        diagnostic: &Diagnostic,
        is_policy: bool,
    ) -> Flow {
        let reply = with_recipient(recipient, diagnostic);
        let breaker = &self.run.breaker;
        breaker.count_reply(refused.reason, is_policy, reply.clone());
        match self.record_refusal(refused, diagnostic, is_policy)? {
            Recorded::Released => Continue(()),
            Recorded::Counted if refused.reason == RejectReason::Blocked => {
                self.blocked(recipient, refused, diagnostic).await
            }
            Recorded::Counted => Continue(()),
            Recorded::Tripped(refusals) => {
                let count = counted(refusals.len(), "recipient");
                let why = format!(
                    "the relay has refused {count}, too many to be about the recipients: {reply}"
                );
                self.take_back(refusals, why).await
            }
        }
    }

    /// Records a refusal and counts it, or releases the delivery if the run was stopped meanwhile.
    fn record_refusal(
        &self,
        refused: RecordedRefusal,
        diagnostic: &Diagnostic,
        is_policy: bool,
    ) -> Flow<Recorded> {
        let (number, at) = (refused.number, now());
        let breaker = &self.run.breaker;
        let mut state = breaker.lock();
        if state.has_tripped {
            self.record(Change::Release { number, at })?;
            return Continue(Recorded::Released);
        }
        self.record(Change::Refused {
            number,
            diagnostic: diagnostic.clone(),
            reason: refused.reason,
            at,
        })?;
        let tripped = breaker.refused(&mut state, refused, is_policy);
        Continue(tripped.map_or(Recorded::Counted, Recorded::Tripped))
    }

    /// Handles a refusal as spam: counts it for the recipient's domain, suspends the domain after several, and stops the
    /// run after several domains.
    async fn blocked(
        &self,
        recipient: &Subscriber,
        refused: RecordedRefusal,
        why: &Diagnostic,
    ) -> Flow {
        self.run.breaker.blocked(refused);
        let status = self.count_blocked(recipient, why).await?;
        if status.domain.blocked < BLOCKED || status.blocking < BLOCKING {
            return Continue(());
        }
        let Some(refusals) = self.run.breaker.all_blocked() else {
            return Continue(());
        };
        let count = status.blocking;
        let why = with_recipient(recipient, why);
        let why = format!("{count} domains treat this message as spam, the last with: {why}");
        self.take_back(refusals, why).await
    }

    /// Counts a refusal as spam for the recipient's domain, and suspends the domain after several.
    async fn count_blocked(&self, recipient: &Subscriber, why: &Diagnostic) -> Flow<DomainStatus> {
        let name = recipient.address.domain();
        let change = DomainChange::Block {
            name: name.clone(),
            why: why.text.clone(),
        };
        let status = self.change_domain(change).await?;
        if status.domain.blocked >= BLOCKED
            && let Some(known) = self.run.suspensions.needs_suspension(&name, now())
        {
            self.suspend(name, why, known).await?;
        }
        Continue(status)
    }

    async fn take_back(&self, refusals: Vec<RecordedRefusal>, why: String) -> Flow {
        let taken = self.ledger.take_back(refusals, now()).await;
        or_end(taken)?;
        Break(StopReason::RefusalsTakenBack(why))
    }
}

/// What became of a refusal.
enum Recorded {
    /// The run was stopped before, and the delivery was released.
    Released,
    /// The refusal counts.
    Counted,
    /// The refusal has stopped the run. These refusals must be taken back.
    Tripped(Vec<RecordedRefusal>),
}
