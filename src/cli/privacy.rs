//! `franking privacy`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{ColumnsOfStore, PrivacyNotice};
use crate::workspace::{Failure, Workspace};

/// In which form, and in which language.
#[derive(Debug, Args)]
pub(super) struct PrivacyArguments {
    /// The language of the text: ar, de, en, es, fr, he, it, nl or pt [default: that of the newsletter].
    #[arg(long, value_name = "TAG", conflicts_with = "columns")]
    language: Option<String>,
    /// Print HTML, for a page of a web site [default: Markdown].
    #[arg(long, conflicts_with_all = ["json", "columns"])]
    html: bool,
    /// Print each column of the store instead: what it has, why, and until when.
    #[arg(long)]
    columns: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(
    arguments: &PrivacyArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    terminal::findings(&sources.findings);
    if arguments.columns {
        let columns = ColumnsOfStore::of(&sources.newsletter);
        return Ok(super::print(&match arguments.json {
            true => format!("{}\n", columns.json()),
            false => columns.text(),
        }));
    }
    let language = arguments.language.as_deref();
    let notice = PrivacyNotice::of(workspace, &sources.newsletter, language)?;
    notice
        .warnings
        .iter()
        .for_each(|warning| terminal::warning(warning));
    Ok(super::print(&match (arguments.json, arguments.html) {
        (true, _) => format!("{}\n", notice.json()),
        (_, true) => notice.html(),
        _ => notice.markdown(),
    }))
}
