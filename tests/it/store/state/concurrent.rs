//! A ledger that is created, removed or overwritten while the program runs.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use franking::simulator::sink::AcceptAll;
use franking::store::Store;
use snapbox::{assert_data_eq, str};

use super::{newsletter, output};
use crate::support::campaign::{NOW, send};
use crate::support::relay::{self, Relay};
use crate::support::{Folder, Run};

/// Nine subscribers, and what happens to the ledger when the third message has arrived.
fn send_while(happens: impl Fn(&Path) + Send + Sync + 'static) -> (Relay, Folder, Run) {
    send_after(|_| {}, 3, happens)
}

/// The same after something else, when the relay has `moment` messages.
fn send_after(
    before: impl Fn(&Folder),
    moment: usize,
    happens: impl Fn(&Path) + Send + Sync + 'static,
) -> (Relay, Folder, Run) {
    let place: Arc<Mutex<Option<std::path::PathBuf>>> = Arc::default();
    let state = Arc::clone(&place);
    let on_message = move |count| {
        if count == moment {
            let state = state.lock().expect("no panic");
            happens(state.as_ref().expect("the send runs"));
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let folder = newsletter(&relay);
    relay::set_numbered(&folder, 9);
    before(&folder);
    *place.lock().expect("no panic") = Some(folder.path().join(".franking"));
    let run = send(&folder, NOW);
    (relay, folder, run)
}

#[test]
fn a_ledger_that_is_removed_during_a_run_stops_it() {
    let (relay, folder, run) = send_while(|state| {
        for file in ["store.db", "store.db-wal", "store.db-shm"] {
            std::fs::remove_file(state.join(file)).expect("a file of the ledger");
        }
    });
    assert_data_eq!(
        relay::masked(&output(&run), relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       9 recipients
2026-11-30T08:00:00Z a: 9 messages to try
2026-11-30T08:00:00Z a: stopped: 2 accepted, 7 untried
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried          7
candidates       9  adds up
error: the ledger `.franking/store.db` was removed or replaced during the run
hint: sending stopped; restore the ledger, or its latest backup, before the next run. Messages that left since the last commit are not in it: compare it with the relay's log
exit 74

"#]]
    );
    assert_eq!(
        relay.recipients().len(),
        3,
        "nothing leaves after the third"
    );
    assert_eq!(
        send(&folder, NOW).code,
        65,
        "the next run does not begin anew"
    );
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_ledger_that_is_replaced_during_a_run_stops_it() {
    let (relay, folder, run) = send_while(|state| {
        let copy = state.join("copy.db");
        std::fs::copy(state.join("store.db"), &copy).expect("a copy");
        std::fs::rename(&copy, state.join("store.db")).expect("its new place");
    });
    assert_eq!(run.code, 74, "{}", output(&run));
    assert!(
        run.stderr
            .contains("was removed or replaced during the run"),
        "{}",
        run.stderr
    );
    assert_eq!(relay.recipients().len(), 3);
    drop(folder);
}

/// Three threads open the ledger repeatedly, as the preview does, while the first run creates it.
#[test]
fn a_ledger_is_created_while_other_processes_read() {
    for _ in 0..40 {
        let folder = Folder::empty();
        let path = folder.path().join("state/store.db");
        let is_created = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_created.load(Ordering::Relaxed) {
                        let store = Store::open_existing(&path).expect("no ledger, or a whole one");
                        let sends = store.map(|store| store.sends().expect("it can be read"));
                        assert_eq!(sends.unwrap_or_default(), []);
                    }
                });
            }
            let created = Store::open(&path).map(drop);
            is_created.store(true, Ordering::Relaxed);
            created.expect("a new ledger");
        });
    }
}

/// Writes over a file and leaves it where it is, as `cp` does.
fn overwrite(path: &Path, bytes: &[u8]) {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).truncate(true).open(path);
    file.expect("a file of the ledger")
        .write_all(bytes)
        .expect("room on the disk");
}

/// The ledger of another newsletter, in one file.
fn another_ledger() -> Vec<u8> {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send(&folder, NOW).code, 0);
    std::fs::read(folder.path().join(".franking/store.db")).expect("its ledger")
}

/// Two have other issues, and there are backups of the ledger before and after the second.
fn sent_before(folder: &Folder) {
    let list = folder.read("subscribers.toml");
    relay::set_subscribers(folder, ["r1", "r2"]);
    let ledger = folder.path().join(".franking/store.db");
    for (issue, backup) in [("b", "older.db"), ("c", "latest.db")] {
        relay::write_issue(folder, issue, "");
        assert_eq!(folder.run_at(NOW, &["send", issue, "--yes"]).code, 0);
        std::fs::copy(&ledger, folder.path().join(backup)).expect("a backup");
    }
    folder.write("subscribers.toml", &list);
}

#[test]
fn a_ledger_that_is_overwritten_in_place_during_a_run_stops_it_and_is_not_written_to() {
    for what in [
        "another",
        "an older one",
        "half of it",
        "no ledger",
        "nothing",
    ] {
        let other = another_ledger();
        let present: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&present);
        let (relay, folder, run) = send_after(sent_before, 7, move |state| {
            let path = state.join("store.db");
            let own = std::fs::read(&path).expect("the ledger");
            let bytes = match what {
                "another" => other.clone(),
                "an older one" => std::fs::read(state.join("../older.db")).expect("a backup"),
                "half of it" => own[..own.len() / 2].to_vec(),
                "no ledger" => b"no ledger\n".repeat(1_000),
                _ => Vec::new(),
            };
            overwrite(&path, &bytes);
            *kept.lock().expect("no panic") = bytes;
        });
        assert_eq!(run.code, 74, "{what}: {}", output(&run));
        let said = "was removed or replaced during the run";
        assert!(run.stderr.contains(said), "{what}: {}", run.stderr);
        assert_eq!(relay.recipients().len(), 7, "{what}");
        let state = folder.path().join(".franking");
        let after = std::fs::read(state.join("store.db")).expect("what is there now");
        assert!(
            after == *present.lock().expect("no panic"),
            "{what}: it was written to"
        );
        for log in ["store.db-wal", "store.db-shm"] {
            assert!(!state.join(log).exists(), "{what}: {log}");
        }
        assert_ne!(send(&folder, NOW).code, 0, "{what}");
        assert_eq!(relay.recipients().len(), 7, "{what}");
    }
}

/// The log builds on what the file had when the run began.
#[test]
fn a_ledger_that_is_overwritten_by_its_latest_backup_loses_nothing() {
    let (relay, folder, run) = send_after(sent_before, 7, |state| {
        let backup = std::fs::read(state.join("../latest.db")).expect("a backup");
        overwrite(&state.join("store.db"), &backup);
    });
    assert_eq!(run.code, 0, "{}", output(&run));
    assert_eq!(relay.recipients().len(), 13);
    let status = folder.run(&["status"]);
    assert_eq!(status.code, 0, "{}", output(&status));
    assert!(
        status.stdout.contains("a  9 of 9 accepted"),
        "{}",
        output(&status)
    );
    assert!(
        status.stdout.contains("c  2 of 2 accepted"),
        "{}",
        output(&status)
    );
}
