//! The relay, visited as a send would visit it.

use super::report::Check;
use crate::campaign::smtp_transport;
use crate::delivery::{self, ProbeReport, SmtpTransport, TransportError};
use crate::newsletter::config::{self, Newsletter};
use crate::workspace::{Failure, Workspace, display_path};

/// One line each for the connection, TLS, the login and what is offered; one alone where it ends earlier, for the
/// relay's answer says where that was.
pub(super) fn checks(newsletter: &Newsletter, workspace: &Workspace) -> Vec<Check> {
    let Some(smtp) = &newsletter.smtp else {
        let outbox = workspace.state().join("outbox");
        let words = format!("none; letters become files in `{}`", display_path(&outbox));
        return vec![Check::ok("relay", words)];
    };
    let further = smtp.further.iter();
    let further = further.map(|relay| (relay, Some(relay.host.as_str())));
    let all = std::iter::once((&smtp.relay, None)).chain(further);
    all.flat_map(|(relay, credential)| of(relay, credential, workspace))
        .collect()
}

fn of(relay: &config::RelayConfig, credential: Option<&str>, workspace: &Workspace) -> Vec<Check> {
    let relay = match smtp_transport(relay, credential, workspace, false) {
        Ok(relay) => relay,
        Err(failure) => return vec![Check::failed("relay", &failure)],
    };
    match visit(&relay) {
        Ok(Ok(found)) => told(&relay, &found),
        Ok(Err(error)) => vec![refused(&error)],
        Err(failure) => vec![Check::failed("relay", &failure)],
    }
}

fn visit(relay: &SmtpTransport) -> Result<Result<ProbeReport, TransportError>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    Ok(runtime.block_on(delivery::probe(relay)))
}

fn refused(error: &TransportError) -> Check {
    let hint = match error {
        TransportError::Unreachable(_) | TransportError::Busy(_) => {
            "look at `host` and `port` of [smtp], or try again later; many networks let nobody out to port 25"
        }
        TransportError::Refused(_) => {
            "its own words say why; `tls`, `ca_file`, `user` and the password are matters of [smtp]"
        }
    };
    Check::fail("relay", error.to_string()).hint(hint)
}

fn told(relay: &SmtpTransport, found: &ProbeReport) -> Vec<Check> {
    let tls = match found.tls {
        Some(version) => format!("{version}; the certificate is trusted and bears the name"),
        None => "none; the relay is on this machine".to_owned(),
    };
    let login = match &relay.login {
        Some(login) => format!("taken as `{}`", login.user),
        None => "none is asked for".to_owned(),
    };
    vec![
        Check::ok("relay", format!("{} answers", relay.name())),
        Check::ok("tls", tls),
        Check::ok("login", login),
        extensions(found),
    ]
}

/// Nothing that is missing keeps letters from leaving; it makes them slower.
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
            check.hint("without CHUNKING every letter waits for the answer to the one before")
        }
        (false, _) => check.hint("without PIPELINING every letter costs several round trips"),
    }
}
