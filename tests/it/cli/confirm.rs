//! What `send` shows before anything leaves, and the number of recipients on which all commands agree.

use std::io::Write as _;
use std::process::{Command, Stdio};

use franking::simulator::sink::{Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run, has, repository};

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
    relay::set_subscribers(&folder, ["ann", "gone", "ben"]);
    relay::write_issue(&folder, "first", "");
    relay::write_issue(&folder, "second", "");
    let run = folder.run(&["send", "first", "--confirm", "3"]);
    assert_eq!(run.code, 0, "a refused address is a result: {}", run.stderr);
    folder
}

#[test]
fn no_command_counts_a_suppressed_address() {
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
        str![
            "hint: nothing was sent; `franking send second --only 'ANN@reader.example' --dry-run` lists the recipients"
        ]
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
    relay::set_subscribers(&folder, ["ann", "late", "cleo"]);
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
    let unasked = send("late", &[]);
    assert_eq!(unasked.code, fresh.code, "{}", unasked.stderr);
    let error = "error: confirmation required, but standard input is not a terminal\n";
    assert!(unasked.stderr.contains(error), "{}", unasked.stderr);
    let late = ["--confirm", "1"];
    assert_eq!(send("late", &late).code, 75);
    let only = ["send", "a", "--only", "late@reader.example", "--confirm"];
    let again =
        |count: &str| folder.run_at("2026-11-30T09:00:00Z", &[&only[..], &[count]].concat());
    assert_eq!(again("2").code, fresh.code);
    // The same command continues without a question.
    let last = folder.run_at("2026-11-30T09:00:00Z", &only[..4]);
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
fn the_dry_run_of_a_begun_campaign_lists_the_remaining_recipients() {
    let relay = Relay::start(SomeLater);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "late1", "ben", "late2"]);
    relay::write_issue(&folder, "a", "");
    let run = folder.run_at(NOW, &["send", "a", "--only", "ann@reader.example", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut output = String::new();
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
        output += &format!(
            "$ franking {name}\n{}\n",
            shown(&Run { stdout, ..run }, relay.port)
        );
    }
    assert_data_eq!(
        without_tries(&output),
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
`a`: 3 recipients left of the campaign begun 2026-11-30T08:00:00Z, 1 accepted
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
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: deferred   late1@reader.example: 451 4.7.1 later
2026-11-30T08:00:00Z a: deferred   late2@reader.example: 451 4.7.1 later
2026-11-30T08:00:00Z a: waiting: 2 accepted, 2 deferred
accepted         2
refused          0
excluded         0
deferred         2
uncertain        0
untried          0
candidates       4  adds up
2 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
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
`a`: 2 recipients left of the campaign begun 2026-11-30T08:00:00Z, 2 accepted
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
`a` is paused; 2 recipients left, and messages in flight finish
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
2026-11-30T09:00:00Z a: 2 messages to try
2026-11-30T09:00:00Z a: finished: 4 accepted
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

/// The moment of a further try of every deferred delivery.
const LATER: &str = "2026-11-30T09:00:00Z";

/// A campaign of `ann` and `count` recipients who are deferred.
fn deferred(relay: &Relay, count: usize) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let late = (1..=count).map(|number| format!("late{number}"));
    let names: Vec<String> = ["ann".to_owned()].into_iter().chain(late).collect();
    relay::set_subscribers(&folder, names.iter().map(String::as_str));
    relay::write_issue(&folder, "a", "");
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 75);
    folder
}

/// Gives the subscribers with these names the status `unsubscribed`.
fn unsubscribe(folder: &Folder, names: &[String]) {
    let mut list = folder.read("subscribers.toml");
    for name in names {
        let first_name = format!("first_name = \"{name}\"\n");
        let left = format!("{first_name}status = \"unsubscribed\"\n");
        assert!(list.contains(&first_name));
        list = list.replace(&first_name, &left);
    }
    folder.write("subscribers.toml", &list);
}

/// How many recipients dry run and plan name, and that they write nothing and agree.
fn foreseen(folder: &Folder, more: &[&str]) -> usize {
    let rows = |table: &Run| table.stdout.lines().count();
    let standings = || {
        let status = folder.run_at(LATER, &["status", "a", "--json"]);
        assert!(status.stdout.contains("\"totals\""), "{}", status.stderr);
        status.stdout
    };
    let before = standings();
    let dry = folder.run_at(LATER, &[&["send", "a", "--dry-run"], more].concat());
    let plan = folder.run_at(LATER, &[&["plan", "a"], more].concat());
    assert_eq!(
        (dry.code, plan.code),
        (0, 0),
        "{}{}",
        dry.stderr,
        plan.stderr
    );
    assert_eq!(standings(), before);
    let count = rows(&dry);
    let noun = if count == 1 { "" } else { "s" };
    let to = format!("to       {count} recipient{noun}");
    assert!(dry.stderr.contains(&to), "{}", dry.stderr);
    let left = format!("`a`: {count} recipient{noun} left of the campaign begun ");
    assert!(plan.stdout.starts_with(&left), "{}", plan.stdout);
    count
}

fn refuses(folder: &Folder, command: &[&str], count: usize) {
    let run = folder.run_at(LATER, command);
    let wrong = command.last().expect("a number");
    let verb = if count == 1 { "is" } else { "are" };
    let noun = if count == 1 { "" } else { "s" };
    let error = format!(
        "error: there {verb} {count} recipient{noun}, not {wrong}\nhint: nothing was sent; "
    );
    assert_eq!(run.code, 2, "{command:?}: {}", run.stderr);
    assert!(run.stderr.contains(&error), "{command:?}: {}", run.stderr);
}

#[test]
fn the_number_is_compared_whenever_a_campaign_continues() {
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 3);
    for wrong in ["0", "2", "4"] {
        refuses(&folder, &["send", "a", "--confirm", wrong], 3);
    }
    assert_eq!(folder.run_at(NOW, &["pause", "a"]).code, 0);
    for wrong in ["0", "2", "4"] {
        refuses(&folder, &["resume", "a", "--confirm", wrong], 3);
    }
    let status = folder.run_at(LATER, &["status", "a", "--json"]).stdout;
    assert!(status.contains("\"status\":\"paused\""), "{status}");
    assert_eq!(relay.recipients(), ["ann@reader.example"]);
    let run = folder.run_at(LATER, &["resume", "a", "--confirm", "3"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 4);
    // One that continues without the option is not asked.
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 3);
    let run = folder.run_at(LATER, &["send", "a"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 4);
}

#[test]
fn no_command_counts_a_subscriber_who_left_since_the_campaign_began() {
    let names = |numbers: std::ops::RangeInclusive<usize>| -> Vec<String> {
        numbers.map(|number| format!("late{number}")).collect()
    };
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 20);
    unsubscribe(&folder, &names(1..=1));
    assert_eq!(foreseen(&folder, &[]), 19);
    let dry = folder.run_at(LATER, &["send", "a", "--dry-run"]);
    assert!(!dry.stdout.contains("late1@"), "{}", dry.stdout);
    let said = "1 recipient excluded: they left the list since the campaign began\n";
    assert!(dry.stderr.contains(said), "{}", dry.stderr);
    assert!(
        dry.stderr.contains("(to late2@reader.example)"),
        "{}",
        dry.stderr
    );
    assert!(
        dry.stderr.contains("candidates      21  adds up\n"),
        "{}",
        dry.stderr
    );
    let one = |address: &str, command: &[&str]| {
        let run = folder.run_at(LATER, &[command, &["--only", address]].concat());
        let error = run.stderr.lines().find(|line| line.starts_with("error"));
        (run.code, error.map(str::to_owned))
    };
    let error = "error: `late1@reader.example` is excluded, unsubscribed".to_owned();
    for command in [
        &["send", "a", "--dry-run"][..],
        &["plan", "a"],
        &["send", "a", "--yes"],
    ] {
        assert_eq!(
            one("late1@reader.example", command),
            (2, Some(error.clone()))
        );
    }
    assert_eq!(foreseen(&folder, &["--only", "late2@reader.example"]), 1);
    refuses(&folder, &["send", "a", "--confirm", "20"], 19);
    let run = folder.run_at(LATER, &["send", "a", "--confirm", "19"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 20);

    // So many that a person has to agree.
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 24);
    assert_eq!(folder.run_at(NOW, &["pause", "a"]).code, 0);
    unsubscribe(&folder, &names(5..=14));
    assert_eq!(foreseen(&folder, &[]), 14);
    let plan = folder.run_at(LATER, &["plan", "a"]).stderr;
    let said = "warning: 10 of 24 open recipients are no longer `active` on the list\n";
    assert!(plan.contains(said), "{plan}");
    refuses(&folder, &["resume", "a", "--confirm", "24"], 14);
    let run = folder.run_at(LATER, &["resume", "a", "--confirm", "14"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 15);
}

#[test]
fn a_subscriber_who_left_after_the_first_message_is_excluded_from_the_rest() {
    let relay = Relay::start(SomeLater);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let others: Vec<String> = (1..=12).map(|number| format!("r{number}")).collect();
    let all = others.iter().map(String::as_str).chain(["ann"]);
    relay::set_subscribers(&folder, all);
    relay::write_issue(&folder, "a", "");
    let first = ["send", "a", "--only", "ann@reader.example", "--yes"];
    assert_eq!(folder.run_at(NOW, &first).code, 0);
    unsubscribe(&folder, &others[..1]);
    assert_eq!(foreseen(&folder, &[]), 11);
    refuses(&folder, &["send", "a", "--confirm", "12"], 11);
    assert_eq!(folder.run_at(NOW, &["pause", "a"]).code, 0);
    for wrong in [&["resume", "a"][..], &["resume", "a", "--confirm", "12"]] {
        assert_eq!(folder.run_at(LATER, wrong).code, 2);
        let status = folder.run_at(LATER, &["status", "a", "--json"]).stdout;
        assert!(status.contains("\"status\":\"paused\""), "{status}");
    }
    let run = folder.run_at(LATER, &["resume", "a", "--confirm", "11"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 12);
}

/// Takes the first message to `ann`, `ben` and `cat` and hangs up before its reply, and defers `late` once.
struct Lost;

impl Script for Lost {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        SomeLater.recipient(address, attempt)
    }

    fn message(&self, address: &str, attempt: u32) -> Answer {
        let is_lost = ["ann@", "ben@", "cat@"]
            .iter()
            .any(|name| address.starts_with(name));
        match attempt {
            1 if is_lost => Answer::Drop,
            _ => Answer::Accept,
        }
    }
}

fn lost(relay: &Relay, names: &[&str]) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, names.iter().copied());
    relay::write_issue(&folder, "a", "");
    let run = folder.run_at(NOW, &["send", "a", "--yes"]);
    assert!(
        run.stderr.contains("\nuncertain        3\n"),
        "{}",
        run.stderr
    );
    folder
}

#[test]
fn deliveries_that_are_sent_again_are_counted_by_all_commands() {
    let relay = Relay::start(Lost);
    let folder = lost(&relay, &["ann", "ben", "cat", "dan"]);
    let dry = folder.run_at(LATER, &["send", "a", "--dry-run"]);
    assert!(
        dry.stderr.contains("; 3 deliveries are uncertain\n"),
        "{}",
        dry.stderr
    );
    relay::write_issue(&folder, "a", "on_uncertain = \"resend\"");
    assert_eq!(foreseen(&folder, &[]), 3);
    unsubscribe(&folder, &["ann".to_owned()]);
    assert_eq!(foreseen(&folder, &[]), 2);
    let before = relay.recipients().len();
    for wrong in ["0", "3"] {
        refuses(&folder, &["send", "a", "--confirm", wrong], 2);
        refuses(&folder, &["resume", "a", "--confirm", wrong], 2);
    }
    assert_eq!(relay.recipients().len(), before);
    let run = folder.run_at(LATER, &["send", "a", "--confirm", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), before + 2);
}

#[test]
fn a_correction_counts_the_deliveries_that_are_sent_again() {
    let relay = Relay::start(Lost);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben", "dan", "eve", "fay"]);
    relay::write_issue(&folder, "a", "");
    for first in ["ann@reader.example", "ben@reader.example"] {
        let run = folder.run_at(NOW, &["send", "a", "--only", first, "--yes"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
    }
    let before = relay.recipients().len();
    relay::write_issue(&folder, "a", "on_uncertain = \"resend\"");
    unsubscribe(&folder, &["ben".to_owned()]);
    refuses(
        &folder,
        &["resume", "a", "--corrected", "--confirm", "3"],
        4,
    );
    refuses(
        &folder,
        &["resume", "a", "--corrected", "--confirm", "5"],
        4,
    );
    assert_eq!(relay.recipients().len(), before);
    let run = folder.run_at(LATER, &["resume", "a", "--corrected", "--confirm", "4"]);
    let said =
        "to       4 recipients: 3 get the corrected edition, 1 keep theirs; 0 added, 0 excluded\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), before + 4);
}

#[test]
fn the_dry_run_of_a_cancelled_campaign_ends_as_its_send() {
    let relay = Relay::start(Lost);
    let folder = lost(&relay, &["ann", "ben", "cat", "late"]);
    assert_eq!(folder.run_at(NOW, &["cancel", "a", "--yes"]).code, 0);
    let dry = folder.run_at(LATER, &["send", "a", "--dry-run"]);
    let run = folder.run_at(LATER, &["send", "a", "--yes"]);
    assert!(
        run.stderr.contains("error: `a` has been cancelled since "),
        "{}",
        run.stderr
    );
    assert_eq!((dry.code, dry.stderr), (2, run.stderr));
}

#[test]
fn changed_files_are_reported_by_all_commands() {
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 2);
    let said =
        "warning: the files have changed since; the edition of 2026-11-30T08:00:00Z is sent\n";
    let all = [
        &["send", "a", "--dry-run"][..],
        &["plan", "a"],
        &["send", "a"],
    ];
    for command in &all[..2] {
        let run = folder.run_at(LATER, command);
        assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    }
    let issue = folder.read("issues/a.toml");
    folder.write(
        "issues/a.toml",
        &issue.replace("a word to", "a better word to"),
    );
    for command in all {
        let run = folder.run_at(LATER, command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains(said), "{command:?}: {}", run.stderr);
    }
}

/// What the program shows at a terminal at which `typed` is typed, and its exit code.
fn at_a_terminal(folder: &Folder, arguments: &str, typed: &str) -> (String, Option<i32>) {
    let program = env!("CARGO_BIN_EXE_franking");
    let mut command = Command::new("script");
    let line = format!("'{program}' {arguments}");
    command
        .args(["-qec", &line, "/dev/null"])
        .current_dir(folder.path());
    command.env("FRANKING_NOW", LATER).env("NO_COLOR", "1");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.spawn().expect("script starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(typed.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    (shown, output.status.code())
}

#[test]
fn at_a_terminal_resume_asks_before_the_edition_before_a_correction_is_sent() {
    if !has("script", "confirm") {
        return;
    }
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 3);
    assert_eq!(folder.run_at(NOW, &["pause", "a"]).code, 0);
    let issue = folder.read("issues/a.toml");
    folder.write(
        "issues/a.toml",
        &issue.replace("a word to", "a better word to"),
    );
    let question = "type 3 to send the edition of 2026-11-30T08:00:00Z: ";
    let (shown, code) = at_a_terminal(&folder, "resume a", "no\n");
    assert!(shown.contains(question), "{shown}");
    let hint = "hint: `franking resume a --corrected` sends the current files\n";
    assert!(shown.contains(hint), "{shown}");
    assert!(shown.contains("error: nothing was sent\n"), "{shown}");
    assert_eq!(code, Some(2));
    let status = folder.run_at(LATER, &["status", "a", "--json"]).stdout;
    assert!(status.contains("\"status\":\"paused\""), "{status}");
    assert_eq!(relay.recipients(), ["ann@reader.example"]);
    let (shown, code) = at_a_terminal(&folder, "resume a", "3\n");
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(relay.recipients().len(), 4);
    // The same files need no question.
    let relay = Relay::start(SomeLater);
    let folder = deferred(&relay, 3);
    assert_eq!(folder.run_at(NOW, &["pause", "a"]).code, 0);
    let (shown, code) = at_a_terminal(&folder, "resume a", "");
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("type "), "{shown}");
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
        relay::set_subscribers(&folder, readers.iter().copied());
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
send second --dry-run: error: `gone@reader.example` is excluded: bounced (2)
plan second: error: `gone@reader.example` is excluded: bounced (2)
send second --yes: error: `gone@reader.example` is excluded: bounced (2)

"#]]
    );
}

#[test]
fn an_issue_before_its_scheduled_time_needs_now() {
    let relay = Relay::start(OneIsGone);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann"]);
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
fn the_documents_and_the_help_list_the_same_exit_codes() {
    let help = Folder::empty().run(&["--help"]).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").expect("the codes");
    let codes = codes.lines().map_while(|line| line.trim().split_once(' '));
    let codes: Vec<String> = codes
        .map(|(code, meaning)| format!("| {code} | {} |", meaning.trim()))
        .collect();
    assert!(codes.len() > 5, "{help}");
    let page = std::fs::read_to_string(repository().join("docs/operating.md")).expect("the page");
    let table = page.split("| code | meaning |\n|---|---|\n").nth(1);
    let rows = table
        .expect("the table")
        .lines()
        .take_while(|line| line.starts_with('|'));
    assert_eq!(rows.collect::<Vec<_>>(), codes);
}
