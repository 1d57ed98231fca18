//! The events of a campaign, printed; and its questions, asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::confirm::Agreement;
use super::signals;
use crate::campaign::{Announcement, CampaignEvent, Events, Question};
use crate::cli::terminal::{self, SendProgress};
use crate::diag::counted;
use crate::outcome::Outcome;
use crate::store::{Departures, Recovered, Send};
use crate::subscriber::Subscriber;
use crate::util::{escape, timestamp};
use crate::workspace::{Failure, Warned};

/// Prints events to standard error and asks questions at the terminal.
pub(in crate::cli) struct Printer {
    agreement: Agreement,
    progress: Mutex<Option<Arc<SendProgress>>>,
}

impl Printer {
    /// Answers questions by `agreement`, or asks.
    pub(in crate::cli) fn new(agreement: Agreement) -> Self {
        Self {
            agreement,
            progress: Mutex::new(None),
        }
    }

    fn with_progress(&self, act: impl FnOnce(&SendProgress)) {
        let progress = self.progress().clone();
        if let Some(progress) = progress {
            act(&progress);
        }
    }

    fn progress(&self) -> MutexGuard<'_, Option<Arc<SendProgress>>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events for Printer {
    fn event(&self, event: CampaignEvent<'_>) {
        match event {
            CampaignEvent::Warning(warning) => terminal::warned(Warned {
                value: (),
                warnings: vec![warning.clone()],
            }),
            CampaignEvent::Findings(findings) => terminal::findings(findings),
            CampaignEvent::Finding(finding) => terminal::finding(finding),
            CampaignEvent::Renewed => terminal::say(
                "the files have changed since, and no message has left: the present files are sent",
            ),
            CampaignEvent::Announced(announcement) => terminal::say(&announced(announcement)),
            CampaignEvent::Rehearsal => {
                terminal::say("no [smtp]: nothing is mailed; this is a rehearsal");
            }
            CampaignEvent::Recovered(recovered, send) => report_recovered(recovered, send),
            CampaignEvent::Departed(departed) => report_departed(departed),
            CampaignEvent::WouldPause(departed, send) => report_pause(departed, send),
            CampaignEvent::ManyDeparted(departed) => terminal::warning(&departed.to_string()),
            CampaignEvent::Started { total } => {
                *self.progress() = Some(Arc::new(SendProgress::begin(total)));
            }
            CampaignEvent::Tried(subscriber, outcome) => {
                self.with_progress(|progress| report_outcome(progress, subscriber, outcome));
            }
            CampaignEvent::Notice(notice) => self.with_progress(|progress| progress.line(notice)),
            CampaignEvent::Ended => self.with_progress(SendProgress::end),
        }
    }

    fn confirm(&self, question: Question<'_>) -> Result<(), Failure> {
        self.agreement.confirm(question)
    }

    fn stop_switch(&self, stop: watch::Sender<bool>) {
        tokio::spawn(signals::watch(stop));
    }
}

/// A table of what is about to be sent.
fn announced(announcement: &Announcement) -> String {
    let since = announcement.begun.map(timestamp::format);
    let since = since.map(|since| format!(", begun {since}"));
    let edition = format!(
        "{}, edition {}{}",
        announcement.issue,
        &announcement.digest[..12],
        since.unwrap_or_default()
    );
    let rows = [
        ("issue", edition),
        ("subject", escape::terminal(&announcement.subject)),
        ("from", escape::terminal(&announcement.from)),
        ("relay", announcement.relays.clone()),
        ("to", announcement.to.clone()),
    ];
    let rows = rows.map(|(what, value)| format!("{what:<8} {value}"));
    rows.join("\n")
}

/// Reports what a run that was killed has left.
fn report_recovered(recovered: Recovered, send: &Send) {
    if recovered.doubtful > 0 {
        terminal::warning(&format!(
            "the last run was stopped in the middle of messages: {}",
            uncertain(recovered.doubtful)
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

fn uncertain(count: usize) -> String {
    match count {
        1 => "1 delivery is uncertain".to_owned(),
        count => format!("{count} deliveries are uncertain"),
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
        "without agreement a run pauses the campaign; `franking resume {word}` asks, and continues without them"
    ));
}

fn report_outcome(progress: &SendProgress, subscriber: &Subscriber, outcome: &Outcome) {
    progress.step();
    let address = escape::terminal(subscriber.address.as_str());
    match outcome {
        Outcome::Accepted(_) | Outcome::Stop(_) => {}
        Outcome::Deferred(_, why) => progress.line(&format!("deferred   {address}: {why}")),
        Outcome::Refused { diagnostic, .. } => {
            progress.line(&format!("refused    {address}: {diagnostic}"));
        }
        Outcome::Uncertain(why) => progress.line(&format!("uncertain  {address}: {why}")),
    }
}
