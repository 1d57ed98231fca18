//! What an SMTP reply means for a delivery. Pure: no clock, no network.
//!
//! A 5xx is no proof of a dead address: of labelled replies 5.1.1 meant one in 94 of 100, any 550 in 45,
//! 5.7.1 in 5 and 5.2.2 in none. So every verdict has a scope, and only what speaks of the mailbox itself
//! suppresses the address.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::escape;

/// The longest text of a reply that is kept, in characters.
const LONGEST_TEXT: usize = 500;

/// A server's answer: code, status and words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The three digits (RFC 5321 section 4.2).
    pub code: u16,
    /// The words, in one line, control characters made visible.
    pub text: String,
}

/// An enhanced status: class, subject, detail (RFC 3463).
type Status = (u16, u16, u16);

impl Reply {
    /// A reply of these lines, the code in front of each left out.
    pub fn new<'a>(code: u16, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let text = lines
            .into_iter()
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ");
        let text = escape::terminal(&text).replace('\n', " ");
        Self {
            code,
            text: text.chars().take(LONGEST_TEXT).collect(),
        }
    }

    /// The enhanced status at the head of the words, if there is one that fits the code.
    fn status(&self) -> Option<Status> {
        let word = self.text.split_whitespace().next()?;
        let mut numbers = word
            .trim_start_matches('#')
            .splitn(3, '.')
            .map(|n| n.parse::<u16>().ok());
        let status = (numbers.next()??, numbers.next()??, numbers.next()??);
        (status.0 == self.code / 100).then_some(status)
    }

    fn says(&self, words: &[&str]) -> bool {
        let text = self.text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}

/// `550 5.1.1 no such user`
impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

/// Where in the dialogue a reply came, or failed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// From the connection to the end of EHLO, TLS included.
    Connect,
    /// AUTH.
    Authenticate,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA, before the message.
    Data,
    /// The message: from its first byte to the reply to the final dot.
    Message,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Authenticate => "logging in",
            Self::Mail => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "the message",
        })
    }
}

/// How far a verdict reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// This address alone.
    Address,
    /// The connection, or the relay as it is now.
    Connection,
    /// The whole send: our own settings are wrong.
    Campaign,
}

/// What became of one try at a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay has taken it.
    Accepted(Reply),
    /// Not now; it is tried again.
    Deferred(Scope, String),
    /// Not at all. `is_dead`: the reply says that the mailbox does not exist.
    Refused {
        /// The reply.
        why: String,
        /// Whether the address is never to be written to again.
        is_dead: bool,
    },
    /// The send has to stop; nothing is known about this address.
    Stop(String),
    /// Nobody can know: the connection was lost after the last byte and before the reply.
    Uncertain(String),
}

/// Our own settings are at fault: no address is touched by these (authentication, alignment, PTR).
const CAMPAIGN_STATUS: [Status; 13] = [
    (4, 7, 26),
    (4, 7, 27),
    (4, 7, 30),
    (4, 7, 32),
    (5, 7, 8),
    (5, 7, 9),
    (5, 7, 25),
    (5, 7, 26),
    (5, 7, 27),
    (5, 7, 30),
    (5, 7, 32),
    (5, 7, 509),
    (5, 7, 515),
];

/// The mailbox does not exist.
const DEAD_STATUS: [Status; 5] = [(5, 1, 1), (5, 1, 2), (5, 1, 3), (5, 1, 6), (5, 1, 10)];

/// Statuses that mean a dead mailbox only where the words say so too.
const PERHAPS_DEAD_STATUS: [Status; 5] = [(5, 2, 1), (5, 5, 0), (5, 1, 0), (5, 0, 0), (5, 3, 0)];

const NO_SUCH_USER: [&str; 12] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "does not exist",
    "doesn't exist",
    "mailbox not found",
    "recipient not found",
    "unknown recipient",
    "invalid recipient",
    "user not found",
];

/// What `reply` to `stage` means.
pub fn judge(stage: Stage, reply: &Reply) -> Outcome {
    match reply.code / 100 {
        2 if stage == Stage::Message => Outcome::Accepted(reply.clone()),
        4 => defer(stage, reply),
        5 => refuse(stage, reply),
        // A reply that fits nothing: after the message nobody can know, before it nothing has happened.
        _ if stage == Stage::Message => {
            Outcome::Uncertain(format!("the reply to {stage} makes no sense: {reply}"))
        }
        _ => Outcome::Deferred(
            Scope::Connection,
            format!("the reply to {stage} makes no sense: {reply}"),
        ),
    }
}

fn defer(stage: Stage, reply: &Reply) -> Outcome {
    if reply
        .status()
        .is_some_and(|status| CAMPAIGN_STATUS.contains(&status))
    {
        return Outcome::Stop(reply.to_string());
    }
    let is_connection = stage < Stage::Recipient
        || reply.code == 421
        || matches!(reply.status(), Some((4, 3, 2) | (4, 4, _)));
    let scope = if is_connection {
        Scope::Connection
    } else {
        Scope::Address
    };
    Outcome::Deferred(scope, reply.to_string())
}

fn refuse(stage: Stage, reply: &Reply) -> Outcome {
    let is_syntax_or_login = matches!(reply.code, 500..=503 | 530 | 534 | 535 | 538);
    let is_sender = matches!(reply.status(), Some((5, 1, 7 | 8) | (5, 5, 4)));
    let is_campaign = reply
        .status()
        .is_some_and(|status| CAMPAIGN_STATUS.contains(&status));
    if stage < Stage::Recipient || is_syntax_or_login || is_sender || is_campaign {
        return Outcome::Stop(reply.to_string());
    }
    Outcome::Refused {
        why: reply.to_string(),
        is_dead: is_dead(reply),
    }
}

fn is_dead(reply: &Reply) -> bool {
    match reply.status() {
        Some(status) if DEAD_STATUS.contains(&status) => true,
        Some(status) if PERHAPS_DEAD_STATUS.contains(&status) => reply.says(&NO_SUCH_USER),
        Some(_) => false,
        None => matches!(reply.code, 550 | 551 | 553) && reply.says(&NO_SUCH_USER),
    }
}

/// What a connection lost at `stage` means. Before the message's first byte it means nothing for the
/// reader; from there on the relay may have taken it.
pub fn lost(stage: Stage, how: &str) -> Outcome {
    let how = escape::terminal(how);
    if stage == Stage::Message {
        Outcome::Uncertain(format!("the connection was lost during {stage}: {how}"))
    } else {
        Outcome::Deferred(
            Scope::Connection,
            format!("the connection was lost at {stage}: {how}"),
        )
    }
}

/// How long after its first try a delivery is given up.
pub const GIVE_UP: Duration = Duration::from_secs(48 * 3600);

const WAITS_IN_MINUTES: [u64; 5] = [5, 15, 45, 120, 240];

/// How long to wait before try number `attempt` + 1, spread by a tenth with `seed` so that a thousand
/// greylisted readers of one host do not come back in one second.
pub fn wait(attempt: u32, seed: u64) -> Duration {
    let step = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let minutes = WAITS_IN_MINUTES
        .get(step)
        .copied()
        .unwrap_or(WAITS_IN_MINUTES[4]);
    let seconds = minutes * 60;
    let spread = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (seconds / 10);
    Duration::from_secs(seconds + spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(stage: Stage, code: u16, text: &str) -> Outcome {
        judge(stage, &Reply::new(code, [text]))
    }

    #[test]
    fn replies_mean_what_the_table_says() {
        let recipient = Stage::Recipient;
        let is_dead = |code, text: &str| match judged(recipient, code, text) {
            Outcome::Refused { is_dead, .. } => is_dead,
            other => panic!("{code} {text}: {other:?}"),
        };
        assert!(is_dead(550, "5.1.1 <a@b.example>: no such user"));
        assert!(is_dead(550, "Requested action not taken: user unknown"));
        assert!(is_dead(550, "5.2.1 the mailbox does not exist"));
        assert!(!is_dead(550, "5.2.1 mailbox disabled"));
        assert!(!is_dead(552, "5.2.2 mailbox full"));
        assert!(!is_dead(554, "5.7.1 blocked by spamhaus: no such user"));
        assert!(!is_dead(550, "mailbox unavailable"));

        assert!(matches!(
            judged(recipient, 450, "4.2.1 greylisted"),
            Outcome::Deferred(Scope::Address, _)
        ));
        assert!(matches!(
            judged(recipient, 421, "4.3.2 closing"),
            Outcome::Deferred(Scope::Connection, _)
        ));
        for (stage, code, text) in [
            (Stage::Authenticate, 535, "5.7.8 bad credentials"),
            (Stage::Mail, 550, "5.1.8 sender refused"),
            (recipient, 550, "5.7.515 not authenticated"),
            (Stage::Message, 421, "4.7.26 unaligned"),
            (recipient, 530, "5.7.0 authentication required"),
        ] {
            assert!(
                matches!(judged(stage, code, text), Outcome::Stop(_)),
                "{code} {text}"
            );
        }
    }

    #[test]
    fn only_2yz_to_the_message_is_acceptance() {
        assert!(matches!(
            judged(Stage::Message, 250, "2.0.0 queued"),
            Outcome::Accepted(_)
        ));
        assert!(matches!(
            judged(Stage::Message, 354, "go ahead"),
            Outcome::Uncertain(_)
        ));
        assert!(matches!(
            judged(Stage::Recipient, 250, "ok"),
            Outcome::Deferred(..)
        ));
        assert!(matches!(lost(Stage::Message, "eof"), Outcome::Uncertain(_)));
        assert!(matches!(
            lost(Stage::Data, "eof"),
            Outcome::Deferred(Scope::Connection, _)
        ));
    }

    #[test]
    fn waits_grow_and_differ_by_a_tenth_at_most() {
        for seed in 0..100 {
            let first = wait(1, seed).as_secs();
            assert!((300..330).contains(&first), "{first}");
            assert!(wait(9, seed) >= Duration::from_secs(240 * 60));
        }
        assert_ne!(wait(1, 1), wait(1, 2));
    }
}
