//! One message at a time; with PIPELINING, the envelope of the next one follows the message.

use franking::smtp::{DialogueStep, Envelope, Extensions, Transaction};

use crate::server::Server;
use crate::wire::Wire;

const MESSAGES: usize = 4;

/// How the commands of an envelope ended.
enum Asked {
    Ready,
    Over,
    Lost,
}

pub fn deliver(extensions: &Extensions, server: &mut Server) {
    let mut wire = Wire::default();
    let mut begun: Option<Transaction> = None;
    let mut is_reset_due = false;
    for message in 0..MESSAGES {
        let mut transaction = begun
            .take()
            .unwrap_or_else(|| begin(message, extensions, is_reset_due, &mut wire));
        match ask(message, &mut transaction, &mut wire, server) {
            Asked::Over => is_reset_due = true,
            Asked::Ready => {
                is_reset_due = false;
                // It would be taken for the reply to a message that has not been written yet.
                if server.has_more() {
                    return lose(message, &mut transaction, &mut wire);
                }
                wire.write_message(message);
                transaction.sent();
                let next = extensions.pipelining && message + 1 < MESSAGES;
                begun = next.then(|| begin(message + 1, extensions, false, &mut wire));
                if !is_answered(message, &mut transaction, &mut wire, server) {
                    return lose(message, &mut transaction, &mut wire);
                }
            }
            Asked::Lost => return lose(message, &mut transaction, &mut wire),
        }
        if server.is_closing || begun.is_none() && server.has_more() {
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

pub fn lose(message: usize, transaction: &mut Transaction, wire: &mut Wire) {
    wire.check_loss(message, &transaction.lost("the connection is gone"));
}

fn begin(
    message: usize,
    extensions: &Extensions,
    is_reset_due: bool,
    wire: &mut Wire,
) -> Transaction {
    let (transaction, bytes) = Transaction::begin(&envelope(), extensions, is_reset_due);
    wire.write(message, &bytes);
    transaction
}

/// The turn after the next reply to a message, checked; `None` if the server sends no more.
pub fn next_turn(
    message: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    server: &mut Server,
) -> Option<DialogueStep> {
    let lines = server.reply()?;
    wire.observe(&lines);
    let turn = transaction.reply(&lines);
    wire.check(message, &turn);
    Some(turn)
}

fn ask(
    message: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    server: &mut Server,
) -> Asked {
    while let Some(turn) = next_turn(message, transaction, wire, server) {
        match turn {
            DialogueStep::Read => {}
            DialogueStep::Write(bytes) => wire.write(message, &bytes),
            DialogueStep::Ready => return Asked::Ready,
            DialogueStep::Over(_) => return Asked::Over,
        }
    }
    Asked::Lost
}

/// Whether the server has replied to the message itself.
fn is_answered(
    message: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    server: &mut Server,
) -> bool {
    let turn = next_turn(message, transaction, wire, server);
    matches!(turn, Some(DialogueStep::Over(_)))
}
