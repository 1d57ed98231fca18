//! `franking doctor`

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::preflight::{self, Check, CheckStatus, DnsServer, PreflightReport};
use crate::util::escape;
use crate::workspace::{Failure, Workspace};

/// Which DNS server is asked, and how the result is printed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Ask this DNS server instead of the system's.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = server)]
    dns: Option<SocketAddr>,
    /// Skip the DNS checks.
    #[arg(long, conflicts_with = "dns")]
    no_dns: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let dns = match arguments.dns {
        _ if arguments.no_dns => DnsServer::Skip,
        Some(server) => DnsServer::At(server),
        None => DnsServer::System,
    };
    let report = preflight::check(workspace, dns)?;
    let has_failures = report.count(CheckStatus::Fail) > 0;
    if arguments.json {
        let report = json!({ "ok": !has_failures, "checks": report.checks() });
        terminal::data(&format!("{report}\n"));
    } else {
        let lines = report.checks().iter().map(line);
        terminal::data(&lines.collect::<String>());
        terminal::say(&summary(&report));
    }
    Ok(match has_failures {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

/// `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`
fn server(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, 53));
    }
    text.parse()
        .map_err(|_| "expected an IP address, with or without a port".to_owned())
}

fn line(check: &Check) -> String {
    let status = match check.status {
        CheckStatus::Ok => "ok",
        CheckStatus::Warn => "warn",
        CheckStatus::Fail => "fail",
        CheckStatus::Skip => "skip",
    };
    let words = escape::terminal(&check.message);
    let mut line = format!("{status:<4}  {:<15}  {words}\n", check.name);
    if let Some(hint) = &check.hint {
        line.push_str(&format!("      hint: {}\n", escape::terminal(hint)));
    }
    line
}

/// `no problems found`, `1 failure, 2 warnings`
fn summary(report: &PreflightReport) -> String {
    let kinds = [
        (CheckStatus::Fail, "failure"),
        (CheckStatus::Warn, "warning"),
    ];
    let counts = kinds.map(|(status, noun)| (report.count(status), noun));
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(count, noun)).collect();
    match counts.is_empty() {
        true => "no problems found".to_owned(),
        false => counts.join(", "),
    }
}
