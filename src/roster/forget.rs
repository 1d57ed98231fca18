//! Forget a person: remove what the newsletter's directory and its store have about them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::state_files::{StateFile, state_files};
use super::store::ListStore;
use crate::diag::{Place, counted};
use crate::newsletter::config::StoreUrl;
use crate::store::{Forgotten, Mentions};
use crate::subscriber::{Address, List};
use crate::workspace::{Failure, Sources, Warning, Workspace, display_path};

/// What no command of this program can remove.
const OUT_OF_REACH: &str =
    "out of reach: backups, version control, the relay's log, and mail that was delivered";

/// What `franking list forget` has done, and what it could not reach.
#[derive(Debug)]
pub struct ForgetReport {
    /// What the store had about the person.
    pub forgotten: Forgotten,
    /// How many messages were deleted from the outbox.
    pub messages: usize,
    /// The entry in `subscribers.toml`, which only the editor can delete.
    pub entry: Option<Place>,
    /// The other files in the state directory that contain the address, or may contain it.
    pub files: Vec<StateFile>,
    /// The entries and deliveries of other people that mention the person.
    pub mentions: Mentions,
    /// Whether the store is on a server, whose old row versions and backups this program cannot reach.
    pub is_on_server: bool,
}

impl ForgetReport {
    /// What was done, and what this program cannot reach, a sentence a line.
    pub fn lines(&self) -> Vec<String> {
        let Forgotten {
            was_listed,
            deliveries,
            excluded,
            uncertain,
        } = self.forgotten;
        let mut lines = Vec::new();
        if !was_listed && deliveries == 0 {
            lines.push("neither the list in the store nor a campaign has this address".to_owned());
        }
        if was_listed {
            lines.push("removed from the list in the store".to_owned());
        }
        if deliveries > 0 {
            lines.push(format!(
                "removed from {}: {excluded} excluded, {uncertain} uncertain without an address",
                counted(deliveries, "delivery")
            ));
        }
        if self.messages > 0 {
            lines.push(format!(
                "{} deleted from the outbox",
                counted(self.messages, "message")
            ));
        }
        lines.push("a keyed hash remains, so that no import brings the address back".to_owned());
        lines.push(OUT_OF_REACH.to_owned());
        if self.is_on_server {
            lines.push(
                "on PostgreSQL, `vacuum` removes the old versions of the rows; backups of the server keep them"
                    .to_owned(),
            );
        }
        lines
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        json!({
            "forgotten": self.forgotten,
            "messages_deleted": self.messages,
            "entry": self.entry.as_ref().map(ToString::to_string),
            "files": self.files.iter().map(|file| display_path(&file.path)).collect::<Vec<_>>(),
            "others_with_address": self.mentions.of_address,
            "others_with_name": self.mentions.of_name,
            "deliveries_with_address": self.mentions.deliveries,
            "is_done": self.is_done(),
        })
    }

    /// Whether nothing is left that this program knows of.
    pub fn is_done(&self) -> bool {
        self.what_is_left().is_empty()
    }

    /// What only the operator can remove, each as an instruction.
    pub fn what_is_left(&self) -> Vec<String> {
        let entry = self.entry.iter();
        let entry = entry.map(|place| format!("delete the entry at {place}"));
        let files = self.files.iter().map(|file| {
            let contains = match file.is_certain {
                true => "contains",
                false => "may contain",
            };
            let path = display_path(&file.path);
            format!("delete `{path}`, which {contains} the address")
        });
        let others = (!self.mentions.of_address.is_empty()).then(|| {
            format!(
                "the address is in the values of {}: change them with `franking list update`",
                some_of(&self.mentions.of_address)
            )
        });
        entry.chain(files).chain(others).collect()
    }

    /// What mentions the person and may stay.
    fn warnings(&self) -> Vec<Warning> {
        let Mentions {
            of_name,
            deliveries,
            ..
        } = &self.mentions;
        let names = (!of_name.is_empty()).then(|| {
            format!(
                "the full name is also in the tags or attributes of {}; `franking list update` changes them",
                some_of(of_name)
            )
        });
        let deliveries = (*deliveries > 0).then(|| {
            format!(
                "the address is also in the values of {} to other people, until the time of [privacy] keep is over",
                counted(*deliveries, "delivery")
            )
        });
        names
            .into_iter()
            .chain(deliveries)
            .map(Warning::new)
            .collect()
    }
}

/// How many addresses of other people a message names.
const NAMED: usize = 20;

/// Addresses, and how many more there are.
fn some_of(addresses: &[String]) -> String {
    let named = addresses[..addresses.len().min(NAMED)].join(", ");
    match addresses.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Removes a person from the outbox, the list in the store and the ledger, and suppresses the mailbox by its hash. A file
/// that people edit is not changed. Each warning goes to `warn`.
///
/// The messages are deleted first: if the process is stopped then, the store still has the person.
///
/// # Errors
/// When a run is active, the suppression key is lost, or a file or the store cannot be written.
pub fn forget(
    workspace: &Workspace,
    sources: &Sources,
    address: &Address,
    warn: &mut dyn FnMut(&Warning),
) -> Result<ForgetReport, Failure> {
    let _lock = workspace.lock_against_runs(sources, "list forget")?;
    let mut list = ListStore::open(workspace, sources, warn)?;
    let (hash, mailbox) = (list.hash(address), address.key());
    let now = workspace.now.as_second();
    // The links in this person's mail remain valid.
    workspace.add_earlier_tokens(&list.store, &mut |_| ())?;
    let mentions = list.store.mentions(&hash, &mailbox)?;
    let messages = delete_messages(workspace, address)?;
    let forgotten = list.store.forget(&hash, &mailbox, now)?;
    drop(list);
    let report = ForgetReport {
        forgotten,
        messages,
        entry: entry(workspace, &mailbox),
        files: other_files(workspace, sources, address)?,
        mentions,
        is_on_server: matches!(sources.newsletter.store, StoreUrl::Server(_)),
    };
    report.warnings().iter().for_each(warn);
    Ok(report)
}

/// Deletes the messages in the outbox that contain an address, and returns how many there were.
fn delete_messages(workspace: &Workspace, address: &Address) -> Result<usize, Failure> {
    let messages = search(&workspace.state().join("outbox"), address, &|_| true)?;
    messages.iter().try_for_each(|file| delete(&file.path))?;
    Ok(messages.len())
}

/// The files of the state directory that contain an address, without the store: it was changed, and it is the only record of
/// who must not be mailed.
fn other_files(
    workspace: &Workspace,
    sources: &Sources,
    address: &Address,
) -> Result<Vec<StateFile>, Failure> {
    let store = match &sources.newsletter.store {
        StoreUrl::File(path) => workspace.directory.join(path).canonicalize().ok(),
        StoreUrl::Server(_) => None,
    };
    let is_of_store = |file: &Path| {
        let path = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let suffix = store.as_ref().and_then(|store| {
            let path = path.to_str()?;
            path.strip_prefix(store.to_str()?)
        });
        suffix.is_some_and(|suffix| ["", "-wal", "-shm", "-journal"].contains(&suffix))
    };
    search(&workspace.state(), address, &|file| !is_of_store(file))
}

/// The files below a directory that contain an address, without those that are not `wanted`.
fn search(
    directory: &Path,
    address: &Address,
    wanted: &dyn Fn(&Path) -> bool,
) -> Result<Vec<StateFile>, Failure> {
    state_files(directory, address, wanted).map_err(|error| {
        let what = format!("`{}` cannot be searched", display_path(directory));
        Failure::io(what, &error)
    })
}

fn delete(message: &Path) -> Result<(), Failure> {
    std::fs::remove_file(message).map_err(|error| {
        let what = format!("`{}` cannot be deleted", display_path(message));
        Failure::io(what, &error)
    })
}

/// The entry of a mailbox in `subscribers.toml`, also if the list that counts is in the store.
fn entry(workspace: &Workspace, mailbox: &str) -> Option<Place> {
    let wanted = BTreeMap::from([(mailbox.to_owned(), "email".to_owned())]);
    List::below(&workspace.directory)
        .places(&wanted)
        .remove(mailbox)
}
