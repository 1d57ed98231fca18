//! One issue on its way: begun, or taken up where it stopped.

use super::super::context::{Context, address_of, moment, refusal, shown};
use super::super::dispatch::{self, Settings};
use super::super::exit::{Exit, Failure};
use super::Arguments;
use crate::deliver::{self, Plan};
use crate::diag::{Findings, counted};
use crate::load::{self, Compiled, Folder};
use crate::reader::Census;
use crate::store::{Send, State, Store, StoreError, Sum};
use crate::terminal;

/// Where to look when somebody was refused or nobody can know.
pub(super) fn point_to_the_unsettled(issue: &str, sum: &Sum) {
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
    /// Compiles the issue, asks `agree` with the number of readers, freezes both and sends.
    pub(super) fn begin(
        &self,
        mut store: Store,
        agree: impl FnOnce(usize) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let (compiled, census) = self.context.compile(self.folder, self.issue)?;
        let plan = self.plan(&compiled, &census)?;
        self.announce(&compiled, &plan);
        agree(self.count(&plan)?)?;
        // Settings come before the freezing: a password file that is missing begins no send.
        let settings = self.settings()?;
        let is_held = self.arguments.only.is_some();
        let candidates = dispatch::candidates(self.folder, &compiled, &census);
        let begun = dispatch::begin(&mut store, &compiled, candidates, is_held, self.context);
        match (begun, store.send_of(self.issue)) {
            // Another has been faster, with the same store: the two send it together.
            (Err(StoreError::AlreadyBegun(_)), Ok(Some(send))) => self.resume(store, send),
            (begun, _) => self.run(store, &begun?, settings),
        }
    }

    fn run(&self, store: Store, send: &Send, settings: Settings) -> Result<Exit, Failure> {
        let exit = dispatch::run(store, send, settings, self.context)?;
        if exit == Exit::Findings
            && let Some(store) = self.context.existing_store(self.folder)?
        {
            point_to_the_unsettled(&send.issue, &store.sum(send)?);
        }
        Ok(exit)
    }

    /// What one reader got goes to all the others, if `agree` does.
    pub(super) fn release(
        &self,
        mut store: Store,
        send: Send,
        agree: impl FnOnce(usize) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let open = store.sum(&send)?.untried;
        let open = usize::try_from(open).unwrap_or(usize::MAX);
        let readers = counted(open, "reader");
        terminal::say(&format!("what one has got is still to go to {readers}"));
        agree(open)?;
        store.release(&send)?;
        self.resume(store, send)
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
        if let Some(only) = &self.arguments.only {
            self.require_open(&store, &send, only)?;
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

    /// What the send would do.
    pub(super) fn plan(&self, compiled: &Compiled, census: &Census) -> Result<Plan, Failure> {
        let only = self.arguments.only.as_deref().map(address_of).transpose()?;
        let only = only.map(|address| address.key());
        let candidates = dispatch::candidates(self.folder, compiled, census);
        Ok(Plan::of(candidates, only.as_deref())?)
    }

    /// How many readers this command would write to.
    fn count(&self, plan: &Plan) -> Result<usize, Failure> {
        let Some(only) = &self.arguments.only else {
            return Ok(plan.readers);
        };
        match plan.asked {
            Some(None) => Ok(1),
            Some(Some(reason)) => Err(Failure::new(
                Exit::Usage,
                format!("`{only}` gets nothing: {reason}"),
            )),
            None => Err(not_a_candidate(only)),
        }
    }

    fn require_open(&self, store: &Store, send: &Send, only: &str) -> Result<(), Failure> {
        let delivery = store.delivery(send, &address_of(only)?.key())?;
        let delivery = delivery.ok_or_else(|| not_a_candidate(only))?;
        if matches!(
            delivery.state,
            State::Ready | State::Leased | State::Deferred
        ) {
            return Ok(());
        }
        let why = delivery.why.map(|why| format!(", {why}"));
        let message = format!(
            "`{only}` is {}{}",
            delivery.state.as_str(),
            why.unwrap_or_default()
        );
        Err(Failure::new(Exit::Usage, message))
    }

    /// How and where it is sent.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let only = self.arguments.only.as_deref().map(address_of).transpose()?;
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

    /// Says what is about to be sent, where, and to how many.
    pub(super) fn announce(&self, compiled: &Compiled, plan: &Plan) {
        let to = match &self.folder.publication.smtp {
            Some(smtp) => {
                let relays: Vec<String> = smtp.relays().map(|(relay, _)| relay.name()).collect();
                format!("by {}", relays.join(" and "))
            }
            None => format!("into {}", shown(&self.context.outbox(self.issue))),
        };
        let signed = self.folder.publication.dkim.as_ref();
        let signed = signed.map(|dkim| format!(", signed for {}", dkim.domain));
        let digest = compiled.edition.digest();
        terminal::say(&format!(
            "`{}`, edition {}, {to}{}",
            self.issue,
            &digest[..12],
            signed.unwrap_or_default()
        ));
        terminal::say(&dispatch::plan_line(plan));
    }
}

fn not_a_candidate(address: &str) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("`{address}` is not among the readers of this issue"),
    )
}
