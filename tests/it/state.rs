//! The state of a newsletter: what the commands say when it cannot be read, is not the one that was there before,
//! or is read while it is created.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use franking::catcher::AcceptAll;
use franking::store::Store;
use snapbox::{assert_data_eq, str};

use crate::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

/// A newsletter of three subscribers with the issue `a`, which a relay accepts.
fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["r1", "r2", "r3"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

fn send(folder: &Folder) -> Run {
    folder.run_at(NOW, &["send", "a", "--yes"])
}

fn told(run: &Run) -> String {
    format!("{}{}exit {}\n", run.stdout, run.stderr, run.code)
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("our own path");
}

/// Runs the program as a user who may not read the state.
fn run_without_rights(folder: &Folder, arguments: &[&str]) -> Run {
    let state = folder.path().join(".franking");
    let is_root = state.metadata().expect("the state").uid() == 0;
    let mut command = folder.command(arguments);
    command.env("FRANKING_NOW", NOW);
    if is_root {
        set_mode(folder.path(), 0o755);
        command.uid(65_534).gid(65_534);
    } else {
        set_mode(&state, 0);
    }
    let run = Run::from(command.output().expect("the program starts"));
    set_mode(&state, 0o700);
    run
}

#[test]
fn state_that_cannot_be_read_is_not_no_state() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send(&folder).code, 0);
    for arguments in [
        vec!["status"],
        vec!["status", "--json"],
        vec!["status", "a"],
        vec!["schedule"],
        vec!["plan", "a"],
        vec!["check"],
        vec!["send", "a", "--dry-run"],
    ] {
        let run = run_without_rights(&folder, &arguments);
        assert_eq!(run.code, 74, "{arguments:?}: {}", told(&run));
        assert_eq!(run.stdout, "", "{arguments:?}");
        let reason =
            "error: the ledger `.franking/store.db` cannot be read\ncaused by: Permission denied";
        assert!(run.stderr.contains(reason), "{arguments:?}: {}", run.stderr);
    }
    let run = run_without_rights(&folder, &["send", "a", "--yes"]);
    assert_eq!(run.code, 74, "{}", told(&run));
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    std::fs::create_dir(folder.path().join(".franking")).expect("a new directory");
    let run = run_without_rights(&folder, &["send", "a", "--yes"]);
    assert_data_eq!(
        told(&run),
        str![[r#"
error: the lock `.franking/lock` cannot be taken
caused by: Permission denied (os error 13)
exit 74

"#]]
    );
}

#[test]
fn a_path_that_is_not_a_directory_is_not_no_state() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    folder.write(".franking", "a file");
    let run = folder.run(&["status"]);
    assert_data_eq!(
        told(&run),
        str![[r#"
error: the ledger `.franking/store.db` cannot be read
caused by: Not a directory (os error 20)
hint: what it knows is unknown; run the command as the user who sends, or correct the permissions
exit 74

"#]]
    );
}

/// Three readers open the ledger again and again, as the preview does, while the first run creates it.
#[test]
fn a_ledger_is_created_beside_readers() {
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
