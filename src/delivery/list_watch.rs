//! The list while a run goes on: who leaves it gets nothing more.
//!
//! Before each lease and each message the file's metadata are compared with those of the list that was read last. When
//! they differ nothing goes on before the list has been read to its end: a file that is being written, or is damaged,
//! removes no recipient.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::end::{Flow, StopReason, or_end};
use super::{StatusIndex, now};
use crate::diag::Findings;
use crate::store::Ledger;
use crate::subscriber::{List, ListStamp};

/// How often a list that is not whole is looked at, and how long a changed file has to rest before it is read: a
/// program that writes it in place shows every length in between.
const TURN: Duration = Duration::from_millis(250);

/// Why nothing is sent by a list without a subscriber.
pub const EMPTY_LIST: &str = "it is empty";

/// Why nothing is sent by a list that has changed while it was read.
pub const BEING_WRITTEN: &str = "it is being written";

/// Watches the list for one run.
#[derive(Debug)]
pub struct ListWatch {
    list: List,
    /// How long the run waits for a list that cannot be read.
    patience: Duration,
    /// Held by the one worker that reads a changed list, for which the others wait.
    turn: tokio::sync::Mutex<()>,
    current: Mutex<Current>,
}

/// The list that was read last in this run.
#[derive(Debug, Default)]
struct Current {
    stamp: Option<ListStamp>,
    standings: Option<Arc<StatusIndex>>,
}

impl ListWatch {
    /// A watch on `list`, whose recipients are known as it was at `stamp`: taken before it was read.
    pub fn new(list: List, stamp: Option<ListStamp>, patience: Duration) -> Self {
        let current = Current {
            stamp,
            standings: None,
        };
        Self {
            list,
            patience,
            turn: tokio::sync::Mutex::default(),
            current: Mutex::new(current),
        }
    }

    /// The same, and who has left according to `standings`: what another sender leaves behind may be for them.
    pub fn knowing(self, standings: Option<Arc<StatusIndex>>) -> Self {
        self.current().standings = standings;
        self
    }

    /// The statuses of the list, where it was read since the campaign began.
    pub(super) fn standings(&self) -> Option<Arc<StatusIndex>> {
        self.current().standings.clone()
    }

    /// Returns when the list is the one that is known, which costs a look at its metadata; a changed one is read
    /// first, and who has left is excluded.
    pub(super) async fn pass(&self, ledger: &Ledger, is_stopped: impl Fn() -> bool) -> Flow {
        if self.is_known() {
            return Continue(());
        }
        let _turn = self.turn.lock().await;
        let began = Instant::now();
        while !self.is_known() {
            if is_stopped() {
                return Break(StopReason::Interrupted);
            }
            match self.read().await {
                Ok((stamp, standings)) => self.apply(ledger, stamp, standings).await?,
                Err(why) if began.elapsed() > self.patience => {
                    return Break(StopReason::ListUnreadable(why));
                }
                Err(_) => {}
            }
        }
        Continue(())
    }

    fn is_known(&self) -> bool {
        self.list.stamp() == self.current().stamp
    }

    /// Reads the list, if it rests; its stamp and its statuses, or why it is not whole.
    async fn read(&self) -> Result<(ListStamp, StatusIndex), String> {
        let before = self.list.stamp();
        tokio::time::sleep(TURN).await;
        let mut findings = Findings::new();
        let standings =
            tokio::task::block_in_place(|| StatusIndex::read(&self.list, &mut findings));
        if let Some(error) = findings.first_error() {
            return Err(match &error.place {
                Some(place) => format!("{place}: {}", error.message),
                None => error.message.clone(),
            });
        }
        let standings = standings.ok_or_else(|| EMPTY_LIST.to_owned())?;
        let after = self
            .list
            .stamp()
            .filter(|after| before.as_ref() == Some(after));
        let stamp = after.ok_or_else(|| BEING_WRITTEN.to_owned())?;
        Ok((stamp, standings))
    }

    async fn apply(&self, ledger: &Ledger, stamp: ListStamp, standings: StatusIndex) -> Flow {
        let standings = Arc::new(standings);
        let asked = Arc::clone(&standings);
        let departed = ledger.exclude_departed(Arc::new(move |key| asked.reason(key)), now());
        if or_end(departed.await)?.is_accident() {
            // It is paused now, which every worker has to know.
            or_end(ledger.check_halt().await)?;
            return Break(StopReason::Interrupted);
        }
        *self.current() = Current {
            stamp: Some(stamp),
            standings: Some(standings),
        };
        Continue(())
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
