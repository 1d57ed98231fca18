//! `franking send ISSUE`, `franking send --due` and `franking resume ISSUE`

mod confirm;
mod dry_run;
mod due;
mod outlook;
pub(super) mod resume;
mod sending;
mod test;

use clap::Args;
use jiff::SignedDuration;

use super::dispatch;
use super::values;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::store::{Send, Store};
use crate::workspace::{Failure, LedgerPolicy, Workspace, format_timestamp, parse_address};
use sending::Sending;

pub(super) use outlook::Continued;
pub(super) use test::Test;

/// How long work may be due without a run, by default.
const MAX_GAP: &str = "24h";
/// How long a run waits for a list that cannot be read, by default.
pub(super) const LIST_WAIT: &str = "60s";

/// What the operator accepts of a ledger or key that is not the one of the last run.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct LedgerArguments {
    /// Begin a new ledger although another one was used: issues that were sent can be sent again. A damaged one is
    /// renamed.
    #[arg(long)]
    new_ledger: bool,
    /// Use this ledger although it is older than the last run, or another one: what it does not know is sent again.
    #[arg(long, conflicts_with = "new_ledger")]
    accept_restored: bool,
    /// Use another key than before, or generate one if it is lost: unsubscribe links in mailed messages stop working.
    #[arg(long)]
    new_key: bool,
}

impl LedgerArguments {
    fn policy(&self) -> LedgerPolicy {
        LedgerPolicy {
            new_ledger: self.new_ledger,
            accept_restored: self.accept_restored,
            new_key: self.new_key,
        }
    }
}

/// What to send, to whom, and who has agreed.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct Arguments {
    /// The issue, by name or file.
    #[arg(required_unless_present = "due")]
    issue: Option<String>,
    /// Send, or go on sending, every issue whose moment has come; for cron and systemd.
    #[arg(long, conflicts_with_all = ["issue", "test", "only", "dry_run", "confirm"])]
    due: bool,
    /// How late a scheduled issue may begin, such as `6h` or `90m`.
    #[arg(
        long,
        value_name = "TIME",
        value_parser = values::time,
        default_value = "6h",
        requires = "due",
        conflicts_with = "issue"
    )]
    max_late: SignedDuration,
    /// Hold a campaign whose work has been due for longer than this without a run, such as `24h`; `franking resume`
    /// continues it.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = MAX_GAP)]
    max_gap: SignedDuration,
    /// How long to wait for a list that cannot be read completely, such as `60s`.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = LIST_WAIT)]
    list_wait: SignedDuration,
    /// Send the frozen edition although the issue's file is gone.
    #[arg(long, conflicts_with = "due")]
    frozen: bool,
    /// Show what would happen, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Send to this one reader of the list only; the others wait until the issue is sent without it.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// Send one copy, marked as a test, to this address; the ledger does not hear of it.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["only", "dry_run"])]
    test: Option<String>,
    /// Send an issue whose `send_at` is in the future now.
    #[arg(long, conflicts_with = "due")]
    now: bool,
    /// Send an issue once more that was sent before under another name: NAME is that of this issue.
    #[arg(long, value_name = "NAME", conflicts_with = "due")]
    again_as: Option<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Do not ask, but refuse unless there are exactly this many recipients.
    #[arg(long, value_name = "COUNT", value_parser = values::count)]
    confirm: Option<usize>,
    /// Take every refusal for what it says, even where the relay refuses one reader after the other.
    #[arg(long)]
    believe_refusals: bool,
    /// Send in the clear to another machine.
    #[arg(long)]
    allow_plaintext: bool,
    #[command(flatten)]
    accepted: LedgerArguments,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    if arguments.due {
        return due::execute(arguments, workspace);
    }
    // What is typed wrong is told before anything is done with the rest.
    for typed in [&arguments.only, &arguments.test].into_iter().flatten() {
        parse_address(typed)?;
    }
    let sources = workspace.load()?;
    let given = arguments.issue.as_deref().unwrap_or_default();
    let name = workspace.issue_or_campaign_name(given, &sources)?;
    let sending = Sending {
        arguments,
        workspace,
        sources: &sources,
        issue: &name,
    };
    confirm::name_again(arguments, &name)?;
    match &arguments.test {
        Some(to) => test::execute(&sending, to),
        None if arguments.dry_run => dry_run::execute(&sending),
        None => by_hand(&sending),
    }
}

fn by_hand(sending: &Sending<'_>) -> Result<Exit, Failure> {
    let name = sending.issue;
    let _lock = sending.lock(&format!("send {name}"))?;
    let arguments = sending.arguments;
    let mut store = terminal::warned(
        sending
            .workspace
            .ledger_to_send(sending.sources, arguments.accepted.policy())?,
    );
    let Some(send) = store.send_of(name)? else {
        return sending.begin(store, None);
    };
    if arguments.again_as.is_some() {
        terminal::warning(&format!(
            "`--again-as` has no effect: `{name}` has a campaign of its own"
        ));
    }
    if send.is_cancelled() {
        store.settle_cancelled(&send, sending.workspace.now.as_second())?;
        return Err(dispatch::braked_in(sending.workspace, &send));
    }
    if send.finished_at.is_none() && send.brake.is_some() {
        return Err(dispatch::braked_in(sending.workspace, &send));
    }
    if send.finished_at.is_none() && sending.is_renewable(&store, &send)? {
        sending.require_file()?;
        return sending.begin(store, Some(&send));
    }
    let send = sending.with_policy_of_today(send)?;
    if send.finished_at.is_some() && !dispatch::is_resending(&store, &send)? {
        return already(&store, &send);
    }
    sending.require_no_gap(&mut store, &send)?;
    if send.is_held && sending.arguments.only.is_none() {
        return sending.release(store, send, false);
    }
    sending.resume(store, send, false)
}

fn already(store: &Store, send: &Send) -> Result<Exit, Failure> {
    let sum = store.sum(send)?;
    terminal::say(&dispatch::account(&sum));
    let when = send.finished_at.map(format_timestamp).unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; there is nothing to do",
        send.issue
    ));
    sending::point_to_the_unsettled(&send.issue, &sum);
    Ok(dispatch::last_word(send, &sum))
}
