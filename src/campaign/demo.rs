//! A complete send on this machine: the latest issue is sent over SMTP to a sink on loopback that injects three faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::begin::new_send;
use super::event::Events;
use super::recipients::candidates;
use super::report::RunReport;
use super::routes::Routes;
use super::run::{Campaign, run};
use crate::delivery::{Plan, Retry, RouteConfig, SmtpTransport, Timeouts, Transport};
use crate::diag::Findings;
use crate::message;
use crate::newsletter::config::TlsMode;
use crate::newsletter::issue;
use crate::simulator::DemoFaults;
use crate::simulator::sink::{self, Serving};
use crate::store::{
    Candidate, Candidates, Lock, NewSend, Send, Store, StoreError, Suppressions, Totals,
};
use crate::subscriber::{Address, Changed};
use crate::util::key::Key;
use crate::workspace::{
    self, Checked, Failure, FailureKind, Sources, Workspace, create_private_directory, display_path,
};

/// A demonstration that is ready to run.
pub struct Demo<'a> {
    workspace: &'a Workspace,
    /// The issue that is sent.
    pub issue: String,
    /// Later issues, which have errors.
    pub skipped: Vec<String>,
    /// The directory of its files.
    pub directory: PathBuf,
    sources: Sources,
    checked: Checked,
    store: Store,
    _lock: Lock,
}

impl<'a> Demo<'a> {
    /// Prepares to send the latest issue without errors. With `again`, the files of the last demonstration are deleted first.
    ///
    /// # Errors
    /// If there is no issue or all have errors, another process has the lock, or the directory cannot be written.
    pub fn prepare(workspace: &'a Workspace, again: bool) -> Result<Self, Failure> {
        let directory = workspace.state().join("demo");
        let lock = workspace.lock("demo")?;
        if again && directory.exists() {
            remove(&directory)?;
        }
        let sources = workspace.load()?;
        let (issue, checked, skipped) = latest(workspace, &sources)?;
        create_private_directory(&mail(&directory))?;
        Ok(Self {
            store: Store::open(&directory.join("store.db"))?,
            workspace,
            issue,
            skipped,
            directory,
            sources,
            checked,
            _lock: lock,
        })
    }

    /// Warnings and notes about the files.
    pub fn findings(&self) -> &Findings {
        &self.checked.findings
    }

    /// The directory of the messages that the sink receives.
    pub fn mail(&self) -> PathBuf {
        mail(&self.directory)
    }

    /// The totals of a demonstration that has finished.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn finished(&self) -> Result<Option<Totals>, StoreError> {
        let send = self.store.send_of(&self.issue)?;
        let finished = send.filter(|send| send.finished_at.is_some());
        finished.map(|send| self.store.totals(&send)).transpose()
    }

    /// The recipients and exclusions.
    ///
    /// # Errors
    /// If the ledger or the list cannot be read.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let suppressed = self.store.suppressions()?;
        Ok(Plan::of(self.candidates(&suppressed))?)
    }

    /// The faults that the sink injects.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn faults(&self) -> Result<DemoFaults, StoreError> {
        let suppressed = self.store.suppressions()?;
        let candidates = self.candidates(&suppressed).map_while(Result::ok);
        let ready = candidates.filter(|candidate| candidate.exclusion.is_none());
        Ok(DemoFaults::among(
            ready.map(|candidate| envelope_address(&candidate)),
        ))
    }

    /// Sends the issue and writes its parts.
    ///
    /// # Errors
    /// If the sink cannot be started, or a file or the ledger cannot be written.
    pub fn run(mut self, events: &Arc<dyn Events>) -> Result<RunReport, Failure> {
        self.write_parts()?;
        let sink = Serving::start(
            Arc::new(self.faults()?),
            Arc::new(sink::into_folder(self.mail())),
        )
        .map_err(|error| Failure::io("the sink cannot be started on 127.0.0.1", &error))?;
        let route = RouteConfig::unlimited(Transport::Smtp(relay(&sink)), 2);
        let campaign = Campaign {
            send: self.begin()?,
            store: self.store,
            // Messages that do not leave the machine need no signature.
            routes: Routes::new(vec![route], Key::specimen(), Retry::QUICK),
        };
        let (report, _) = run(campaign, self.workspace, events)?;
        Ok(report)
    }

    fn candidates(
        &self,
        suppressed: &Suppressions,
    ) -> impl Iterator<Item = Result<Candidate, Changed>> {
        let Checked {
            compiled, census, ..
        } = &self.checked;
        candidates(&self.sources, compiled, census, suppressed)
    }

    /// The campaign, begun if it has not begun before.
    fn begin(&mut self) -> Result<Send, Failure> {
        if let Some(send) = self.store.send_of(&self.issue)? {
            return Ok(send);
        }
        let suppressed = self.store.suppressions()?;
        let (compiled, census) = (&self.checked.compiled, &self.checked.census);
        let candidates = candidates(&self.sources, compiled, census, &suppressed);
        let new = NewSend {
            // The ledger of the demonstration has no list.
            follows_list: false,
            ..new_send(compiled, &self.sources, self.workspace)
        };
        Ok(self.store.begin(&new, Candidates::listed(candidates))?)
    }

    /// Writes the HTML and text parts, as the first subscriber gets them.
    fn write_parts(&self) -> Result<(), Failure> {
        let first = self.sources.list.read().next();
        let first =
            first.ok_or_else(|| Failure::new(FailureKind::Usage, "the list has no subscribers"))?;
        let compiled = &self.checked.compiled;
        let options = compiled.specimen_options(&self.sources.newsletter);
        let parts = message::fill(&compiled.edition, &first, &options);
        workspace::write_parts(&self.directory, &compiled.edition, &parts)
    }
}

/// The latest issue without errors, and the later ones, which have some. If all have, the error of the latest.
fn latest(
    workspace: &Workspace,
    sources: &Sources,
) -> Result<(String, Checked, Vec<String>), Failure> {
    let mut skipped = Vec::new();
    let mut first = None;
    for issue in issue::names(&workspace.directory).into_iter().rev() {
        match workspace.compile(sources, &issue) {
            Ok(checked) => return Ok((issue, checked, skipped)),
            Err(failure) => first = first.or(Some(failure)),
        }
        skipped.push(issue);
    }
    Err(first.unwrap_or_else(no_issue))
}

fn mail(directory: &Path) -> PathBuf {
    directory.join("mail")
}

fn remove(directory: &Path) -> Result<(), Failure> {
    std::fs::remove_dir_all(directory).map_err(|error| {
        let directory = display_path(directory);
        Failure::io(format!("`{directory}` cannot be removed"), &error)
    })
}

fn no_issue() -> Failure {
    Failure::new(FailureKind::Usage, "there is no issue to send")
        .hint("create one with `franking new NAME`")
}

fn envelope_address(candidate: &Candidate) -> String {
    Address::parse(&candidate.address).map_or_else(
        |_| candidate.address.clone(),
        |address| address.for_envelope(),
    )
}

fn relay(sink: &Serving) -> SmtpTransport {
    SmtpTransport {
        host: "127.0.0.1".to_owned(),
        port: sink.port,
        tls: TlsMode::None,
        ca_file: None,
        login: None,
        timeouts: Timeouts::NORMAL,
    }
}
