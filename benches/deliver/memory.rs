//! What a large list costs: the program itself, its time and its peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::sink::Sink;

const CONNECTIONS: usize = 4;
const LONG_LIST: usize = 100_000;

/// The program itself on a long list: what would happen, into the outbox of nobody, and a whole send.
pub fn measure() {
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
