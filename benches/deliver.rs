//! Messages a second into a sink on this machine, beside lettre's own pool; and what a large list costs.
//!
//! `cargo bench --bench deliver` sends the same personal letters both ways in turn, over four connections to
//! the catcher in another process, and asserts that the sink got every one. Franking's side keeps its
//! ledger on the disk meanwhile.
//!
//! `cargo bench --bench deliver -- --memory` runs the program on a list of 100,000 readers and prints its
//! peak memory (`VmHWM` of Linux).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use franking::catcher::{self, AcceptAll};
use franking::deliver::{self, Ended, Pace, Relay, Retry, Run, Way};
use franking::diag::Findings;
use franking::edition::Edition;
use franking::letter::{self, Letter, Stamp};
use franking::load::{self, Folder};
use franking::publication::{Pictures, Tls};
use franking::reader::{Address, Reader, Rule};
use franking::store::{Ledger, NewSend, Store};
use franking::token::Key;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor, address::Envelope};
use tokio::runtime::Runtime;

const CONNECTIONS: usize = 4;
/// How many letters a turn sends, and how many turns each side has.
const LETTERS: usize = 1_000;
const TURNS: usize = 3;
const LONG_LIST: usize = 100_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if has("--sink") {
        sink();
    } else if has("--memory") {
        memory();
    } else {
        throughput();
    }
}

/// The catcher: prints its port; then, for every line on stdin, how many messages came since the last.
fn sink() {
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .expect("a port on loopback");
    println!("{}", listener.local_addr().expect("its address").port());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let keep = move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let forever = std::future::pending();
    runtime.spawn(catcher::run(
        listener,
        Arc::new(AcceptAll),
        Arc::new(keep),
        forever,
    ));
    for _ in std::io::stdin().lines() {
        println!("{}", count.swap(0, Ordering::Relaxed));
    }
}

/// The sink's process; it ends with its stdin.
struct Sink {
    _process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    port: u16,
}

impl Sink {
    fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .arg("--sink")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program once more");
        let stdin = process.stdin.take().expect("it is piped");
        let stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut sink = Self {
            _process: process,
            stdin,
            stdout,
            port: 0,
        };
        sink.port = u16::try_from(sink.number()).expect("a port");
        sink
    }

    fn count(&mut self) -> usize {
        self.stdin.write_all(b"\n").expect("the sink listens");
        self.number()
    }

    fn number(&mut self) -> usize {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the sink answers");
        line.trim().parse().expect("a number")
    }
}

fn throughput() {
    let folder = samples();
    let edition = compile(&folder);
    let readers: Vec<Reader> = (0..LETTERS).map(reader).collect();
    let octets = write(&edition, &readers[0]).bytes.len();
    println!(
        "{LETTERS} letters of {octets} octets over {CONNECTIONS} connections, {TURNS} turns each"
    );
    let mut sink = Sink::start();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(franking(&edition, &readers, sink.port));
        assert_eq!(sink.count(), LETTERS, "by franking");
        theirs.push(lettre_pool(&edition, &readers, sink.port));
        assert_eq!(sink.count(), LETTERS, "by lettre");
    }
    let (ours, theirs) = (rates(ours), rates(theirs));
    println!("messages a second       median    best");
    println!("franking, with ledger  {:>7.0} {:>7.0}", ours.0, ours.1);
    println!("lettre's pool          {:>7.0} {:>7.0}", theirs.0, theirs.1);
    println!(
        "ratio                  {:>7.2} {:>7.2}",
        ours.0 / theirs.0,
        ours.1 / theirs.1
    );
}

/// Median and best.
fn rates(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let rate = |time: Duration| LETTERS as f64 / time.as_secs_f64();
    (rate(times[times.len() / 2]), rate(times[0]))
}

fn samples() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folder = load::folder(root).expect("the samples");
    // Pictures on the web: what is left is personal.
    folder.publication.pictures = Pictures::Link;
    folder
}

fn compile(folder: &Folder) -> Edition {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = load::issue(root, folder, "2026-11", &mut Findings::new());
    compiled.expect("the sample issue").edition
}

fn reader(number: usize) -> Reader {
    let address = Address::parse(&format!("r{number}@reader.example")).expect("an address");
    Reader::at(address)
}

fn write(edition: &Edition, reader: &Reader) -> Letter {
    letter::write(edition, reader, &stamp()).expect("a letter")
}

fn stamp() -> Stamp {
    Stamp {
        key: Key::specimen(),
        date: jiff::Timestamp::UNIX_EPOCH,
        mark: None,
    }
}

/// One turn of `deliver::run`, from the first lease until the ledger is closed.
fn franking(edition: &Edition, readers: &[Reader], port: u16) -> Duration {
    let state = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let mut store = Store::open(&state.path().join("store.db")).expect("a store");
    let new = NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        subject: String::new(),
        started_at: 0,
        on_uncertain: franking::issue::OnUncertain::Hold,
        is_held: false,
    };
    let candidates = deliver::candidates(readers.iter(), &Rule::All, "en");
    let send = store.begin(&new, candidates).expect("a send");
    let run = Run {
        edition: edition.clone(),
        stamp: stamp(),
        way: Way::Smtp(relay(port)),
        connections: CONNECTIONS,
        lease: 8,
        pace: Mutex::new(Pace::default()),
        retry: Retry::QUICK,
        only: None,
        report: Box::new(|_, _| {}),
    };
    let runtime = Runtime::new().expect("a runtime");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let begun = Instant::now();
    let (ledger, writer) = Ledger::start(store, &send);
    let ended = runtime.block_on(deliver::run(Arc::new(run), ledger, stopped));
    let store = writer.join();
    let time = begun.elapsed();
    assert!(matches!(ended, Ended::Done), "{ended:?}");
    let sum = store.sum(&send).expect("an account");
    assert_eq!(sum.accepted as usize, readers.len());
    time
}

fn relay(port: u16) -> Relay {
    Relay {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        ca_file: None,
        login: None,
    }
}

/// The same letters through lettre's pool: as many tasks as connections, no ledger.
fn lettre_pool(edition: &Edition, readers: &[Reader], port: u16) -> Duration {
    let runtime = Runtime::new().expect("a runtime");
    let pool = PoolConfig::new().max_size(CONNECTIONS as u32);
    let begun = Instant::now();
    runtime.block_on(async {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(port)
            .pool_config(pool)
            .build();
        let shared = Arc::new((edition.clone(), readers.to_vec(), AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|_| tokio::spawn(worker(transport.clone(), Arc::clone(&shared))))
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    });
    begun.elapsed()
}

type Shared = Arc<(Edition, Vec<Reader>, AtomicUsize)>;

async fn worker(transport: AsyncSmtpTransport<Tokio1Executor>, shared: Shared) {
    let (edition, readers, next) = &*shared;
    while let Some(reader) = readers.get(next.fetch_add(1, Ordering::Relaxed)) {
        let letter = write(edition, reader);
        let address = |text: &str| text.parse().expect("an address");
        let to = vec![address(&letter.recipient)];
        let envelope = Envelope::new(Some(address(&letter.sender)), to).expect("an envelope");
        let sent = transport.send_raw(&envelope, &letter.bytes).await;
        sent.expect("the sink takes everything");
    }
}

/// The program itself on a long list: what would happen, into the outbox of nobody, and a whole send.
fn memory() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let mut sink = Sink::start();
    make_folder(folder.path(), sink.port);
    println!("{LONG_LIST} readers              time      peak");
    run(folder.path(), "plan only", &["send", "a", "--dry-run"]);
    run(folder.path(), "plan and send", &["send", "a", "--yes"]);
    assert_eq!(sink.count(), LONG_LIST);
    run(folder.path(), "nothing left", &["send", "a", "--yes"]);
}

fn make_folder(folder: &Path, port: u16) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = Command::new("cp")
        .arg("-r")
        .args([root.join("templates"), root.join("newsletter.toml")])
        .arg(folder)
        .status();
    assert!(copied.expect("cp").success());
    let publication = std::fs::read_to_string(root.join("newsletter.toml")).expect("the sample");
    let smtp = format!(
        "{publication}\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nconnections = {CONNECTIONS}\n"
    );
    let list: String = (0..LONG_LIST)
        .map(|n| format!("[[subscriber]]\nemail = \"r{n}@reader.example\"\nname = \"Reader {n}\"\ntags = [\"members\"]\n\n"))
        .collect();
    let issue = "subject = \"To {{ first_name }}\"\ndate = 2026-11-30\n\n\
                 [[section]]\nkind = \"text\"\nbody = \"A small letter for {{ name }}.\"\n";
    std::fs::create_dir(folder.join("issues")).expect("a folder");
    for (file, text) in [
        ("newsletter.toml", smtp.as_str()),
        ("subscribers.toml", &list),
        ("issues/a.toml", issue),
    ] {
        std::fs::write(folder.join(file), text).expect("a file");
    }
}

/// Runs the program and prints its time and the most memory that it ever had.
fn run(folder: &Path, what: &str, arguments: &[&str]) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_franking"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut peak = 0;
    let status = loop {
        peak = peak_of(child.id()).unwrap_or(peak);
        if let Some(status) = child.try_wait().expect("a child of this program") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{what}: {status}");
    let time = begun.elapsed().as_secs_f64();
    println!("{what:<20} {time:>10.1} s {:>6} MiB", peak / 1024);
}

/// `VmHWM` of a process, in KiB.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
