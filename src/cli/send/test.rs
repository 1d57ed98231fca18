//! `franking send ISSUE --test ADDRESS`: one marked copy, of which the ledger does not hear.

use super::super::context::address_of;
use super::super::dispatch;
use super::super::exit::{Exit, Failure};
use super::sending::Sending;
use crate::deliver;
use crate::letter::{self, Stamp};
use crate::outcome::Outcome;
use crate::reader::Reader;
use crate::terminal;

pub(super) fn execute(sending: &Sending<'_>, to: &str) -> Result<Exit, Failure> {
    let compiled = sending.context.compile(sending.folder, sending.issue)?;
    let to = address_of(to)?;
    let reader = sending.folder.list.find(&to).cloned();
    let reader = reader.unwrap_or_else(|| Reader::at(to));
    // The links of a test are marked: whoever it is shown to cannot make a reader leave.
    let stamp = Stamp {
        mark: Some("[TEST]"),
        signer: dispatch::signer(&sending.folder.publication)?,
        ..Stamp::specimen(sending.context.now)
    };
    let letter = letter::write(&compiled.edition, &reader, &stamp).map_err(|error| {
        Failure::new(Exit::Findings, "no letter can be written").caused_by(&error)
    })?;
    let way = dispatch::way(
        &sending.folder.publication,
        sending.context,
        sending.context.test_outbox(),
        sending.arguments.allow_plaintext,
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    match runtime.block_on(deliver::send_one(&way, &letter)) {
        Ok(outcome) => tell(&reader, outcome),
        Err(error) => Err(Failure::from(error)),
    }
}

fn tell(reader: &Reader, outcome: Outcome) -> Result<Exit, Failure> {
    match outcome {
        Outcome::Accepted(reply) => {
            terminal::say(&format!("test to {}: {reply}", reader.address));
            Ok(Exit::Done)
        }
        Outcome::Deferred(_, why)
        | Outcome::Refused { why, .. }
        | Outcome::Stop(why)
        | Outcome::Uncertain(why) => {
            let message = format!("the test to {} was not taken: {why}", reader.address);
            Err(Failure::new(Exit::Findings, message))
        }
    }
}
