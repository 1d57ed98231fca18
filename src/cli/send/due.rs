//! `franking send --due`: what cron and systemd call.

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::schedule;
use super::Arguments;
use super::sending::Sending;
use crate::schedule::{Slot, Standing};
use crate::store::{Send, Store};
use crate::terminal;

/// Takes the lock, sends or goes on with whatever is due, once, and ends. Where another run holds the lock
/// the work is being done, which is no fault of this one.
pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let late = max_late(&arguments.max_late)?;
    let folder = context.load()?;
    let _lock = match context.lock("send --due") {
        Ok(lock) => lock,
        Err(failure) if failure.exit == Exit::Locked => {
            terminal::say(failure.message());
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    let store = context.ledger_to_resume(&folder, &arguments.accepted)?;
    let mut worst = Exit::Done;
    for slot in schedule::slots(context, &folder, store.as_ref(), late)? {
        let sending = Sending {
            arguments,
            context,
            folder: &folder,
            issue: &slot.issue,
        };
        let exit = one(&sending, &slot).unwrap_or_else(|failure| {
            failure.print();
            failure.exit
        });
        // One issue in trouble does not hold up the next, but the timer has to hear of it.
        if exit != Exit::Done {
            worst = exit;
        }
        if exit == Exit::Interrupted {
            break;
        }
    }
    Ok(worst)
}

fn max_late(span: &Span) -> Result<SignedDuration, Failure> {
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|error| Failure::new(Exit::Usage, "`--max-late` is no time").caused_by(&error))
}

fn one(sending: &Sending<'_>, slot: &Slot) -> Result<Exit, Failure> {
    match slot.standing {
        Standing::Due | Standing::Begun => send(sending),
        Standing::Missed => Err(missed(slot)),
        Standing::Unclear => Err(unclear(slot)),
        Standing::Held if is_past(sending, slot) => Err(held(slot)),
        Standing::Held => Ok(Exit::Done),
        Standing::Waiting | Standing::Sent => Ok(Exit::Done),
    }
}

fn send(sending: &Sending<'_>) -> Result<Exit, Failure> {
    let accepted = &sending.arguments.accepted;
    let store = sending.context.ledger_to_send(sending.folder, accepted)?;
    match store.send_of(sending.issue)? {
        None => sending.begin(store, |_| Ok(())),
        // Nothing to do until the next try is due: cron may call every minute.
        Some(send) if !is_due(&store, &send, sending.context)? => Ok(Exit::Done),
        Some(send) => sending.resume(store, sending.with_policy_of_today(send)),
    }
}

fn is_due(store: &Store, send: &Send, context: &Context) -> Result<bool, Failure> {
    let sum = store.sum(send)?;
    let next = store.next_due(send)?;
    Ok(sum.untried > 0 || next.is_none_or(|next| next <= context.now.as_second()))
}

fn missed(slot: &Slot) -> Failure {
    let at = slot.at.as_ref().map(|at| at.local.to_string());
    let message = format!(
        "`{}` was due at {} and is too late now; it is not sent",
        slot.issue,
        at.unwrap_or_default()
    );
    Failure::new(Exit::Usage, message).hint(format!(
        "send it now with `franking send {}`, or give it another `send_at`",
        slot.issue
    ))
}

fn is_past(sending: &Sending<'_>, slot: &Slot) -> bool {
    slot.at
        .as_ref()
        .is_some_and(|at| at.instant <= sending.context.now)
}

/// Sent by hand to one reader, perhaps to look at it: whether the others get that edition is no timer's
/// decision.
fn held(slot: &Slot) -> Failure {
    let message = format!(
        "`{}` is due, and was begun for one reader alone",
        slot.issue
    );
    Failure::new(Exit::Usage, message).hint(format!(
        "`franking send {}` sends it to the others",
        slot.issue
    ))
}

fn unclear(slot: &Slot) -> Failure {
    let message = format!("nobody can tell when `{}` is due", slot.issue);
    Failure::new(Exit::Findings, message).hint(format!("`franking check {}` says why", slot.issue))
}
