//! The events of a campaign, printed; and its questions, asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::confirm::Agreement;
use super::report::uncertain;
use super::signals;
use crate::campaign::{Announcement, CampaignEvent, Events, Question, Started};
use crate::cli::terminal::{self, SendProgress};
use crate::delivery::Attempt;
use crate::diag::counted;
use crate::outcome::Outcome;
use crate::store::{Departures, Recovered, Send};
use crate::util::escape;
use crate::workspace::Failure;

/// Prints events to standard error and asks questions at the terminal.
pub(in crate::cli) struct Printer {
    agreement: Agreement,
    /// The progress of the last run that began.
    progress: Mutex<Arc<SendProgress>>,
}

impl Printer {
    /// Answers questions by `agreement`, or asks.
    pub(in crate::cli) fn new(agreement: Agreement) -> Self {
        Self {
            agreement,
            progress: Mutex::default(),
        }
    }

    /// Shows what is about to be sent, also with `--quiet` if a question follows.
    fn announce(&self, announcement: &Announcement) {
        if self.agreement.asks() || !terminal::is_quiet() {
            terminal::write(&announcement.to_string());
        }
    }

    fn progress(&self) -> Arc<SendProgress> {
        Arc::clone(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<SendProgress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events for Printer {
    fn event(&self, event: CampaignEvent<'_>) {
        match event {
            CampaignEvent::Warning(warning) => {
                self.progress().above(|| terminal::warn_once(warning));
            }
            CampaignEvent::Findings(findings) => terminal::findings(findings),
            CampaignEvent::Finding(finding) => terminal::finding(finding),
            CampaignEvent::Renewed => terminal::say(
                "the files have changed since, and no message has left: the current files are sent",
            ),
            CampaignEvent::Announced(announcement) => self.announce(announcement),
            CampaignEvent::Rehearsal => {
                terminal::say("no [smtp]: nothing is mailed; this is a rehearsal");
            }
            CampaignEvent::Recovered(recovered, send) => report_recovered(recovered, send),
            CampaignEvent::Departed(departed) => report_departed(departed),
            CampaignEvent::WouldPause(departed, send) => report_pause(departed, send),
            CampaignEvent::ManyDeparted(departed) => terminal::warning(&departed.to_string()),
            CampaignEvent::Started(Started { issue, total, .. }) => {
                *self.lock() = Arc::new(SendProgress::begin(issue, total));
            }
            CampaignEvent::Tried(attempt) => report_attempt(&self.progress(), attempt),
            CampaignEvent::Notice(notice) => self.progress().line(notice),
            CampaignEvent::Ended => self.progress().end(),
            CampaignEvent::Concluded(report) => self.progress().log(|| report.to_string()),
        }
    }

    fn confirm(&self, question: Question<'_>) -> Result<(), Failure> {
        self.agreement.confirm(question)
    }

    fn stop_switch(&self, stop: watch::Sender<bool>) {
        tokio::spawn(signals::watch(stop));
    }
}

/// Reports the messages that a killed run had in flight.
fn report_recovered(recovered: Recovered, send: &Send) {
    if recovered.uncertain > 0 {
        terminal::warning(&format!(
            "the last run ended with messages in flight: {}",
            uncertain(recovered.uncertain)
        ));
    }
    if recovered.resent > 0 {
        terminal::say(&format!(
            "{} of them are sent again, because the issue says `on_uncertain = \"{}\"`",
            recovered.resent,
            send.on_uncertain.as_str()
        ));
    }
}

fn report_departed(departed: Departures) {
    if departed.excluded > 0 {
        terminal::say(&format!(
            "{} excluded: they left the list since the campaign began",
            counted(departed.excluded, "recipient")
        ));
    }
}

fn report_pause(departed: Departures, send: &Send) {
    terminal::warning(&departed.to_string());
    let word = escape::shell(&send.issue);
    terminal::hint(&format!(
        "without a confirmation, a run pauses the campaign; `franking resume {word}` asks, and continues without them"
    ));
}

/// Writes a line for an attempt that was not accepted; with `--verbose` for each attempt, with its relay.
fn report_attempt(progress: &SendProgress, attempt: &Attempt<'_>) {
    progress.step();
    let is_expected = matches!(attempt.outcome, Outcome::Accepted(_) | Outcome::Stop(_));
    if terminal::is_quiet() || (is_expected && !terminal::is_verbose()) {
        return;
    }
    let route = match terminal::is_verbose() {
        true => format!(" ({}, attempt {})", attempt.relay, attempt.number),
        false => String::new(),
    };
    progress.line(&format!(
        "{:<10} {}: {}{route}",
        attempt.outcome.name(),
        escape::terminal(attempt.recipient.address.as_str()),
        attempt.outcome.diagnostic()
    ));
}
