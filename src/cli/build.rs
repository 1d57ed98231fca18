//! `franking build ISSUE`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::compile::edition::Edition;
use crate::diag::counted;
use crate::util::fs;
use crate::web::preview::{self, Project};
use crate::workspace::{self, Built, Failure, Workspace, display_path};

/// What to build, and for whom.
#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// The issue, by name or file.
    #[arg(add = complete::issues())]
    issue: String,
    /// The output directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Personalise for this subscriber [default: a subscriber without attributes].
    #[arg(long = "as", value_name = "ADDRESS")]
    subscriber: Option<String>,
    /// Also write a report for reviewers: message, text and checks in one file, pictures included.
    #[arg(long)]
    html_report: bool,
}

pub(super) fn execute(arguments: &BuildArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let began = Instant::now();
    let sources = workspace.load()?;
    let name = workspace.issue_name(&arguments.issue)?;
    let compiled = super::compile(workspace, &sources, &name)?.compiled;
    let subscriber = workspace::find_subscriber(arguments.subscriber.as_deref(), &sources)?;
    let out = arguments.out.clone();
    let out = out.unwrap_or_else(|| workspace.build_directory(&name));
    let built = workspace::build(&compiled, &sources, &subscriber, &out)?;
    report_uploads(&built, &compiled.edition);
    if arguments.html_report {
        write_report(&out, &name, arguments.subscriber.as_deref(), workspace)?;
    }
    terminal::say(&summary(&built, &compiled.edition, began.elapsed()));
    Ok(super::print(&format!("{}\n", display_path(&out))))
}

/// `2026-11 in 31 ms: html 61000 bytes, …`
fn summary(built: &Built, edition: &Edition, took: Duration) -> String {
    let parts = &built.parts;
    format!(
        "{} in {} ms: html {} bytes, text {} bytes, {}, {}, message {} bytes, edition {}",
        edition.issue,
        took.as_millis(),
        parts.html.len(),
        parts.text.len(),
        counted(built.links(), "link"),
        counted(edition.pictures.len(), "picture"),
        built.message_size,
        &edition.digest()[..12]
    )
}

fn report_uploads(built: &Built, edition: &Edition) {
    if let (Some(root), Some(url)) = (&built.uploads, &edition.sender.web_url) {
        let count = counted(edition.linked.len(), "picture");
        let root = display_path(root);
        terminal::say(&format!(
            "{count} to upload: copy what is in {root} to {url}/"
        ));
    }
}

/// Writes the report for reviewers.
fn write_report(
    out: &Path,
    issue: &str,
    subscriber: Option<&str>,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let project = Project::new(&workspace.directory);
    let report = preview::share(&project, issue, subscriber.unwrap_or_default());
    let path = out.join(format!("{issue}.report.html"));
    let written = fs::write_whole(&path, report.unwrap_or_default().as_bytes());
    written.map_err(|error| {
        Failure::io(
            format!("`{}` cannot be written", display_path(&path)),
            &error,
        )
    })
}
