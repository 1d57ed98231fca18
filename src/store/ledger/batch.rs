//! Handles the requests of one transaction.

use super::request::{DepartureReason, Done, Request};
use crate::store::connection::Connection;
use crate::store::daily_quota::DailyQuotas;
use crate::store::token_row::TokenRow;
use crate::store::{
    Change, Halt, LeaseRequest, LeaseResult, NextDue, RecordedRefusal, StoreError, bounces,
    departures, domains, list,
};
use crate::subscriber::SuppressionKey;

/// The requests of one transaction. No delivery of a halted campaign is leased; those in progress continue.
pub(super) struct Batch<'a> {
    connection: &'a dyn Connection,
    send: i64,
    halt: Option<Halt>,
    quotas: &'a mut DailyQuotas,
    suppression_key: Option<&'a SuppressionKey>,
    /// Consecutive changes, which are applied together.
    changes: Vec<&'a Change>,
    /// The tokens of the messages that are about to be sent. They are added at once: two senders that added the same tokens in
    /// different orders would deadlock.
    tokens: Vec<TokenRow>,
}

impl<'a> Batch<'a> {
    /// A batch without requests.
    pub(super) fn new(
        connection: &'a dyn Connection,
        send: i64,
        halt: Option<Halt>,
        quotas: &'a mut DailyQuotas,
        suppression_key: Option<&'a SuppressionKey>,
    ) -> Self {
        Self {
            connection,
            send,
            halt,
            quotas,
            suppression_key,
            changes: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Handles the requests in their order, and returns their results.
    pub(super) fn run(mut self, group: &'a [Request]) -> Result<Vec<Done>, StoreError> {
        let relays: Vec<&str> = group.iter().filter_map(Request::relay).collect();
        if !relays.is_empty() {
            self.connection.lock_relays(&relays)?;
        }
        let done = group.iter().map(|request| self.handle(request));
        let done = done.collect::<Result<_, _>>()?;
        self.apply_changes()?;
        self.connection.add_tokens(&self.tokens)?;
        Ok(done)
    }

    fn handle(&mut self, request: &'a Request) -> Result<Done, StoreError> {
        Ok(match request {
            Request::Change { change, .. } => {
                self.changes.push(change);
                Done::Changed
            }
            Request::CheckHalt { .. } => Done::Changed,
            Request::NextDue { now, .. } => Done::NextDue(self.next(*now)?),
            Request::Reserve {
                relay,
                count,
                per_second,
                ..
            } => Done::Reserved(self.connection.reserve(relay, *count, *per_second)?),
            Request::DomainChange { change, .. } => {
                Done::DomainStatus(domains::apply(self.connection, self.send, change)?)
            }
            Request::TakeBack { refusals, at, .. } => self.take_back(refusals, *at)?,
            Request::Lease { wanted, .. } => Done::Leased(self.lease(wanted)?),
            Request::Reasons {
                numbers,
                follows_list,
                ..
            } => {
                let (connection, send) = (self.connection, self.send);
                Done::Reasons(list::reasons(connection, send, numbers, *follows_list)?)
            }
            Request::Depart { reason, at, .. } => self.exclude_departed(&**reason, *at)?,
        })
    }

    /// Requests that read deliveries must see the changes before them.
    fn apply_changes(&mut self) -> Result<(), StoreError> {
        let changes = std::mem::take(&mut self.changes);
        self.connection.apply(self.send, &changes)?;
        let mailed = changes.iter().filter_map(|change| change.token());
        let rows = mailed.map(|(token, at)| TokenRow::new(token, self.suppression_key, at));
        self.tokens.extend(rows);
        Ok(())
    }

    fn next(&mut self, now: i64) -> Result<NextDue, StoreError> {
        if self.halt.is_some() {
            return Ok(NextDue::Nothing);
        }
        self.apply_changes()?;
        self.connection.next(self.send, now)
    }

    fn lease(&mut self, wanted: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        self.apply_changes()?;
        match self.halt {
            Some(halt) => Ok(LeaseResult::Halted(halt)),
            None => self.quotas.lease(self.connection, self.send, wanted),
        }
    }

    fn take_back(&mut self, refusals: &[RecordedRefusal], at: i64) -> Result<Done, StoreError> {
        self.apply_changes()?;
        bounces::take_back(self.connection, self.send, refusals, at)?;
        domains::unblock(self.connection, self.send)?;
        Ok(Done::Changed)
    }

    fn exclude_departed(&mut self, reason: &DepartureReason, at: i64) -> Result<Done, StoreError> {
        self.apply_changes()?;
        let departed = departures::exclude(self.connection, self.send, reason, false, at)?;
        Ok(Done::Departures(departed))
    }
}
