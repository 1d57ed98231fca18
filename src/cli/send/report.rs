//! What a run has done, printed; and its exit code.

use crate::campaign::{RunEnd, RunReport, Sent};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::store::{Send, State, Totals};
use crate::util::timestamp;
use crate::workspace::{Failure, Workspace, display_path};

/// Prints how a request to send has ended.
pub(super) fn print_sent(sent: Sent, workspace: &Workspace) -> Result<Exit, Failure> {
    match sent {
        Sent::Now(report) => print(report, workspace),
        Sent::Before(send, sum) => Ok(print_finished(&send, &sum)),
    }
}

/// Prints a report, and what to look at next.
pub(super) fn print(report: RunReport, workspace: &Workspace) -> Result<Exit, Failure> {
    let (send, sum) = (report.send.clone(), report.totals.clone());
    let exit = print_totals(report)?;
    if send.is_rehearsal {
        terminal::say(&format!(
            "the files are in {}; with [smtp] in newsletter.toml, `franking send {}` mails the issue",
            display_path(&workspace.outbox(&send.issue)),
            send.issue
        ));
    } else if matches!(exit, Exit::Done | Exit::Findings) {
        point_to_the_unsettled(&send.issue, &sum);
    }
    Ok(exit)
}

/// Prints the totals of a run and how it ended.
pub(in crate::cli) fn print_totals(report: RunReport) -> Result<Exit, Failure> {
    terminal::say(&totals_of(&report.send, &report.totals));
    let needs_decision = report.needs_decision();
    if needs_decision && terminal::is_quiet() {
        warn_of_uncertain(&report.send.issue, &report.totals);
    }
    let (send, sum) = (&report.send, &report.totals);
    Ok(match report.end {
        RunEnd::Cancelled => {
            let when = send
                .brake
                .as_ref()
                .map(|braked| timestamp::format(braked.at));
            let when = when.unwrap_or_default();
            terminal::say(&format!("`{}` was cancelled at {when}", send.issue));
            match needs_decision {
                true => Exit::Findings,
                false => Exit::Done,
            }
        }
        RunEnd::Finished if needs_decision => Exit::Findings,
        RunEnd::Finished => Exit::Done,
        RunEnd::Waiting(next) => {
            let next = next.map(|at| timestamp::format(at.max(0)));
            terminal::say(&format!(
                "{} left; the next attempt is due at {}: run the same command then",
                sum.deferred + sum.untried,
                next.unwrap_or_default()
            ));
            Exit::WorkLeft
        }
        RunEnd::Resending => {
            terminal::say(&format!(
                "{} uncertain; `on_uncertain = \"resend\"` sends them again with the next run",
                sum.uncertain
            ));
            Exit::WorkLeft
        }
        RunEnd::OnlyOne(key, state) => {
            terminal::say(&format!("{}: {key}", state.as_str()));
            exit_of(state)
        }
        RunEnd::Interrupted => {
            let next = match send.is_rehearsal {
                true => "starts over",
                false => "continues",
            };
            terminal::say(&format!("stopped; `franking send {}` {next}", send.issue));
            Exit::Interrupted
        }
        RunEnd::Stopped(failure) => return Err(failure),
    })
}

fn exit_of(state: State) -> Exit {
    match state {
        State::Accepted | State::Refused => Exit::Done,
        State::Ready | State::Leased | State::Deferred => Exit::WorkLeft,
        _ => Exit::Findings,
    }
}

/// Prints the totals of a campaign that was finished before.
pub(super) fn print_finished(send: &Send, sum: &Totals) -> Exit {
    terminal::say(&totals(sum));
    let when = send.finished_at.map(timestamp::format).unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; {}",
        send.issue,
        match sum.uncertain {
            0 => "there is nothing to do".to_owned(),
            count => uncertain(count as usize),
        }
    ));
    point_to_the_unsettled(&send.issue, sum);
    match crate::campaign::needs_decision(send, sum) {
        true => Exit::Findings,
        false => Exit::Done,
    }
}

/// Names the commands for addresses that were refused and deliveries that are uncertain.
fn point_to_the_unsettled(issue: &str, sum: &Totals) {
    if sum.refused + sum.uncertain == 0 {
        return;
    }
    terminal::say(&format!("details: `franking status {issue}`"));
    if sum.uncertain > 0 {
        terminal::say(&format!(
            "resolve the uncertain deliveries: `franking resolve {issue}`"
        ));
    }
}

/// What `--quiet` leaves of the totals: uncertain deliveries need a decision.
fn warn_of_uncertain(issue: &str, sum: &Totals) {
    let uncertain = uncertain(sum.uncertain as usize);
    terminal::warning(&format!("`{issue}`: {uncertain}"));
    let hint = format!("`franking resolve {issue}` shows what to look for in the relay's log");
    terminal::hint(&hint);
}

pub(super) fn uncertain(count: usize) -> String {
    match count {
        1 => "1 delivery is uncertain".to_owned(),
        count => format!("{count} deliveries are uncertain"),
    }
}

/// The totals of a campaign as a table that visibly adds up. The outbox of a rehearsal accepts nothing.
pub(in crate::cli) fn totals_of(send: &Send, sum: &Totals) -> String {
    let table = totals(sum);
    match send.is_rehearsal {
        true => table.replacen("accepted", "written ", 1),
        false => table,
    }
}

/// The totals of a campaign that is not a rehearsal.
pub(in crate::cli) fn totals(sum: &Totals) -> String {
    let reasons = sum.reasons.iter();
    let reasons: Vec<String> = reasons
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    let reasons = match reasons.is_empty() {
        true => String::new(),
        false => format!("  ({})", reasons.join(", ")),
    };
    let closes = match sum.add_up() {
        true => "  adds up",
        false => "  DOES NOT ADD UP",
    };
    let rows = sum
        .by_state()
        .into_iter()
        .chain([("candidates", sum.candidates)]);
    let rows = rows.map(|(word, count)| {
        let remark = match word {
            "excluded" => reasons.as_str(),
            "candidates" => closes,
            _ => "",
        };
        format!("{word:<10} {count:>7}{remark}")
    });
    rows.collect::<Vec<_>>().join("\n")
}
