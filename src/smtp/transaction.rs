//! One letter's way over a connection: MAIL, RCPT, DATA, the message.

use std::collections::VecDeque;

use super::{Extensions, Response, dsn};
use crate::outcome::{
    Diagnostic, Outcome, Reply, Scope, SmtpStage, classify, is_about_parameters, lost,
};

/// From whom and to whom, as SMTP says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who hears of it if it cannot be delivered.
    pub sender: String,
    /// Who gets it.
    pub recipient: String,
    /// The size of the message, in octets.
    pub size: usize,
    /// By what the send is known in a notice of what was not delivered.
    pub id: String,
}

impl Envelope {
    /// The commands MAIL and RCPT, with what the server has offered to take with them.
    fn commands(&self, extensions: &Extensions, size: Option<usize>) -> [String; 2] {
        let size = size.map(|size| format!(" SIZE={size}"));
        let (of_sender, of_recipient) = match extensions.dsn {
            true => (dsn::of_sender(&self.id), dsn::of_recipient(&self.recipient)),
            false => Default::default(),
        };
        let (sender, recipient) = (&self.sender, &self.recipient);
        [
            format!(
                "MAIL FROM:<{sender}>{}{of_sender}\r\n",
                size.unwrap_or_default()
            ),
            format!("RCPT TO:<{recipient}>{of_recipient}\r\n"),
        ]
    }
}

/// What the shell has to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Read another reply.
    Read,
    /// Write these bytes, then read a reply.
    Write(Vec<u8>),
    /// The server waits for the message: write it, then call [`Transaction::sent`].
    Ready,
    /// The letter's fate is known.
    Over(Outcome),
}

/// What a reply that is still to come answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Reset,
    Mail,
    Recipient,
    Data,
    /// The lone dot to a server that wants a message for nobody.
    Nothing,
    Message,
}

/// A transaction that has begun.
#[derive(Debug)]
pub struct Transaction {
    /// The commands that are still to be written, where the server takes one at a time.
    waiting: VecDeque<(Asked, Vec<u8>)>,
    asked: VecDeque<Asked>,
    /// What was decided while replies to later commands are still to come.
    decided: Option<Outcome>,
    /// Whether the message has been written to its end.
    is_sent: bool,
    /// Whether the commands of other transactions follow in the same write.
    is_chunked: bool,
    /// Whether notices were asked for.
    has_dsn: bool,
    /// Whether that is what was refused, for all that can be known.
    blames_dsn: bool,
}

impl Transaction {
    /// Begins, with the bytes to be written first: all commands at once where the server takes that
    /// (RFC 2920), else the first. `is_reset_due` where the transaction before was broken off.
    pub fn begin(
        envelope: &Envelope,
        extensions: &Extensions,
        is_reset_due: bool,
    ) -> (Self, Vec<u8>) {
        let size = extensions.size.map(|_| envelope.size);
        let [mail, recipient] = envelope.commands(extensions, size);
        let mut commands = VecDeque::from([
            (Asked::Mail, mail.into_bytes()),
            (Asked::Recipient, recipient.into_bytes()),
            (Asked::Data, b"DATA\r\n".to_vec()),
        ]);
        if is_reset_due {
            commands.push_front((Asked::Reset, b"RSET\r\n".to_vec()));
        }
        let mut transaction = Self {
            waiting: commands,
            asked: VecDeque::new(),
            decided: None,
            is_sent: false,
            is_chunked: false,
            has_dsn: extensions.dsn,
            blames_dsn: false,
        };
        let count = if extensions.pipelining {
            transaction.waiting.len()
        } else {
            1
        };
        let first = transaction.write(count);
        (transaction, first)
    }

    /// Begins with all commands and the message's own in one write (RFC 3030): the bytes before the message,
    /// which is not dot-stuffed. The server reads a message for nobody to its end and forgets it, so that
    /// the next one can follow before any reply; RSET clears away what a refusal leaves.
    pub fn chunked(envelope: &Envelope, extensions: &Extensions) -> (Self, Vec<u8>) {
        let [mail, recipient] = envelope.commands(extensions, None);
        let size = envelope.size;
        let commands = format!("RSET\r\n{mail}{recipient}BDAT {size} LAST\r\n");
        let asked = [Asked::Reset, Asked::Mail, Asked::Recipient, Asked::Message];
        let transaction = Self {
            waiting: VecDeque::new(),
            asked: VecDeque::from(asked),
            decided: None,
            is_sent: false,
            is_chunked: true,
            has_dsn: extensions.dsn,
            blames_dsn: false,
        };
        (transaction, commands.into_bytes())
    }

    fn write(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (asked, command) in self.waiting.drain(..count.min(self.waiting.len())) {
            self.asked.push_back(asked);
            bytes.extend(command);
        }
        bytes
    }

    /// Takes the reply to the earliest command that has none yet.
    pub fn reply(&mut self, lines: &Response) -> Turn {
        let reply = lines.reply();
        let Some(asked) = self.asked.pop_front() else {
            return Turn::Over(self.unasked(&reply));
        };
        // The server goes away, whatever it was asked (RFC 5321 section 3.8).
        if reply.code == 421 && asked != Asked::Message {
            let outcome = self.decided.take();
            let outcome = outcome.unwrap_or_else(|| classify(stage(asked), &reply));
            if !self.is_chunked {
                return Turn::Over(outcome);
            }
            // A server that stays has more replies to this burst, and each must find its own command.
            self.decided = Some(outcome);
            return Turn::Read;
        }
        match asked {
            Asked::Reset => self.go_on(),
            Asked::Mail | Asked::Recipient => {
                if reply.code / 100 != 2 && self.decided.is_none() {
                    self.decided = Some(classify(stage(asked), &reply));
                    self.blames_dsn = self.has_dsn && is_about_parameters(&reply);
                }
                self.go_on()
            }
            Asked::Data => self.data(&reply),
            Asked::Nothing => self.over(&reply, SmtpStage::Data),
            Asked::Message => self.over(&reply, SmtpStage::Message),
        }
    }

    fn go_on(&mut self) -> Turn {
        if !self.asked.is_empty() {
            return Turn::Read;
        }
        match self.decided.take() {
            Some(outcome) => Turn::Over(outcome),
            None => Turn::Write(self.write(1)),
        }
    }

    /// A server may want a message although it takes no recipient: it gets an empty one, which it must refuse
    /// (RFC 2920 section 3.1).
    fn data(&mut self, reply: &Reply) -> Turn {
        match (reply.code, &self.decided) {
            (354, None) => Turn::Ready,
            (354, Some(_)) => {
                self.asked.push_back(Asked::Nothing);
                Turn::Write(b".\r\n".to_vec())
            }
            _ => self.over(reply, SmtpStage::Data),
        }
    }

    fn over(&mut self, reply: &Reply, stage: SmtpStage) -> Turn {
        let outcome = self.decided.take();
        Turn::Over(outcome.unwrap_or_else(|| classify(stage, reply)))
    }

    /// Whether the letter was refused, or put off, because of what was asked for beside it: then it says nothing of
    /// the reader or of us, and the same letter may pass without.
    pub fn blames_dsn(&self) -> bool {
        self.blames_dsn
    }

    /// The message has been written to its end.
    pub fn sent(&mut self) {
        self.is_sent = true;
        if !self.asked.contains(&Asked::Message) {
            self.asked.push_back(Asked::Message);
        }
    }

    /// What it means that the connection is lost now: nothing before the last byte of the message was
    /// written, for without its final dot no server takes one; behind it, nobody can know.
    pub fn lost(&mut self, how: &str) -> Outcome {
        if let Some(outcome) = self.decided.take() {
            return outcome;
        }
        match self.asked.front() {
            _ if self.is_sent => lost(SmtpStage::Message, how),
            Some(Asked::Message) | None => lost(SmtpStage::Data, how),
            Some(asked) => lost(stage(*asked), how),
        }
    }

    /// The connection has ended after a 421: the server has processed nothing that it has not replied to
    /// (RFC 5321 section 3.8).
    pub fn closed(&mut self, reply: &Reply) -> Outcome {
        let outcome = self.decided.take();
        outcome.unwrap_or_else(|| Outcome::Deferred(Scope::Session, reply.into()))
    }

    /// A reply that nothing was asked for: whose it is, and whose the next one will be, nobody can say.
    fn unasked(&self, reply: &Reply) -> Outcome {
        let why = format!("a reply to nothing: {reply}");
        Outcome::Deferred(Scope::Connection, Diagnostic::from(reply).with_text(why))
    }
}

fn stage(asked: Asked) -> SmtpStage {
    match asked {
        Asked::Reset | Asked::Mail => SmtpStage::Mail,
        Asked::Recipient => SmtpStage::Recipient,
        Asked::Data | Asked::Nothing => SmtpStage::Data,
        Asked::Message => SmtpStage::Message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::RejectReason;

    fn begin(pipelining: bool, is_reset_due: bool) -> (Transaction, String) {
        let envelope = Envelope {
            sender: "a@x.example".to_owned(),
            recipient: "b@y.example".to_owned(),
            size: 7,
            id: "2026-11".to_owned(),
        };
        let extensions = Extensions {
            pipelining,
            size: Some(None),
            ..Extensions::default()
        };
        let (transaction, first) = Transaction::begin(&envelope, &extensions, is_reset_due);
        (transaction, String::from_utf8_lossy(&first).into_owned())
    }

    fn answer(transaction: &mut Transaction, reply: &str) -> Turn {
        transaction.reply(&Response {
            code: reply[..3].parse().expect("a code"),
            words: vec![reply[4..].to_owned()],
        })
    }

    const ALL: &str = "MAIL FROM:<a@x.example> SIZE=7\r\nRCPT TO:<b@y.example>\r\nDATA\r\n";

    #[test]
    fn with_pipelining_the_commands_are_one_write() {
        let (mut transaction, first) = begin(true, false);
        assert_eq!(first, ALL);
        assert_eq!(answer(&mut transaction, "250 ok"), Turn::Read);
        assert_eq!(answer(&mut transaction, "250 ok"), Turn::Read);
        assert_eq!(answer(&mut transaction, "354 go"), Turn::Ready);
        transaction.sent();
        assert!(matches!(
            answer(&mut transaction, "250 kept"),
            Turn::Over(Outcome::Accepted(_))
        ));
        let (_, first) = begin(true, true);
        assert_eq!(first, format!("RSET\r\n{ALL}"));
    }

    #[test]
    fn without_it_each_command_waits_for_the_one_before() {
        let (mut transaction, first) = begin(false, true);
        assert_eq!(first, "RSET\r\n");
        let rest: Vec<String> = (0..3)
            .map(|_| match answer(&mut transaction, "250 ok") {
                Turn::Write(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(rest.concat(), ALL);
        assert_eq!(answer(&mut transaction, "354 go"), Turn::Ready);
    }

    #[test]
    fn what_the_server_offers_to_tell_is_asked_for_and_may_be_refused() {
        let envelope = Envelope {
            sender: "a@x.example".to_owned(),
            recipient: "b+c@y.example".to_owned(),
            size: 7,
            id: "2026-11".to_owned(),
        };
        let extensions = Extensions {
            pipelining: true,
            size: Some(None),
            dsn: true,
            ..Extensions::default()
        };
        let rcpt = "RCPT TO:<b+c@y.example> NOTIFY=FAILURE ORCPT=rfc822;b+2Bc@y.example\r\n";
        let (mut transaction, first) = Transaction::begin(&envelope, &extensions, false);
        let mail = "MAIL FROM:<a@x.example> SIZE=7 RET=HDRS ENVID=2026-11\r\n";
        assert_eq!(
            String::from_utf8_lossy(&first),
            format!("{mail}{rcpt}DATA\r\n")
        );
        answer(&mut transaction, "250 ok");
        answer(&mut transaction, "555 5.5.4 what is ORCPT?");
        let turn = answer(&mut transaction, "503 RCPT first");
        let is_refused = matches!(turn, Turn::Over(Outcome::Refused { .. }));
        assert!(is_refused, "{turn:?}");
        assert!(transaction.blames_dsn());

        let (mut transaction, first) = Transaction::chunked(&envelope, &extensions);
        let mail = "MAIL FROM:<a@x.example> RET=HDRS ENVID=2026-11\r\n";
        assert_eq!(
            String::from_utf8_lossy(&first),
            format!("RSET\r\n{mail}{rcpt}BDAT 7 LAST\r\n")
        );
        for reply in ["250 ok", "250 ok", "501 5.1.3 no such address"] {
            answer(&mut transaction, reply);
        }
        assert!(!transaction.blames_dsn(), "the reader is meant");
    }

    #[test]
    fn a_refused_recipient_is_refused_whatever_data_says() {
        for data in ["354 go", "503 no recipient"] {
            let (mut transaction, _) = begin(true, false);
            answer(&mut transaction, "250 ok");
            assert_eq!(
                answer(&mut transaction, "550 5.1.1 no such user"),
                Turn::Read
            );
            let mut turn = answer(&mut transaction, data);
            if data.starts_with("354") {
                assert_eq!(turn, Turn::Write(b".\r\n".to_vec()));
                turn = answer(&mut transaction, "554 no recipient");
            }
            let Turn::Over(Outcome::Refused { reason, .. }) = turn else {
                panic!("{turn:?}");
            };
            assert_eq!(reason, RejectReason::Gone);
        }
    }

    #[test]
    fn a_refused_sender_stops_the_send_whatever_follows() {
        let (mut transaction, _) = begin(true, false);
        answer(&mut transaction, "550 5.7.1 not you");
        answer(&mut transaction, "503 MAIL first");
        let turn = answer(&mut transaction, "503 MAIL first");
        assert!(matches!(turn, Turn::Over(Outcome::Stop(_))), "{turn:?}");
    }

    #[test]
    fn only_behind_the_message_is_a_loss_a_doubt() {
        let (mut transaction, _) = begin(true, false);
        assert!(matches!(
            transaction.lost("eof"),
            Outcome::Deferred(Scope::Session, _)
        ));
        for reply in ["250 ok", "250 ok", "354 go"] {
            answer(&mut transaction, reply);
        }
        assert!(matches!(
            transaction.lost("eof"),
            Outcome::Deferred(Scope::Connection, _)
        ));
        transaction.sent();
        assert!(matches!(transaction.lost("eof"), Outcome::Uncertain(_)));
    }

    #[test]
    fn a_chunked_message_is_decided_by_the_first_refusal() {
        let envelope = Envelope {
            sender: "a@x.example".to_owned(),
            recipient: "b@y.example".to_owned(),
            size: 7,
            id: "2026-11".to_owned(),
        };
        let (mut transaction, first) = Transaction::chunked(&envelope, &Extensions::default());
        let expected =
            "RSET\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nBDAT 7 LAST\r\n";
        assert_eq!(String::from_utf8_lossy(&first), expected);
        transaction.sent();
        for reply in ["250 ok", "250 ok", "550 5.1.1 no such user"] {
            assert_eq!(answer(&mut transaction, reply), Turn::Read);
        }
        let turn = answer(&mut transaction, "503 no recipient");
        assert!(
            matches!(turn, Turn::Over(Outcome::Refused { .. })),
            "{turn:?}"
        );

        let (mut transaction, _) = Transaction::chunked(&envelope, &Extensions::default());
        let cut = transaction.lost("eof");
        assert!(
            matches!(cut, Outcome::Deferred(Scope::Session, _)),
            "{cut:?}"
        );
        let (mut transaction, _) = Transaction::chunked(&envelope, &Extensions::default());
        transaction.sent();
        assert!(matches!(transaction.lost("eof"), Outcome::Uncertain(_)));
    }

    #[test]
    fn a_421_in_a_burst_takes_the_replies_to_its_own_commands_with_it() {
        let envelope = Envelope {
            sender: "a@x.example".to_owned(),
            recipient: "b@y.example".to_owned(),
            size: 7,
            id: "2026-11".to_owned(),
        };
        let chunked = || Transaction::chunked(&envelope, &Extensions::default()).0;
        let is_session = |outcome| matches!(outcome, Outcome::Deferred(Scope::Session, _));
        let mut stays = chunked();
        stays.sent();
        for reply in ["250 ok", "421 session limit", "503 MAIL first"] {
            assert_eq!(answer(&mut stays, reply), Turn::Read, "{reply}");
        }
        let Turn::Over(outcome) = answer(&mut stays, "503 RCPT first") else {
            panic!("the last reply ends it");
        };
        assert!(is_session(outcome));
        let mut unread = chunked();
        unread.sent();
        assert!(is_session(
            unread.closed(&Reply::new(421, ["session limit"]))
        ));
    }

    #[test]
    fn a_reply_that_nobody_asked_for_accepts_nothing() {
        let (mut transaction, _) = begin(true, false);
        for reply in ["250 ok", "250 ok", "354 go"] {
            answer(&mut transaction, reply);
        }
        let turn = answer(&mut transaction, "250 already");
        assert!(
            matches!(turn, Turn::Over(Outcome::Deferred(Scope::Connection, _))),
            "{turn:?}"
        );
        let (mut transaction, _) = begin(true, false);
        let turn = answer(&mut transaction, "421 going down");
        assert!(
            matches!(turn, Turn::Over(Outcome::Deferred(Scope::Session, _))),
            "{turn:?}"
        );
    }
}
