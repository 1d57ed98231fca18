//! Measures compiling the sample issue from TOML to HTML and text, writing the message of one recipient, and other
//! mail compilers with the same content in the same run.
//!
//! `cargo bench --bench compile`. The result of every run is compared with the first one, so that no work can be
//! optimized away. The files are in the system's cache.

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

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ISSUE: &str = "2026-11";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = workspace::read(root).expect("the samples");
    let template = template(root);
    let edition = compile(root, &sources, &template);
    let recipient = &sources.list.read().next().expect("a subscriber");
    let encoder = MessageEncoder::new(Arc::new(edition.clone()), options()).expect("a sender");
    let message = write(&encoder, recipient);
    println!(
        "issue {ISSUE}: HTML {} bytes, message {} octets",
        edition.html.fixed().len(),
        message.size()
    );
    let ours = timed(
        301,
        || compile(root, &sources, &template),
        |found| assert_eq!(found, edition),
    );
    print("TOML to HTML and text", &ours);
    print(
        "the same, with reading the template and the digest",
        &timed(
            101,
            || compile(root, &sources, &self::template(root)).digest(),
            |found| assert_eq!(found, edition.digest()),
        ),
    );
    print(
        "fill in and write one message",
        &timed(
            1_001,
            || write(&encoder, recipient),
            |found| assert_eq!(found, message),
        ),
    );
    signing::run(&message.bytes());
    peers::run(root, ISSUE, median(&ours));
}

fn template(root: &Path) -> Template {
    let template = template::read(root, "institute", None, &mut Findings::new());
    template.expect("the template of the sample")
}

fn compile(root: &Path, sources: &Sources, template: &Template) -> Edition {
    let issue = issue::read(root, ISSUE, &sources.newsletter, &mut Findings::new());
    Edition::compile(&issue.expect("the sample"), &sources.newsletter, template)
}

fn options() -> MessageOptions {
    MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH)
}

fn write(encoder: &MessageEncoder, recipient: &Subscriber) -> Message {
    let message = encoder.write(recipient);
    message.expect("a message to a subscriber of the samples")
}

/// The time of each run, sorted. `check` gets each result after its time was taken.
fn timed<T>(turns: usize, turn: impl Fn() -> T, check: impl Fn(T)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..turns)
        .map(|_| {
            let begun = Instant::now();
            let result = turn();
            let time = begun.elapsed();
            check(result);
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
