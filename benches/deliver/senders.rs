//! The gain of a second machine if the relay is the bottleneck: senders that share a ledger on PostgreSQL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::memory;
use super::sink::{self, Sink};
use super::support::postgres::Database;

/// The number of messages of each campaign.
const MESSAGES: usize = 1_500;
/// The round trip time to the relay. With four connections a sender spends nearly all its time waiting for it.
const ROUND_TRIP: Duration = Duration::from_millis(30);

/// Measures one sender and then two, each in a process and a directory of its own, and checks the number of messages.
pub fn measure() {
    let mut sink = Sink::start();
    let runtime = Runtime::new().expect("a runtime");
    let port = sink::far_away(&runtime, sink.port, ROUND_TRIP);
    let mut alone = None;
    for senders in [1, 2] {
        let Some(database) = Database::create("the bench of several senders") else {
            return;
        };
        let directories: Vec<_> = (0..senders).map(|_| machine(port, &database)).collect();
        let begun = Instant::now();
        let running: Vec<Child> = directories
            .iter()
            .map(|directory| send(directory.path()))
            .collect();
        for mut child in running {
            assert!(child.wait().expect("a child of this program").success());
        }
        let rate = MESSAGES as f64 / begun.elapsed().as_secs_f64();
        assert_eq!(sink.count(), MESSAGES, "every message arrives once");
        let sum = database.query("select state, count(*) from delivery group by state");
        assert_eq!(sum, format!("accepted|{MESSAGES}"));
        let gain = rate / *alone.get_or_insert(rate);
        println!("{senders} on one ledger: {rate:.0} messages per second, {gain:.2} x");
    }
}

fn machine(port: u16, database: &Database) -> tempfile::TempDir {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory on disk");
    memory::make_folder(directory.path(), port, MESSAGES);
    let file = directory.path().join("newsletter.toml");
    let newsletter = std::fs::read_to_string(&file).expect("it exists");
    let shared = format!("{newsletter}\n[store]\nurl = \"{}\"\n", database.url());
    std::fs::write(file, shared).expect("free disk space");
    let state = directory.path().join(".franking");
    std::fs::create_dir(&state).expect("a new directory");
    std::fs::write(state.join("key"), "k".repeat(32)).expect("free disk space");
    std::fs::write(state.join("rehearsed"), "").expect("free disk space");
    directory
}

/// Starts to send the issue of [`memory::make_folder`].
pub fn send(directory: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_franking"))
        .args(["send", "a", "--yes"])
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}
