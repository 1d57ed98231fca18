//! What `send` shows before anything leaves, and the number of recipients on which all commands agree.

use franking::catcher::{Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::relay::{self, Relay, smtp};
use crate::support::{Folder, Run, repository};

const NOW: &str = "2026-11-30T08:00:00Z";

/// Refuses `gone` as an address that does not exist.
struct OneIsGone;

impl Script for OneIsGone {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("gone@") {
            return Answer::Reply(550, "5.1.1 no such mailbox".to_owned());
        }
        Answer::Accept
    }
}

fn shown(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&relay::without_digests(&text), port)
}

/// A newsletter whose ledger suppresses `gone`, with a second issue.
fn with_a_suppression(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["ann", "gone", "ben"]);
    relay::write_issue(&folder, "first", "");
    relay::write_issue(&folder, "second", "");
    let run = folder.run(&["send", "first", "--confirm", "3"]);
    assert_eq!(run.code, 0, "a refused address is a result: {}", run.stderr);
    folder
}

#[test]
fn a_suppressed_address_is_counted_by_no_command() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    assert_data_eq!(
        shown(&folder.run(&["send", "second", "--dry-run"]), relay.port),
        str![[r#"
ann@reader.example	ready
gone@reader.example	bounced
ben@reader.example	ready
issue    second, edition DIGEST
subject  second: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients, 1 excluded (1 bounced)
nothing was sent
exit 0

"#]]
    );
    let plan = folder.run(&["plan", "second"]).stdout;
    assert_data_eq!(
        plan.lines().next().unwrap_or_default(),
        str!["`second`: 2 recipients, 1 excluded (1 bounced)"]
    );
    assert_data_eq!(
        shown(
            &folder.run(&["send", "second", "--confirm", "3"]),
            relay.port
        ),
        str![[r#"
issue    second, edition DIGEST
subject  second: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients, 1 excluded (1 bounced)
error: there are 2 recipients, not 3
hint: nothing was sent; `franking send second --dry-run` lists the recipients
exit 2

"#]]
    );
    assert_data_eq!(
        shown(&folder.run(&["send", "second"]), relay.port),
        str![[r#"
issue    second, edition DIGEST
subject  second: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients, 1 excluded (1 bounced)
error: confirmation required, but standard input is not a terminal
hint: nothing was sent; use `--confirm 2` or `--yes`
exit 2

"#]]
    );
    let run = folder.run(&["send", "second", "--confirm", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn with_only_there_is_one_recipient_in_any_spelling() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    let only = "ANN@reader.example";
    assert_data_eq!(
        shown(
            &folder.run(&["send", "second", "--only", only, "--dry-run"]),
            relay.port
        ),
        str![[r#"
ann@reader.example	ready
issue    second, edition DIGEST
subject  second: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient
nothing was sent
exit 0

"#]]
    );
    let plan = folder.run(&["plan", "second", "--only", only]).stdout;
    assert_data_eq!(
        plan.lines().next().unwrap_or_default(),
        str!["`second`: 1 recipient"]
    );
    let run = folder.run(&["send", "second", "--only", only, "--confirm", "2"]);
    assert_data_eq!(
        run.stderr.lines().last().unwrap_or_default(),
        str!["hint: nothing was sent; `franking send second --dry-run` lists the recipients"]
    );
    let run = folder.run(&["send", "second", "--only", only, "--confirm", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // What a run would still do of the campaign that has begun.
    let dry = folder.run(&["send", "second", "--only", only, "--dry-run"]);
    let error = dry.stderr.lines().last().unwrap_or_default();
    assert_data_eq!(
        error,
        str!["error: `ANN@reader.example` is accepted, 250 2.0.0 kept"]
    );
}

#[test]
fn the_number_is_compared_for_one_more_recipient_of_a_campaign_that_has_begun() {
    let relay = Relay::start(SomeLater);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["ann", "late", "cleo"]);
    relay::write_issue(&folder, "a", "");
    let send = |only: &str, keys: &[&str]| {
        let only = format!("{only}@reader.example");
        folder.run_at(NOW, &[&["send", "a", "--only", &only], keys].concat())
    };
    let fresh = send("ann", &["--confirm", "2"]);
    assert_eq!(send("ann", &["--confirm", "1"]).code, 0);
    for count in ["0", "2", "3"] {
        let begun = send("late", &["--confirm", count]);
        assert_eq!(begun.code, fresh.code, "{count}: {}", begun.stderr);
        let error = format!("error: there is 1 recipient, not {count}\nhint: nothing was sent; ");
        assert!(begun.stderr.contains(&error), "{}", begun.stderr);
    }
    assert!(
        fresh
            .stderr
            .contains("error: there is 1 recipient, not 2\n")
    );
    assert_eq!(relay.recipients(), ["ann@reader.example"]);
    // The same command goes on with what is left.
    let late = ["--confirm", "1"];
    assert_eq!(send("late", &late).code, 75);
    let only = ["send", "a", "--only", "late@reader.example", "--confirm"];
    let again =
        |count: &str| folder.run_at("2026-11-30T09:00:00Z", &[&only[..], &[count]].concat());
    assert_eq!(again("2").code, fresh.code);
    let last = again("1");
    assert!(
        relay
            .recipients()
            .contains(&"late@reader.example".to_owned()),
        "{}",
        last.stderr
    );
    assert_eq!(send("cleo", &["--yes"]).code, 0);
    assert_eq!(relay.recipients().len(), 3);
}

/// Asks the recipients whose names begin with `late` to come back, once.
struct SomeLater;

impl Script for SomeLater {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match attempt {
            1 if address.starts_with("late") => Answer::Reply(451, "4.7.1 later".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn the_dry_run_of_a_begun_campaign_lists_who_is_left() {
    let relay = Relay::start(SomeLater);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["ann", "late1", "ben", "late2"]);
    relay::write_issue(&folder, "a", "");
    let run = folder.run_at(NOW, &["send", "a", "--only", "ann@reader.example", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut told = String::new();
    for command in [
        &["send", "a", "--dry-run"][..],
        &["plan", "a"],
        &["send", "a", "--confirm", "4"],
        &["send", "a", "--confirm", "3"],
        &["send", "a", "--dry-run"],
        &["plan", "a"],
        &["send", "a", "--dry-run", "--only", "late2@reader.example"],
        &["pause", "a"],
        &["send", "a", "--dry-run"],
    ] {
        let run = folder.run_at(NOW, command);
        let first = run.stdout.lines().next().unwrap_or_default().to_owned();
        let stdout = if command[0] == "plan" {
            first + "\n"
        } else {
            run.stdout
        };
        let name = command.join(" ");
        told += &format!(
            "$ franking {name}\n{}\n",
            shown(&Run { stdout, ..run }, relay.port)
        );
    }
    assert_data_eq!(
        without_tries(&told),
        str![[r#"
$ franking send a --dry-run
late1@reader.example	ready
ben@reader.example	ready
late2@reader.example	ready
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients left, 1 accepted
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       4  adds up
nothing was sent
exit 0

$ franking plan a
`a`: 3 readers left of the send begun 2026-11-30T08:00:00Z, 1 accepted
exit 0

$ franking send a --confirm 4
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients left, 1 accepted
error: there are 3 recipients, not 4
hint: nothing was sent; `franking send a --dry-run` lists the recipients
exit 2

$ franking send a --confirm 3
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients left, 1 accepted
deferred   late1@reader.example: 451 4.7.1 later
deferred   late2@reader.example: 451 4.7.1 later
accepted         2
refused          0
excluded         0
deferred         2
uncertain        0
untried          0
candidates       4  adds up
2 left; the next try is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

$ franking send a --dry-run
late1@reader.example	deferred	LATER
late2@reader.example	deferred	LATER
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients left, 2 accepted
accepted         2
refused          0
excluded         0
deferred         2
uncertain        0
untried          0
candidates       4  adds up
nothing was sent
exit 0

$ franking plan a
`a`: 2 readers left of the send begun 2026-11-30T08:00:00Z, 2 accepted
exit 0

$ franking send a --dry-run --only late2@reader.example
late2@reader.example	deferred	LATER
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late2  (to late2@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient
accepted         2
refused          0
excluded         0
deferred         2
uncertain        0
untried          0
candidates       4  adds up
nothing was sent
exit 0

$ franking pause a
`a` is paused; 2 recipients left, and messages on their way finish
`franking resume a` continues
exit 0

$ franking send a --dry-run
late1@reader.example	deferred	LATER
late2@reader.example	deferred	LATER
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients left, 2 accepted
accepted         2
refused          0
excluded         0
deferred         2
uncertain        0
untried          0
candidates       4  adds up
`a` has been paused since 2026-11-30T08:00:00Z: by `franking pause`
nothing was sent
exit 0


"#]]
    );
    let resumed = folder.run_at("2026-11-30T09:00:00Z", &["resume", "a"]);
    assert_data_eq!(
        shown(&resumed, relay.port),
        str![[r#"
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to late1  (to late1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients left, 2 accepted
accepted         4
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       4  adds up
exit 0

"#]]
    );
    assert_eq!(relay.recipients().len(), 4);
    let done = folder.run_at(NOW, &["send", "a", "--dry-run"]);
    assert_data_eq!(
        shown(&done, relay.port),
        str![[r#"
accepted         4
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       4  adds up
`a` was sent by 2026-11-30T09:00:00Z; there is nothing to do
exit 0

"#]]
    );
}

/// Without the moments of further tries, which are spread by chance.
fn without_tries(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once('\t') {
        Some((line, at)) if at.ends_with('Z') => format!("{line}\tLATER\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn the_subject_is_shown_as_the_first_recipient_gets_it() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    let text = folder.read("issues/second.toml");
    let subject = |words: &str, readers: &[&str]| {
        let (_, rest) = text.split_once('\n').expect("lines");
        folder.write("issues/second.toml", &format!("subject = {words}\n{rest}"));
        relay::set_readers(&folder, readers.iter().copied());
        let dry = folder.run_at(NOW, &["send", "second", "--dry-run"]);
        let asked = folder.run_at(NOW, &["send", "second"]);
        let row = |run: &Run| {
            let row = run.stderr.lines().find(|line| line.starts_with("subject"));
            row.expect("the subject").to_owned()
        };
        assert_eq!(row(&dry), row(&asked));
        row(&dry)
    };
    let words = "\"Hello {{ first_name | default('reader') }}\"";
    assert_eq!(
        subject(words, &["gone", "ben", "ann"]),
        "subject  Hello ben  (to ben@reader.example)",
        "`gone` gets nothing"
    );
    assert_eq!(subject(words, &["gone"]), "subject  Hello {{ first_name }}");
    assert_eq!(subject("\"Hello all\"", &["ann"]), "subject  Hello all");
}

#[test]
fn an_address_that_is_no_recipient_is_an_error_everywhere() {
    let relay = Relay::start(OneIsGone);
    let folder = with_a_suppression(&relay);
    let mut said = String::new();
    for (only, command) in [
        (
            "nobody@reader.example",
            &["send", "second", "--dry-run"][..],
        ),
        ("nobody@reader.example", &["plan", "second"]),
        ("nobody@reader.example", &["send", "second", "--yes"]),
        ("gone@reader.example", &["send", "second", "--dry-run"]),
        ("gone@reader.example", &["plan", "second"]),
        ("gone@reader.example", &["send", "second", "--yes"]),
    ] {
        let run = folder.run(&[command, &["--only", only]].concat());
        let error = run.stderr.lines().find(|line| line.starts_with("error"));
        said += &format!(
            "{}: {} ({})\n",
            command.join(" "),
            error.unwrap_or("none"),
            run.code
        );
    }
    assert_data_eq!(
        said,
        str![[r#"
send second --dry-run: error: `nobody@reader.example` is not among the recipients of this issue (2)
plan second: error: `nobody@reader.example` is not among the recipients of this issue (2)
send second --yes: error: `nobody@reader.example` is not among the recipients of this issue (2)
send second --dry-run: error: `gone@reader.example` gets nothing: bounced (2)
plan second: error: `gone@reader.example` gets nothing: bounced (2)
send second --yes: error: `gone@reader.example` gets nothing: bounced (2)

"#]]
    );
}

#[test]
fn an_issue_whose_moment_has_not_come_needs_now() {
    let relay = Relay::start(OneIsGone);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    let early = "2026-11-30T07:59:59Z";
    let run = folder.run_at(early, &["send", "a", "--yes"]);
    assert_data_eq!(
        shown(&run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient
error: `a` has a `send_at` in the future: 2026-11-30T09:00:00 CET
hint: nothing was sent; `franking send --due` sends it then, and `--now` sends it now
exit 2

"#]]
    );
    assert!(relay.recipients().is_empty());
    let run = folder.run_at(early, &["send", "a", "--yes", "--now"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 1);
}

#[test]
fn the_readme_and_the_help_list_the_same_exit_codes() {
    let help = Folder::empty().run(&["--help"]).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").expect("the codes");
    let codes = codes.lines().map_while(|line| line.trim().split_once(' '));
    let codes: Vec<String> = codes
        .map(|(code, meaning)| format!("| {code} | {} |", meaning.trim()))
        .collect();
    assert!(codes.len() > 5, "{help}");
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let table = readme.split("| code | meaning |\n|---|---|\n").nth(1);
    let rows = table
        .expect("the table")
        .lines()
        .take_while(|line| line.starts_with('|'));
    assert_eq!(rows.collect::<Vec<_>>(), codes);
}
