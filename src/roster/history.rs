//! The history of the list, for one person or for all.

use serde_json::{Value, json};

use super::reading::{Roster, RosterSource};
use crate::store::ListEvent;
use crate::subscriber::Address;
use crate::util::{escape, timestamp};
use crate::workspace::Failure;

/// Calls `see` with each change of the list and of suppressions, the earliest first. A list in a file has the changes of
/// suppressions alone.
///
/// # Errors
/// When the store cannot be read.
pub fn history(
    roster: &Roster,
    address: Option<&Address>,
    see: &mut dyn FnMut(ListEvent),
) -> Result<(), Failure> {
    let store = match roster.source() {
        RosterSource::Store(store) | RosterSource::File { store, .. } => store,
    };
    let key = address.map(Address::key);
    match store {
        Some(store) => Ok(store.list_events(key.as_deref(), see)?),
        None => Ok(()),
    }
}

/// An event as a JSON object.
pub fn event_json(event: &ListEvent) -> Value {
    json!(event)
}

/// `2026-11-30T08:00:00Z  add         ada@rivers.example: sign-up form`
pub fn event_text(event: &ListEvent) -> String {
    let detail = event.detail.as_ref().map(|detail| format!(": {detail}"));
    let line = format!(
        "{}  {:<11} {}{}",
        timestamp::format(event.at),
        event.action,
        event.address.as_deref().unwrap_or("-"),
        detail.unwrap_or_default()
    );
    format!("{}\n", escape::terminal(&line))
}
