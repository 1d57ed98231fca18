//! One issue on its way: begun, or taken up where it stopped.

use std::fmt::Display;
use std::sync::Arc;

use super::super::dispatch::{self, Settings};
use super::outlook::Outlook;
use super::{Arguments, confirm};
use crate::campaign::schedule;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::compile::edition::Edition;
use crate::delivery::{self, ListWatch, Plan, StatusIndex};
use crate::diag::{Findings, counted};
use crate::message;
use crate::newsletter::issue::{self, ZonedTime};
use crate::placeholder::Written;
use crate::store::{Brake, Departed, Lock, NewSend, Send, Store, StoreError, Sum};
use crate::subscriber::{Address, ListStamp, Subscriber};
use crate::util::escape;
use crate::workspace::{
    self, Checked, Failure, FailureKind, Sources, Workspace, display_path, format_timestamp,
    parse_address,
};

/// Says where to look when addresses were refused or deliveries are uncertain.
pub(super) fn point_to_the_unsettled(issue: &str, sum: &Sum) {
    if sum.refused + sum.uncertain == 0 {
        return;
    }
    terminal::say(&format!("who is where: `franking status {issue}`"));
    if sum.uncertain > 0 {
        terminal::say(&format!(
            "what to do about the uncertain: `franking resolve {issue}`"
        ));
    }
}

/// An issue and everything that was read to send it.
pub(super) struct Sending<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) workspace: &'a Workspace,
    pub(super) sources: &'a Sources,
    pub(super) issue: &'a str,
}

impl Sending<'_> {
    /// Takes the lock and writes into it which issue is being sent; on a server there is none.
    pub(super) fn lock(&self, task: &str) -> Result<Option<Lock>, Failure> {
        let mut lock = self
            .workspace
            .lock_for(&self.sources.newsletter.store, task)?;
        if let Some(lock) = &mut lock {
            let written = lock.set_issue(self.issue);
            written.map_err(|error| Failure::io("the lock cannot be written", &error))?;
        }
        Ok(lock)
    }

    /// Compiles the issue and prints the warnings about it.
    pub(super) fn compile(&self) -> Result<Checked, Failure> {
        crate::cli::compile(self.workspace, self.sources, self.issue)
    }

    /// Whether edition and recipients are read from the files again: no message of the campaign can have left, and no
    /// other process is sending it. With `--frozen` they stay.
    pub(super) fn is_renewable(&self, store: &Store, send: &Send) -> Result<bool, Failure> {
        Ok(!self.arguments.frozen && dispatch::is_renewable(store, send)?)
    }

    /// Holds the campaign if no run has touched it for too long although work was due.
    pub(super) fn require_no_gap(&self, store: &mut Store, send: &Send) -> Result<(), Failure> {
        let max_gap = self.arguments.max_gap;
        let now = self.workspace.now.as_second();
        let Some(since) = schedule::gap(store, send, now, max_gap.as_secs())? else {
            return Ok(());
        };
        let why = format!(
            "work has been due since {}, and no run has touched it",
            format_timestamp(since)
        );
        store.pull(send, Brake::Held, &why, now)?;
        let held = store.send_of(&send.issue)?;
        Err(dispatch::braked_in(
            self.workspace,
            held.as_ref().unwrap_or(send),
        ))
    }

    /// Compiles the issue, shows what would be sent, asks for agreement, freezes edition and candidates and sends.
    /// `renewed` is a campaign of which no message can have left: it is frozen anew.
    pub(super) fn begin(&self, mut store: Store, renewed: Option<&Send>) -> Result<Exit, Failure> {
        if renewed.is_some() {
            self.require_relay()?;
        }
        let stamp = self.sources.list.stamp();
        let Checked {
            compiled, census, ..
        } = self.compile()?;
        let suppressed = store.suppressions()?;
        let candidates = || dispatch::candidates(self.sources, &compiled, &census, &suppressed);
        let only = self.only()?;
        let plan = Plan::of(delivery::only(candidates(), only.as_ref()))?;
        if renewed.is_some_and(|send| send.digest != compiled.edition.digest()) {
            terminal::say(
                "the files have changed since, and no message has left: the present files are sent",
            );
        }
        let first = example(plan.first.clone());
        terminal::say(&self.announcement(&compiled.edition, None, first.as_ref(), &plan));
        if let Some(only) = &only {
            dispatch::require_recipient(&plan, only)?;
        }
        let is_rehearsal = self.is_rehearsal();
        if !is_rehearsal {
            self.require_moment(compiled.issue.send_at.as_ref())?;
            if renewed.is_none() {
                let path = &self.workspace.directory;
                let earlier =
                    schedule::of_campaigns(path, &store, &compiled, &self.sources.newsletter)?;
                confirm::again(self.arguments, self.issue, earlier.as_ref())?;
            }
        }
        if !is_rehearsal || self.arguments.confirm.is_some() {
            confirm::recipients(self.arguments, plan.recipients)?;
        }
        if is_rehearsal {
            self.begin_rehearsal()?;
        }
        // Settings come before the freezing: a password file that is missing begins no send.
        let settings = self.settings(stamp, None)?;
        let new = NewSend {
            is_rehearsal,
            ..dispatch::new_send(&compiled, self.sources, only.is_some(), self.workspace)
        };
        let begun = match renewed {
            Some(send) => store.renew(send, &new, candidates()),
            None => store.begin(&new, candidates()),
        };
        match (begun, store.send_of(self.issue)) {
            // Another has been faster, with the same store: the two send it together.
            // What was agreed to is the number of both.
            (Err(StoreError::AlreadyBegun(_)), Ok(Some(send))) => self.resume(store, send, true),
            (begun, _) => self.run(store, &begun?, settings),
        }
    }

    /// Without a relay nothing is mailed: the messages become files, and the issue can be sent afterwards.
    pub(super) fn is_rehearsal(&self) -> bool {
        self.sources.newsletter.smtp.is_none()
    }

    /// Says that nothing is mailed, and removes the files of the last rehearsal.
    fn begin_rehearsal(&self) -> Result<(), Failure> {
        terminal::say("no [smtp]: nothing is mailed; this is a rehearsal");
        let outbox = self.workspace.outbox(self.issue);
        match std::fs::remove_dir_all(&outbox) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let what = format!("`{}` cannot be removed", display_path(&outbox));
                Err(Failure::io(what, &error))
            }
            _ => Ok(()),
        }
    }

    /// A campaign that has begun is not completed by files: its recipients would count as served.
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

    /// The ledger, if there is one, as a send would use it.
    pub(super) fn ledger(&self) -> Result<Option<Store>, Failure> {
        let policy = self.arguments.accepted.policy();
        Ok(terminal::warned(
            self.workspace.ledger_to_resume(self.sources, policy)?,
        ))
    }

    /// As [`Sending::ledger`], where nothing is written.
    pub(super) fn ledger_for_dry_run(&self) -> Result<Option<Store>, Failure> {
        let policy = self.arguments.accepted.policy();
        Ok(terminal::warned(
            self.workspace.ledger_for_dry_run(self.sources, policy)?,
        ))
    }

    pub(super) fn run(
        &self,
        store: Store,
        send: &Send,
        settings: Settings,
    ) -> Result<Exit, Failure> {
        let exit = dispatch::run(store, send, settings, self.workspace)?;
        if send.is_rehearsal {
            terminal::say(&format!(
                "the files are in {}; with [smtp] in newsletter.toml, `franking send {}` mails the issue",
                display_path(&self.workspace.outbox(self.issue)),
                self.issue
            ));
            return Ok(exit);
        }
        if matches!(exit, Exit::Done | Exit::Findings)
            && let Some(store) = self.workspace.existing_store(self.sources)?
        {
            point_to_the_unsettled(&send.issue, &store.sum(send)?);
        }
        Ok(exit)
    }

    /// Sends what one subscriber got to all the others, after agreement, which also lifts the brake where a person
    /// resumes the campaign.
    pub(super) fn release(
        &self,
        mut store: Store,
        send: Send,
        is_resumed: bool,
    ) -> Result<Exit, Failure> {
        self.require_relay()?;
        let stamp = self.sources.list.stamp();
        let standings = self.leave_out_departed(&mut store, &send)?;
        let outlook = self.announce(&store, &send, &standings)?;
        let mut unheard = Findings::new();
        let path = &self.workspace.directory;
        let now = issue::read(path, self.issue, &self.sources.newsletter, &mut unheard);
        self.require_moment(now.and_then(|issue| issue.send_at).as_ref())?;
        confirm::recipients(self.arguments, outlook.recipients)?;
        if is_resumed {
            store.let_go(&send, self.workspace.now.as_second())?;
        }
        store.release(&send)?;
        self.run(store, &send, self.settings(stamp, Some(standings))?)
    }

    /// Refuses an issue whose `send_at` has not come, unless `--now` says that it goes out early.
    fn require_moment(&self, send_at: Option<&ZonedTime>) -> Result<(), Failure> {
        let Some(at) = send_at.filter(|at| at.instant > self.workspace.now) else {
            return Ok(());
        };
        if self.arguments.now {
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

    /// Goes on with what was frozen, whatever the files say now; only who has left since is left out. `is_agreed`: the
    /// number of `--confirm` has been compared.
    pub(super) fn resume(
        &self,
        mut store: Store,
        send: Send,
        is_agreed: bool,
    ) -> Result<Exit, Failure> {
        self.require_relay()?;
        let stamp = self.sources.list.stamp();
        let standings = self.leave_out_departed(&mut store, &send)?;
        self.go_on(store, &send, stamp, standings, is_agreed)
    }

    /// Sends what is left; `stamp` and `standings`: what the list was when it was last read. `is_agreed` as for
    /// [`Sending::resume`].
    pub(super) fn go_on(
        &self,
        store: Store,
        send: &Send,
        stamp: Option<ListStamp>,
        standings: Arc<StatusIndex>,
        is_agreed: bool,
    ) -> Result<Exit, Failure> {
        let outlook = self.announce(&store, send, &standings)?;
        if !is_agreed {
            match self.is_first_of(&store, send)? {
                true => confirm::recipients(self.arguments, outlook.recipients)?,
                false => confirm::compare(self.arguments, outlook.recipients)?,
            }
        }
        self.run(store, send, self.settings(stamp, Some(standings))?)
    }

    /// Whether the command is about one subscriber of a campaign that was agreed to for another one alone.
    fn is_first_of(&self, store: &Store, send: &Send) -> Result<bool, Failure> {
        let Some(only) = self.only()?.filter(|_| send.is_held) else {
            return Ok(false);
        };
        let delivery = store.delivery(send, &only.key())?;
        Ok(delivery.is_some_and(|delivery| delivery.attempts == 0))
    }

    /// The send under the `on_uncertain` of the issue as it is now: that is a decision about what has
    /// happened since, and no part of the edition. Without the issue's file nothing goes on but by `--frozen`: who
    /// removes the file may want no more of it to be sent.
    pub(super) fn with_policy_of_today(&self, send: Send) -> Result<Send, Failure> {
        self.of_today(send).map(|(send, _)| send)
    }

    /// As [`Sending::with_policy_of_today`], and whether the files differ from the edition that is sent.
    pub(super) fn of_today(&self, send: Send) -> Result<(Send, bool), Failure> {
        if send.finished_at.is_none() {
            self.require_file()?;
        }
        let mut unheard = Findings::new();
        let path = &self.workspace.directory;
        // Nothing is checked again: what was frozen has been.
        let now = workspace::compile(path, self.sources, self.issue, &mut unheard);
        let Some(now) = now else {
            terminal::warning(
                "the issue's file cannot be read; the edition that was frozen is sent",
            );
            return Ok((send, false));
        };
        let is_changed = now.edition.digest() != send.digest && send.finished_at.is_none();
        if is_changed {
            terminal::warning(&format!(
                "the files have changed since; the edition of {} is sent",
                format_timestamp(send.started_at)
            ));
        }
        let send = Send {
            on_uncertain: now.issue.on_uncertain,
            ..send
        };
        Ok((send, is_changed))
    }

    pub(super) fn require_file(&self) -> Result<(), Failure> {
        let path = issue::path_of(self.issue);
        if self.arguments.frozen || self.workspace.directory.join(&path).exists() {
            return Ok(());
        }
        let message = format!("`{}` has begun, and its file `{path}` is gone", self.issue);
        Err(Failure::new(FailureKind::Usage, message).hint(format!(
            "nothing was sent; if it was renamed, rename it back. `franking resume {0} --frozen` sends the frozen edition, \
             `franking cancel {0}` ends it",
            self.issue
        )))
    }

    fn leave_out_departed(
        &self,
        store: &mut Store,
        send: &Send,
    ) -> Result<Arc<StatusIndex>, Failure> {
        let (departed, standings) = self.departed(store, send, false)?;
        if departed.is_accident() {
            let now = store.send_of(&send.issue)?;
            return Err(dispatch::braked_in(
                self.workspace,
                now.as_ref().unwrap_or(send),
            ));
        }
        self.tell_departed(departed);
        Ok(standings)
    }

    /// Excludes who has left since the send began; `agreed`: however many were removed from the list. The statuses of the
    /// list come back.
    pub(super) fn departed(
        &self,
        store: &mut Store,
        send: &Send,
        agreed: bool,
    ) -> Result<(Departed, Arc<StatusIndex>), Failure> {
        let standings = self.standings()?;
        let now = self.workspace.now.as_second();
        // What a run that was killed had in hand may be for somebody who has left.
        dispatch::tell_recovered(store.take_over(send, now)?, send);
        let reason = |key: &str| standings.reason(key);
        let departed = store.exclude_departed(send, reason, agreed, now)?;
        Ok((departed, standings))
    }

    /// The status of each mailbox of the list as it is now.
    pub(super) fn standings(&self) -> Result<Arc<StatusIndex>, Failure> {
        let mut findings = self.sources.findings.clone();
        let standings = StatusIndex::read(&self.sources.list, &mut findings);
        if findings.has_errors() {
            return Err(Failure::of_findings(&findings)
                .hint("who has left since the send began cannot be told before this is mended"));
        }
        let standings =
            standings.ok_or_else(|| dispatch::list_unreadable(self.issue, delivery::EMPTY_LIST))?;
        Ok(Arc::new(standings))
    }

    pub(super) fn tell_departed(&self, departed: Departed) {
        if departed.excluded > 0 {
            terminal::say(&format!(
                "{} excluded: they left the list since the campaign began",
                counted(departed.excluded, "recipient")
            ));
        }
    }

    /// The one subscriber that the command is about.
    pub(super) fn only(&self) -> Result<Option<Address>, Failure> {
        self.arguments
            .only
            .as_deref()
            .map(parse_address)
            .transpose()
    }

    /// How and where it is sent; `stamp`: what the list was when its subscribers were read; `standings`: their statuses,
    /// where the campaign has begun before.
    pub(super) fn settings(
        &self,
        stamp: Option<ListStamp>,
        standings: Option<Arc<StatusIndex>>,
    ) -> Result<Settings, Failure> {
        let patience = self.arguments.list_wait.unsigned_abs();
        let only = self.only()?;
        let list = ListWatch::new(self.sources.list.clone(), stamp, patience);
        let settings = Settings::of(
            &self.sources.newsletter,
            self.workspace,
            self.issue,
            self.arguments.allow_plaintext,
        )?;
        Ok(Settings {
            only: only.map(|address| address.key()),
            list: Some(list.knowing(standings)),
            believes_refusals: self.arguments.believe_refusals,
            ..settings
        })
    }

    /// Shows what is left of a campaign that has begun, which comes back.
    pub(super) fn announce(
        &self,
        store: &Store,
        send: &Send,
        standings: &StatusIndex,
    ) -> Result<Outlook, Failure> {
        let only = self.only()?;
        let outlook = Outlook::of(store, send, standings, only.as_ref())?;
        let edition = dispatch::thaw(store, &send.digest)?;
        let first = match &outlook.first {
            Some(key) => example(store.first_left(send, Some(key))?),
            None => None,
        };
        let left = counted(outlook.recipients, "recipient");
        let to = match only {
            Some(_) => left,
            None => format!("{left} left, {} accepted", outlook.sum.accepted),
        };
        terminal::say(&self.announcement(&edition, Some(send), first.as_ref(), &to));
        Ok(outlook)
    }

    /// What is about to be sent: which edition, from whom, over which relay, to how many. The subject is shown as
    /// `example` gets it; `begun` is the campaign of a frozen edition.
    pub(super) fn announcement(
        &self,
        edition: &Edition,
        begun: Option<&Send>,
        example: Option<&Subscriber>,
        to: &impl Display,
    ) -> String {
        let from = &edition.sender.from;
        let from = match &from.name {
            Some(name) => format!("{name} <{}>", from.address),
            None => from.address.to_string(),
        };
        let digest = begun.map_or_else(|| edition.digest(), |send| send.digest.clone());
        let since = begun.map(|send| format!(", begun {}", format_timestamp(send.started_at)));
        let rows = [
            (
                "issue",
                format!(
                    "{}, edition {}{}",
                    self.issue,
                    &digest[..12],
                    since.unwrap_or_default()
                ),
            ),
            ("subject", escape::terminal(&subject(edition, example))),
            ("from", escape::terminal(&from)),
            ("relay", self.relays()),
            ("to", to.to_string()),
        ];
        let rows = rows.map(|(what, value)| format!("{what:<8} {value}"));
        rows.join("\n")
    }

    fn relays(&self) -> String {
        let newsletter = &self.sources.newsletter;
        let relays = match &newsletter.smtp {
            Some(smtp) => smtp
                .relays()
                .map(|(relay, _)| relay.name())
                .collect::<Vec<_>>()
                .join(" and "),
            None => format!(
                "none; files in {}",
                display_path(&self.workspace.outbox(self.issue))
            ),
        };
        let signed = newsletter.dkim.as_ref();
        let signed = signed.map(|dkim| format!(", signed for {}", dkim.domain));
        format!("{relays}{}", signed.unwrap_or_default())
    }
}

/// A recipient as the ledger has it.
pub(super) fn example(json: Option<String>) -> Option<Subscriber> {
    serde_json::from_str(&json?).ok()
}

/// A subject with placeholders as one recipient gets it, or as it is written where there is none.
fn subject(edition: &Edition, example: Option<&Subscriber>) -> String {
    let subject = &edition.subject;
    match example.filter(|_| !subject.uses().is_empty()) {
        Some(reader) => format!(
            "{}  (to {})",
            message::subject_for(edition, reader),
            reader.address
        ),
        None => subject.fill(&Written(&edition.slots)),
    }
}
