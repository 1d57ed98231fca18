//! `franking store migrate`: the whole of a ledger moved from a file to a server, and back.

use franking::newsletter::config::Password;
use franking::simulator::sink::AcceptAll;
use franking::store::{Ledger, Store};
use snapbox::{assert_data_eq, str};

use crate::support::postgres::{Database, PASSWORD};
use crate::support::relay::{self, BadDay, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T09:00:00Z";

fn set_store(folder: &Folder, relay: &Relay, url: &str) {
    let smtp = smtp(relay.port, "none", 1);
    relay::set_smtp(folder, &format!("{smtp}\n[store]\nurl = \"{url}\"\n"));
}

fn run(folder: &Folder, now: &str, arguments: &[&str]) -> Run {
    let mut command = folder.command(arguments);
    let command = command.env("FRANKING_NOW", now).env("PGPASSWORD", PASSWORD);
    Run::from(command.output().expect("the program starts"))
}

fn newsletter(relay: &Relay, url: &str) -> Folder {
    let folder = relay::newsletter("");
    set_store(&folder, relay, url);
    relay::set_numbered(&folder, 1_500);
    for issue in ["a", "b"] {
        relay::write_issue(&folder, issue, "");
    }
    folder
}

/// Everything that the program can say of its ledger.
fn reports(folder: &Folder) -> String {
    let output = [
        vec!["status", "--json"],
        vec!["status", "a", "--json"],
        vec!["status", "b", "--json"],
        vec!["status", "a", "--all"],
        vec!["schedule"],
    ];
    let output = output.map(|arguments| run(folder, NOW, &arguments));
    output.map(|run| run.stdout + &run.stderr).concat()
}

#[test]
fn a_ledger_migrated_to_postgresql_and_back_reports_the_same() {
    let Some(database) = Database::create("moving a ledger") else {
        return;
    };
    let relay = Relay::start(BadDay {
        later: "4.7.1 Grüße später",
    });
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    assert_eq!(run(&folder, NOW, &["send", "a", "--yes"]).code, 75);
    let only = ["send", "b", "--yes", "--only", "r2@reader.example"];
    assert_eq!(run(&folder, NOW, &only).code, 0);
    let output = reports(&folder);

    let server = database.tcp_url(None);
    let there = run(&folder, NOW, &["store", "migrate", "--to", &server]);
    assert_data_eq!(
        database.masked(&format!(
            "{}{}exit {}\n",
            there.stdout, there.stderr, there.code
        )),
        str![[r#"
sends              2
deliveries      3000
suppressions       1
editions           2
subscribers        0
moved from `.franking/store.db` to `postgres://franking@127.0.0.1:PORT/LETTER`
now write the new store into newsletter.toml, as `[store]` `url`; the old one can no longer be opened
exit 0

"#]]
    );
    let old = run(&folder, NOW, &["send", "a", "--yes"]);
    assert_data_eq!(
        format!("{}exit {}\n", old.stderr, old.code),
        str![[r#"
error: the ledger `.franking/store.db` was moved to another place
hint: write the new store into newsletter.toml, as `[store]` `url`; this one is only a backup
exit 2

"#]]
    );
    set_store(&folder, &relay, &server);
    assert_eq!(reports(&folder), output);

    let again = run(&folder, NOW, &["store", "migrate", "--to", &server]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    // Back to the file that the ledger came from, which is kept.
    let file = "sqlite:.franking/store.db";
    let back = run(&folder, NOW, &["store", "migrate", "--to", file]);
    assert_eq!(back.code, 0, "{}", back.stderr);
    let kept = ".franking/store.db.moved-20261130T080000Z-1";
    let warning = format!(
        "warning: `.franking/store.db` was the ledger before an earlier move; it is kept as `{kept}`\n"
    );
    assert!(back.stderr.starts_with(&warning), "{}", back.stderr);
    assert!(folder.path().join(kept).exists());
    assert_eq!(
        run(&folder, NOW, &["status"]).code,
        2,
        "the server's is moved away"
    );
    set_store(&folder, &relay, file);
    assert_eq!(reports(&folder), output);
    // A database is never replaced.
    let again = run(&folder, NOW, &["store", "migrate", "--to", &server]);
    assert_data_eq!(
        database.masked(&format!("{}exit {}\n", again.stderr, again.code)),
        str![[r#"
error: the database `postgres://franking@127.0.0.1:PORT/LETTER` contains the ledger of before an earlier move
hint: nothing was moved; name an empty database in `--to`, or empty this one first: `dropdb` and `createdb`
exit 2

"#]]
    );
    assert_eq!(reports(&folder), output);

    // It continues where it stopped, and a new campaign gets a number of its own.
    assert_eq!(run(&folder, LATER, &["send", "a", "--yes"]).code, 1);
    assert_eq!(run(&folder, LATER, &["send", "b", "--yes"]).code, 1);
    let count = relay.recipients().len();
    assert_eq!(count, 2 * 1_500 - 2, "r3 never, and then it is suppressed");
}

#[test]
fn a_ledger_returns_to_the_file_that_it_was_moved_from() {
    let relay = Relay::start(AcceptAll);
    let files = ["sqlite:.franking/store.db", "sqlite:.franking/other.db"];
    let folder = newsletter(&relay, files[0]);
    assert_eq!(run(&folder, NOW, &["send", "a", "--yes"]).code, 0);
    let output = reports(&folder);
    let mut count = folder.files().len();
    for to in [files[1], files[0], files[1], files[0]] {
        let moved = run(&folder, NOW, &["store", "migrate", "--to", to]);
        assert_eq!(moved.code, 0, "{}", moved.stderr);
        set_store(&folder, &relay, to);
        assert_eq!(reports(&folder), output);
        let ledgers = |name: &&String| name.contains(".db") && !name.ends_with("-clean");
        let kept = folder.files().keys().filter(ledgers).count();
        assert!(kept > 1, "the ledger before each move is kept");
        assert!(folder.files().len() > count, "none replaces another");
        count = folder.files().len();
    }
    assert_eq!(run(&folder, NOW, &["send", "b", "--yes"]).code, 0);
}

#[test]
fn an_error_of_the_target_names_the_argument() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    assert_eq!(run(&folder, NOW, &["send", "a", "--yes"]).code, 0);
    let to = "postgres://franking@127.0.0.1:1/letter?sslmode=perhaps";
    let moved = run(&folder, NOW, &["store", "migrate", "--to", to]);
    assert_eq!(moved.code, 2);
    assert!(
        moved.stderr.ends_with("\nhint: correct `--to`\n"),
        "{}",
        moved.stderr
    );
}

#[test]
fn a_migrated_campaign_continues_on_postgresql() {
    let Some(database) = Database::create("sending on from a server") else {
        return;
    };
    let relay = Relay::start(BadDay {
        later: "4.7.1 Grüße später",
    });
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    assert_eq!(run(&folder, NOW, &["send", "a", "--yes"]).code, 75);
    let to = database.url();
    let moved = run(&folder, NOW, &["store", "migrate", "--to", &to]);
    assert_eq!(moved.code, 0, "{}", moved.stderr);
    set_store(&folder, &relay, &to);
    assert_eq!(run(&folder, LATER, &["send", "a", "--yes"]).code, 1);
    assert_eq!(run(&folder, LATER, &["send", "b", "--yes"]).code, 1);
    assert_eq!(
        database.query("select string_agg(id::text, ' ' order by id) from send"),
        "1 2"
    );
}

#[test]
fn a_ledger_is_migrated_only_without_a_sender_and_to_an_empty_store() {
    let Some(database) = Database::create("a ledger that cannot move") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "sqlite:.franking/store.db");
    let output = |to: &str| {
        let run = run(&folder, NOW, &["store", "migrate", "--to", to]);
        format!(
            "{}{}exit {}\n\n",
            run.stdout,
            database.masked(&run.stderr),
            run.code
        )
    };
    let nothing_yet = output("sqlite:other.db");
    assert_eq!(run(&folder, NOW, &["send", "a", "--yes"]).code, 0);
    let settings = folder.read("newsletter.toml");
    let mut all = vec![
        nothing_yet,
        output("sqlite:newsletter.toml"),
        output("sqlite:.franking/store.db"),
        output("other.db"),
        output("postgres://franking:canary@127.0.0.1/letter"),
    ];
    assert_eq!(folder.read("newsletter.toml"), settings);
    let lock = franking::store::Lock::take(&folder.path().join(".franking/lock"), "send a", 7);
    let held = output("sqlite:other.db");
    assert!(held.contains("another process holds the lock") && held.ends_with("exit 73\n\n"));
    drop(lock.expect("nobody else has it"));

    let url = database.url();
    assert!(output(&url).ends_with("exit 0\n\n"));
    set_store(&folder, &relay, &url);
    let open = || Store::connect(&Password::from(url.clone()), folder.path()).expect("a store");
    let store = open();
    let send = store.send_of("a").expect("an answer").expect("a send");
    let (ledger, writer) = Ledger::start(store, &send);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(ledger.next(0)).expect("an answer");
    all.push(output("sqlite:other.db"));
    drop(ledger);
    drop(writer.join());
    assert_data_eq!(
        all.concat(),
        str![[r#"
error: nothing has been sent yet
hint: there is nothing to move; write the new store into newsletter.toml
exit 2

error: `newsletter.toml` exists and is not a ledger
hint: nothing was moved; name a file that does not exist, such as `--to sqlite:.franking/moved.db`
exit 2

error: the ledger `.franking/store.db` is not empty
hint: nothing was moved; name a new file or an empty database
exit 2

error: invalid value for `--to`: it starts with neither `sqlite:` nor `postgres://`
hint: write `sqlite:.franking/store.db`, or `postgres://user@host/database`
exit 2

error: a password is not allowed in an argument
hint: every user of this machine can read arguments; set `PGPASSWORD`
exit 2

error: the ledger `postgres://franking@FOLDER:PORT/LETTER` is in use by a sender
hint: nothing was moved; wait until it has ended, or one minute after it was killed
exit 73


"#]]
    );
    assert!(output("sqlite:other.db").ends_with("exit 0\n\n"));
}
