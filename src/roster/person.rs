//! What is known about one person.

use serde_json::{Value, json};

use super::history::{event_json, event_text, history};
use super::reading::{Roster, RosterSource};
use super::record::record_json;
use crate::store::{ListEvent, ListedSubscriber, StoredSuppression};
use crate::subscriber::{Address, Status};
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, FailureKind};

/// A person on the list, or a suppressed one.
#[derive(Debug)]
pub struct Person {
    address: Address,
    listed: Option<ListedSubscriber>,
    suppression: Option<StoredSuppression>,
    /// The history, if it was asked for.
    events: Option<Vec<ListEvent>>,
}

/// Finds a person; with `has_evidence`, with the history of the address.
///
/// # Errors
/// When the address is neither on the list nor suppressed, or the list cannot be read.
pub fn person(roster: &Roster, address: &Address, has_evidence: bool) -> Result<Person, Failure> {
    let key = address.key();
    let (RosterSource::Store(store) | RosterSource::File { store, .. }) = roster.source();
    let suppression = store.as_ref().map(|store| store.suppression(&key));
    let suppression = suppression.transpose()?.flatten();
    let listed = match roster.source() {
        RosterSource::File { list, .. } => list.find(address),
        RosterSource::Store(Some(store)) => store.subscriber(&key)?,
        RosterSource::Store(None) => None,
    };
    if listed.is_none() && suppression.is_none() {
        let message = format!("`{address}` is not on the list, and not suppressed");
        let hint = "`franking list find 'email:*PART*'` searches for a part of an address";
        return Err(Failure::new(FailureKind::NeedsAttention, message).hint(hint));
    }
    let reason = suppression.as_ref().map(|found| found.reason.clone());
    let listed = listed.map(|mut subscriber| {
        if let Some(reason) = &reason {
            subscriber.status = Status::of_suppression(reason);
        }
        ListedSubscriber {
            subscriber,
            suppression: reason,
        }
    });
    let mut events = Vec::new();
    if has_evidence {
        history(roster, Some(address), &mut |event| events.push(event))?;
    }
    Ok(Person {
        address: address.clone(),
        listed,
        suppression,
        events: has_evidence.then_some(events),
    })
}

impl Person {
    /// The JSON of `list show`.
    pub fn json(&self) -> Value {
        let mut value = json!({
            "email": self.address,
            "subscriber": self.listed.as_ref().map(record_json),
            "suppression": self.suppression,
        });
        if let Some(events) = &self.events {
            value["events"] = events.iter().map(event_json).collect();
        }
        value
    }

    /// A line for each value, then the history.
    pub fn text(&self) -> String {
        let mut rows = Vec::new();
        match &self.listed {
            Some(one) => rows.extend(values(one)),
            None => rows.push(("address", format!("{} (not on the list)", self.address))),
        }
        if let Some(suppression) = &self.suppression {
            rows.push(("suppressed", suppressed(suppression)));
        }
        let lines = rows.iter().map(|(word, value)| {
            format!(
                "{:<13} {}\n",
                escape::terminal(word),
                escape::terminal(value)
            )
        });
        let events = self.events.iter().flatten().map(event_text);
        lines.chain(events).collect()
    }
}

fn values(one: &ListedSubscriber) -> Vec<(&str, String)> {
    let subscriber = &one.subscriber;
    let tags: Vec<&str> = subscriber.tags.iter().map(String::as_str).collect();
    let texts = [
        ("address", Some(subscriber.address.to_string())),
        ("status", Some(subscriber.status.as_str().to_owned())),
        ("name", subscriber.name.clone()),
        ("first_name", subscriber.first_name.clone()),
        ("last_name", subscriber.last_name.clone()),
        ("language", subscriber.language.clone()),
        ("tags", (!tags.is_empty()).then(|| tags.join(", "))),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(word, text)| Some((word, text?)));
    let attributes = subscriber.attributes.iter();
    texts
        .chain(attributes.map(|(name, value)| (name.as_str(), value.to_string())))
        .collect()
}

/// `bounced since 2026-11-30T08:00:00Z: 550 5.1.1 no such user`
fn suppressed(suppression: &StoredSuppression) -> String {
    let why = suppression
        .evidence
        .as_ref()
        .or(suppression.detail.as_ref());
    let why = why.map(|why| format!(": {why}"));
    format!(
        "{} since {}{}",
        suppression.reason,
        timestamp::format(suppression.at),
        why.unwrap_or_default()
    )
}
