//! A new DKIM key for a newsletter.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Failure, FailureKind, Sources, Workspace, display_path};
use crate::dkim::{Algorithm, GenerateError, SigningKey};
use crate::newsletter::config::{Dkim, is_selector, signing_domain};
use crate::util::{escape, fs};

/// Which key is generated.
#[derive(Debug, Clone)]
pub struct DkimKeyOptions {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The selector; by default, that of `newsletter.toml` if its key is missing, otherwise a new one with the month.
    pub selector: Option<String>,
    /// The signing domain; by default, that of `newsletter.toml`, otherwise that of the sender's address.
    pub domain: Option<String>,
    /// The file, relative to the newsletter's directory; by default, that of `newsletter.toml`, otherwise `dkim.pem`.
    pub file: Option<PathBuf>,
    /// Overwrite an existing key.
    pub replace: bool,
}

/// A key that was generated.
#[derive(Debug)]
pub struct NewDkimKey {
    /// The settings that use it.
    pub settings: Dkim,
    /// Whether it has replaced another key.
    pub replaces: bool,
}

const EXISTS: &str = "`franking dkim record` prints its record; to generate another one, name another file with `--out`, or \
                      overwrite it with `--replace`";
const EXISTS_UNUSED: &str = "newsletter.toml does not use it yet: add the lines that `keygen` printed, or generate another \
                             one with `--replace`";

impl Workspace {
    /// Generates a DKIM key, writes it to its file, and returns the settings that use it.
    ///
    /// # Errors
    /// When an option is not valid, the file exists, a run uses the key that would be replaced, or the key cannot be
    /// generated or written.
    pub fn generate_dkim_key(
        &self,
        sources: &Sources,
        options: &DkimKeyOptions,
    ) -> Result<NewDkimKey, Failure> {
        let mut settings = self.settings_of_new_key(sources, options)?;
        let path = self.directory.join(&settings.key_file);
        let file = display_path(&path);
        let replaces = path.exists();
        if replaces && !options.replace {
            let message = format!("`{file}` exists already, and was not changed");
            return Err(Failure::new(FailureKind::Usage, message).hint(
                match sources.newsletter.dkim {
                    Some(_) => EXISTS,
                    None => EXISTS_UNUSED,
                },
            ));
        }
        // A run has read the old key, whose record is about to be removed from the DNS.
        let _lock = match replaces {
            true => self.lock_against_runs(sources, "dkim keygen")?,
            false => None,
        };
        let pem = options.algorithm.generate().map_err(not_generated)?;
        let key = SigningKey::from_pem(&pem).map_err(|error| {
            Failure::new(FailureKind::Usage, "the new key cannot be used").caused_by(&error)
        })?;
        fs::write_secret(&path, pem.as_bytes())
            .map_err(|error| Failure::io(format!("`{file}` cannot be written"), &error))?;
        settings.key = Some(Arc::new(key));
        Ok(NewDkimKey { settings, replaces })
    }

    /// Domain, selector and file of a new key: from the options, from `newsletter.toml`, or defaults. A second key gets
    /// another selector, because messages that were signed with the first are verified for days.
    fn settings_of_new_key(
        &self,
        sources: &Sources,
        options: &DkimKeyOptions,
    ) -> Result<Dkim, Failure> {
        let newsletter = &sources.newsletter;
        let named = newsletter.dkim.as_ref();
        let missing = named.filter(|dkim| !self.directory.join(&dkim.key_file).exists());
        let domain = match &options.domain {
            Some(text) => signing_domain(text).ok_or_else(|| invalid(text, "domain"))?,
            None => named.map_or_else(|| newsletter.from.address.domain(), |d| d.domain.clone()),
        };
        let selector = match (&options.selector, missing) {
            (Some(text), _) if !is_selector(text) => return Err(invalid(text, "selector")),
            (Some(text), _) => text.clone(),
            (None, Some(missing)) => missing.selector.clone(),
            (None, None) => {
                self.new_selector(options.algorithm, named.map(|dkim| dkim.selector.as_str()))
            }
        };
        let key_file = options.file.clone();
        let key_file = key_file.or_else(|| named.map(|dkim| dkim.key_file.clone()));
        Ok(Dkim {
            domain,
            selector,
            key_file: key_file.unwrap_or_else(|| PathBuf::from("dkim.pem")),
            key: None,
            exposed: None,
        })
    }

    /// The selector contains the month, so that old keys are recognized. It differs from the present one, whose record
    /// must remain until the messages in transit are verified.
    fn new_selector(&self, algorithm: Algorithm, present: Option<&str>) -> String {
        let month = self.now.strftime("%Y%m");
        let first = match algorithm {
            Algorithm::Rsa => format!("franking{month}"),
            Algorithm::Ed25519 => format!("franking{month}ed"),
        };
        let number = match present.and_then(|present| present.strip_prefix(&first)) {
            Some("") => Some(1),
            Some(rest) => rest.strip_prefix('-').and_then(|n| n.parse::<u32>().ok()),
            None => None,
        };
        match number {
            Some(number) => format!("{first}-{}", number.saturating_add(1)),
            None => first,
        }
    }
}

fn invalid(text: &str, what: &str) -> Failure {
    let message = format!("`{}` is not a valid {what}", escape::terminal(text));
    Failure::new(FailureKind::Usage, message)
}

fn not_generated(error: GenerateError) -> Failure {
    let failure = Failure::new(FailureKind::Usage, error.to_string());
    match &error {
        GenerateError::NoOpenssl(cause) => failure.caused_by(cause).hint(
            "install it, or generate the key on another machine: \
             `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`",
        ),
        GenerateError::NoRandomNumbers | GenerateError::OpensslFailed(..) => failure,
    }
}
