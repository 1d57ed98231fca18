//! What `send`, `send --due` and `demo` have in common: freeze or resume, run, add up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::context::{Context, moment};
use super::exit::{Exit, Failure};
use crate::deliver::{self, Ended, Pace, Rate, Relay, Retry, Run, Way};
use crate::edition::Edition;
use crate::escape;
use crate::issue::OnUncertain;
use crate::letter::Stamp;
use crate::load::{Compiled, Folder};
use crate::outcome::Outcome;
use crate::publication::{Publication, Tls};
use crate::reader::Reader;
use crate::store::{Candidate, Ledger, NewSend, Recovered, Send, Store, Sum};
use crate::terminal::{self, Progress};
use crate::token::Key;

/// How a dispatch is done; what differs between `send` and `demo`.
pub(super) struct Settings {
    pub(super) way: Way,
    pub(super) connections: usize,
    pub(super) pace: Pace,
    pub(super) retry: Retry,
    pub(super) key: Key,
    /// The one address that the run is for, as its key.
    pub(super) only: Option<String>,
}

impl Settings {
    /// Those of the publication: its relay, or the outbox.
    pub(super) fn of(
        publication: &Publication,
        context: &Context,
        issue: &str,
        may_be_plain: bool,
    ) -> Result<Self, Failure> {
        let connections = publication.smtp.as_ref().map_or(1, |smtp| smtp.connections);
        Ok(Self {
            way: way(publication, context, issue, may_be_plain)?,
            connections,
            pace: pace(publication)?,
            retry: Retry::NORMAL,
            key: context.key()?,
            only: None,
        })
    }
}

/// The relay, or a folder of the outbox.
pub(super) fn way(
    publication: &Publication,
    context: &Context,
    issue: &str,
    may_be_plain: bool,
) -> Result<Way, Failure> {
    let Some(smtp) = &publication.smtp else {
        let folder = context.state().join("outbox").join(issue);
        return Ok(Way::Outbox(deliver::Outbox { folder }));
    };
    if smtp.tls == Tls::None && !may_be_plain && !is_this_machine(&smtp.host) {
        let message = format!(
            "`tls = \"none\"` would send everything in the clear to {}",
            smtp.host
        );
        return Err(Failure::new(Exit::Usage, message)
            .hint("set `tls = \"starttls\"` or `\"implicit\"`; `--allow-plaintext` insists"));
    }
    let login = match &smtp.login {
        Some((user, source)) => {
            let password = source.fetch(&context.folder).map_err(|error| {
                Failure::new(Exit::Usage, "there is no password for the relay").caused_by(&error)
            })?;
            Some((user.clone(), password))
        }
        None => None,
    };
    Ok(Way::Smtp(Relay {
        host: smtp.host.clone(),
        port: smtp.port,
        tls: smtp.tls,
        ca_file: smtp.ca_file.as_ref().map(|path| context.folder.join(path)),
        login,
    }))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn pace(publication: &Publication) -> Result<Pace, Failure> {
    let Some(smtp) = &publication.smtp else {
        return Ok(Pace::default());
    };
    let rate = |text: &String| {
        text.parse::<Rate>()
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    };
    let relay = smtp.rate.as_ref().map(rate).transpose()?;
    let domains: Result<Vec<(String, Rate)>, Failure> = smtp
        .per_domain
        .iter()
        .map(|(domain, text)| Ok((domain.clone(), rate(text)?)))
        .collect();
    Ok(Pace::new(relay, domains?))
}

/// The plan of a send that has not begun.
pub(super) fn plan(folder: &Folder, compiled: &Compiled) -> Vec<Candidate> {
    let readers = folder.list.readers.iter().map(|(reader, _)| reader);
    let language = compiled.issue.language.tag();
    deliver::candidates(readers, &compiled.issue.audience, language).collect()
}

/// `20 readers; 5 left out: 1 duplicate, 2 unsubscribed, …`
pub(super) fn plan_line(candidates: &[Candidate]) -> String {
    let excluded = deliver::exclusion_counts(candidates.iter());
    let left_out: usize = excluded.values().sum();
    let readers = format!("{} readers", candidates.len() - left_out);
    if left_out == 0 {
        return readers;
    }
    let reasons: Vec<String> = excluded
        .iter()
        .map(|(reason, n)| format!("{n} {reason}"))
        .collect();
    format!("{readers}; {left_out} left out: {}", reasons.join(", "))
}

/// Freezes edition and candidates.
pub(super) fn begin(
    store: &mut Store,
    compiled: &Compiled,
    candidates: Vec<Candidate>,
    context: &Context,
) -> Result<Send, Failure> {
    let edition = &compiled.edition;
    let new = NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        subject: crate::slots::without_marks(&compiled.issue.subject),
        started_at: context.now.as_second(),
        on_uncertain: compiled.issue.on_uncertain,
    };
    Ok(store.begin(&new, candidates.into_iter())?)
}

/// Runs a send that has begun until it ends, prints the account, and says how it ended.
pub(super) fn run(
    mut store: Store,
    send: &Send,
    settings: Settings,
    context: &Context,
) -> Result<Exit, Failure> {
    let edition = thaw(&store, send)?;
    let recovered = store.recover(send, context.now.as_second())?;
    tell_recovered(recovered, send);
    let sum = store.sum(send)?;
    let total = sum.untried + sum.deferred;
    let date = jiff::Timestamp::from_second(send.started_at).unwrap_or(context.now);
    let progress = Arc::new(Progress::begin(u64::from(total)));
    let shown = Arc::clone(&progress);
    let run = Run {
        edition,
        stamp: Stamp {
            key: settings.key,
            date,
            mark: None,
        },
        way: settings.way,
        connections: settings.connections,
        pace: Mutex::new(settings.pace),
        retry: settings.retry,
        only: settings.only,
        report: Box::new(move |reader, outcome| report(&shown, reader, outcome)),
    };
    let (ledger, writer) = Ledger::start(store, send);
    let ended = block_on(run, ledger)?;
    progress.end();
    let store = writer.join();
    conclude(store, send, ended, context)
}

fn thaw(store: &Store, send: &Send) -> Result<Edition, Failure> {
    let bytes = store.edition(&send.digest)?;
    Edition::thaw(&bytes).map_err(|error| {
        Failure::new(Exit::Damaged, "the edition of this send cannot be read").caused_by(&error)
    })
}

fn tell_recovered(recovered: Recovered, send: &Send) {
    if recovered.doubtful > 0 {
        terminal::warning(&format!(
            "the last run was stopped in mid-message: of {} deliveries nobody can know whether they arrived",
            recovered.doubtful
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

fn report(progress: &Progress, reader: &Reader, outcome: &Outcome) {
    progress.step();
    let address = escape::terminal(reader.address.as_str());
    match outcome {
        Outcome::Accepted(_) | Outcome::Stop(_) => {}
        Outcome::Deferred(_, why) => progress.line(&format!("deferred   {address}: {why}")),
        Outcome::Refused { why, .. } => progress.line(&format!("refused    {address}: {why}")),
        Outcome::Uncertain(why) => progress.line(&format!("uncertain  {address}: {why}")),
    }
}

/// Runs on a runtime of its own; the first Ctrl-C or SIGTERM asks the run to end, the second ends it.
fn block_on(run: Run, ledger: Ledger) -> Result<Ended, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    runtime.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let signals = tokio::spawn(watch_signals(stop));
        let ended = deliver::run(Arc::new(run), ledger, stopped).await;
        signals.abort();
        Ok(ended)
    })
}

async fn watch_signals(stop: watch::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        if stop.send_replace(true) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        terminal::say("stopping: letters on their way are waited for; once more to end at once");
    }
}

/// Finishes the send if nothing is left, prints the account, and finds the exit code.
fn conclude(
    mut store: Store,
    send: &Send,
    ended: Ended,
    context: &Context,
) -> Result<Exit, Failure> {
    let sum = store.sum(send)?;
    if sum.is_finished() && matches!(ended, Ended::Done) {
        store.finish(send, context.now.as_second())?;
    }
    terminal::say(&account(&sum));
    let failure = |exit, why: String| {
        Err(Failure::new(exit, why).hint(format!(
            "the same command goes on: franking send {}",
            send.issue
        )))
    };
    match ended {
        Ended::Ledger(fault) => Err(Failure::from(fault.as_ref())),
        Ended::Refused(why) => failure(Exit::Refused, why),
        Ended::Unreachable(why) => failure(Exit::WorkLeft, why),
        Ended::Interrupted => {
            terminal::say(&format!("stopped; `franking send {}` goes on", send.issue));
            Ok(Exit::Interrupted)
        }
        Ended::Done => Ok(verdict(&store, send, &sum)?),
    }
}

fn verdict(store: &Store, send: &Send, sum: &Sum) -> Result<Exit, Failure> {
    if !sum.closes() {
        return Err(Failure::new(Exit::Damaged, "the account does not add up")
            .hint("rows are missing from the ledger; put it back from a backup before anything is sent"));
    }
    if !sum.is_finished() {
        let next = store
            .next_due(send)?
            .map(|at| moment(at.max(0)))
            .unwrap_or_default();
        terminal::say(&format!(
            "{} left; the next try is due at {next}: run the same command then",
            sum.deferred + sum.untried
        ));
        return Ok(Exit::WorkLeft);
    }
    let is_held = sum.uncertain > 0 && send.on_uncertain == OnUncertain::Hold;
    if sum.uncertain > 0 {
        terminal::say(&format!(
            "who is uncertain: `franking status {}`",
            send.issue
        ));
    }
    Ok(if sum.refused > 0 || is_held {
        Exit::Findings
    } else {
        Exit::Done
    })
}

/// The account of a send as a table that visibly adds up.
pub(super) fn account(sum: &Sum) -> String {
    let reasons: Vec<String> = sum
        .reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!("  ({})", reasons.join(", "))
    };
    let lines = BTreeMap::from([
        (0, format!("accepted   {:>7}", sum.accepted)),
        (1, format!("refused    {:>7}", sum.refused)),
        (2, format!("excluded   {:>7}{reasons}", sum.excluded)),
        (3, format!("deferred   {:>7}", sum.deferred)),
        (4, format!("uncertain  {:>7}", sum.uncertain)),
        (5, format!("untried    {:>7}", sum.untried)),
    ]);
    let lines: Vec<String> = lines.into_values().collect();
    let verdict = if sum.closes() {
        "adds up"
    } else {
        "DOES NOT ADD UP"
    };
    format!(
        "{}\ncandidates {:>7}  {verdict}",
        lines.join("\n"),
        sum.candidates
    )
}
