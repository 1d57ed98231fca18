//! `franking check [ISSUE…]`

use clap::Args;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::{issue, load, terminal};

/// Which issues to check.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Issues by name or file; all of them where none is named.
    issues: Vec<String>,
}

pub(super) fn execute(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let names = match arguments.issues.as_slice() {
        [] => issue::names(&context.folder),
        named => named
            .iter()
            .map(|name| context.issue_name(name))
            .collect::<Result<_, _>>()?,
    };
    let folder = context.load()?;
    let mut findings = folder.findings.clone();
    for name in &names {
        load::issue(&context.folder, &folder, name, &mut findings);
    }
    terminal::findings(&findings);
    let issues = if names.len() == 1 {
        "1 issue".to_owned()
    } else {
        format!("{} issues", names.len())
    };
    terminal::say(&format!(
        "{issues} and {} readers checked: {}",
        folder.list.readers.len(),
        findings.summary()
    ));
    Ok(if findings.has_errors() {
        Exit::Findings
    } else {
        Exit::Done
    })
}
