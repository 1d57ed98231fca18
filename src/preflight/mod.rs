//! Checks of everything that a send needs, including the relay and the DNS. They send no mail.
//!
//! The checks use the same code as a send before its first message. They change nothing, except that they create the
//! tables of a new ledger on a database server.

mod clock;
mod disk;
pub mod dns;
mod relay;
mod report;
mod sender;
mod signing;
mod state;

pub use report::{Check, CheckStatus, PreflightReport};

use std::net::{IpAddr, SocketAddr};

use crate::diag::{Finding, Findings, Severity};
use crate::newsletter::config::{self, Newsletter};
use crate::workspace::{Failure, Workspace};

/// The DNS server for the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsServer {
    /// The servers of the system's configuration.
    System,
    /// The server at this address.
    At(SocketAddr),
    /// None: the DNS checks are skipped.
    Skip,
}

/// Runs all checks. If the settings have errors, only the settings and the state are checked.
///
/// # Errors
/// If the directory has no `newsletter.toml`.
pub fn check(workspace: &Workspace, dns: DnsServer) -> Result<PreflightReport, Failure> {
    let mut findings = Findings::new();
    let read = config::read(workspace.require_newsletter()?, &mut findings);
    let newsletter = read.unwrap_or_else(|gaps| *gaps);
    findings.allow(|code| newsletter.allow.contains_key(code));
    let (keys, others): (Vec<&Finding>, Vec<&Finding>) = findings
        .sorted()
        .into_iter()
        .partition(|finding| signing::is_about(finding));
    let mut report = PreflightReport::default();
    report.extend([settings(&others, &newsletter)]);
    report.extend(state::checks(workspace));
    if report.has_failed(config::FILE) {
        return Ok(report);
    }
    report.extend(local_checks(workspace, &newsletter, &keys));
    report.extend(relay::checks(&newsletter, workspace));
    report.extend(match dns {
        DnsServer::System => sender::checks(&newsletter, None),
        DnsServer::At(server) => sender::checks(&newsletter, Some(server)),
        DnsServer::Skip => Vec::new(),
    });
    Ok(report)
}

/// The checks that use no network, apart from a ledger on a database server.
fn local_checks(workspace: &Workspace, newsletter: &Newsletter, keys: &[&Finding]) -> Vec<Check> {
    let mut checks = vec![state::ledger(workspace, newsletter)];
    checks.extend(disk::check(workspace, newsletter));
    checks.push(clock::check(workspace, newsletter));
    checks.extend(signing::checks(keys, newsletter));
    checks
}

fn settings(findings: &[&Finding], newsletter: &Newsletter) -> Check {
    let first = |severity| {
        let mut matching = findings.iter().filter(move |f| f.severity == severity);
        matching.next().map(|first| first.message.clone())
    };
    let hint = "`franking check` shows all findings with their locations";
    if let Some(first) = first(Severity::Error) {
        let words =
            format!("{first}; the ledger, the DKIM key, the relay and the DNS were not checked");
        return Check::fail(config::FILE, words).hint(hint);
    }
    match first(Severity::Warning) {
        Some(first) => Check::warn(config::FILE, first).hint(hint),
        None => Check::ok(config::FILE, format!("from {}", newsletter.from.address)),
    }
}

/// Parses the address of a DNS server: `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`.
///
/// # Errors
/// If `text` is not an IP address, with or without a port.
pub fn parse_dns_server(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, 53));
    }
    text.parse()
        .map_err(|_| "expected an IP address, with or without a port".to_owned())
}
