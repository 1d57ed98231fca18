//! `franking send ISSUE --dry-run`: everything but the sending.

use super::super::context::moment;
use super::super::exit::{Exit, Failure};
use super::super::{build, dispatch, print};
use super::sending::Sending;
use crate::letter;
use crate::store::Candidate;
use crate::terminal;

pub(super) fn execute(sending: &Sending<'_>) -> Result<Exit, Failure> {
    if let Some(store) = sending.context.existing_store(sending.folder)?
        && let Some(send) = store.send_of(sending.issue)?
    {
        let begun = moment(send.started_at);
        terminal::say(&format!("`{}` has begun {begun}", sending.issue));
        let account = dispatch::account(&store.sum(&send)?);
        return Ok(print(&format!("{account}\n")));
    }
    let compiled = sending.context.compile(sending.folder, sending.issue)?;
    let candidates = dispatch::plan(sending.folder, &compiled);
    sending.announce(&compiled, &candidates);
    let stamp = build::specimen_stamp(&compiled.issue, sending.folder);
    for (reader, _) in &sending.folder.list.readers {
        letter::write(&compiled.edition, reader, &stamp).map_err(|error| {
            let message = format!("no letter can be written for {}", reader.address);
            Failure::new(Exit::Findings, message).caused_by(&error)
        })?;
    }
    print(&candidates.iter().map(line).collect::<String>());
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

/// The address and what would become of it, a tab between them for `cut` and `awk`.
fn line(candidate: &Candidate) -> String {
    let fate = candidate.exclusion.unwrap_or("ready");
    format!("{}\t{fate}\n", candidate.address)
}
