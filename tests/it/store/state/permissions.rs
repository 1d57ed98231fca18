//! A state directory that cannot be read or written.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use super::{newsletter, output, send_with};
use crate::support::campaign::{NOW, send};
use crate::support::relay::{self, Relay};
use crate::support::{Folder, Run};

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
fn unreadable_state_is_not_treated_as_missing() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send(&folder, NOW).code, 0);
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
        assert_eq!(run.code, 74, "{arguments:?}: {}", output(&run));
        let is_json = arguments.contains(&"--json");
        assert_eq!(
            run.stdout.starts_with("{\"error\":"),
            is_json,
            "{arguments:?}"
        );
        assert_eq!(run.stdout.is_empty(), !is_json, "{arguments:?}");
        let reason =
            "error: the ledger `.franking/store.db` cannot be read\ncaused by: permission denied";
        assert!(run.stderr.contains(reason), "{arguments:?}: {}", run.stderr);
    }
    let run = run_without_rights(&folder, &["send", "a", "--yes"]);
    assert_eq!(run.code, 74, "{}", output(&run));
    assert_eq!(relay.recipients().len(), 3);
}

/// Runs the program as a user who may read the state and not write it; `directory` is the mode of `.franking`.
fn run_as_reader(folder: &Folder, directory: u32, arguments: &[&str]) -> Run {
    let state = folder.path().join(".franking");
    let is_root = state.metadata().expect("the state").uid() == 0;
    for entry in std::fs::read_dir(&state).expect("the state") {
        set_mode(&entry.expect("an entry").path(), 0o444);
    }
    set_mode(&state, directory);
    let mut command = folder.command(arguments);
    command.env("FRANKING_NOW", NOW);
    if is_root {
        set_mode(folder.path(), 0o755);
        command.uid(65_534).gid(65_534);
    }
    let run = Run::from(command.output().expect("the program starts"));
    set_mode(&state, 0o700);
    for entry in std::fs::read_dir(&state).expect("the state") {
        set_mode(&entry.expect("an entry").path(), 0o600);
    }
    run
}

#[test]
fn read_only_state_is_enough_to_read() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send(&folder, NOW).code, 0);
    for arguments in [
        vec!["status"],
        vec!["status", "a", "--json"],
        vec!["schedule"],
        vec!["plan", "a"],
        vec!["check"],
        vec!["send", "a", "--dry-run"],
    ] {
        let own = folder.run_at(NOW, &arguments);
        let other = run_as_reader(&folder, 0o555, &arguments);
        assert_eq!(output(&other), output(&own), "{arguments:?}");
    }
    let status = run_as_reader(&folder, 0o555, &["status"]);
    assert!(
        status.stdout.contains("3 of 3 accepted"),
        "{}",
        output(&status)
    );
}

#[test]
fn a_read_only_ledger_is_a_described_error_for_commands_that_write() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    relay::write_issue(&folder, "b", "");
    assert_eq!(send(&folder, NOW).code, 0);
    std::fs::remove_file(folder.path().join(".franking/lock")).expect("the lock");
    let run = run_as_reader(&folder, 0o777, &["send", "b", "--yes"]);
    let error = "error: the ledger `.franking/store.db` cannot be written\n\
                 caused by: the file or its directory is read-only for this user\nhint: ";
    assert!(run.stderr.contains(error), "{}", output(&run));
    assert_eq!(run.code, 74, "{}", output(&run));
    assert_eq!(relay.recipients().len(), 3);

    std::fs::remove_file(folder.path().join(".franking/lock")).expect("the lock");
    let moving = ["store", "migrate", "--to", "sqlite:.franking/other.db"];
    let run = run_as_reader(&folder, 0o777, &moving);
    assert!(run.stderr.contains(error), "{}", output(&run));
    assert_eq!(run.code, 74, "{}", output(&run));
    let status = folder.run_at(NOW, &["status"]);
    assert!(
        status.stdout.contains("3 of 3 accepted"),
        "{}",
        output(&status)
    );
}

#[test]
fn a_test_without_a_relay_names_the_directory_that_cannot_be_created() {
    let folder = relay::newsletter("");
    relay::set_subscribers(&folder, ["r1"]);
    relay::write_issue(&folder, "a", "");
    std::fs::create_dir(folder.path().join(".franking")).expect("a new directory");
    let test = ["send", "a", "--test", "ada@reader.example"];
    assert_data_eq!(
        output(&run_as_reader(&folder, 0o555, &test)),
        str![[r#"
error: the directory `.franking/outbox/test` cannot be created
caused by: permission denied
exit 2

"#]]
    );
    let run = folder.run_at(NOW, &test);
    assert_eq!(run.code, 0, "{}", output(&run));
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    std::fs::create_dir(folder.path().join(".franking")).expect("a new directory");
    let run = run_without_rights(&folder, &["send", "a", "--yes"]);
    assert_data_eq!(
        output(&run),
        str![[r#"
error: the lock `.franking/lock` cannot be taken
caused by: permission denied
exit 74

"#]]
    );
}

#[test]
fn a_path_that_is_not_a_directory_is_not_treated_as_missing_state() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    folder.write(".franking", "a file");
    let run = folder.run(&["status"]);
    assert_data_eq!(
        output(&run),
        str![[r#"
error: the ledger `.franking/store.db` cannot be read
caused by: not a directory
hint: run the command as the user who sends, or correct the permissions
exit 74

"#]]
    );
}

#[test]
fn a_ledger_that_others_can_read_becomes_private() {
    use std::os::unix::fs::PermissionsExt;
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(send_with(&folder, "a", &["--now"]).code, 0);
    let mode = |file: &str| {
        let file = std::fs::metadata(folder.path().join(file)).expect("the ledger");
        file.permissions().mode() & 0o777
    };
    let expose = |file: &str| {
        let exposed = PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(folder.path().join(file), exposed).expect("its owner");
    };
    expose(".franking/store.db");
    assert_eq!(send_with(&folder, "a", &[]).code, 0);
    assert_eq!(mode(".franking/store.db"), 0o600);

    folder.write("moved.db", "");
    expose("moved.db");
    let moved = folder.run_at(NOW, &["store", "migrate", "--to", "sqlite:moved.db"]);
    assert_eq!(moved.code, 0, "{}", moved.stderr);
    assert_eq!(mode("moved.db"), 0o600);
}

#[test]
fn what_root_creates_belongs_to_the_owner_of_the_directory() {
    use std::os::unix::fs::chown;
    const OWNER: u32 = 12_345;
    let folder = Folder::with_samples();
    if std::fs::metadata(folder.path()).expect("it").uid() != 0 {
        return crate::support::skip("owner of the directory", "it needs root");
    }
    for directory in [".", "issues"] {
        chown(folder.path().join(directory), Some(OWNER), Some(OWNER)).expect("root");
    }
    let directory = folder.path().to_string_lossy().into_owned();
    for command in [
        &["demo"][..],
        &["send", "2026-11", "--yes", "--now", "--log", "log"],
        &["build", "2026-11"],
        &["status"],
        &["init", &format!("{directory}/inner/news")],
        &["new", "2027-01"],
        &["systemd", "--out", &format!("{directory}/units")],
        &["man", "--out", &format!("{directory}/pages")],
    ] {
        let run = folder.run_at(NOW, &[&["-C", &directory], command].concat());
        assert!(run.code < 2, "{}", run.stderr);
    }
    let created = [
        ".franking",
        "log",
        "inner",
        "issues/2027-01.toml",
        "units",
        "pages",
    ];
    let mut left: Vec<_> = created
        .iter()
        .map(|name| folder.path().join(name))
        .collect();
    let mut seen = 0;
    while let Some(path) = left.pop() {
        let created = std::fs::symlink_metadata(&path).expect("a file");
        assert_eq!(
            (created.uid(), created.gid()),
            (OWNER, OWNER),
            "{}",
            path.display()
        );
        seen += 1;
        if created.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a directory");
            left.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    assert!(seen > 20, "{seen}");
}
