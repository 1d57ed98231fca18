//! Send one marked copy of an issue to one address, without the ledger.

use std::path::Path;

use serde_json::{Value, json};

use super::frozen::unwritable;
use super::routes::{first_relay, signer};
use crate::delivery::{self, FileTransport, SmtpTransport};
use crate::message::{self, Message, MessageOptions};
use crate::outcome::{Outcome, Reply};
use crate::subscriber::{Address, Subscriber};
use crate::workspace::{
    Checked, Failure, FailureKind, Sources, Workspace, create_private_directory, display_path,
};

/// A test message that was accepted.
#[derive(Debug)]
pub struct TestSent {
    /// The reply of the relay, or where the file was written.
    pub reply: Reply,
    /// The issue, with the warnings about it.
    pub checked: Checked,
}

impl TestSent {
    /// The reply as JSON, with the keys of `status --json`.
    pub fn json(&self) -> Value {
        let reply = &self.reply;
        let status = reply.enhanced_status.map(|status| status.to_string());
        json!({ "reply_code": reply.code, "enhanced_status": status, "diagnostic": reply.to_string() })
    }
}

/// Sends a copy of `issue`, marked as a test, to `address`. Its unsubscribe links do not work.
///
/// # Errors
/// If the address is suppressed, the files have errors, the relay cannot be used, or it does not accept the message.
pub fn test_send(
    workspace: &Workspace,
    sources: &Sources,
    issue: &str,
    address: &Address,
    allow_plaintext: bool,
) -> Result<TestSent, Failure> {
    require_unsuppressed(workspace, sources, address)?;
    let checked = workspace.compile(sources, issue)?;
    let newsletter = &sources.newsletter;
    let subscriber = sources.list.find(address);
    let subscriber = subscriber.unwrap_or_else(|| Subscriber::at(address.clone()));
    let options = MessageOptions {
        mark: Some("[TEST]"),
        signer: signer(newsletter)?,
        ..MessageOptions::specimen(workspace.now)
    };
    let message = message::write(&checked.compiled.edition, &subscriber, &options)
        .map_err(|error| unwritable(&error))?;
    let reply = match first_relay(newsletter, workspace, allow_plaintext)? {
        Some(relay) => mail(&relay, &message, &subscriber),
        None => write(&workspace.test_outbox(), &message),
    };
    reply.map(|reply| TestSent { reply, checked })
}

/// Checks that the ledger does not suppress the address. A test needs no ledger, so one that cannot be read is ignored.
fn require_unsuppressed(
    workspace: &Workspace,
    sources: &Sources,
    address: &Address,
) -> Result<(), Failure> {
    let store = workspace
        .ledger_to_read(sources)
        .ok()
        .and_then(|ledger| ledger.value);
    let suppression = store.and_then(|store| store.suppression(&address.key()).ok().flatten());
    let Some(suppression) = suppression else {
        return Ok(());
    };
    let message = format!(
        "`{address}` is suppressed ({}), also for tests",
        suppression.reason
    );
    Err(Failure::new(FailureKind::Usage, message).hint(format!(
        "if the person agrees to get mail again: `franking list unsuppress {address} --reason TEXT`"
    )))
}

/// Sends the message over the relay.
fn mail(
    relay: &SmtpTransport,
    message: &Message,
    subscriber: &Subscriber,
) -> Result<Reply, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    match runtime.block_on(delivery::send_one(relay, message))? {
        Outcome::Accepted(reply) => Ok(reply),
        outcome => {
            let why = outcome.diagnostic();
            let message = format!("the test to {} was not accepted: {why}", subscriber.address);
            Err(Failure::new(FailureKind::NeedsAttention, message))
        }
    }
}

/// Writes the message to a file, because no relay is configured.
fn write(outbox: &Path, message: &Message) -> Result<Reply, Failure> {
    create_private_directory(outbox)?;
    let folder = outbox.to_owned();
    let written = FileTransport { folder }.put(0, message).map_err(|error| {
        let directory = display_path(outbox);
        let what = format!("the test cannot be written into `{directory}`");
        Failure::io(what, &error)
    })?;
    let text = format!("written to {}", display_path(&written));
    Ok(Reply::new(250, [text.as_str()]))
}
