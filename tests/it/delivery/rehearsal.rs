//! `send` without a relay: the messages become files, and the issue stays unsent.

use std::collections::BTreeSet;

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T08:05:00Z";

fn newsletter() -> Folder {
    let folder = relay::newsletter("");
    relay::set_subscribers(&folder, ["r1", "r2", "r3"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

fn output(run: &Run) -> String {
    let output = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::without_digests(&output)
}

fn files(folder: &Folder) -> usize {
    let outbox = folder.path().join(".franking/outbox/a");
    std::fs::read_dir(outbox).map_or(0, Iterator::count)
}

#[test]
fn a_rehearsal_records_no_campaign() {
    let folder = newsletter();
    assert_data_eq!(
        output(&folder.run_at(NOW, &["send", "a"])),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    none; files in .franking/outbox/a
to       3 recipients
no [smtp]: nothing is mailed; this is a rehearsal
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: finished: 3 written
written          3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
the files are in .franking/outbox/a; with [smtp] in newsletter.toml, `franking send a` mails the issue
exit 0

"#]]
    );
    assert_eq!(files(&folder), 3);
    assert_data_eq!(
        output(&folder.run_at(NOW, &["status"])),
        str![[r#"
rehearsal a  3 of 3 written  2026-11-30T08:00:00Z
exit 0

"#]]
    );
    assert_data_eq!(
        output(&folder.run_at(NOW, &["status", "a"])),
        str![[r#"
a rehearsal, edition DIGEST
written          3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

"#]]
    );
    let schedule = folder.run_at(NOW, &["schedule"]).stdout;
    assert!(schedule.starts_with("due      a"), "{schedule}");
    let plan = folder.run_at(NOW, &["plan", "a"]).stdout;
    assert!(plan.starts_with("`a`: 3 recipients"), "{plan}");

    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    assert_eq!(folder.run_at(LATER, &["send", "a", "--yes"]).code, 0);
    assert_eq!(relay.recipients().len(), 3);
    let json = folder.run_at(LATER, &["status", "--json"]).stdout;
    assert!(!json.contains("rehearsal"), "{json}");
}

#[test]
fn a_rehearsal_that_was_interrupted_starts_over() {
    let folder = newsletter();
    // What a run leaves that is killed after the first file.
    let only = ["send", "a", "--only", "r2@reader.example"];
    assert_eq!(folder.run_at(NOW, &only).code, 0);
    assert_eq!(files(&folder), 1);
    relay::set_subscribers(&folder, ["r3", "r4"]);
    assert_eq!(folder.run_at(LATER, &["send", "a"]).code, 0);
    assert_eq!(files(&folder), 2, "those who are on the list now");
}

#[test]
fn an_issue_that_was_renamed_after_its_rehearsal_was_not_sent_before() {
    let folder = newsletter();
    assert_eq!(folder.run_at(NOW, &["send", "a"]).code, 0);
    let path = |name: &str| folder.path().join("issues").join(name);
    std::fs::rename(path("a.toml"), path("b.toml")).expect("the issue");
    let check = folder.run_at(NOW, &["check"]);
    assert!(!check.stderr.contains("copied-issue"), "{}", check.stderr);
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let due = folder.run_at(LATER, &["send", "--due"]);
    assert_eq!(due.code, 0, "{}", due.stderr);
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_rehearsal_does_not_fix_the_ledger_or_the_key() {
    let folder = newsletter();
    assert_eq!(folder.run_at(NOW, &["send", "a"]).code, 0);
    let state = folder.path().join(".franking");
    assert!(!state.join("marker").exists());
    std::fs::remove_file(state.join("store.db")).expect("the ledger");
    std::fs::remove_file(state.join("key")).expect("the key");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let sent = folder.run_at(LATER, &["send", "a", "--yes"]);
    assert_eq!(sent.code, 0, "{}", output(&sent));
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_timer_without_a_relay_rehearses_once_and_reports_it() {
    let folder = newsletter();
    assert_data_eq!(
        output(&folder.run_at(NOW, &["send", "--due"])),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    none; files in .franking/outbox/a
to       3 recipients
no [smtp]: nothing is mailed; this is a rehearsal
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: finished: 3 written
written          3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
the files are in .franking/outbox/a; with [smtp] in newsletter.toml, `franking send a` mails the issue
error: `a` is due, and nothing was mailed
hint: newsletter.toml has no [smtp]; with one, the next run mails the issue
exit 1

"#]]
    );
    let written = folder.files();
    assert_data_eq!(
        output(&folder.run_at(LATER, &["send", "--due"])),
        str![[r#"
exit 0

"#]]
    );
    let changed: BTreeSet<String> = folder.changes_since(&written).into_iter().collect();
    assert!(
        changed.iter().all(|file| !file.ends_with(".eml")),
        "{changed:?}"
    );

    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    assert_eq!(folder.run_at(LATER, &["send", "--due"]).code, 0);
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_begun_campaign_is_not_completed_by_files() {
    let relay = Relay::start(relay::BadDay {
        later: "4.7.1 come back later",
    });
    let folder = newsletter();
    relay::set_subscribers(&folder, ["r4", "r5", "r6"]);
    relay::add_smtp(&folder, &relay);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 75);
    relay::set_smtp(&folder, "");
    let next_day = "2026-12-01T08:00:00Z";
    assert_data_eq!(
        output(&folder.run_at(next_day, &["send", "a", "--yes"])),
        str![[r#"
error: `a` has begun over a relay, and newsletter.toml has no [smtp] now
hint: nothing was sent; restore [smtp]
exit 2

"#]]
    );
    assert_eq!(folder.run_at(next_day, &["send", "--due"]).code, 1);
    assert_eq!(files(&folder), 0);
}

#[test]
fn a_mistyped_url_of_the_store_shows_in_a_rehearsal() {
    let folder = newsletter();
    let ask = |arguments: &[&str]| folder.run_at(NOW, arguments);
    assert_eq!(ask(&["send", "a"]).code, 0);
    let right = folder.read("newsletter.toml");
    let warned = "warning: the last rehearsal used the ledger `.franking/store.db`, and `[store]` `url` names \
                  `.franking/stor.db`\nhint: correct `[store]` `url`";
    let commands: [&[&str]; 4] = [
        &["status"],
        &["plan", "a"],
        &["schedule"],
        &["send", "a", "--dry-run"],
    ];
    for command in commands {
        let run = ask(command);
        assert!(
            !run.stderr.contains("warning: the last"),
            "{command:?}: {}",
            run.stderr
        );
    }
    folder.write(
        "newsletter.toml",
        &format!("{right}\n[store]\nurl = \"sqlite:.franking/stor.db\"\n"),
    );
    for command in commands {
        let run = ask(command);
        assert_eq!(
            run.stderr.matches(warned).count(),
            1,
            "{command:?}: {}",
            run.stderr
        );
    }
    let doctor = ask(&["doctor", "--no-dns"]);
    assert!(
        doctor
            .stdout
            .contains("warn  ledger           the last rehearsal used"),
        "{}",
        doctor.stdout
    );
    // Told before anything is written, once; after that it is the ledger of the last rehearsal.
    let again = ask(&["send", "a"]);
    assert!(again.stderr.starts_with(warned), "{}", again.stderr);
    assert!(!ask(&["status"]).stderr.contains("warning: the last"));
    folder.write("newsletter.toml", &right);
    assert!(
        ask(&["send", "a"])
            .stderr
            .contains("names `.franking/store.db`")
    );
}

#[test]
fn after_a_send_the_marker_identifies_the_ledger() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter();
    assert_eq!(folder.run_at(NOW, &["send", "a"]).code, 0);
    relay::add_smtp(&folder, &relay);
    let sent = folder.run_at(LATER, &["send", "a", "--yes", "--now"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert!(!sent.stderr.contains("warning"), "{}", sent.stderr);
    let other = "[store]\nurl = \"sqlite:.franking/stor.db\"\n";
    relay::set_smtp(&folder, other);
    let again = folder.run_at(LATER, &["send", "a"]);
    assert_eq!(again.code, 65, "{}", again.stderr);
}
