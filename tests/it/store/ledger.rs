//! The ledger's laws, kept by both stores: in a file, and on a server.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use franking::newsletter::config::Password;
use franking::newsletter::issue::OnUncertain;
use franking::outcome::{Diagnostic, Reply};
use franking::store::{
    Candidate, Candidates, Change, DAY, DomainChange, LeaseRequest, LeaseResult, Leased, Ledger,
    NewSend, NewSuppression, NextDue, QuotaLimits, Recovered, Send, State, Store, StoreError,
    Totals, Writer,
};
use franking::subscriber::import::SuppressionReason;
use franking::subscriber::{Changed, SuppressionKey};

use crate::support::postgres::Database;

/// A store that a test may open as often as it likes.
pub(super) enum Place {
    File(tempfile::TempDir),
    Server(Database),
}

impl Place {
    /// Both kinds, or the one that this machine has.
    pub(super) fn all(test: &str) -> Vec<Self> {
        let file = Self::File(tempfile::tempdir().expect("a temporary folder"));
        let server = Database::create(test).map(Self::Server);
        std::iter::once(file).chain(server).collect()
    }

    pub(super) fn open(&self) -> Store {
        match self {
            Self::File(folder) => Store::open(&folder.path().join("state/store.db")),
            Self::Server(database) => {
                Store::connect(&Password::from(database.url()), Path::new("."))
            }
        }
        .expect("a store")
    }

    /// What a sender has in hand that was killed is taken up at once from a file, and on a server when the
    /// time is over in which it could have been heard of. Here it is over.
    fn bury_senders(&self) {
        if let Self::Server(database) = self {
            database.query("update sender set expires_at = '-infinity'");
        }
    }
}

/// The ledger answers from a thread of its own.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(answer)
}

fn candidate(number: usize, exclusion: Option<&'static str>) -> Candidate {
    let address = format!("reader{number}@a.example");
    Candidate {
        address_key: address.clone(),
        address,
        name: None,
        subscriber: "{}".to_owned(),
        exclusion: exclusion.map(Into::into),
    }
}

pub(super) fn new_send(on_uncertain: OnUncertain) -> NewSend {
    NewSend {
        issue: "a".to_owned(),
        digest: "d".to_owned(),
        edition: vec![1, 2, 3],
        content: String::new(),
        subject: "S".to_owned(),
        started_at: 100,
        on_uncertain,
        is_held: false,
        is_rehearsal: false,
        follows_list: false,
        token_key: 0,
    }
}

/// A duplicate, and five recipients after it.
fn begun(place: &Place, policy: OnUncertain) -> (Store, Send) {
    let mut store = place.open();
    let new = new_send(policy);
    let excluded = std::iter::once(candidate(0, Some("duplicate")));
    let candidates = excluded.chain((1..=5).map(|n| candidate(n, None)));
    let send = store
        .begin(&new, Candidates::listed(candidates.map(Ok)))
        .expect("a send");
    let again = store.begin(&new, Candidates::listed(std::iter::empty()));
    assert!(matches!(again, Err(StoreError::AlreadyBegun(_))));
    assert_eq!(store.edition("d").expect("an edition"), [1, 2, 3]);
    (store, send)
}

/// So many, for a relay that takes any number in a day.
fn said(code: u16, text: &str) -> Diagnostic {
    Diagnostic::from(&Reply::new(code, [text]))
}

fn wanted(limit: usize, now: i64) -> LeaseRequest {
    LeaseRequest {
        limit,
        now,
        only: None,
        relay: "relay.example:587".into(),
        quota: Arc::default(),
        follows_list: false,
    }
}

fn leased(ledger: &Ledger, limit: usize, now: i64) -> Vec<Leased> {
    match wait(ledger.lease(wanted(limit, now))).expect("a lease") {
        LeaseResult::Deliveries(leased) => leased,
        other => panic!("any number may go: {other:?}"),
    }
}

fn numbers(ledger: &Ledger, limit: usize, now: i64) -> Vec<i64> {
    let leased = leased(ledger, limit, now);
    leased.iter().map(|delivery| delivery.number).collect()
}

/// The numbers of the deliveries that a sender gets whose campaign follows the list in the store.
pub(super) fn lease_listed(store: Store, send: &Send) -> Vec<i64> {
    let (ledger, writer) = Ledger::start(store, send);
    let request = LeaseRequest {
        follows_list: true,
        ..wanted(100, 200)
    };
    let leased = match wait(ledger.lease(request)).expect("a lease") {
        LeaseResult::Deliveries(leased) => leased,
        other => panic!("any number may go: {other:?}"),
    };
    drop(ledger);
    drop(writer.join());
    leased.iter().map(|delivery| delivery.number).collect()
}

fn intend(ledger: &Ledger, number: i64) {
    wait(ledger.commit(intent(number, 201))).expect("an intent");
}

fn intent(number: i64, at: i64) -> Change {
    intent_over("relay.example:587", number, at)
}

fn intent_over(relay: &str, number: i64, at: i64) -> Change {
    Change::Intent {
        number,
        relay: relay.into(),
        edition: 1,
        token: None,
        at,
    }
}

fn accepted(number: i64) -> Change {
    Change::Accepted {
        number,
        diagnostic: said(250, "ok"),
        at: 202,
    }
}

fn deferred(number: i64, next_try: i64) -> Change {
    Change::Deferred {
        number,
        diagnostic: said(451, ""),
        next_try,
        at: 202,
    }
}

#[test]
fn a_send_goes_through_its_states_and_adds_up() {
    for place in Place::all("states in the ledger") {
        let (store, send) = begun(&place, OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        assert_eq!(numbers(&ledger, 4, 200), [2, 3, 4, 5]);
        for number in [2, 3, 4] {
            intend(&ledger, number);
        }
        let uncertain = Change::Uncertain {
            number: 3,
            diagnostic: "lost".to_owned().into(),
            at: 202,
        };
        let dead = Change::Refused {
            number: 5,
            diagnostic: said(550, ""),
            reason: franking::outcome::RejectReason::Gone,
            at: 202,
        };
        for outcome in [accepted(2), uncertain, deferred(4, 300), dead] {
            ledger.record(outcome).expect("an outcome");
        }
        assert_eq!(numbers(&ledger, 9, 250), [6]);
        let again = leased(&ledger, 9, 300);
        assert_eq!(
            (again[0].number, again[0].attempt, again[0].first_try),
            (4, 2, 200)
        );
        drop(ledger);
        let store = writer.join();
        let sum = store.totals(&send).expect("a sum");
        assert!(sum.add_up() && !sum.is_finished());
        let expected = Totals {
            candidates: 6,
            accepted: 1,
            refused: 1,
            excluded: 1,
            uncertain: 1,
            untried: 2,
            reasons: [("duplicate".to_owned(), 1)].into(),
            ..Totals::default()
        };
        assert_eq!(sum, expected);
    }
}

#[test]
fn a_state_change_that_is_not_allowed_is_an_error() {
    for place in Place::all("changes of the ledger") {
        let (store, send) = begun(&place, OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        let error = wait(ledger.commit(accepted(2))).expect_err("nothing was sent");
        assert!(matches!(*error, StoreError::Transition(_)), "{error}");
        assert!(wait(ledger.lease(wanted(1, 1))).is_err() && ledger.may_send().is_err());
        drop(ledger);
        assert_eq!(writer.join().totals(&send).expect("a sum").untried, 5);
    }
}

#[test]
fn after_a_crash_an_intent_is_uncertain_and_a_lease_is_not() {
    for (policy, resent) in [
        (OnUncertain::Hold, 0),
        (OnUncertain::Resend, 1),
        (OnUncertain::Skip, 0),
    ] {
        for place in Place::all("the ledger after a crash") {
            let (store, send) = begun(&place, policy);
            let (ledger, writer) = Ledger::start(store, &send);
            numbers(&ledger, 2, 200);
            intend(&ledger, 2);
            drop(ledger);
            let mut store = writer.join();
            place.bury_senders();
            let expected = Recovered {
                released: 1,
                uncertain: 1,
                resent,
            };
            assert_eq!(store.recover(&send, 300).expect("a recovery"), expected);
            let uncertain = store.deliveries(&send, &[State::Uncertain]);
            assert_eq!(uncertain.expect("rows").len(), 1 - resent);
            assert!(store.totals(&send).expect("a sum").add_up());
        }
    }
}

#[test]
fn a_second_attempt_interrupted_by_a_crash_is_repeated() {
    for place in Place::all("a second try in the ledger") {
        let (store, send) = begun(&place, OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        numbers(&ledger, 5, 200);
        wait(ledger.commit(deferred(2, 300))).expect("an outcome");
        assert_eq!(numbers(&ledger, 9, 300), [2]);
        drop(ledger);
        let mut store = writer.join();
        place.bury_senders();
        store.recover(&send, 400).expect("a recovery");
        let (ledger, _writer) = Ledger::start(store, &send);
        assert_eq!(numbers(&ledger, 9, 400), [2, 3, 4, 5, 6]);
    }
}

fn suppress(store: &mut Store, address_key: &str, reason: SuppressionReason) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = SuppressionKey::at(&folder.path().join("suppression-key")).expect("a key");
    let new = NewSuppression {
        hash: &key.hash(address_key),
        address_key: Some(address_key),
        reason,
        detail: None,
        evidence: None,
        at: 50,
    };
    assert!(store.suppress(&new).expect("a suppression"));
}

#[test]
fn a_recipient_who_leaves_during_a_campaign_gets_nothing_more() {
    for place in Place::all("leaving during a send") {
        let (mut store, send) = begun(&place, OnUncertain::Hold);
        let key = "reader2@a.example";
        suppress(&mut store, key, SuppressionReason::Unsubscribed);
        let (ledger, writer) = Ledger::start(store, &send);
        assert_eq!(numbers(&ledger, 2, 200), [2, 4]);
        drop(ledger);
        let store = writer.join();
        let sum = store.totals(&send).expect("a sum");
        assert_eq!((sum.excluded, sum.add_up()), (2, true));
        let left = store
            .delivery(&send, key)
            .expect("a row")
            .expect("a delivery");
        assert_eq!(
            (left.state, left.why.as_deref()),
            (State::Excluded, Some("unsubscribed"))
        );
    }
}

#[test]
fn a_subscriber_who_left_before_a_campaign_gets_nothing() {
    for place in Place::all("leaving before a send") {
        let key = "reader3@a.example";
        suppress(&mut place.open(), key, SuppressionReason::Bounced);
        let (store, send) = begun(&place, OnUncertain::Hold);
        let reasons = store.totals(&send).expect("a sum").reasons;
        let expected = [("bounced".to_owned(), 1), ("duplicate".to_owned(), 1)];
        assert_eq!(reasons, expected.into());
    }
}

#[test]
fn the_remaining_deliveries_are_counted_with_the_time_of_the_next_attempt() {
    for place in Place::all("what is left in the ledger") {
        let (store, send) = begun(&place, OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        assert_eq!(wait(ledger.next(200)).expect("an answer"), NextDue::At(0));
        for number in numbers(&ledger, 9, 200) {
            ledger
                .record(deferred(number, 300 + number))
                .expect("an outcome");
        }
        assert_eq!(wait(ledger.next(200)).expect("an answer"), NextDue::At(302));
        numbers(&ledger, 9, 400);
        for number in 2..=6 {
            intend(&ledger, number);
            ledger.record(accepted(number)).expect("an outcome");
        }
        assert_eq!(wait(ledger.next(400)).expect("an answer"), NextDue::Nothing);
        drop(ledger);
        let mut store = writer.join();
        store.finish(&send, 500).expect("an end");
        store.finish(&send, 600).expect("an end");
        let finished = store.sends().expect("sends")[0].finished_at;
        assert_eq!(finished, Some(500), "a send finishes once");
    }
}

type Sender = (Ledger, Writer);

/// Two senders of one send, and the server between them.
fn two_senders(test: &str) -> Option<(Place, Send, [Sender; 2])> {
    let place = Place::Server(Database::create(test)?);
    let (store, send) = begun(&place, OnUncertain::Hold);
    let first = Ledger::start(store, &send);
    let second = Ledger::start(place.open(), &send);
    // A sender registers in its own thread; it has done so when it answers.
    for (ledger, _) in [&first, &second] {
        assert_eq!(wait(ledger.next(200)).expect("an answer"), NextDue::At(0));
    }
    Some((place, send, [first, second]))
}

#[test]
fn two_senders_never_lease_the_same_delivery() {
    let Some((_place, send, [(one, first), (two, second)])) = two_senders("two senders") else {
        return;
    };
    assert_eq!(numbers(&one, 2, 200), [2, 3]);
    assert_eq!(numbers(&two, 9, 200), [4, 5, 6]);
    assert_eq!(numbers(&one, 9, 200), [0; 0]);
    assert_eq!(wait(one.next(200)).expect("an answer"), NextDue::Others);
    let stolen = wait(two.commit(intent(2, 201)));
    let error = stolen.expect_err("it is the other's");
    assert!(matches!(*error, StoreError::Transition(_)), "{error}");
    for number in [2, 3] {
        release(&one, number);
    }
    drop((one, two));
    first.join();
    assert_eq!(second.join().totals(&send).expect("a sum").untried, 5);
}

fn release(ledger: &Ledger, number: i64) {
    let release = Change::Release { number, at: 202 };
    wait(ledger.commit(release)).expect("a release");
}

#[test]
fn a_sender_without_heartbeats_loses_its_lease_and_others_take_over() {
    let Some((place, send, [(one, first), (two, second)])) = two_senders("a silent sender") else {
        return;
    };
    assert_eq!(numbers(&one, 3, 200), [2, 3, 4]);
    intend(&one, 2);
    intend(&one, 3);
    // Both are silent; the second is the first to be heard of again.
    place.bury_senders();
    let error = wait(two.next(300)).expect_err("its own time is over too");
    assert!(matches!(*error, StoreError::Replaced), "{error}");
    let (three, third) = Ledger::start(place.open(), &send);
    assert_eq!(wait(three.next(300)).expect("an answer"), NextDue::At(0));
    assert_eq!(numbers(&three, 9, 300), [4, 5, 6]);
    // The outcome of a message that was in flight is recorded, though the lease has expired.
    wait(one.commit(accepted(2))).expect("a late reply");
    let error = wait(one.commit(intent(4, 301))).expect_err("taken");
    assert!(matches!(*error, StoreError::Replaced), "{error}");
    assert!(one.may_send().is_err());
    // It is recorded too after the sender has noticed.
    one.record(accepted(3)).expect_err("the run ends");
    drop((one, two, three));
    for writer in [first, second, third] {
        let store = writer.join();
        let sum = store.totals(&send).expect("a sum");
        assert_eq!(
            (sum.accepted, sum.uncertain, sum.untried, sum.add_up()),
            (2, 0, 3, true)
        );
    }
}

/// At one message an hour nothing depends on how fast this machine is.
#[test]
fn two_senders_keep_one_rate() {
    let Some((_place, _send, [(one, _first), (two, _second)])) = two_senders("one rate") else {
        return;
    };
    let hours = |ledger: &Ledger, relay: &str, count| {
        let wait = wait(ledger.reserve(relay.to_owned(), count, 1.0 / 3600.0));
        let wait = wait.expect("an answer").expect("several senders");
        (wait.as_secs_f64() / 3600.0 + 0.1) as u32
    };
    assert_eq!(hours(&one, "relay:25", 3), 0);
    assert_eq!(hours(&two, "relay:25", 2), 3);
    assert_eq!(hours(&one, "relay:25", 1), 5);
    assert_eq!(hours(&two, "another:25", 1), 0);
}

/// The number of messages that a connection hands over to `relay` until the quota is used up; one of three is refused.
fn hand_over(ledger: &Ledger, relay: &str) -> usize {
    let mut count = 0;
    loop {
        let mut wanted = wanted(3, 200);
        wanted.relay = relay.into();
        wanted.quota = Arc::new(QuotaLimits {
            daily: Some(40),
            warm_up: Vec::new(),
        });
        let leased = match wait(ledger.lease(wanted)).expect("a lease") {
            LeaseResult::Deliveries(leased) => leased,
            LeaseResult::QuotaReached(room) => {
                assert_eq!((room.messages, room.resets_at), (0, 200 + DAY));
                return count;
            }
            LeaseResult::Halted(halt) => panic!("nobody has stopped it: {halt:?}"),
        };
        // Several senders keep several locks together.
        let slot = wait(ledger.reserve(relay.to_owned(), 3, 5000.0));
        slot.expect("an answer");
        for (place, number) in leased.iter().map(|one| one.number).enumerate() {
            let change = if place == 2 {
                refused(number)
            } else {
                intend_over(ledger, number, relay);
                count += 1;
                Change::Accepted {
                    number,
                    diagnostic: said(250, "ok"),
                    at: 200,
                }
            };
            ledger.record(change).expect("an outcome");
        }
    }
}

fn intend_over(ledger: &Ledger, number: i64, relay: &str) {
    wait(ledger.commit(intent_over(relay, number, 200))).expect("an intent");
}

fn refused(number: i64) -> Change {
    Change::Refused {
        number,
        diagnostic: said(552, "mailbox full"),
        reason: franking::outcome::RejectReason::Full,
        at: 200,
    }
}

#[test]
fn concurrent_senders_together_stay_within_the_daily_quota() {
    for place in Place::all("one day") {
        let mut store = place.open();
        let candidates = (1..=300).map(|number| candidate(number, None));
        let new = new_send(OnUncertain::Hold);
        let send = store
            .begin(&new, Candidates::listed(candidates.map(Ok)))
            .expect("a send");
        // In a file there is one sender alone.
        let senders = match &place {
            Place::File(_) => 1,
            Place::Server(_) => 3,
        };
        let ledgers: Vec<_> = (0..senders)
            .map(|_| Ledger::start(place.open(), &send).0)
            .collect();
        let (mut one, mut two) = (0, 0);
        std::thread::scope(|threads| {
            let counts: Vec<_> = ledgers
                .iter()
                .flat_map(|ledger| ["one:25", "two:25"].map(|relay| (ledger, relay)))
                .map(|(ledger, relay)| (relay, threads.spawn(|| hand_over(ledger, relay))))
                .collect();
            for (relay, count) in counts {
                let count = count.join().expect("no panic");
                *(if relay == "one:25" {
                    &mut one
                } else {
                    &mut two
                }) += count;
            }
        });
        assert_eq!((one, two), (40, 40));
    }
}

#[test]
fn two_concurrent_starts_create_one_campaign() {
    let Some(database) = Database::create("beginning at once") else {
        return;
    };
    let place = Place::Server(database);
    let begin = || {
        let new = new_send(OnUncertain::Hold);
        let candidates = (1..=500).map(|number| candidate(number, None));
        place
            .open()
            .begin(&new, Candidates::listed(candidates.map(Ok)))
    };
    let begun: Vec<_> = std::thread::scope(|threads| {
        let others: Vec<_> = (0..4).map(|_| threads.spawn(begin)).collect();
        others
            .into_iter()
            .map(|other| other.join().expect("no panic"))
            .collect()
    });
    assert_eq!(begun.iter().filter(|begun| begun.is_ok()).count(), 1);
    let late = begun.iter().filter_map(|begun| begun.as_ref().err());
    for error in late {
        assert!(matches!(error, StoreError::AlreadyBegun(_)), "{error}");
    }
    let store = place.open();
    let send = store.send_of("a").expect("an answer").expect("a send");
    assert_eq!(store.totals(&send).expect("a sum").untried, 500);
}

/// More than one batch, with a subscriber at each edge.
#[test]
fn every_subscriber_who_left_is_excluded_from_a_long_list() {
    for place in Place::all("many who have left") {
        let mut store = place.open();
        let new = new_send(OnUncertain::Hold);
        let candidates = (1..=2_500).map(|number| Ok(candidate(number, None)));
        let send = store
            .begin(&new, Candidates::listed(candidates))
            .expect("a send");
        let gone = [1, 1_000, 1_001, 2_000, 2_500].map(|n| format!("reader{n}@a.example"));
        let reason = |key: &str| gone.iter().any(|gone| gone == key).then_some("removed");
        let departed = store.exclude_departed(&send, reason, false, 200);
        assert_eq!(departed.expect("a count").excluded, 5);
        let sum = store.totals(&send).expect("a sum");
        assert_eq!(
            (sum.untried, sum.excluded, sum.reasons["removed"]),
            (2_495, 5, 5)
        );
        let again = store.exclude_departed(&send, reason, false, 201);
        assert_eq!(again.expect("a count").excluded, 0);
    }
}

#[test]
fn a_changed_list_is_not_frozen() {
    for place in Place::all("another list") {
        let mut store = place.open();
        let new = new_send(OnUncertain::Hold);
        let sound = (1..=300).map(|number| Ok(candidate(number, None)));
        let begun = store.begin(&new, Candidates::listed(sound.chain([Err(Changed)])));
        assert!(matches!(begun, Err(StoreError::ListChanged(_))));
        assert_eq!(store.sends().expect("an answer"), []);
    }
}

#[test]
fn a_file_that_is_not_a_ledger_is_rejected() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    let words = "no database at all, but long enough to be looked at";
    std::fs::write(&path, words.repeat(99)).expect("a file");
    assert!(matches!(Store::open(&path), Err(StoreError::Damaged(..))));
    let other = folder.path().join("newer.db");
    drop(Store::open(&other).expect("a store"));
    let connection = rusqlite::Connection::open(&other).expect("a database");
    let newer = connection.pragma_update(None, "user_version", 99);
    newer.expect("a version");
    assert!(matches!(Store::open(&other), Err(StoreError::Newer(_, 99))));
}

#[test]
fn a_database_of_a_newer_version_is_rejected() {
    let Some(database) = Database::create("a newer database") else {
        return;
    };
    let url = Password::from(database.url());
    drop(Store::connect(&url, Path::new(".")).expect("a store"));
    database.query("insert into franking (version) values (99)");
    assert!(matches!(
        Store::connect(&url, Path::new(".")),
        Err(StoreError::Newer(_, 99))
    ));
}

/// For who has taken nothing yet, and on a server for every other sender.
#[test]
fn no_sender_leases_deliveries_of_a_suspended_domain() {
    for place in Place::all("a domain in the ledger") {
        let (store, send) = begun(&place, OnUncertain::Hold);
        let (ledger, writer) = Ledger::start(store, &send);
        assert_eq!(numbers(&ledger, 1, 200), [2]);
        let suspend = |known| {
            let step = DomainChange::Suspend {
                name: "a.example".to_owned(),
                why: "450 4.7.28 later".to_owned(),
                untils: [300, 400, 500],
                known,
            };
            let domain = wait(ledger.change_domain(step)).expect("a step").domain;
            (domain.suspensions, domain.until)
        };
        assert_eq!(suspend(200), (1, 300));
        assert_eq!(suspend(200), (1, 300), "another was faster");
        assert!(numbers(&ledger, 9, 299).is_empty());
        let next = wait(ledger.next(299)).expect("what is left");
        let expected = match place {
            Place::File(_) => NextDue::At(300),
            Place::Server(_) => NextDue::Others,
        };
        assert_eq!(next, expected, "one is still in hand");
        assert_eq!(numbers(&ledger, 9, 300), [3, 4, 5, 6]);
        assert_eq!(suspend(300), (2, 400));
        drop(ledger);
        let store = writer.join();
        assert_eq!(store.domains(&send).expect("domains")[0].until, 400);
        assert!(store.totals(&send).expect("a sum").add_up());
    }
}
