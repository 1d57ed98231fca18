//! What is about to be sent: edition, sender, relays and recipients.

use std::fmt::{self, Display};

use crate::compile::edition::Edition;
use crate::message;
use crate::placeholder::Written;
use crate::store::Send;
use crate::subscriber::Subscriber;
use crate::util::{escape, timestamp};
use crate::workspace::{Sources, Workspace, display_path};

/// What is about to be sent, as a person reviews it.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The issue's name.
    pub issue: String,
    /// The digest of the edition.
    pub digest: String,
    /// When the campaign began, in Unix seconds, if it has.
    pub begun: Option<i64>,
    /// The subject, as one recipient gets it.
    pub subject: String,
    /// The sender, with its name.
    pub from: String,
    /// The relays, or where the files are written; and the domain that signs.
    pub relays: String,
    /// How many recipients get it.
    pub to: String,
}

impl Announcement {
    /// The announcement of `edition`. `begun` is the campaign of a frozen edition, `example` the recipient whose subject is
    /// shown.
    pub(super) fn new(
        (workspace, sources, issue): (&Workspace, &Sources, &str),
        edition: &Edition,
        begun: Option<&Send>,
        example: Option<&Subscriber>,
        to: &impl Display,
    ) -> Self {
        let from = &edition.sender.from;
        Self {
            issue: issue.to_owned(),
            digest: begun.map_or_else(|| edition.digest(), |send| send.digest.clone()),
            begun: begun.map(|send| send.started_at),
            subject: subject(edition, example),
            from: match &from.name {
                Some(name) => format!("{name} <{}>", from.address),
                None => from.address.to_string(),
            },
            relays: relays(workspace, sources, issue),
            to: to.to_string(),
        }
    }
}

/// A table for a person to review.
impl Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "issue    {}, edition {}", self.issue, &self.digest[..12])?;
        if let Some(since) = self.begun {
            write!(f, ", begun {}", timestamp::format(since))?;
        }
        let (subject, from) = (
            escape::terminal(&self.subject),
            escape::terminal(&self.from),
        );
        write!(f, "\nsubject  {subject}\nfrom     {from}\n")?;
        write!(f, "relay    {}\nto       {}", self.relays, self.to)
    }
}

fn relays(workspace: &Workspace, sources: &Sources, issue: &str) -> String {
    let newsletter = &sources.newsletter;
    let relays = match &newsletter.smtp {
        Some(smtp) => smtp
            .relays()
            .map(|(relay, _)| relay.name())
            .collect::<Vec<_>>()
            .join(" and "),
        None => format!("none; files in {}", display_path(&workspace.outbox(issue))),
    };
    let signed = newsletter.dkim.as_ref();
    let signed = signed.map(|dkim| format!(", signed for {}", dkim.domain));
    format!("{relays}{}", signed.unwrap_or_default())
}

/// A subject with placeholders as one recipient gets it, or as it is written if there is no recipient.
fn subject(edition: &Edition, example: Option<&Subscriber>) -> String {
    let subject = &edition.subject;
    match example.filter(|_| !subject.uses().is_empty()) {
        Some(subscriber) => format!(
            "{}  (to {})",
            message::subject_for(edition, subscriber),
            subscriber.address
        ),
        None => subject.fill(&Written(&edition.placeholders)),
    }
}

/// Parses a recipient that the ledger has stored.
pub(super) fn example(json: Option<String>) -> Option<Subscriber> {
    serde_json::from_str(&json?).ok()
}
