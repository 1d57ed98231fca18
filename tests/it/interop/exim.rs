//! A whole campaign through a real Exim, whose files are compared with the bytes that a test relay received.
//!
//! Exim gets a configuration, a spool and a port of its own in a temporary folder. It starts as root and works as its
//! own user, `Debian-exim`. Debian lets no two mail servers be installed at once: beside Postfix it is unpacked into
//! `target/exim`, as `.ci/run` does.

use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use franking::simulator::sink::AcceptAll;

use crate::interop::dkim;
use crate::interop::postfix::{entry, free_port};
use crate::support::relay::{self, Relay, smtp};
use crate::support::{self, Folder};

const READERS: usize = 200;
/// The clock is fixed, so that two sends give the same bytes.
const NOW: &str = "2026-11-30T08:00:00Z";

#[test]
fn exim_accepts_pipelined_messages_byte_for_byte() {
    const TEST: &str = "a send through Exim";
    if let Some(exim) = Exim::start(TEST) {
        let taken = exim.takes_what_a_relay_takes("");
        assert!(taken.iter().all(|line| is_pipelined(line)), "{taken:?}");
    }
}

#[test]
fn exim_accepts_eight_messages_in_one_write_byte_for_byte() {
    const TEST: &str = "a window over Exim";
    if let Some(exim) = Exim::start(TEST) {
        let taken = exim.takes_what_a_relay_takes("window = 8\n");
        // K: the message came by its length (RFC 3030).
        let is_chunk = |line: &String| is_pipelined(line) && line.contains(" K ");
        assert!(taken.iter().all(is_chunk), "{taken:?}");
    }
}

/// Whether the commands came several at once (RFC 2920): `L`, with a dot behind it where Exim would have let them
/// come with the connection. `L-` is not.
fn is_pipelined(line: &str) -> bool {
    line.contains(" L ") || line.contains(" L. ")
}

/// A newsletter with DKIM, for subscribers whose names have broken mail programs.
fn newsletter() -> Folder {
    let folder = relay::newsletter("");
    let list: Vec<String> = (0..READERS)
        .map(|number| entry("r", number, "active"))
        .collect();
    folder.write("subscribers.toml", &list.concat());
    relay::write_issue(&folder, "a", "");
    dkim::set_up(&folder, "ed25519");
    folder
}

/// Sends the newsletter by the relay at `port`, as if it had never been sent.
fn send(folder: &Folder, port: u16, more: &str) {
    let publication = folder.read("newsletter.toml");
    let smtp = format!("{}{more}", smtp(port, "none", 2));
    folder.write("newsletter.toml", &format!("{publication}\n{smtp}"));
    for file in ["store.db", "store.db-wal", "store.db-shm", "marker"] {
        let _ = std::fs::remove_file(folder.path().join(".franking").join(file));
    }
    let run = folder.run_at(NOW, &["send", "a", "--yes", "--new-ledger"]);
    folder.write("newsletter.toml", &publication);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// An Exim that ends with its test.
struct Exim {
    root: tempfile::TempDir,
    program: PathBuf,
    port: u16,
    daemon: Child,
}

impl Exim {
    /// `None` where it is not here or this user may not; in CI that is a fault.
    fn start(test: &str) -> Option<Self> {
        let program = program(test)?;
        let root = tempfile::tempdir().expect("a temporary folder");
        let user = user_of_exim(&root, test)?;
        let port = free_port();
        let configuration = root.path().join("configuration");
        let text = CONFIGURATION.replace("ROOT", &root.path().display().to_string());
        std::fs::write(&configuration, text.replace("PORT", &port.to_string())).expect("a file");
        // It works as another user and has to pass through.
        std::fs::set_permissions(root.path(), PermissionsExt::from_mode(0o755)).expect("ours");
        for folder in ["spool", "mail", "log"] {
            let folder = root.path().join(folder);
            std::fs::create_dir(&folder).expect("a folder of the test");
            chown(&folder, Some(user), None).expect("root may");
        }
        let daemon = Command::new(&program)
            .args(["-bdf", "-C"])
            .arg(&configuration)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Exim starts");
        let exim = Self {
            root,
            program,
            port,
            daemon,
        };
        exim.wait_until_it_listens();
        Some(exim)
    }

    /// Exim does not report that it is ready. The limit applies to one that is broken.
    fn wait_until_it_listens(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends by Exim and by a relay that records bytes, which must be equal; Exim's log line of each message.
    fn takes_what_a_relay_takes(&self, more: &str) -> Vec<String> {
        let folder = newsletter();
        send(&folder, self.port, more);
        self.require_notices();
        // Everything that waits in the spool, now, by one process that ends.
        let delivered = Command::new(&self.program)
            .args(["-qf", "-C"])
            .arg(self.root.path().join("configuration"))
            .status();
        assert!(delivered.expect("Exim starts").success(), "{}", self.log());
        let relay = Relay::start(AcceptAll);
        send(&folder, relay.port, more);
        let mut given: Vec<Vec<u8>> = relay.received().into_iter().map(|one| one.bytes).collect();
        let mut kept = self.kept();
        given.sort();
        kept.sort();
        assert_eq!(kept.len(), READERS, "{}", self.log());
        for (kept, given) in kept.iter().zip(&given) {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            assert!(kept == given, "{}\n---\n{}", text(kept), text(given));
        }
        let log = self.log();
        let taken = log.lines().filter(|line| line.contains(" <= "));
        let taken: Vec<String> = taken.map(str::to_owned).collect();
        assert_eq!(taken.len(), READERS, "{log}");
        taken
    }

    /// Of every letter in the spool Exim knows which send it is of, that its head is enough for a notice (2), and who
    /// the reader is.
    fn require_notices(&self) {
        let spool = std::fs::read_dir(self.root.path().join("spool/input")).expect("its spool");
        let paths = spool.map(|file| file.expect("a file").path());
        let heads = paths.filter(|path| path.to_string_lossy().ends_with("-H"));
        let heads: Vec<String> = heads
            .map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("a head")).into_owned())
            .collect();
        assert_eq!(heads.len(), READERS, "{}", self.log());
        for head in heads {
            for asked in ["\n-dsn_envid a\n", "\n-dsn_ret 2\n", "rfc822;r"] {
                assert!(head.contains(asked), "{asked}: {head}");
            }
        }
    }

    fn kept(&self) -> Vec<Vec<u8>> {
        let letters = std::fs::read_dir(self.root.path().join("mail")).expect("its folder");
        let letters = letters.map(|letter| letter.expect("a letter").path());
        letters
            .map(|letter| std::fs::read(letter).expect("a letter"))
            .collect()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.root.path().join("log/main")).unwrap_or_default()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        // It has children of its own, which only it can end.
        let _ = Command::new("kill")
            .arg(self.daemon.id().to_string())
            .status();
        let _ = self.daemon.wait();
    }
}

/// The program, installed or unpacked.
fn program(test: &str) -> Option<PathBuf> {
    let unpacked = support::repository().join("target/exim/usr/sbin/exim4");
    if unpacked.is_file() {
        return Some(unpacked);
    }
    support::has("exim4", test).then(|| Path::new("/usr/sbin/exim4").to_path_buf())
}

/// The number of the user as whom it works.
fn user_of_exim(root: &tempfile::TempDir, test: &str) -> Option<u32> {
    if root.path().metadata().expect("our folder").uid() != 0 {
        support::skip(test, "Exim needs root");
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the users");
    let mut lines = users.lines();
    let number = lines.find_map(|line| line.strip_prefix("Debian-exim:")?.split(':').nth(1));
    if number.is_none() {
        support::skip(test, "there is no user `Debian-exim`");
    }
    number.map(|number| number.parse().expect("a number"))
}

/// One file a letter, as it came: no line of Exim's own, no changed ends of lines. It takes all at once and delivers
/// when it is told to.
const CONFIGURATION: &str = "\
exim_user = Debian-exim
primary_hostname = inbox.example
spool_directory = ROOT/spool
log_file_path = ROOT/log/%s
log_selector = +pipelining
pid_file_path = ROOT/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
tls_advertise_hosts =
pipelining_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtp_accept_max_per_connection = 0
acl_smtp_rcpt = accept
host_lookup =
rfc1413_hosts =
keep_environment =
queue_only = true
received_header_text =

begin routers
all:
  driver = accept
  transport = file

begin transports
file:
  driver = appendfile
  directory = ROOT/mail
  create_directory = false
  user = Debian-exim
  use_crlf
  message_prefix =
  message_suffix =
";
