//! How long the sample issue takes: from its TOML to HTML and text, and from the edition to one reader's
//! letter; then the same content in the best-known compilers of mail, in the same run.
//!
//! `cargo bench --bench compile`. Every turn's result is compared with the first, so that nothing is timed
//! that does not happen. The files are in the system's cache.

mod peers;
mod signing;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use franking::compile::edition::Edition;
use franking::diag::Findings;
use franking::message::{Message, MessageEncoder, MessageOptions};
use franking::newsletter::issue;
use franking::newsletter::template;
use franking::newsletter::template::Template;
use franking::subscriber::Subscriber;
use franking::workspace::{self, Sources};
use mimalloc::MiMalloc;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ISSUE: &str = "2026-11";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = workspace::read(root).expect("the samples");
    let look = look(root);
    let edition = compile(root, &folder, &look);
    let reader = &folder.list.read().next().expect("a reader");
    let press = MessageEncoder::new(Arc::new(edition.clone()), stamp()).expect("a sender");
    let letter = strike(&press, reader);
    println!(
        "issue {ISSUE}: html {} bytes, a letter of {} octets",
        edition.html.fixed().len(),
        letter.size()
    );
    let ours = timed(
        301,
        || compile(root, &folder, &look),
        |found| assert_eq!(found, edition),
    );
    print("TOML to HTML and text", &ours);
    print(
        "the same, and the template read, and the digest taken",
        &timed(
            101,
            || compile(root, &folder, &self::look(root)).digest(),
            |found| assert_eq!(found, edition.digest()),
        ),
    );
    print(
        "fill and write one letter",
        &timed(
            1_001,
            || strike(&press, reader),
            |found| assert_eq!(found, letter),
        ),
    );
    signing::run(&letter.bytes());
    peers::run(root, ISSUE, median(&ours));
}

fn look(root: &Path) -> Template {
    let look = template::read(root, "institute", None, &mut Findings::new());
    look.expect("the look of the sample")
}

fn compile(root: &Path, folder: &Sources, look: &Template) -> Edition {
    let issue = issue::read(root, ISSUE, &folder.newsletter, &mut Findings::new());
    Edition::compile(&issue.expect("the sample"), &folder.newsletter, look)
}

fn stamp() -> MessageOptions {
    MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH)
}

fn strike(press: &MessageEncoder, reader: &Subscriber) -> Message {
    let letter = press.write(reader);
    letter.expect("a letter to a reader of the samples")
}

/// The time of each turn, sorted; what it makes is looked at behind it.
fn timed<T>(turns: usize, turn: impl Fn() -> T, check: impl Fn(T)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..turns)
        .map(|_| {
            let begun = Instant::now();
            let made = turn();
            let time = begun.elapsed();
            check(made);
            time
        })
        .collect();
    times.sort();
    times
}

fn median(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

fn print(what: &str, times: &[Duration]) {
    println!(
        "{what}: median {:.2?}, 10 % below {:.2?}, 10 % above {:.2?} ({} turns)",
        median(times),
        times[times.len() / 10],
        times[times.len() - 1 - times.len() / 10],
        times.len()
    );
}
