//! `franking list export`

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit::Exit;
use crate::cli::terminal::Pages;
use crate::roster::{ExportTo, export, export_to_file};
use crate::workspace::{Failure, Workspace};

/// In which format, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// `csv`, or `jsonl`: one JSON object a line.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: ExportTo,
    /// Print one JSON object a line, as `--format jsonl` does.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// The file, which only its owner can read [default: standard output].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

pub(super) fn execute(arguments: &ExportArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let roster = super::open(workspace)?;
    let format = match arguments.json {
        true => ExportTo::JsonLines,
        false => arguments.format,
    };
    match &arguments.out {
        Some(file) => export_to_file(workspace, &roster, (format, file))?,
        None => {
            let mut out = Pages::default();
            export(&roster, format, &mut |part| out.push(part))?;
            out.end();
        }
    }
    Ok(Exit::Done)
}
