//! A ledger that an older version wrote, in mid-campaign: migrated, and resumed exactly.
//!
//! Before the older version was stopped, `a` was accepted for r1 and r2, deferred for r3 and refused for r4; the
//! message to r5 was on its way, r6 and r7 had their turn before them. `b` had gone to the outbox.

use franking::newsletter::config::Password;
use franking::simulator::sink::AcceptAll;
use franking::store::{Store, TokenMailbox};
use franking::subscriber::TokenKeys;
use franking::util::key::Key;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, repository};

const LATER: &str = "2026-11-30T09:00:00Z";

fn dump(database: &str) -> String {
    let path = format!("tests/it/fixtures/ledgers/a7a712a.{database}.sql");
    std::fs::read_to_string(repository().join(path)).expect("a ledger of the fixtures")
}

fn newsletter(relay: &Relay, url: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}\n[store]\nurl = \"{url}\"\n"));
    relay::set_subscribers(&folder, ["r1", "r2", "r3", "r4", "r5", "r6", "r7"]);
    for issue in ["a", "b"] {
        relay::write_issue(&folder, issue, "");
    }
    folder.write(".franking/key", &"k".repeat(32));
    folder
}

fn is_resumed_exactly(relay: &Relay, folder: &Folder, open: impl Fn() -> Store) {
    let status = folder.run(&["status"]);
    assert_data_eq!(
        status.stdout,
        str![[r#"
stopped   a  2 of 7 accepted, 1 uncertain  2026-11-30T08:00:00Z
rehearsal b  7 of 7 written  2026-11-29T08:00:00Z

"#]]
    );
    let resumed = folder.run_at(LATER, &["send", "a", "--yes"]);
    assert_eq!(resumed.code, 1, "r5 is uncertain: {}", resumed.stderr);
    let mut served = relay.recipients();
    served.sort();
    let rest = ["r3", "r6", "r7"].map(|name| format!("{name}@reader.example"));
    assert_eq!(served, rest);
    let account = folder.run(&["status", "a"]).stdout;
    for row in [
        "accepted         5",
        "refused          1",
        "uncertain        1",
        "untried          0",
    ] {
        assert!(account.contains(row), "{account}");
    }

    let store = open();
    // Links that the older version mailed, and those of the rest of its campaign.
    let key = Key::existing(&folder.path().join(".franking/key"));
    let keys = TokenKeys::first(key.expect("a key").expect("a key"));
    let earlier = keys.get(None).expect("the first key");
    for name in (1..=7).map(|number| format!("r{number}@reader.example")) {
        let token = earlier.token("small.press.example", &name);
        let mailbox = store.mailbox_of_token(token.as_str()).expect("the ledger");
        assert_eq!(mailbox, Some(TokenMailbox::Address(name)));
    }
    drop(store);

    // No message of `b` was sent, so it goes to every recipient; r4 was refused permanently.
    let sent = folder.run_at(LATER, &["send", "b", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(relay.recipients().len(), 3 + 6);
    assert!(folder.path().join(".franking/marker").exists());
}

#[test]
fn a_ledger_of_an_older_version_is_resumed_exactly() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    let path = folder.path().join(".franking/store.db");
    let older = rusqlite::Connection::open(&path).expect("a new file");
    older.execute_batch(&dump("sqlite")).expect("the ledger");
    drop(older);
    is_resumed_exactly(&relay, &folder, || Store::open(&path).expect("the ledger"));
    let newer = rusqlite::Connection::open(&path).expect("the ledger");
    let version = newer.query_row("pragma user_version", [], |row| row.get::<_, i64>(0));
    assert!(
        version.expect("a version") > 4,
        "an older version refuses it"
    );
}

/// Replies as older versions kept them, with the codes that the migration reads from them.
fn replies() -> [(&'static str, &'static str, Value); 7] {
    [
        ("r1", "250 2.0.0 queued", json!([250, "2.0.0"])),
        ("r2", "550 no such user", json!([550, null])),
        (
            "r3",
            "given up after 9 tries in 48 hours: 452 4.2.2 over quota",
            json!([452, "4.2.2"]),
        ),
        ("r4", "550 #5.7.515 denied", json!([550, "5.7.515"])),
        (
            "r5",
            "the connection was lost at MAIL FROM: 550",
            json!([null, null]),
        ),
        ("r6", "550 4.2.2 of another class", json!([550, null])),
        ("r7", "550 5.1.1: no separate word", json!([550, null])),
    ]
}

fn set_replies() -> String {
    let updates = replies().map(|(name, reply, _)| {
        format!(
            "update delivery set state = 'refused', why = '{reply}' where name = upper('{name}');\n"
        )
    });
    updates.concat()
}

fn has_codes(folder: &Folder) {
    let status = folder.run(&["status", "a", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
    let deliveries = report["deliveries"].as_array().expect("deliveries");
    for ((_, reply, codes), delivery) in replies().iter().zip(deliveries) {
        let found = json!([delivery["reply_code"], delivery["enhanced_status"]]);
        assert_eq!(found, *codes, "{reply}");
    }
}

#[test]
fn the_codes_of_older_replies_are_read_from_their_text() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    let path = folder.path().join(".franking/store.db");
    let older = rusqlite::Connection::open(&path).expect("a new file");
    older.execute_batch(&dump("sqlite")).expect("the ledger");
    older.execute_batch(&set_replies()).expect("the replies");
    drop(older);
    has_codes(&folder);
}

#[test]
fn the_codes_of_older_replies_on_postgresql_are_read_from_their_text() {
    let Some(database) = Database::create("older replies on a server") else {
        return;
    };
    database.query(&dump("postgres"));
    database.query(&set_replies());
    let relay = Relay::start(AcceptAll);
    has_codes(&newsletter(&relay, &database.url()));
}

/// Every command that opens the ledger, and what it says of one whose tables have a step too many.
fn is_refused(relay: &Relay, folder: &Folder, version: i64, place: &str) {
    let said = format!(
        "error: the ledger `{place}` was written by a newer version (schema {version})\n\
         hint: use the version that wrote it, or a newer one\n"
    );
    for command in [
        &["status"][..],
        &["status", "a"],
        &["plan", "a"],
        &["schedule"],
        &["check"],
        &["send", "a", "--yes"],
        &["send", "a", "--dry-run"],
        &["send", "--due"],
        &["resume", "a"],
        &["pause", "a"],
        &["cancel", "a", "--yes"],
        &["send", "a", "--yes", "--new-ledger"],
        &["send", "a", "--yes", "--accept-restored"],
    ] {
        let run = folder.run_at(LATER, command);
        assert_eq!(run.code, 2, "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains(&said), "{command:?}: {}", run.stderr);
    }
    assert_eq!(relay.recipients().len(), 0);
}

/// An older version has the same check: it refuses a number that is higher than that of its own last step.
#[test]
fn a_ledger_of_a_newer_version_is_rejected_by_every_command() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    let path = folder.path().join(".franking/store.db");
    drop(Store::open(&path).expect("a ledger"));
    let newer = rusqlite::Connection::open(&path).expect("the ledger");
    let version: i64 = newer
        .query_row("pragma user_version", [], |row| row.get(0))
        .expect("a version");
    let raised = newer.pragma_update(None, "user_version", version + 1);
    raised.expect("a version");
    drop(newer);
    is_refused(&relay, &folder, version + 1, ".franking/store.db");
}

#[test]
fn a_ledger_of_a_newer_version_on_postgresql_is_rejected_by_every_command() {
    let Some(database) = Database::create("a newer ledger on a server") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &database.url());
    let url = Password::from(database.url());
    drop(Store::connect(&url, folder.path()).expect("a ledger"));
    let version = database.query("select max(version) from franking");
    let version = version.parse::<i64>().expect("a version") + 1;
    database.query(&format!(
        "insert into franking (version) values ({version})"
    ));
    let place = folder.run(&["status"]).stderr;
    let (_, place) = place.split_once('`').expect("the ledger");
    let (place, _) = place.split_once('`').expect("the ledger");
    assert!(place.starts_with("postgres://"), "{place}");
    is_refused(&relay, &folder, version, place);
}

#[test]
fn a_ledger_of_an_older_version_on_postgresql_is_resumed_exactly() {
    let Some(database) = Database::create("an older ledger on a server") else {
        return;
    };
    database.query(&dump("postgres"));
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &database.url());
    let url = Password::from(database.url());
    let open = || Store::connect(&url, folder.path()).expect("the ledger");
    is_resumed_exactly(&relay, &folder, open);
    let version = database.query("select max(version) from franking");
    assert!(
        version.parse::<i64>().expect("a version") > 4,
        "an older version refuses it"
    );
}
