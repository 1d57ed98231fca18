//! Changes of single subscribers.

use std::collections::BTreeSet;

use super::store::ListStore;
use super::values::{self, ValueChanges};
use crate::newsletter::config::ListLocation;
use crate::store::{Departures, ListChange, ListEntryChange, Send, StoreError};
use crate::subscriber::{Address, FILE, MailboxHash, Status, Subscriber};
use crate::workspace::{Failure, FailureKind, Sources, Warning, Workspace};

/// The list in the store, opened to change it.
#[derive(Debug)]
pub struct RosterChange {
    pub(super) list: ListStore,
    pub(super) now: i64,
    /// The language of subscribers who have none.
    pub(super) language: String,
}

/// Why a person may be mailed.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// How the person agreed, such as the form or the event.
    pub text: String,
    /// When: a date, or a time in RFC 3339.
    pub at: Option<String>,
}

/// What a removal has done.
#[derive(Debug, Default)]
pub struct Removal {
    /// The people who were removed.
    pub removed: Vec<Address>,
    /// Those who were not on the list.
    pub absent: Vec<Address>,
    /// The campaigns that are paused because too many of their open recipients left.
    pub paused: Vec<(Send, Departures)>,
}

impl NewConsent {
    /// Refuses a consent without a text, and one in the future. `now` is in Unix seconds.
    fn require_sound(&self, now: i64) -> Result<(), Failure> {
        if self.text.trim().is_empty() {
            let hint = "say how the person agreed, such as `--consent 'sign-up form'`";
            return Err(Failure::new(FailureKind::Usage, "the consent is empty").hint(hint));
        }
        values::require_past("--consent-at", self.at.as_deref(), now)
    }

    /// Its text in the history.
    fn detail(&self) -> String {
        let at = self.at.as_ref().map(|at| format!(", {at}"));
        format!("consent: {}{}", self.text, at.unwrap_or_default())
    }
}

impl RosterChange {
    /// Opens the list; the store is created if there is none. Each warning goes to `warn`.
    ///
    /// # Errors
    /// When the list is in a file, the ledger is not the one of the last run, the suppression key is lost, or the store
    /// cannot be written.
    pub fn open(
        workspace: &Workspace,
        sources: &Sources,
        warn: &mut dyn FnMut(&Warning),
    ) -> Result<Self, Failure> {
        if sources.newsletter.list == ListLocation::File {
            return Err(in_file());
        }
        Ok(Self {
            list: ListStore::open(workspace, sources, warn)?,
            now: workspace.now.as_second(),
            language: sources.newsletter.language.tag().to_owned(),
        })
    }

    /// Adds a subscriber.
    ///
    /// # Errors
    /// When the address is on the list or suppressed, a value is not accepted, or the store cannot be written.
    pub fn add(
        &mut self,
        address: Address,
        status: Status,
        values: &ValueChanges,
        consent: &NewConsent,
    ) -> Result<Subscriber, Failure> {
        consent.require_sound(self.now)?;
        self.require_unsuppressed(&address)?;
        let (hash, key) = (self.list.hash(&address), address.key());
        let subscriber = values.apply(Subscriber {
            status,
            ..Subscriber::at(address)
        })?;
        let is_new = self.list.store.change_list(self.now, |list| {
            if list.subscriber(&key)?.is_some() {
                return Ok(false);
            }
            list.put(&subscriber)?;
            list.record(Some(&key), "add", Some(&consent.detail()))?;
            list.record_consent((&hash, &key), &consent.text, consent.at.as_deref())?;
            Ok(true)
        })?;
        match is_new {
            true => Ok(subscriber),
            false => Err(already(&subscriber.address)),
        }
    }

    /// Changes values of a subscriber; with `consent`, a pending one becomes active. Returns the subscriber, and whether
    /// anything has changed.
    ///
    /// # Errors
    /// When the address is not on the list, a value is not accepted, a person who left would become active, or the store
    /// cannot be written.
    pub fn update(
        &mut self,
        address: &Address,
        values: &ValueChanges,
        consent: Option<&NewConsent>,
    ) -> Result<(Subscriber, bool), Failure> {
        if let Some(consent) = consent {
            consent.require_sound(self.now)?;
            self.require_unsuppressed(address)?;
        }
        let (hash, key) = (self.list.hash(address), address.key());
        let now = self.now;
        let work = |list: &mut ListChange<'_>| match list.subscriber(&key)? {
            None => Ok(Err(absent(address))),
            Some(before) => match changed(before.clone(), values, consent) {
                Ok(after) => Ok(Ok((
                    put(list, (&hash, &key), (&before, &after), consent)?,
                    after,
                ))),
                Err(failure) => Ok(Err(failure)),
            },
        };
        let (is_changed, after) = self.list.store.change_list(now, work)??;
        Ok((after, is_changed))
    }

    /// Removes people from the list, in one change; their suppressions stay.
    ///
    /// # Errors
    /// When the store cannot be written; then the list is as before.
    pub fn remove(&mut self, addresses: Vec<Address>) -> Result<Removal, Failure> {
        let work = |list: &mut ListChange<'_>| {
            let mut removal = Removal::default();
            for address in addresses {
                let key = address.key();
                if list.remove(&key)? {
                    list.record(Some(&key), "remove", None)?;
                    removal.removed.push(address);
                } else {
                    removal.absent.push(address);
                }
            }
            Ok(removal)
        };
        let (removal, paused) = self.list.store.change_list_in_bulk(self.now, work)?;
        Ok(Removal { paused, ..removal })
    }

    fn require_unsuppressed(&self, address: &Address) -> Result<(), Failure> {
        match self.list.store.suppression(&address.key())? {
            Some(found) => Err(suppressed(address, &found.reason)),
            None => Ok(()),
        }
    }
}

fn changed(
    before: Subscriber,
    values: &ValueChanges,
    consent: Option<&NewConsent>,
) -> Result<Subscriber, Failure> {
    let status = match (before.status, consent) {
        (status, None) => status,
        (Status::Active | Status::Pending, Some(_)) => Status::Active,
        (status, Some(_)) => return Err(suppressed(&before.address, status.as_str())),
    };
    values.apply(Subscriber { status, ..before })
}

fn put(
    list: &mut ListChange<'_>,
    (hash, key): (&MailboxHash, &str),
    (before, after): (&Subscriber, &Subscriber),
    consent: Option<&NewConsent>,
) -> Result<bool, StoreError> {
    let is_changed = list.put(after)? != ListEntryChange::Unchanged;
    if is_changed || consent.is_some() {
        let what = changed_keys(before, after);
        let parts = [consent.map(NewConsent::detail), what];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let detail = (!parts.is_empty()).then(|| parts.join("; "));
        list.record(Some(key), "update", detail.as_deref())?;
    }
    if let Some(consent) = consent {
        list.record_consent((hash, key), &consent.text, consent.at.as_deref())?;
    }
    Ok(is_changed)
}

/// The names of the values that differ. The values themselves are not in the history: it keeps them for longer than the list.
fn changed_keys(before: &Subscriber, after: &Subscriber) -> Option<String> {
    let values = [
        ("status", before.status != after.status),
        ("name", before.name != after.name),
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        ("language", before.language != after.language),
        ("tags", before.tags != after.tags),
    ];
    let values = values.into_iter().filter(|(_, differs)| *differs);
    let (old, new) = (&before.attributes, &after.attributes);
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).map(String::as_str).collect();
    let attributes = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name));
    let keys: Vec<&str> = values.map(|(key, _)| key).chain(attributes).collect();
    (!keys.is_empty()).then(|| keys.join(", "))
}

/// The sentence about a campaign that a change of the list has paused.
pub fn paused(send: &Send, departures: &Departures) -> String {
    let issue = &send.issue;
    format!(
        "the campaign of `{issue}` is paused: {departures}; `franking resume {issue}` continues it"
    )
}

fn in_file() -> Failure {
    let message = format!("the list is in {FILE}, which commands do not change");
    Failure::new(FailureKind::Usage, message).hint(format!(
        "edit {FILE}; or write `[list]` `source = \"store\"` in newsletter.toml and run `franking list import {FILE}`"
    ))
}

fn suppressed(address: &Address, reason: &str) -> Failure {
    let message = format!("`{address}` is suppressed ({reason}) and is not made active");
    let hint = match reason {
        "complained" => format!(
            "the person reported a message as spam: only `franking list unsuppress {address} --reason TEXT` ends that"
        ),
        _ => format!(
            "if the person has signed up again, run `franking list unsuppress {address} --reason TEXT` first"
        ),
    };
    Failure::new(FailureKind::NeedsAttention, message).hint(hint)
}

fn already(address: &Address) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("`{address}` is on the list already"),
    )
    .hint(format!("`franking list update {address}` changes it"))
}

fn absent(address: &Address) -> Failure {
    Failure::new(
        FailureKind::Usage,
        format!("`{address}` is not on the list"),
    )
    .hint(format!(
        "`franking list add {address} --consent TEXT` adds it"
    ))
}
