//! `franking send ISSUE --test ADDRESS`: one marked copy, of which the ledger does not hear.

use super::super::dispatch;
use super::sending::Sending;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::delivery::{self, FileTransport, SmtpTransport, Transport};
use crate::message::{self, Message, MessageOptions};
use crate::outcome::Outcome;
use crate::subscriber::{Address, Subscriber};
use crate::workspace::{
    Failure, FailureKind, Sources, Workspace, create_private_directory, display_path, parse_address,
};

pub(super) fn execute(sending: &Sending<'_>, to: &str) -> Result<Exit, Failure> {
    let to = parse_address(to)?;
    let test = Test {
        workspace: sending.workspace,
        sources: sending.sources,
        issue: sending.issue,
        may_be_plain: sending.arguments.allow_plaintext,
    };
    let reply = test.send(&to)?;
    terminal::say(&format!("test to {to}: {reply}"));
    Ok(Exit::Done)
}

/// An issue that is tried out.
pub(in crate::cli) struct Test<'a> {
    pub(in crate::cli) workspace: &'a Workspace,
    pub(in crate::cli) sources: &'a Sources,
    pub(in crate::cli) issue: &'a str,
    /// Whether it may go to another machine in the clear.
    pub(in crate::cli) may_be_plain: bool,
}

impl Test<'_> {
    /// Hands one copy over; what the relay replied.
    pub(in crate::cli) fn send(&self, to: &Address) -> Result<String, Failure> {
        let compiled = self.workspace.compile(self.sources, self.issue)?.compiled;
        let reader = self.sources.list.find(to);
        let reader = reader.unwrap_or_else(|| Subscriber::at(to.clone()));
        // The links of a test are marked: whoever it is shown to cannot make a reader leave.
        let stamp = MessageOptions {
            mark: Some("[TEST]"),
            signer: dispatch::signer(&self.sources.newsletter)?,
            ..MessageOptions::specimen(self.workspace.now)
        };
        let letter = message::write(&compiled.edition, &reader, &stamp).map_err(|error| {
            Failure::new(FailureKind::NeedsAttention, "no letter can be written").caused_by(&error)
        })?;
        let way = dispatch::way(
            &self.sources.newsletter,
            self.workspace,
            self.workspace.test_outbox(),
            self.may_be_plain,
        )?;
        match way {
            Transport::File(outbox) => write(&outbox, &letter),
            Transport::Smtp(relay) => mail(&relay, &letter, &reader),
        }
    }
}

fn mail(relay: &SmtpTransport, letter: &Message, reader: &Subscriber) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    match runtime.block_on(delivery::send_one(relay, letter))? {
        Outcome::Accepted(reply) => Ok(reply.to_string()),
        Outcome::Deferred(_, why)
        | Outcome::Refused { why, .. }
        | Outcome::Stop(why)
        | Outcome::Uncertain(why) => {
            let message = format!("the test to {} was not taken: {why}", reader.address);
            Err(Failure::new(FailureKind::NeedsAttention, message))
        }
    }
}

/// Writes a copy into a folder of the state, where there is no relay; what became of it.
fn write(outbox: &FileTransport, letter: &Message) -> Result<String, Failure> {
    create_private_directory(&outbox.folder)?;
    let written = outbox.put(0, letter).map_err(|error| {
        let folder = display_path(&outbox.folder);
        Failure::io(
            format!("the test cannot be written into `{folder}`"),
            &error,
        )
    })?;
    Ok(format!("250 written to {}", written.display()))
}
