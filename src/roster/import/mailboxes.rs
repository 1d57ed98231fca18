//! Mailboxes of our own export that have a hash instead of an address: only one suppression key recognises them.

use super::ImportRequest;
use super::tags::UnnameableTags;
use crate::roster::store::ListStore;
use crate::subscriber::SuppressionKey;
use crate::subscriber::import::{ImportOptions, ImportedFile, ImportedRow, Recognised};
use crate::util::escape;
use crate::workspace::{Failure, FailureKind, LedgerPolicy, Sources, Warning, Workspace};

/// Opens the store for an import, after the first hash of the files was compared with the suppression key.
///
/// # Errors
/// As [`ListStore::open`], and when the hash was made with another key.
pub(super) fn open(
    workspace: &Workspace,
    sources: &Sources,
    recognised: &Recognised,
    request: &ImportRequest,
    warn: &mut dyn FnMut(&Warning),
) -> Result<ListStore, Failure> {
    let policy = LedgerPolicy {
        new_ledger: continues_by_hash(workspace, sources, recognised, &request.options)?,
        ..LedgerPolicy::default()
    };
    match request.is_dry_run {
        true => ListStore::for_dry_run(workspace, sources, policy, warn),
        false => ListStore::open_with(workspace, sources, policy, warn),
    }
}

/// Whether the files are our own export, and the newsletter has nothing but the suppression key. If its
/// first mailbox has no address, the hash must have been made with this key.
fn continues_by_hash(
    workspace: &Workspace,
    sources: &Sources,
    recognised: &Recognised,
    options: &ImportOptions,
) -> Result<bool, Failure> {
    let Some((file, line, mailbox)) = recognised.first_hashed(options) else {
        return match recognised.has_own() {
            true => workspace.has_suppression_key_alone(sources),
            false => Ok(false),
        };
    };
    let key = workspace.existing_suppression_key(None)?;
    match key.is_some_and(|key| key.check_value() == mailbox.check_value) {
        true => workspace.has_suppression_key_alone(sources),
        false => Err(other_key(file, line)),
    }
}

/// Looks at each row before it is imported.
pub(super) struct RowCheck<'a> {
    files: &'a [ImportedFile],
    /// The check value of the suppression key.
    check_value: String,
    pub(super) tags: UnnameableTags,
}

impl<'a> RowCheck<'a> {
    pub(super) fn of(files: &'a [ImportedFile], key: &SuppressionKey) -> Self {
        Self {
            files,
            check_value: key.check_value(),
            tags: UnnameableTags::default(),
        }
    }

    /// Refuses a hash that was made with another key, and notes the tags.
    pub(super) fn examine(&mut self, row: &ImportedRow) -> Result<(), Failure> {
        let Ok(contact) = &row.contact else {
            return Ok(());
        };
        self.tags.examine(&contact.tags);
        let mailbox = contact.own.as_ref().and_then(|own| own.mailbox.as_ref());
        match mailbox.is_some_and(|mailbox| mailbox.check_value != self.check_value) {
            true => Err(other_key(&self.files[row.number].name, row.line)),
            false => Ok(()),
        }
    }
}

/// The failure for a mailbox that cannot be recognised here.
fn other_key(file: &str, line: u64) -> Failure {
    let file = escape::terminal(file);
    let message = format!(
        "{file}:{line}: the hash of a suppressed mailbox was made with another suppression key, so this person could not be recognised"
    );
    Failure::new(FailureKind::LedgerDamaged, message).hint(
        "nothing was imported; copy `.franking/suppression-key` of the newsletter that wrote the file to the same place of this one \
         before its first import; a newsletter that has a key of its own keeps it: remove these rows, and these people are lost",
    )
}
