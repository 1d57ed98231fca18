//! The state of a newsletter: what the commands report if it cannot be read, is not the one that was there before,
//! or is read while it is created.

mod concurrent;
mod permissions;

use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use franking::simulator::sink::AcceptAll;
use franking::store::Store;
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{NOW, send};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// A newsletter of three subscribers with the issue `a`, which a relay accepts.
fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r2", "r3"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

fn output(run: &Run) -> String {
    format!("{}{}exit {}\n", run.stdout, run.stderr, run.code)
}

fn set_store(folder: &Folder, relay: &Relay, url: &str) {
    let smtp = smtp(relay.port, "none", 1);
    relay::set_smtp(folder, &format!("{smtp}\n[store]\nurl = \"{url}\"\n"));
}

fn send_with(folder: &Folder, issue: &str, flags: &[&str]) -> Run {
    folder.run_at(NOW, &[&["send", issue, "--yes"], flags].concat())
}

/// Copies the files of the state whose names begin with one of `names`, or all of them.
fn copy_state(from: &Path, to: &Path, names: &[&str]) {
    std::fs::create_dir_all(to).expect("a directory of the test");
    for entry in std::fs::read_dir(from).expect("the state") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        let is_wanted = names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted));
        if is_wanted && entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(name)).expect("a copy");
        }
    }
}

/// A newsletter whose issue `a` was sent, a backup of its state, and then its issue `b`.
struct Backup {
    relay: Relay,
    folder: Folder,
    backup: Folder,
}

impl Backup {
    fn new() -> Self {
        let relay = Relay::start(AcceptAll);
        let folder = newsletter(&relay);
        relay::write_issue(&folder, "b", "");
        let first = send_with(&folder, "a", &[]);
        assert_eq!(first.code, 0, "{}", output(&first));
        let backup = Folder::empty();
        copy_state(&folder.path().join(".franking"), backup.path(), &[]);
        let second = send_with(&folder, "b", &[]);
        assert_eq!(second.code, 0, "{}", output(&second));
        assert_eq!(relay.received().len(), 6);
        Self {
            relay,
            folder,
            backup,
        }
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join(".franking")
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.state().join(file)).expect("a file of the state");
    }

    /// The files that have changed, without those that say nothing about what was sent.
    fn changes_since(&self, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
        let changed = self.folder.changes_since(files).into_iter();
        let beside = ["lock", "store.db-clean", "reported.json"];
        changed
            .filter(|file| !beside.iter().any(|name| file.ends_with(name)))
            .collect()
    }

    /// Puts the ledger of the backup in the place of the present one.
    fn restore_ledger(&self) {
        self.remove("store.db");
        copy_state(self.backup.path(), &self.state(), &["store.db"]);
    }

    /// Nothing leaves, and every command that relies on the ledger says why.
    fn assert_stopped(&self, reason: &str) {
        let before = self.relay.received().len();
        for arguments in [
            vec!["send", "b", "--yes"],
            vec!["send", "b", "--dry-run"],
            vec!["send", "--due"],
        ] {
            let run = self.folder.run_at(NOW, &arguments);
            assert_eq!(run.code, 65, "{arguments:?}: {}", output(&run));
            assert!(
                run.stderr.contains(reason),
                "{arguments:?}: {}",
                output(&run)
            );
        }
        for arguments in [
            vec!["status"],
            vec!["schedule"],
            vec!["plan", "b"],
            vec!["check"],
            vec!["doctor", "--no-dns"],
        ] {
            let run = self.folder.run_at(NOW, &arguments);
            let said = output(&run);
            assert!(said.contains(reason), "{arguments:?}: {said}");
        }
        assert_eq!(self.relay.received().len(), before);
    }
}

#[test]
fn a_mistyped_store_url_sends_nothing() {
    let sent = Backup::new();
    set_store(&sent.folder, &sent.relay, "sqlite:.franking/stroe.db");
    let files = sent.folder.files();
    assert_data_eq!(
        output(&send_with(&sent.folder, "a", &[])),
        str![[r#"
error: no ledger at `.franking/stroe.db`, but `.franking/marker` records earlier sends
hint: correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` with `--new-ledger` begins a new one: issues that were sent can be sent again, and suppressed addresses and a list in the store are lost
exit 65

"#]]
    );
    sent.assert_stopped("no ledger at `.franking/stroe.db`");
    assert_eq!(sent.folder.changes_since(&files), [".franking/lock"]);
    for command in ["status", "schedule", "check"] {
        assert_eq!(sent.folder.run(&[command]).code, 65, "{command}");
    }

    let accepted = send_with(&sent.folder, "a", &["--accept-restored"]);
    assert_eq!(accepted.code, 65, "there is nothing to accept");
    assert_eq!(send_with(&sent.folder, "a", &["--new-ledger"]).code, 0);
    assert_eq!(sent.relay.received().len(), 9);
    assert_eq!(
        send_with(&sent.folder, "b", &[]).code,
        0,
        "the new one is known"
    );
    set_store(&sent.folder, &sent.relay, "sqlite:.franking/store.db");
    assert_data_eq!(
        output(&send_with(&sent.folder, "a", &[])),
        str![[r#"
error: the ledger at `.franking/store.db` is not the one of the last run (`.franking/marker`)
hint: correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent again
exit 65

"#]]
    );
}

#[test]
fn a_missing_ledger_stops_a_send() {
    let sent = Backup::new();
    sent.remove("store.db");
    sent.assert_stopped("no ledger at `.franking/store.db`");
    sent.folder.write(".franking/store.db", "");
    sent.assert_stopped("no ledger at `.franking/store.db`");
}

#[test]
fn an_empty_ledger_in_the_place_of_a_used_one_stops_a_send() {
    let sent = Backup::new();
    sent.remove("store.db");
    drop(Store::open(&sent.state().join("store.db")).expect("a new ledger"));
    sent.assert_stopped("the ledger at `.franking/store.db` is empty");
    assert_data_eq!(
        output(&sent.folder.run(&["status"])),
        str![[r#"
error: the ledger at `.franking/store.db` is empty, but `.franking/marker` records earlier sends
hint: correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` with `--new-ledger` begins a new one: issues that were sent can be sent again, and suppressed addresses and a list in the store are lost
exit 65

"#]]
    );
}

#[test]
fn a_ledger_from_a_backup_stops_a_send_until_it_is_accepted() {
    let sent = Backup::new();
    sent.restore_ledger();
    assert_data_eq!(
        output(&send_with(&sent.folder, "b", &[])),
        str![[r#"
error: the ledger at `.franking/store.db` is older than the last run (`.franking/marker`)
hint: correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent again
exit 65

"#]]
    );
    sent.assert_stopped("the ledger at `.franking/store.db` is older than the last run");
    assert_data_eq!(
        output(&sent.folder.run(&["status"])),
        str![[r#"
sent      a  3 of 3 accepted  2026-11-30T08:00:00Z
warning: the ledger at `.franking/store.db` is older than the last run (`.franking/marker`)
hint: correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent again
exit 0

"#]]
    );

    assert_eq!(send_with(&sent.folder, "b", &["--new-ledger"]).code, 65);
    assert_eq!(send_with(&sent.folder, "b", &["--accept-restored"]).code, 0);
    assert_eq!(sent.relay.received().len(), 9, "`b` again, as was accepted");
    assert_eq!(send_with(&sent.folder, "a", &[]).code, 0, "it is known now");
}

/// A copy that goes its own way has as many generations, and others.
#[test]
fn a_copy_that_was_used_elsewhere_stops_a_send() {
    let sent = Backup::new();
    let elsewhere = newsletter(&sent.relay);
    relay::write_issue(&elsewhere, "b", "");
    copy_state(sent.backup.path(), &elsewhere.path().join(".franking"), &[]);
    assert_eq!(send_with(&elsewhere, "b", &[]).code, 0);
    sent.remove("store.db");
    copy_state(
        &elsewhere.path().join(".franking"),
        &sent.state(),
        &["store.db"],
    );
    sent.assert_stopped("the ledger at `.franking/store.db` is older than the last run");
}

#[test]
fn the_ledger_of_another_newsletter_stops_a_send() {
    let sent = Backup::new();
    let other = newsletter(&sent.relay);
    assert_eq!(send_with(&other, "a", &[]).code, 0);
    sent.remove("store.db");
    copy_state(
        &other.path().join(".franking"),
        &sent.state(),
        &["store.db"],
    );
    sent.assert_stopped("the ledger at `.franking/store.db` is not the one of the last run");
}

#[test]
fn a_used_ledger_without_its_marker_stops_a_send() {
    let sent = Backup::new();
    sent.remove("marker");
    sent.assert_stopped("was used before, but `.franking/marker` is missing");
    assert_eq!(send_with(&sent.folder, "b", &["--accept-restored"]).code, 0);
    assert_eq!(send_with(&sent.folder, "b", &[]).code, 0);
    assert_eq!(sent.relay.received().len(), 6, "`b` was sent");
}

#[test]
fn a_damaged_marker_stops_a_send_until_the_ledger_is_accepted() {
    for damage in ["", "{", "\0\0\0\0", "[]", "{\"ledger\":1}"] {
        let sent = Backup::new();
        let marker = sent.folder.read(".franking/marker");
        sent.folder.write(".franking/marker", damage);
        sent.assert_stopped("`.franking/marker` is damaged");
        assert_eq!(sent.folder.run(&["status"]).code, 0, "it can be read");
        assert_eq!(send_with(&sent.folder, "b", &["--new-ledger"]).code, 65);
        let accepted = send_with(&sent.folder, "b", &["--accept-restored"]);
        assert_eq!(accepted.code, 0, "{}", output(&accepted));
        assert_ne!(sent.folder.read(".franking/marker"), damage);
        assert_ne!(sent.folder.read(".franking/marker"), marker);
        assert_eq!(send_with(&sent.folder, "b", &[]).code, 0);
        assert_eq!(sent.relay.received().len(), 6, "`b` was sent");
    }
}

#[test]
fn a_damaged_marker_without_a_ledger_needs_a_new_one() {
    let sent = Backup::new();
    sent.folder.write(".franking/marker", "{");
    sent.remove("store.db");
    sent.assert_stopped("no ledger at `.franking/store.db`");
    assert_eq!(
        send_with(&sent.folder, "b", &["--accept-restored"]).code,
        65
    );
    assert_eq!(send_with(&sent.folder, "b", &["--new-ledger"]).code, 0);
    assert_eq!(send_with(&sent.folder, "b", &[]).code, 0, "it is known now");
    assert_eq!(sent.relay.received().len(), 9);
}

#[test]
fn a_damaged_ledger_is_kept_under_another_name() {
    let sent = Backup::new();
    let garbage = "not a ledger, but long enough to be looked at ".repeat(99);
    sent.folder.write(".franking/store.db", &garbage);
    for flags in [&[][..], &["--accept-restored"]] {
        let run = send_with(&sent.folder, "a", flags);
        assert_eq!(run.code, 65, "{}", output(&run));
    }
    let files = sent.folder.files();
    let dry = ["send", "a", "--dry-run", "--new-ledger"];
    assert_eq!(sent.folder.run_at(NOW, &dry).code, 0);
    assert_eq!(sent.folder.changes_since(&files), [""; 0]);
    let refused = ["send", "a", "--confirm", "99", "--new-ledger"];
    assert_eq!(sent.folder.run_at(NOW, &refused).code, 2);
    assert_eq!(sent.changes_since(&files), [""; 0]);
    assert_eq!(send_with(&sent.folder, "a", &["--new-ledger"]).code, 0);
    assert_eq!(sent.relay.received().len(), 9);
    let kept = ".franking/store.db.damaged-20261130T080000Z-1";
    assert_eq!(sent.folder.read(kept), garbage);

    // A second accident at the same moment does not overwrite the first.
    sent.folder
        .write(".franking/store.db", "another one ".repeat(99).as_str());
    let run = send_with(&sent.folder, "a", &["--new-ledger"]);
    let said = format!(
        "warning: the damaged ledger is kept as `{}`; a new one begins",
        kept.replace("Z-1", "Z-2")
    );
    assert!(run.stderr.contains(&said), "{}", output(&run));
    assert_eq!(sent.folder.read(kept), garbage);
}

/// A send with `--new-ledger` that sends nothing leaves everything as it was, and the next send is stopped as before.
#[test]
fn no_new_ledger_begins_if_nothing_is_sent() {
    let settings = |sent: &Backup| sent.folder.read("newsletter.toml");
    let list = "subscribers.toml";
    type Break<'a> = &'a dyn Fn(&Backup);
    let unreachable: Break<'_> = &|sent| {
        let port = format!("port = {}", sent.relay.port);
        let other = settings(sent).replace(&port, "port = 1");
        assert_ne!(other, settings(sent));
        sent.folder.write("newsletter.toml", &other);
    };
    let no_password: Break<'_> = &|sent| {
        let smtp = "[smtp]\nuser = \"u\"\npassword_file = \"gone\"";
        let other = settings(sent).replace("[smtp]", smtp);
        sent.folder.write("newsletter.toml", &other);
    };
    let cases: [(&str, Break<'_>); 5] = [
        ("no subscribers", &|sent| sent.folder.write(list, "")),
        ("an error in the list", &|sent| {
            sent.folder.write(list, "[[subscriber]]\n")
        }),
        ("an error in the issue", &|sent| {
            sent.folder.write("issues/a.toml", "subject =")
        }),
        ("no password", no_password),
        ("no relay", unreachable),
    ];
    let lost: [Break<'_>; 3] = [
        &|sent| sent.remove("store.db"),
        &|sent| {
            sent.folder.write(
                ".franking/store.db",
                "no ledger, but long enough to be read ".repeat(99).as_str(),
            )
        },
        &|sent| {
            sent.remove("store.db");
            sent.remove("marker");
        },
    ];
    for ((what, break_it), lose) in cases.into_iter().zip(lost.into_iter().cycle()) {
        let sent = Backup::new();
        lose(&sent);
        break_it(&sent);
        for issue in ["a", "--due"] {
            let before = sent.folder.files();
            let run = sent
                .folder
                .run_at(NOW, &["send", issue, "--yes", "--new-ledger"]);
            assert!(
                run.code != 0 || issue == "--due",
                "{what}: {}",
                output(&run)
            );
            let changed = sent.changes_since(&before);
            assert_eq!(changed, [""; 0], "{what}: {}", output(&run));
        }
        assert_eq!(send_with(&sent.folder, "b", &[]).code, 65, "{what}");
    }
}

#[test]
fn a_key_without_ledger_and_marker_stops_a_send() {
    let sent = Backup::new();
    for file in ["store.db", "marker"] {
        sent.remove(file);
    }
    assert_data_eq!(
        output(&send_with(&sent.folder, "a", &[])),
        str![[r#"
error: no ledger at `.franking/store.db`, but the key `.franking/key` of an earlier send
hint: correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` with `--new-ledger` begins a new one: issues that were sent can be sent again, and suppressed addresses and a list in the store are lost
exit 65

"#]]
    );
    sent.assert_stopped("no ledger at `.franking/store.db`, but the key `.franking/key`");
    assert_eq!(send_with(&sent.folder, "a", &["--new-ledger"]).code, 0);
    assert_eq!(send_with(&sent.folder, "b", &[]).code, 0);
    assert_eq!(sent.relay.received().len(), 12);
}

/// A rehearsal generates the key, and the other commands generate none.
#[test]
fn a_first_send_needs_no_flag_whatever_was_done_before() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let publication = folder.read("newsletter.toml");
    for arguments in [
        vec!["check"],
        vec!["build", "a"],
        vec!["doctor", "--no-dns"],
        vec!["plan", "a"],
        vec!["schedule"],
        vec!["send", "a", "--dry-run"],
        vec!["send", "a", "--test", "desk@press.example"],
    ] {
        folder.run_at(NOW, &arguments);
        let key = folder.path().join(".franking/key");
        assert!(!key.exists(), "{arguments:?}");
    }
    relay::set_smtp(&folder, "");
    assert_eq!(send(&folder, NOW).code, 0, "a rehearsal");
    folder.write("newsletter.toml", &publication);
    // Without the ledger, as with a `[store]` `url` on a server that is written down afterwards.
    std::fs::remove_file(folder.path().join(".franking/store.db")).expect("the ledger");
    let first = send(&folder, NOW);
    assert_eq!(first.code, 0, "{}", output(&first));
    std::fs::remove_file(folder.path().join(".franking/store.db")).expect("the ledger");
    std::fs::remove_file(folder.path().join(".franking/marker")).expect("the marker");
    assert_eq!(send(&folder, NOW).code, 65, "now the key was used");
}

/// As docs/operating.md describes it: the whole of `.franking`, while no run is active.
#[test]
fn store_key_and_marker_are_restored_together() {
    let sent = Backup::new();
    let link = |number: usize| {
        let message =
            String::from_utf8(sent.relay.received()[number].bytes.clone()).expect("ASCII");
        let field = message.split("\r\n").find(|l| l.starts_with("Message-ID:"));
        field.expect("a Message-ID").to_owned()
    };
    let first = link(3);
    std::fs::remove_dir_all(sent.state()).expect("the state");
    copy_state(sent.backup.path(), &sent.state(), &[]);
    assert_eq!(send_with(&sent.folder, "a", &[]).code, 0);
    assert_eq!(
        sent.relay.received().len(),
        6,
        "`a` was sent before the backup"
    );
    assert_eq!(send_with(&sent.folder, "b", &[]).code, 0);
    assert_eq!(link(6), first, "the key is the same");
}

/// The commands that read say what is wrong with the key, and `doctor` fails.
fn assert_key_is_reported(folder: &Folder, what: &str) {
    let said = format!("the key `.franking/key` {what}");
    for command in ["status", "schedule", "check"] {
        let run = folder.run(&[command]);
        let warning = format!("warning: {said}");
        assert!(run.stderr.contains(&warning), "{command}: {}", run.stderr);
    }
    let doctor = folder.run(&["doctor"]);
    assert_eq!(doctor.code, 1, "{}", output(&doctor));
    assert!(output(&doctor).contains(&said), "{}", output(&doctor));
}

#[test]
fn a_lost_key_is_not_replaced_silently() {
    let sent = Backup::new();
    sent.remove("key");
    assert_data_eq!(
        output(&send_with(&sent.folder, "b", &[])),
        str![[r#"
error: the key `.franking/key` is lost
hint: restore it from a backup, or copy it from a machine that has sent before. Without it, unsubscribe links that earlier versions mailed may stop working: `franking send` with `--new-key` accepts that
exit 65

"#]]
    );
    assert!(!sent.state().join("key").exists());
    relay::write_issue(&sent.folder, "c", "");
    assert_eq!(send_with(&sent.folder, "c", &[]).code, 65);
    assert_key_is_reported(&sent.folder, "is lost");
    sent.folder.write(".franking/key", &"x".repeat(32));
    assert_data_eq!(
        output(&send_with(&sent.folder, "c", &[])),
        str![[r#"
error: the key `.franking/key` is not the one that the ledger `.franking/store.db` was used with
hint: restore `.franking/key` from a backup, or copy it from a machine that has sent before; `franking send` with `--new-key` accepts another one, and unsubscribe links that earlier versions mailed may stop working
exit 65

"#]]
    );
    assert_key_is_reported(&sent.folder, "is not the one that the ledger");
    assert_eq!(sent.relay.received().len(), 6);
    sent.remove("key");
    assert_eq!(send_with(&sent.folder, "c", &["--new-key"]).code, 0);
    assert_eq!(sent.relay.received().len(), 9);
}

#[test]
fn a_damaged_key_is_not_replaced_silently() {
    let sent = Backup::new();
    relay::write_issue(&sent.folder, "c", "");
    sent.folder.write(".franking/key", "half a key");
    assert_data_eq!(
        output(&send_with(&sent.folder, "c", &[])),
        str![[r#"
error: the key `.franking/key` is damaged
caused by: `.franking/key` is not a key: it has 10 octets instead of 32
hint: restore it from a backup, or copy it from a machine that has sent before. Without it, unsubscribe links that earlier versions mailed may stop working: `franking send` with `--new-key` accepts that
exit 65

"#]]
    );
    assert_key_is_reported(&sent.folder, "is damaged");
    assert_eq!(sent.relay.received().len(), 6);
    let run = send_with(&sent.folder, "c", &["--new-key"]);
    assert_eq!(run.code, 0, "{}", output(&run));
    let kept = ".franking/key.damaged-20261130T080000Z-1";
    assert!(run.stderr.contains(kept), "{}", output(&run));
    assert_eq!(sent.folder.read(kept), "half a key");
    assert_eq!(sent.relay.received().len(), 9);
}

#[test]
fn a_ledger_on_a_server_is_compared_with_the_marker() {
    let Some(database) = Database::create("a marker beside a server") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let (here, there) = (newsletter(&relay), newsletter(&relay));
    for folder in [&here, &there] {
        folder.write(".franking/key", &"k".repeat(32));
        folder.write(".franking/rehearsed", "");
        set_store(folder, &relay, &database.url());
        for issue in ["b", "c"] {
            relay::write_issue(folder, issue, "");
        }
    }
    assert_eq!(send_with(&here, "a", &[]).code, 0);
    let backup = database.copy();
    // This machine joins, and the marker of the other one stays where it was.
    assert_eq!(send_with(&there, "b", &[]).code, 0);
    assert_eq!(send_with(&here, "c", &[]).code, 0);
    assert_eq!(relay.received().len(), 9);

    set_store(&here, &relay, &backup.url());
    let older = send_with(&here, "b", &[]);
    assert_eq!(older.code, 65, "{}", output(&older));
    let message =
        "error: the ledger in the database named by `[store]` `url` is older than the last run";
    assert!(older.stderr.contains(message), "{}", output(&older));
    let empty = Database::create("an empty database").expect("the same server");
    set_store(&here, &relay, &empty.url());
    let gone = send_with(&here, "b", &[]);
    assert_eq!(gone.code, 65, "{}", output(&gone));
    assert_eq!(
        empty.query("select count(*) from pg_tables where schemaname = 'public'"),
        "0"
    );
    assert_eq!(send_with(&here, "b", &["--new-ledger"]).code, 0);
    assert_eq!(relay.received().len(), 12);
}

#[test]
fn a_backup_of_a_ledger_that_was_moved_away_is_older() {
    let sent = Backup::new();
    let before = Folder::empty();
    copy_state(&sent.state(), before.path(), &[]);
    let to = ["store", "migrate", "--to", "sqlite:.franking/new.db"];
    assert_eq!(sent.folder.run_at(NOW, &to).code, 0);
    set_store(&sent.folder, &sent.relay, "sqlite:.franking/new.db");
    assert_eq!(send_with(&sent.folder, "a", &[]).code, 0);
    set_store(&sent.folder, &sent.relay, "sqlite:.franking/store.db");
    sent.remove("store.db");
    copy_state(before.path(), &sent.state(), &["store.db"]);
    sent.assert_stopped("is older than the last run");
}

/// The page on which a table or an index begins, damaged.
fn damage(folder: &Folder, table: &str) {
    let path = folder.path().join(".franking/store.db");
    let file = rusqlite::Connection::open(&path).expect("the ledger");
    let root = "select rootpage from sqlite_schema where name = ?1";
    let root: i64 = file
        .query_row(root, [table], |row| row.get(0))
        .expect("a table");
    let size: i64 = file
        .query_row("pragma page_size", [], |row| row.get(0))
        .expect("a size");
    drop(file);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("the ledger");
    file.seek(SeekFrom::Start(((root - 1) * size).unsigned_abs()))
        .expect("its page");
    file.write_all(&[0xff; 64]).expect("room on the disk");
}

/// Writes the sign of a clean end for the ledger as it is now.
fn sign(folder: &Folder) {
    let file = std::fs::metadata(folder.path().join(".franking/store.db")).expect("the ledger");
    let sign = format!(
        "{} {} {} {}.{:09} {}.{:09}\n",
        file.dev(),
        file.ino(),
        file.len(),
        file.mtime(),
        file.mtime_nsec(),
        file.ctime(),
        file.ctime_nsec()
    );
    folder.write(".franking/store.db-clean", &sign);
}

#[test]
fn a_ledger_is_checked_completely_unless_it_was_closed_cleanly() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send(&folder, NOW).code, 0);
    let written = folder.read(".franking/store.db-clean");
    sign(&folder);
    assert_eq!(
        written,
        folder.read(".franking/store.db-clean"),
        "a run has written it"
    );
    let status = || folder.run(&["status", "a"]);
    assert_eq!(status().code, 0);
    assert_eq!(
        written,
        folder.read(".franking/store.db-clean"),
        "reading changes nothing"
    );

    // No command reads that table here: only a check of the whole file finds it.
    damage(&folder, "room");
    let found = status();
    assert_eq!(found.code, 65, "{}", output(&found));
    sign(&folder);
    assert_eq!(status().code, 0, "with the sign nothing else is read");
    std::fs::remove_file(folder.path().join(".franking/store.db-clean")).expect("the sign");
    assert_eq!(status().code, 65);
    // What a run leaves that was killed, or a process that has it open.
    sign(&folder);
    folder.write(".franking/store.db-wal", "a log");
    assert_eq!(status().code, 65);
}
