//! Recipients who leave the list after their campaign began.

use super::brake::Brake;
use super::connection::Connection;
use super::stop;
use super::value::v;
use super::{Send, Store, StoreError};

/// The reason of recipients whose mailbox is no longer on the list.
pub const REMOVED: &str = "removed";

/// The percentage of open recipients who leave in one change above which it is probably an accident.
const MOST_LEAVING: usize = 10;

/// Up to this number, a change of status is never an accident: people unsubscribe one by one.
const FEW: usize = 2;

/// Recipients who left the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Departures {
    /// How many were excluded.
    pub excluded: usize,
    /// How many open recipients are no longer on the list.
    pub removed: usize,
    /// How many open recipients are on the list with another status than `active`.
    pub inactive: usize,
    /// How many recipients were open before.
    pub open: usize,
}

impl Departures {
    /// Whether so many left in one change that it is probably an accident.
    pub fn is_accident(&self) -> bool {
        let is_many = |count: usize| count * 100 > self.open * MOST_LEAVING;
        is_many(self.removed) || self.leaving() > FEW && is_many(self.leaving())
    }

    /// How many open recipients left.
    pub fn leaving(&self) -> usize {
        self.removed + self.inactive
    }
}

impl std::fmt::Display for Departures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            removed,
            inactive,
            open,
            ..
        } = self;
        let leaving = self.leaving();
        match (removed, inactive) {
            (_, 0) => write!(
                f,
                "{removed} of {open} open recipients are no longer on the list"
            ),
            (0, _) => write!(
                f,
                "{inactive} of {open} open recipients are no longer `active` on the list"
            ),
            _ => write!(
                f,
                "{leaving} of {open} open recipients have left the list: {removed} are removed, {inactive} no longer \
                 `active`"
            ),
        }
    }
}

impl Store {
    /// Excludes the open recipients for whom `reason` returns a reason. If they are more than a tenth and the operator has
    /// not `agreed`, none is excluded and the campaign is paused instead: the list may be the wrong one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn exclude_departed(
        &mut self,
        send: &Send,
        reason: impl Fn(&str) -> Option<&'static str>,
        agreed: bool,
        now: i64,
    ) -> Result<Departures, StoreError> {
        self.transaction(|connection| exclude(connection, send.id, reason, agreed, now))
    }
}

pub(super) fn exclude(
    connection: &dyn Connection,
    send: i64,
    reason: impl Fn(&str) -> Option<&'static str>,
    agreed: bool,
    now: i64,
) -> Result<Departures, StoreError> {
    let (mut departed, leaving) = leaving(connection, send, reason)?;
    if departed.is_accident() && !agreed {
        let why = departed.to_string();
        stop::set_brake(connection, send, Brake::Paused, &why, true, now)?;
        return Ok(departed);
    }
    // In the order of their numbers: two senders that did this in different orders would deadlock.
    for (number, reason) in leaving {
        // A leased delivery is left to its connection, which either excludes it or is sending it already.
        departed.excluded += connection.execute(
            "update delivery set state = 'excluded', why = ?3, changed_at = ?4,
             reply_code = null, enhanced_status = null
             where send = ?1 and number = ?2 and state in ('ready', 'deferred')",
            &[v(send), v(number), v(reason), v(now)],
        )?;
    }
    Ok(departed)
}

type Leaving = Vec<(i64, &'static str)>;

/// The open recipients who leave, by the numbers of their deliveries, each with the reason; and their counts.
fn leaving(
    connection: &dyn Connection,
    send: i64,
    reason: impl Fn(&str) -> Option<&'static str>,
) -> Result<(Departures, Leaving), StoreError> {
    let (mut departed, mut leaving, mut last) = (Departures::default(), Vec::new(), 0);
    loop {
        let page = open_after(connection, send, last)?;
        let Some((end, _)) = page.last() else { break };
        last = *end;
        departed.open += page.len();
        for (number, key) in page {
            let Some(reason) = reason(&key) else { continue };
            departed.removed += usize::from(reason == REMOVED);
            leaving.push((number, reason));
        }
    }
    departed.inactive = leaving.len() - departed.removed;
    Ok((departed, leaving))
}

/// The next open deliveries with their mailboxes, by number. Leased deliveries count too, because they are released when
/// the run ends.
///
/// `coalesce` hides the state from SQLite's planner, which would otherwise use the index by state and sort all open
/// deliveries for every page.
pub(super) const OPEN_AFTER: &str = "select number, address_key from delivery
     where send = ?1 and number > ?2 and coalesce(state, '') in ('ready', 'leased', 'deferred')
     order by number limit 1000";

fn open_after(
    connection: &dyn Connection,
    send: i64,
    number: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    let rows = connection.query(OPEN_AFTER, &[v(send), v(number)])?;
    let read = rows
        .into_iter()
        .map(|mut row| Some((row.int(0)?, row.text(1)?)));
    let read: Option<Vec<_>> = read.collect();
    read.ok_or_else(|| connection.damaged())
}
