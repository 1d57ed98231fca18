//! `franking resume ISSUE`: a person lets a campaign continue that is paused, held or stopped.

use clap::Args;
use jiff::SignedDuration;

use super::super::{dispatch, status, values};
use super::outlook::{self, Outlook};
use super::sending::{Sending, example};
use super::{LIST_WAIT, already, confirm};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::store::{Send, Store};
use crate::util::escape;
use crate::workspace::{Checked, Failure, FailureKind, Workspace};

/// Which campaign, from which files, and who has agreed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The issue, by name or file.
    issue: String,
    /// Send the present files to the recipients to whom no message may have left; the others keep their edition.
    #[arg(long, conflicts_with = "frozen")]
    corrected: bool,
    /// Send the frozen edition although the issue's file is gone.
    #[arg(long)]
    frozen: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Do not ask, but refuse unless this many recipients get it.
    #[arg(long, value_name = "COUNT", value_parser = values::count)]
    confirm: Option<usize>,
    /// Send an issue whose `send_at` has not come.
    #[arg(long)]
    now: bool,
    /// How long to wait for a list that cannot be read completely, such as `60s`.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = LIST_WAIT)]
    list_wait: SignedDuration,
    /// Take every refusal for what it says, even where the relay refuses one recipient after the other.
    #[arg(long)]
    believe_refusals: bool,
    /// Send in the clear to another machine.
    #[arg(long)]
    allow_plaintext: bool,
    #[command(flatten)]
    accepted: super::LedgerArguments,
}

impl Arguments {
    /// What `send` would be called with.
    fn of_send(&self) -> super::Arguments {
        super::Arguments {
            issue: Some(self.issue.clone()),
            frozen: self.frozen,
            yes: self.yes,
            confirm: self.confirm,
            now: self.now,
            list_wait: self.list_wait,
            believe_refusals: self.believe_refusals,
            allow_plaintext: self.allow_plaintext,
            accepted: self.accepted.clone(),
            ..super::Arguments::default()
        }
    }
}

pub(in crate::cli) fn execute(
    arguments: &Arguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    let of_send = arguments.of_send();
    let sending = Sending {
        arguments: &of_send,
        workspace,
        sources: &sources,
        issue: &name,
    };
    let _lock = sending.lock(&format!("resume {name}"))?;
    sending.ledger()?.ok_or_else(|| status::not_sent(&name))?;
    let mut store =
        terminal::warned(workspace.ledger_to_send(&sources, arguments.accepted.policy())?);
    let Some(send) = store.send_of(&name)? else {
        return Err(status::unknown(&name, &store, &sources, workspace)?);
    };
    if send.is_cancelled() {
        store.settle_cancelled(&send, workspace.now.as_second())?;
        return Err(dispatch::braked(&send));
    }
    if send.finished_at.is_some() {
        let send = sending.with_policy_of_today(send.clone())?;
        if !dispatch::is_resending(&store, &send)? {
            return already(&store, &send);
        }
    }
    sending.require_relay()?;
    sending.require_file()?;
    if sending.is_renewable(&store, &send)? {
        return sending.begin(store, Some(&send));
    }
    if arguments.corrected {
        return correct(&sending, store, &send);
    }
    go_on(&sending, store, send)
}

/// Continues with what was frozen.
fn go_on(sending: &Sending<'_>, mut store: Store, send: Send) -> Result<Exit, Failure> {
    let (send, is_changed) = sending.of_today(send)?;
    let stamp = sending.sources.list.stamp();
    let (mut departed, mut standings) = sending.departed(&mut store, &send, false)?;
    let recipients = Outlook::of(&store, &send, &standings, None)?.recipients;
    let is_accident = departed.is_accident();
    if is_accident {
        terminal::warning(&departed.to_string());
        confirm::recipients(sending.arguments, recipients)?;
        (departed, standings) = sending.departed(&mut store, &send, true)?;
    }
    sending.tell_departed(departed);
    // Before the brake is lifted: a wrong number leaves the campaign as it was.
    confirm::compare(sending.arguments, recipients)?;
    if send.is_held {
        return sending.release(store, send, true);
    }
    if is_changed && !is_accident {
        confirm::old_edition(sending.arguments, &send, recipients)?;
    }
    store.let_go(&send, sending.workspace.now.as_second())?;
    sending.go_on(store, &send, stamp, standings, true)
}

fn nothing_to_correct(issue: &str, left: u32) -> Failure {
    let why = match left {
        0 => "no recipient is left".to_owned(),
        left => format!(
            "the message of each recipient who is left may have left before, and stays as it was ({left})"
        ),
    };
    let word = escape::shell(issue);
    Failure::new(
        FailureKind::Usage,
        format!("nothing to correct in `{issue}`: {why}"),
    )
    .hint(format!("`franking resume {word}` continues"))
}

/// Continues with the present files, for the recipients to whom no message may have left.
fn correct(sending: &Sending<'_>, mut store: Store, send: &Send) -> Result<Exit, Failure> {
    let stamp = sending.sources.list.stamp();
    let Checked {
        compiled, census, ..
    } = sending.compile()?;
    let new = dispatch::new_send(&compiled, sending.sources, false, sending.workspace);
    let suppressed = store.suppressions()?;
    let candidates = || dispatch::candidates(sending.sources, &compiled, &census, &suppressed);
    let mut corrected = store.try_correction(send, &new, candidates())?;
    if corrected.is_nothing() {
        return Err(nothing_to_correct(sending.issue, corrected.left));
    }
    let standings = sending.standings()?;
    // As the correction leaves the policy: without a recipient who gets its edition, that of before.
    let policy = match corrected.left > corrected.bound {
        true => new.on_uncertain,
        false => send.on_uncertain,
    };
    let again = Send {
        on_uncertain: policy,
        ..send.clone()
    };
    let again = outlook::sent_again(&store, &again, &standings)?;
    corrected.left += again;
    corrected.bound += again;
    let example = example(store.first_left(send, None)?);
    terminal::say(&sending.announcement(&compiled.edition, None, example.as_ref(), &corrected));
    confirm::recipients(
        sending.arguments,
        usize::try_from(corrected.left).unwrap_or(usize::MAX),
    )?;
    // Settings come before the freezing: a password file that is missing corrects nothing.
    let settings = sending.settings(stamp, Some(standings))?;
    let send = store.correct(send, &new, candidates())?;
    store.let_go(&send, sending.workspace.now.as_second())?;
    store.release(&send)?;
    sending.run(store, &send, settings)
}
