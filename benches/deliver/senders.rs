//! What a second machine is worth where the relay is the limit: senders that share a ledger on PostgreSQL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::memory;
use super::sink::{self, Sink};
use super::support::postgres::Database;

/// How many letters each send has, and how far the relay is: over four connections a sender waits for it nearly all
/// the time.
const READERS: usize = 1_500;
const ROUND_TRIP: Duration = Duration::from_millis(30);

/// One sender and then two, each a program of its own on a folder of its own; every letter is counted.
pub fn measure() {
    let mut sink = Sink::start();
    let roads = Runtime::new().expect("a runtime");
    let port = sink::far_away(&roads, sink.port, ROUND_TRIP);
    let mut alone = None;
    for senders in [1, 2] {
        let Some(database) = Database::create("the bench of several senders") else {
            return;
        };
        let folders: Vec<_> = (0..senders).map(|_| machine(port, &database)).collect();
        let begun = Instant::now();
        let running: Vec<Child> = folders.iter().map(|folder| send(folder.path())).collect();
        for mut child in running {
            assert!(child.wait().expect("a child of this program").success());
        }
        let rate = READERS as f64 / begun.elapsed().as_secs_f64();
        assert_eq!(sink.count(), READERS, "each once");
        let sum = database.query("select state, count(*) from delivery group by state");
        assert_eq!(sum, format!("accepted|{READERS}"));
        let gain = rate / *alone.get_or_insert(rate);
        println!("{senders} on one ledger: {rate:.0} letters a second, {gain:.2} x");
    }
}

fn machine(port: u16, database: &Database) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    memory::make_folder(folder.path(), port, READERS);
    let file = folder.path().join("newsletter.toml");
    let publication = std::fs::read_to_string(&file).expect("it has just been written");
    let shared = format!("{publication}\n[store]\nurl = \"{}\"\n", database.url());
    std::fs::write(file, shared).expect("room on the disk");
    let state = folder.path().join(".franking");
    std::fs::create_dir(&state).expect("a new folder");
    std::fs::write(state.join("key"), "k".repeat(32)).expect("room on the disk");
    std::fs::write(state.join("rehearsed"), "").expect("room on the disk");
    folder
}

fn send(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_franking"))
        .args(["send", "a", "--yes"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}
