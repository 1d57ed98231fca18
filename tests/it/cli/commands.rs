//! Every other command: what it prints where, what it leaves, what it refuses.

use std::io::Read;
use std::process::Stdio;

use franking::simulator::sink::AcceptAll;

use crate::support::relay::{self, Relay};
use crate::support::{Folder, Run};

/// The output as at a terminal, standard output and standard error apart. The digest of the edition, which a
/// change of any template moves, is left out.
fn shown(run: &Run) -> String {
    let output = format!(
        "exit code {}\n--- stdout\n{}--- stderr\n{}",
        run.code, run.stdout, run.stderr
    );
    without_digests(&output)
}

fn without_digests(output: &str) -> String {
    let mut parts = output.split("edition ");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digest, rest) = part.split_at(12);
        assert!(digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
        shown.push_str(&format!("edition DIGEST{rest}"));
    }
    shown
}

/// Runs at the given moment.
fn at(moment: &str, folder: &Folder, arguments: &[&str]) -> Run {
    folder.run_at(moment, arguments)
}

/// Ten in the morning, an hour before the moment that the tests' schedules name.
const MORNING: &str = "2026-12-01T09:00:00Z";

fn letters(folder: &Folder) -> Vec<String> {
    let files = folder.files().into_keys();
    files.filter(|file| file.ends_with(".eml")).collect()
}

#[test]
fn every_command_has_a_help_text() {
    let folder = Folder::empty();
    let help = folder.run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    let mut all = format!("$ franking --help\n{}", help.stdout);
    let commands = commands_in(&help.stdout);
    assert!(commands.contains(&"send"), "{commands:?}");
    for command in commands {
        let run = folder.run(&[command, "--help"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        all.push_str(&format!("\n$ franking {command} --help\n{}", run.stdout));
    }
    snapbox::assert_data_eq!(all, snapbox::file!["commands/help.txt"].raw());
}

/// The commands that the help lists, but for `help`, which is clap's.
fn commands_in(help: &str) -> Vec<&str> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .collect()
}

#[test]
fn a_wrong_command_line_is_reported_with_exit_code_2() {
    let folder = Folder::with("plain");
    let mut all = String::new();
    for arguments in [
        &["chek"][..],
        &["build"],
        &["send"],
        &["send", "one", "--due"],
        &[
            "send",
            "one",
            "--test",
            "a@x.example",
            "--only",
            "a@x.example",
        ],
        &["send", "--due", "--max-late", "soon"],
        &["send", "one", "--max-late", "6h"],
        &["send", "one", "--confirm", "many"],
        &["send", "one", "--only", "nobody"],
        &["send", "one", "--test", "nobody"],
        &["build", "one", "--as", "nobody@x.example"],
        &["check", "onee"],
        &["check", "first"],
        &["build", "issues/two.toml"],
        &["new", "a/b"],
        &["status", "one", "--jsn"],
        &["completions", "basic"],
        &["-C", "nowhere", "check"],
    ] {
        let run = folder.run(arguments);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.stderr
        );
        all.push_str(&format!(
            "$ franking {}\n{}\n",
            arguments.join(" "),
            without_digests(&run.stderr)
        ));
    }
    snapbox::assert_data_eq!(all, snapbox::file!["commands/slips.txt"].raw());
    assert_eq!(letters(&folder), [""; 0]);
}

#[test]
fn a_command_outside_of_a_newsletter_directory_names_init() {
    let folder = Folder::empty();
    for arguments in [
        &["check"][..],
        &["build", "one"],
        &["send", "one"],
        &["status"],
        &["schedule"],
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        let said = &run.stderr;
        assert!(said.contains("franking init DIR"), "{arguments:?}: {said}");
    }
    let here = folder.path().canonicalize().unwrap();
    snapbox::assert_data_eq!(
        shown(&folder.run(&["check"])).replace(&here.display().to_string(), "HERE"),
        snapbox::str![[r#"
exit code 2
--- stdout
--- stderr
error: no newsletter.toml in `HERE` or its parent directories
hint: create one with `franking init DIR`, or select one with `-C DIR`

"#]]
    );
    assert!(folder.files().is_empty());
}

#[test]
fn an_invalid_clock_stops_every_command() {
    let folder = Folder::with("plain");
    let run = at("tomorrow", &folder, &["send", "one", "--yes"]);
    assert_eq!(run.code, 2);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
error: `FRANKING_NOW` is not a timestamp
hint: write it with its offset, such as `2026-11-30T09:00:00+01:00`

"#]]
    );
    assert_eq!(letters(&folder), [""; 0]);
}

#[test]
fn init_creates_a_newsletter_that_passes_check_and_can_be_sent() {
    let folder = Folder::empty();
    snapbox::assert_data_eq!(
        shown(&folder.run(&["init", "letter"])),
        snapbox::str![[r#"
exit code 0
--- stdout
letter
--- stderr
created a newsletter in `letter`; next:
  cd letter
  franking check

"#]]
    );
    let check = folder.run(&["-C", "letter", "check"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let sent = folder.run(&["-C", "letter", "send", "first", "--confirm", "1"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(letters(&folder).len(), 1);
}

#[test]
fn init_with_samples_creates_a_newsletter_that_passes_check() {
    let folder = Folder::empty();
    assert_eq!(folder.run(&["init", "letter", "--samples"]).code, 0);
    let check = folder.run(&["-C", "letter", "check"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
}

#[test]
fn init_does_not_change_a_directory_that_is_not_empty() {
    let folder = Folder::empty();
    folder.write("letter/notes.txt", "mine");
    let run = folder.run(&["init", "letter"]);
    snapbox::assert_data_eq!(
        shown(&run),
        snapbox::str![[r#"
exit code 2
--- stdout
--- stderr
error: `letter` is not empty
hint: name an empty directory, or one that does not exist yet

"#]]
    );
    assert_eq!(folder.files().len(), 1);
}

#[test]
fn new_creates_an_issue_that_passes_check_and_overwrites_none() {
    let folder = Folder::with("plain");
    let run = at(MORNING, &folder, &["new", "two"]);
    snapbox::assert_data_eq!(
        shown(&run),
        snapbox::str![[r#"
exit code 0
--- stdout
issues/two.toml
--- stderr
next: edit it, then `franking check two`

"#]]
    );
    assert!(
        folder
            .read("issues/two.toml")
            .contains("\ndate      = 2026-12-01\n")
    );
    let check = folder.run(&["check", "two"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let before = folder.files();
    let again = at(MORNING, &folder, &["new", "two"]);
    snapbox::assert_data_eq!(
        shown(&again),
        snapbox::str![[r#"
exit code 2
--- stdout
--- stderr
error: `issues/two.toml` exists already

"#]]
    );
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn completions_and_manual_end_quietly_when_the_pipe_closes() {
    let folder = Folder::empty();
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["--help"],
        &["explain"],
    ] {
        let mut command = folder.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!(
            (status.code(), stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_manual_names_every_command() {
    let folder = Folder::empty();
    let run = folder.run(&["man"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for command in [
        "demo", "init", "check", "build", "send", "status", "schedule",
    ] {
        assert!(run.stdout.contains(command), "{command}");
    }
    let pages = folder.run(&["man", "--out", "pages"]);
    assert_eq!((pages.code, pages.stdout.as_str()), (0, "pages\n"));
    assert!(folder.read("pages/franking-send.1").contains("dry\\-run"));
}

#[test]
fn the_units_name_the_program_and_the_directory() {
    let folder = Folder::with("plain");
    let run = folder.run(&["systemd", "--program", "/opt/franking", "--user", "post"]);
    let path = folder.path().canonicalize().unwrap();
    let output = shown(&run).replace(path.to_str().unwrap(), "FOLDER");
    let own = path.file_name().unwrap().to_str().unwrap();
    let name = own.trim_start_matches('.');
    let digits = output.split_once(&format!("{name}-")).expect("a name").1;
    let output = output.replace(&format!("{name}-{}", &digits[..8]), "NAME");
    snapbox::assert_data_eq!(output, snapbox::file!["commands/systemd.txt"].raw());
}

/// Three issues: one that is to go out at ten in Brussels, one that went by, one without a moment.
fn scheduled() -> Folder {
    let folder = Folder::with("plain");
    let issue = folder.read("issues/one.toml");
    let write = |name: &str, moment: &str| {
        let text = issue.replace("intro ", &format!("send_at   = {moment}\nintro "));
        let own = format!("\n[[section]]\nkind = \"text\"\nbody = \"This is {name}.\"\n");
        folder.write(&format!("issues/{name}.toml"), &(text + &own));
    };
    write("next", "2026-12-01T11:00:00");
    write("past", "2026-11-30T23:00:00+01:00");
    folder
}

#[test]
fn the_schedule_is_sorted_as_text_and_as_json() {
    let folder = scheduled();
    snapbox::assert_data_eq!(
        shown(&at(MORNING, &folder, &["schedule"])),
        snapbox::str![[r#"
exit code 1
--- stdout
missed   past  2026-11-30T23:00:00 CET  2026-11-30T22:00:00Z
waiting  next  2026-12-01T11:00:00 CET  2026-12-01T10:00:00Z
--- stderr
error: `past` was due at 2026-11-30T23:00:00, which is too long ago; it is not sent
hint: send it now with `franking send past`, or give it another `send_at`

"#]]
    );
    let json = at(MORNING, &folder, &["schedule", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let expected = serde_json::json!([
        {
            "issue": "past", "status": "missed", "at": "2026-11-30T22:00:00Z", "local": "2026-11-30T23:00:00",
            "reason": "`past` was due at 2026-11-30T23:00:00, which is too long ago; it is not sent",
        },
        { "issue": "next", "status": "waiting", "at": "2026-12-01T10:00:00Z", "local": "2026-12-01T11:00:00" },
    ]);
    assert_eq!(rows, expected);
    let due = at("2026-12-01T10:00:00Z", &folder, &["schedule"]);
    assert!(due.stdout.contains("due      next"), "{}", due.stdout);
    let none = Folder::with("plain").run(&["schedule"]);
    snapbox::assert_data_eq!(
        shown(&none),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
no issue has a `send_at`, and no send is unfinished

"#]]
    );
}

#[test]
fn a_due_issue_is_sent_once_and_later_ones_are_not() {
    let folder = scheduled();
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    std::fs::remove_file(folder.path().join("issues/past.toml")).unwrap();
    let early = at(MORNING, &folder, &["send", "--due"]);
    assert_eq!(
        (early.code, relay.received().len()),
        (0, 0),
        "{}",
        early.stderr
    );
    let due = at("2026-12-01T10:00:00Z", &folder, &["send", "--due"]);
    assert_eq!((due.code, relay.received().len()), (0, 3), "{}", due.stderr);
    let again = at("2026-12-01T10:05:00Z", &folder, &["send", "--due"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert_eq!(relay.received().len(), 3);
}

#[test]
fn a_dry_send_without_a_relay_writes_files_and_records_no_campaign() {
    let folder = Folder::with("plain");
    snapbox::assert_data_eq!(
        shown(&folder.run(&["status"])),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
nothing has been sent yet

"#]]
    );
    let sent = at(MORNING, &folder, &["send", "one", "--confirm", "3"]);
    snapbox::assert_data_eq!(
        shown(&sent),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
issue    one, edition DIGEST
subject  One, for Ada  (to ada@plain.example)
from     The Plain Letter <letter@plain.example>
relay    none; files in .franking/outbox/one
to       3 recipients, 1 excluded (1 unsubscribed)
no [smtp]: nothing is mailed; this is a rehearsal
2026-12-01T09:00:00Z one: 3 messages to try
2026-12-01T09:00:00Z one: finished: 3 written, 1 excluded
written          3
refused          0
excluded         1  (1 unsubscribed)
deferred         0
uncertain        0
untried          0
candidates       4  adds up
the files are in .franking/outbox/one; with [smtp] in newsletter.toml, `franking send one` mails the issue

"#]]
    );
    let outbox: Vec<String> = letters(&folder);
    let expected = ["ada", "bo", "chi"];
    assert_eq!(outbox.len(), expected.len(), "{outbox:?}");
    for (file, name) in outbox.iter().zip(expected) {
        assert!(
            file.starts_with(".franking/outbox/one/")
                && file.contains(&format!("-{name}-at-plain.example")),
            "{file}"
        );
    }
    snapbox::assert_data_eq!(
        shown(&folder.run(&["status"])),
        snapbox::str![[r#"
exit code 0
--- stdout
rehearsal one  3 of 3 written  2026-12-01T09:00:00Z
--- stderr

"#]]
    );
    snapbox::assert_data_eq!(
        shown(&folder.run(&["status", "one"])),
        snapbox::str![[r#"
exit code 0
--- stdout
one rehearsal, edition DIGEST
written          3
refused          0
excluded         1  (1 unsubscribed)
deferred         0
uncertain        0
untried          0
candidates       4  adds up
excluded   gone@plain.example: unsubscribed
--- stderr

"#]]
    );
    let again = at("2026-12-02T09:00:00Z", &folder, &["send", "one"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(letters(&folder), outbox);

    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let sent = at(
        "2026-12-02T10:00:00Z",
        &folder,
        &["send", "one", "--confirm", "3"],
    );
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(relay.received().len(), 3, "the issue goes to everybody");
    let status = folder.run(&["status"]).stdout;
    assert_eq!(
        status,
        "sent      one  3 of 3 accepted  2026-12-02T10:00:00Z\n"
    );
}

/// Messages and the ledger contain addresses: only their owner can read them.
#[cfg(unix)]
#[test]
fn the_state_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("plain");
    assert_eq!(folder.run(&["send", "one", "--yes"]).code, 0);
    let state = std::fs::metadata(folder.path().join(".franking")).unwrap();
    assert_eq!(state.permissions().mode() & 0o777, 0o700);
}

#[test]
fn the_json_status_adds_up_delivery_by_delivery() {
    let folder = Folder::with("plain");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let parsed = |arguments: &[&str]| -> serde_json::Value {
        let run = folder.run(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    assert_eq!(
        parsed(&["status", "--json"]),
        serde_json::json!({ "campaigns": [] })
    );
    assert_eq!(at(MORNING, &folder, &["send", "one", "--yes"]).code, 0);
    let all = parsed(&["status", "--json"]);
    assert_eq!(all["campaigns"][0]["totals"]["accepted"], 3);
    let one = parsed(&["status", "one", "--json"]);
    assert_eq!(one["adds_up"], true);
    assert_eq!(one["totals"]["candidates"], 4);
    assert_eq!(one["totals"]["excluded"], 1);
    let deliveries = one["deliveries"].as_array().unwrap();
    let states: Vec<(&str, &str)> = deliveries
        .iter()
        .map(|row| {
            (
                row["address"].as_str().unwrap(),
                row["state"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("ada@plain.example", "accepted"),
        ("bo@plain.example", "accepted"),
        ("chi@plain.example", "accepted"),
        ("gone@plain.example", "excluded"),
    ];
    assert_eq!(states, expected);
}

#[test]
fn a_dry_run_lists_every_recipient_and_changes_nothing() {
    let folder = Folder::with("plain");
    let before = folder.files();
    let run = folder.run(&["send", "one", "--dry-run"]);
    snapbox::assert_data_eq!(
        shown(&run),
        snapbox::str![[r#"
exit code 0
--- stdout
ada@plain.example	ready
bo@plain.example	ready
chi@plain.example	ready
gone@plain.example	unsubscribed
--- stderr
issue    one, edition DIGEST
subject  One, for Ada  (to ada@plain.example)
from     The Plain Letter <letter@plain.example>
relay    none; files in .franking/outbox/one
to       3 recipients, 1 excluded (1 unsubscribed)
nothing was sent

"#]]
    );
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn nothing_is_sent_without_confirmation() {
    let folder = Folder::with("plain");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let off_a_terminal = folder.run(&["send", "one"]);
    snapbox::assert_data_eq!(
        relay::masked(&shown(&off_a_terminal), relay.port),
        snapbox::str![[r#"
exit code 2
--- stdout
--- stderr
issue    one, edition DIGEST
subject  One, for Ada  (to ada@plain.example)
from     The Plain Letter <letter@plain.example>
relay    127.0.0.1:PORT
to       3 recipients, 1 excluded (1 unsubscribed)
error: confirmation required, but standard input is not a terminal
hint: nothing was sent; use `--confirm 3` or `--yes`

"#]]
    );
    let wrong_count = folder.run(&["send", "one", "--confirm", "4"]);
    snapbox::assert_data_eq!(
        relay::masked(&shown(&wrong_count), relay.port),
        snapbox::str![[r#"
exit code 2
--- stdout
--- stderr
issue    one, edition DIGEST
subject  One, for Ada  (to ada@plain.example)
from     The Plain Letter <letter@plain.example>
relay    127.0.0.1:PORT
to       3 recipients, 1 excluded (1 unsubscribed)
error: there are 3 recipients, not 4
hint: nothing was sent; `franking send one --dry-run` lists the recipients

"#]]
    );
    let both = folder.run(&["send", "one", "--yes", "--confirm", "4"]);
    assert_eq!(both.code, 2, "{}", both.stderr);
    assert_eq!(relay.received().len(), 0);
    assert_eq!(
        folder.run(&["status", "--json"]).stdout,
        "{\"campaigns\":[]}\n"
    );
}

#[test]
fn one_recipient_can_be_served_first_and_the_others_later() {
    let folder = Folder::with("plain");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let only = at(
        MORNING,
        &folder,
        &["send", "one", "--yes", "--only", "BO@plain.example"],
    );
    snapbox::assert_data_eq!(
        relay::masked(&shown(&only), relay.port),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
issue    one, edition DIGEST
subject  One, for Bo  (to bo@plain.example)
from     The Plain Letter <letter@plain.example>
relay    127.0.0.1:PORT
to       1 recipient
2026-12-01T09:00:00Z one: 3 messages to try
2026-12-01T09:00:00Z one: one recipient: 1 accepted, 1 excluded, 2 untried
accepted         1
refused          0
excluded         1  (1 unsubscribed)
deferred         0
uncertain        0
untried          2
candidates       4  adds up
accepted: bo@plain.example

"#]]
    );
    assert_eq!(relay.received().len(), 1);
    let rest = at(MORNING, &folder, &["send", "one", "--yes"]);
    snapbox::assert_data_eq!(
        relay::masked(&shown(&rest), relay.port),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
issue    one, edition DIGEST, begun 2026-12-01T09:00:00Z
subject  One, for Ada  (to ada@plain.example)
from     The Plain Letter <letter@plain.example>
relay    127.0.0.1:PORT
to       2 recipients left, 1 accepted
2026-12-01T09:00:00Z one: 2 messages to try
2026-12-01T09:00:00Z one: finished: 3 accepted, 1 excluded
accepted         3
refused          0
excluded         1  (1 unsubscribed)
deferred         0
uncertain        0
untried          0
candidates       4  adds up

"#]]
    );
    assert_eq!(relay.received().len(), 3);
}

#[test]
fn a_timer_does_not_continue_a_campaign_begun_with_only() {
    let folder = Folder::with("plain");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let only = ["send", "one", "--yes", "--only", "bo@plain.example"];
    assert_eq!(at(MORNING, &folder, &only).code, 0);
    let due = at(MORNING, &folder, &["send", "--due"]);
    assert_eq!((due.code, due.stderr.as_str()), (0, ""));
    let unasked = at(MORNING, &folder, &["send", "one"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    assert_eq!(relay.received().len(), 1);
    let schedule = at(MORNING, &folder, &["schedule"]);
    assert_eq!(
        schedule.stdout,
        "held     one  begun for one recipient only\n"
    );
}

#[test]
fn one_recipient_and_one_picture_are_written_in_the_singular() {
    let folder = Folder::with("plain");
    let list = "[[subscriber]]\nemail = \"ada@plain.example\"\n";
    folder.write("subscribers.toml", list);
    let plan = folder.run(&["send", "one", "--dry-run"]);
    assert!(plan.stderr.contains(" 1 recipient\n"), "{}", plan.stderr);
    let refused = folder.run(&["send", "one", "--confirm", "2"]);
    let said = "error: there is 1 recipient, not 2\n";
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
    let built = folder.run(&["build", "one"]);
    assert!(built.stderr.contains(", 1 picture, "), "{}", built.stderr);
}

#[test]
fn an_unknown_address_in_only_begins_no_campaign() {
    let folder = Folder::with("plain");
    let run = folder.run(&["send", "one", "--yes", "--only", "nobody@plain.example"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(letters(&folder), [""; 0]);
    assert_eq!(
        folder.run(&["status", "--json"]).stdout,
        "{\"campaigns\":[]}\n"
    );
}

#[test]
fn a_test_send_marks_the_subject_and_is_not_recorded() {
    let folder = Folder::with("plain");
    let run = at(
        MORNING,
        &folder,
        &["send", "one", "--test", "editor@plain.example"],
    );
    snapbox::assert_data_eq!(
        shown(&run),
        snapbox::str![[r#"
exit code 0
--- stdout
--- stderr
test to editor@plain.example: 250 written to .franking/outbox/test/00000-editor-at-plain.example.eml

"#]]
    );
    // A directory of its own: it cannot be confused with a message of the issue.
    assert_eq!(
        letters(&folder),
        [".franking/outbox/test/00000-editor-at-plain.example.eml"]
    );
    let [letter] = &letters(&folder)[..] else {
        panic!("one letter: {:?}", letters(&folder));
    };
    let letter = folder.read(letter);
    assert!(
        letter.contains("\r\nSubject: [TEST] One, for reader\r\n"),
        "{letter}"
    );
    assert!(
        letter.contains("\r\nTo: editor@plain.example\r\n"),
        "{letter}"
    );
    assert_eq!(
        folder.run(&["status", "--json"]).stdout,
        "{\"campaigns\":[]}\n"
    );
    assert_eq!(folder.run(&["send", "one", "--confirm", "3"]).code, 0);
}

#[test]
fn an_invalid_option_value_is_reported_with_an_example() {
    let folder = Folder::with("plain");
    for (arguments, said) in [
        (
            &["send", "--due", "--max-late", "6"][..],
            "a duration needs a unit, such as `6h`",
        ),
        (
            &["send", "--due", "--max-late", "1.5"],
            "a duration needs a unit, such as `6h`",
        ),
        (
            &["send", "--due", "--max-late", ""],
            "not a duration: write a number and a unit, such as `6h`",
        ),
        (
            &["send", "one", "--max-gap", "a day"],
            "not a duration: write a number and a unit, such as `6h`",
        ),
        (&["send", "one", "--list-wait=-5s"], "cannot be negative"),
        (
            &["resume", "one", "--list-wait", "60"],
            "a duration needs a unit, such as `6h`",
        ),
        (
            &["plan", "one", "--message-time", "80"],
            "a duration needs a unit, such as `6h`",
        ),
        (
            &["send", "one", "--confirm", "1,000"],
            "in digits, such as `250`",
        ),
        (
            &["resume", "one", "--confirm=-1"],
            "in digits, such as `250`",
        ),
        (
            &["preview", "--port", "http"],
            "from 0 to 65535, such as `8025`",
        ),
        (
            &["preview", "--port", "70000"],
            "from 0 to 65535, such as `8025`",
        ),
        (
            &["preview", "--host", "localhost"],
            "expected an IP address, such as `127.0.0.1`",
        ),
        (
            &["selftest", "--recipients", "5"],
            "from 20 to 100000, such as `40`",
        ),
        (&["selftest", "--seed", "x"], "expected a whole number from"),
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    for time in ["6h", "90m", "1h 30m", "2 hours", "PT6H", "1d", "0s"] {
        let run = folder.run(&["schedule"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let run = folder.run_at(MORNING, &["send", "--due", "--max-late", time]);
        assert_eq!(run.code, 0, "{time}: {}", run.stderr);
    }
}

#[test]
fn control_characters_in_arguments_and_file_names_are_escaped() {
    const HOSTILE: &str = "x\u{1b}[2J\u{9b}31m\rgone\nerror: all is lost\u{202e}";
    let folder = Folder::with("plain");
    for arguments in [
        &["send", "one", "--max-late", HOSTILE][..],
        &["send", "--due", "--max-late", HOSTILE],
        &["send", "one", "--confirm", HOSTILE],
        &["send", "one", HOSTILE],
        &[HOSTILE],
        &["check", &format!("--{HOSTILE}")],
        &["check", "--format", HOSTILE],
        &["check", HOSTILE],
        &["build", "one", "--as", HOSTILE],
        &["send", "one", "--test", HOSTILE],
        &["explain", HOSTILE],
        &["new", HOSTILE],
        &["-C", HOSTILE, "check"],
        &["pause", HOSTILE],
        &["template", "show", HOSTILE],
        &["dkim", "keygen", "--domain", HOSTILE],
        &["init", HOSTILE],
        &["build", "one", "--out", HOSTILE],
        &["man", "--out", HOSTILE],
    ] {
        let run = folder.run(arguments);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("\\u"), "{arguments:?}: {said}");
        for raw in ['\u{1b}', '\u{9b}', '\r', '\u{202e}'] {
            assert!(!said.contains(raw), "{arguments:?}: {said:?}");
        }
        let forged = said
            .lines()
            .any(|line| line.starts_with("error: all is lost"));
        assert!(!forged, "{arguments:?}: {said}");
    }
    folder.write(&format!("issues/{HOSTILE}.toml"), "subject = \"a\"\n");
    for arguments in [&["check"][..], &["schedule"], &["check", "nope"]] {
        let run = folder.run(arguments);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(
            !said.contains(['\u{1b}', '\u{9b}', '\r', '\u{202e}']),
            "{said:?}"
        );
        assert!(!said.contains("\nerror: all is lost"), "{said}");
    }
    let check = folder.run(&["check"]);
    assert!(
        check.stderr.contains("warning[misnamed-issue]"),
        "{}",
        check.stderr
    );
}
