//! Watches the list during a run, so that subscribers who leave it get no more messages.
//!
//! Before each lease and each message the metadata of the file are compared with those of the list that was read last. If
//! they differ, sending pauses until the whole list has been read, so that a file that is damaged or still being written
//! does not remove recipients.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::end::{Flow, StopReason, or_end};
use super::{StatusIndex, now};
use crate::diag::Findings;
use crate::store::Ledger;
use crate::subscriber::{List, ListStamp};

/// How long a changed file must stay unchanged before it is read, and how often an unreadable list is retried: a program
/// that writes in place exposes a partial file.
const READ_INTERVAL: Duration = Duration::from_millis(250);

/// The reason given for a list without subscribers.
pub const EMPTY_LIST: &str = "it is empty";

/// The reason given for a list that has changed while it was read.
pub const BEING_WRITTEN: &str = "it is being written";

/// The watch on the list during one run.
#[derive(Debug)]
pub struct ListWatch {
    list: List,
    /// How long the run waits for a list that cannot be read.
    patience: Duration,
    /// Locked by the worker that reads a changed list; the others wait for it.
    reading: tokio::sync::Mutex<()>,
    current: Mutex<Current>,
}

/// The list that was read last in this run.
#[derive(Debug, Default)]
struct Current {
    stamp: Option<ListStamp>,
    statuses: Option<Arc<StatusIndex>>,
}

impl ListWatch {
    /// A watch on `list`. The recipients were selected from its state at `stamp`, which was taken before it was read.
    pub fn new(list: List, stamp: Option<ListStamp>, patience: Duration) -> Self {
        let current = Current {
            stamp,
            statuses: None,
        };
        Self {
            list,
            patience,
            reading: tokio::sync::Mutex::default(),
            current: Mutex::new(current),
        }
    }

    /// Adds the statuses that were read at `stamp`: recipients that another sender releases later may have left.
    pub fn knowing(self, statuses: Option<Arc<StatusIndex>>) -> Self {
        self.current().statuses = statuses;
        self
    }

    /// The statuses of the list, if it has been read since the campaign began.
    pub(super) fn statuses(&self) -> Option<Arc<StatusIndex>> {
        self.current().statuses.clone()
    }

    /// Returns at once if the list is unchanged, which takes one query of its metadata. Otherwise reads it and excludes the
    /// subscribers who have left.
    pub(super) async fn pass(&self, ledger: &Ledger, is_stopped: impl Fn() -> bool) -> Flow {
        if self.is_unchanged() {
            return Continue(());
        }
        let _reading = self.reading.lock().await;
        let began = Instant::now();
        while !self.is_unchanged() {
            if is_stopped() {
                return Break(StopReason::Interrupted);
            }
            match self.read().await {
                Ok((stamp, statuses)) => self.apply(ledger, stamp, statuses).await?,
                Err(why) if began.elapsed() > self.patience => {
                    return Break(StopReason::ListUnreadable(why));
                }
                Err(_) => {}
            }
        }
        Continue(())
    }

    fn is_unchanged(&self) -> bool {
        self.list.stamp() == self.current().stamp
    }

    /// Reads the stamp and the statuses of the list. The error is the reason why it is unreadable or incomplete, such as a
    /// change while it was read.
    async fn read(&self) -> Result<(ListStamp, StatusIndex), String> {
        let before = self.list.stamp();
        tokio::time::sleep(READ_INTERVAL).await;
        let statuses = tokio::task::block_in_place(|| self.read_statuses())?;
        match self.list.stamp() {
            Some(after) if before.as_ref() == Some(&after) => Ok((after, statuses)),
            _ => Err(BEING_WRITTEN.to_owned()),
        }
    }

    fn read_statuses(&self) -> Result<StatusIndex, String> {
        let mut findings = Findings::new();
        let statuses = StatusIndex::read(&self.list, &mut findings);
        match findings.first_error() {
            None => statuses.ok_or_else(|| EMPTY_LIST.to_owned()),
            Some(error) => Err(match &error.place {
                Some(place) => format!("{place}: {}", error.message),
                None => error.message.clone(),
            }),
        }
    }

    /// Excludes the recipients who have left, and makes this state of the list the current one.
    async fn apply(&self, ledger: &Ledger, stamp: ListStamp, statuses: StatusIndex) -> Flow {
        let statuses = Arc::new(statuses);
        let index = Arc::clone(&statuses);
        let departed = ledger.exclude_departed(Arc::new(move |key| index.reason(key)), now());
        if or_end(departed.await)?.is_accident() {
            // The campaign is paused now. `check_halt` makes this known to all workers.
            or_end(ledger.check_halt().await)?;
            return Break(StopReason::Interrupted);
        }
        *self.current() = Current {
            stamp: Some(stamp),
            statuses: Some(statuses),
        };
        Continue(())
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
