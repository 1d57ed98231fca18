//! Default values of the units, from the newsletter's directory.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ring::digest::{SHA256, digest};

use crate::newsletter::config::{self, Newsletter, PasswordSource};

/// The directory's name in the characters of unit names, and eight digits of a digest of its path, so that two newsletters
/// on one machine have different names.
pub(super) fn name_of(directory: &Path) -> String {
    let own = directory.file_name().unwrap_or_default().to_string_lossy();
    let own: String = own
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    let digest = digest(&SHA256, directory.as_os_str().as_encoded_bytes());
    let digits: String = digest.as_ref()[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{digits}", own.trim_matches(['-', '.']))
}

/// The user of the service if the directory belongs to root.
pub(super) const DEFAULT_USER: &str = "franking";

/// The owner of the directory; `None` for root.
pub(super) fn owner_of(directory: &Path) -> Option<String> {
    let owner = std::fs::metadata(directory).map_or(0, |metadata| metadata.uid());
    (owner != 0).then(|| user_with_id(owner).unwrap_or_else(|| owner.to_string()))
}

/// The name of a user in `/etc/passwd`: `name:password:uid:…`
fn user_with_id(wanted: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let found = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, uid) = (parts.next()?, parts.nth(1)?);
        (uid.parse() == Ok(wanted)).then_some(name)
    });
    found.map(str::to_owned)
}

/// The credentials of the relays whose password is not configured in newsletter.toml. Systemd does not start a service
/// with a credential whose file is missing.
pub(super) fn credentials(newsletter: &Newsletter) -> Vec<String> {
    let Some(smtp) = &newsletter.smtp else {
        return Vec::new();
    };
    let needs_one = |relay: &config::RelayConfig| {
        let source = relay.login.as_ref().map(|(_, source)| source);
        source == Some(&PasswordSource::Credential)
    };
    let first = needs_one(&smtp.relay).then(|| "smtp-password".to_owned());
    let further = smtp.further.iter().filter(|relay| needs_one(relay));
    let further = further.map(|relay| format!("smtp-password-{}", relay.host));
    first.into_iter().chain(further).collect()
}
