//! The commands that were written, and a second opinion on the replies to them.

use std::collections::VecDeque;

use franking::outcome::Outcome;
use franking::smtp::{DialogueStep, Response};

/// The message, among the commands.
const MESSAGE: &str = "the message";

/// The commands of one message that the server has accepted and refused.
#[derive(Debug, Default)]
struct Replies {
    yes: Vec<String>,
    no: Vec<String>,
}

/// The commands of several messages in the order in which they went out.
#[derive(Default)]
pub struct Wire {
    asked: VecDeque<(usize, String)>,
    messages: Vec<Replies>,
    /// The messages whose last byte was sent.
    whole: Vec<usize>,
}

impl Wire {
    /// Records commands of message number `message`.
    pub fn write(&mut self, message: usize, bytes: &[u8]) {
        for command in commands(bytes) {
            let verb = command.split(' ').next().unwrap_or_default();
            // BDAT gives the length, so the message is in the same write.
            let verb = if verb == "BDAT" { MESSAGE } else { verb };
            self.asked.push_back((message, verb.to_owned()));
        }
    }

    /// Records the content of message number `message`, after its commands.
    pub fn write_message(&mut self, message: usize) {
        self.asked.push_back((message, MESSAGE.to_owned()));
        self.whole.push(message);
    }

    /// Records that the announced content of message number `message` was sent to its end.
    pub fn is_written(&mut self, message: usize) {
        self.whole.push(message);
    }

    /// Records a reply, which belongs to the oldest command without one.
    pub fn observe(&mut self, lines: &Response) {
        let (message, verb) = self.asked.pop_front().expect("a reply without a command");
        let is_yes = match verb.as_str() {
            "DATA" => lines.code == 354,
            _ => lines.code / 100 == 2,
        };
        // RSET ends the transaction before it, whatever the reply is; 421 ends the connection.
        if verb == "RSET" && lines.code != 421 {
            return;
        }
        let replies = self.message(message);
        let answers = if is_yes {
            &mut replies.yes
        } else {
            &mut replies.no
        };
        answers.push(verb);
    }

    fn message(&mut self, message: usize) -> &mut Replies {
        while self.messages.len() <= message {
            self.messages.push(Replies::default());
        }
        &mut self.messages[message]
    }

    /// Checks what the state machine makes of a reply.
    pub fn check(&mut self, message: usize, turn: &DialogueStep) {
        let is_whole = self.whole.contains(&message);
        let replies = self.message(message);
        let has = |verb: &str| replies.yes.iter().any(|yes| yes == verb);
        let is_right = is_whole && ["MAIL", "RCPT", MESSAGE].into_iter().all(has);
        let no = &replies.no;
        match turn {
            DialogueStep::Over(Outcome::Accepted(_)) => {
                assert!(is_right && no.is_empty(), "accepted: {replies:?}");
            }
            DialogueStep::Over(Outcome::Uncertain(_)) => {
                assert!(*no == [MESSAGE], "uncertain: {replies:?}");
            }
            DialogueStep::Over(_) => assert!(!no.is_empty(), "not accepted: {replies:?}"),
            DialogueStep::Ready => assert!(
                no.is_empty() && has("DATA"),
                "ready without a recipient: {replies:?}"
            ),
            DialogueStep::Read | DialogueStep::Write(_) => {
                assert!(!has(MESSAGE), "continues after the end: {replies:?}")
            }
        }
    }

    /// Checks what the state machine makes of a lost connection: the outcome is uncertain after the last byte of a
    /// message whose envelope was not refused, and certain before it.
    pub fn check_loss(&mut self, message: usize, outcome: &Outcome) {
        let is_whole = self.whole.contains(&message);
        let replies = self.message(message);
        let is_refused = !replies.no.is_empty();
        let is_uncertain = matches!(outcome, Outcome::Uncertain(_));
        assert_eq!(
            is_uncertain,
            is_whole && !is_refused,
            "{outcome:?}, {replies:?}"
        );
        assert!(!matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

/// The lines that were written; the server sees the same ones.
pub fn commands(bytes: &[u8]) -> Vec<&str> {
    let text = std::str::from_utf8(bytes).expect("commands are ASCII");
    let lines = text
        .strip_suffix("\r\n")
        .expect("a whole line")
        .split("\r\n");
    let lines: Vec<&str> = lines.collect();
    assert!(
        !lines.iter().any(|line| line.contains(['\r', '\n'])),
        "{lines:?}"
    );
    lines
}
