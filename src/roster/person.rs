//! What is known about one person.

use serde_json::{Value, json};

use super::history::{event_json, event_text, history};
use super::reading::{Roster, RosterSource};
use super::record::record_json;
use crate::store::{ListEvent, ListedSubscriber, StoredSuppression};
use crate::subscriber::import::RecordedConsent;
use crate::subscriber::{Address, Status};
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, FailureKind};

/// A person on the list, or a suppressed one.
#[derive(Debug)]
pub struct Person {
    address: Address,
    listed: Option<ListedSubscriber>,
    suppression: Option<StoredSuppression>,
    /// The evidence, if it was asked for.
    evidence: Option<Evidence>,
}

/// What shows why a person was mailed, or is not mailed any more.
#[derive(Debug)]
struct Evidence {
    consents: Vec<RecordedConsent>,
    events: Vec<ListEvent>,
}

/// Finds a person; with `has_evidence`, with the consent and the history of the address, which outlive the entry of the list.
///
/// # Errors
/// When nothing is known about the address, or the list cannot be read.
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
    let evidence = has_evidence.then(|| evidence(roster, address));
    let evidence = evidence.transpose()?;
    let has_traces = evidence.as_ref().is_some_and(Evidence::is_there);
    if listed.is_none() && suppression.is_none() && !has_traces {
        roster.require_key()?;
        let message = format!("`{address}` is not on the list, and not suppressed");
        let hint = "`franking list find 'email:*PART*'` searches for a part of an address; `--evidence` also shows a person who \
             was removed";
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
    Ok(Person {
        address: address.clone(),
        listed,
        suppression,
        evidence,
    })
}

impl Evidence {
    fn is_there(&self) -> bool {
        !self.consents.is_empty() || !self.events.is_empty()
    }
}

fn evidence(roster: &Roster, address: &Address) -> Result<Evidence, Failure> {
    let mut events = Vec::new();
    history(roster, Some(address), &mut |event| events.push(event))?;
    let (RosterSource::Store(store) | RosterSource::File { store, .. }) = roster.source();
    let consents = store.as_ref().map(|store| store.consents(&address.key()));
    Ok(Evidence {
        consents: consents.transpose()?.unwrap_or_default(),
        events,
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
        if let Some(evidence) = &self.evidence {
            value["consent"] = json!(evidence.consents);
            value["events"] = evidence.events.iter().map(event_json).collect();
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
        let consents = self.evidence.iter().flat_map(|evidence| &evidence.consents);
        rows.extend(consents.map(|consent| ("consent", agreed(consent))));
        let lines = rows.iter().map(|(word, value)| {
            format!(
                "{:<13} {}\n",
                escape::terminal(word),
                escape::terminal(value)
            )
        });
        let events = self.evidence.iter().flat_map(|evidence| &evidence.events);
        let events = events.map(event_text);
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

/// `sign-up form, at 2026-11-01T09:00:00Z from 192.0.2.7, confirmed at …; line 7 of members.csv, SHA-256 …`
fn agreed(consent: &RecordedConsent) -> String {
    let time = |word: &str, at: &Option<String>, ip: &Option<String>| {
        let ip = ip.as_ref().map(|ip| format!(" from {ip}"));
        let at = at.as_ref()?;
        Some(format!("{word} {at}{}", ip.unwrap_or_default()))
    };
    let parts = [
        consent.source.clone(),
        time("at", &consent.at, &consent.ip),
        time("confirmed at", &consent.confirmed_at, &consent.confirmed_ip),
        consent.columns.clone(),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    let name = consent.file.as_deref().unwrap_or("a file");
    let file = consent.line.zip(consent.sha256.as_ref());
    let file = file.map(|(line, sha256)| format!("line {line} of {name}, SHA-256 {sha256}"));
    let parts = [
        Some(known.join(", ")).filter(|known| !known.is_empty()),
        file,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
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
