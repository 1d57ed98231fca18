//! A mail transaction (RFC 5321 section 3.3): MAIL, RCPT, DATA or BDAT, and the message.

use std::collections::VecDeque;

use super::{Extensions, Response, dsn};
use crate::outcome::{
    Diagnostic, Outcome, Reply, Scope, SmtpStage, classify, is_about_parameters, lost,
};

/// The envelope of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The reverse-path (MAIL FROM), which gets the bounces.
    pub sender: String,
    /// The forward-path (RCPT TO).
    pub recipient: String,
    /// The size of the message, in octets.
    pub size: usize,
    /// The envelope identifier (ENVID), which identifies the campaign in a DSN.
    pub id: String,
}

impl Envelope {
    /// The commands MAIL and RCPT, with the parameters that the server supports.
    fn commands(&self, extensions: &Extensions, size: Option<usize>) -> [String; 2] {
        let size = size.map(|size| format!(" SIZE={size}"));
        let (mail_parameters, rcpt_parameters) = match extensions.dsn {
            true => (
                dsn::mail_parameters(&self.id),
                dsn::rcpt_parameters(&self.recipient),
            ),
            false => Default::default(),
        };
        let (sender, recipient) = (&self.sender, &self.recipient);
        [
            format!(
                "MAIL FROM:<{sender}>{}{mail_parameters}\r\n",
                size.unwrap_or_default()
            ),
            format!("RCPT TO:<{recipient}>{rcpt_parameters}\r\n"),
        ]
    }
}

/// The next action of the caller, which owns the connection.
#[derive(Debug, PartialEq, Eq)]
pub enum DialogueStep {
    /// Read another reply.
    Read,
    /// Write these bytes, then read a reply.
    Write(Vec<u8>),
    /// The server waits for the message: write it, then call [`Transaction::sent`].
    Ready,
    /// The transaction has ended with this outcome.
    Over(Outcome),
}

/// A command whose reply is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Reset,
    Mail,
    Recipient,
    Data,
    /// The final dot of an empty message, for a server that accepted DATA without a valid recipient.
    EmptyMessage,
    Message,
}

/// The state of a transaction.
#[derive(Debug)]
pub struct Transaction {
    /// Commands that are not written yet, if the server does not support pipelining.
    unsent: VecDeque<(Command, Vec<u8>)>,
    /// Commands that are written and have no reply yet, oldest first.
    pending: VecDeque<Command>,
    /// The outcome, if it is decided while replies to later commands are pending.
    decided: Option<Outcome>,
    /// Whether the whole message has been written.
    is_sent: bool,
    /// Whether the commands of other transactions follow in the same write.
    is_chunked: bool,
    /// Whether DSN parameters were sent.
    has_dsn: bool,
    /// Whether the server appears to have rejected the DSN parameters.
    blames_dsn: bool,
}

impl Transaction {
    /// Starts a transaction and returns the bytes to write first: all commands if the server supports pipelining (RFC
    /// 2920), otherwise the first one. `is_reset_due` is true if the previous transaction was not completed.
    pub fn begin(
        envelope: &Envelope,
        extensions: &Extensions,
        is_reset_due: bool,
    ) -> (Self, Vec<u8>) {
        let size = extensions.size.map(|_| envelope.size);
        let [mail, recipient] = envelope.commands(extensions, size);
        let mut commands = VecDeque::from([
            (Command::Mail, mail.into_bytes()),
            (Command::Recipient, recipient.into_bytes()),
            (Command::Data, b"DATA\r\n".to_vec()),
        ]);
        if is_reset_due {
            commands.push_front((Command::Reset, b"RSET\r\n".to_vec()));
        }
        let count = match extensions.pipelining {
            true => commands.len(),
            false => 1,
        };
        let mut transaction = Self {
            unsent: commands,
            ..Self::new(extensions)
        };
        let first = transaction.write(count);
        (transaction, first)
    }

    /// Starts a transaction with all commands and BDAT in one write (RFC 3030). Returns the bytes before the message,
    /// which is not dot-stuffed. A server reads and discards a chunk that has no valid recipient, so the next
    /// transaction can follow before any reply; RSET clears the state that a rejected command leaves.
    pub fn chunked(envelope: &Envelope, extensions: &Extensions) -> (Self, Vec<u8>) {
        let [mail, recipient] = envelope.commands(extensions, None);
        let size = envelope.size;
        let commands = format!("RSET\r\n{mail}{recipient}BDAT {size} LAST\r\n");
        let pending = [
            Command::Reset,
            Command::Mail,
            Command::Recipient,
            Command::Message,
        ];
        let transaction = Self {
            pending: VecDeque::from(pending),
            is_chunked: true,
            ..Self::new(extensions)
        };
        (transaction, commands.into_bytes())
    }

    /// A transaction without commands.
    fn new(extensions: &Extensions) -> Self {
        Self {
            unsent: VecDeque::new(),
            pending: VecDeque::new(),
            decided: None,
            is_sent: false,
            is_chunked: false,
            has_dsn: extensions.dsn,
            blames_dsn: false,
        }
    }

    fn write(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (command, line) in self.unsent.drain(..count.min(self.unsent.len())) {
            self.pending.push_back(command);
            bytes.extend(line);
        }
        bytes
    }

    /// Handles the reply to the oldest pending command.
    pub fn reply(&mut self, lines: &Response) -> DialogueStep {
        let reply = lines.reply();
        let Some(command) = self.pending.pop_front() else {
            return DialogueStep::Over(self.unsolicited(&reply));
        };
        if reply.code == 421 && command != Command::Message {
            return self.closing(command, &reply);
        }
        match command {
            Command::Reset => self.proceed(),
            Command::Mail | Command::Recipient => {
                if reply.code / 100 != 2 && self.decided.is_none() {
                    self.decided = Some(classify(stage(command), &reply));
                    self.blames_dsn = self.has_dsn && is_about_parameters(&reply);
                }
                self.proceed()
            }
            Command::Data => self.data(&reply),
            Command::EmptyMessage => self.over(&reply, SmtpStage::Data),
            Command::Message => self.over(&reply, SmtpStage::Message),
        }
    }

    /// Handles a 421: the server closes the connection, whatever the command was (RFC 5321 section 3.8).
    fn closing(&mut self, command: Command, reply: &Reply) -> DialogueStep {
        let outcome = self.decided.take();
        let outcome = outcome.unwrap_or_else(|| classify(stage(command), reply));
        if !self.is_chunked {
            return DialogueStep::Over(outcome);
        }
        // A server that keeps the connection open sends the other replies of this burst, and each must be matched to its
        // command.
        self.decided = Some(outcome);
        DialogueStep::Read
    }

    fn proceed(&mut self) -> DialogueStep {
        if !self.pending.is_empty() {
            return DialogueStep::Read;
        }
        match self.decided.take() {
            Some(outcome) => DialogueStep::Over(outcome),
            None => DialogueStep::Write(self.write(1)),
        }
    }

    /// A server may accept DATA although it rejected the recipient. It gets an empty message, which it must reject
    /// (RFC 2920 section 3.1).
    fn data(&mut self, reply: &Reply) -> DialogueStep {
        match (reply.code, &self.decided) {
            (354, None) => DialogueStep::Ready,
            (354, Some(_)) => {
                self.pending.push_back(Command::EmptyMessage);
                DialogueStep::Write(b".\r\n".to_vec())
            }
            _ => self.over(reply, SmtpStage::Data),
        }
    }

    fn over(&mut self, reply: &Reply, stage: SmtpStage) -> DialogueStep {
        let outcome = self.decided.take();
        DialogueStep::Over(outcome.unwrap_or_else(|| classify(stage, reply)))
    }

    /// Whether the message was rejected or deferred because of the DSN parameters. Such a reply is about neither the
    /// recipient nor the sender, and the same message may be accepted without the parameters.
    pub fn blames_dsn(&self) -> bool {
        self.blames_dsn
    }

    /// Records that the whole message has been written.
    pub fn sent(&mut self) {
        self.is_sent = true;
        if !self.pending.contains(&Command::Message) {
            self.pending.push_back(Command::Message);
        }
    }

    /// The outcome if the connection is lost now. Before the last byte of the message it is not delivered, because no
    /// server accepts a message without its final dot; after it, the outcome is uncertain.
    pub fn lost(&mut self, how: &str) -> Outcome {
        if let Some(outcome) = self.decided.take() {
            return outcome;
        }
        match self.pending.front() {
            _ if self.is_sent => lost(SmtpStage::Message, how),
            Some(Command::Message) | None => lost(SmtpStage::Data, how),
            Some(command) => lost(stage(*command), how),
        }
    }

    /// The outcome if the server closed the connection with a 421: it has not processed any command to which it has not
    /// replied (RFC 5321 section 3.8).
    pub fn closed(&mut self, reply: &Reply) -> Outcome {
        let outcome = self.decided.take();
        outcome.unwrap_or_else(|| Outcome::Deferred(Scope::Session, reply.into()))
    }

    /// The outcome after an unsolicited reply: neither it nor the following ones can be matched to a command.
    fn unsolicited(&self, reply: &Reply) -> Outcome {
        let why = format!("unexpected reply without a command: {reply}");
        Outcome::Deferred(Scope::Connection, Diagnostic::from(reply).with_text(why))
    }
}

/// The stage at which an outcome after this command is classified.
fn stage(command: Command) -> SmtpStage {
    match command {
        Command::Reset | Command::Mail => SmtpStage::Mail,
        Command::Recipient => SmtpStage::Recipient,
        Command::Data | Command::EmptyMessage => SmtpStage::Data,
        Command::Message => SmtpStage::Message,
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

    fn answer(transaction: &mut Transaction, reply: &str) -> DialogueStep {
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
        assert_eq!(answer(&mut transaction, "250 ok"), DialogueStep::Read);
        assert_eq!(answer(&mut transaction, "250 ok"), DialogueStep::Read);
        assert_eq!(answer(&mut transaction, "354 go"), DialogueStep::Ready);
        transaction.sent();
        assert!(matches!(
            answer(&mut transaction, "250 kept"),
            DialogueStep::Over(Outcome::Accepted(_))
        ));
        let (_, first) = begin(true, true);
        assert_eq!(first, format!("RSET\r\n{ALL}"));
    }

    #[test]
    fn without_pipelining_each_command_waits_for_a_reply() {
        let (mut transaction, first) = begin(false, true);
        assert_eq!(first, "RSET\r\n");
        let rest: Vec<String> = (0..3)
            .map(|_| match answer(&mut transaction, "250 ok") {
                DialogueStep::Write(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(rest.concat(), ALL);
        assert_eq!(answer(&mut transaction, "354 go"), DialogueStep::Ready);
    }

    #[test]
    fn dsn_parameters_are_sent_if_supported_and_may_be_rejected() {
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
        let is_refused = matches!(turn, DialogueStep::Over(Outcome::Refused { .. }));
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
        assert!(
            !transaction.blames_dsn(),
            "the reply is about the recipient"
        );
    }

    #[test]
    fn a_refused_recipient_is_refused_whatever_data_says() {
        for data in ["354 go", "503 no recipient"] {
            let (mut transaction, _) = begin(true, false);
            answer(&mut transaction, "250 ok");
            assert_eq!(
                answer(&mut transaction, "550 5.1.1 no such user"),
                DialogueStep::Read
            );
            let mut turn = answer(&mut transaction, data);
            if data.starts_with("354") {
                assert_eq!(turn, DialogueStep::Write(b".\r\n".to_vec()));
                turn = answer(&mut transaction, "554 no recipient");
            }
            let DialogueStep::Over(Outcome::Refused { reason, .. }) = turn else {
                panic!("{turn:?}");
            };
            assert_eq!(reason, RejectReason::Gone);
        }
    }

    #[test]
    fn a_refused_sender_stops_the_campaign_whatever_follows() {
        let (mut transaction, _) = begin(true, false);
        answer(&mut transaction, "550 5.7.1 not you");
        answer(&mut transaction, "503 MAIL first");
        let turn = answer(&mut transaction, "503 MAIL first");
        assert!(
            matches!(turn, DialogueStep::Over(Outcome::Stop(_))),
            "{turn:?}"
        );
    }

    #[test]
    fn a_loss_is_uncertain_only_after_the_whole_message() {
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
            assert_eq!(answer(&mut transaction, reply), DialogueStep::Read);
        }
        let turn = answer(&mut transaction, "503 no recipient");
        assert!(
            matches!(turn, DialogueStep::Over(Outcome::Refused { .. })),
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
    fn after_a_421_in_a_burst_later_replies_match_their_own_commands() {
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
            assert_eq!(answer(&mut stays, reply), DialogueStep::Read, "{reply}");
        }
        let DialogueStep::Over(outcome) = answer(&mut stays, "503 RCPT first") else {
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
    fn an_unsolicited_reply_does_not_accept_the_message() {
        let (mut transaction, _) = begin(true, false);
        for reply in ["250 ok", "250 ok", "354 go"] {
            answer(&mut transaction, reply);
        }
        let turn = answer(&mut transaction, "250 already");
        assert!(
            matches!(
                turn,
                DialogueStep::Over(Outcome::Deferred(Scope::Connection, _))
            ),
            "{turn:?}"
        );
        let (mut transaction, _) = begin(true, false);
        let turn = answer(&mut transaction, "421 going down");
        assert!(
            matches!(
                turn,
                DialogueStep::Over(Outcome::Deferred(Scope::Session, _))
            ),
            "{turn:?}"
        );
    }
}
