//! `franking doctor`

use std::net::SocketAddr;

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::preflight::{self, Check, CheckStatus, DnsServer};
use crate::util::escape;
use crate::workspace::{Failure, Workspace};

/// Which DNS server is asked, and how the result is printed.
#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Ask this DNS server instead of the system's.
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = preflight::parse_dns_server)]
    dns: Option<SocketAddr>,
    /// Skip the DNS checks.
    #[arg(long, conflicts_with = "dns")]
    no_dns: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &DoctorArguments, workspace: &Workspace) -> Result<Exit, Failure> {
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
        terminal::say(&report.summary());
    }
    Ok(match has_failures {
        true => Exit::Findings,
        false => Exit::Done,
    })
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
