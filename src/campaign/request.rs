//! A request to send one issue, and the checks that its use cases share.

use std::sync::Arc;

use jiff::SignedDuration;

use super::announcement::{Announcement, example};
use super::brake::braked_in;
use super::event::{CampaignEvent, Events, warned};
use super::frozen::thaw;
use super::report::list_unreadable;
use super::resume_plan::ResumePlan;
use super::routes::Routes;
use super::schedule;
use crate::delivery::{self, ListWatch, StatusIndex};
use crate::diag::{Findings, counted};
use crate::newsletter::issue::{self, ZonedTime};
use crate::store::{Brake, Departures, Send, Store, StoreError};
use crate::subscriber::{Address, ListStamp};
use crate::util::timestamp;
use crate::workspace::{
    self, Checked, Failure, FailureKind, LedgerPolicy, Sources, Warning, Workspace,
};

/// The warning after a new ledger was taken back.
const AS_BEFORE: &str =
    "nothing was sent, so no new ledger has begun: the next send needs `--new-ledger` again";

/// How an issue is sent.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// Send to this subscriber only; the others wait.
    pub only: Option<Address>,
    /// Hold a campaign whose work has been due for longer than this without a run.
    pub max_gap: SignedDuration,
    /// How long a run waits for a list that cannot be read completely.
    pub list_wait: SignedDuration,
    /// Send the frozen edition although the issue's file is gone.
    pub frozen: bool,
    /// Send an issue before its `send_at`.
    pub now: bool,
    /// Accept any number of refusals.
    pub believe_refusals: bool,
    /// Send without TLS to another machine.
    pub allow_plaintext: bool,
    /// Which differences from the ledger of the last run are accepted.
    pub ledger: LedgerPolicy,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            only: None,
            max_gap: SignedDuration::from_hours(24),
            list_wait: SignedDuration::from_secs(60),
            frozen: false,
            now: false,
            believe_refusals: false,
            allow_plaintext: false,
            ledger: LedgerPolicy::default(),
        }
    }
}

/// A request to send one issue.
#[derive(Clone, Copy)]
pub struct SendRequest<'a> {
    /// The newsletter directory.
    pub workspace: &'a Workspace,
    /// Its settings and list.
    pub sources: &'a Sources,
    /// The issue's name.
    pub issue: &'a str,
    /// How it is sent.
    pub options: &'a SendOptions,
    /// Receives events and answers questions.
    pub events: &'a Arc<dyn Events>,
}

impl SendRequest<'_> {
    /// Compiles the issue and reports the warnings about it.
    pub(super) fn compile(&self) -> Result<Checked, Failure> {
        let checked = self.workspace.compile(self.sources, self.issue)?;
        self.events
            .event(CampaignEvent::Findings(&checked.findings));
        Ok(checked)
    }

    pub(super) fn warn(&self, message: impl Into<String>) {
        self.events
            .event(CampaignEvent::Warning(&Warning::new(message)));
    }

    /// The moment of the request, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.workspace.now.as_second()
    }

    /// The ledger of the last run, if there is one.
    pub(super) fn ledger_to_resume(&self) -> Result<Option<Store>, Failure> {
        let policy = self.options.ledger;
        let store = self.workspace.ledger_to_resume(self.sources, policy)?;
        Ok(warned(store, &**self.events))
    }

    /// As [`SendRequest::ledger_to_resume`], without writing.
    pub(super) fn ledger_for_dry_run(&self) -> Result<Option<Store>, Failure> {
        let policy = self.options.ledger;
        let store = self.workspace.ledger_for_dry_run(self.sources, policy)?;
        Ok(warned(store, &**self.events))
    }

    /// As [`SendRequest::ledger_to_resume`], created if there is none.
    pub(super) fn ledger_to_send(&self) -> Result<Store, Failure> {
        let policy = self.options.ledger;
        let mut warn = |warning: &Warning| self.events.event(CampaignEvent::Warning(warning));
        let workspace = self.workspace;
        let store = workspace.ledger_to_send(self.sources, policy, &mut warn)?;
        self.warn_of_clock(&store)?;
        Ok(store)
    }

    /// Calls `send`. If that fails, or what it returns is not `begun`, and certainly no message was sent, a ledger that began by
    /// `--new-ledger` is taken back.
    pub(super) fn or_former_ledger<T>(
        &self,
        send: impl FnOnce() -> Result<T, Failure>,
        is_begun: impl FnOnce(&T) -> bool,
    ) -> Result<T, Failure> {
        let (workspace, sources) = (self.workspace, self.sources);
        let former = workspace.former_ledger(sources, self.options.ledger)?;
        let sent = send();
        if let Some(former) = former.filter(|_| !sent.as_ref().is_ok_and(is_begun)) {
            match workspace.put_back(former, sources, self.issue) {
                Ok(true) => self.warn(AS_BEFORE),
                Ok(false) => {}
                Err(failure) => self.events.event(CampaignEvent::Warning(&failure.into())),
            }
        }
        sent
    }

    /// Retries and quotas depend on a clock that does not go back. Less than an hour is a correction of the clock.
    fn warn_of_clock(&self, store: &Store) -> Result<(), Failure> {
        let latest = store.latest_run()?;
        if let Some(latest) = latest.filter(|latest| latest - self.now() > 3_600) {
            self.warn(format!(
                "the clock shows {}, but the ledger has a send at {}",
                timestamp::format(self.now()),
                timestamp::format(latest)
            ));
        }
        Ok(())
    }

    /// Whether the run reads edition and recipients from the files again, see [`can_refreeze`]. The request may keep the
    /// frozen edition.
    pub(super) fn can_refreeze(&self, store: &Store, send: &Send) -> Result<bool, StoreError> {
        Ok(!self.options.frozen && can_refreeze(store, send)?)
    }

    /// Holds the campaign if its deliveries have been due for too long and no run has tried them.
    pub(super) fn require_no_gap(&self, store: &mut Store, send: &Send) -> Result<(), Failure> {
        let max_gap = self.options.max_gap.as_secs();
        let Some(since) = schedule::gap(store, send, self.now(), max_gap)? else {
            return Ok(());
        };
        let why = format!(
            "deliveries have been due since {}, and no run has tried them",
            timestamp::format(since)
        );
        store.set_automatic_brake(send, Brake::Held, &why, self.now())?;
        let held = store.send_of(&send.issue)?;
        Err(braked_in(self.workspace, held.as_ref().unwrap_or(send)))
    }

    /// Whether the operator accepts a ledger that is not the one of the last run, and no run has used it yet.
    pub(super) fn is_restored(&self, store: &Store) -> Result<bool, Failure> {
        Ok(self.workspace.mismatch(Some(store))?.is_some())
    }

    /// Records a restored ledger with which nothing is sent now; otherwise the run records it.
    pub(super) fn accept_ledger(&self, store: &mut Store) -> Result<(), Failure> {
        if self.is_restored(store)? {
            store.advance(&self.workspace.marker(), self.now())?;
        }
        Ok(())
    }

    /// Whether no relay is configured. Then the messages are written to files, and the issue can be sent afterwards.
    pub fn is_rehearsal(&self) -> bool {
        self.sources.newsletter.smtp.is_none()
    }

    /// Refuses to write the remaining messages of a campaign that uses a relay to files, because their recipients would
    /// count as mailed.
    pub(super) fn require_relay(&self) -> Result<(), Failure> {
        if !self.is_rehearsal() {
            return Ok(());
        }
        let message = format!(
            "`{}` has begun over a relay, and newsletter.toml has no [smtp] now",
            self.issue
        );
        Err(Failure::new(FailureKind::Usage, message).hint("nothing was sent; restore [smtp]"))
    }

    /// Refuses an issue whose `send_at` is in the future, unless it is sent early by request.
    pub(super) fn require_moment(&self, send_at: Option<&ZonedTime>) -> Result<(), Failure> {
        let Some(at) = send_at.filter(|at| at.instant > self.workspace.now) else {
            return Ok(());
        };
        if self.options.now {
            return Ok(());
        }
        let message = format!(
            "`{}` has a `send_at` in the future: {} {}",
            self.issue, at.local, at.zone
        );
        Err(Failure::new(FailureKind::Usage, message).hint(
            "nothing was sent; `franking send --due` sends it then, and `--now` sends it now",
        ))
    }

    /// Refuses a campaign whose issue's file does not exist: the operator may have removed it to stop the campaign.
    pub(super) fn require_file(&self) -> Result<(), Failure> {
        let path = issue::path_of(self.issue);
        if self.options.frozen || self.workspace.directory.join(&path).exists() {
            return Ok(());
        }
        let message = format!("`{}` has begun, and its file `{path}` is gone", self.issue);
        Err(Failure::new(FailureKind::Usage, message).hint(format!(
            "nothing was sent; if it was renamed, rename it back. `franking resume {0} --frozen` sends the frozen edition, \
             `franking cancel {0}` ends it",
            self.issue
        )))
    }

    /// The campaign with the present `on_uncertain` of the issue. This policy is not a part of the edition, because the
    /// operator may change it after deliveries have become uncertain.
    pub(super) fn with_present_policy(&self, send: Send) -> Result<Send, Failure> {
        self.compare_files(send).map(|(send, _)| send)
    }

    /// As [`SendRequest::with_present_policy`], and whether the files differ from the edition that is sent.
    pub(super) fn compare_files(&self, send: Send) -> Result<(Send, bool), Failure> {
        if send.finished_at.is_none() {
            self.require_file()?;
        }
        let path = &self.workspace.directory;
        // The findings are ignored, because the frozen edition was checked before.
        let now = workspace::compile(path, self.sources, self.issue, &mut Findings::new());
        let Some(now) = now else {
            self.warn("the issue's file cannot be read; the frozen edition is sent");
            return Ok((send, false));
        };
        let is_changed = now.edition.digest() != send.digest && send.finished_at.is_none();
        if is_changed {
            let begun = timestamp::format(send.started_at);
            let message = format!("the files have changed since; the edition of {begun} is sent");
            self.warn(message);
        }
        let send = Send {
            on_uncertain: now.issue.on_uncertain,
            ..send
        };
        Ok((send, is_changed))
    }

    /// Excludes recipients who left since the campaign began, and returns the statuses of the list.
    pub(super) fn exclude_departed(
        &self,
        store: &mut Store,
        send: &Send,
    ) -> Result<Arc<StatusIndex>, Failure> {
        let (departed, statuses) = self.departed(store, send, false)?;
        if departed.is_accident() {
            let now = store.send_of(&send.issue)?;
            return Err(braked_in(self.workspace, now.as_ref().unwrap_or(send)));
        }
        self.events.event(CampaignEvent::Departed(departed));
        Ok(statuses)
    }

    /// As [`SendRequest::exclude_departed`]. `is_confirmed` is whether any number of departures is accepted.
    pub(super) fn departed(
        &self,
        store: &mut Store,
        send: &Send,
        is_confirmed: bool,
    ) -> Result<(Departures, Arc<StatusIndex>), Failure> {
        let statuses = self.statuses()?;
        // First, because messages in flight of a run that was killed may be for subscribers who have left.
        let recovered = store.take_over(send, self.now())?;
        self.events.event(CampaignEvent::Recovered(recovered, send));
        if self.sources.list.is_stored() {
            store.follow_list(send)?;
        }
        let reason = |key: &str| statuses.reason(key);
        let departed = store.exclude_departed(send, reason, is_confirmed, self.now())?;
        Ok((departed, statuses))
    }

    /// The status of each mailbox of the current list.
    pub(super) fn statuses(&self) -> Result<Arc<StatusIndex>, Failure> {
        let mut findings = self.sources.findings.clone();
        let statuses = StatusIndex::read(&self.sources.list, &mut findings);
        if findings.has_errors() {
            return Err(Failure::of_findings(&findings)
                .hint("correct these errors first: until then, it is unknown who has left since the campaign began"));
        }
        let empty = || list_unreadable(self.issue, delivery::EMPTY_LIST);
        statuses.ok_or_else(empty).map(Arc::new)
    }

    /// The routes of the run. `stamp` is the state of the list when its subscribers were read, `statuses` are theirs, if the
    /// campaign has begun before.
    pub(super) fn routes(
        &self,
        stamp: Option<ListStamp>,
        statuses: Option<Arc<StatusIndex>>,
    ) -> Result<Routes, Failure> {
        let list = &self.sources.list;
        let wait = self.options.list_wait.unsigned_abs();
        let watch = || ListWatch::new(list.clone(), stamp, wait).knowing(statuses);
        let plain = self.options.allow_plaintext;
        let routes = Routes::configured(self.workspace, self.sources, self.issue, plain)?;
        Ok(Routes {
            only: self.options.only.as_ref().map(Address::key),
            list: (!list.is_stored()).then(watch),
            follows_list: list.is_stored(),
            believes_refusals: self.options.believe_refusals,
            ..routes
        })
    }

    /// Announces the remaining deliveries of a campaign that has begun, and returns their plan.
    pub(super) fn announce(
        &self,
        store: &Store,
        send: &Send,
        statuses: &StatusIndex,
    ) -> Result<ResumePlan, Failure> {
        let only = self.options.only.as_ref();
        let resume_plan = ResumePlan::of(store, send, statuses, only)?;
        let edition = thaw(store, &send.digest)?;
        let first = match &resume_plan.first {
            Some(key) => example(store.first_remaining(send, Some(key))?),
            None => None,
        };
        let left = counted(resume_plan.recipients, "recipient");
        let to = match only {
            Some(_) => left,
            None => format!("{left} left, {} accepted", resume_plan.totals.accepted),
        };
        let of = (self.workspace, self.sources, self.issue);
        let announcement = Announcement::new(of, &edition, Some(send), first.as_ref(), &to);
        self.events.event(CampaignEvent::Announced(&announcement));
        Ok(resume_plan)
    }
}

/// Whether the next run reads edition and recipients of a campaign from the files again: certainly no message was sent,
/// and no process is sending the campaign.
///
/// # Errors
/// If the ledger cannot be read.
pub fn can_refreeze(store: &Store, send: &Send) -> Result<bool, StoreError> {
    let is_open = send.finished_at.is_none() && !send.is_cancelled();
    Ok(is_open && store.can_refreeze(send)? && store.senders(send)?.is_empty())
}
