//! What a relay says about a session, a sender or one address, and who is affected by it.

use std::sync::atomic::{AtomicUsize, Ordering};

use franking::simulator::sink::{Answer, Script};

use crate::support::Folder;
use crate::support::campaign::{NOW, send, totals};
use crate::support::relay::{self, Relay, reply, smtp};

/// `count` recipients of one domain, served over one connection so that the order is known.
fn newsletter(relay: &Relay, count: usize, more: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    relay::newsletter_for(count, &format!("{smtp}{more}"))
}

/// Accepts so many messages in a session, and answers the next MAIL with `says`.
struct PerSession {
    limit: usize,
    says: (u16, &'static str),
    chunking: bool,
    sessions: AtomicUsize,
    count: AtomicUsize,
}

impl PerSession {
    fn new(limit: usize, says: (u16, &'static str)) -> Self {
        Self {
            limit,
            says,
            chunking: false,
            sessions: AtomicUsize::new(0),
            count: AtomicUsize::new(0),
        }
    }
}

impl Script for PerSession {
    fn greeting(&self) -> Answer {
        self.sessions.fetch_add(1, Ordering::SeqCst);
        self.count.store(0, Ordering::SeqCst);
        Answer::Accept
    }
    fn chunking(&self) -> bool {
        self.chunking
    }
    fn sender(&self, _address: &str) -> Answer {
        match self.count.fetch_add(1, Ordering::SeqCst) < self.limit {
            true => Answer::Accept,
            false => reply(self.says.0, self.says.1),
        }
    }
}

#[test]
fn a_limit_of_the_session_reconnects_at_once_and_defers_no_recipient() {
    for says in [
        (421, "4.7.0 no more mail in this session"),
        (421, "good-bye"),
        (421, "4.4.2 timeout exceeded"),
        (451, "4.7.1 you have had your messages per connection"),
        (450, "4.3.2 session limit reached"),
        (452, "4.5.3 please reconnect"),
        (550, "5.7.0 only 3 messages in one session"),
    ] {
        let relay = Relay::start(PerSession::new(3, says));
        let folder = newsletter(&relay, 10, "");
        let run = send(&folder, NOW);
        assert_eq!(run.code, 0, "{says:?}: {}", run.stderr);
        assert!(!run.stderr.contains("deferred   r"), "{}", run.stderr);
        assert_eq!(relay.copies().into_values().collect::<Vec<_>>(), [1; 10]);
        assert_eq!(relay.count("EHLO"), 4, "{says:?}");
    }
}

/// Hangs up at each fourth MAIL, without a word.
#[derive(Default)]
struct HangsUp(AtomicUsize);

impl Script for HangsUp {
    fn greeting(&self) -> Answer {
        self.0.store(0, Ordering::SeqCst);
        Answer::Accept
    }
    fn sender(&self, _address: &str) -> Answer {
        match self.0.fetch_add(1, Ordering::SeqCst) < 3 {
            true => Answer::Accept,
            false => Answer::Drop,
        }
    }
}

#[test]
fn a_session_that_ends_without_a_reply_before_a_recipient_is_named_defers_no_recipient() {
    let relay = Relay::start(HangsUp::default());
    let folder = newsletter(&relay, 10, "");
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.copies().into_values().collect::<Vec<_>>(), [1; 10]);
}

/// A relay that stays after the limit answers the rest of the burst, and each reply finds its own command.
#[test]
fn a_limit_of_the_session_within_a_burst_leaves_no_delivery_uncertain() {
    let script = PerSession {
        chunking: true,
        ..PerSession::new(3, (451, "4.7.1 too many messages in this session"))
    };
    let relay = Relay::start(script);
    let folder = newsletter(&relay, 20, "window = 8\n");
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.copies().into_values().collect::<Vec<_>>(), [1; 20]);
    assert_eq!(relay.count("DATA"), 0);
}

#[test]
fn a_relay_that_ends_every_session_at_its_first_message_ends_the_run() {
    let relay = Relay::start(PerSession::new(0, (421, "4.7.0 too many per session")));
    let folder = newsletter(&relay, 500, "");
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    let last = "accepts no message in a new session: 421 4.7.0 too many per session (recipient r3@";
    assert!(run.stderr.contains(last), "{}", run.stderr);
    assert_eq!((relay.count("EHLO"), relay.count("MAIL")), (3, 3));
    let totals = totals(&folder);
    assert_eq!(
        (&totals["deferred"], &totals["untried"]),
        (&2.into(), &498.into())
    );
}

/// Answers `says` at RCPT to the addresses that begin with `whom`.
struct AtRecipient {
    whom: &'static str,
    says: (u16, &'static str),
}

impl Script for AtRecipient {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with(self.whom) {
            true => reply(self.says.0, self.says.1),
            false => Answer::Accept,
        }
    }
}

#[test]
fn a_syntax_error_for_one_address_refuses_it_and_serves_the_others() {
    for says in [
        (500, "5.5.2 syntax error"),
        (501, "bad recipient address syntax"),
        (501, "5.5.4 invalid arguments"),
        (504, "5.5.2 need a fully qualified address"),
        (555, "5.5.2 syntax error, goodbye"),
        (550, "5.5.4 no such argument"),
        (553, "5.6.7 non-ASCII address"),
    ] {
        let relay = Relay::start(AtRecipient { whom: "r1@", says });
        let folder = newsletter(&relay, 4, "");
        let run = send(&folder, NOW);
        let line = format!("refused    r1@reader.example: {} {}", says.0, says.1);
        assert!(run.stderr.contains(&line), "{}", run.stderr);
        let totals = totals(&folder);
        assert_eq!(
            (&totals["accepted"], &totals["refused"]),
            (&3.into(), &1.into())
        );
    }
}

#[test]
fn a_syntax_error_for_every_address_stops_the_campaign_and_names_the_last() {
    let says = (501, "5.1.3 bad address syntax");
    let relay = Relay::start(AtRecipient { whom: "r", says });
    let folder = newsletter(&relay, 30, "");
    let run = send(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    let last = "501 5.1.3 bad address syntax (recipient r20@reader.example)";
    assert!(run.stderr.contains(last), "{}", run.stderr);
    assert_eq!(totals(&folder)["untried"], 30);
}

#[test]
fn a_reply_about_us_stops_the_campaign_and_names_recipient_and_reply() {
    for says in [
        (503, "5.5.1 MAIL first"),
        (502, "5.5.1 not implemented"),
        (530, "5.7.0 must issue a STARTTLS command first"),
        (535, "5.7.8 bad credentials"),
        (553, "5.1.7 bad sender address"),
    ] {
        let relay = Relay::start(AtRecipient { whom: "r2@", says });
        let folder = newsletter(&relay, 4, "");
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        let stop = format!("{} {} (recipient r2@reader.example)", says.0, says.1);
        assert!(run.stderr.contains(&stop), "{}", run.stderr);
        assert_eq!(totals(&folder)["untried"], 3);
    }
}

/// Refuses one message after its final dot.
struct AfterDot(u16, &'static str);

impl Script for AfterDot {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with("r2@") {
            true => reply(self.0, self.1),
            false => Answer::Accept,
        }
    }
}

#[test]
fn a_message_that_is_too_large_stops_the_campaign_and_a_full_mailbox_does_not() {
    for (script, code, counts) in [
        (AfterDot(552, "5.3.4 message too big"), 69, [1, 0, 3]),
        (
            AfterDot(552, "message size exceeds the limit"),
            69,
            [1, 0, 3],
        ),
        (AfterDot(552, "5.2.2 mailbox full"), 1, [3, 1, 0]),
        (AfterDot(552, "over quota"), 1, [3, 1, 0]),
    ] {
        let words = script.1;
        let relay = Relay::start(script);
        let folder = newsletter(&relay, 4, "");
        let run = send(&folder, NOW);
        let totals = totals(&folder);
        let found =
            ["accepted", "refused", "untried"].map(|key| totals[key].as_u64().unwrap_or(99));
        assert_eq!(found, counts, "{words}: {}", run.stderr);
        assert_eq!(run.code == 69, code == 69, "{words}: {}", run.stderr);
    }
}

#[test]
fn a_deferral_of_every_recipient_about_the_sender_is_a_configuration_error() {
    for says in [
        (450, "4.7.1 Client host rejected: cannot find your hostname"),
        (454, "4.7.1 Relay access denied"),
        (451, "4.7.0 TLS is required"),
        (450, "authentication required"),
    ] {
        let relay = Relay::start(AtRecipient { whom: "r", says });
        let folder = newsletter(&relay, 50, "");
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        for part in [
            "set-up of the relay",
            &format!("{} {} (recipient r20@", says.0, says.1),
            "check `tls`, `user`",
        ] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        let totals = totals(&folder);
        assert_eq!(
            (&totals["deferred"], &totals["untried"]),
            (&0.into(), &50.into())
        );
    }
}

#[test]
fn greylisting_of_every_recipient_is_not_a_configuration_error() {
    for says in [
        (450, "4.7.1 greylisted"),
        (451, "4.7.1 please try again later"),
    ] {
        let relay = Relay::start(AtRecipient { whom: "r", says });
        let folder = newsletter(&relay, 30, "");
        let run = send(&folder, NOW);
        assert_eq!(run.code, 75, "{says:?}: {}", run.stderr);
        assert_eq!(totals(&folder)["deferred"], 30);
    }
}
