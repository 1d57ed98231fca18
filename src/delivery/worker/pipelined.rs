//! Sends several messages in one write.

use std::collections::VecDeque;
use std::ops::ControlFlow::Continue;

use super::Worker;
use super::prepare::Prepared;
use crate::delivery::end::{Flow, or_end};
use crate::message::Message;
use crate::outcome::Outcome;
use crate::store::Leased;

impl Worker {
    /// Sends a window of messages in one round trip. If the connection is lost, all of them are uncertain.
    pub(super) async fn pipelined(&mut self, queue: &mut VecDeque<Leased>) -> Flow {
        let mut window = self.gather(queue).await?;
        if let Some((large, outcome)) = self.leave_out_large(&mut window) {
            let delivery = queue.pop_front().expect("it is the first of the queue");
            return self
                .record_outcome(&delivery, &large.recipient, outcome, None)
                .await;
        }
        if window.is_empty() {
            return Continue(());
        }
        self.commit_intents(&window).await?;
        or_end(self.ledger.may_send())?;
        let messages: Vec<&Message> = window.iter().map(|prepared| &prepared.message).collect();
        let session = self.session.as_mut().expect("the caller has checked it");
        let may_send = || self.ledger.may_send().is_ok();
        let outcomes = session.deliver_all(&messages, may_send).await;
        self.record_all(queue, &window, outcomes).await
    }

    /// Commits the intents of a window with one flush: the ledger commits in order, so it is enough to wait for the last.
    async fn commit_intents(&self, window: &[Prepared]) -> Flow {
        let Some((last, others)) = window.split_last() else {
            return Continue(());
        };
        for prepared in others {
            self.record(self.intent(prepared))?;
        }
        or_end(self.ledger.commit(self.intent(last)).await)
    }

    /// Records the outcomes of a window, also those after one that ends the run.
    async fn record_all(
        &mut self,
        queue: &mut VecDeque<Leased>,
        window: &[Prepared],
        outcomes: Vec<Outcome>,
    ) -> Flow {
        let mut flow = Continue(());
        for (prepared, outcome) in window.iter().zip(outcomes) {
            let delivery = queue
                .pop_front()
                .expect("gathered messages are in the queue");
            let recorded = self
                .record_outcome(&delivery, &prepared.recipient, outcome, None)
                .await;
            if flow.is_continue() {
                flow = recorded;
            }
        }
        flow
    }

    /// Truncates the window at the first message that is larger than the relay accepts. Returns that message and its
    /// outcome if it is the first of the window.
    fn leave_out_large(&self, window: &mut Vec<Prepared>) -> Option<(Prepared, Outcome)> {
        let session = self.session.as_ref()?;
        let found = window.iter().enumerate().find_map(|(at, prepared)| {
            let outcome = session.too_large(&prepared.message)?;
            Some((at, outcome))
        });
        let (at, outcome) = found?;
        let large = window.drain(at..).next()?;
        (at == 0).then_some((large, outcome))
    }

    /// Prepares the first messages of the queue that may be sent now, and waits for the first of them.
    async fn gather(&mut self, queue: &mut VecDeque<Leased>) -> Flow<Vec<Prepared>> {
        let mut window = Vec::new();
        while window.len() < self.run.window.min(queue.len()) {
            let Some(prepared) = self.prepare_at(queue, window.len()).await? else {
                continue;
            };
            if window.is_empty() {
                self.wait_for(prepared.turn).await?;
                if !self.is_still_first(queue, &prepared).await? {
                    continue;
                }
            } else if prepared.turn > self.began.elapsed() {
                self.prepared = Some(prepared);
                break;
            }
            window.push(prepared);
        }
        Continue(window)
    }

    /// The message of a delivery: the one that was prepared already, or a new one.
    pub(super) fn take_prepared(&mut self, delivery: &Leased) -> Result<Prepared, String> {
        match self.prepared.take() {
            Some(prepared) if prepared.number == delivery.number => Ok(prepared),
            _ => self.prepare(delivery),
        }
    }
}
