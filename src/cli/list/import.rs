//! `franking list import FILE…`

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{self, ImportEvents, ImportProgress, ImportRequest};
use crate::subscriber::Status;
use crate::subscriber::import::{
    Encoding, Field, ImportOptions, parse_date, parse_encoding, parse_format, parse_map,
    parse_status,
};
use crate::workspace::{Failure, Workspace};

/// What to import, and what the files do not say.
#[derive(Debug, Clone, Args)]
pub(super) struct ImportArguments {
    /// The exports of other systems, `subscribers.toml`, or any CSV file with --map.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The format, if it is not recognised by the columns.
    #[arg(long, value_parser = parse_format)]
    format: Option<String>,
    /// The field of a column; may be repeated.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = parse_map)]
    map: Vec<(String, Field)>,
    /// The status of every row of a file that has no status.
    #[arg(long, value_parser = parse_status)]
    status: Option<Status>,
    /// The encoding, if it is not recognised.
    #[arg(long, value_parser = parse_encoding)]
    encoding: Option<&'static Encoding>,
    /// Import a file that does not show who left.
    #[arg(long)]
    without_opt_outs: bool,
    /// Where and how the people agreed, for files without evidence of consent.
    #[arg(long, value_name = "TEXT")]
    consent_source: Option<String>,
    /// When they agreed.
    #[arg(long, value_name = "DATE", requires = "consent_source", value_parser = parse_date)]
    consent_at: Option<String>,
    /// Show the result without changing the list.
    #[arg(long)]
    dry_run: bool,
    /// Write every duplicate and rejected row to a CSV file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    report: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &ImportArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load_for_list()?;
    let bar = terminal::ReadingProgress::begin();
    let mut events = ImportEvents {
        warn: &mut terminal::warn_once,
        progress: &mut |progress| match progress {
            ImportProgress::Read { line, of } => bar.show(line, of),
            ImportProgress::Merging => bar.work("changing the list"),
        },
    };
    let imported = roster::import(workspace, &sources, &request(arguments), &mut events);
    bar.end();
    let mut report = terminal::warned(imported?);
    match arguments.json {
        true => drop(crate::cli::print(&format!("{}\n", report.json()))),
        false if terminal::is_quiet() => {}
        false => drop(crate::cli::print(&report.text())),
    }
    match (report.take_unwritten(), report.is_complete()) {
        (Some(failure), _) => Err(failure),
        (None, true) => Ok(Exit::Done),
        (None, false) => Ok(Exit::Findings),
    }
}

fn request(arguments: &ImportArguments) -> ImportRequest {
    let arguments = arguments.clone();
    ImportRequest {
        files: arguments.files,
        options: ImportOptions {
            format: arguments.format,
            map: arguments.map,
            status: arguments.status,
            encoding: arguments.encoding,
            without_opt_outs: arguments.without_opt_outs,
            consent_source: arguments.consent_source,
            consent_at: arguments.consent_at,
        },
        is_dry_run: arguments.dry_run,
        report: arguments.report,
    }
}
