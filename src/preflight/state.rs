//! Checks of the state: its directory, key and ledger.

use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::report::Check;
use crate::diag::counted;
use crate::newsletter::config::Newsletter;
use crate::store::{Store, StoreError};
use crate::subscriber::TokenKeys;
use crate::util::system;
use crate::workspace::{Failure, Workspace, display_path};

/// Checks the directory of the state and the keys in it.
pub(super) fn checks(workspace: &Workspace) -> Vec<Check> {
    let state = workspace.state();
    if !state.exists() {
        return vec![future_state(workspace, &state)];
    }
    let mut checks = vec![existing_state(&state)];
    let keys = ["key", "suppression-key"].map(|name| (name, state.join(name)));
    let rotated = (1..=TokenKeys::LAST).map(|number| ("key", workspace.token_key_file(number)));
    let existing = keys
        .into_iter()
        .chain(rotated)
        .filter(|(_, path)| path.exists());
    checks.extend(existing.map(|(name, path)| private(name, &path, "600")));
    checks
}

/// Checks that the directory can be created.
fn future_state(workspace: &Workspace, state: &Path) -> Check {
    let place = display_path(state);
    match probe(&workspace.directory) {
        Ok(()) => Check::ok(
            "state",
            format!("`{place}` will be created at the first send"),
        ),
        Err(error) => {
            let why = system::words(&error);
            Check::fail("state", format!("`{place}` cannot be created: {why}"))
        }
    }
}

/// Checks that the directory can be written, and only its owner can read it.
fn existing_state(state: &Path) -> Check {
    match probe(state) {
        Ok(()) => private("state", state, "700"),
        Err(error) => {
            let (place, why) = (display_path(state), system::words(&error));
            Check::fail("state", format!("`{place}` cannot be written: {why}")).hint(
                "nothing is sent without a ledger; free some space or correct the permissions",
            )
        }
    }
}

/// Creates a file and removes it: the mode does not show whether a disk is full or read-only.
fn probe(directory: &Path) -> std::io::Result<()> {
    let path = directory.join(format!(".doctor-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)
}

/// Checks that only the owner can read `path`.
fn private(name: &'static str, path: &Path, wanted: &str) -> Check {
    let place = display_path(path);
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) => {
            let why = system::words(&error);
            return Check::fail(name, format!("`{place}` cannot be read: {why}"));
        }
    };
    if mode & 0o077 != 0 {
        let words = format!("`{place}` can be read by others (mode {mode:04o})");
        return Check::warn(name, words).hint(format!("`chmod {wanted} {place}`"));
    }
    Check::ok(
        name,
        format!("only its owner can read `{place}` (mode {mode:04o})"),
    )
}

/// Checks that the ledger can be opened, is the one of the last run, and has consistent totals.
pub(super) fn ledger(workspace: &Workspace, newsletter: &Newsletter) -> Check {
    let checked = ledger_of_last_run(workspace, newsletter).and_then(|store| match store {
        store
            if let Some(other) =
                workspace.another_rehearsal(store.as_ref(), &newsletter.store)? =>
        {
            let check = Check::warn("ledger", other.message());
            Ok(check.hint(other.advice().unwrap_or_default()))
        }
        Some(store) => Ok(totals(&store)?),
        None => Ok(Check::ok("ledger", "nothing has been sent yet")),
    });
    checked.unwrap_or_else(|failure| Check::failed("ledger", &failure))
}

fn ledger_of_last_run(
    workspace: &Workspace,
    newsletter: &Newsletter,
) -> Result<Option<Store>, Failure> {
    let mut store = workspace.existing_store_at(&newsletter.store)?;
    match workspace.mismatch(store.as_ref())? {
        Some(mismatch) => Err(workspace.contradiction(mismatch, &newsletter.store)),
        None => {
            workspace.check_key(store.as_ref())?;
            workspace.read_with_suppression_key(store.as_mut())?;
            Ok(store)
        }
    }
}

fn totals(store: &Store) -> Result<Check, StoreError> {
    let sends = store.sends()?;
    for send in &sends {
        if !store.totals(send)?.add_up() {
            let words = format!("the totals of `{}` do not add up", send.issue);
            return Ok(Check::fail("ledger", words).hint("restore it from a backup"));
        }
    }
    let unfinished = sends.iter().filter(|send| send.finished_at.is_none());
    let words = format!(
        "{}, {} unfinished; all totals add up",
        counted(sends.len(), "send"),
        unfinished.count()
    );
    Ok(Check::ok("ledger", words))
}
