//! Messages per second into a sink on this machine, compared with well-known senders; and the cost of a large list.
//!
//! `cargo bench --bench deliver` sends the same personalized messages with each sender, over 1, 4 and 16
//! connections, with a round trip of 0 and 30 ms, and asserts that the sink, in another process, received all of them.
//! Franking also keeps its ledger on disk. CPU time is that of the sender only: this process, or the other program.
//!
//! `cargo bench --bench deliver -- --memory` runs the program on lists of up to a million subscribers and prints
//! its peak memory (`VmHWM` on Linux). It takes minutes.
//!
//! `cargo bench --bench deliver -- --stored` runs `send` on a list of a million in the store, and prints the time to the
//! first message.
//!
//! `cargo bench --bench deliver -- --senders` measures one sender and then two with one ledger on PostgreSQL.

mod memory;
#[path = "../support/process.rs"]
mod process;
mod rivals;
mod senders;
mod sink;
mod stored;
#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests ask for more")]
mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use franking::compile::edition::Edition;
use franking::delivery::{self, RateLimiter, Retry, Run, SmtpTransport, StopReason, Timeouts};
use franking::diag::Findings;
use franking::message::{MessageEncoder, MessageOptions};
use franking::newsletter::config::{Pictures, TlsMode};
use franking::store::{Candidates, Ledger, NewSend, Store, Suppressions};
use franking::subscriber::{Address, Duplicates, Rule, Subscriber};
use franking::workspace::{self, Sources};
use mimalloc::MiMalloc;
use rivals::Work;
use sink::Sink;
use tokio::runtime::Runtime;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The number of connections, the number of messages, and the round trip time to the sink.
const RUNS: [(usize, usize, Duration); 5] = [
    (1, 1_000, Duration::ZERO),
    (4, 2_000, Duration::ZERO),
    (16, 4_000, Duration::ZERO),
    (1, 50, Duration::from_millis(30)),
    (4, 200, Duration::from_millis(30)),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if has("--sink") {
        sink::serve(arguments.last().expect("a file's name"));
    } else if has("--senders") {
        senders::measure();
    } else if has("--stored") {
        stored::measure();
    } else if has("--memory") {
        memory::measure();
    } else {
        personalisation();
        throughput();
    }
}

/// Writing a message, without sending it.
fn personalisation() {
    let edition = compile(&samples());
    let recipient = recipient(1);
    let encoder = MessageEncoder::new(Arc::new(edition.clone()), options()).expect("a sender");
    let ours = median_of(2_001, || {
        assert!(encoder.write(&recipient).expect("a message").size() > 20_000);
    });
    let theirs = median_of(501, || {
        assert!(rivals::message(&edition, &recipient).formatted().len() > 20_000);
    });
    println!(
        "one message of {} octets: encoder {ours:.1?}; lettre's builder {theirs:.1?} ({:.0} x)",
        encoder.write(&recipient).expect("a message").size(),
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
}

fn median_of(turns: usize, turn: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..turns)
        .map(|_| {
            let begun = Instant::now();
            turn();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[turns / 2]
}

fn throughput() {
    let edition = compile(&samples());
    let encoder = MessageEncoder::new(Arc::new(edition.clone()), options()).expect("a sender");
    let octets = encoder.write(&recipient(1)).expect("a message").size();
    let mut sink = Sink::start();
    let runtime = Runtime::new().expect("a runtime");
    for (connections, messages, round_trip) in RUNS {
        let port = match round_trip {
            Duration::ZERO => sink.port,
            far => sink::far_away(&runtime, sink.port, far),
        };
        println!(
            "\n{messages} messages of {octets} octets, {connections} connections, round trip {} ms",
            round_trip.as_millis()
        );
        let work = |messages| {
            Arc::new(Work {
                edition: edition.clone(),
                recipients: (0..messages).map(recipient).collect(),
                connections,
                port,
            })
        };
        let (whole, few) = (work(messages), work(messages.min(25 * connections)));
        let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let memory = Path::new("/dev/shm");
        let private = relay(sink.private, Some(sink.authority()));
        let mut measured = |name, work: &Arc<Work>, ours, send: Send<'_>| {
            measure(name, work.recipients.len(), &mut sink, ours, || send(work))
        };
        let plain = relay(port, None);
        let ours = measured("franking", &whole, None, &|work| {
            franking(work, &plain, disk, 1)
        });
        measured("its ledger in memory", &whole, ours, &|work| {
            memory.is_dir().then(|| franking(work, &plain, memory, 1))?
        });
        measured("its window of 8", &whole, ours, &|work| {
            franking(work, &plain, disk, 8)
        });
        if round_trip.is_zero() {
            measured("under TLS", &whole, ours, &|work| {
                franking(work, &private, disk, 1)
            });
        }
        measured("smtp-source", &whole, ours, &|work| {
            rivals::smtp_source(work, octets)
        });
        measured("lettre, no delay", &whole, ours, &rivals::lettre_nodelay);
        // These wait for delayed acknowledgements, so a few messages are enough.
        measured("lettre's pool", &few, ours, &rivals::lettre_pool);
        measured("nodemailer's pool", &few, ours, &rivals::nodemailer);
    }
}

/// Sends with one program; `None` if it is not installed.
type Send<'a> = &'a dyn Fn(&Arc<Work>) -> Option<()>;

/// Runs a sender three times and prints its best rate, the ratio of `ours` to it, and its CPU time.
fn measure(
    name: &str,
    messages: usize,
    sink: &mut Sink,
    ours: Option<f64>,
    send: impl Fn() -> Option<()>,
) -> Option<f64> {
    let mut best: Option<(Duration, f64)> = None;
    for _ in 0..3 {
        let (begun, spent) = (Instant::now(), cpu());
        if send().is_none() {
            println!("{name:<22} is not installed");
            return None;
        }
        let (time, spent) = (begun.elapsed(), cpu() - spent);
        assert_eq!(sink.count(), messages, "by {name}");
        if best.is_none_or(|(known, _)| time < known) {
            best = Some((time, spent));
        }
    }
    let (time, spent) = best?;
    let rate = messages as f64 / time.as_secs_f64();
    let slower = ours.map_or(String::new(), |ours| {
        format!("franking is {:.1} x", ours / rate)
    });
    println!(
        "{name:<22} {rate:>8.0} per second {:>7.2} s of CPU for 10,000   {slower}",
        spent * 10_000.0 / messages as f64
    );
    Some(rate)
}

/// CPU time in seconds of this process and of the children that it has waited for (proc(5)).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(4);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn samples() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = workspace::read(root).expect("the samples");
    // Linked pictures, so that most of the message is personalized text.
    sources.newsletter.pictures = Pictures::Link;
    sources
}

fn compile(sources: &Sources) -> Edition {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (compiled, _) = workspace::issue(root, sources, "2026-11", &mut Findings::new());
    compiled.expect("the sample issue").edition
}

fn recipient(number: usize) -> Subscriber {
    let address = Address::parse(&format!("r{number}@recipient.example")).expect("an address");
    Subscriber::at(address)
}

fn options() -> MessageOptions {
    MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH)
}

/// Runs a whole campaign with `delivery::run`, until the ledger is closed.
fn franking(work: &Work, relay: &SmtpTransport, disk: &Path, window: usize) -> Option<()> {
    let Work {
        edition,
        recipients,
        ..
    } = work;
    let state = tempfile::tempdir_in(disk).expect("a directory on disk");
    let mut store = Store::open(&state.path().join("store.db")).expect("a store");
    let new = NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        content: String::new(),
        subject: String::new(),
        started_at: 0,
        on_uncertain: franking::newsletter::issue::OnUncertain::Hold,
        is_held: false,
        is_rehearsal: false,
        follows_list: false,
        token_key: 0,
    };
    let (subscribers, duplicates) = (recipients.iter().cloned().map(Ok), Duplicates::default());
    let suppressed = Suppressions::default();
    let candidates = delivery::candidates(
        subscribers,
        &duplicates,
        &Rule::All,
        "en",
        &suppressed,
        |_| true,
    );
    let send = store
        .begin(&new, Candidates::listed(candidates))
        .expect("a send");
    let run = Run {
        encoders: [(
            1,
            MessageEncoder::new(Arc::new(edition.clone()), options()).expect("a sender"),
        )]
        .into(),
        routes: vec![Arc::new(delivery::Route::new(
            delivery::RouteConfig::unlimited(
                delivery::Transport::Smtp(relay.clone()),
                work.connections,
            ),
        ))],
        lease: 8,
        window,
        domain_rates: Mutex::new(RateLimiter::default()),
        retry: Retry::QUICK,
        suspensions: delivery::Suspensions::default(),
        breaker: delivery::CircuitBreaker::new(false).into(),
        only: None,
        list: None,
        follows_list: false,
        on_outcome: Box::new(|_| {}),
        on_notice: Box::new(|_| {}),
    };
    let runtime = Runtime::new().expect("a runtime");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let (ledger, writer) = Ledger::start(store, &send);
    let ended = runtime.block_on(delivery::run(Arc::new(run), ledger, stopped));
    let store = writer.join();
    assert!(matches!(ended, StopReason::Done), "{ended:?}");
    let sum = store.totals(&send).expect("the totals");
    assert_eq!(sum.accepted as usize, recipients.len());
    Some(())
}

/// The sink as a relay, with TLS if `authority` is given.
fn relay(port: u16, authority: Option<PathBuf>) -> SmtpTransport {
    SmtpTransport {
        host: "127.0.0.1".to_owned(),
        port,
        tls: authority
            .as_ref()
            .map_or(TlsMode::None, |_| TlsMode::Implicit),
        ca_file: authority,
        login: None,
        timeouts: Timeouts::NORMAL,
    }
}
