//! The import of a million subscribers, compared with the loaders of the two databases.
//!
//! `cargo bench --bench list` writes a CSV file, and imports it with `franking list import` into an empty list: each row is
//! examined, and its consent recorded. `sqlite3` with `.import` and `psql` with `\copy` load the same file into one table of
//! texts that has as many indexes of the same kinds, and examine nothing. They take turns; the ratio is that of the medians.
//! `cargo bench --bench list -- 100000` does it for another number of rows.

#[path = "../support/process.rs"]
mod process;
#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests ask for more")]
mod support;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::postgres::Database;

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 3;
const COLUMNS: &str =
    "id,email,status,first_name,last_name,language,tags,organisation,consent_at,consent_ip";

fn main() {
    let rows = std::env::args().find_map(|argument| argument.parse().ok());
    let rows = rows.unwrap_or(ROWS);
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
    let directory = directory.expect("a directory on disk");
    let directory = directory.path();
    write_file(&directory.join("list.csv"), rows);
    compare("SQLite", rows, &mut |is_ours| match is_ours {
        true => import(directory, ""),
        false => import_of_sqlite(directory),
    });
    compare("PostgreSQL", rows, &mut |is_ours| {
        let database = Database::create("the bench of imports")?;
        match is_ours {
            true => import(
                directory,
                &format!("[store]\nurl = \"{}\"\n", database.url()),
            ),
            false => copy_of_postgres(directory, &database),
        }
    });
}

/// The time and the peak memory in KiB of a run.
type Measured = (Duration, u64);

/// Measures both in turn, and prints the medians. `run` returns nothing if a program is missing.
fn compare(what: &str, rows: usize, run: &mut dyn FnMut(bool) -> Option<Measured>) {
    let (mut ours, mut theirs, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let Some((time, _)) = run(false) else {
            println!("{what}: not measured");
            return;
        };
        theirs.push(time);
        if let Some((time, memory)) = run(true) {
            ours.push(time);
            peak = peak.max(memory);
        }
    }
    let rate = |mut times: Vec<Duration>| {
        times.sort();
        rows as f64 / times[times.len() / 2].as_secs_f64()
    };
    let (ours, theirs) = (rate(ours), rate(theirs));
    println!(
        "{what}: {ours:.0} rows/s with all checks and evidence, its loader {theirs:.0} rows/s: {:.2} x; peak {} MiB",
        ours / theirs,
        peak / 1024
    );
}

fn write_file(path: &Path, rows: usize) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    writeln!(file, "{COLUMNS}").expect("free disk space");
    let mut line = String::new();
    for row in 0..rows {
        // The order of a real list is not that of its addresses or identifiers.
        let number = row * 7_919 % rows;
        let id = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let status = if row % 33 == 0 {
            "unsubscribed"
        } else {
            "active"
        };
        let language = if row % 3 == 0 { "en" } else { "de-AT" };
        line.clear();
        let written = writeln!(
            line,
            "{id:032x},reader.{number}@host{}.example,{status},Robin,Reader,{language},\"members,press\",\
             \"Reader & Partners, Office {}\",2024-{:02}-{:02}T08:{:02}:00Z,192.0.2.{}",
            number % 997,
            row % 500,
            row % 12 + 1,
            row % 28 + 1,
            row % 60,
            row % 255,
        );
        written.expect("a string takes any text");
        file.write_all(line.as_bytes()).expect("free disk space");
    }
    file.flush().expect("free disk space");
}

/// Imports the file into a new newsletter.
fn import(directory: &Path, store: &str) -> Option<Measured> {
    let newsletter = directory.join("newsletter");
    let _ = std::fs::remove_dir_all(&newsletter);
    std::fs::create_dir(&newsletter).expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = std::fs::read_to_string(root.join("newsletter.toml")).expect("the sample");
    let settings = format!("{sample}\n[list]\nsource = \"store\"\n{store}");
    std::fs::write(newsletter.join("newsletter.toml"), settings).expect("free disk space");
    let mut command = Command::new(env!("CARGO_BIN_EXE_franking"));
    command.current_dir(&newsletter);
    command.args([
        "list",
        "import",
        "../list.csv",
        "--consent-source",
        "a form",
    ]);
    for field in [
        "email=email",
        "status=status",
        "first_name=first_name",
        "last_name=last_name",
        "language=language",
        "tags=tags",
        "organisation=attr.organisation",
        "consent_at=consent.at",
        "consent_ip=consent.ip",
    ] {
        command.args(["--map", field]);
    }
    Some(measure(&mut command, ""))
}

/// The table of the loaders. Our list has an index of the addresses, of the hashes of the consent, and of a number.
const TABLE: &str =
    "create table list (id text not null, email text not null, status text, first_name text,
     last_name text, language text, tags text, organisation text, consent_at text, consent_ip text);
     create unique index by_email on list (email);
     create index by_id on list (id);
     create index by_consent on list (consent_at);\n";

fn import_of_sqlite(directory: &Path) -> Option<Measured> {
    if !support::has("sqlite3", "the bench of imports") {
        return None;
    }
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(directory.join(format!("loader.db{suffix}")));
    }
    let script = format!(
        "pragma journal_mode = wal;\npragma synchronous = full;\n{TABLE}.import --csv --skip 1 list.csv list\n"
    );
    let mut command = Command::new("sqlite3");
    command.current_dir(directory).args(["-bail", "loader.db"]);
    Some(measure(&mut command, &script))
}

fn copy_of_postgres(directory: &Path, database: &Database) -> Option<Measured> {
    database.query(TABLE);
    let mut command = Command::new("psql");
    command.current_dir(directory).arg(database.url());
    let copy = format!("\\copy list ({COLUMNS}) from 'list.csv' csv header\n");
    Some(measure(&mut command, &copy))
}

/// Runs a program to its end.
fn measure(command: &mut Command, input: &str) -> Measured {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(input.as_bytes())
        .expect("a program that reads");
    drop(stdin);
    let mut peak = 0;
    loop {
        peak = process::peak_of(child.id()).unwrap_or(peak);
        if let Some(status) = child.try_wait().expect("a child of this program") {
            assert!(status.success(), "{command:?}");
            return (begun.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
