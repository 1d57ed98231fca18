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
    /// The file, which only its owner can read [default: standard output].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

pub(super) fn execute(arguments: &ExportArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let roster = super::open(workspace)?;
    match &arguments.out {
        Some(file) => export_to_file(&roster, arguments.format, file)?,
        None => {
            let mut out = Pages::default();
            export(&roster, arguments.format, &mut |part| out.push(part))?;
            out.end();
        }
    }
    Ok(Exit::Done)
}
