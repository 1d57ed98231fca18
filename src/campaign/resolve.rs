//! Resolve deliveries whose outcome is uncertain, with decisions of an operator who has read the relay's log.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::find::find;
use super::frozen::thaw;
use crate::compile::edition::Edition;
use crate::message;
use crate::store::{Delivery, Resolution, Send, State, Store, Totals};
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::key::Key;
use crate::workspace::{Failure, FailureKind, Sources, Warned, Workspace, parse_address};

/// The operator's decisions: which messages have arrived.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Whether the message to a recipient has arrived, by the key of the address.
    pub named: HashMap<String, bool>,
    /// The same for all other uncertain deliveries, if they are decided.
    pub others: Option<bool>,
}

impl Decisions {
    /// The decisions of a command line: the addresses whose messages have arrived, those whose messages are missing, and
    /// whether all others have arrived.
    ///
    /// # Errors
    /// If an address is invalid or in both lists.
    pub fn parse(
        arrived: &[String],
        missing: &[String],
        others: Option<bool>,
    ) -> Result<Self, Failure> {
        let mut named = HashMap::new();
        let arrived = arrived.iter().map(|typed| (typed, true));
        for (typed, has_arrived) in arrived.chain(missing.iter().map(|typed| (typed, false))) {
            let before = named.insert(parse_address(typed)?.key(), has_arrived);
            if before.is_some_and(|before| before != has_arrived) {
                let message = format!("`{typed}` can have arrived or be missing, not both");
                return Err(Failure::new(FailureKind::Usage, message));
            }
        }
        Ok(Self { named, others })
    }

    fn is_empty(&self) -> bool {
        self.named.is_empty() && self.others.is_none()
    }
}

/// The campaign after the decisions.
#[derive(Debug)]
pub struct Resolved {
    /// The campaign.
    pub send: Send,
    /// Its totals.
    pub totals: Totals,
    /// The deliveries that were decided.
    pub resolved: Vec<Delivery>,
    /// The uncertain deliveries that are left, each with the Message-ID of its message.
    pub uncertain: Vec<(Delivery, String)>,
}

impl Resolved {
    /// The campaign after the decisions as JSON.
    pub fn json(&self) -> Value {
        let uncertain = self.uncertain.iter();
        let uncertain =
            uncertain.map(|(delivery, id)| json!({ "delivery": delivery, "message_id": id }));
        json!({
            "campaign": self.send, "totals": self.totals, "adds_up": self.totals.add_up(),
            "resolved": self.resolved, "uncertain": uncertain.collect::<Vec<_>>(),
        })
    }
}

/// Records decisions about the campaign of the issue `name`: about all named recipients, or about none if one of them is
/// not uncertain. Without decisions, the uncertain deliveries are returned.
///
/// # Errors
/// If a named recipient is not uncertain, another process has the lock, or the ledger or the key cannot be used.
pub fn resolve(
    workspace: &Workspace,
    sources: &Sources,
    name: &str,
    decisions: &Decisions,
) -> Result<Warned<Resolved>, Failure> {
    // Decisions need the lock, because deliveries in flight of a sending process are not uncertain.
    let _lock = match decisions.is_empty() {
        true => None,
        false => workspace.lock_for(&sources.newsletter.store, &format!("resolve {name}"))?,
    };
    let found = find(name, sources, workspace)?;
    let (mut store, send) = found.value;
    let mut resolved = Vec::new();
    if !decisions.is_empty() {
        resolved = decide(decisions, &mut store, &send, workspace)?;
        store.advance(&workspace.marker(), workspace.now.as_second())?;
    }
    Ok(Warned {
        value: read(&store, &send, resolved, sources, workspace)?,
        warnings: found.warnings,
    })
}

fn decide(
    decisions: &Decisions,
    store: &mut Store,
    send: &Send,
    workspace: &Workspace,
) -> Result<Vec<Delivery>, Failure> {
    let now = workspace.now.as_second();
    store.take_over(send, now)?;
    let uncertain = by_key(store.deliveries(send, &[State::Uncertain])?);
    require_uncertain(&decisions.named, &uncertain, store, send)?;
    let resolutions = uncertain.iter().filter_map(|(key, delivery)| {
        let has_arrived = decisions.named.get(key).copied().or(decisions.others)?;
        Some(Resolution {
            address_key: key.clone(),
            has_arrived,
            why: by_hand(delivery),
        })
    });
    let resolutions: Vec<Resolution> = resolutions.collect();
    store.resolve(send, &resolutions, now)?;
    let mut resolved = Vec::new();
    for resolution in &resolutions {
        resolved.extend(store.delivery(send, &resolution.address_key)?);
    }
    Ok(resolved)
}

fn by_key(deliveries: Vec<Delivery>) -> Vec<(String, Delivery)> {
    let keyed = deliveries.into_iter().map(|delivery| {
        let key = Address::parse(&delivery.address).map(|address| address.key());
        (key.unwrap_or_else(|_| delivery.address.clone()), delivery)
    });
    keyed.collect()
}

/// The diagnostic of a decision, with the one before.
fn by_hand(delivery: &Delivery) -> String {
    match &delivery.why {
        Some(why) => format!("by hand ({why})"),
        None => "by hand".to_owned(),
    }
}

/// Refuses all decisions if one of the named recipients is not uncertain, because the name may be a mistake.
fn require_uncertain(
    named: &HashMap<String, bool>,
    uncertain: &[(String, Delivery)],
    store: &Store,
    send: &Send,
) -> Result<(), Failure> {
    let is_uncertain = |key: &str| uncertain.iter().any(|(other, _)| other == key);
    let mut others: Vec<&String> = named.keys().filter(|key| !is_uncertain(key)).collect();
    if others.is_empty() {
        return Ok(());
    }
    others.sort();
    Err(not_uncertain(&others, store, send)?)
}

/// The error for recipients who are not uncertain, with their states.
fn not_uncertain(others: &[&String], store: &Store, send: &Send) -> Result<Failure, Failure> {
    let mut words = Vec::new();
    for key in others {
        let state = match store.delivery(send, key)? {
            Some(delivery) => format!("is {}", delivery.state.as_str()),
            None => "is not among the recipients of this issue".to_owned(),
        };
        words.push(format!("`{}` {state}", escape::terminal(key)));
    }
    let message = format!("not uncertain: {}", words.join("; "));
    let hint = format!(
        "nothing was changed; `franking resolve {}` lists the uncertain deliveries",
        send.issue
    );
    Ok(Failure::new(FailureKind::Usage, message).hint(hint))
}

fn read(
    store: &Store,
    send: &Send,
    resolved: Vec<Delivery>,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Resolved, Failure> {
    // A decision may have made a finished campaign unfinished.
    let send = store.send_of(&send.issue)?.unwrap_or_else(|| send.clone());
    let totals = workspace.totals(store, &send, sources)?;
    let is_running = workspace.is_running(sources, store, &send)?;
    let uncertain = uncertain(store, &send, is_running)?;
    let uncertain = with_message_ids(uncertain, store, &send, workspace)?;
    Ok(Resolved {
        send,
        totals,
        resolved,
        uncertain,
    })
}

/// The uncertain deliveries. A delivery in the state `in_data` is uncertain if no run is active.
fn uncertain(store: &Store, send: &Send, is_running: bool) -> Result<Vec<Delivery>, Failure> {
    if is_running {
        return Ok(store.deliveries(send, &[State::Uncertain])?);
    }
    let deliveries = store.deliveries(send, &[State::InData, State::Uncertain])?;
    let deliveries = deliveries.into_iter();
    Ok(deliveries.map(Delivery::without_runs).collect())
}

/// Each delivery with the Message-ID of its message, which is the same on every attempt.
fn with_message_ids(
    deliveries: Vec<Delivery>,
    store: &Store,
    send: &Send,
    workspace: &Workspace,
) -> Result<Vec<(Delivery, String)>, Failure> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let editions = editions(store, send)?;
    let key = workspace
        .existing_key()?
        .ok_or_else(|| workspace.lost_key())?;
    store.compare_key(&key.code("store", &[]))?;
    let with_id = |delivery: Delivery| {
        let number = delivery.edition.unwrap_or(send.edition);
        let id = editions
            .get(&number)
            .map(|edition| message_id(edition, &delivery, &key));
        (delivery, id.unwrap_or_default())
    };
    Ok(deliveries.into_iter().map(with_id).collect())
}

/// Every edition of a campaign by its number.
fn editions(store: &Store, send: &Send) -> Result<HashMap<i64, Edition>, Failure> {
    let editions = store.editions(send)?.into_iter();
    let editions = editions.map(|of_send| Ok((of_send.number, thaw(store, &of_send.digest)?)));
    editions.collect()
}

fn message_id(edition: &Edition, delivery: &Delivery, key: &Key) -> String {
    match Address::parse(&delivery.address) {
        Ok(address) => message::message_id(edition, &address, key),
        Err(_) => String::new(),
    }
}
