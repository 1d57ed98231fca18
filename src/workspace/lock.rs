//! The lock: on one machine, one process at a time sends a newsletter.

use super::{Failure, FailureKind, Sources, Workspace, create_private_directory, display_path};
use crate::newsletter::config::StoreUrl;
use crate::store::{Lock, LockError, LockHolder, Send, Store, Totals};
use crate::util::timestamp;

impl Workspace {
    /// Takes the lock, which every sending process must hold.
    ///
    /// # Errors
    /// When another process holds it, or its file cannot be written.
    pub fn lock(&self, task: &str) -> Result<Lock, Failure> {
        let path = self.state().join("lock");
        create_private_directory(&self.state())?;
        Lock::take(&path, task, self.now.as_second()).map_err(|error| match error {
            LockError::Held(holder) => Failure::new(FailureKind::Locked, held_by(holder.as_ref()))
                .hint("wait until it has ended; `franking status` shows the progress of a send"),
            LockError::Io(error) => {
                let what = format!("the lock `{}` cannot be taken", display_path(&path));
                Failure::new(FailureKind::LedgerUnavailable, what).caused_by(&error)
            }
        })
    }

    /// The lock for a ledger in a file; `None` on a server, where any number of processes send together.
    ///
    /// # Errors
    /// As [`Workspace::lock`].
    pub fn lock_for(&self, store: &StoreUrl, task: &str) -> Result<Option<Lock>, Failure> {
        match store {
            StoreUrl::File(_) => self.lock(task).map(Some),
            StoreUrl::Server(_) => Ok(None),
        }
    }

    /// As [`Workspace::lock_for`]; the lock names the issue that is being sent.
    ///
    /// # Errors
    /// As [`Workspace::lock`].
    pub fn lock_issue(
        &self,
        sources: &Sources,
        issue: &str,
        task: &str,
    ) -> Result<Option<Lock>, Failure> {
        let mut lock = self.lock_for(&sources.newsletter.store, task)?;
        if let Some(lock) = &mut lock {
            lock.set_issue(issue)
                .map_err(|error| Failure::io("the lock cannot be written", &error))?;
        }
        Ok(lock)
    }

    /// Refuses while a run is active, and prevents one as long as the lock is held. On a server, where there is no lock,
    /// a run that begins later is not prevented.
    ///
    /// # Errors
    /// When a run is active, the lock cannot be taken, or the ledger cannot be read.
    pub fn lock_against_runs(
        &self,
        sources: &Sources,
        task: &str,
    ) -> Result<Option<Lock>, Failure> {
        if !self.state().exists() {
            return Ok(None);
        }
        let lock = self.lock_for(&sources.newsletter.store, task)?;
        let shared = match lock {
            Some(_) => None,
            None => self.existing_store(sources)?,
        };
        let Some(store) = shared else {
            return Ok(lock);
        };
        for send in store.sends()? {
            if !store.senders(&send)?.is_empty() {
                let message = format!("a sender of `{}` is active", send.issue);
                return Err(Failure::new(FailureKind::Locked, message)
                    .hint("wait until it has ended, or one minute after it was killed"));
            }
        }
        Ok(None)
    }

    /// Whether a process is sending `send`: the holder of the lock or, on a server, a sender with a heartbeat within the
    /// last minute.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn is_running(
        &self,
        sources: &Sources,
        store: &Store,
        send: &Send,
    ) -> Result<bool, Failure> {
        Ok(match &sources.newsletter.store {
            StoreUrl::Server(_) => !store.senders(send)?.is_empty(),
            StoreUrl::File(_) => Lock::holder(&self.state().join("lock"))
                .is_some_and(|holder| holder.issue.as_ref() == Some(&send.issue)),
        })
    }
}

impl Workspace {
    /// The totals of `send` for a command that does not send. If no run is active, the messages that a killed run was sending
    /// count as uncertain.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn totals(&self, store: &Store, send: &Send, sources: &Sources) -> Result<Totals, Failure> {
        let totals = store.totals(send)?;
        Ok(match self.is_running(sources, store, send)? {
            true => totals,
            false => totals.without_runs(store.in_data(send)?),
        })
    }
}

fn held_by(holder: Option<&LockHolder>) -> String {
    match holder {
        Some(holder) => format!(
            "another process holds the lock: `{}`, process {}, since {}",
            holder.task,
            holder.pid,
            timestamp::format(holder.since)
        ),
        None => "another process holds the lock".to_owned(),
    }
}
