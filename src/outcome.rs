//! What an SMTP reply means for a delivery. Pure: no clock, no network.
//!
//! A 5xx is no proof of a dead address: of labelled replies 5.1.1 meant one in 94 of 100, any 550 in 45,
//! 5.7.1 in 5 and 5.2.2 in none. So every verdict has a scope, and only what speaks of the mailbox itself
//! suppresses the address.

use serde::{Deserialize, Serialize};

use crate::util::escape;

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
        let text = escape::terminal(&text.replace('\n', " "));
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
            Self::Authenticate => "login",
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
    /// The connection: it was lost, or is out of step.
    Connection,
    /// The session: the relay has ended it, or accepts no more messages in it. A new session continues at once.
    Session,
    /// The relay as it is now: it wants less of us at once.
    Relay,
    /// The recipient's domain: it wants a rest from us, whoever the reader is.
    Domain,
    /// The sender: TLS, a login, or the right to relay is missing. From one recipient it proves nothing; from
    /// everybody it is a fault of the set-up.
    Sender,
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
    /// Not at all.
    Refused {
        /// The reply.
        why: String,
        /// What it says of the reader.
        refusal: RejectReason,
        /// Whether it speaks of a rule (5.7.x, 554) and not of a mailbox: many of these are about us.
        is_policy: bool,
    },
    /// The send has to stop; nothing is known about this address.
    Stop(String),
    /// Nobody can know: the connection was lost after the last byte and before the reply.
    Uncertain(String),
}

/// What a refusal says of the reader. Whoever is no more gets nothing more at once; of the others that happens
/// when they have been refused for the same reason with several issues, and nothing arrived in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// The mailbox does not exist.
    Gone,
    /// It is closed, perhaps for a time.
    Disabled,
    /// It is full, or takes no letter of this size.
    Full,
    /// A rule of the reader, or of the reader's office.
    Unwanted,
    /// The reader's domain takes us for a sender of spam.
    Blocked,
    /// Anything else: it proves nothing.
    Other,
}

/// With how many issues, and over how many days, an address is refused before nothing more is sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuppressionThreshold {
    /// Issues, this one included.
    pub issues: u32,
    /// Days between the first refusal and the last.
    pub days: u32,
}

impl RejectReason {
    /// The word that the ledger keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Disabled => "disabled",
            Self::Full => "full",
            Self::Unwanted => "unwanted",
            Self::Blocked => "blocked",
            Self::Other => "other",
        }
    }

    /// When it ends in suppression; `None`: never.
    pub fn patience(self) -> Option<SuppressionThreshold> {
        let (issues, days) = match self {
            Self::Gone => (1, 0),
            Self::Disabled => (2, 7),
            Self::Full => (5, 60),
            Self::Unwanted => (3, 0),
            Self::Blocked | Self::Other => return None,
        };
        Some(SuppressionThreshold { issues, days })
    }

    /// What the last words say of a reader whose delivery is given up: a mailbox may be full for two days.
    pub fn behind(why: &str) -> Self {
        let mut words = why.split_whitespace();
        if words.any(|word| word == "4.2.2") {
            Self::Full
        } else {
            Self::Other
        }
    }
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

/// The domain wants fewer letters, or none for a while.
const DOMAIN_STATUS: [Status; 4] = [(4, 7, 0), (4, 7, 28), (4, 7, 500), (4, 7, 650)];

/// The same in words: Yahoo's codes, and those that others write in their place.
const DOMAIN_WORDS: [&str; 4] = ["[tss04]", "[tss05]", "temporarily deferred", "ratelimit"];

const GREYLISTED: [&str; 3] = ["greylist", "graylist", "grey list"];

/// A deferral that asks for time, and for nothing else.
const LATER: [&str; 3] = ["later", "try again", "come back"];

const TOO_MANY: [&str; 2] = ["too many", "toomany"];

/// A limit of the session itself, as relays word it.
const SESSION: [&str; 10] = [
    "per session",
    "per-session",
    "per connection",
    "per-connection",
    "this session",
    "this connection",
    "one session",
    "one connection",
    "session limit",
    "session quota",
];

/// TLS or a login that the relay demands before it accepts anything.
const UNAUTHENTICATED: [&str; 8] = [
    "tls required",
    "tls is required",
    "starttls",
    "encryption",
    "authentication required",
    "authentication is required",
    "must authenticate",
    "not logged in",
];

/// A relay that does not relay for this sender.
const UNAUTHORIZED: [&str; 7] = [
    "relay access denied",
    "relaying denied",
    "not permitted to relay",
    "relay not permitted",
    "sender address rejected",
    "client host rejected",
    "helo command rejected",
];

/// A message that is too large for everybody, where no status says so.
const TOO_LARGE: [&str; 4] = ["message size", "message too large", "too big", "size limit"];

const CLOSED: [&str; 3] = ["disabled", "inactive", "suspend"];

const NO_ROOM: [&str; 4] = ["quota", "mailbox full", "mailbox is full", "full mailbox"];

/// How Exchange, Google and others say that a rule of the recipient's own has struck.
const OWN_RULE: [&str; 7] = [
    "transport rule",
    "transport.rules",
    "gcdp",
    "user-blocked",
    "blocked by user",
    "blocked by the recipient",
    "recipient has blocked",
];

const TAKEN_FOR_SPAM: [&str; 7] = [
    // And with it `spamhaus`.
    "spam",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "reputation",
    "dnsbl",
];

/// No such domain, behind 5.4.4.
const NO_SUCH_DOMAIN: [&str; 5] = [
    "nxdomain",
    "domain not found",
    "host not found",
    "no such domain",
    "non-existent domain",
];

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

/// Whether a reply to MAIL or RCPT speaks, or may speak, of the parameters behind the address (RFC 5321 section 4.1.1.11,
/// RFC 3461 section 5.1), and not of the address.
pub fn is_about_parameters(reply: &Reply) -> bool {
    match reply.status() {
        Some((_, 5, detail)) => detail == 4 || matches!(reply.code, 455 | 501 | 504 | 555),
        Some(_) => false,
        None => matches!(reply.code, 455 | 501 | 504 | 555),
    }
}

/// What `reply` to `stage` means.
pub fn judge(stage: Stage, reply: &Reply) -> Outcome {
    match reply.code / 100 {
        2 if stage == Stage::Message => Outcome::Accepted(reply.clone()),
        4 | 5 if is_about_session(stage, reply) => {
            Outcome::Deferred(Scope::Session, reply.to_string())
        }
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
    if is_about_campaign(reply) {
        return Outcome::Stop(reply.to_string());
    }
    let scope = if is_about_sender(reply) {
        Scope::Sender
    } else if stage < Stage::Recipient {
        Scope::Relay
    } else if is_about_domain(reply) {
        Scope::Domain
    } else if is_about_relay(reply) {
        Scope::Relay
    } else {
        Scope::Address
    };
    Outcome::Deferred(scope, reply.to_string())
}

fn is_about_campaign(reply: &Reply) -> bool {
    let status = reply.status();
    status.is_some_and(|status| CAMPAIGN_STATUS.contains(&status))
}

/// 421 at MAIL closes the channel before any recipient is named (RFC 5321 section 3.8): for a limit of messages, for
/// idleness, for maintenance. At any stage the words may name a limit of the session.
fn is_about_session(stage: Stage, reply: &Reply) -> bool {
    if is_about_campaign(reply) || reply.says(&GREYLISTED) {
        return false;
    }
    match stage {
        Stage::Connect | Stage::Authenticate => false,
        Stage::Mail => reply.code == 421 || reply.says(&SESSION) || reply.says(&["reconnect"]),
        Stage::Recipient | Stage::Data | Stage::Message => reply.says(&SESSION),
    }
}

/// 4.7.1 is also how some greylist, so that words that ask for time alone do not count.
fn is_about_sender(reply: &Reply) -> bool {
    if reply.says(&GREYLISTED) {
        return false;
    }
    if reply.says(&UNAUTHENTICATED) || reply.says(&UNAUTHORIZED) {
        return true;
    }
    let is_by_number = reply.code == 454 || matches!(reply.status(), Some((4, 7, 1 | 8 | 10)));
    is_by_number && !reply.says(&LATER) && !is_about_domain(reply)
}

/// What speaks of one mailbox (4.2.x) or of everybody's first try (greylisting) says nothing of the domain.
fn is_about_domain(reply: &Reply) -> bool {
    if matches!(reply.status(), Some((4, 2, _))) || reply.says(&GREYLISTED) {
        return false;
    }
    // A word of its own: not the one in `separate`.
    let lower = reply.text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let is_known = reply
        .status()
        .is_some_and(|status| DOMAIN_STATUS.contains(&status));
    is_known || reply.says(&DOMAIN_WORDS) || words.any(|word| word == "rate")
}

fn is_about_relay(reply: &Reply) -> bool {
    reply.code == 421
        || matches!(reply.status(), Some((4, 3, 1 | 2) | (4, 4, _) | (4, 5, 3)))
        || (reply.code == 452 && reply.says(&TOO_MANY))
}

fn refuse(stage: Stage, reply: &Reply) -> Outcome {
    let is_dead_by_status = reply
        .status()
        .is_some_and(|status| DEAD_STATUS.contains(&status));
    // `501 5.1.3` is a word about one address, whatever its code says of the command.
    if stage == Stage::Recipient && is_dead_by_status {
        return refused(reply);
    }
    // Of old 552 for what is 452 today (RFC 5321 section 4.5.3.1.10).
    let is_too_many = matches!(reply.status(), Some((5, 5, 3))) || reply.says(&TOO_MANY);
    if stage == Stage::Recipient && reply.code == 552 && is_too_many {
        return Outcome::Deferred(Scope::Relay, reply.to_string());
    }
    let is_ours = match stage {
        Stage::Connect | Stage::Authenticate | Stage::Mail => true,
        Stage::Recipient => is_out_of_sequence(reply),
        Stage::Data | Stage::Message => is_out_of_sequence(reply) || is_about_message(reply),
    };
    if is_ours || is_about_campaign(reply) {
        return Outcome::Stop(reply.to_string());
    }
    refused(reply)
}

/// An unknown command, a login that is missing, a sender address that is refused: nothing of it is about one
/// recipient. 500, 501, 504 and 555 at RCPT are: the only argument is the address.
fn is_out_of_sequence(reply: &Reply) -> bool {
    let is_sender_refused = matches!(reply.status(), Some((5, 1, 7 | 8)));
    is_sender_refused || matches!(reply.code, 502 | 503 | 530 | 534 | 535 | 538)
}

/// The syntax of DATA, the content or the size: those of the other messages are alike.
fn is_about_message(reply: &Reply) -> bool {
    let is_size = match reply.status() {
        Some(status) => status == (5, 3, 4),
        None => reply.code == 552 && reply.says(&TOO_LARGE),
    };
    let is_content = matches!(reply.status(), Some((5, 5, 4) | (5, 6, _)));
    is_size || is_content || matches!(reply.code, 500 | 501 | 504 | 555)
}

fn refused(reply: &Reply) -> Outcome {
    Outcome::Refused {
        why: reply.to_string(),
        refusal: refusal(reply),
        is_policy: reply.code == 554
            || matches!(reply.status(), Some((5, 7, _)))
            || reply.says(&UNAUTHORIZED)
            || reply.says(&UNAUTHENTICATED),
    }
}

fn refusal(reply: &Reply) -> RejectReason {
    let is_rule = matches!(reply.status(), Some((5, 7, 0 | 1))) || reply.code == 554;
    match reply.status() {
        _ if is_dead(reply) => RejectReason::Gone,
        Some((5, 2, 1)) if reply.says(&CLOSED) => RejectReason::Disabled,
        Some((5, 2, 2 | 3)) => RejectReason::Full,
        None if reply.code == 552 || reply.says(&NO_ROOM) => RejectReason::Full,
        _ if is_rule && reply.says(&OWN_RULE) => RejectReason::Unwanted,
        _ if is_rule && reply.says(&TAKEN_FOR_SPAM) => RejectReason::Blocked,
        _ => RejectReason::Other,
    }
}

fn is_dead(reply: &Reply) -> bool {
    match reply.status() {
        Some(status) if DEAD_STATUS.contains(&status) => true,
        Some(status) if PERHAPS_DEAD_STATUS.contains(&status) => reply.says(&NO_SUCH_USER),
        Some((5, 4, 4)) => reply.says(&NO_SUCH_DOMAIN),
        Some(_) => false,
        None => matches!(reply.code, 550 | 551 | 553) && reply.says(&NO_SUCH_USER),
    }
}

/// What a connection lost at `stage` means. Before the message's first byte it means nothing for the
/// reader; from there on the relay may have taken it.
pub fn lost(stage: Stage, how: &str) -> Outcome {
    let how = escape::terminal(how);
    if stage == Stage::Message {
        return Outcome::Uncertain(format!("the connection was lost during {stage}: {how}"));
    }
    let scope = match stage {
        // No recipient was named: a relay may end a session without a word, after so many messages or minutes.
        Stage::Mail => Scope::Session,
        _ => Scope::Connection,
    };
    Outcome::Deferred(scope, format!("the connection was lost at {stage}: {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(stage: Stage, code: u16, text: &str) -> Outcome {
        judge(stage, &Reply::new(code, [text]))
    }

    #[test]
    fn a_refusal_says_of_the_reader_what_the_table_says() {
        use RejectReason::{Blocked, Disabled, Full, Gone, Other, Unwanted};
        for (code, text, expected) in [
            (550, "5.1.1 <a@b.example>: no such user", Gone),
            (550, "5.1.2 no such domain", Gone),
            (550, "5.1.10 null MX", Gone),
            (501, "5.1.3 no address", Gone),
            (550, "5.4.4 NXDOMAIN", Gone),
            (550, "5.4.4 unable to route", Other),
            (550, "Requested action not taken: user unknown", Gone),
            (550, "5.2.1 the mailbox does not exist", Gone),
            (550, "5.2.1 mailbox disabled", Disabled),
            (550, "5.2.1 inactive user", Disabled),
            (550, "5.2.1 not now", Other),
            (552, "5.2.2 mailbox full", Full),
            (552, "5.2.3 too large for this mailbox", Full),
            (552, "over quota", Full),
            (554, "5.7.1 blocked by spamhaus: no such user", Blocked),
            (550, "5.7.1 your reputation is poor", Blocked),
            (554, "this looks like spam", Blocked),
            (550, "5.7.1 TRANSPORT.RULES.RejectMessage", Unwanted),
            (550, "5.7.1 blocked by user", Unwanted),
            (550, "5.7.1 not here", Other),
            (550, "mailbox unavailable", Other),
            (554, "transaction failed", Other),
        ] {
            match judged(Stage::Recipient, code, text) {
                Outcome::Refused { refusal, .. } => assert_eq!(refusal, expected, "{code} {text}"),
                other => panic!("{code} {text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_deferral_reaches_as_far_as_the_table_says() {
        use Scope::{Address, Domain, Relay};
        for (stage, code, text, expected) in [
            (
                Stage::Recipient,
                450,
                "4.2.1 receiving mail at a rate that",
                Address,
            ),
            (Stage::Recipient, 450, "4.7.1 greylisted", Address),
            (
                Stage::Recipient,
                451,
                "4.7.0 greylisting in action",
                Address,
            ),
            (Stage::Recipient, 450, "generated separately", Address),
            (Stage::Recipient, 452, "4.2.2 over quota", Address),
            (Stage::Recipient, 421, "4.3.2 closing", Relay),
            (Stage::Message, 451, "4.4.2 timed out", Relay),
            (Stage::Recipient, 452, "4.5.3 too many recipients", Relay),
            (Stage::Recipient, 552, "too many recipients", Relay),
            (Stage::Mail, 450, "4.7.1 later", Relay),
            (Stage::Recipient, 421, "4.7.0 try again later", Domain),
            (Stage::Message, 421, "4.7.28 unusual rate of mail", Domain),
            (Stage::Recipient, 451, "4.7.650 throttled", Domain),
            (Stage::Recipient, 451, "4.7.500 server busy", Domain),
            (Stage::Recipient, 421, "[TSS04] from 192.0.2.1", Domain),
            (
                Stage::Message,
                451,
                "messages are temporarily deferred",
                Domain,
            ),
            (
                Stage::Recipient,
                450,
                "4.7.1 slow down: rate exceeded",
                Domain,
            ),
        ] {
            let outcome = judged(stage, code, text);
            let is_so = matches!(outcome, Outcome::Deferred(scope, _) if scope == expected);
            assert!(is_so, "{code} {text}: {outcome:?}");
        }
    }

    #[test]
    fn what_is_said_of_us_stops_the_send() {
        for (stage, code, text) in [
            (Stage::Authenticate, 535, "5.7.8 bad credentials"),
            (Stage::Mail, 550, "5.1.8 sender refused"),
            (Stage::Mail, 552, "5.3.4 too large"),
            (Stage::Recipient, 550, "5.7.515 not authenticated"),
            (Stage::Message, 421, "4.7.26 unaligned"),
            (Stage::Message, 554, "5.6.0 a header is malformed"),
            (Stage::Recipient, 530, "5.7.0 authentication required"),
            (Stage::Recipient, 503, "5.5.1 MAIL first"),
            (Stage::Recipient, 553, "5.1.8 sender domain unknown"),
            (Stage::Mail, 501, "5.1.7 bad sender address"),
            (Stage::Mail, 555, "5.5.4 unsupported option"),
            (Stage::Data, 501, "5.5.4 no argument"),
            (Stage::Message, 552, "5.3.4 message too large"),
            (Stage::Message, 552, "message size exceeds fixed limit"),
        ] {
            let outcome = judged(stage, code, text);
            assert!(matches!(outcome, Outcome::Stop(_)), "{code} {text}");
        }
    }

    #[test]
    fn a_syntax_error_at_rcpt_refuses_that_address_alone() {
        for (code, text) in [
            (500, "5.5.2 syntax error"),
            (501, "bad recipient address syntax"),
            (501, "5.5.4 invalid address"),
            (504, "5.5.2 fully qualified address required"),
            (555, "5.5.2 syntax error"),
            (553, "5.6.7 non-ASCII addresses not permitted"),
            (552, "5.3.4 too large for this recipient"),
        ] {
            let outcome = judged(Stage::Recipient, code, text);
            assert!(matches!(outcome, Outcome::Refused { .. }), "{code} {text}");
        }
    }

    #[test]
    fn a_limit_of_the_session_differs_from_a_reply_about_the_sender() {
        use Scope::{Address, Domain, Relay, Sender, Session};
        for (stage, code, text, expected) in [
            (Stage::Mail, 421, "closing connection", Session),
            (
                Stage::Mail,
                451,
                "4.7.1 too many messages in this session",
                Session,
            ),
            (Stage::Mail, 452, "please reconnect", Session),
            (
                Stage::Mail,
                550,
                "limit of 10 messages per connection",
                Session,
            ),
            (
                Stage::Recipient,
                421,
                "4.7.0 session limit reached",
                Session,
            ),
            (
                Stage::Message,
                452,
                "4.3.1 too many bytes per session",
                Session,
            ),
            (
                Stage::Recipient,
                450,
                "4.7.1 greylisted, this connection is new",
                Address,
            ),
            (Stage::Recipient, 450, "4.7.1 Client host rejected", Sender),
            (Stage::Recipient, 454, "4.7.1 Relay access denied", Sender),
            (Stage::Mail, 451, "4.7.0 TLS required", Sender),
            (Stage::Recipient, 451, "authentication required", Sender),
            (
                Stage::Recipient,
                451,
                "4.7.1 please try again later",
                Address,
            ),
            (Stage::Recipient, 450, "4.7.1 rate exceeded", Domain),
            (Stage::Mail, 451, "4.3.0 local error", Relay),
        ] {
            let outcome = judged(stage, code, text);
            let is_so = matches!(outcome, Outcome::Deferred(scope, _) if scope == expected);
            assert!(is_so, "{code} {text}: {outcome:?}");
        }
    }

    #[test]
    fn what_is_said_of_parameters_is_told_from_what_is_said_of_an_address() {
        let is_so = |code, text| is_about_parameters(&Reply::new(code, [text]));
        for (code, text) in [
            (455, "not now"),
            (501, "syntax error"),
            (501, "5.5.4 bad ORCPT"),
            (504, "5.5.1 no such parameter"),
            (550, "5.5.4 invalid arguments"),
            (555, "unsupported option"),
        ] {
            assert!(is_so(code, text), "{code} {text}");
        }
        for (code, text) in [
            (501, "5.1.3 no address"),
            (503, "5.5.1 MAIL first"),
            (550, "5.1.1 no such user"),
            (555, "5.7.1 not you"),
        ] {
            assert!(!is_so(code, text), "{code} {text}");
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
}
