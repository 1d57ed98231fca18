//! `franking demo`: a complete send on this machine.

use std::sync::Arc;

use clap::Args;

use super::send::{Agreement, Printer, report};
use crate::campaign::{Demo, Events};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::simulator::DemoFaults;
use crate::workspace::{self, Failure, Workspace, display_path};

/// The arguments of `franking demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Delete the last demonstration and start over.
    #[arg(long)]
    again: bool,
}

pub(super) fn execute(
    arguments: &DemoArguments,
    found: Result<Workspace, Failure>,
) -> Result<Exit, Failure> {
    let (workspace, has_new_samples) = workspace::or_samples(found)?;
    if has_new_samples {
        let directory = display_path(&workspace.directory);
        terminal::say(&format!("the samples are in `{directory}`"));
    }
    let demo = Demo::prepare(&workspace, arguments.again)?;
    terminal::findings(demo.findings());
    for issue in &demo.skipped {
        terminal::say(&format!(
            "`{issue}` has errors and is not sent; `franking check {issue}` shows them"
        ));
    }
    let files = files(&demo);
    if let Some(totals) = demo.finished()? {
        terminal::say(&report::totals(&totals));
        terminal::say("already sent, nothing to do; `franking demo --again` starts over");
        return Ok(super::print(&files));
    }
    terminal::say(&format!("`{}` to {}", demo.issue, demo.plan()?));
    report_faults(&demo.faults()?);
    let events: Arc<dyn Events> = Arc::new(Printer::new(Agreement::default()));
    let exit = report::print_totals(demo.run(&events)?)?;
    super::print(&files);
    terminal::say(
        "next: change issues/, then `franking check`; `franking send --dry-run` shows who would get it",
    );
    // The refused and the uncertain delivery are part of the demonstration.
    Ok(match exit {
        Exit::Findings => Exit::Done,
        exit => exit,
    })
}

fn report_faults(faults: &DemoFaults) {
    let faults = [
        (
            &faults.deferred,
            "is deferred (451), and accepted at the second attempt",
        ),
        (&faults.refused, "does not exist (550)"),
        (
            &faults.lost,
            "accepts the message and closes the connection before the reply",
        ),
    ];
    for (address, what) in faults {
        if let Some(address) = address {
            terminal::say(&format!("  simulated: {address} {what}"));
        }
    }
}

/// The files, the path first, so that `cut` finds it.
fn files(demo: &Demo<'_>) -> String {
    let part = |extension: &str| demo.directory.join(format!("{}.{extension}", demo.issue));
    let files = [
        (demo.mail(), "the messages that the sink received"),
        (part("html"), "the HTML part, for a browser"),
        (part("txt"), "the plain text part"),
    ];
    let lines = files.iter().map(|(path, what)| {
        let path = display_path(path);
        format!("{path:<32} {what}\n")
    });
    lines.collect()
}
