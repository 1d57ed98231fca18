//! Connections that a relay drops, and its replies: the output, the ledger, and the exit code.

use std::sync::atomic::{AtomicUsize, Ordering};

use franking::simulator::sink::{Answer, Script};
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::campaign::{LATER, send, send_over};
use crate::support::relay::{self, reply, story};

/// The step of the dialogue at which a fault occurs.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Greeting,
    Mail,
    Recipient,
    Data,
    InMessage,
    Message,
}

/// One fault, once: for the first connection, the second MAIL, or `ben`.
struct Once {
    at: At,
    answer: Answer,
    count: AtomicUsize,
}

impl Once {
    fn new(at: At, answer: Answer) -> Self {
        let count = AtomicUsize::new(0);
        Self { at, answer, count }
    }

    fn strikes(&self, at: At, is_it: bool) -> Answer {
        if self.at == at && is_it {
            self.answer.clone()
        } else {
            Answer::Accept
        }
    }

    /// Whether this is call number `wanted` of the one hook that counts.
    fn is_call(&self, at: At, wanted: usize) -> bool {
        self.at == at && self.count.fetch_add(1, Ordering::SeqCst) + 1 == wanted
    }
}

impl Script for Once {
    fn greeting(&self) -> Answer {
        self.strikes(At::Greeting, self.is_call(At::Greeting, 1))
    }
    fn sender(&self, _address: &str) -> Answer {
        self.strikes(At::Mail, self.is_call(At::Mail, 2))
    }
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Recipient, is_ben(address, attempt))
    }
    fn data(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Data, is_ben(address, attempt))
    }
    fn first_line(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::InMessage, is_ben(address, attempt))
    }
    fn message(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Message, is_ben(address, attempt))
    }
}

fn is_ben(address: &str, attempt: u32) -> bool {
    address.starts_with("ben@") && attempt == 1
}

/// The story of a send over a relay with one fault, and of the same send an hour later, when the fault is
/// gone.
fn story_of(at: At, answer: Answer) -> String {
    let (relay, folder, run) = send_over(Once::new(at, answer));
    let first = story(&folder, &run, relay.port);
    let later = send(&folder, LATER);
    let second = relay::masked(&later.stderr, relay.port);
    let kept = relay.recipients().join(" ");
    format!(
        "{first}\nan hour later\n{second}exit {}\n\nkept: {kept}\n",
        later.code
    )
}

#[test]
fn a_connection_dropped_at_the_greeting_is_opened_again() {
    assert_data_eq!(
        story_of(At::Greeting, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up

an hour later
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_mail_reconnects_and_defers_no_recipient() {
    assert_data_eq!(
        story_of(At::Mail, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up

an hour later
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_rcpt_defers_one_recipient() {
    assert_data_eq!(
        story_of(At::Recipient, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: deferred   ben@reader.example: the connection was lost at RCPT TO: the server hung up
2026-11-30T08:00:00Z a: waiting: 2 accepted, 1 deferred
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a waiting, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): the connection was lost at RCPT TO: the server hung up; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
2026-11-30T09:00:00Z a: 1 message to try
2026-11-30T09:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_data_defers_one_recipient() {
    assert_data_eq!(
        story_of(At::Data, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: deferred   ben@reader.example: the connection was lost at DATA: the server hung up
2026-11-30T08:00:00Z a: waiting: 2 accepted, 1 deferred
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a waiting, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): the connection was lost at DATA: the server hung up; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
2026-11-30T09:00:00Z a: 1 message to try
2026-11-30T09:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

/// The relay has not received the final dot, but a client cannot know: its operating system has accepted every byte.
#[test]
fn a_connection_dropped_in_the_message_leaves_one_delivery_uncertain() {
    assert_data_eq!(
        story_of(At::InMessage, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: uncertain  ben@reader.example: the connection was lost during the message: [..]
2026-11-30T08:00:00Z a: finished: 2 accepted, 1 uncertain
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

an hour later
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; 1 delivery is uncertain
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

kept: ann@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_after_the_final_dot_leaves_one_delivery_uncertain() {
    assert_data_eq!(
        story_of(At::Message, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: uncertain  ben@reader.example: the connection was lost during the message: [..]
2026-11-30T08:00:00Z a: finished: 2 accepted, 1 uncertain
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

an hour later
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; 1 delivery is uncertain
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_greylisted_recipient_gets_the_message_at_the_second_attempt() {
    let answer = reply(451, "4.7.1 greylisted");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: deferred   ben@reader.example: 451 4.7.1 greylisted
2026-11-30T08:00:00Z a: waiting: 2 accepted, 1 deferred
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a waiting, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): 451 4.7.1 greylisted; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
2026-11-30T09:00:00Z a: 1 message to try
2026-11-30T09:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn an_unknown_mailbox_is_suppressed_for_the_next_issue() {
    let answer = reply(550, "5.1.1 no such mailbox");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: refused    ben@reader.example: 550 5.1.1 no such mailbox
2026-11-30T08:00:00Z a: finished: 2 accepted, 1 refused
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
details: `franking status a`
exit 0

a sent, edition DIGEST
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
refused    ben@reader.example (ben): 550 5.1.1 no such mailbox

an hour later
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
exit 0

kept: ann@reader.example cat@reader.example

"#]]
    );

    let (_, folder, _) = send_over(Once::new(
        At::Recipient,
        reply(550, "5.1.1 no such mailbox"),
    ));
    relay::write_issue(&folder, "b", "");
    let next = folder.run(&["send", "b", "--yes"]);
    let row = next
        .stderr
        .lines()
        .find(|line| line.starts_with("excluded"));
    assert_eq!(
        row,
        Some("excluded         1  (1 bounced)"),
        "{}",
        next.stderr
    );
}

#[test]
fn a_full_mailbox_gets_the_next_issue() {
    let (relay, folder, run) = send_over(Once::new(At::Message, reply(552, "5.2.2 mailbox full")));
    assert_eq!(run.code, 0, "{}", run.stderr);
    relay::write_issue(&folder, "b", "");
    let next = folder.run(&["send", "b", "--yes"]);
    assert_eq!(
        (next.code, relay.recipients().len()),
        (0, 5),
        "{}",
        next.stderr
    );
}

#[test]
fn a_refusal_about_the_sender_stops_the_send_and_refuses_no_recipient() {
    let answer = reply(550, "5.7.26 unauthenticated mail is not accepted");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 1 accepted, 2 untried
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          2
candidates       3  adds up
error: the relay refuses to send for this sender: 550 5.7.26 unauthenticated mail is not accepted (recipient ben@reader.example); check `from`, [dkim] and the DNS of their domain: `franking doctor` compares them
hint: `franking send a` continues
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay refuses to send for this sender: 550 5.7.26 unauthenticated mail is not accepted (recipient ben@reader.example); check `from`, [dkim] and the DNS of their domain: `franking doctor` compares them
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          2
candidates       3  adds up

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients left, 1 accepted
2026-11-30T09:00:00Z a: 2 messages to try
2026-11-30T09:00:00Z a: finished: 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn control_characters_of_a_relay_are_escaped() {
    let words = "5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone";
    let answer = reply(550, words);
    let output = story_of(At::Recipient, answer);
    assert!(
        output.chars().all(|c| c == '\n' || !c.is_control()),
        "{output:?}"
    );
    // Raw: the comparison would take `\u{1b}` for a path of another system.
    assert_data_eq!(
        output,
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: refused    ben@reader.example: 550 5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone
2026-11-30T08:00:00Z a: finished: 2 accepted, 1 refused
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
details: `franking status a`
exit 0

a sent, edition DIGEST
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
refused    ben@reader.example (ben): 550 5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone

an hour later
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
exit 0

kept: ann@reader.example cat@reader.example

"#]]
        .into_data()
        .raw()
    );
}
