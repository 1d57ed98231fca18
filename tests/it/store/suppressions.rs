//! Suppressed mailboxes: reasons never weaken, addresses get their hashes, and the suppression key is checked.

use std::path::Path;

use franking::newsletter::config::Password;
use franking::simulator::sink::{AcceptAll, Answer, Script};
use franking::store::{NewSuppression, Store};
use franking::subscriber::SuppressionKey;
use franking::subscriber::import::SuppressionReason;
use proptest::collection::vec;
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, repository};

const KEY: &str = ".franking/suppression-key";
const ADDRESS: &str = "ada@rivers.example";

fn secret(letter: &str) -> String {
    letter.repeat(32)
}

fn key(folder: &Path) -> SuppressionKey {
    SuppressionKey::at(&folder.join("suppression-key")).expect("a key")
}

/// What may happen to a mailbox, apart from an end of its suppression.
#[derive(Debug, Clone, Copy)]
enum Event {
    Suppress(SuppressionReason),
    /// An import that has the hash only.
    SuppressByHash(SuppressionReason),
    Forget,
    /// The end of `[privacy]` `keep`.
    Remove,
}

fn event() -> impl Strategy<Value = Event> {
    let reason = proptest::sample::select(SuppressionReason::ALL.to_vec());
    prop_oneof![
        4 => reason.clone().prop_map(Event::Suppress),
        2 => reason.prop_map(Event::SuppressByHash),
        1 => Just(Event::Forget),
        1 => Just(Event::Remove),
    ]
}

/// Suppresses the mailbox, and returns whether that changed its row.
fn suppress(
    store: &mut Store,
    key: &SuppressionKey,
    reason: SuppressionReason,
    address_key: Option<&str>,
) -> bool {
    let new = NewSuppression {
        hash: &key.hash(ADDRESS),
        address_key,
        reason,
        detail: Some("word"),
        evidence: None,
        at: 7,
    };
    store.suppress(&new).expect("a suppression")
}

fn apply(store: &mut Store, key: &SuppressionKey, event: Event) -> Option<SuppressionReason> {
    match event {
        Event::Suppress(reason) => {
            suppress(store, key, reason, Some(ADDRESS));
            Some(reason)
        }
        Event::SuppressByHash(reason) => {
            suppress(store, key, reason, None);
            Some(reason)
        }
        Event::Forget => {
            let forgotten = store.forget(&key.hash(ADDRESS), ADDRESS, 7);
            forgotten.expect("a change");
            Some(SuppressionReason::Unsubscribed)
        }
        Event::Remove => {
            store.remove_departed(100, 200).expect("a change");
            None
        }
    }
}

fn reason(store: &Store) -> Option<String> {
    let suppressions = store.suppressions().expect("the suppressions");
    suppressions.reason(ADDRESS).map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The strictest reason of a mailbox remains, in any order, whether its address is known, forgotten or removed.
    #[test]
    fn a_suppression_never_weakens(events in vec(event(), 1..8)) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = Store::open(&folder.path().join("store.db")).expect("a store");
        let key = key(folder.path());
        store.use_suppression_key(key.clone()).expect("the key");
        let mut strictest = None;
        for event in events {
            strictest = strictest.max(apply(&mut store, &key, event));
            let expected = strictest.map(|reason| reason.as_str().to_owned());
            prop_assert_eq!(reason(&store), expected);
        }
        let ended = store.unsuppress(&key.hash(ADDRESS), "asked by mail", 9).expect("an end");
        prop_assert_eq!(ended, strictest.is_some());
        if let Some(remains) = reason(&store) {
            // The mailbox works again, and the person has left.
            prop_assert_eq!(remains, "unsubscribed");
            let mailbox = [SuppressionReason::Blocked, SuppressionReason::Bounced];
            prop_assert!(strictest.is_some_and(|reason| mailbox.contains(&reason)));
            store.unsuppress(&key.hash(ADDRESS), "asked again", 9).expect("an end");
        }
        prop_assert_eq!(reason(&store), None);
    }
}

/// The stores of this machine: a file, and a database.
fn stores(folder: &Path, test: &str) -> Vec<(Store, Option<Database>)> {
    let file = Store::open(&folder.join("store.db")).expect("a store");
    let server = Database::create(test).map(|database| {
        let url = Password::from(database.url());
        (
            Store::connect(&url, folder).expect("a store"),
            Some(database),
        )
    });
    std::iter::once((file, None)).chain(server).collect()
}

#[test]
fn each_suppression_and_its_end_are_in_the_history() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = key(folder.path());
    for (mut store, database) in stores(folder.path(), "the history of suppressions") {
        store.use_suppression_key(key.clone()).expect("the key");
        let some = Some(ADDRESS);
        assert!(suppress(&mut store, &key, SuppressionReason::Bounced, some));
        assert!(!suppress(
            &mut store,
            &key,
            SuppressionReason::Blocked,
            some
        ));
        let hash = key.hash(ADDRESS);
        assert!(store.unsuppress(&hash, "a new sign-up", 8).expect("an end"));
        assert!(!store.unsuppress(&hash, "again", 9).expect("no end"));
        assert!(suppress(
            &mut store,
            &key,
            SuppressionReason::Complained,
            some
        ));
        let columns = "at || ' ' || action || ' ' || reason || ' ' || why || ' ' || coalesce(address_key, '')";
        let history = |database: &Option<Database>| {
            let sql = format!("select {columns} from suppression_event order by id");
            match database {
                Some(database) => database.query(&sql),
                None => column(&folder.path().join("store.db"), &sql).join("\n"),
            }
        };
        assert_eq!(
            history(&database),
            "7 suppress bounced word ada@rivers.example\n\
             8 unsuppress bounced a new sign-up ada@rivers.example\n\
             7 suppress complained word ada@rivers.example"
        );
        store.forget(&hash, ADDRESS, 9).expect("a change");
        let sql =
            "select count(*) from suppression_event where address_key is null and why is null";
        let forgotten = match &database {
            Some(database) => database.query(sql),
            None => column(
                &folder.path().join("store.db"),
                &sql.replace("count(*)", "count(*) || ''"),
            )
            .concat(),
        };
        assert_eq!(forgotten, "3");
        let known = store.suppression(ADDRESS).expect("a suppression");
        assert_eq!(
            known.map(|known| known.reason).as_deref(),
            Some("complained")
        );
        assert_eq!(reason(&store).as_deref(), Some("complained"));
    }
}

/// The first column of the rows of a ledger in a file.
fn column(path: &Path, sql: &str) -> Vec<String> {
    let file = rusqlite::Connection::open(path).expect("the ledger");
    let mut statement = file.prepare(sql).expect("a statement");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

const OLDER: &str =
    "select hash || ' ' || address_key || ' ' || reason || ' ' || at from suppression";

/// A ledger of an older version that suppresses `r4`, with an issue that is not sent yet.
fn older(relay: &Relay, url: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}\n[store]\nurl = \"{url}\"\n"));
    relay::set_subscribers(&folder, ["r1", "r4"]);
    relay::write_issue(&folder, "c", "");
    folder.write(".franking/key", &secret("k"));
    folder
}

fn dump(database: &str) -> String {
    let path = format!("tests/it/fixtures/ledgers/a7a712a.{database}.sql");
    std::fs::read_to_string(repository().join(path)).expect("a ledger of the fixtures")
}

/// Sends without and with the suppression key; `rows` reads [`OLDER`].
fn is_hashed_with_the_key(relay: &Relay, folder: &Folder, rows: impl Fn() -> String) {
    const LATER: &str = "2026-11-30T09:00:00Z";
    let planned = folder.run_at(LATER, &["send", "c", "--dry-run"]);
    assert!(
        planned.stdout.contains("r4@reader.example\tbounced"),
        "{}",
        planned.stdout
    );
    let old = "address:r4@reader.example r4@reader.example bounced 1796025600";
    assert_eq!(rows(), old, "without a key nothing is hashed");
    folder.write(KEY, &secret("s"));
    let sent = folder.run_at(LATER, &["send", "c", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(relay.recipients(), ["r1@reader.example"]);
    let path = folder.path().join(KEY);
    let key = SuppressionKey::existing(&path)
        .expect("the key")
        .expect("a key");
    let hash = key.hash("r4@reader.example");
    assert_eq!(
        rows(),
        format!("{hash} r4@reader.example bounced 1796025600")
    );
}

#[test]
fn the_addresses_of_an_older_ledger_get_their_hashes() {
    let relay = Relay::start(AcceptAll);
    let folder = older(&relay, "sqlite:.franking/store.db");
    let path = folder.path().join(".franking/store.db");
    let file = rusqlite::Connection::open(&path).expect("a new file");
    file.execute_batch(&dump("sqlite")).expect("the ledger");
    drop(file);
    is_hashed_with_the_key(&relay, &folder, || column(&path, OLDER).join("\n"));
}

#[test]
fn the_addresses_of_an_older_ledger_on_postgresql_get_their_hashes() {
    let Some(database) = Database::create("older suppressions on a server") else {
        return;
    };
    database.query(&dump("postgres"));
    let relay = Relay::start(AcceptAll);
    let folder = older(&relay, &database.url());
    is_hashed_with_the_key(&relay, &folder, || database.query(OLDER));
}

/// More suppressions than one statement hashes, one of them of a person who was forgotten.
#[test]
fn a_refusal_of_a_forgotten_mailbox_leaves_no_address() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = key(folder.path());
    for (mut store, database) in stores(folder.path(), "hashes of many suppressions") {
        store.use_suppression_key(key.clone()).expect("the key");
        suppress(
            &mut store,
            &key,
            SuppressionReason::Unsubscribed,
            Some(ADDRESS),
        );
        let forgotten = store.forget(&key.hash(ADDRESS), ADDRESS, 7);
        forgotten.expect("a change");
        // As refusals write it.
        let numbers = (1..=450).map(|number| format!("r{number}@reader.example"));
        let addresses = numbers.chain([ADDRESS.to_owned()]);
        let rows =
            addresses.map(|address| format!("('address:{address}', '{address}', 'bounced', 9)"));
        let rows = rows.collect::<Vec<_>>().join(", ");
        let sql = format!("insert into suppression (hash, address_key, reason, at) values {rows}");
        let left = "select 'left ' || count(*) || ' of ' || (select count(*) from suppression) from suppression
             where hash like 'address:%' or address_key = 'ada@rivers.example'";
        let left = match &database {
            Some(database) => {
                database.query(&sql);
                store.use_suppression_key(key.clone()).expect("the key");
                database.query(left)
            }
            None => {
                let path = folder.path().join("store.db");
                let file = rusqlite::Connection::open(&path).expect("the ledger");
                file.execute_batch(&sql).expect("rows");
                store.use_suppression_key(key.clone()).expect("the key");
                column(&path, left).concat()
            }
        };
        assert_eq!(left, "left 0 of 451");
        assert_eq!(reason(&store).as_deref(), Some("bounced"));
    }
}

struct OneIsGone;

impl Script for OneIsGone {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with("gone@") {
            true => Answer::Reply(550, "5.1.1 no such mailbox".to_owned()),
            false => Answer::Accept,
        }
    }
}

/// A newsletter with a suppression key, whose ledger suppresses `gone@reader.example`, and the issue `second`.
fn with_a_suppression(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "gone"]);
    relay::write_issue(&folder, "first", "");
    relay::write_issue(&folder, "second", "");
    // A key without a ledger would be that of a lost one.
    drop(Store::open(&folder.path().join(".franking/store.db")).expect("a ledger"));
    folder.write(KEY, &secret("s"));
    let run = folder.run(&["send", "first", "--confirm", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    folder
}

#[test]
fn a_forgotten_mailbox_is_excluded_by_its_hash() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    let path = folder.path().join(KEY);
    let key = SuppressionKey::existing(&path)
        .expect("the key")
        .expect("a key");
    let path = folder.path().join(".franking/store.db");
    let mut store = Store::open(&path).expect("the ledger");
    let hash = key.hash("gone@reader.example");
    let forgotten = store.forget(&hash, "gone@reader.example", 7);
    forgotten.expect("a change");
    drop(store);
    let known = "select coalesce(address_key, 'forgotten') from suppression";
    assert_eq!(column(&path, known), ["forgotten"]);

    for command in [&["send", "second", "--dry-run"][..], &["plan", "second"]] {
        let shown = folder.run(command);
        let shown = shown.stdout + &shown.stderr;
        assert!(shown.contains("1 bounced"), "{shown}");
    }
    let sent = folder.run(&["send", "second", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let served = relay.recipients();
    assert_eq!(served, ["ann@reader.example", "ann@reader.example"]);
}

/// The output of every command that mails, without the key that the ledger knows.
fn stopped(folder: &Folder) -> String {
    let mut stopped = String::new();
    for command in [
        &["send", "second", "--yes"][..],
        &["send", "second", "--dry-run"],
        &["send", "--due"],
        &["resume", "first"],
    ] {
        let run = folder.run(command);
        assert_eq!(run.code, 65, "{command:?}: {}{}", run.stdout, run.stderr);
        stopped = run.stderr;
    }
    stopped
}

#[test]
fn a_lost_or_another_suppression_key_stops_every_command_that_mails() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    std::fs::remove_file(folder.path().join(KEY)).expect("the key");
    assert_data_eq!(
        stopped(&folder),
        str![[r#"
error: the suppression key `.franking/suppression-key` is lost
hint: restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, suppressed people whose address was removed cannot be recognised, so nothing is sent or imported

"#]]
    );
    let read = folder.run(&["status"]);
    assert_data_eq!(
        read.stderr,
        str![[r#"
warning: the suppression key `.franking/suppression-key` is lost
hint: restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, suppressed people whose address was removed cannot be recognised, so nothing is sent or imported

"#]]
    );
    assert!(!folder.path().join(KEY).exists(), "no key replaces it");

    folder.write(KEY, &secret("t"));
    assert_data_eq!(
        stopped(&folder),
        str![[r#"
error: the suppression key `.franking/suppression-key` is not the one that the ledger `.franking/store.db` was used with
hint: restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, suppressed people whose address was removed cannot be recognised, so nothing is sent or imported

"#]]
    );
    let read = folder.run(&["plan", "second"]);
    assert_data_eq!(
        read.stderr,
        str![[r#"
warning: the suppression key `.franking/suppression-key` is not the one that the ledger `.franking/store.db` was used with
hint: restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, suppressed people whose address was removed cannot be recognised, so nothing is sent or imported

"#]]
    );

    folder.write(KEY, "short");
    assert_data_eq!(
        stopped(&folder),
        str![[r#"
error: the suppression key `.franking/suppression-key` is damaged
caused by: `.franking/suppression-key` is not a key: it has 5 octets instead of 32
hint: restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, suppressed people whose address was removed cannot be recognised, so nothing is sent or imported

"#]]
    );

    folder.write(KEY, &secret("s"));
    let sent = folder.run(&["send", "second", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
}
