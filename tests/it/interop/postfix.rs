//! A whole send through a real Postfix, read back from the mailbox by Python's mail library.
//!
//! Postfix gets a configuration, a queue and a port of its own in a temporary folder; one that runs on this
//! machine already is not touched. Its master needs root.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::interop::dkim;
use crate::support::relay::{self, smtp};
use crate::support::{self, Run};

const ACTIVE: usize = 1_000;
/// How many more there are of each kind that gets nothing.
const OTHERS: usize = 40;

/// The user that delivers into the mailbox.
const NOBODY: u32 = 65534;

/// Names that have hurt mail programs: beyond ASCII, from right to left, quotes and brackets, what looks like
/// an encoded word, a placeholder or HTML, and one too long for a line.
const NAMES: [(&str, &str); 9] = [
    ("Anna", "Berg"),
    ("Žofia", "Ünlü-Łącka"),
    ("שרה", "כהן"),
    ("Conor", "O'Brien, \\\"Con\\\""),
    ("美咲", "山田"),
    ("Eve {{ email }}", "{{unsubscribe_url}}!"),
    ("<b>Tom", "& Jerry</b>"),
    ("Zé", "<ze@other.example>"),
    (
        "Maximiliana-Wilhelmina",
        "von und zu der Langen Wiese am Großen Bogen der Unteren Weser",
    ),
];

#[test]
fn a_thousand_messages_through_postfix_reach_exactly_their_recipients() {
    const TEST: &str = "a send through Postfix";
    if !support::has("postfix", TEST) || !support::has("python3", TEST) {
        return;
    }
    let Some(postfix) = Postfix::start(TEST) else {
        return;
    };
    let folder = relay::newsletter(&smtp(postfix.port, "none", 4));
    folder.write("subscribers.toml", &list());
    relay::write_issue(&folder, "a", "");
    let record = dkim::set_up(&folder, "ed25519");
    let mut send = folder.command(&["send", "a", "--yes"]);
    // A day that has passed: verifiers take no signature of tomorrow.
    send.env("FRANKING_NOW", "2020-11-30T08:00:00Z");
    let send = Run::from(send.output().expect("the program starts"));
    assert_eq!(send.code, 0, "{}", send.stderr);

    postfix.wait_until_delivered();
    let check = Command::new("python3")
        .arg(support::repository().join("tests/it/scripts/mailbox_check.py"))
        .arg(postfix.mailbox())
        .arg(folder.path().join("subscribers.toml"))
        .arg(folder.path().join(".franking/key"))
        .output()
        .map(Run::from)
        .expect("Python starts");
    let told = (check.stdout.as_str(), check.stderr.as_str(), check.code);
    assert_eq!(told, ("1000 letters, 0 faults\n", "", 0));
    // The changes of a real server do not break the signature.
    let verdicts = dkim::verifiers::verdicts(TEST, &postfix.mailbox().join("new"), &record);
    if let Some(verdicts) = verdicts {
        assert_eq!(verdicts.len(), ACTIVE);
        dkim::all_good(&verdicts);
    }
}

#[test]
fn postfix_accepts_eight_messages_in_one_write() {
    const TEST: &str = "a window over Postfix";
    if !support::has("postfix", TEST) {
        return;
    }
    let Some(postfix) = Postfix::start(TEST) else {
        return;
    };
    let smtp = smtp(postfix.port, "none", 2);
    let folder = relay::newsletter(&format!("{smtp}window = 8\n"));
    let list: Vec<String> = (0..200)
        .map(|number| entry("r", number, "active"))
        .collect();
    folder.write("subscribers.toml", &list.concat());
    relay::write_issue(&folder, "a", "");
    let send = folder.run(&["send", "a", "--yes"]);
    assert_eq!(send.code, 0, "{}", send.stderr);
    postfix.wait_until_delivered();
    let letters = std::fs::read_dir(postfix.mailbox().join("new")).expect("a maildir");
    assert_eq!(letters.count(), 200);
    let log = std::fs::read_to_string(postfix.path("log")).expect("its log");
    // What it says of this machine's clock is not about us.
    let is_ours = |line: &&str| {
        let is_about_clock = line.contains("file system clock") || line.contains("time stamps");
        line.contains("warning: ") && !is_about_clock
    };
    assert_eq!(log.lines().find(is_ours), None, "{log}");
}

#[test]
fn a_bounce_from_postfix_identifies_recipient_and_campaign() {
    const TEST: &str = "a notice of Postfix";
    if !support::has("postfix", TEST) {
        return;
    }
    let Some(postfix) = Postfix::start(TEST) else {
        return;
    };
    let folder = relay::newsletter(&smtp(postfix.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "moved+away"]);
    relay::write_issue(&folder, "a+b", "");
    let send = folder.run(&["send", "a+b", "--yes"]);
    assert_eq!(send.code, 0, "{}", send.stderr);
    postfix.wait_until_delivered();
    let letters = std::fs::read_dir(postfix.mailbox().join("new")).expect("a maildir");
    let letters = letters.map(|letter| letter.expect("a letter").path());
    let letters: Vec<String> = letters
        .map(|letter| std::fs::read_to_string(letter).expect("a letter"))
        .collect();
    let notices = letters
        .iter()
        .filter(|letter| letter.contains("\nFinal-Recipient: "));
    let notices: Vec<_> = notices.collect();
    assert_eq!((letters.len(), notices.len()), (2, 1));
    // The recipient as on the list, not the address of the forward; and only the header of the message.
    for line in [
        "Delivered-To: letter@press.example",
        "Original-Envelope-Id: a+b",
        "Original-Recipient: rfc822;moved+away@reader.example",
        "Final-Recipient: rfc822; nobody@elsewhere.example",
        "Content-Type: text/rfc822-headers",
    ] {
        let is_told = notices[0].lines().any(|output| output == line);
        assert!(is_told, "{line}: {}", notices[0]);
    }
}

/// The active, then those who get nothing: one of each kind for every 25 of them, among them a second
/// spelling of an address.
fn list() -> String {
    let mut list: Vec<String> = (0..ACTIVE)
        .map(|number| entry("r", number, "active"))
        .collect();
    for number in 0..OTHERS {
        for status in ["unsubscribed", "bounced", "pending"] {
            list.push(entry(status, number, status));
        }
        list.push(entry("R", number, "active"));
    }
    // Spread, so that excluded subscribers are between recipients.
    let step = 7;
    (0..step)
        .flat_map(|start| list.iter().skip(start).step_by(step))
        .cloned()
        .collect()
}

/// A subscriber with one of the names that have broken mail programs.
pub fn entry(prefix: &str, number: usize, status: &str) -> String {
    let (first, last) = NAMES[number % NAMES.len()];
    format!(
        "[[subscriber]]\nemail = \"{prefix}{number}@reader.example\"\nfirst_name = \"{first}\"\n\
         last_name = \"{last}\"\nstatus = \"{status}\"\n\n"
    )
}

/// A Postfix that ends with its test, whichever way that ends.
struct Postfix {
    root: tempfile::TempDir,
    port: u16,
}

impl Postfix {
    /// `None` where this user may not; in CI that is a fault.
    fn start(test: &str) -> Option<Self> {
        let root = tempfile::tempdir().expect("a temporary folder");
        let user = root.path().metadata().expect("our folder").uid();
        if user != 0 {
            support::skip(test, "Postfix needs root");
            return None;
        }
        let postfix = Self {
            root,
            port: free_port(),
        };
        postfix.configure();
        let started = postfix.command("postfix", &["start"]);
        let log = std::fs::read_to_string(postfix.path("log")).unwrap_or_default();
        assert!(started.status.success(), "Postfix does not start: {log}");
        postfix.poll("it does not listen", |postfix| {
            TcpStream::connect(("127.0.0.1", postfix.port)).is_ok()
        });
        Some(postfix)
    }

    /// Everything to `reader.example` goes into one mailbox, and so do notices to the sender; nothing leaves.
    fn configure(&self) {
        let root = self.root.path();
        // Its processes run as other users and have to pass through.
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o755)).expect("our folder");
        for folder in ["config", "queue", "mail"] {
            std::fs::create_dir(root.join(folder)).expect("a folder of the test");
        }
        chown(self.path("mail"), Some(NOBODY), Some(NOBODY)).expect("root may");
        let main = MAIN.replace("ROOT", &root.display().to_string());
        write(&self.path("config/main.cf"), &main);
        write(
            &self.path("config/master.cf"),
            &MASTER.replace("PORT", &self.port.to_string()),
        );
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.path().join(file)
    }

    fn mailbox(&self) -> PathBuf {
        self.path("mail/all")
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Output {
        let output = Command::new(Path::new("/usr/sbin").join(program))
            .arg("-c")
            .arg(self.path("config"))
            .args(arguments)
            .output();
        output.expect("Postfix is installed")
    }

    fn wait_until_delivered(&self) {
        self.poll("its queue does not empty", |postfix| {
            let queue = postfix.command("postqueue", &["-p"]);
            String::from_utf8_lossy(&queue.stdout).contains("Mail queue is empty")
        });
    }

    /// Postfix does not report that it is ready, so the test polls it. The limit applies to a Postfix that is broken.
    fn poll(&self, otherwise: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < Duration::from_secs(120), "{otherwise}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.command("postfix", &["stop"]);
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("its address").port()
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file of the test");
}

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = ROOT/queue
data_directory = ROOT/data
maillog_file = ROOT/log
maillog_file_prefixes = ROOT
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = inbox.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = reader.example press.example
virtual_alias_maps = inline:{moved+away@reader.example=nobody@elsewhere.example}
default_transport = error:5.1.2 nobody is there
virtual_mailbox_maps = static:all/
virtual_mailbox_base = ROOT/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_recipient_restrictions = permit_mynetworks, reject
";

const MASTER: &str = "\
PORT inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
";
