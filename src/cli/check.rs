//! `franking check [ISSUE…]`

use clap::{Args, ValueEnum};

use crate::campaign::{self, CheckedIssues};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::{self, Findings, Severity, counted};
use crate::workspace::{Failure, Warned, Workspace};

/// Which issues are checked, and how the findings are printed.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Issues by name or file [default: all].
    #[arg(add = complete::issues())]
    issues: Vec<String>,
    /// The output format.
    #[arg(long, value_enum, default_value_t = OutputFormat::Human)]
    format: OutputFormat,
    /// Exit with code 1 for these too.
    #[arg(long, value_name = "WHAT")]
    deny: Option<Denied>,
    /// Also request every link, and report broken ones. No other command requests links.
    #[arg(long)]
    links: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// Text with the line, a marker and a hint, on stderr.
    Human,
    /// One JSON document on stdout.
    Json,
    /// SARIF 2.1.0 on stdout, for editors and code hosts.
    Sarif,
    /// Annotations for GitHub Actions on stdout.
    Github,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Denied {
    /// Warnings.
    Warnings,
}

pub(super) fn execute(arguments: &CheckArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load_to_check()?;
    let mut checked = campaign::check_issues(workspace, &sources, &arguments.issues)?;
    terminal::warned(Warned {
        value: (),
        warnings: std::mem::take(&mut checked.warnings),
    });
    if arguments.links {
        let links = counted(checked.links.len(), "link");
        terminal::say(&format!("visiting {links}"));
        campaign::check_links(&checked.links, &mut checked.findings);
    }
    let allow = &sources.newsletter.allow;
    let allowed = checked.findings.allow(|code| allow.contains_key(code));
    print(&checked.findings, arguments.format);
    terminal::notes();
    terminal::say(&summary(&checked, allowed));
    // After the findings, which are useful in any case.
    if let Some(error) = checked.ledger_error {
        return Err(error);
    }
    let findings = &checked.findings;
    let is_denied = arguments.deny.is_some() && findings.count(Severity::Warning) > 0;
    Ok(match findings.has_errors() || is_denied {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

fn print(findings: &Findings, format: OutputFormat) {
    match format {
        OutputFormat::Human => terminal::findings(findings),
        OutputFormat::Json => terminal::data(&format!("{}\n", diag::json(findings))),
        OutputFormat::Sarif => terminal::data(&format!("{}\n", diag::sarif(findings))),
        OutputFormat::Github => terminal::data(&diag::github(findings)),
    }
}

/// `2 issues and 25 subscribers checked: 1 error`
fn summary(checked: &CheckedIssues, allowed: usize) -> String {
    let issues = counted(checked.names.len(), "issue");
    let subscribers = counted(checked.census.subscribers, "subscriber");
    let findings = checked.findings.summary();
    let allowed = match allowed {
        0 => String::new(),
        n => format!(" ({n} allowed by newsletter.toml)"),
    };
    format!("{issues} and {subscribers} checked: {findings}{allowed}")
}
