//! The settings with which a campaign is sent: relays with passwords and limits, the key, and the signer.

use std::path::PathBuf;

use crate::delivery::{
    FileTransport, ListWatch, RateLimiter, Retry, RouteConfig, SmtpTransport, Timeouts, Transport,
};
use crate::dkim::Signer;
use crate::newsletter::config::{Newsletter, RelayConfig, SecretError, TlsMode, is_this_machine};
use crate::smtp::Credentials;
use crate::store::QuotaLimits;
use crate::subscriber::TokenKeys;
use crate::util::key::Key;
use crate::util::tls::{self, NoAuthorities};
use crate::util::{clock, escape};
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// Everything that a run needs in addition to the frozen campaign.
pub struct Routes {
    /// The relays, or the outbox.
    pub routes: Vec<RouteConfig>,
    /// How many messages are in flight over one connection.
    pub window: usize,
    /// The rates of recipient domains.
    pub domain_rates: RateLimiter,
    /// When a delivery is tried again.
    pub retry: Retry,
    /// The key of Message-IDs.
    pub key: Key,
    /// The keys of unsubscribe tokens.
    pub token_keys: TokenKeys,
    /// The DKIM signer; `None` if messages are not signed here.
    pub signer: Option<Signer>,
    /// The key of the one address to which the run is limited.
    pub only: Option<String>,
    /// Watches the list for recipients who leave during the run.
    pub list: Option<ListWatch>,
    /// Whether the list in the store decides who has left since the campaign began.
    pub follows_list: bool,
    /// Whether any number of refusals is accepted.
    pub believes_refusals: bool,
    /// The marker of the ledger; `None` for demonstrations and rehearsals.
    pub marker: Option<PathBuf>,
}

impl Routes {
    /// Routes without limits, suppressions by refusals, or a marker.
    pub fn new(routes: Vec<RouteConfig>, key: Key, retry: Retry) -> Self {
        Self {
            routes,
            window: 1,
            domain_rates: RateLimiter::default(),
            retry,
            token_keys: TokenKeys::first(key.clone()),
            key,
            signer: None,
            only: None,
            list: None,
            follows_list: false,
            believes_refusals: false,
            marker: None,
        }
    }

    /// The routes that the settings configure: the relays, or the outbox of `issue`.
    ///
    /// # Errors
    /// If a password, the key or the signing key cannot be read, or a relay would be used without TLS.
    pub fn configured(
        workspace: &Workspace,
        sources: &Sources,
        issue: &str,
        allow_plaintext: bool,
    ) -> Result<Self, Failure> {
        let newsletter = &sources.newsletter;
        let smtp = newsletter.smtp.as_ref();
        let outbox = workspace.outbox(issue);
        let routes = routes(newsletter, workspace, outbox, allow_plaintext)?;
        let key = workspace.key(smtp.is_none())?;
        Ok(Self {
            window: smtp.map_or(1, |smtp| smtp.window),
            token_keys: workspace.token_keys(&key)?,
            domain_rates: domain_rates(newsletter),
            signer: signer(newsletter)?,
            // A later send need not use the ledger of a rehearsal.
            marker: smtp.map(|_| workspace.marker()),
            ..Self::new(routes, key, Retry::NORMAL)
        })
    }
}

fn routes(
    newsletter: &Newsletter,
    workspace: &Workspace,
    outbox: PathBuf,
    allow_plaintext: bool,
) -> Result<Vec<RouteConfig>, Failure> {
    let relay = first_relay(newsletter, workspace, allow_plaintext)?;
    let first = match relay {
        Some(relay) => Transport::Smtp(relay),
        None => Transport::File(FileTransport { folder: outbox }),
    };
    let Some(smtp) = &newsletter.smtp else {
        return Ok(vec![RouteConfig::unlimited(first, 1)]);
    };
    let mut first = Some(first);
    let routes = smtp.relays().map(|(relay, connections)| {
        let further = || {
            let credential = Some(relay.host.as_str());
            smtp_transport(relay, credential, workspace, allow_plaintext).map(Transport::Smtp)
        };
        Ok(RouteConfig {
            transport: first.take().map_or_else(further, Ok)?,
            connections,
            rate: relay.rate,
            quota: quota(relay),
        })
    });
    routes.collect()
}

/// The signer of `[dkim]`, if it is configured.
///
/// # Errors
/// If the key cannot be read, because messages must not be sent without the configured signature, or if other users can
/// read it.
pub fn signer(newsletter: &Newsletter) -> Result<Option<Signer>, Failure> {
    let Some(dkim) = &newsletter.dkim else {
        return Ok(None);
    };
    let file = escape::terminal(&dkim.key_file.to_string_lossy());
    if let Some(mode) = dkim.exposed {
        let message = format!(
            "the DKIM key `{file}` is refused because other users can read it (mode {mode:04o})"
        );
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "run `chmod 600` on it; if a stranger may have read it, generate another one: `franking dkim keygen --replace`",
        ));
    }
    dkim.signer().map(Some).ok_or_else(|| {
        let message = format!("there is no key `{file}` to sign with");
        Failure::new(FailureKind::Usage, message).hint(
            "restore it from a backup, or copy it from a machine that sends; `franking dkim keygen` generates a new one; \
             without [dkim] the relay may sign",
        )
    })
}

/// The first relay, if one is configured.
pub(super) fn first_relay(
    newsletter: &Newsletter,
    workspace: &Workspace,
    allow_plaintext: bool,
) -> Result<Option<SmtpTransport>, Failure> {
    require_real_clock(newsletter)?;
    let smtp = newsletter.smtp.as_ref();
    let relay = smtp.map(|smtp| smtp_transport(&smtp.relay, None, workspace, allow_plaintext));
    relay.transpose()
}

/// A relay with its password; `credential` is the host that names its systemd credential.
///
/// # Errors
/// If the password or `ca_file` cannot be read, or the relay would be used without TLS.
pub fn smtp_transport(
    relay: &RelayConfig,
    credential: Option<&str>,
    workspace: &Workspace,
    allow_plaintext: bool,
) -> Result<SmtpTransport, Failure> {
    if !allow_plaintext {
        require_tls(relay)?;
    }
    let ca_file = relay.ca_file.as_ref();
    let ca_file = ca_file.map(|path| workspace.directory.join(path));
    if let Some(path) = ca_file.as_ref().filter(|_| relay.tls != TlsMode::None) {
        tls::check_authorities(path).map_err(|error| no_authorities(&error))?;
    }
    Ok(SmtpTransport {
        host: relay.host.clone(),
        port: relay.port,
        tls: relay.tls,
        ca_file,
        login: credentials(relay, credential, workspace)?,
        timeouts: Timeouts::of_build(),
    })
}

/// Refuses to send to another machine without TLS.
fn require_tls(relay: &RelayConfig) -> Result<(), Failure> {
    let host = &relay.host;
    if relay.tls != TlsMode::None || is_this_machine(host) {
        return Ok(());
    }
    let message = format!("`tls = \"none\"` would send everything in the clear to {host}");
    Err(Failure::new(FailureKind::Usage, message).hint(
        "set `tls = \"starttls\"` or `\"implicit\"`; `--allow-plaintext` overrides this check",
    ))
}

fn no_authorities(error: &NoAuthorities) -> Failure {
    Failure::new(FailureKind::Usage, error.to_string()).hint(
        "correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority",
    )
}

fn credentials(
    relay: &RelayConfig,
    credential: Option<&str>,
    workspace: &Workspace,
) -> Result<Option<Credentials>, Failure> {
    let Some((user, source)) = &relay.login else {
        return Ok(None);
    };
    let password = source.fetch(&workspace.directory, credential);
    let password = password.map_err(|error| no_password(&error))?;
    Ok(Some(Credentials {
        user: user.clone(),
        password,
        secret: relay.secret,
    }))
}

/// The error for a password that cannot be used. An error with a hint, such as that other users can read the file, is shown
/// as it is.
fn no_password(error: &SecretError) -> Failure {
    match error.hint() {
        Some(hint) => Failure::new(FailureKind::Usage, error.to_string()).hint(hint),
        None => {
            Failure::new(FailureKind::Usage, "there is no password for the relay").caused_by(error)
        }
    }
}

/// Refuses to send mail to another machine with `FRANKING_NOW`, which is for tests of a schedule.
fn require_real_clock(newsletter: &Newsletter) -> Result<(), Failure> {
    let mut relays = newsletter.smtp.iter().flat_map(|smtp| smtp.relays());
    let Some((relay, _)) = relays.find(|(relay, _)| !is_this_machine(&relay.host)) else {
        return Ok(());
    };
    if !clock::is_set() {
        return Ok(());
    }
    let host = escape::terminal(&relay.host);
    let message = format!("FRANKING_NOW is set, and the relay `{host}` is not on this machine");
    Err(Failure::new(FailureKind::Usage, message)
        .hint("nothing was sent; unset FRANKING_NOW, or configure a relay on loopback"))
}

fn domain_rates(newsletter: &Newsletter) -> RateLimiter {
    let domains = newsletter.smtp.iter().flat_map(|smtp| &smtp.per_domain);
    RateLimiter::new(None, domains.map(|(name, rate)| (name.clone(), *rate)))
}

/// The daily quota of a relay and its warm-up.
pub fn quota(relay: &RelayConfig) -> QuotaLimits {
    QuotaLimits {
        daily: relay.daily,
        warm_up: relay.warm_up.clone(),
    }
}
