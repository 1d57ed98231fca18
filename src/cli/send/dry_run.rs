//! `franking send ISSUE --dry-run`: everything but the sending.

use std::fmt::Display;
use std::sync::Arc;

use super::super::context::moment;
use super::super::exit::{Exit, Failure};
use super::super::{dispatch, print};
use super::sending::Sending;
use crate::letter::{LetterError, Press};
use crate::store::Candidate;
use crate::terminal::{self, Pages};

pub(super) fn execute(sending: &Sending<'_>) -> Result<Exit, Failure> {
    if let Some(store) = sending.context.existing_store(sending.folder)?
        && let Some(send) = store.send_of(sending.issue)?
    {
        let begun = moment(send.started_at);
        terminal::say(&format!("`{}` has begun {begun}", sending.issue));
        let account = dispatch::account(&store.sum(&send)?);
        return Ok(print(&format!("{account}\n")));
    }
    let (compiled, census) = sending.context.compile(sending.folder, sending.issue)?;
    sending.announce(&compiled, &sending.plan(&compiled, &census)?);
    // That they can be signed is seen by the key; signing them all would cost what sending them does.
    dispatch::signer(&sending.folder.publication)?;
    let stamp = compiled.specimen_stamp(&sending.folder.publication);
    let unwritable = |error: &LetterError, whose: &dyn Display| {
        let message = format!("no letter can be written for {whose}");
        Failure::new(Exit::Findings, message).caused_by(error)
    };
    let press = Press::new(Arc::new(compiled.edition.clone()), stamp);
    let press = press.map_err(|error| unwritable(&error, &"anybody"))?;
    for reader in sending.folder.list.read_again(&census) {
        let reader = reader?;
        let written = press.write(&reader);
        written.map_err(|error| unwritable(&error, &reader.address))?;
    }
    let mut lines = Pages::default();
    for candidate in dispatch::candidates(sending.folder, &compiled, &census) {
        lines.push(&line(&candidate?));
    }
    lines.end();
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

/// The address and what would become of it, a tab between them for `cut` and `awk`.
fn line(candidate: &Candidate) -> String {
    let fate = candidate.exclusion.unwrap_or("ready");
    format!("{}\t{fate}\n", candidate.address)
}
