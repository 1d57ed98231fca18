//! `franking list export`

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::diag::counted;
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
    let hashes = match &arguments.out {
        Some(file) => export_to_file(&roster, arguments.format, file)?,
        None => {
            let mut out = Pages::default();
            let hashes = export(&roster, arguments.format, &mut |part| out.push(part))?;
            out.end();
            hashes
        }
    };
    if hashes > 0 {
        terminal::warning(&format!(
            "{} of forgotten people not exported, because the store has only hashes of the addresses",
            counted(hashes as usize, "suppression")
        ));
    }
    Ok(Exit::Done)
}
