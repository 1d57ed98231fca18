//! Classifies replies and lost connections.

use super::phrases::{
    DISABLED, DOMAIN_WORDS, GREYLISTED, LATER, MAILBOX_FULL, NO_SUCH_DOMAIN, NO_SUCH_USER,
    OWN_RULE, SESSION, TAKEN_FOR_SPAM, TOO_LARGE, TOO_MANY, UNAUTHENTICATED, UNAUTHORIZED,
};
use super::statuses::{CAMPAIGN_STATUS, DEAD_STATUS, DOMAIN_STATUS, PERHAPS_DEAD_STATUS};
use super::{Diagnostic, Outcome, RejectReason, Reply, Scope, SmtpStage};
use crate::util::escape;

/// Whether a reply to MAIL or RCPT is, or may be, about the parameters after the address (RFC 5321 section 4.1.1.11,
/// RFC 3461 section 5.1) and not about the address.
pub fn is_about_parameters(reply: &Reply) -> bool {
    match reply.status() {
        Some((_, 5, detail)) => detail == 4 || matches!(reply.code, 455 | 501 | 504 | 555),
        Some(_) => false,
        None => matches!(reply.code, 455 | 501 | 504 | 555),
    }
}

/// Classifies the reply at `stage`.
pub fn classify(stage: SmtpStage, reply: &Reply) -> Outcome {
    match reply.code / 100 {
        2 if stage == SmtpStage::Message => Outcome::Accepted(reply.clone()),
        4 | 5 if is_about_session(stage, reply) => Outcome::Deferred(Scope::Session, reply.into()),
        4 => defer(stage, reply),
        5 => refuse(stage, reply),
        // An unexpected code: after the message delivery cannot be known, before it nothing was sent.
        _ if stage == SmtpStage::Message => Outcome::Uncertain(unexpected(stage, reply)),
        _ => Outcome::Deferred(Scope::Connection, unexpected(stage, reply)),
    }
}

fn unexpected(stage: SmtpStage, reply: &Reply) -> Diagnostic {
    Diagnostic::from(reply).with_text(format!("unexpected reply to {stage}: {reply}"))
}

/// Classifies a connection lost at `stage`. Before the first byte of the message it says nothing about the recipient;
/// after that the relay may have accepted the message.
pub fn lost(stage: SmtpStage, how: &str) -> Outcome {
    let how = escape::terminal(how);
    if stage == SmtpStage::Message {
        return Outcome::Uncertain(format!("the connection was lost during {stage}: {how}").into());
    }
    let scope = match stage {
        // No recipient was named: a relay may close a session without a reply, after a number of messages or minutes.
        SmtpStage::Mail => Scope::Session,
        _ => Scope::Connection,
    };
    Outcome::Deferred(
        scope,
        format!("the connection was lost at {stage}: {how}").into(),
    )
}

fn defer(stage: SmtpStage, reply: &Reply) -> Outcome {
    if is_about_campaign(reply) {
        return Outcome::Stop(reply.into());
    }
    let scope = if is_about_sender(reply) {
        Scope::Sender
    } else if stage < SmtpStage::Recipient {
        Scope::Relay
    } else if is_about_domain(reply) {
        Scope::Domain
    } else if is_about_relay(reply) {
        Scope::Relay
    } else {
        Scope::Address
    };
    Outcome::Deferred(scope, reply.into())
}

fn is_about_campaign(reply: &Reply) -> bool {
    let status = reply.status();
    status.is_some_and(|status| CAMPAIGN_STATUS.contains(&status))
}

/// 421 at MAIL closes the channel before any recipient is named (RFC 5321 section 3.8): for a limit of messages, for
/// idleness, for maintenance. At any stage the words may name a limit of the session.
fn is_about_session(stage: SmtpStage, reply: &Reply) -> bool {
    if is_about_campaign(reply) || reply.says(&GREYLISTED) {
        return false;
    }
    match stage {
        SmtpStage::Connect | SmtpStage::Authenticate => false,
        SmtpStage::Mail => reply.code == 421 || reply.says(&SESSION) || reply.says(&["reconnect"]),
        SmtpStage::Recipient | SmtpStage::Data | SmtpStage::Message => reply.says(&SESSION),
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

fn refuse(stage: SmtpStage, reply: &Reply) -> Outcome {
    let is_dead_by_status = reply
        .status()
        .is_some_and(|status| DEAD_STATUS.contains(&status));
    // `501 5.1.3` is a word about one address, whatever its code says of the command.
    if stage == SmtpStage::Recipient && is_dead_by_status {
        return refused(reply);
    }
    // Of old 552 for what is 452 today (RFC 5321 section 4.5.3.1.10).
    let is_too_many = matches!(reply.status(), Some((5, 5, 3))) || reply.says(&TOO_MANY);
    if stage == SmtpStage::Recipient && reply.code == 552 && is_too_many {
        return Outcome::Deferred(Scope::Relay, reply.into());
    }
    let is_ours = match stage {
        SmtpStage::Connect | SmtpStage::Authenticate | SmtpStage::Mail => true,
        SmtpStage::Recipient => is_out_of_sequence(reply),
        SmtpStage::Data | SmtpStage::Message => {
            is_out_of_sequence(reply) || is_about_message(reply)
        }
    };
    if is_ours || is_about_campaign(reply) {
        return Outcome::Stop(reply.into());
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
        diagnostic: reply.into(),
        reason: reject_reason(reply),
        is_policy: reply.code == 554
            || matches!(reply.status(), Some((5, 7, _)))
            || reply.says(&UNAUTHORIZED)
            || reply.says(&UNAUTHENTICATED),
    }
}

fn reject_reason(reply: &Reply) -> RejectReason {
    let is_rule = matches!(reply.status(), Some((5, 7, 0 | 1))) || reply.code == 554;
    match reply.status() {
        _ if is_dead(reply) => RejectReason::Gone,
        Some((5, 2, 1)) if reply.says(&DISABLED) => RejectReason::Disabled,
        Some((5, 2, 2 | 3)) => RejectReason::Full,
        None if reply.code == 552 || reply.says(&MAILBOX_FULL) => RejectReason::Full,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(stage: SmtpStage, code: u16, text: &str) -> Outcome {
        classify(stage, &Reply::new(code, [text]))
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
            match classified(SmtpStage::Recipient, code, text) {
                Outcome::Refused { reason, .. } => assert_eq!(reason, expected, "{code} {text}"),
                other => panic!("{code} {text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_deferral_reaches_as_far_as_the_table_says() {
        use Scope::{Address, Domain, Relay};
        for (stage, code, text, expected) in [
            (
                SmtpStage::Recipient,
                450,
                "4.2.1 receiving mail at a rate that",
                Address,
            ),
            (SmtpStage::Recipient, 450, "4.7.1 greylisted", Address),
            (
                SmtpStage::Recipient,
                451,
                "4.7.0 greylisting in action",
                Address,
            ),
            (SmtpStage::Recipient, 450, "generated separately", Address),
            (SmtpStage::Recipient, 452, "4.2.2 over quota", Address),
            (SmtpStage::Recipient, 421, "4.3.2 closing", Relay),
            (SmtpStage::Message, 451, "4.4.2 timed out", Relay),
            (
                SmtpStage::Recipient,
                452,
                "4.5.3 too many recipients",
                Relay,
            ),
            (SmtpStage::Recipient, 552, "too many recipients", Relay),
            (SmtpStage::Mail, 450, "4.7.1 later", Relay),
            (SmtpStage::Recipient, 421, "4.7.0 try again later", Domain),
            (
                SmtpStage::Message,
                421,
                "4.7.28 unusual rate of mail",
                Domain,
            ),
            (SmtpStage::Recipient, 451, "4.7.650 throttled", Domain),
            (SmtpStage::Recipient, 451, "4.7.500 server busy", Domain),
            (SmtpStage::Recipient, 421, "[TSS04] from 192.0.2.1", Domain),
            (
                SmtpStage::Message,
                451,
                "messages are temporarily deferred",
                Domain,
            ),
            (
                SmtpStage::Recipient,
                450,
                "4.7.1 slow down: rate exceeded",
                Domain,
            ),
        ] {
            let outcome = classified(stage, code, text);
            let is_so = matches!(outcome, Outcome::Deferred(scope, _) if scope == expected);
            assert!(is_so, "{code} {text}: {outcome:?}");
        }
    }

    #[test]
    fn what_is_said_of_us_stops_the_send() {
        for (stage, code, text) in [
            (SmtpStage::Authenticate, 535, "5.7.8 bad credentials"),
            (SmtpStage::Mail, 550, "5.1.8 sender refused"),
            (SmtpStage::Mail, 552, "5.3.4 too large"),
            (SmtpStage::Recipient, 550, "5.7.515 not authenticated"),
            (SmtpStage::Message, 421, "4.7.26 unaligned"),
            (SmtpStage::Message, 554, "5.6.0 a header is malformed"),
            (SmtpStage::Recipient, 530, "5.7.0 authentication required"),
            (SmtpStage::Recipient, 503, "5.5.1 MAIL first"),
            (SmtpStage::Recipient, 553, "5.1.8 sender domain unknown"),
            (SmtpStage::Mail, 501, "5.1.7 bad sender address"),
            (SmtpStage::Mail, 555, "5.5.4 unsupported option"),
            (SmtpStage::Data, 501, "5.5.4 no argument"),
            (SmtpStage::Message, 552, "5.3.4 message too large"),
            (SmtpStage::Message, 552, "message size exceeds fixed limit"),
        ] {
            let outcome = classified(stage, code, text);
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
            let outcome = classified(SmtpStage::Recipient, code, text);
            assert!(matches!(outcome, Outcome::Refused { .. }), "{code} {text}");
        }
    }

    #[test]
    fn a_limit_of_the_session_differs_from_a_reply_about_the_sender() {
        use Scope::{Address, Domain, Relay, Sender, Session};
        for (stage, code, text, expected) in [
            (SmtpStage::Mail, 421, "closing connection", Session),
            (
                SmtpStage::Mail,
                451,
                "4.7.1 too many messages in this session",
                Session,
            ),
            (SmtpStage::Mail, 452, "please reconnect", Session),
            (
                SmtpStage::Mail,
                550,
                "limit of 10 messages per connection",
                Session,
            ),
            (
                SmtpStage::Recipient,
                421,
                "4.7.0 session limit reached",
                Session,
            ),
            (
                SmtpStage::Message,
                452,
                "4.3.1 too many bytes per session",
                Session,
            ),
            (
                SmtpStage::Recipient,
                450,
                "4.7.1 greylisted, this connection is new",
                Address,
            ),
            (
                SmtpStage::Recipient,
                450,
                "4.7.1 Client host rejected",
                Sender,
            ),
            (
                SmtpStage::Recipient,
                454,
                "4.7.1 Relay access denied",
                Sender,
            ),
            (SmtpStage::Mail, 451, "4.7.0 TLS required", Sender),
            (SmtpStage::Recipient, 451, "authentication required", Sender),
            (
                SmtpStage::Recipient,
                451,
                "4.7.1 please try again later",
                Address,
            ),
            (SmtpStage::Recipient, 450, "4.7.1 rate exceeded", Domain),
            (SmtpStage::Mail, 451, "4.3.0 local error", Relay),
        ] {
            let outcome = classified(stage, code, text);
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
            classified(SmtpStage::Message, 250, "2.0.0 queued"),
            Outcome::Accepted(_)
        ));
        assert!(matches!(
            classified(SmtpStage::Message, 354, "go ahead"),
            Outcome::Uncertain(_)
        ));
        assert!(matches!(
            classified(SmtpStage::Recipient, 250, "ok"),
            Outcome::Deferred(..)
        ));
        assert!(matches!(
            lost(SmtpStage::Message, "eof"),
            Outcome::Uncertain(_)
        ));
        assert!(matches!(
            lost(SmtpStage::Data, "eof"),
            Outcome::Deferred(Scope::Connection, _)
        ));
    }
}
