//! The ledger of a running send: one thread writes, and what waits for it is written together.
//!
//! A commit costs one flush to the disk, whatever is in it. Connections ask side by side, so the writer
//! takes everything that has been asked, does it in one transaction, and answers all when that is durable.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Transaction;
use tokio::sync::oneshot;

use super::sqlite::{WorkError, apply, lease, next_due};
use super::{Change, Leased, Send, Store, StoreError};

/// The most requests of one transaction.
const LARGEST_GROUP: usize = 1024;
/// How long an outcome waits for company on its way to the disk.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A handle on the writer; clones ask the same one.
#[derive(Clone, Debug)]
pub struct Ledger {
    requests: Sender<Request>,
    /// The first fault. From then on nothing is promised, so nothing may be sent.
    fault: Arc<OnceLock<Arc<StoreError>>>,
}

/// The writer's thread, which gives the store back when every handle is gone.
#[derive(Debug)]
pub struct Writer(JoinHandle<Store>);

enum Request {
    NextDue {
        answer: oneshot::Sender<Option<i64>>,
    },
    Lease {
        limit: usize,
        now: i64,
        only: Option<String>,
        answer: oneshot::Sender<Vec<Leased>>,
    },
    Change {
        change: Change,
        answer: Option<oneshot::Sender<()>>,
    },
}

/// An answer that goes out when the transaction is durable.
enum Answer {
    NextDue(oneshot::Sender<Option<i64>>, Option<i64>),
    Lease(oneshot::Sender<Vec<Leased>>, Vec<Leased>),
    Done(oneshot::Sender<()>),
}

impl Ledger {
    /// Hands `store` to a writer for `send`.
    pub fn start(store: Store, send: &Send) -> (Self, Writer) {
        let (requests, inbox) = channel();
        let fault = Arc::new(OnceLock::new());
        let (id, faults) = (send.id, Arc::clone(&fault));
        let thread = std::thread::spawn(move || write(store, id, &inbox, &faults));
        (Self { requests, fault }, Writer(thread))
    }

    /// Takes up to `limit` deliveries that are ready or due at `now` (Unix seconds).
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn lease(
        &self,
        limit: usize,
        now: i64,
        only: Option<String>,
    ) -> Result<Vec<Leased>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Lease {
            limit,
            now,
            only,
            answer,
        })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Makes a change and returns when it is on the disk.
    ///
    /// # Errors
    /// The first fault of the store: the change is not to be relied on.
    pub async fn commit(&self, change: Change) -> Result<(), Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Change {
            change,
            answer: Some(answer),
        })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Makes a change with the next group. An outcome need not be waited for: until it is on the disk
    /// the delivery is `in_data`, which is never sent again by itself.
    ///
    /// # Errors
    /// The first fault of the store, of this change or of an earlier one.
    pub fn record(&self, change: Change) -> Result<(), Arc<StoreError>> {
        self.ask(Request::Change {
            change,
            answer: None,
        })
    }

    /// When the next delivery is to be tried, in Unix seconds: 0 for one that is ready now, `None` where
    /// nothing is left.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn next_due(&self) -> Result<Option<i64>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::NextDue { answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    fn ask(&self, request: Request) -> Result<(), Arc<StoreError>> {
        if let Some(fault) = self.fault.get() {
            return Err(Arc::clone(fault));
        }
        self.requests.send(request).map_err(|_| self.first_fault())
    }

    fn first_fault(&self) -> Arc<StoreError> {
        let gone = || {
            Arc::new(StoreError::Transition(
                "the ledger's writer is gone".to_owned(),
            ))
        };
        self.fault.get().cloned().unwrap_or_else(gone)
    }

    /// The first fault, if there has been one.
    pub fn fault(&self) -> Option<Arc<StoreError>> {
        self.fault.get().cloned()
    }
}

impl Writer {
    /// Waits until everything that was asked is written; every handle must have been dropped.
    pub fn join(self) -> Store {
        match self.0.join() {
            Ok(store) => store,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write(
    mut store: Store,
    send: i64,
    inbox: &Receiver<Request>,
    fault: &OnceLock<Arc<StoreError>>,
) -> Store {
    while let Ok(first) = inbox.recv() {
        let group = group(first, inbox);
        // After a fault the answers are dropped unsent, which tells everybody who waits.
        if fault.get().is_some() {
            continue;
        }
        match store.transaction(|transaction| together(transaction, send, group)) {
            Ok(answers) => answers.into_iter().for_each(Answer::give),
            Err(error) => drop(fault.set(Arc::new(error))),
        }
    }
    store
}

/// What goes into one transaction. An outcome waits for somebody who waits for the disk: nearly always that is
/// its connection's next letter, whose intent then costs no flush more.
fn group(first: Request, inbox: &Receiver<Request>) -> Vec<Request> {
    let mut group = vec![first];
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        group.extend(inbox.try_iter().take(LARGEST_GROUP - group.len()));
        if group.len() >= LARGEST_GROUP || group.iter().any(Request::is_waited_for) {
            return group;
        }
        match inbox.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(request) => group.push(request),
            Err(_) => return group,
        }
    }
}

impl Request {
    fn is_waited_for(&self) -> bool {
        !matches!(self, Self::Change { answer: None, .. })
    }
}

fn together(
    transaction: &Transaction<'_>,
    send: i64,
    group: Vec<Request>,
) -> Result<Vec<Answer>, WorkError> {
    let mut answers = Vec::with_capacity(group.len());
    for request in group {
        match request {
            Request::NextDue { answer } => {
                answers.push(Answer::NextDue(answer, next_due(transaction, send)?));
            }
            Request::Lease {
                limit,
                now,
                only,
                answer,
            } => {
                let leased = lease(transaction, send, limit, now, only.as_deref())?;
                answers.push(Answer::Lease(answer, leased));
            }
            Request::Change { change, answer } => {
                apply(transaction, send, &change)?;
                answers.extend(answer.map(Answer::Done));
            }
        }
    }
    Ok(answers)
}

impl Answer {
    /// Whoever has stopped waiting does not need the answer.
    fn give(self) {
        match self {
            Self::Lease(answer, leased) => drop(answer.send(leased)),
            Self::NextDue(answer, due) => drop(answer.send(due)),
            Self::Done(answer) => drop(answer.send(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Candidate, NewSend, Recovered, State, Sum};
    use super::*;
    use crate::issue::OnUncertain;

    fn candidate(number: usize, exclusion: Option<&'static str>) -> Candidate {
        let address = format!("reader{number}@a.example");
        Candidate {
            address_key: address.clone(),
            address,
            name: None,
            reader: "{}".to_owned(),
            exclusion,
        }
    }

    fn begun(folder: &std::path::Path, policy: OnUncertain) -> (Store, Send) {
        let mut store = Store::open(&folder.join("state/store.db")).unwrap();
        let new = NewSend {
            issue: "a".to_owned(),
            digest: "d".to_owned(),
            edition: vec![1, 2, 3],
            subject: "S".to_owned(),
            started_at: 100,
            on_uncertain: policy,
            is_held: false,
        };
        let excluded = std::iter::once(candidate(0, Some("duplicate")));
        let send = store
            .begin(&new, excluded.chain((1..=5).map(|n| candidate(n, None))))
            .unwrap();
        assert!(matches!(
            store.begin(&new, std::iter::empty()),
            Err(StoreError::AlreadyBegun(_))
        ));
        (store, send)
    }

    #[tokio::test]
    async fn a_send_goes_through_its_states_and_adds_up() {
        let folder = tempfile::tempdir().unwrap();
        let (store, send) = begun(folder.path(), OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        let leased = ledger.lease(4, 200, None).await.unwrap();
        let numbers: Vec<i64> = leased.iter().map(|l| l.number).collect();
        assert_eq!(numbers, [2, 3, 4, 5]);
        for number in [2, 3, 4] {
            ledger
                .commit(Change::Intent { number, at: 201 })
                .await
                .unwrap();
        }
        let words = |word: &str| word.to_owned();
        ledger
            .record(Change::Accepted {
                number: 2,
                reply: words("250 ok"),
                at: 202,
            })
            .unwrap();
        ledger
            .record(Change::Uncertain {
                number: 3,
                why: words("lost"),
                at: 202,
            })
            .unwrap();
        let later = Change::Deferred {
            number: 4,
            why: words("451"),
            next_try: 300,
            at: 202,
        };
        ledger.record(later).unwrap();
        let dead = Change::Refused {
            number: 5,
            why: words("550"),
            suppress: true,
            at: 202,
        };
        ledger.record(dead).unwrap();
        assert_eq!(ledger.lease(9, 250, None).await.unwrap().len(), 1);
        assert_eq!(ledger.lease(9, 300, None).await.unwrap()[0].attempt, 2);
        drop(ledger);
        let store = writer.join();
        let sum = store.sum(&send).unwrap();
        assert!(sum.closes() && !sum.is_finished());
        let expected = Sum {
            candidates: 6,
            accepted: 1,
            refused: 1,
            excluded: 1,
            uncertain: 1,
            untried: 2,
            reasons: [("duplicate".to_owned(), 1)].into(),
            ..Sum::default()
        };
        assert_eq!(sum, expected);
    }

    #[tokio::test]
    async fn a_change_that_the_state_does_not_allow_stops_everything() {
        let folder = tempfile::tempdir().unwrap();
        let (store, send) = begun(folder.path(), OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        let accepted = Change::Accepted {
            number: 2,
            reply: String::new(),
            at: 1,
        };
        let error = ledger.commit(accepted).await.unwrap_err();
        assert!(matches!(*error, StoreError::Transition(_)), "{error}");
        assert!(ledger.lease(1, 1, None).await.is_err());
        drop(ledger);
        assert_eq!(writer.join().sum(&send).unwrap().untried, 5);
    }

    #[tokio::test]
    async fn after_a_crash_the_intent_is_in_doubt_and_the_lease_is_not() {
        for (policy, resent) in [
            (OnUncertain::Hold, 0),
            (OnUncertain::Resend, 1),
            (OnUncertain::Skip, 0),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (store, send) = begun(folder.path(), policy);
            let (ledger, writer) = Ledger::start(store, &send);
            ledger.lease(2, 200, None).await.unwrap();
            ledger
                .commit(Change::Intent { number: 2, at: 201 })
                .await
                .unwrap();
            drop(ledger);
            let mut store = writer.join();
            let recovered = store.recover(&send, 300).unwrap();
            assert_eq!(
                recovered,
                Recovered {
                    released: 1,
                    doubtful: 1,
                    resent
                }
            );
            assert_eq!(
                store.deliveries(&send, &[State::Uncertain]).unwrap().len(),
                1 - resent
            );
            assert!(store.sum(&send).unwrap().closes());
        }
    }

    #[tokio::test]
    async fn a_second_try_that_a_crash_cut_short_is_taken_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let (store, send) = begun(folder.path(), OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        ledger.lease(5, 200, None).await.unwrap();
        let later = Change::Deferred {
            number: 2,
            why: "451".to_owned(),
            next_try: 300,
            at: 201,
        };
        ledger.commit(later).await.unwrap();
        assert_eq!(ledger.lease(9, 300, None).await.unwrap().len(), 1);
        drop(ledger);
        let mut store = writer.join();
        store.recover(&send, 400).unwrap();
        let (ledger, _writer) = Ledger::start(store, &send);
        assert_eq!(ledger.lease(9, 400, None).await.unwrap().len(), 5);
    }

    #[tokio::test]
    async fn who_leaves_during_a_send_gets_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, send) = begun(folder.path(), OnUncertain::Hold);
        store
            .suppress("reader2@a.example", "unsubscribed", 150)
            .unwrap();
        let (ledger, writer) = Ledger::start(store, &send);
        let numbers: Vec<i64> = ledger
            .lease(2, 200, None)
            .await
            .unwrap()
            .iter()
            .map(|l| l.number)
            .collect();
        assert_eq!(numbers, [2, 4]);
        drop(ledger);
        let sum = writer.join().sum(&send).unwrap();
        assert_eq!((sum.excluded, sum.closes()), (2, true));
    }

    #[test]
    fn a_file_that_is_no_ledger_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(
            &path,
            "no database at all, but long enough to be looked at".repeat(99),
        )
        .unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Damaged(..))));
        let other = folder.path().join("newer.db");
        drop(Store::open(&other).unwrap());
        let connection = rusqlite::Connection::open(&other).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Store::open(&other), Err(StoreError::Newer(_, 99))));
    }
}
