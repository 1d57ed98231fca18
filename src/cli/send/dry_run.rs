//! `franking send ISSUE --dry-run`: everything but the sending.

use std::fmt::Display;
use std::sync::Arc;

use super::super::dispatch;
use super::outlook;
use super::sending::{Sending, example};
use crate::campaign::schedule;
use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::delivery::{self, Plan};
use crate::message::{Examiner, LetterError, MessageEncoder};
use crate::newsletter::issue::IssueIdentity;
use crate::store::{Candidate, Left, Send, Store};
use crate::subscriber::Census;
use crate::workspace::{Checked, Compiled, Failure, FailureKind, Sources, format_timestamp};

pub(super) fn execute(sending: &Sending<'_>) -> Result<Exit, Failure> {
    let store = sending.ledger_for_dry_run()?;
    let mut is_renewed = false;
    if let Some(store) = &store
        && let Some(send) = store.send_of(sending.issue)?
    {
        if send.is_cancelled() {
            return Err(dispatch::braked(&send));
        }
        is_renewed = sending.is_renewable(store, &send)?;
        if !is_renewed {
            return begun(sending, store, send);
        }
    }
    let suppressed = store.as_ref().map(Store::suppressions).transpose()?;
    let suppressed = suppressed.unwrap_or_default();
    let Checked {
        compiled, census, ..
    } = sending.compile()?;
    let only = sending.only()?;
    let candidates = || {
        let all = dispatch::candidates(sending.sources, &compiled, &census, &suppressed);
        delivery::only(all, only.as_ref())
    };
    let plan = Plan::of(candidates())?;
    let first = example(plan.first.clone());
    terminal::say(&sending.announcement(&compiled.edition, None, first.as_ref(), &plan));
    if let Some(only) = &only {
        dispatch::require_recipient(&plan, only)?;
    }
    if let Some(store) = store.as_ref().filter(|_| !is_renewed)
        && let Some(earlier) = schedule::of_campaigns(
            &sending.workspace.directory,
            store,
            &compiled,
            &sending.sources.newsletter,
        )?
    {
        terminal::finding(&earlier.finding(&IssueIdentity::of(&compiled.issue)));
    }
    write_all(sending.sources, &compiled, &census)?;
    let mut lines = Pages::default();
    for candidate in candidates() {
        lines.push(&line(&candidate?));
    }
    lines.end();
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

/// What a run would still try of a campaign that has begun.
fn begun(sending: &Sending<'_>, store: &Store, send: Send) -> Result<Exit, Failure> {
    let send = sending.with_policy_of_today(send)?;
    if send.finished_at.is_some() && !dispatch::is_resending(store, &send)? {
        return super::already(store, &send);
    }
    let standings = sending.standings()?;
    let outlook = sending.announce(store, &send, &standings)?;
    let mut lines = Pages::default();
    let only = sending.only()?;
    outlook::each(store, &send, &standings, only.as_ref(), |left| {
        lines.push(&line_of_left(left));
    })?;
    lines.end();
    outlook.tell_departed(sending, &send);
    terminal::say(&dispatch::account(&outlook.sum));
    if send.brake.is_some() {
        terminal::say(dispatch::braked(&send).message());
    }
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

/// As [`line`]; behind another tab, before when a delivery is not tried again.
fn line_of_left(left: &Left) -> String {
    match left.next_try {
        Some(at) => format!("{}\tdeferred\t{}\n", left.address, format_timestamp(at)),
        None => format!("{}\tready\n", left.address),
    }
}

/// Writes every message and keeps none, to see that each can be written.
fn write_all(sources: &Sources, compiled: &Compiled, census: &Census) -> Result<(), Failure> {
    // That they can be signed is seen by the key; signing them all would cost what sending them does.
    dispatch::signer(&sources.newsletter)?;
    let stamp = compiled.specimen_options(&sources.newsletter);
    let unwritable = |error: &LetterError, whose: &dyn Display| {
        let message = format!("no message can be written for {whose}");
        Failure::new(FailureKind::NeedsAttention, message).caused_by(error)
    };
    let press = MessageEncoder::new(Arc::new(compiled.edition.clone()), stamp);
    let press = press.map_err(|error| unwritable(&error, &"anybody"))?;
    let examiner = Examiner::of(&compiled.edition);
    for reader in sources.list.read_again(census) {
        let reader = reader?;
        if examiner.unsendable(&reader).is_some() {
            continue;
        }
        let written = press.write(&reader);
        written.map_err(|error| unwritable(&error, &reader.address))?;
    }
    Ok(())
}

/// The address and what would become of it, a tab between them for `cut` and `awk`.
fn line(candidate: &Candidate) -> String {
    let fate = candidate.exclusion.as_deref().unwrap_or("ready");
    format!("{}\t{fate}\n", candidate.address)
}
