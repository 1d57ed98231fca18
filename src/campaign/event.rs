//! The events of a campaign while it is prepared and run, and its questions to the operator.

use tokio::sync::watch;

use super::announcement::Announcement;
use super::report::RunReport;
use super::schedule::EarlierSend;
use crate::delivery::Attempt;
use crate::diag::{Finding, Findings};
use crate::store::{Departures, Recovered, Send};
use crate::util::key::Key;
use crate::workspace::{Failure, Warned, Warning};

/// An event of a campaign.
#[derive(Debug)]
#[non_exhaustive]
pub enum CampaignEvent<'a> {
    /// A problem that does not stop the campaign.
    Warning(&'a Warning),
    /// Warnings and notes about the files.
    Findings(&'a Findings),
    /// One finding about the issue.
    Finding(&'a Finding),
    /// The files have changed, and no message has left: the current files are sent.
    Renewed,
    /// What is about to be sent.
    Announced(&'a Announcement),
    /// There is no relay: the messages become files.
    Rehearsal,
    /// An earlier run ended with messages of this campaign in flight.
    Recovered(Recovered, &'a Send),
    /// Recipients who left the list since the campaign began were excluded.
    Departed(Departures),
    /// Unusually many recipients left the list: a run without a confirmation would pause the campaign.
    WouldPause(Departures, &'a Send),
    /// Unusually many recipients left the list.
    ManyDeparted(Departures),
    /// The run begins.
    Started(Started<'a>),
    /// An attempt to deliver a message has ended.
    Tried(&'a Attempt<'a>),
    /// The delivery engine waits, suspends a domain, or notices something else.
    Notice(&'a str),
    /// The last attempt has ended.
    Ended,
    /// The run has ended, and the ledger has its totals.
    Concluded(&'a RunReport),
}

/// A run that begins.
#[derive(Debug, Clone, Copy)]
pub struct Started<'a> {
    /// The issue's name.
    pub issue: &'a str,
    /// The number of open deliveries; the run tries no others.
    pub total: u64,
    /// The newsletter's key, with which a log can replace addresses by keyed hashes.
    pub key: &'a Key,
}

/// A decision that the operator must make.
#[derive(Debug)]
#[non_exhaustive]
pub enum Question<'a> {
    /// Whether this many recipients get the message.
    Recipients(usize),
    /// The number of recipients of a rehearsal. It needs no confirmation, but a number that the operator gave must match.
    Rehearsal(usize),
    /// The number of recipients of a campaign that continues. It needs no confirmation, but a number that the operator gave
    /// must match.
    Continue(usize),
    /// Whether this many recipients get the message although the ledger is not the one of the last run, so that some of them
    /// may have it.
    Restored(usize),
    /// Whether the frozen edition is sent although the files have changed.
    OldEdition(&'a Send, usize),
    /// Whether an issue is sent although the same content was sent before as another issue, if it was.
    Again(&'a str, Option<&'a EarlierSend>),
}

/// Receives events and answers questions.
pub trait Events: std::marker::Send + Sync {
    /// Receives an event. Deliveries wait while it runs.
    fn event(&self, event: CampaignEvent<'_>);

    /// Answers a question with yes.
    ///
    /// # Errors
    /// If the operator does not confirm; the campaign stays unchanged.
    fn confirm(&self, question: Question<'_>) -> Result<(), Failure>;

    /// Receives the switch that stops a run gracefully. Called within the run's runtime.
    fn stop_switch(&self, stop: watch::Sender<bool>) {
        drop(stop);
    }
}

/// Ignores all events and confirms all questions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Events for Silent {
    fn event(&self, _: CampaignEvent<'_>) {}

    fn confirm(&self, _: Question<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Reports the warnings and returns the value.
pub(super) fn warned<T>(warned: Warned<T>, events: &dyn Events) -> T {
    for warning in &warned.warnings {
        events.event(CampaignEvent::Warning(warning));
    }
    warned.value
}
