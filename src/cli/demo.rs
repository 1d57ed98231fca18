//! `franking demo`: a complete send on this machine.
//!
//! The sample issue goes to the sample subscribers over SMTP, through a sink on loopback that simulates faults for three of
//! them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build;
use super::send::{Agreement, Printer, report};
use crate::campaign::{self, Campaign, Events, Routes};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::delivery::{Plan, Retry, RouteConfig, SmtpTransport, Timeouts, Transport};
use crate::message::{self, MessageOptions};
use crate::newsletter::config::TlsMode;
use crate::newsletter::issue;
use crate::simulator::sink::{self, Answer, Script, Serving};
use crate::store::{Candidate, Store};
use crate::util::key::Key;
use crate::workspace::{
    self, Checked, Compiled, Failure, FailureKind, Sources, Workspace, create_private_directory,
    display_path, starter,
};
use clap::Args;

/// The arguments of `franking demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Delete the last demonstration and start over.
    #[arg(long)]
    again: bool,
}

/// The directory of a demonstration that is not run in a newsletter directory.
const STARTER: &str = "franking-demo";

pub(super) fn execute(
    arguments: &Arguments,
    found: Result<Workspace, Failure>,
) -> Result<Exit, Failure> {
    let workspace = with_samples(found)?;
    let state = workspace.state().join("demo");
    let _lock = workspace.lock("demo")?;
    if arguments.again && state.exists() {
        std::fs::remove_dir_all(&state).map_err(|error| {
            Failure::io(
                format!("`{}` cannot be removed", display_path(&state)),
                &error,
            )
        })?;
    }
    let name = latest(&workspace)?;
    let sources = workspace.load()?;
    let Checked {
        compiled, census, ..
    } = super::compile(&workspace, &sources, &name)?;
    let mail = state.join("mail");
    create_private_directory(&mail)?;
    let mut store = Store::open(&state.join("store.db"))?;
    if let Some(send) = store
        .send_of(&name)?
        .filter(|send| send.finished_at.is_some())
    {
        terminal::say(&report::totals(&store.totals(&send)?));
        terminal::say("already sent, nothing to do; `franking demo --again` starts over");
        list_files(&state, &name);
        return Ok(Exit::Done);
    }
    let suppressed = store.suppressions()?;
    let candidates = || campaign::candidates(&sources, &compiled, &census, &suppressed);
    let plan = Plan::of(candidates())?;
    terminal::say(&format!("`{name}` to {plan}"));
    let faults = DemoFaults::among(candidates().map_while(Result::ok));
    faults.report();
    write_parts(&state, &sources, &compiled)?;
    let send = match store.send_of(&name)? {
        Some(send) => send,
        None => store.begin(
            &campaign::new_send(&compiled, &sources, &workspace),
            candidates(),
        )?,
    };
    let keep = Arc::new(sink::into_folder(mail));
    let sink_server = Serving::start(Arc::new(faults), keep)
        .map_err(|error| Failure::io("no sink can be started on 127.0.0.1", &error))?;
    let route = RouteConfig::unlimited(Transport::Smtp(relay(&sink_server)), 2);
    let campaign = Campaign {
        store,
        send,
        // Messages that do not leave the machine need no signature.
        routes: Routes::new(vec![route], Key::specimen(), Retry::QUICK),
    };
    let events: Arc<dyn Events> = Arc::new(Printer::new(Agreement::default()));
    let (ended, _) = campaign::run(campaign, &workspace, &events)?;
    let exit = report::print_totals(ended)?;
    drop(sink_server);
    list_files(&state, &name);
    terminal::say(
        "next: change issues/, then `franking check`; `franking send --dry-run` shows who would get it",
    );
    // The refused and the uncertain delivery are part of the demonstration.
    Ok(if exit == Exit::Findings {
        Exit::Done
    } else {
        exit
    })
}

/// The newsletter of the command, or one with the samples.
fn with_samples(found: Result<Workspace, Failure>) -> Result<Workspace, Failure> {
    let mut workspace = match found {
        Ok(workspace) => workspace,
        Err(_) => Workspace {
            directory: PathBuf::from("."),
            now: workspace::now()?,
        },
    };
    if workspace.require_newsletter().is_err() {
        workspace.directory.push(STARTER);
        if workspace.require_newsletter().is_err() {
            starter::write_samples(&workspace.directory)?;
            let shown = display_path(&workspace.directory);
            terminal::say(&format!("the samples are in `{shown}`"));
        }
    }
    Ok(workspace)
}

fn latest(workspace: &Workspace) -> Result<String, Failure> {
    issue::names(&workspace.directory).pop().ok_or_else(|| {
        Failure::new(FailureKind::Usage, "there is no issue to send")
            .hint("create one with `franking new NAME`")
    })
}

/// Writes the HTML and text parts, as the first subscriber gets them.
fn write_parts(state: &Path, sources: &Sources, compiled: &Compiled) -> Result<(), Failure> {
    let reader = sources.list.read().next();
    let reader =
        reader.ok_or_else(|| Failure::new(FailureKind::Usage, "the list has no subscribers"))?;
    let stamp: MessageOptions = compiled.specimen_options(&sources.newsletter);
    let parts = message::fill(&compiled.edition, &reader, &stamp);
    build::write_parts(state, &compiled.edition, &parts)
}

/// Lists the files, the path first, so that `cut` finds it.
fn list_files(state: &Path, name: &str) {
    let files = [
        (state.join("mail"), "the messages that the sink received"),
        (
            state.join(format!("{name}.html")),
            "the HTML part, for a browser",
        ),
        (state.join(format!("{name}.txt")), "the plain text part"),
    ];
    let lines = files.iter().map(|(path, what)| {
        let path = display_path(path).to_string();
        format!("{path:<32} {what}\n")
    });
    super::print(&lines.collect::<String>());
}

/// Three recipients with a simulated fault.
#[derive(Debug, Clone, Default)]
struct DemoFaults {
    deferred: Option<String>,
    refused: Option<String>,
    lost: Option<String>,
}

impl DemoFaults {
    fn among(candidates: impl Iterator<Item = Candidate>) -> Self {
        let mut ready = candidates
            .filter(|c| c.exclusion.is_none())
            .map(|c| envelope_address(&c));
        Self {
            deferred: ready.nth(1),
            refused: ready.nth(3),
            lost: ready.nth(3),
        }
    }

    fn report(&self) {
        let faults = [
            (
                &self.deferred,
                "is deferred (451), and accepted at the second attempt",
            ),
            (&self.refused, "does not exist (550)"),
            (
                &self.lost,
                "accepts the message and closes the connection before the reply",
            ),
        ];
        for (address, what) in faults {
            if let Some(address) = address {
                terminal::say(&format!("  simulated: {address} {what}"));
            }
        }
    }
}

fn envelope_address(candidate: &Candidate) -> String {
    crate::subscriber::Address::parse(&candidate.address).map_or_else(
        |_| candidate.address.clone(),
        |address| address.for_envelope(),
    )
}

impl Script for DemoFaults {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        if self.deferred.as_deref() == Some(address) && attempt == 1 {
            return Answer::Reply(451, "4.7.1 greylisted, come back soon".to_owned());
        }
        if self.refused.as_deref() == Some(address) {
            return Answer::Reply(550, "5.1.1 no such mailbox here".to_owned());
        }
        Answer::Accept
    }

    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if self.lost.as_deref() == Some(address) {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
}

fn relay(sink_server: &Serving) -> SmtpTransport {
    SmtpTransport {
        host: "127.0.0.1".to_owned(),
        port: sink_server.port,
        tls: TlsMode::None,
        ca_file: None,
        login: None,
        timeouts: Timeouts::NORMAL,
    }
}
