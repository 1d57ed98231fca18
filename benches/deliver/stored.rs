//! The time to the first message for a list of a million in the store, and how long another process waits meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use franking::newsletter::config::Password;
use franking::store::Store;
use franking::subscriber::{Address, Subscriber};

use super::sink::Sink;
use super::support::postgres::Database;
use super::{memory, process, senders};

const SUBSCRIBERS: usize = 1_000_000;

/// How many subscribers one transaction adds.
const STEP: usize = 20_000;

/// Measures SQLite, and PostgreSQL where it is installed.
pub fn measure() {
    let mut sink = Sink::start();
    let database = Database::create("the bench of a list in the store");
    for database in std::iter::once(None).chain(database.iter().map(Some)) {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let directory = directory.expect("a directory on disk");
        let directory = directory.path();
        memory::make_folder(directory, sink.port, 1);
        configure(directory, database);
        let file = directory.join(".franking/store.db");
        let open = || match database {
            None => Store::open(&file).expect("a store"),
            Some(server) => {
                let url = Password::from(server.url());
                Store::connect(&url, Path::new(".")).expect("a store")
            }
        };
        fill(&mut open());
        let waiting = Waiting::watch(open());
        let begun = Instant::now();
        let mut child = senders::send(directory);
        let mut peak = 0;
        while sink.count() == 0 {
            peak = process::peak_of(child.id()).unwrap_or(peak);
            assert!(child.try_wait().expect("a child").is_none(), "it sends");
            std::thread::sleep(Duration::from_millis(5));
        }
        let first = begun.elapsed();
        let longest = waiting.longest();
        child.kill().expect("a running child");
        child.wait().expect("a child of this program");
        sink.count();
        println!(
            "{SUBSCRIBERS} subscribers in {}: first message after {:.1} s, peak {} MiB; another process \
             waited for at most {:.2} s",
            database.map_or("SQLite", |_| "PostgreSQL"),
            first.as_secs_f64(),
            peak / 1024,
            longest.as_secs_f64()
        );
    }
}

fn configure(directory: &Path, database: Option<&Database>) {
    let file = directory.join("newsletter.toml");
    let mut newsletter = std::fs::read_to_string(&file).expect("it exists");
    newsletter.push_str("\n[list]\nsource = \"store\"\n");
    if let Some(server) = database {
        newsletter.push_str(&format!("\n[store]\nurl = \"{}\"\n", server.url()));
    }
    std::fs::write(file, newsletter).expect("free disk space");
}

fn fill(store: &mut Store) {
    for first in (0..SUBSCRIBERS).step_by(STEP) {
        let filled = store.change_list(0, |list| {
            for number in first..first + STEP {
                list.put(&subscriber(number))?;
            }
            Ok(())
        });
        filled.expect("free disk space");
    }
}

fn subscriber(number: usize) -> Subscriber {
    // The order of a real list is not that of its addresses.
    let address = format!("r{}@reader.example", number * 7_919 % SUBSCRIBERS);
    let mut subscriber = Subscriber::at(Address::parse(&address).expect("an address"));
    subscriber.name = Some(format!("Reader {number}"));
    subscriber.first_name = Some("Reader".to_owned());
    subscriber.tags.insert("members".to_owned());
    subscriber
}

/// Another process that writes to the store, one small change after the other.
struct Waiting {
    is_over: Arc<AtomicBool>,
    writer: JoinHandle<Duration>,
}

impl Waiting {
    fn watch(mut store: Store) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&is_over);
        let writer = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            for round in 0_usize.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let mut late = subscriber(round % STEP);
                late.name = Some(format!("Changed {round}"));
                let begun = Instant::now();
                store
                    .change_list(1, |list| list.put(&late))
                    .expect("a change");
                longest = longest.max(begun.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
            longest
        });
        Self { is_over, writer }
    }

    /// The longest time that one change took.
    fn longest(self) -> Duration {
        self.is_over.store(true, Ordering::Relaxed);
        self.writer.join().expect("a writer")
    }
}
