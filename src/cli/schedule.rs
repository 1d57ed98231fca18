//! `franking schedule`

use clap::Args;
use jiff::SignedDuration;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::diag::Findings;
use crate::load::Folder;
use crate::schedule::{MAX_LATE, Slot, Standing, standing};
use crate::store::{Send, Store};
use crate::{issue, terminal};

/// How the schedule is shown.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let folder = context.load()?;
    let store = context.ledger_to_read(&folder)?;
    let slots = slots(context, &folder, store.as_ref(), MAX_LATE)?;
    if arguments.json {
        let rows: Vec<serde_json::Value> = slots.iter().map(json).collect();
        return Ok(super::print(&format!(
            "{}\n",
            serde_json::Value::from(rows)
        )));
    }
    if slots.is_empty() {
        terminal::say("no issue has a `send_at`, and no send is unfinished");
    }
    let lines = slots.iter().map(line);
    Ok(super::print(&lines.collect::<String>()))
}

/// `waiting  2026-11  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z`
fn line(slot: &Slot) -> String {
    let at = match &slot.at {
        Some(at) => format!("{} {}  {}", at.local, at.zone, at.instant),
        None if slot.standing == Standing::Unclear => {
            format!("`franking check {}` says why", slot.issue)
        }
        None if slot.standing == Standing::Held => "begun for one reader alone".to_owned(),
        None => "begun by hand".to_owned(),
    };
    format!("{:<8} {}  {at}\n", slot.standing.as_str(), slot.issue)
}

fn json(slot: &Slot) -> serde_json::Value {
    serde_json::json!({
        "issue": slot.issue,
        "standing": slot.standing.as_str(),
        "at": slot.at.as_ref().map(|at| at.instant.to_string()),
        "local": slot.at.as_ref().map(|at| at.local.to_string()),
    })
}

/// Every issue that says when it is to go out, and every send that is unfinished, the earliest first.
pub(super) fn slots(
    context: &Context,
    folder: &Folder,
    store: Option<&Store>,
    max_late: SignedDuration,
) -> Result<Vec<Slot>, Failure> {
    let sends = store.map(Store::sends).transpose()?.unwrap_or_default();
    let mut names = issue::names(&context.folder);
    let unfinished = sends.iter().filter(|send| send.finished_at.is_none());
    names.extend(unfinished.map(|send| send.issue.clone()));
    names.sort();
    names.dedup();
    let mut slots: Vec<Slot> = names
        .into_iter()
        .filter_map(|name| {
            let send = sends.iter().find(|send| send.issue == name);
            slot(context, folder, name, send, max_late)
        })
        .collect();
    slots.sort_by_key(|slot| slot.at.as_ref().map(|at| at.instant));
    Ok(slots)
}

/// `None` for a draft that says nothing of its moment, and for what was sent by hand.
fn slot(
    context: &Context,
    folder: &Folder,
    name: String,
    send: Option<&Send>,
    max_late: SignedDuration,
) -> Option<Slot> {
    // Whatever else is wrong with it, `send` tells when it is due, and `check` before.
    let mut unheard = Findings::new();
    let read = issue::read(&context.folder, &name, &folder.publication, &mut unheard);
    let is_draft = send.is_none() && read.as_ref().is_some_and(|i| i.send_at_place.is_none());
    let is_sent = send.is_some_and(|send| send.finished_at.is_some());
    let at = read.and_then(|issue| issue.send_at);
    if at.is_none() && (is_draft || is_sent) {
        return None;
    }
    let instant = at.as_ref().map(|at| at.instant);
    Some(Slot {
        issue: name,
        at,
        standing: standing(instant, send, context.now, max_late),
    })
}
