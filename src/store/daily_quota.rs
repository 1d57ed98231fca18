//! The daily quota of a relay, which all senders of a ledger share.
//!
//! Counting reads every delivery. So the remaining quota is counted once and stored; a lease subtracts from it in the
//! same transaction, and counts again if too little remains. The stored number is never too high: a message counts from
//! its lease on, and stops counting as time passes. Leases that ended in a refusal or deferral come back with the next
//! count.

use std::collections::HashSet;
use std::sync::Arc;

use super::connection::Connection;
use super::value::v;
use super::{Change, History, LeaseRequest, LeaseResult, Quota, Store, StoreError};

/// The quotas of the relays of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct DailyQuotas {
    /// The relays whose messages this run has counted. A number stored before may be from a run without this limit.
    counted: HashSet<Arc<str>>,
}

impl DailyQuotas {
    /// Leases deliveries within the relay's quota.
    pub(super) fn lease(
        &mut self,
        connection: &dyn Connection,
        send: i64,
        wanted: &LeaseRequest,
    ) -> Result<LeaseResult, StoreError> {
        if wanted.quota.is_unlimited() {
            let leased = connection.lease(send, wanted, wanted.limit)?;
            return Ok(LeaseResult::Deliveries(leased));
        }
        let stored = self.stored(connection, wanted)?;
        let left = match stored.filter(|left| *left >= wanted.limit) {
            Some(left) => left,
            None => match self.count(connection, wanted)? {
                Some(quota) if quota.messages == 0 => {
                    return reached(connection, send, wanted, quota);
                }
                Some(quota) => quota.messages,
                // The warm-up is over for good.
                None => UNLIMITED,
            },
        };
        let leased = connection.lease(send, wanted, wanted.limit.min(left))?;
        store(connection, wanted, left - leased.len())?;
        Ok(LeaseResult::Deliveries(leased))
    }

    /// The stored remaining quota.
    fn stored(
        &self,
        connection: &dyn Connection,
        wanted: &LeaseRequest,
    ) -> Result<Option<usize>, StoreError> {
        if !self.counted.contains(&wanted.relay) {
            return Ok(None);
        }
        let rows = connection.query(
            "select letters from room where relay = ?1 and terms = ?2",
            &[v(&*wanted.relay), v(wanted.quota.terms())],
        )?;
        let left = rows.first().and_then(|row| row.int(0));
        Ok(left.and_then(|left| usize::try_from(left).ok()))
    }

    fn count(
        &mut self,
        connection: &dyn Connection,
        wanted: &LeaseRequest,
    ) -> Result<Option<Quota>, StoreError> {
        self.counted.insert(Arc::clone(&wanted.relay));
        let relay = &*wanted.relay;
        wanted
            .quota
            .quota_at(wanted.now, &HandedOver { connection, relay })
    }
}

/// More messages than any list has subscribers.
const UNLIMITED: usize = u32::MAX as usize;

fn store(
    connection: &dyn Connection,
    wanted: &LeaseRequest,
    left: usize,
) -> Result<(), StoreError> {
    connection.execute(
        "insert into room (relay, terms, letters) values (?1, ?2, ?3)
         on conflict (relay) do update set terms = excluded.terms, letters = excluded.letters",
        &[
            v(&*wanted.relay),
            v(wanted.quota.terms()),
            v(i64::try_from(left).unwrap_or(i64::MAX)),
        ],
    )?;
    Ok(())
}

/// The result if the quota is used up: [`LeaseResult::QuotaReached`] if a delivery is ready or due, which is found by
/// leasing one and releasing it in the same transaction.
fn reached(
    connection: &dyn Connection,
    send: i64,
    wanted: &LeaseRequest,
    quota: Quota,
) -> Result<LeaseResult, StoreError> {
    let leased = connection.lease(send, wanted, 1)?;
    let at = wanted.now;
    for delivery in &leased {
        let number = delivery.number;
        connection.apply(send, &[&Change::Release { number, at }])?;
    }
    Ok(if leased.is_empty() {
        LeaseResult::Deliveries(leased)
    } else {
        LeaseResult::QuotaReached(quota)
    })
}

/// The messages sent to a relay, and those about to be.
struct HandedOver<'a> {
    connection: &'a dyn Connection,
    relay: &'a str,
}

impl History for HandedOver<'_> {
    type Error = StoreError;

    fn first(&self) -> Result<Option<i64>, StoreError> {
        self.since(i64::MIN).map(|(_, first)| first)
    }

    /// Uncertain deliveries count, and so do those without a recorded relay. Leases count as sent now.
    fn since(&self, moment: i64) -> Result<(usize, Option<i64>), StoreError> {
        let sql = format!(
            "select count(*), min(changed_at) from delivery
             where (relay = ?1 or relay is null)
             and (state in ('accepted', 'uncertain') and changed_at > ?2
                  or state = 'in_data' or state = 'leased' and {})",
            self.connection.active_sender_condition()
        );
        let rows = self.connection.query(&sql, &[v(self.relay), v(moment)])?;
        let row = rows.first();
        let count = row.and_then(|row| row.count(0));
        let count = count.ok_or_else(|| self.connection.damaged())?;
        Ok((count as usize, row.and_then(|row| row.int(1))))
    }
}

impl Store {
    /// When the first message was sent to a relay, in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn first_handed_over(&self, relay: &str) -> Result<Option<i64>, StoreError> {
        let connection = self.connection.as_ref();
        HandedOver { connection, relay }.first()
    }
}
