//! `franking explain CODE`

use clap::Args;

use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::diag::{Explanation, codes, explain, nearest};
use crate::roster::{explain_import, import_codes};
use crate::util::escape;
use crate::workspace::{Failure, FailureKind};

/// Which code.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The code, such as `unknown-key` [default: list all codes].
    #[arg(add = complete::finding_codes())]
    code: Option<String>,
}

pub(super) fn execute(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let Some(code) = &arguments.code else {
        let lines = codes().map(|code| format!("{code}\n"));
        return Ok(super::print(&lines.collect::<String>()));
    };
    if let Some(text) = explain_import(code) {
        return Ok(super::print(&textwrap::fill(&text, 78)));
    }
    let Some(explanation) = explain(code) else {
        let message = format!("unknown finding code `{}`", escape::terminal(code));
        let hint = match nearest(code, codes().chain(import_codes())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`franking explain` lists all codes".to_owned(),
        };
        return Err(Failure::new(FailureKind::Usage, message).hint(hint));
    };
    let Explanation {
        severity,
        means,
        fix,
    } = explanation;
    let text = format!("{code} ({severity})\n\n{means}\n\n{fix}\n");
    Ok(super::print(&textwrap::fill(&text, 78)))
}
