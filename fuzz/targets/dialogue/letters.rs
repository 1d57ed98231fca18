//! One letter after the other, the envelope of the next one behind the message where the server takes that.

use franking::smtp::{Envelope, Extensions, Transaction, Turn};

use crate::ear::Ear;
use crate::wire::Wire;

const LETTERS: usize = 4;

/// How the questions of an envelope ended.
enum Asked {
    Ready,
    Over,
    Lost,
}

pub fn deliver(extensions: &Extensions, ear: &mut Ear) {
    let mut wire = Wire::default();
    let mut begun: Option<Transaction> = None;
    let mut is_reset_due = false;
    for letter in 0..LETTERS {
        let mut transaction = begun
            .take()
            .unwrap_or_else(|| begin(letter, extensions, is_reset_due, &mut wire));
        match ask(letter, &mut transaction, &mut wire, ear) {
            Asked::Over => is_reset_due = true,
            Asked::Ready => {
                is_reset_due = false;
                // It would pass for the reply to the message, which has not been written yet.
                if ear.has_more() {
                    return lose(letter, &mut transaction, &mut wire);
                }
                wire.write_message(letter);
                transaction.sent();
                let next = extensions.pipelining && letter + 1 < LETTERS;
                begun = next.then(|| begin(letter + 1, extensions, false, &mut wire));
                if !is_answered(letter, &mut transaction, &mut wire, ear) {
                    return lose(letter, &mut transaction, &mut wire);
                }
            }
            Asked::Lost => return lose(letter, &mut transaction, &mut wire),
        }
        if ear.is_closing || begun.is_none() && ear.has_more() {
            return;
        }
    }
}

pub fn envelope() -> Envelope {
    Envelope {
        sender: "a@x.example".to_owned(),
        recipient: "b@y.example".to_owned(),
        size: 7,
        id: "id".to_owned(),
    }
}

pub fn lose(letter: usize, transaction: &mut Transaction, wire: &mut Wire) {
    wire.judge_loss(letter, &transaction.lost("the connection is gone"));
}

fn begin(
    letter: usize,
    extensions: &Extensions,
    is_reset_due: bool,
    wire: &mut Wire,
) -> Transaction {
    let (transaction, bytes) = Transaction::begin(&envelope(), extensions, is_reset_due);
    wire.write(letter, &bytes);
    transaction
}

/// What the next reply to a letter leads to, judged; `None` where none comes.
pub fn next_turn(
    letter: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    ear: &mut Ear,
) -> Option<Turn> {
    let lines = ear.reply()?;
    wire.hear(&lines);
    let turn = transaction.reply(&lines);
    wire.judge(letter, &turn);
    Some(turn)
}

fn ask(letter: usize, transaction: &mut Transaction, wire: &mut Wire, ear: &mut Ear) -> Asked {
    while let Some(turn) = next_turn(letter, transaction, wire, ear) {
        match turn {
            Turn::Read => {}
            Turn::Write(bytes) => wire.write(letter, &bytes),
            Turn::Ready => return Asked::Ready,
            Turn::Over(_) => return Asked::Over,
        }
    }
    Asked::Lost
}

/// Whether the reply to the message has told what became of it.
fn is_answered(
    letter: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    ear: &mut Ear,
) -> bool {
    let turn = next_turn(letter, transaction, wire, ear);
    matches!(turn, Some(Turn::Over(_)))
}
