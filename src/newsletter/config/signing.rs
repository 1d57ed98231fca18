//! `[dkim]`: the domain, selector and key of the DKIM signature.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Mailbox;
use crate::diag::Finding;
use crate::dkim::{KeyError, Signer, SigningKey};
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::system;

/// The largest key file that is read, in bytes; a key of 4096 bits has 3.3 kB.
const LARGEST_KEY_FILE: u64 = 64 << 10;

/// The DKIM settings, with their key.
#[derive(Debug, Clone)]
pub struct Dkim {
    /// The signing domain (`d=`), in ASCII.
    pub domain: String,
    /// The selector (`s=`), the name of the public key's DNS record.
    pub selector: String,
    /// The path of the key file, relative to the newsletter's directory.
    pub key_file: PathBuf,
    /// The private key; `None` if it is not on this machine, which is normal for editors.
    pub key: Option<Arc<SigningKey>>,
    /// The mode of the key file if other users can read it; `send` refuses such a key.
    pub exposed: Option<u32>,
}

impl Dkim {
    /// The signer; `None` without a key.
    pub fn signer(&self) -> Option<Signer> {
        Some(Signer {
            domain: self.domain.clone(),
            selector: self.selector.clone(),
            key: Arc::clone(self.key.as_ref()?),
        })
    }
}

/// The domain in lower-case ASCII; `None` if it is not a domain.
pub fn signing_domain(text: &str) -> Option<String> {
    let address = Address::parse(&format!("x@{}", text.trim())).ok()?;
    Some(address.domain())
}

/// Whether `text` is a selector: labels of letters, digits and hyphens (RFC 6376 section 3.1).
pub fn is_selector(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(is_label)
}

/// DMARC requires that the signing domain belongs to the organization of the From domain (RFC 7489 section 3.1.1).
/// Organizational domains need the Public Suffix List, which is not used here: one of the two domains must be a
/// subdomain of the other.
pub(super) fn alignment(domain: &str, from: &Mailbox) -> Option<Finding> {
    let author = from.address.domain();
    let is_below = |domain: &str, other: &str| {
        let above = domain.strip_suffix(other);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    if is_below(domain, &author) || is_below(&author, domain) {
        return None;
    }
    let message =
        format!("a signature of {domain} is not aligned with the sender's domain {author}");
    let hint = format!("DMARC requires that both belong to one organization; sign for {author}");
    Some(Finding::warning("unaligned-dkim", message).hint(hint))
}

/// A key file that was read.
#[derive(Default)]
pub(super) struct KeyFile {
    /// The key, if the file contains a usable one.
    pub(super) key: Option<SigningKey>,
    /// Its mode, if other users can read it.
    pub(super) exposed: Option<u32>,
    pub(super) findings: Vec<Finding>,
}

/// The key in the file at `path`, which messages call `name`, and the findings about it.
pub(super) fn key(path: &Path, name: &str) -> KeyFile {
    let name = escape::terminal(name);
    let mut file = KeyFile::default();
    let (text, mode) = match read(path) {
        Ok(read) => read,
        Err(error) => {
            file.findings.push(unread(&name, &error));
            return file;
        }
    };
    if mode & 0o077 != 0 {
        file.exposed = Some(mode);
        file.findings.push(exposed(&name, mode));
    }
    match SigningKey::from_pem(&text) {
        Ok(key) => file.key = Some(key),
        Err(why) => file.findings.push(unusable(&name, &why)),
    }
    file
}

/// A warning only, because a file that comes from a backup or another machine often has such a mode; `send` refuses it.
fn exposed(name: &str, mode: u32) -> Finding {
    let message = format!("other users can read the key `{name}` (mode {mode:04o})");
    let hint = "`send` refuses it until `chmod 600` is run on it: anyone with the key can sign messages in your name";
    Finding::warning("exposed-dkim-key", message).hint(hint)
}

fn read(path: &Path) -> std::io::Result<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let file = std::fs::File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    let mut bytes = Vec::new();
    file.take(LARGEST_KEY_FILE).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), mode))
}

fn unread(name: &str, error: &std::io::Error) -> Finding {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => format!("the DKIM key `{name}` does not exist"),
        _ => format!(
            "cannot read the DKIM key `{name}`: {}",
            system::words(error)
        ),
    };
    Finding::warning("no-dkim-key", message)
        .hint(
            "`send` refuses without it: restore it from a backup, or copy it from a machine that sends; \
             `franking dkim keygen` generates a new one",
        )
}

fn unusable(name: &str, why: &KeyError) -> Finding {
    let message = format!("the DKIM key `{name}` cannot be used: {why}");
    let code = match why {
        KeyError::Short => "weak-dkim-key",
        _ => "bad-dkim-key",
    };
    let hint = match why {
        KeyError::Locked => "remove the passphrase: `openssl pkey -in FILE -out FILE`",
        _ => "`franking dkim keygen` creates a suitable one",
    };
    Finding::error(code, message).hint(hint)
}
