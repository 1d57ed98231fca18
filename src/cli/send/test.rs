//! `franking send ISSUE --test ADDRESS`: one marked copy, of which the ledger does not hear.

use super::super::context::{Context, address_of, make_folder, shown};
use super::super::dispatch;
use super::super::exit::{Exit, Failure};
use super::sending::Sending;
use crate::cli::terminal;
use crate::delivery::{self, FileTransport, SmtpTransport, Transport};
use crate::message::{self, Message, MessageOptions};
use crate::outcome::Outcome;
use crate::subscriber::{Address, Subscriber};
use crate::workspace::Folder;

pub(super) fn execute(sending: &Sending<'_>, to: &str) -> Result<Exit, Failure> {
    let to = address_of(to)?;
    let test = Test {
        context: sending.context,
        folder: sending.folder,
        issue: sending.issue,
        may_be_plain: sending.arguments.allow_plaintext,
    };
    let reply = test.send(&to)?;
    terminal::say(&format!("test to {to}: {reply}"));
    Ok(Exit::Done)
}

/// An issue that is tried out.
pub(in crate::cli) struct Test<'a> {
    pub(in crate::cli) context: &'a Context,
    pub(in crate::cli) folder: &'a Folder,
    pub(in crate::cli) issue: &'a str,
    /// Whether it may go to another machine in the clear.
    pub(in crate::cli) may_be_plain: bool,
}

impl Test<'_> {
    /// Hands one copy over; what the relay replied.
    pub(in crate::cli) fn send(&self, to: &Address) -> Result<String, Failure> {
        let (compiled, _) = self.context.compile(self.folder, self.issue)?;
        let reader = self.folder.list.find(to);
        let reader = reader.unwrap_or_else(|| Subscriber::at(to.clone()));
        // The links of a test are marked: whoever it is shown to cannot make a reader leave.
        let stamp = MessageOptions {
            mark: Some("[TEST]"),
            signer: dispatch::signer(&self.folder.publication)?,
            ..MessageOptions::specimen(self.context.now)
        };
        let letter = message::write(&compiled.edition, &reader, &stamp).map_err(|error| {
            Failure::new(Exit::Findings, "no letter can be written").caused_by(&error)
        })?;
        let way = dispatch::way(
            &self.folder.publication,
            self.context,
            self.context.test_outbox(),
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
            Err(Failure::new(Exit::Findings, message))
        }
    }
}

/// Writes a copy into a folder of the state, where there is no relay; what became of it.
fn write(outbox: &FileTransport, letter: &Message) -> Result<String, Failure> {
    make_folder(&outbox.folder)?;
    let written = outbox.put(0, letter).map_err(|error| {
        let folder = shown(&outbox.folder);
        Failure::io(
            format!("the test cannot be written into `{folder}`"),
            &error,
        )
    })?;
    Ok(format!("250 written to {}", written.display()))
}
