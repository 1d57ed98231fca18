//! Relays that cannot be reached or refuse the sender: nothing leaves, and the error names what to do.

use std::net::TcpListener;

use franking::simulator::sink::{Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{NOW, send, send_over};
use crate::support::relay::{self, Relay, smtp, story};

/// Greets every connection with the same reply.
struct Greeting(u16, &'static str);

impl Script for Greeting {
    fn greeting(&self) -> Answer {
        Answer::Reply(self.0, self.1.to_owned())
    }
}

/// Accepts messages of at most 500 bytes.
struct Small;

impl Script for Small {
    fn largest(&self) -> usize {
        500
    }
}

/// Two tests in one, concurrently, because each waits a quarter of a minute for its relay.
#[test]
fn an_unreachable_or_busy_relay_leaves_every_delivery_untried() {
    let away = free_port();
    let left_by_away = relay::three_subscribers(&smtp(away, "none", 1));
    let busy = Relay::start(Greeting(421, "4.3.2 come back later"));
    let left_by_busy = relay::three_subscribers(&smtp(busy.port, "none", 1));
    let (away_run, busy_run) = std::thread::scope(|threads| {
        let other = threads.spawn(|| send(&left_by_busy, NOW));
        (send(&left_by_away, NOW), other.join().expect("no panic"))
    });
    assert_data_eq!(
        story(&left_by_away, &away_run, away),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
hint: nothing was sent; `franking send a` starts over with the current files
exit 75

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_data_eq!(
        story(&left_by_busy, &busy_run, busy.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT replied at connecting: 421 4.3.2 come back later
hint: nothing was sent; `franking send a` starts over with the current files
exit 75

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT replied at connecting: 421 4.3.2 come back later
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_eq!(busy.count(""), 0, "nothing is said to a relay that is busy");
}

/// A port without a listener.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("its address").port()
}

#[test]
fn a_relay_that_refuses_the_connection_stops_the_send() {
    let (relay, folder, run) = send_over(Greeting(554, "5.7.1 not from your address"));
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT refused at connecting: 554 5.7.1 not from your address; check `host` and `port` of [smtp], and whether the relay serves this machine's address
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT refused at connecting: 554 5.7.1 not from your address; check `host` and `port` of [smtp], and whether the relay serves this machine's address
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
}

#[test]
fn a_relay_with_a_small_size_limit_stops_the_send_before_the_first_message() {
    let (relay, folder, run) = send_over(Small);
    let story = story(&folder, &run, relay.port);
    assert_eq!(relay.count("MAIL"), 0, "{story}");
    assert_data_eq!(
        story,
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay refuses to send for this sender: it accepts messages of at most 500 bytes, and a message has 10285 (recipient ann@reader.example); make the message smaller: remove pictures or use smaller ones, or set `pictures = "link"`
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay refuses to send for this sender: it accepts messages of at most 500 bytes, and a message has 10285 (recipient ann@reader.example); make the message smaller: remove pictures or use smaller ones, or set `pictures = "link"`
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
}

/// Answers MAIL with one reply.
struct AtMail(u16, &'static str);

impl Script for AtMail {
    fn sender(&self, _address: &str) -> Answer {
        Answer::Reply(self.0, self.1.to_owned())
    }
}

#[test]
fn a_refusal_names_the_setting_to_change() {
    for (code, text, remedy) in [
        (
            530,
            "5.7.0 authentication required",
            "set `user` and `password_file`",
        ),
        (
            530,
            "5.7.0 must issue a STARTTLS command first",
            "set `tls = \"starttls\"`",
        ),
        (535, "5.7.8 no", "check `user` and `password_file`"),
        (552, "5.3.4 too large", "make the message smaller"),
        (
            550,
            "5.1.8 sender unknown",
            "check `from` of newsletter.toml",
        ),
        (
            550,
            "5.7.26 unauthenticated",
            "check `from`, [dkim] and the DNS",
        ),
    ] {
        let relay = Relay::start(AtMail(code, text));
        let folder = relay::newsletter(&smtp(relay.port, "none", 1));
        relay::set_subscribers(&folder, ["ann"]);
        relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
        for command in [&["send", "a", "--yes"][..], &["send", "--due"]] {
            let run = folder.run_at("2026-11-30T08:00:00Z", command);
            assert_eq!(run.code, 69, "{text}: {}", run.stderr);
            assert!(run.stderr.contains(remedy), "{text}: {}", run.stderr);
        }
    }
}

#[test]
fn a_host_that_does_not_exist_is_reported_with_its_setting() {
    let folder = relay::newsletter("[smtp]\nhost = \"relay.invalid\"\n");
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    for command in [&["send", "a", "--yes"][..], &["doctor", "--no-dns"]] {
        let run = folder.run(command);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("check `host` and `port` of [smtp]"), "{said}");
        assert!(!said.contains("os error"), "{said}");
        assert!(!said.contains("lookup address"), "{said}");
    }
}
