//! `franking selftest`: what it says of this program, and of senders that are wrong.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Folder, Run};

/// A sender in front of this program, which does `mischief` before every send.
fn selftest_of(mischief: &str, more: &[&str]) -> Run {
    let folder = Folder::empty();
    let program = env!("CARGO_BIN_EXE_franking");
    folder.write(
        "sender",
        &format!("#!/bin/sh\n[ \"$1\" = send ] && {mischief}\nexec '{program}' \"$@\"\n")
            .replace("FRANKING", program),
    );
    let sender = folder.path().join("sender");
    std::fs::set_permissions(sender, PermissionsExt::from_mode(0o755)).expect("its owner");
    let arguments = ["selftest", "--recipients", "20", "--sender", "./sender"];
    folder.run(&[&arguments, more].concat())
}

/// Where the sender dies between a word and its writing down, luck decides whether that one letter is in doubt.
#[test]
fn selftest_passes_for_this_sender() {
    let folder = Folder::empty();
    let run = folder.run(&["selftest", "--seed", "1"]);
    assert_data_eq!(
        format!("{}{}exit {}\n", run.stderr, run.stdout, run.code),
        str![[r#"
9 sends to 40 recipients each, by a relay with faults on this machine; each sender is killed twice (seed 1)
killed                             recipients  kills  arrived  refused  lost  repeated  falsely sent  uncertain
before EHLO                                40      2       38        2     0         0             0          2
at MAIL                                    40      2       38        2     0         0             0[..]
at DATA                                    40      2       38        2     0         0             0[..]
in the message                             40      2       38        2     0         0             0          4
after the dot, before the reply            40      2       38        2     0         0             0          4
after the reply                            40      2       38        2     0         0             0[..]
at QUIT                                    40      2       38        2     0         0             0[..]
in a window of 8, before a reply           40      2       38        2     0         0             0[..]
in a window of 8, after a reply            40      2       38        2     0         0             0[..]
total                                     360     18      342       18     0         0             0[..]
a relay that offers no STARTTLS: refused, and nothing was sent
0 lost, 0 repeated, 0 falsely sent of 360 recipients: the ledger matches the relay
exit 0

"#]]
    );
    assert_eq!(folder.files().len(), 0, "it leaves nothing behind");
}

#[test]
fn no_more_deliveries_are_uncertain_than_were_in_flight() {
    let report = json(&Folder::empty().run(&["selftest", "--json"]));
    assert_eq!(report["ok"], true, "{report}");
    for step in &report["steps"].as_array().expect("steps")[..7] {
        // Two kills, and the relay has dropped two connections in or behind a message.
        assert!(step["uncertain"].as_u64() <= Some(4), "{step}");
    }
}

#[test]
fn a_resent_uncertain_message_is_counted_and_is_not_a_failure() {
    let run = Folder::empty().run(&[
        "selftest",
        "--seed",
        "1",
        "--on-uncertain",
        "resend",
        "--json",
    ]);
    let totals = json(&run)["totals"].clone();
    assert_eq!(run.code, 0, "{totals}");
    // The relay hangs up once behind a letter in each of the nine steps, and every kill before a reply is one more.
    assert!(totals["repeated"].as_u64() >= Some(11), "{totals}");
    assert_eq!(totals["announced"], totals["repeated"]);
}

#[test]
fn a_sender_without_a_durable_ledger_fails_selftest() {
    let forget = "(cd .franking && rm -f store.db* marker key)";
    let run = selftest_of(forget, &["--json"]);
    let report = json(&run);
    assert_eq!((run.code, &report["ok"]), (1, &false.into()));
    for step in report["steps"].as_array().expect("steps") {
        assert!(
            step["repeated"].as_u64() > step["announced"].as_u64(),
            "{step}"
        );
    }
}

#[test]
fn a_sender_that_records_uncertain_as_accepted_fails_selftest() {
    let mischief = "FRANKING resolve selftest --all-arrived >/dev/null 2>&1";
    let run = selftest_of(mischief, &["--json", "--seed", "1"]);
    let report = json(&run);
    assert_eq!((run.code, &report["ok"]), (1, &false.into()));
    let step = &report["steps"][3];
    assert_eq!(step["killed"], "in the message");
    assert!(step["lost"].as_u64() >= Some(2), "{step}");
    assert_eq!(step["lost"], step["falsely_sent"]);
    let last = selftest_of(mischief, &[]).stdout;
    let last = last.lines().last().expect("a verdict").to_owned();
    assert_data_eq!(
        last,
        str![
            "[..] lost, 0 repeated, [..] falsely sent of 180 recipients: this sender is not reliable"
        ]
    );
}

#[test]
fn a_sender_that_continues_without_tls_fails_selftest() {
    let run = selftest_of("sed -i s/starttls/none/ newsletter.toml", &[]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let line = "a relay that offers no STARTTLS: messages were sent in the clear\n";
    assert!(run.stdout.contains(line), "{}", run.stdout);
}

#[test]
fn a_sender_without_a_report_ends_selftest() {
    let run = selftest_of("exit 0", &[]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let words = "error: the sender reports no totals\n";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}
