//! A send that is interrupted, and a second send while the first one runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{LATER, NOW, send};
use crate::support::relay::{self, Relay, smtp, story};
use crate::support::{Folder, Run};

/// Never replies to the message to `r1`, and to everything else at once.
struct StallsOne;

impl Script for StallsOne {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r1@") {
            Answer::Stall
        } else {
            Answer::Accept
        }
    }
}

/// A send that runs concurrently with the test.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(&["send", "a", "--yes"]);
        let mut child = command
            .env("FRANKING_NOW", NOW)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("its stderr is piped"));
        Self { child, stderr }
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        let pid = self.child.id();
        let kill = std::process::Command::new("sh")
            .args(["-c", &format!("kill -INT {pid}")])
            .status();
        assert!(kill.expect("a shell").success());
    }

    /// Ctrl-C, and once more when it has said what the first one does.
    fn interrupt_twice(mut self) -> Run {
        self.interrupt();
        self.wait_for_line("stopping");
        self.interrupt();
        self.end()
    }

    /// Reads what it says until a line that begins so.
    fn wait_for_line(&mut self, beginning: &str) {
        let mut line = String::new();
        while !line.starts_with(beginning) {
            line.clear();
            let read = self.stderr.read_line(&mut line).expect("UTF-8");
            assert_ne!(read, 0, "it ended without saying `{beginning}`");
        }
    }

    fn end(mut self) -> Run {
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).expect("UTF-8");
        let status = self.child.wait().expect("a child of this test");
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::new(),
            stderr,
        }
    }
}

#[test]
fn ctrl_c_finishes_messages_in_flight_and_the_same_command_continues() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter_for(400, &smtp(relay.port, "none", 4));
    let running = Running::start(&folder);
    relay.wait_for(20);
    running.interrupt();
    let run = running.end();
    assert_eq!(run.code, 130, "{}", run.stderr);
    let status = folder.run(&["status", "a"]).stdout;
    let kept = relay.recipients().len();
    assert!(kept < 400, "it went on to the end");
    assert!(
        status.contains(&format!("accepted   {kept:>7}\n")),
        "{status}"
    );
    assert!(status.contains("uncertain        0\n"), "{status}");

    let rest = send(&folder, LATER);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    let mut recipients = relay.recipients();
    recipients.dedup();
    assert_eq!((relay.recipients().len(), recipients.len()), (400, 400));
}

/// Waits until the ledger knows of `count` acceptances, which the relay knows of before.
fn wait_for_ledger(folder: &Folder, count: usize) {
    let accepted = format!("accepted   {count:>7}\n");
    while !folder.run(&["status", "a"]).stdout.contains(&accepted) {}
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_uncertain_deliveries_are_listed() {
    let relay = Relay::start(StallsOne);
    let folder = relay::newsletter_for(4, &smtp(relay.port, "none", 4));
    let running = Running::start(&folder);
    relay.wait_for(3);
    wait_for_ledger(&folder, 3);
    assert_eq!(running.interrupt_twice().code, 130);
    let rest = send(&folder, LATER);
    assert_data_eq!(
        story(&folder, &rest, relay.port),
        str![[r#"
warning: the last run ended with messages in flight: 1 delivery is uncertain
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       0 recipients left, 3 accepted
2026-11-30T09:00:00Z a: 0 messages to try
2026-11-30T09:00:00Z a: finished: 3 accepted, 1 uncertain
accepted         3
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       4  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       4  adds up
uncertain  r1@reader.example (r1): the sender was stopped before the reply

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

"#]]
    );
}

#[test]
fn a_second_send_names_the_process_that_sends() {
    let relay = Relay::start(StallsOne);
    let folder = relay::newsletter_for(4, &smtp(relay.port, "none", 4));
    let running = Running::start(&folder);
    relay.wait_for(1);
    let pid = format!("process {},", running.child.id());
    let output = |run: &Run| {
        let said = run.stderr.replace(&pid, "process PID,");
        format!("{said}exit {}\n", run.code)
    };
    assert_data_eq!(
        output(&send(&folder, NOW)),
        str![[r#"
error: another process holds the lock: `send a`, process PID, since 2026-11-30T08:00:00Z
hint: wait until it has ended; `franking status` shows the progress of a send
exit 73

"#]]
    );
    assert_data_eq!(
        output(&folder.run(&["send", "--due", "-v"])),
        str![[r#"
another process holds the lock: `send a`, process PID, since 2026-11-30T08:00:00Z
exit 0

"#]]
    );
    let quiet = folder.run(&["send", "--due"]);
    assert_eq!(
        (quiet.code, quiet.stderr.as_str()),
        (0, ""),
        "cron would mail it"
    );
    running.interrupt_twice();
}
