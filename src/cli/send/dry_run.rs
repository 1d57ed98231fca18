//! `franking send ISSUE --dry-run`: list what would be sent.

use super::JsonReport;
use super::report::{print_finished, totals};
use crate::campaign::{self, DryRun, DryRunLine, SendRequest, Sent};
use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::store::{Candidate, Remaining};
use crate::util::timestamp;
use crate::workspace::Failure;

pub(super) fn execute(
    request: &SendRequest<'_>,
    as_json: bool,
    report: &mut JsonReport,
) -> Result<Exit, Failure> {
    let mut lines = Pages::default();
    let done = campaign::dry_run(request, &mut |row| match row {
        DryRunLine::End if as_json => report.end_recipients(),
        DryRunLine::End => std::mem::take(&mut lines).end(),
        row if as_json => report.recipient(&row.json()),
        DryRunLine::Candidate(candidate) => lines.push(&line(candidate)),
        DryRunLine::Remaining(left) => lines.push(&line_of_left(left)),
    })?;
    report.add(done.json());
    match done {
        DryRun::New(_) => {}
        DryRun::Finished(Sent::Before(send, sum)) => return Ok(print_finished(&send, &sum)),
        DryRun::Finished(Sent::Now(report)) => return super::report::print_totals(report),
        DryRun::Continued(send, sum) => {
            terminal::say(&totals(&sum));
            if send.brake.is_some() {
                terminal::say(campaign::braked(&send).message());
            }
        }
    }
    terminal::say("nothing was sent");
    Ok(Exit::Done)
}

/// The address and what would happen to it, with a tab between them for `cut` and `awk`.
fn line(candidate: &Candidate) -> String {
    let fate = candidate.exclusion.as_deref().unwrap_or("ready");
    format!("{}\t{fate}\n", candidate.address)
}

/// As [`line`]; after another tab, before when a delivery is not tried again.
fn line_of_left(left: &Remaining) -> String {
    match left.next_try {
        Some(at) => format!("{}\tdeferred\t{}\n", left.address, timestamp::format(at)),
        None => format!("{}\tready\n", left.address),
    }
}
