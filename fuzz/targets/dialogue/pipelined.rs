//! Several messages in one write (PIPELINING and CHUNKING), then their replies.

use franking::outcome::{Outcome, Scope};
use franking::smtp::{DialogueStep, Extensions, Transaction};

use crate::sequential::{envelope, lose, next_turn};
use crate::server::Server;
use crate::wire::Wire;

const MESSAGES: usize = 4;

pub fn deliver(settings: u8, extensions: &Extensions, server: &mut Server) {
    let mut wire = Wire::default();
    // A larger number means all of them.
    let written = usize::from(settings >> 3 & 7);
    let mut begun = write(written, extensions, &mut wire);
    let mut is_lost = written < MESSAGES;
    for (message, transaction) in begun.iter_mut().enumerate() {
        if is_lost {
            lose(message, transaction, &mut wire);
        } else {
            is_lost = !continues(message, transaction, &mut wire, server);
        }
    }
}

/// Begins all transactions; the first `written` are sent completely.
fn write(written: usize, extensions: &Extensions, wire: &mut Wire) -> Vec<Transaction> {
    let begin = |message| {
        let (mut transaction, bytes) = Transaction::chunked(&envelope(), extensions);
        wire.write(message, &bytes);
        if message < written {
            transaction.sent();
            wire.is_written(message);
        }
        transaction
    };
    (0..MESSAGES).map(begin).collect()
}

/// Reads the replies to one message; returns whether the connection can be read further.
fn continues(
    message: usize,
    transaction: &mut Transaction,
    wire: &mut Wire,
    server: &mut Server,
) -> bool {
    while let Some(turn) = next_turn(message, transaction, wire, server) {
        match turn {
            DialogueStep::Read => {}
            DialogueStep::Over(outcome) => {
                let is_over = matches!(outcome, Outcome::Deferred(Scope::Connection, _));
                return !is_over && !server.is_closing;
            }
            DialogueStep::Write(_) | DialogueStep::Ready => {
                panic!("everything is written: {turn:?}")
            }
        }
    }
    lose(message, transaction, wire);
    false
}
