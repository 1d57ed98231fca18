//! The relays, connected as by a send.

use super::report::Check;
use crate::campaign::smtp_transport;
use crate::delivery::{self, ProbeReport, SmtpTransport, TransportError};
use crate::newsletter::config::{self, Newsletter};
use crate::workspace::{Failure, Workspace, display_path};

/// For each relay, a check of the connection, TLS, the login and the extensions; or a single one for the error.
pub(super) fn checks(newsletter: &Newsletter, workspace: &Workspace) -> Vec<Check> {
    let Some(smtp) = &newsletter.smtp else {
        let outbox = workspace.state().join("outbox");
        let words = format!("none; messages become files in `{}`", display_path(&outbox));
        return vec![Check::ok("relay", words)];
    };
    let further = smtp.further.iter();
    let further = further.map(|relay| (relay, Some(relay.host.as_str())));
    let all = std::iter::once((&smtp.relay, None)).chain(further);
    all.flat_map(|(relay, credential)| check(relay, credential, workspace))
        .collect()
}

fn check(
    relay: &config::RelayConfig,
    credential: Option<&str>,
    workspace: &Workspace,
) -> Vec<Check> {
    let relay = match smtp_transport(relay, credential, workspace, false) {
        Ok(relay) => relay,
        Err(failure) => return vec![Check::failed("relay", &failure)],
    };
    match probe(&relay) {
        Ok(Ok(found)) => probed(&relay, &found),
        Ok(Err(error)) => vec![refused(&error)],
        Err(failure) => vec![Check::failed("relay", &failure)],
    }
}

fn probe(relay: &SmtpTransport) -> Result<Result<ProbeReport, TransportError>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    Ok(runtime.block_on(delivery::probe(relay)))
}

fn refused(error: &TransportError) -> Check {
    Check::fail("relay", error.to_string()).hint(remedy(error))
}

fn remedy(error: &TransportError) -> &'static str {
    match error {
        TransportError::Unreachable(_) | TransportError::Busy(_) => {
            "check `host` and `port` in [smtp], or try again later; many networks block outgoing connections to port 25"
        }
        TransportError::Refused(_) => "`tls`, `ca_file`, `user` and the password are set in [smtp]",
    }
}

fn probed(relay: &SmtpTransport, found: &ProbeReport) -> Vec<Check> {
    let tls = match found.tls {
        Some(version) => format!("{version}; the certificate is trusted and matches the host"),
        None => "none; the relay is on this machine".to_owned(),
    };
    let login = match &relay.login {
        Some(login) => format!("accepted for `{}`", login.user),
        None => "not configured".to_owned(),
    };
    vec![
        Check::ok("relay", format!("{} is reachable", relay.name())),
        Check::ok("tls", tls),
        Check::ok("login", login),
        extensions(found),
    ]
}

/// Missing extensions make a send slower.
fn extensions(found: &ProbeReport) -> Check {
    let extensions = &found.extensions;
    let words = match extensions.offered.join(", ") {
        none if none.is_empty() => "none".to_owned(),
        offered => offered,
    };
    let check = Check::ok("extensions", words);
    match (extensions.pipelining, extensions.chunking) {
        (true, true) => check,
        (true, false) => {
            check.hint("without CHUNKING, each message waits for the reply to the previous one")
        }
        (false, _) => check.hint("without PIPELINING, each message takes several round trips"),
    }
}
