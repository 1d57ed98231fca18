//! The paths that the service may write, and those that it may only read.

use std::path::PathBuf;

use super::{Units, quoted};
use crate::newsletter::config::{self, PasswordSource, StoreUrl};
use crate::subscriber;
use crate::workspace::Failure;

impl Units {
    /// The newsletter's directory, and that of the ledger if it is elsewhere.
    pub(super) fn writable(&self) -> Result<String, Failure> {
        let mut paths = vec![quoted(&self.directory)?];
        if let StoreUrl::File(ledger) = &self.newsletter.store {
            let ledger = self.directory.join(ledger);
            let parent = ledger
                .parent()
                .and_then(|parent| parent.canonicalize().ok());
            if let Some(parent) = parent.filter(|parent| !parent.starts_with(&self.directory)) {
                paths.push(quoted(&parent)?);
            }
        }
        Ok(paths.join(" "))
    }

    /// The files that people edit, and the secrets; each may be absent.
    pub(super) fn read_only(&self) -> Result<String, Failure> {
        let fixed = [config::FILE, "issues", "templates", subscriber::FILE];
        let mut files: Vec<PathBuf> = fixed.iter().map(PathBuf::from).collect();
        for file in self.named_files() {
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        let paths = files.iter().map(|file| {
            let path = quoted(&self.directory.join(file))?;
            Ok(format!("\"-{}", &path[1..]))
        });
        let paths: Result<Vec<String>, Failure> = paths.collect();
        Ok(paths?.join(" "))
    }

    /// The files that newsletter.toml names: passwords, certificates and the DKIM key.
    fn named_files(&self) -> impl Iterator<Item = &PathBuf> {
        let relays = self.newsletter.smtp.iter().flat_map(|smtp| smtp.relays());
        let of_relays = relays.flat_map(|(relay, _)| {
            let password = match &relay.login {
                Some((_, PasswordSource::File(file))) => Some(file),
                _ => None,
            };
            password.into_iter().chain(&relay.ca_file)
        });
        of_relays.chain(self.newsletter.dkim.iter().map(|dkim| &dkim.key_file))
    }
}
