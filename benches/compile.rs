//! How long the sample issue takes: from its files to an edition, and from the edition to one reader's letter.
//!
//! `cargo bench --bench compile`. Every turn's result is compared with the first, so that nothing is timed
//! that does not happen. The files are in the system's cache.

use std::path::Path;
use std::time::{Duration, Instant};

use franking::diag::Findings;
use franking::edition::Edition;
use franking::letter::{self, Stamp};
use franking::load::{self, Folder};
use franking::reader::Reader;
use franking::token::Key;
use franking::{issue, template};

const ISSUE: &str = "2026-11";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = load::folder(root).expect("the samples");
    let edition = compile(root, &folder);
    let reader = &folder.list.readers[0].0;
    let (digest, bytes) = (edition.digest(), write(&edition, reader));
    println!(
        "edition {}, a letter of {} octets",
        &digest[..12],
        bytes.len()
    );
    print(
        "read and compile the issue",
        &timed(101, || assert_eq!(compile(root, &folder).digest(), digest)),
    );
    print(
        "fill and write one letter",
        &timed(1_001, || assert_eq!(write(&edition, reader), bytes)),
    );
}

fn compile(root: &Path, folder: &Folder) -> Edition {
    let mut findings = Findings::new();
    let issue = issue::read(root, ISSUE, &folder.publication, &mut findings);
    let issue = issue.expect("the sample");
    let template = template::read(root, &issue.template, None, &mut findings);
    Edition::compile(&issue, &folder.publication, &template.expect("its look"))
}

fn write(edition: &Edition, reader: &Reader) -> Vec<u8> {
    let stamp = Stamp {
        key: Key::specimen(),
        date: jiff::Timestamp::UNIX_EPOCH,
        mark: None,
    };
    let letter = letter::write(edition, reader, &stamp);
    letter.expect("a letter to a reader of the samples").bytes
}

/// The time of each turn, sorted.
fn timed(turns: usize, turn: impl Fn()) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..turns)
        .map(|_| {
            let begun = Instant::now();
            turn();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn print(what: &str, times: &[Duration]) {
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: median {:.2?}, 10 % below {:.2?}, 10 % above {:.2?} ({} turns)",
        at(0.5),
        at(0.1),
        at(0.9),
        times.len()
    );
}
