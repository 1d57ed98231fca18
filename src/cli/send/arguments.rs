//! The arguments that `send` and `resume` have in common.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::SignedDuration;

use super::confirm::Agreement;
use super::events::Printer;
use super::json::JsonReport;
use crate::campaign::{Events, OutcomeLog, SendOptions};
use crate::cli::exit::Exit;
use crate::util::values;
use crate::workspace::{Failure, LedgerPolicy};

/// Agreement, what is accepted, and what is written about a run.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub(super) yes: bool,
    /// Do not ask for confirmation, but fail unless there are exactly this many recipients.
    #[arg(long, value_name = "COUNT", value_parser = values::count)]
    pub(super) confirm: Option<usize>,
    /// Send an issue now although its `send_at` is in the future.
    #[arg(long)]
    now: bool,
    /// Send the frozen edition although the file is gone.
    #[arg(long)]
    frozen: bool,
    /// How long to wait for a list that cannot be read completely, such as `60s`.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = "60s")]
    list_wait: SignedDuration,
    /// Record every refusal, even if the relay refuses many recipients in a row: the send does not stop.
    #[arg(long)]
    believe_refusals: bool,
    /// Send without TLS to another machine.
    #[arg(long)]
    pub(super) allow_plaintext: bool,
    /// Begin a new ledger although another one was used: issues that were sent can be sent again. A damaged ledger is
    /// renamed.
    #[arg(long)]
    new_ledger: bool,
    /// Use this ledger although it is older than the last run, or another one: deliveries that it does not have are sent again.
    #[arg(long, conflicts_with = "new_ledger")]
    accept_restored: bool,
    /// Use a different key than before, or generate one if it is lost: unsubscribe links that earlier versions mailed may stop working.
    #[arg(long)]
    new_key: bool,
    /// Append each outcome to this file as a line of JSON, with hashes of the addresses.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Write addresses to the log instead of their hashes.
    #[arg(long, requires = "log")]
    log_addresses: bool,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl RunArguments {
    pub(super) fn options(&self) -> SendOptions {
        SendOptions {
            list_wait: self.list_wait,
            frozen: self.frozen,
            now: self.now,
            believe_refusals: self.believe_refusals,
            allow_plaintext: self.allow_plaintext,
            ledger: LedgerPolicy {
                new_ledger: self.new_ledger,
                accept_restored: self.accept_restored,
                new_key: self.new_key,
            },
            ..SendOptions::default()
        }
    }

    /// Opens the log, before anything is sent.
    pub(super) fn events(&self, agreement: Agreement) -> Result<Arc<dyn Events>, Failure> {
        let printer = Arc::new(Printer::new(agreement));
        Ok(match &self.log {
            Some(path) => Arc::new(OutcomeLog::open(path, self.log_addresses, printer)?),
            None => printer,
        })
    }

    /// Runs a command, and prints what it reports if JSON is wanted.
    pub(super) fn report(
        &self,
        command: impl FnOnce(&mut JsonReport) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let mut report = JsonReport::default();
        let done = command(&mut report);
        if self.json {
            report.print(&done);
        }
        done
    }
}
