//! What a long list costs: the program itself, its time and its peak memory, as the list grows.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::sink::Sink;

const CONNECTIONS: usize = 4;
const LISTS: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The program on lists of growing length: a check, a whole send, the same command once more, and what the
/// ledger says then.
pub fn measure() {
    let mut sink = Sink::start();
    for readers in LISTS {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.expect("a folder on the disk");
        let folder = folder.path();
        make_folder(folder, sink.port, readers);
        println!("\n{readers} readers        time      peak");
        run(folder, "check", &["check", "a"], || {});
        let begun = Instant::now();
        let (mut arrived, mut first) = (0, Duration::ZERO);
        let time = run(folder, "send", &["send", "a", "--yes"], || {
            if arrived == 0 {
                arrived = sink.count();
                first = begun.elapsed();
            }
        });
        assert_eq!(arrived + sink.count(), readers);
        run(folder, "nothing left", &["send", "a", "--yes"], || {});
        run(folder, "status", &["status", "a"], || {});
        let sending = time.saturating_sub(first).as_secs_f64();
        println!(
            "first letter after {:.1} s, then {:.0} a second",
            first.as_secs_f64(),
            (readers - arrived.min(readers)) as f64 / sending
        );
    }
}

/// A newsletter with so many readers, a small issue and this relay.
pub fn make_folder(folder: &Path, port: u16, readers: usize) {
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
    let issue = "subject = \"To {{ first_name }}\"\ndate = 2026-11-30\n\n\
                 [[section]]\nkind = \"text\"\nbody = \"A small letter for {{ name }}.\"\n";
    std::fs::create_dir(folder.join("issues")).expect("a folder");
    for (file, text) in [("newsletter.toml", smtp.as_str()), ("issues/a.toml", issue)] {
        std::fs::write(folder.join(file), text).expect("a file");
    }
    let list = std::fs::File::create(folder.join("subscribers.toml")).expect("a file");
    let mut list = std::io::BufWriter::new(list);
    for n in 0..readers {
        let entry = format!(
            "[[subscriber]]\nemail = \"r{n}@reader.example\"\nname = \"Reader {n}\"\ntags = [\"members\"]\n\n"
        );
        list.write_all(entry.as_bytes()).expect("room on the disk");
    }
    list.flush().expect("room on the disk");
}

/// Runs the program and prints its time and the most memory that it ever had; `watch` is called meanwhile.
fn run(folder: &Path, what: &str, arguments: &[&str], mut watch: impl FnMut()) -> Duration {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_franking"))
        .args(arguments)
        .current_dir(folder)
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

/// In KiB.
fn peak_until_the_end(child: &mut Child, what: &str, watch: &mut dyn FnMut()) -> u64 {
    let mut peak = 0;
    loop {
        peak = peak_of(child.id()).unwrap_or(peak);
        watch();
        if let Some(status) = child.try_wait().expect("a child of this program") {
            assert!(status.success(), "{what}: {status}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `VmHWM` of a process, in KiB.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
