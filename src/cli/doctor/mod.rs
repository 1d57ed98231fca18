//! `franking doctor`: whether a send would find everything that it needs.
//!
//! It goes where a send goes before the first letter, with the same code, and no further: nothing is mailed, and
//! nothing is left behind but the tables that a new store on a server is opened with. Beyond that it asks what hosts
//! ask behind a send: what the DNS says of the sender.

mod clock;
mod disk;
mod dns;
mod relay;
mod report;
mod signing;
mod state;

use std::net::{IpAddr, SocketAddr};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::{Finding, Findings, Severity};
use crate::newsletter::config::{self, Newsletter};
use crate::workspace::{Failure, Workspace};
use report::{Check, Report};

/// How it is told.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The DNS server to ask, instead of the system's.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = server)]
    dns: Option<SocketAddr>,
    /// Leave the DNS alone.
    #[arg(long, conflicts_with = "dns")]
    no_dns: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let report = examine(arguments, workspace)?;
    if arguments.json {
        terminal::data(&format!("{}\n", report.json()));
    } else {
        terminal::data(&report.lines());
        terminal::say(&report.summary());
    }
    Ok(if report.has_faults() {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// What newsletter.toml is silent about has a default; of what it says wrongly nothing can be examined.
fn examine(arguments: &Arguments, workspace: &Workspace) -> Result<Report, Failure> {
    let mut findings = Findings::new();
    let read = config::read(workspace.require_newsletter()?, &mut findings);
    let newsletter = read.unwrap_or_else(|gaps| *gaps);
    let allow = &newsletter.allow;
    findings.allow(|code| allow.contains_key(code));
    let (keys, others): (Vec<&Finding>, Vec<&Finding>) = findings
        .sorted()
        .into_iter()
        .partition(|finding| signing::is_about(finding));
    let mut report = Report::default();
    report.push(settings(&others, &newsletter));
    report.extend(state::checks(workspace));
    if !report.has_faults_in(config::FILE) {
        report.push(state::ledger(workspace, &newsletter));
        report.extend(disk::check(workspace, &newsletter).into_iter().collect());
        report.push(clock::check(workspace, &newsletter));
        report.extend(signing::checks(&keys, &newsletter));
        report.extend(relay::checks(&newsletter, workspace));
        if !arguments.no_dns {
            report.extend(dns::checks(&newsletter, arguments.dns));
        }
    }
    Ok(report)
}

/// `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`
fn server(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, 53));
    }
    text.parse()
        .map_err(|_| "an address is wanted, with a port behind it or without".to_owned())
}

fn settings(findings: &[&Finding], newsletter: &Newsletter) -> Check {
    let of = |severity| {
        let mut matching = findings.iter().filter(move |f| f.severity == severity);
        matching.next().map(|first| first.message.clone())
    };
    let hint = "`franking check` says everything that is wrong, and where";
    if let Some(first) = of(Severity::Error) {
        let words = format!("{first}; ledger, key and relay were not examined");
        return Check::fail(config::FILE, words).hint(hint);
    }
    match of(Severity::Warning) {
        Some(first) => Check::warn(config::FILE, first).hint(hint),
        None => Check::ok(config::FILE, format!("from {}", newsletter.from.address)),
    }
}
