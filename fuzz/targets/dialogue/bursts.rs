//! Several letters in one write, then their replies.

use franking::outcome::{Outcome, Scope};
use franking::smtp::{Extensions, Transaction, Turn};

use crate::ear::Ear;
use crate::letters::{envelope, lose, next_turn};
use crate::wire::Wire;

const LETTERS: usize = 4;

pub fn deliver(settings: u8, extensions: &Extensions, ear: &mut Ear) {
    let mut wire = Wire::default();
    // Of more than there are, all have gone out.
    let written = usize::from(settings >> 3 & 7);
    let mut begun = write(written, extensions, &mut wire);
    let mut is_lost = written < LETTERS;
    for (letter, transaction) in begun.iter_mut().enumerate() {
        if is_lost {
            lose(letter, transaction, &mut wire);
        } else {
            is_lost = !goes_on(letter, transaction, &mut wire, ear);
        }
    }
}

/// The transactions, of which the first `written` have gone out whole.
fn write(written: usize, extensions: &Extensions, wire: &mut Wire) -> Vec<Transaction> {
    let begin = |letter| {
        let (mut transaction, bytes) = Transaction::chunked(&envelope(), extensions);
        wire.write(letter, &bytes);
        if letter < written {
            transaction.sent();
            wire.is_written(letter);
        }
        transaction
    };
    (0..LETTERS).map(begin).collect()
}

/// Whether more replies can be read behind those to this letter.
fn goes_on(letter: usize, transaction: &mut Transaction, wire: &mut Wire, ear: &mut Ear) -> bool {
    while let Some(turn) = next_turn(letter, transaction, wire, ear) {
        match turn {
            Turn::Read => {}
            Turn::Over(outcome) => {
                let is_over = matches!(outcome, Outcome::Deferred(Scope::Connection, _));
                return !is_over && !ear.is_closing;
            }
            Turn::Write(_) | Turn::Ready => panic!("everything is written: {turn:?}"),
        }
    }
    lose(letter, transaction, wire);
    false
}
