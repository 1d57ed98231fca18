//! The run time and peak memory of the program for lists of growing length.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::process;
use super::sink::Sink;

const CONNECTIONS: usize = 4;
const LISTS: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Runs `check`, `send`, `send` again, and `status` for each length of the list.
pub fn measure() {
    let mut sink = Sink::start();
    for subscribers in LISTS {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let directory = directory.expect("a directory on disk");
        let directory = directory.path();
        make_folder(directory, sink.port, subscribers);
        println!("\n{subscribers} subscribers    time      peak");
        run(directory, "check", &["check", "a"], || {});
        let begun = Instant::now();
        let (mut arrived, mut first) = (0, Duration::ZERO);
        let time = run(directory, "send", &["send", "a", "--yes"], || {
            if arrived == 0 {
                arrived = sink.count();
                first = begun.elapsed();
            }
        });
        assert_eq!(arrived + sink.count(), subscribers);
        run(directory, "nothing left", &["send", "a", "--yes"], || {});
        run(directory, "status", &["status", "a"], || {});
        let sending = time.saturating_sub(first).as_secs_f64();
        println!(
            "first message after {:.1} s, then {:.0} per second",
            first.as_secs_f64(),
            (subscribers - arrived.min(subscribers)) as f64 / sending
        );
    }
}

/// Writes a newsletter with that many subscribers, a small issue and the relay at `port`.
pub fn make_folder(directory: &Path, port: u16, subscribers: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = Command::new("cp")
        .arg("-r")
        .args([root.join("templates"), root.join("newsletter.toml")])
        .arg(directory)
        .status();
    assert!(copied.expect("cp").success());
    let newsletter = std::fs::read_to_string(root.join("newsletter.toml")).expect("the sample");
    let smtp = format!(
        "{newsletter}\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nconnections = {CONNECTIONS}\n"
    );
    let issue = "subject = \"To {{ first_name }}\"\ndate = 2026-11-30\n\n\
                 [[section]]\nkind = \"text\"\nbody = \"A small message for {{ name }}.\"\n";
    std::fs::create_dir(directory.join("issues")).expect("a directory");
    for (file, text) in [("newsletter.toml", smtp.as_str()), ("issues/a.toml", issue)] {
        std::fs::write(directory.join(file), text).expect("a file");
    }
    let list = std::fs::File::create(directory.join("subscribers.toml")).expect("a file");
    let mut list = std::io::BufWriter::new(list);
    for n in 0..subscribers {
        let entry = format!(
            "[[subscriber]]\nemail = \"r{n}@reader.example\"\nname = \"Reader {n}\"\ntags = [\"members\"]\n\n"
        );
        list.write_all(entry.as_bytes()).expect("free disk space");
    }
    list.flush().expect("free disk space");
}

/// Runs the program and prints its run time and peak memory. Calls `watch` while it runs.
fn run(directory: &Path, what: &str, arguments: &[&str], mut watch: impl FnMut()) -> Duration {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_franking"))
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let peak = peak_until_the_end(&mut child, what, &mut watch);
    let time = begun.elapsed();
    let seconds = time.as_secs_f64();
    println!("{what:<20} {seconds:>8.1} s {:>5} MiB", peak / 1024);
    time
}

/// The peak memory of a process in KiB, once it has exited.
fn peak_until_the_end(child: &mut Child, what: &str, watch: &mut dyn FnMut()) -> u64 {
    let mut peak = 0;
    loop {
        peak = process::peak_of(child.id()).unwrap_or(peak);
        watch();
        if let Some(status) = child.try_wait().expect("a child of this program") {
            assert!(status.success(), "{what}: {status}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
