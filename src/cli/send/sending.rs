//! One issue on its way: begun, or taken up where it stopped.

use super::super::context::{Context, address_of, moment, refusal, shown};
use super::super::dispatch::{self, Settings};
use super::super::exit::{Exit, Failure};
use super::Arguments;
use crate::deliver::{self, Plan};
use crate::diag::{Findings, counted};
use crate::issue::{self, Moment};
use crate::load::{self, Compiled, Folder};
use crate::reader::Address;
use crate::store::{Send, Store, StoreError, Sum};
use crate::{escape, terminal};

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
    pub(super) context: &'a Context,
    pub(super) folder: &'a Folder,
    pub(super) issue: &'a str,
}

impl Sending<'_> {
    /// Compiles the issue, shows what would be sent, asks `agree` with the number of recipients, freezes edition and
    /// candidates and sends.
    pub(super) fn begin(
        &self,
        mut store: Store,
        agree: impl FnOnce(usize) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let (compiled, census) = self.context.compile(self.folder, self.issue)?;
        let suppressed = store.suppressions()?;
        let candidates = || dispatch::candidates(self.folder, &compiled, &census, &suppressed);
        let only = self.only()?;
        let plan = Plan::of(deliver::only(candidates(), only.as_ref()))?;
        terminal::say(&self.announcement(&compiled, &plan));
        if let Some(only) = &only {
            dispatch::require_recipient(&plan, only)?;
        }
        self.require_moment(compiled.issue.send_at.as_ref())?;
        agree(plan.recipients)?;
        // Settings come before the freezing: a password file that is missing begins no send.
        let settings = self.settings()?;
        let is_held = only.is_some();
        let begun = dispatch::begin(&mut store, &compiled, candidates(), is_held, self.context);
        match (begun, store.send_of(self.issue)) {
            // Another has been faster, with the same store: the two send it together.
            (Err(StoreError::AlreadyBegun(_)), Ok(Some(send))) => self.resume(store, send),
            (begun, _) => self.run(store, &begun?, settings),
        }
    }

    /// The ledger, if there is one, as a send would use it.
    pub(super) fn ledger(&self) -> Result<Option<Store>, Failure> {
        self.context
            .ledger_to_resume(self.folder, &self.arguments.accepted)
    }

    fn run(&self, store: Store, send: &Send, settings: Settings) -> Result<Exit, Failure> {
        let exit = dispatch::run(store, send, settings, self.context)?;
        if matches!(exit, Exit::Done | Exit::Findings)
            && let Some(store) = self.context.existing_store(self.folder)?
        {
            point_to_the_unsettled(&send.issue, &store.sum(send)?);
        }
        Ok(exit)
    }

    /// Sends what one subscriber got to all the others, if `agree` does.
    pub(super) fn release(
        &self,
        mut store: Store,
        send: Send,
        agree: impl FnOnce(usize) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let open = store.sum(&send)?.untried;
        let open = usize::try_from(open).unwrap_or(usize::MAX);
        let recipients = counted(open, "recipient");
        terminal::say(&format!(
            "what one recipient got is still to go to {recipients}"
        ));
        let mut unheard = Findings::new();
        let path = &self.context.folder;
        let now = issue::read(path, self.issue, &self.folder.publication, &mut unheard);
        self.require_moment(now.and_then(|issue| issue.send_at).as_ref())?;
        agree(open)?;
        store.release(&send)?;
        self.resume(store, send)
    }

    /// Refuses an issue whose `send_at` has not come, unless `--now` says that it goes out early.
    fn require_moment(&self, send_at: Option<&Moment>) -> Result<(), Failure> {
        let Some(at) = send_at.filter(|at| at.instant > self.context.now) else {
            return Ok(());
        };
        if self.arguments.now {
            return Ok(());
        }
        let message = format!(
            "`{}` has a `send_at` in the future: {} {}",
            self.issue, at.local, at.zone
        );
        Err(Failure::new(Exit::Usage, message).hint(
            "nothing was sent; `franking send --due` sends it then, and `--now` sends it now",
        ))
    }

    /// Goes on with what was frozen, whatever the files say now; only who has left since is left out.
    pub(super) fn resume(&self, mut store: Store, send: Send) -> Result<Exit, Failure> {
        terminal::say(&format!(
            "going on with `{}`, begun {}, edition {}",
            send.issue,
            moment(send.started_at),
            &send.digest[..12]
        ));
        self.leave_out_departed(&mut store, &send)?;
        if let Some(only) = &self.only()? {
            dispatch::require_open(&store, &send, only)?;
        }
        self.run(store, &send, self.settings()?)
    }

    /// The send under the `on_uncertain` of the issue as it is now: that is a decision about what has
    /// happened since, and no part of the edition.
    pub(super) fn with_policy_of_today(&self, send: Send) -> Send {
        let mut unheard = Findings::new();
        let path = &self.context.folder;
        // Nothing is checked again: what was frozen has been.
        let now = load::compile(path, self.folder, self.issue, &mut unheard);
        let Some((now, _)) = now else {
            terminal::warning(
                "the issue's file cannot be read; the edition that was frozen is sent",
            );
            return send;
        };
        if now.edition.digest() != send.digest && send.finished_at.is_none() {
            terminal::warning(&format!(
                "the files have changed since; the edition of {} is sent",
                moment(send.started_at)
            ));
        }
        Send {
            on_uncertain: now.issue.on_uncertain,
            ..send
        }
    }

    fn leave_out_departed(&self, store: &mut Store, send: &Send) -> Result<(), Failure> {
        let mut findings = self.folder.findings.clone();
        let mut readers = self.folder.list.read();
        let standings = deliver::Standings::of(readers.by_ref());
        readers.end(&mut findings);
        if findings.has_errors() {
            return Err(refusal(&findings)
                .hint("who has left since the send began cannot be told before this is mended"));
        }
        let now = self.context.now.as_second();
        let count = store.exclude_departed(send, |key| standings.reason(key), now)?;
        if count > 0 {
            terminal::say(&format!("{count} have left since, and get nothing"));
        }
        Ok(())
    }

    /// The one subscriber that the command is about.
    pub(super) fn only(&self) -> Result<Option<Address>, Failure> {
        self.arguments.only.as_deref().map(address_of).transpose()
    }

    /// How and where it is sent.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let only = self.only()?;
        let settings = Settings::of(
            &self.folder.publication,
            self.context,
            self.issue,
            self.arguments.allow_plaintext,
        )?;
        Ok(Settings {
            only: only.map(|address| address.key()),
            believes_refusals: self.arguments.believe_refusals,
            ..settings
        })
    }

    /// What is about to be sent: which edition, from whom, over which relay, to how many.
    pub(super) fn announcement(&self, compiled: &Compiled, plan: &Plan) -> String {
        let issue = &compiled.issue;
        let from = &compiled.edition.sender.from;
        let from = match &from.name {
            Some(name) => format!("{name} <{}>", from.address),
            None => from.address.to_string(),
        };
        let digest = compiled.edition.digest();
        let rows = [
            (
                "issue",
                format!("{}, edition {}", self.issue, &digest[..12]),
            ),
            (
                "subject",
                escape::terminal(&issue.slots.as_written(&issue.subject)),
            ),
            ("from", escape::terminal(&from)),
            ("relay", self.relays()),
            ("to", plan.to_string()),
        ];
        let rows = rows.map(|(what, value)| format!("{what:<8} {value}"));
        rows.join("\n")
    }

    fn relays(&self) -> String {
        let publication = &self.folder.publication;
        let relays = match &publication.smtp {
            Some(smtp) => smtp
                .relays()
                .map(|(relay, _)| relay.name())
                .collect::<Vec<_>>()
                .join(" and "),
            None => format!("none; files in {}", shown(&self.context.outbox(self.issue))),
        };
        let signed = publication.dkim.as_ref();
        let signed = signed.map(|dkim| format!(", signed for {}", dkim.domain));
        format!("{relays}{}", signed.unwrap_or_default())
    }
}
