//! Forget a person: remove what the newsletter's directory and its store have about them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::store::ListStore;
use crate::diag::{Place, counted};
use crate::newsletter::config::StoreUrl;
use crate::store::Forgotten;
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
    /// The files in the state directory that still contain the address.
    pub files: Vec<String>,
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
            "files": self.files,
            "is_done": self.is_done(),
        })
    }

    /// Whether nothing is left that this program knows of.
    pub fn is_done(&self) -> bool {
        self.entry.is_none() && self.files.is_empty()
    }
}

/// Removes a person from the list in the store, the ledger and the outbox, and suppresses the mailbox by its hash. A file
/// that people edit is not changed. Each warning goes to `warn`.
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
    let forgotten = list.store.forget(&hash, &mailbox, now)?;
    // The files of the store are searched when it is closed.
    drop(list);
    let (messages, files) = files_of(workspace, address)?;
    messages.iter().try_for_each(|message| delete(message))?;
    Ok(ForgetReport {
        forgotten,
        messages: messages.len(),
        entry: entry(workspace, &mailbox),
        files: files.iter().map(|file| display_path(file)).collect(),
        is_on_server: matches!(sources.newsletter.store, StoreUrl::Server(_)),
    })
}

/// The files of the state directory that contain an address: the messages in the outbox, and all others.
fn files_of(
    workspace: &Workspace,
    address: &Address,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Failure> {
    let state = workspace.state();
    let files = files_with(&state, address).map_err(|error| {
        let what = format!("`{}` cannot be searched", display_path(&state));
        Failure::io(what, &error)
    })?;
    let outbox = state.join("outbox");
    Ok(files
        .into_iter()
        .partition(|file| file.starts_with(&outbox)))
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

/// The files below a directory that contain an address, in either spelling, in any case.
fn files_with(directory: &Path, address: &Address) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files_with(&entry.path(), address)?);
        } else if kind.is_file() && contains(&entry.path(), address)? {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// How much of a file is in memory at once.
const BLOCK: usize = 1 << 16;

fn contains(file: &Path, address: &Address) -> io::Result<bool> {
    use io::Read;
    let spellings = [address.key(), address.unicode_key()];
    let longest = spellings.iter().map(String::len).max().unwrap_or_default();
    let mut file = std::fs::File::open(file)?;
    let (mut text, mut block) = (Vec::new(), vec![0; BLOCK]);
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(false);
        }
        text.extend(block[..count].iter().map(u8::to_ascii_lowercase));
        let has = |spelling: &String| memchr::memmem::find(&text, spelling.as_bytes()).is_some();
        if spellings.iter().any(has) {
            return Ok(true);
        }
        // An address may stand across the border of two blocks.
        text.drain(..text.len().saturating_sub(longest));
    }
}
