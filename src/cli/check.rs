//! `franking check [ISSUE…]`

use clap::{Args, ValueEnum};

use crate::campaign::schedule;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::{self, Finding, Findings, Severity, counted};
use crate::linkcheck::{Reach, Visit, visit};
use crate::newsletter::issue;
use crate::newsletter::issue::{IssueIdentity, LinkSource};
use crate::placeholder;
use crate::store::{Store, StoreError};
use crate::subscriber::Census;
use crate::util::escape;
use crate::workspace::{self, Compiled, Failure, Sources, Workspace};

/// Which issues are checked, and how the findings are printed.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Issues by name or file [default: all].
    issues: Vec<String>,
    /// The output format.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Exit with code 1 for these too.
    #[arg(long, value_name = "WHAT")]
    deny: Option<Denied>,
    /// Also request every link, and report broken ones. No other command requests links.
    #[arg(long)]
    links: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
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

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load_to_check()?;
    let names = names(arguments, workspace)?;
    let mut findings = sources.findings.clone();
    let (compiled, census) =
        workspace::issues(&workspace.directory, &sources, &names, &mut findings);
    let store = workspace.ledger_to_read(&sources).map(terminal::warned);
    if arguments.issues.is_empty() {
        issue::report_strays(&workspace.directory, &mut findings);
    }
    let sent = match &store {
        Ok(Some(store)) => report_sent(
            workspace,
            &sources,
            store,
            compiled.iter().flatten(),
            &mut findings,
        )?,
        _ => Vec::new(),
    };
    report_copies(workspace, &sources, (&names, &sent), &mut findings);
    findings.drop_repeated();
    if arguments.links {
        let compiled = compiled.into_iter().flatten();
        let links: Vec<LinkSource> = compiled.flat_map(|c| c.issue.source_map.links).collect();
        visit_all(&links, &mut findings);
    }
    let allow = &sources.newsletter.allow;
    let allowed = findings.allow(|code| allow.contains_key(code));
    tell(&findings, arguments.format);
    terminal::notes();
    terminal::say(&summary(&names, &census, &findings, allowed));
    // After the findings, which are useful in any case: a send would fail with this error.
    store?;
    let is_denied = arguments.deny.is_some() && findings.count(Severity::Warning) > 0;
    Ok(if findings.has_errors() || is_denied {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// Reports the issues among `names` that are copies of others, or have copies. Copies among `sent` are reported already.
fn report_copies(
    workspace: &Workspace,
    sources: &Sources,
    (names, sent): (&[String], &[String]),
    findings: &mut Findings,
) {
    let all = issue::names(&workspace.directory);
    let copies = schedule::of_files(&workspace.directory, sources, &all).into_iter();
    let copies =
        copies.filter(|copy| names.contains(&copy.head.name) || names.contains(&copy.original));
    let copies = copies.filter(|copy| !sent.contains(&copy.head.name));
    copies.for_each(|copy| findings.push(copy.finding()));
}

/// Reports the issues that have no campaign of their own and were sent as another issue, and returns their names.
fn report_sent<'a>(
    workspace: &Workspace,
    sources: &Sources,
    store: &Store,
    issues: impl Iterator<Item = &'a Compiled>,
    findings: &mut Findings,
) -> Result<Vec<String>, StoreError> {
    let mut sent = Vec::new();
    for compiled in issues {
        if store.send_of(&compiled.issue.name)?.is_none()
            && let Some(earlier) =
                schedule::of_campaigns(&workspace.directory, store, compiled, &sources.newsletter)?
        {
            findings.push(earlier.finding(&IssueIdentity::of(&compiled.issue)));
            sent.push(compiled.issue.name.clone());
        }
    }
    Ok(sent)
}

/// Whether a link is the same for all recipients. Personalized links are not requested.
fn visit_all(links: &[LinkSource], findings: &mut Findings) {
    let visited: Vec<&LinkSource> = links
        .iter()
        .filter(|link| link.url.starts_with("http") && !placeholder::has_mark(&link.url))
        .collect();
    let urls: Vec<String> = visited.iter().map(|link| link.url.clone()).collect();
    terminal::say(&format!("visiting {}", counted(urls.len(), "link")));
    for (link, visit) in visited.iter().zip(visit(&urls, Reach::Public)) {
        let why = match visit {
            Visit::Found => continue,
            Visit::Status(status) => format!("the server answers {status}"),
            Visit::Failed(why) => escape::terminal(&why),
        };
        let message = format!("this link leads nowhere: {why}");
        findings.push(Finding::warning("dead-link", message).at(link.place.clone()));
    }
}

fn names(arguments: &Arguments, workspace: &Workspace) -> Result<Vec<String>, Failure> {
    match arguments.issues.as_slice() {
        [] => Ok(issue::names(&workspace.directory)),
        named => named
            .iter()
            .map(|name| workspace.issue_name(name))
            .collect(),
    }
}

fn tell(findings: &Findings, format: Format) {
    match format {
        Format::Human => terminal::findings(findings),
        Format::Json => terminal::data(&format!("{}\n", diag::json(findings))),
        Format::Sarif => terminal::data(&format!("{}\n", diag::sarif(findings))),
        Format::Github => terminal::data(&diag::github(findings)),
    }
}

/// `2 issues and 25 subscribers checked: 1 error`
fn summary(names: &[String], census: &Census, findings: &Findings, allowed: usize) -> String {
    let issues = counted(names.len(), "issue");
    let subscribers = counted(census.subscribers, "subscriber");
    let told = findings.summary();
    let allowed = match allowed {
        0 => String::new(),
        n => format!(" ({n} allowed by newsletter.toml)"),
    };
    format!("{issues} and {subscribers} checked: {told}{allowed}")
}
