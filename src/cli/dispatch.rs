//! What `send`, `send --due` and `demo` have in common: freeze or resume, run, add up.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Progress};
use crate::compile::edition::{self, Edition};
use crate::delivery::{
    self, CircuitBreaker, Domains, Ended, ListWatch, Plan, RateLimiter, Retry, Route, Run,
    SharedRate, SmtpTransport, Timeouts, Transport,
};
use crate::dkim::Signer;
use crate::message::{Examiner, MessageEncoder, MessageOptions};
use crate::newsletter::config::{self, Newsletter, Rate, TlsMode, is_this_machine};
use crate::newsletter::issue::OnUncertain;
use crate::outcome::Outcome;
use crate::smtp::Credentials;
use crate::store::{
    Allowance, Brake, Candidate, Halt, Ledger, Limit, NewSend, Recovered, Room, Send, State, Store,
    StoreError, Sum, Suppressions,
};
use crate::subscriber::{Address, Census, Changed, Subscriber};
use crate::util::clock;
use crate::util::escape;
use crate::util::key::Key;
use crate::workspace::{Compiled, Failure, FailureKind, Sources, Workspace, format_timestamp};

/// How a dispatch is done; what differs between `send` and `demo`.
pub(super) struct Settings {
    pub(super) lanes: Vec<RouteSettings>,
    /// How many letters are on their way over one connection at once.
    pub(super) window: usize,
    /// The rates of recipient domains.
    pub(super) pace: RateLimiter,
    pub(super) retry: Retry,
    pub(super) key: Key,
    /// Who signs the letters, where it is not the relay.
    pub(super) signer: Option<Signer>,
    /// The one address that the run is for, as its key.
    pub(super) only: Option<String>,
    /// Watches the list for recipients who leave meanwhile.
    pub(super) list: Option<ListWatch>,
    /// Whether every refusal is taken for what it says, however many there are.
    pub(super) believes_refusals: bool,
    /// The marker of the ledger; a demonstration has none.
    pub(super) marker: Option<PathBuf>,
}

/// How one relay is used.
pub(super) struct RouteSettings {
    way: Transport,
    connections: usize,
    rate: Option<Rate>,
    allowance: Allowance,
}

impl RouteSettings {
    /// One without a limit.
    pub(super) fn new(way: Transport, connections: usize) -> Self {
        Self {
            way,
            connections,
            rate: None,
            allowance: Allowance::default(),
        }
    }

    fn lane(self) -> Route {
        let way = Route::new(self.way, self.connections);
        Route {
            allowance: Arc::new(self.allowance),
            pace: Mutex::new(RateLimiter::new(self.rate, [])),
            // All senders keep it together.
            shared: self.rate.map(|rate| SharedRate {
                relay: way.name.to_string(),
                rate,
            }),
            ..way
        }
    }
}

impl Settings {
    /// Those of the publication: its relays, or the outbox.
    pub(super) fn of(
        newsletter: &Newsletter,
        workspace: &Workspace,
        issue: &str,
        may_be_plain: bool,
    ) -> Result<Self, Failure> {
        let smtp = newsletter.smtp.as_ref();
        Ok(Self {
            lanes: lanes(newsletter, workspace, workspace.outbox(issue), may_be_plain)?,
            window: smtp.map_or(1, |smtp| smtp.window),
            pace: pace(newsletter),
            retry: Retry::NORMAL,
            key: workspace.key(smtp.is_none())?,
            signer: signer(newsletter)?,
            only: None,
            list: None,
            believes_refusals: false,
            // A rehearsal leaves no trace that a later send would have to fit.
            marker: smtp.map(|_| workspace.marker()),
        })
    }
}

fn lanes(
    newsletter: &Newsletter,
    workspace: &Workspace,
    outbox: PathBuf,
    may_be_plain: bool,
) -> Result<Vec<RouteSettings>, Failure> {
    let ways = ways(newsletter, workspace, outbox, may_be_plain)?;
    let Some(smtp) = &newsletter.smtp else {
        let outbox = ways.into_iter().map(|way| RouteSettings::new(way, 1));
        return Ok(outbox.collect());
    };
    let lanes = ways.into_iter().zip(smtp.relays());
    let lanes = lanes.map(|(way, (relay, connections))| RouteSettings {
        way,
        connections,
        rate: relay.rate,
        allowance: allowance(relay),
    });
    Ok(lanes.collect())
}

/// Who signs the letters. Where they are to be signed and cannot be, nothing is sent: they would leave as if
/// nobody had asked for a signature.
pub(super) fn signer(newsletter: &Newsletter) -> Result<Option<Signer>, Failure> {
    let Some(dkim) = &newsletter.dkim else {
        return Ok(None);
    };
    dkim.signer().map(Some).ok_or_else(|| {
        let file = escape::terminal(&dkim.key_file.to_string_lossy());
        Failure::new(
            FailureKind::Usage,
            format!("there is no key `{file}` to sign with"),
        )
        .hint("`franking dkim keygen` makes one; without [dkim] the relay may sign")
    })
}

/// The first relay; without one, the folder `outbox`.
pub(super) fn way(
    newsletter: &Newsletter,
    workspace: &Workspace,
    outbox: PathBuf,
    may_be_plain: bool,
) -> Result<Transport, Failure> {
    require_real_clock(newsletter)?;
    match &newsletter.smtp {
        Some(smtp) => relay(&smtp.relay, None, workspace, may_be_plain).map(Transport::Smtp),
        None => Ok(Transport::File(delivery::FileTransport { folder: outbox })),
    }
}

/// Every relay, or the folder `outbox`.
fn ways(
    newsletter: &Newsletter,
    workspace: &Workspace,
    outbox: PathBuf,
    may_be_plain: bool,
) -> Result<Vec<Transport>, Failure> {
    let mut ways = vec![way(newsletter, workspace, outbox, may_be_plain)?];
    let further = newsletter.smtp.iter().flat_map(|smtp| &smtp.further);
    for one in further {
        ways.push(Transport::Smtp(relay(
            one,
            Some(&one.host),
            workspace,
            may_be_plain,
        )?));
    }
    Ok(ways)
}

/// A relay, with its password; `credential` is the host by which its systemd credential is known.
pub(super) fn relay(
    relay: &config::RelayConfig,
    credential: Option<&str>,
    workspace: &Workspace,
    may_be_plain: bool,
) -> Result<SmtpTransport, Failure> {
    if relay.tls == TlsMode::None && !may_be_plain && !is_this_machine(&relay.host) {
        let message = format!(
            "`tls = \"none\"` would send everything in the clear to {}",
            relay.host
        );
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("set `tls = \"starttls\"` or `\"implicit\"`; `--allow-plaintext` insists"));
    }
    let login = match &relay.login {
        Some((user, source)) => {
            let password = source.fetch(&workspace.directory, credential);
            let password = password.map_err(|error| {
                Failure::new(FailureKind::Usage, "there is no password for the relay")
                    .caused_by(&error)
            })?;
            Some(Credentials {
                user: user.clone(),
                password,
                secret: relay.secret,
            })
        }
        None => None,
    };
    Ok(SmtpTransport {
        host: relay.host.clone(),
        port: relay.port,
        tls: relay.tls,
        ca_file: relay
            .ca_file
            .as_ref()
            .map(|path| workspace.directory.join(path)),
        login,
        limits: Timeouts::of_build(),
    })
}

/// A run whose clock is set rehearses a schedule: it mails nothing beyond this machine.
fn require_real_clock(newsletter: &Newsletter) -> Result<(), Failure> {
    let mut relays = newsletter.smtp.iter().flat_map(|smtp| smtp.relays());
    let Some((relay, _)) = relays.find(|(relay, _)| !is_this_machine(&relay.host)) else {
        return Ok(());
    };
    if !clock::is_set() {
        return Ok(());
    }
    let host = escape::terminal(&relay.host);
    let message = format!("FRANKING_NOW is set, and the relay `{host}` is not on this machine");
    Err(Failure::new(FailureKind::Usage, message)
        .hint("nothing was sent; unset FRANKING_NOW, or name a relay on loopback"))
}

fn pace(newsletter: &Newsletter) -> RateLimiter {
    let domains = newsletter.smtp.iter().flat_map(|smtp| &smtp.per_domain);
    RateLimiter::new(None, domains.map(|(name, rate)| (name.clone(), *rate)))
}

/// What the relay's host allows in a day.
pub(super) fn allowance(relay: &config::RelayConfig) -> Allowance {
    Allowance {
        daily: relay.daily,
        warm_up: relay.warm_up.clone(),
    }
}

/// Everybody whom the audience selects, read from the list for which the issue was checked.
pub(super) fn candidates(
    sources: &Sources,
    compiled: &Compiled,
    census: &Census,
    suppressed: &Suppressions,
) -> impl Iterator<Item = Result<Candidate, Changed>> {
    let language = compiled.issue.language.tag();
    let examiner = Examiner::of(&compiled.edition);
    let readers = sources.list.read_again(census);
    delivery::candidates(
        readers,
        &census.repeated,
        &compiled.issue.audience,
        language,
        suppressed,
        move |reader| examiner.unsendable(reader).is_none(),
    )
}

/// Makes sure that the one subscriber for whom `plan` was made is a recipient.
pub(super) fn require_recipient(plan: &Plan, only: &Address) -> Result<(), Failure> {
    if plan.recipients > 0 {
        return Ok(());
    }
    let mut reasons = plan.excluded.keys().filter(|why| *why != "duplicate");
    Err(reasons.next().map_or_else(
        || not_a_candidate(only),
        |why| Failure::new(FailureKind::Usage, format!("`{only}` gets nothing: {why}")),
    ))
}

/// Makes sure that a run would still try the delivery to `only`.
pub(super) fn require_open(store: &Store, send: &Send, only: &Address) -> Result<(), Failure> {
    let delivery = store.delivery(send, &only.key())?;
    let delivery = delivery.ok_or_else(|| not_a_candidate(only))?;
    let state = delivery.state;
    if matches!(state, State::Ready | State::Leased | State::Deferred) {
        return Ok(());
    }
    let why = delivery.why.map(|why| format!(", {why}"));
    let message = format!("`{only}` is {}{}", state.as_str(), why.unwrap_or_default());
    Err(Failure::new(FailureKind::Usage, message))
}

fn not_a_candidate(address: &Address) -> Failure {
    let message = format!("`{address}` is not among the recipients of this issue");
    Failure::new(FailureKind::Usage, message)
        .hint("compare the address with subscribers.toml, and the audience of the issue")
}

/// What is frozen of an issue. `is_held` where the send begins for one reader alone.
pub(super) fn new_send(
    compiled: &Compiled,
    sources: &Sources,
    is_held: bool,
    workspace: &Workspace,
) -> NewSend {
    let edition = &compiled.edition;
    NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        content: compiled.content(&sources.newsletter),
        subject: crate::placeholder::without_marks(&compiled.issue.subject),
        started_at: workspace.now.as_second(),
        on_uncertain: compiled.issue.on_uncertain,
        is_held,
        is_rehearsal: false,
    }
}

/// Runs a send that has begun until it ends, prints the account, and says how it ended.
pub(super) fn run(
    mut store: Store,
    send: &Send,
    settings: Settings,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    if !send.is_rehearsal {
        store.require_key(&settings.key.code("store", &[]))?;
    }
    let stamp = MessageOptions {
        key: settings.key,
        date: workspace.now,
        mark: None,
        signer: settings.signer,
    };
    let presses = presses(&store, send, &stamp)?;
    let marker = settings.marker;
    advance(&mut store, marker.as_deref(), workspace)?;
    store.touch(send, workspace.now.as_second(), None)?;
    if send.is_rehearsal {
        workspace.note_ledger_of_rehearsal(&store)?;
    }
    let recovered = store.recover(send, workspace.now.as_second())?;
    tell_recovered(recovered, send);
    let sum = store.sum(send)?;
    let total = sum.untried + sum.deferred;
    let progress = Arc::new(Progress::begin(u64::from(total)));
    let (shown, teller) = (Arc::clone(&progress), Arc::clone(&progress));
    let connections = settings.lanes.iter().map(|lane| lane.connections).sum();
    let lanes = settings.lanes.into_iter();
    let lanes = lanes.map(|lane| Arc::new(lane.lane())).collect();
    let run = Run {
        presses,
        lanes,
        window: settings.window,
        domains: Domains::new(&store.domains(send)?),
        guard: Arc::new(CircuitBreaker::new(settings.believes_refusals)),
        lease: delivery::lease(
            usize::try_from(total).unwrap_or(usize::MAX),
            connections,
            settings.window,
        ),
        pace: Mutex::new(settings.pace),
        retry: settings.retry,
        only: settings.only,
        list: settings.list,
        report: Box::new(move |reader, outcome| report(&shown, reader, outcome)),
        tell: Box::new(move |line| teller.line(line)),
    };
    let (only, guard) = (run.only.clone(), Arc::clone(&run.guard));
    let (ledger, writer) = Ledger::start(store, send);
    let ended = block_on(run, ledger)?;
    progress.end();
    let mut store = writer.join();
    let is_sound = !matches!(ended, Ended::Ledger(_));
    let ended = match only {
        None => take_back(&mut store, send, &guard, ended, workspace)?,
        Some(_) => ended,
    };
    let exit = conclude(&mut store, send, only.as_deref(), ended, workspace);
    if is_sound {
        advance(&mut store, marker.as_deref(), workspace)?;
    }
    exit
}

/// Takes back what was recorded of recipients and is about the sender, where the campaign has accepted nothing.
fn take_back(
    store: &mut Store,
    send: &Send,
    guard: &CircuitBreaker,
    ended: Ended,
    workspace: &Workspace,
) -> Result<Ended, Failure> {
    let at = ended_at(workspace).max(workspace.now.as_second());
    match ended {
        Ended::Refused(why) => {
            store.take_back(send, &[], &guard.stopped_by_deferrals(), at)?;
            Ok(Ended::Refused(why))
        }
        Ended::Done => {
            let sum = store.sum(send)?;
            let doubt = guard.doubt().filter(|_| sum.accepted + sum.uncertain == 0);
            let Some(doubt) = doubt else {
                return Ok(Ended::Done);
            };
            store.take_back(send, &doubt.refused, &doubt.deferred, at)?;
            Ok(doubt.ended())
        }
        ended => Ok(ended),
    }
}

fn advance(
    store: &mut Store,
    marker: Option<&Path>,
    workspace: &Workspace,
) -> Result<(), StoreError> {
    match marker {
        Some(marker) => store.advance(marker, workspace.now.as_second()),
        None => Ok(()),
    }
}

/// Every edition of the campaign, ready to write messages from: what was bound to an earlier one keeps it.
fn presses(
    store: &Store,
    send: &Send,
    stamp: &MessageOptions,
) -> Result<HashMap<i64, MessageEncoder>, Failure> {
    let editions = store.editions(send)?.into_iter();
    let presses = editions.map(|of_send| {
        let edition = thaw(store, &of_send.digest)?;
        let stamp = MessageOptions {
            date: jiff::Timestamp::from_second(of_send.since).unwrap_or(stamp.date),
            ..stamp.clone()
        };
        Ok((of_send.number, press(edition, stamp)?))
    });
    presses.collect()
}

/// What is said when the day's letters are sent.
fn spent(room: Room) -> String {
    let which = match room.limit {
        Limit::WarmUp(day) => format!("the letters of the warm-up's day {day}"),
        Limit::Daily => "the day's letters".to_owned(),
    };
    let again = format_timestamp(room.again);
    format!("{which} are sent; there is room again {again}")
}

fn press(edition: Edition, stamp: MessageOptions) -> Result<MessageEncoder, Failure> {
    MessageEncoder::new(Arc::new(edition), stamp).map_err(|error| {
        Failure::new(FailureKind::NeedsAttention, "no letter can be written").caused_by(&error)
    })
}

/// The edition that was frozen.
pub(super) fn thaw(store: &Store, digest: &str) -> Result<Edition, Failure> {
    let bytes = store.edition(digest)?;
    if edition::digest_of(&bytes) != digest {
        let what = "the edition in the ledger is not the one that was frozen";
        return Err(Failure::new(FailureKind::LedgerDamaged, what)
            .hint("nothing was sent; put the ledger back from a backup"));
    }
    Edition::thaw(&bytes).map_err(|error| {
        Failure::new(
            FailureKind::LedgerDamaged,
            "the edition of this send cannot be read",
        )
        .caused_by(&error)
    })
}

/// Says what a run that was killed has left.
pub(super) fn tell_recovered(recovered: Recovered, send: &Send) {
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

fn report(progress: &Progress, reader: &Subscriber, outcome: &Outcome) {
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
        let ended = delivery::run(Arc::new(run), ledger, stopped).await;
        signals.abort();
        Ok(ended)
    })
}

async fn watch_signals(stop: watch::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    // Each stream is made once: one that is made anew in the loop misses what comes in between.
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
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
    store: &mut Store,
    send: &Send,
    only: Option<&str>,
    ended: Ended,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    if matches!(ended, Ended::Halted(Halt::Brake(Brake::Cancelled))) {
        store.settle_cancelled(send, workspace.now.as_second())?;
    }
    let sum = match (&ended, store.sum(send)) {
        // Where the ledger is gone, why it went is what counts.
        (Ended::Ledger(fault), Err(_)) => return Err(Failure::from(fault.as_ref())),
        (_, sum) => sum?,
    };
    let is_finished = sum.is_finished() && !is_resending(store, send)?;
    if is_finished && matches!(ended, Ended::Done | Ended::Halted(_)) {
        store.finish(send, workspace.now.as_second())?;
    }
    if !matches!(ended, Ended::Ledger(_)) {
        store.touch(send, ended_at(workspace), waits_until(&ended))?;
    }
    terminal::say(&account_of(send, &sum));
    let failure = |exit, why: String| Err(Failure::new(exit, why).hint(next_run(store, send)?));
    match ended {
        Ended::Ledger(fault) => Err(Failure::from(fault.as_ref())),
        Ended::Refused(why) => failure(FailureKind::RelayRefused, why),
        Ended::Doubted(why) => {
            let next = match store.is_renewable(send)? {
                true => "starts over with the present files",
                false => "continues",
            };
            Err(Failure::new(FailureKind::RelayRefused, why).hint(format!(
                "refused addresses are tried again, and none is suppressed; after the cause is corrected, `franking send {}` \
                 {next}; `--believe-refusals` accepts the refusals as they are",
                send.issue
            )))
        }
        Ended::Unreachable(why) => failure(FailureKind::WorkLeft, why),
        Ended::Spent(room) => failure(FailureKind::WorkLeft, spent(room)),
        Ended::ListUnreadable(why) => Err(list_unreadable(&send.issue, &why)),
        Ended::Halted(_) if is_finished => verdict(store, send, &sum),
        Ended::Halted(halt) => Err(halted(store, send, halt, workspace)?),
        Ended::Interrupted => {
            let next = if send.is_rehearsal {
                "starts over"
            } else {
                "continues"
            };
            terminal::say(&format!("stopped; `franking send {}` {next}", send.issue));
            Ok(Exit::Interrupted)
        }
        Ended::Done => match only {
            Some(key) => one_verdict(store, send, key),
            None => verdict(store, send, &sum),
        },
    }
}

/// A list that is not whole neither mails nor excludes a recipient.
pub(super) fn list_unreadable(issue: &str, why: &str) -> Failure {
    let message = format!("the list cannot be read, and nothing is sent without it: {why}");
    let next = format!("`franking send {issue}` continues");
    let hint = match why {
        delivery::EMPTY_LIST | delivery::BEING_WRITTEN => next,
        _ => format!("correct subscribers.toml; `franking check` shows it. Then {next}"),
    };
    Failure::new(FailureKind::WorkLeft, message).hint(hint)
}

/// What the next run does. Before the first message may have left, it reads the files again.
fn next_run(store: &Store, send: &Send) -> Result<String, StoreError> {
    let command = format!("`franking send {}`", send.issue);
    Ok(if store.is_renewable(send)? {
        format!("nothing was sent; {command} starts over with the present files")
    } else {
        format!("{command} continues")
    })
}

/// The moment at which a run ends, which may be days after its command began.
fn ended_at(workspace: &Workspace) -> i64 {
    clock::now().unwrap_or(workspace.now).as_second()
}

/// Until when a run that has ended so could do nothing.
fn waits_until(ended: &Ended) -> Option<i64> {
    match ended {
        Ended::Spent(room) => Some(room.again),
        _ => None,
    }
}

/// Why a run stopped whose campaign was halted meanwhile.
fn halted(
    store: &Store,
    send: &Send,
    halt: Halt,
    workspace: &Workspace,
) -> Result<Failure, StoreError> {
    let issue = &send.issue;
    if halt == Halt::Corrected {
        let message = format!("`{issue}` was corrected while this run sent the edition before");
        let hint = format!("`franking send {issue}` continues with the corrected edition");
        return Ok(Failure::new(FailureKind::WorkLeft, message).hint(hint));
    }
    let now = store.send_of(issue)?;
    Ok(braked_in(workspace, now.as_ref().unwrap_or(send)))
}

/// Why nothing is sent of a campaign that is braked.
pub(super) fn braked(send: &Send) -> Failure {
    let issue = &send.issue;
    let Some(braked) = &send.brake else {
        return Failure::new(FailureKind::WorkLeft, format!("`{issue}` is stopped"))
            .hint(format!("`franking send {issue}` continues"));
    };
    let message = format!(
        "`{issue}` has been {} since {}: {}",
        braked.brake.as_str(),
        format_timestamp(braked.at),
        braked.why
    );
    match braked.brake {
        Brake::Cancelled => Failure::new(FailureKind::Usage, message)
            .hint("the recipients who are left get nothing; what is to be sent to them is a new issue"),
        Brake::Paused | Brake::Held => Failure::new(FailureKind::WorkLeft, message).hint(format!(
            "`franking resume {issue}` continues, with `--corrected` from the present files; `franking cancel {issue}` \
             ends it"
        )),
    }
}

/// As [`braked`], with a hint that holds where the issue's file is gone.
pub(super) fn braked_in(workspace: &Workspace, send: &Send) -> Failure {
    let failure = braked(send);
    if send.is_cancelled() || has_file(workspace, send) {
        return failure;
    }
    let path = crate::newsletter::issue::path_of(&send.issue);
    failure.hint(format!(
        "its file `{path}` is gone; if it was renamed, rename it back. `franking resume {0} --frozen` continues with the \
         frozen edition, `franking cancel {0}` ends it",
        send.issue
    ))
}

/// Whether the file of a campaign's issue is there.
pub(super) fn has_file(workspace: &Workspace, send: &Send) -> bool {
    let path = crate::newsletter::issue::path_of(&send.issue);
    workspace.directory.join(path).exists()
}

/// What became of the one reader that the run was for; the others are left for another.
fn one_verdict(store: &Store, send: &Send, key: &str) -> Result<Exit, Failure> {
    let delivery = store.delivery(send, key)?;
    let state = delivery.map_or(State::Ready, |delivery| delivery.state);
    terminal::say(&format!("{}: {key}", state.as_str()));
    Ok(match state {
        State::Accepted | State::Refused => Exit::Done,
        State::Ready | State::Leased | State::Deferred => Exit::WorkLeft,
        _ => Exit::Findings,
    })
}

fn verdict(store: &Store, send: &Send, sum: &Sum) -> Result<Exit, Failure> {
    if !sum.closes() {
        return Err(Failure::new(FailureKind::LedgerDamaged, "the account does not add up")
            .hint("rows are missing from the ledger; put it back from a backup before anything is sent"));
    }
    if !sum.is_finished() {
        let next = store
            .next_due(send)?
            .map(|at| format_timestamp(at.max(0)))
            .unwrap_or_default();
        terminal::say(&format!(
            "{} left; the next try is due at {next}: run the same command then",
            sum.deferred + sum.untried
        ));
        return Ok(Exit::WorkLeft);
    }
    if is_resending(store, send)? {
        terminal::say(&format!(
            "{} uncertain; `on_uncertain = \"resend\"` sends them again with the next run",
            sum.uncertain
        ));
        return Ok(Exit::WorkLeft);
    }
    Ok(last_word(send, sum))
}

/// The exit code of a campaign with nothing left to do. A refused address is a result, not a problem; an uncertain
/// delivery needs a person, also where `resend` has tried it often enough.
pub(super) fn last_word(send: &Send, sum: &Sum) -> Exit {
    if sum.uncertain > 0 && send.on_uncertain != OnUncertain::Skip {
        Exit::Findings
    } else {
        Exit::Done
    }
}

/// Whether the next run reads edition and recipients of a campaign from the files again: no message of it can have
/// left, and no process is sending it.
pub(super) fn is_renewable(store: &Store, send: &Send) -> Result<bool, StoreError> {
    let is_open = send.finished_at.is_none() && !send.is_cancelled();
    Ok(is_open && store.is_renewable(send)? && store.senders(send)?.is_empty())
}

/// Whether the issue's policy sends some of the uncertain deliveries once more.
pub(super) fn is_resending(store: &Store, send: &Send) -> Result<bool, Failure> {
    Ok(send.on_uncertain == OnUncertain::Resend && store.resendable(send)? > 0)
}

/// The account of a send as a table that visibly adds up. The outbox of a rehearsal accepts nothing.
pub(super) fn account_of(send: &Send, sum: &Sum) -> String {
    let table = account(sum);
    if send.is_rehearsal {
        table.replacen("accepted", "written ", 1)
    } else {
        table
    }
}

/// The account of a send that is not a rehearsal.
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
    let verdict = if sum.closes() {
        "  adds up"
    } else {
        "  DOES NOT ADD UP"
    };
    let rows = [
        ("accepted", sum.accepted, ""),
        ("refused", sum.refused, ""),
        ("excluded", sum.excluded, reasons.as_str()),
        ("deferred", sum.deferred, ""),
        ("uncertain", sum.uncertain, ""),
        ("untried", sum.untried, ""),
        ("candidates", sum.candidates, verdict),
    ];
    rows.map(|(word, count, remark)| format!("{word:<10} {count:>7}{remark}"))
        .join("\n")
}
