//! Messages a second into a sink on this machine, beside the best-known senders; and what a large list costs.
//!
//! `cargo bench --bench deliver` sends the same personal letters each way, over 1, 4 and 16 connections, near
//! and 30 ms away, and asserts that the sink in another process got every one. Franking's side keeps its
//! ledger on the disk meanwhile. CPU is the sender's alone: of this process, or of the rival's.
//!
//! `cargo bench --bench deliver -- --memory` runs the program on lists of up to a million readers and prints
//! its peak memory (`VmHWM` of Linux); that takes minutes.
//!
//! `cargo bench --bench deliver -- --senders` has one sender and then two work on one ledger on PostgreSQL.

mod memory;
mod rivals;
mod senders;
mod sink;
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
use franking::store::{Ledger, NewSend, Store, Suppressions};
use franking::subscriber::{Address, Duplicates, Rule, Subscriber};
use franking::workspace::{self, Sources};
use mimalloc::MiMalloc;
use rivals::Work;
use sink::Sink;
use tokio::runtime::Runtime;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Connections, how many letters, and how far the sink is.
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
    } else if has("--memory") {
        memory::measure();
    } else {
        personalisation();
        throughput();
    }
}

/// Filling and encoding alone.
fn personalisation() {
    let edition = compile(&samples());
    let reader = reader(1);
    let press = MessageEncoder::new(Arc::new(edition.clone()), stamp()).expect("a sender");
    let ours = median_of(2_001, || {
        assert!(press.write(&reader).expect("a letter").size() > 20_000);
    });
    let theirs = median_of(501, || {
        assert!(rivals::message(&edition, &reader).formatted().len() > 20_000);
    });
    println!(
        "one letter of {} octets: struck {ours:.1?}; lettre's builder {theirs:.1?} ({:.0} x)",
        press.write(&reader).expect("a letter").size(),
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
    let press = MessageEncoder::new(Arc::new(edition.clone()), stamp()).expect("a sender");
    let octets = press.write(&reader(1)).expect("a letter").size();
    let mut sink = Sink::start();
    let roads = Runtime::new().expect("a runtime");
    for (connections, letters, round_trip) in RUNS {
        let port = match round_trip {
            Duration::ZERO => sink.port,
            far => sink::far_away(&roads, sink.port, far),
        };
        println!(
            "\n{letters} letters of {octets} octets, {connections} connections, {} ms there and back",
            round_trip.as_millis()
        );
        let work = |letters| {
            Arc::new(Work {
                edition: edition.clone(),
                readers: (0..letters).map(reader).collect(),
                connections,
                port,
            })
        };
        let (whole, few) = (work(letters), work(letters.min(25 * connections)));
        let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let memory = Path::new("/dev/shm");
        let private = relay(sink.private, Some(sink.authority()));
        let mut measured = |name, work: &Arc<Work>, ours, way: Way<'_>| {
            measure(name, work.readers.len(), &mut sink, ours, || way(work))
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
        // These wait for acknowledgements that come late: a few letters show it.
        measured("lettre's pool", &few, ours, &rivals::lettre_pool);
        measured("nodemailer's pool", &few, ours, &rivals::nodemailer);
    }
}

/// One sender; `None` where it is not installed.
type Way<'a> = &'a dyn Fn(&Arc<Work>) -> Option<()>;

/// Runs one way three times and prints its best rate, what times that is `ours`, and its CPU.
fn measure(
    name: &str,
    letters: usize,
    sink: &mut Sink,
    ours: Option<f64>,
    way: impl Fn() -> Option<()>,
) -> Option<f64> {
    let mut best: Option<(Duration, f64)> = None;
    for _ in 0..3 {
        let (begun, spent) = (Instant::now(), cpu());
        if way().is_none() {
            println!("{name:<22} is not installed");
            return None;
        }
        let (time, spent) = (begun.elapsed(), cpu() - spent);
        assert_eq!(sink.count(), letters, "by {name}");
        if best.is_none_or(|(known, _)| time < known) {
            best = Some((time, spent));
        }
    }
    let (time, spent) = best?;
    let rate = letters as f64 / time.as_secs_f64();
    let slower = ours.map_or(String::new(), |ours| {
        format!("franking is {:.1} x", ours / rate)
    });
    println!(
        "{name:<22} {rate:>8.0} a second {:>7.2} s of CPU for 10,000   {slower}",
        spent * 10_000.0 / letters as f64
    );
    Some(rate)
}

/// Seconds of CPU of this process and of the children that it has waited for (proc(5)).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(4);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn samples() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folder = workspace::read(root).expect("the samples");
    // Pictures on the web: what is left is personal.
    folder.newsletter.pictures = Pictures::Link;
    folder
}

fn compile(folder: &Sources) -> Edition {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (compiled, _) = workspace::issue(root, folder, "2026-11", &mut Findings::new());
    compiled.expect("the sample issue").edition
}

fn reader(number: usize) -> Subscriber {
    let address = Address::parse(&format!("r{number}@reader.example")).expect("an address");
    Subscriber::at(address)
}

fn stamp() -> MessageOptions {
    MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH)
}

/// One turn of `delivery::run`, from the first lease until the ledger is closed.
fn franking(work: &Work, relay: &SmtpTransport, disk: &Path, window: usize) -> Option<()> {
    let Work {
        edition, readers, ..
    } = work;
    let state = tempfile::tempdir_in(disk).expect("a folder on the disk");
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
    };
    let (everybody, once) = (readers.iter().cloned().map(Ok), Duplicates::default());
    let suppressed = Suppressions::new();
    let candidates =
        delivery::candidates(everybody, &once, &Rule::All, "en", &suppressed, |_| true);
    let send = store.begin(&new, candidates).expect("a send");
    let run = Run {
        encoders: [(
            1,
            MessageEncoder::new(Arc::new(edition.clone()), stamp()).expect("a sender"),
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
        on_outcome: Box::new(|_, _| {}),
        on_notice: Box::new(|_| {}),
    };
    let runtime = Runtime::new().expect("a runtime");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let (ledger, writer) = Ledger::start(store, &send);
    let ended = runtime.block_on(delivery::run(Arc::new(run), ledger, stopped));
    let store = writer.join();
    assert!(matches!(ended, StopReason::Done), "{ended:?}");
    let sum = store.totals(&send).expect("an account");
    assert_eq!(sum.accepted as usize, readers.len());
    Some(())
}

/// The sink, under TLS where there is an authority that vouches for it.
fn relay(port: u16, authority: Option<PathBuf>) -> SmtpTransport {
    SmtpTransport {
        host: "127.0.0.1".to_owned(),
        port,
        tls: authority
            .as_ref()
            .map_or(TlsMode::None, |_| TlsMode::Implicit),
        ca_file: authority,
        login: None,
        limits: Timeouts::NORMAL,
    }
}
