//! `franking schedule`

use clap::Args;
use jiff::SignedDuration;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::diag::Findings;
use crate::load::Folder;
use crate::schedule::{Slot, standing};
use crate::{issue, terminal};

/// How the schedule is shown.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// How late an issue may begin where nobody says otherwise.
const MAX_LATE: SignedDuration = SignedDuration::from_hours(6);

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let mut findings = Findings::new();
    let folder = context.load(&mut findings)?;
    let slots = slots(context, &folder, MAX_LATE)?;
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

/// Every issue that says when it is to go out, and every send that is unfinished, the earliest first. An
/// issue that cannot be read has no moment; `send` tells its faults when it is due, `check` before.
pub(super) fn slots(
    context: &Context,
    folder: &Folder,
    max_late: SignedDuration,
) -> Result<Vec<Slot>, Failure> {
    let store = context.existing_store(folder)?;
    let mut slots = Vec::new();
    for name in issue::names(&context.folder) {
        let send = match &store {
            Some(store) => store.send_of(&name)?,
            None => None,
        };
        let mut findings = Findings::new();
        let read = issue::read(&context.folder, &name, &folder.publication, &mut findings);
        if read.is_none() {
            terminal::warning(&format!("`{name}` cannot be read: {}", findings.summary()));
        }
        let at = read.and_then(|issue| issue.send_at);
        if at.is_none() && send.as_ref().is_none_or(|send| send.finished_at.is_some()) {
            continue;
        }
        let instant = at.as_ref().map(|at| at.instant);
        let standing = standing(instant, send.as_ref(), context.now, max_late);
        slots.push(Slot {
            issue: name,
            at,
            standing,
        });
    }
    slots.sort_by_key(|slot| slot.at.as_ref().map(|at| at.instant));
    Ok(slots)
}
