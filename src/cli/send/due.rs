//! `franking send --due`: what cron and systemd call.

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::schedule;
use super::sending::Sending;
use super::{Arguments, duration};
use crate::schedule::{Slot, Standing};
use crate::store::{Send, Store};
use crate::terminal;

/// Takes the lock, sends or goes on with whatever is due, once, and ends. Where another run holds the lock
/// the work is being done, which is no fault of this one.
pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let late = duration("--max-late", &arguments.max_late)?;
    let folder = context.load()?;
    let mut lock = match context.lock("send --due") {
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
        // Who asks for the status is told; where that cannot be written, nothing else can.
        let _ = lock.set_issue(&slot.issue);
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

fn one(sending: &Sending<'_>, slot: &Slot) -> Result<Exit, Failure> {
    match slot.standing {
        Standing::Due | Standing::Begun => send(sending),
        Standing::Missed => Err(missed(slot)),
        Standing::Unclear => Err(unclear(slot)),
        Standing::Held if is_past(sending, slot) && is_for_one(sending)? => Err(held(slot)),
        // What a person has stopped, or was reported when it was held, goes on by a person's word.
        Standing::Held | Standing::Paused | Standing::Cancelled => Ok(Exit::Done),
        Standing::Waiting | Standing::Sent => Ok(Exit::Done),
    }
}

fn send(sending: &Sending<'_>) -> Result<Exit, Failure> {
    let accepted = &sending.arguments.accepted;
    let mut store = sending.context.ledger_to_send(sending.folder, accepted)?;
    let Some(send) = store.send_of(sending.issue)? else {
        return sending.begin(store, None, |_| Ok(()));
    };
    // Nothing to do until the next try is due: cron may call every minute.
    if !is_due(&store, &send, sending.context)? {
        return Ok(Exit::Done);
    }
    sending.require_no_gap(&mut store, &send)?;
    if sending.is_renewable(&store, &send)? {
        return sending.begin(store, Some(&send), |_| Ok(()));
    }
    let send = sending.with_policy_of_today(send)?;
    sending.resume(store, send)
}

/// Whether the campaign has gone to one recipient alone, and no other brake holds it.
fn is_for_one(sending: &Sending<'_>) -> Result<bool, Failure> {
    let Some(store) = sending.ledger()? else {
        return Ok(false);
    };
    let send = store.send_of(sending.issue)?;
    Ok(send.is_some_and(|send| send.is_held && send.brake.is_none()))
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
