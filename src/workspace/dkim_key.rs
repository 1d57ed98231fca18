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

impl Workspace {
    /// Generates a DKIM key, writes it to its file, and returns the settings that use it.
    ///
    /// # Errors
    /// When an option is not valid, the file exists, or the key cannot be generated or written.
    pub fn generate_dkim_key(
        &self,
        sources: &Sources,
        options: &DkimKeyOptions,
    ) -> Result<Dkim, Failure> {
        let mut settings = self.settings_of_new_key(sources, options)?;
        let path = self.directory.join(&settings.key_file);
        let file = display_path(&path);
        if path.exists() && !options.replace {
            let message = format!("`{file}` exists already, and was not changed");
            return Err(Failure::new(FailureKind::Usage, message).hint(
                "name another file with `--out`, or use `--replace`, after which messages in transit cannot be verified any more",
            ));
        }
        let pem = options.algorithm.generate().map_err(not_generated)?;
        let key = SigningKey::from_pem(&pem).map_err(|error| {
            Failure::new(FailureKind::Usage, "the new key cannot be used").caused_by(&error)
        })?;
        fs::write_secret(&path, pem.as_bytes())
            .map_err(|error| Failure::io(format!("`{file}` cannot be written"), &error))?;
        settings.key = Some(Arc::new(key));
        Ok(settings)
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
            (None, None) => self.new_selector(options.algorithm),
        };
        let key_file = options.file.clone();
        let key_file = key_file.or_else(|| named.map(|dkim| dkim.key_file.clone()));
        Ok(Dkim {
            domain,
            selector,
            key_file: key_file.unwrap_or_else(|| PathBuf::from("dkim.pem")),
            key: None,
        })
    }

    /// The selector contains the month, so that old keys are recognized.
    fn new_selector(&self, algorithm: Algorithm) -> String {
        let month = self.now.strftime("%Y%m");
        match algorithm {
            Algorithm::Rsa => format!("franking{month}"),
            Algorithm::Ed25519 => format!("franking{month}ed"),
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
