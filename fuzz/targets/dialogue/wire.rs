//! What has been written, and what the server's replies to it are worth.

use std::collections::VecDeque;

use franking::outcome::Outcome;
use franking::smtp::{Response, Turn};

/// The message, among the commands.
const MESSAGE: &str = "the message";

/// What the server has said yes to of one letter, and to what it has not.
#[derive(Debug, Default)]
struct Heard {
    yes: Vec<String>,
    no: Vec<String>,
}

/// The commands of several letters in the order in which they went out.
#[derive(Default)]
pub struct Wire {
    asked: VecDeque<(usize, String)>,
    letters: Vec<Heard>,
    /// The letters whose last byte has gone out.
    whole: Vec<usize>,
}

impl Wire {
    /// Commands of letter number `letter`.
    pub fn write(&mut self, letter: usize, bytes: &[u8]) {
        for command in commands(bytes) {
            let verb = command.split(' ').next().unwrap_or_default();
            // By its length, a message is in the same write.
            let verb = if verb == "BDAT" { MESSAGE } else { verb };
            self.asked.push_back((letter, verb.to_owned()));
        }
    }

    /// The message of letter number `letter`, behind its commands.
    pub fn write_message(&mut self, letter: usize) {
        self.asked.push_back((letter, MESSAGE.to_owned()));
        self.whole.push(letter);
    }

    /// The message of letter number `letter`, which its commands have announced, has gone out to its end.
    pub fn is_written(&mut self, letter: usize) {
        self.whole.push(letter);
    }

    /// A reply answers what has waited for longest.
    pub fn hear(&mut self, lines: &Response) {
        let (letter, verb) = self.asked.pop_front().expect("nothing was asked");
        let is_yes = match verb.as_str() {
            "DATA" => lines.code == 354,
            _ => lines.code / 100 == 2,
        };
        // Whatever RSET is told, nothing is left of the letter before; but a server may go away.
        if verb == "RSET" && lines.code != 421 {
            return;
        }
        let heard = self.letter(letter);
        let answers = if is_yes {
            &mut heard.yes
        } else {
            &mut heard.no
        };
        answers.push(verb);
    }

    fn letter(&mut self, letter: usize) -> &mut Heard {
        while self.letters.len() <= letter {
            self.letters.push(Heard::default());
        }
        &mut self.letters[letter]
    }

    /// What the machine makes of a reply.
    pub fn judge(&mut self, letter: usize, turn: &Turn) {
        let is_whole = self.whole.contains(&letter);
        let heard = self.letter(letter);
        let has = |verb: &str| heard.yes.iter().any(|yes| yes == verb);
        let is_right = is_whole && ["MAIL", "RCPT", MESSAGE].into_iter().all(has);
        let no = &heard.no;
        match turn {
            Turn::Over(Outcome::Accepted(_)) => {
                assert!(is_right && no.is_empty(), "accepted: {heard:?}");
            }
            Turn::Over(Outcome::Uncertain(_)) => {
                assert!(*no == [MESSAGE], "in doubt: {heard:?}");
            }
            Turn::Over(_) => assert!(!no.is_empty(), "not accepted: {heard:?}"),
            Turn::Ready => assert!(no.is_empty() && has("DATA"), "for whom? {heard:?}"),
            Turn::Read | Turn::Write(_) => assert!(!has(MESSAGE), "goes on: {heard:?}"),
        }
    }

    /// What the machine makes of a loss: behind the last byte of a message whose envelope was taken, or not
    /// answered yet, nobody can know, and before it everybody does.
    pub fn judge_loss(&mut self, letter: usize, outcome: &Outcome) {
        let is_whole = self.whole.contains(&letter);
        let heard = self.letter(letter);
        let is_refused = !heard.no.is_empty();
        let is_in_doubt = matches!(outcome, Outcome::Uncertain(_));
        assert_eq!(
            is_in_doubt,
            is_whole && !is_refused,
            "{outcome:?}, {heard:?}"
        );
        assert!(!matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

/// The lines that were written, each of which is one for the server too.
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
