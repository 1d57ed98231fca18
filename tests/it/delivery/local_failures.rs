//! Accidents on the sender's own machine: a disk that fills up, a folder that cannot be written, a ledger that is
//! damaged, a relay that dies, a clock that is put back, senders that meet. What is said, what the ledger knows,
//! how the command ends, and that the same command continues when the cause is gone.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{LATER, NOW, send};
use crate::support::relay::{self, Relay, smtp, story};
use crate::support::{Folder, Run, skip};

const STORE: &str = ".franking/store.db";

/// A newsletter for `r1`, `r2` and so on, over one connection, so that the order is always the same.
fn newsletter(port: u16, readers: usize) -> Folder {
    relay::newsletter_for(readers, &smtp(port, "none", 1))
}

/// What was said and how it ended.
fn output(run: &Run) -> String {
    format!("{}{}exit {}\n", run.stdout, run.stderr, run.code)
}

/// Nobody has two, and how many have one.
fn served(relay: &Relay) -> usize {
    let all = relay.recipients();
    let mut once = all.clone();
    once.dedup();
    assert_eq!(all, once, "somebody has it twice");
    once.len()
}

/// A small file system in memory that is removed with its test.
pub struct Disk(PathBuf);

impl Disk {
    /// `None` where the system does not let us, which the test says.
    pub fn at(path: PathBuf, test: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).expect("a folder of the test");
        let disk = Self(path);
        let is_there = mount(
            &["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs"],
            &disk.0,
        );
        if !is_there {
            skip(test, "only root can mount a disk of its own");
        }
        is_there.then_some(disk)
    }

    /// Leaves no room.
    pub fn fill(&self) {
        let mut file = std::fs::File::create(self.filling()).expect("a file on the disk");
        for size in [4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    pub fn make_room(&self) {
        std::fs::remove_file(self.filling()).expect("the filling");
    }

    fn filling(&self) -> PathBuf {
        self.0.join("filling")
    }

    fn make_read_only(&self, is_read_only: bool) {
        let how = if is_read_only { "ro" } else { "rw" };
        assert!(mount(&["-o", &format!("remount,{how}")], &self.0), "{how}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(options: &[&str], at: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(options).arg(at).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_stops_the_send_before_the_next_message() {
    const READERS: usize = 40;
    let disk: Arc<Mutex<Option<Disk>>> = Arc::default();
    let hands = Arc::clone(&disk);
    let on_message = move |count| {
        if count == 10 {
            let disk = hands.lock().expect("no panic");
            disk.as_ref().expect("it is mounted").fill();
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let folder = newsletter(relay.port, READERS);
    let mounted = Disk::at(folder.path().join(".franking"), "a full disk");
    if mounted.is_none() {
        return;
    }
    *disk.lock().expect("no panic") = mounted;

    let run = send(&folder, NOW);
    assert_eq!(served(&relay), 10, "letters left that no ledger knew of");
    assert_data_eq!(
        relay::masked(&output(&run), relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       40 recipients
2026-11-30T08:00:00Z a: 40 messages to try
2026-11-30T08:00:00Z a: stopped: 9 accepted, 31 untried
accepted         9
refused          0
excluded         0
deferred         0
uncertain        0
untried         31
candidates      40  adds up
error: the ledger `.franking/store.db` cannot be written
caused by: the disk is full
hint: free some space, then run the same command again
exit 74

"#]]
    );
    // As long as there is no room, nothing leaves.
    let again = send(&folder, NOW);
    assert_eq!(served(&relay), 10);
    assert_data_eq!(
        relay::masked(&output(&again), relay.port),
        str![[r#"
error: the ledger `.franking/store.db` cannot be written
caused by: the disk is full
hint: free some space, then run the same command again
exit 74

"#]]
    );

    let disk = disk.lock().expect("no panic").take().expect("the disk");
    disk.make_room();
    let rest = send(&folder, LATER);
    assert_eq!(served(&relay), READERS, "nobody is lost, nobody has two");
    assert_data_eq!(
        story(&folder, &rest, relay.port),
        str![[r#"
warning: the last run ended with messages in flight: 1 delivery is uncertain
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to r11  (to r11@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       30 recipients left, 9 accepted
2026-11-30T09:00:00Z a: 30 messages to try
2026-11-30T09:00:00Z a: finished: 39 accepted, 1 uncertain
accepted        39
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates      40  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted        39
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates      40  adds up
uncertain  r10@reader.example (r10): the sender was stopped before the reply

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

"#]]
    );
}

#[test]
fn nothing_is_sent_from_a_directory_that_cannot_be_written() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(relay.port, 3);
    let Some(disk) = Disk::at(folder.path().join(".franking"), "a read-only folder") else {
        return;
    };
    disk.make_read_only(true);
    assert_data_eq!(
        output(&send(&folder, NOW)),
        str![[r#"
error: the lock `.franking/lock` cannot be taken
caused by: read-only file system
exit 74

"#]]
    );
    assert_data_eq!(
        output(&folder.run_at(NOW, &["send", "--due"])),
        str![[r#"
error: the lock `.franking/lock` cannot be taken
caused by: read-only file system
exit 74

"#]]
    );
    assert_eq!(served(&relay), 0);

    disk.make_read_only(false);
    assert_eq!(send(&folder, NOW).code, 0);
    disk.make_read_only(true);
    assert_data_eq!(
        output(&folder.run_at(NOW, &["status", "a"])),
        str![[r#"
a sent, edition [..]
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

"#]]
    );
    assert_eq!(served(&relay), 3);
}

/// A send that a refusal of the relay stopped, with its ledger.
fn half_sent(readers: usize) -> (Relay, Folder) {
    let relay = Relay::start(StopsAt(4));
    let folder = newsletter(relay.port, readers);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    assert_eq!(served(&relay), 3);
    (relay, folder)
}

/// Accepts the recipients before `r4`, and then refuses the sender.
struct StopsAt(u32);

impl Script for StopsAt {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        let is_it = address.starts_with(&format!("r{}@", self.0));
        if is_it && attempt == 1 {
            return Answer::Reply(550, "5.7.515 access denied".to_owned());
        }
        Answer::Accept
    }
}

fn overwrite(path: &Path, from: u64, bytes: &[u8]) {
    let mut file = std::fs::File::options()
        .write(true)
        .open(path)
        .expect("the ledger");
    file.seek(SeekFrom::Start(from)).expect("a place in it");
    file.write_all(bytes).expect("its owner");
}

#[test]
fn nothing_is_sent_with_a_damaged_ledger() {
    let (relay, folder) = half_sent(6);
    overwrite(&folder.path().join(STORE), 4096, &[0xa5; 8192]);
    assert_data_eq!(
        output(&send(&folder, LATER)),
        str![[r#"
error: the ledger `.franking/store.db` is damaged
hint: nothing was sent; restore the ledger from a backup. `franking send` with `--new-ledger` keeps a damaged file under another name and begins a new ledger, and issues that were sent can be sent again
exit 65

"#]]
    );
    for other in [
        &["send", "--due"] as &[&str],
        &["status", "a"],
        &["status"],
        &["schedule"],
    ] {
        let run = folder.run_at(LATER, other);
        assert_eq!(run.code, 65, "{other:?}: {}", output(&run));
    }
    assert_eq!(served(&relay), 3, "it sent from a damaged ledger");
}

#[test]
fn every_overwritten_page_of_a_ledger_is_detected() {
    const PAGE: usize = 4096;
    let (relay, folder) = half_sent(6);
    let path = folder.path().join(STORE);
    let whole = std::fs::read(&path).expect("the ledger");
    let before = folder.run(&["status", "a", "--json"]).stdout;
    let pages = whole.len() / PAGE;
    assert!(pages >= 8, "{pages} pages are too few to show anything");
    for page in 0..pages {
        overwrite(&path, (page * PAGE) as u64, &[0xa5; PAGE]);
        let status = folder.run(&["status", "a", "--json"]);
        assert!(
            status.code == 65 || status.stdout == before,
            "page {page} of {pages}: {}",
            output(&status)
        );
        std::fs::write(&path, &whole).expect("the ledger");
    }
    // Cut short, it is as bad.
    for pages in [1, pages / 2, pages - 1] {
        std::fs::write(&path, &whole[..pages * PAGE]).expect("the ledger");
        assert_eq!(send(&folder, LATER).code, 65, "{pages} pages");
    }
    std::fs::write(&path, &whole).expect("the ledger");
    assert_eq!(served(&relay), 3, "it sent from a damaged ledger");
    assert_eq!(send(&folder, LATER).code, 0, "the whole one goes on");
    assert_eq!(served(&relay), 6);
}

#[test]
fn an_edition_that_has_changed_in_the_ledger_is_not_sent() {
    let (relay, folder) = half_sent(6);
    let path = folder.path().join(STORE);
    let mut bytes = std::fs::read(&path).expect("the ledger");
    let letter = b"This is a small letter";
    let places: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(letter))
        .collect();
    assert!(
        !places.is_empty(),
        "the edition is not where it was looked for"
    );
    for place in places {
        bytes[place + 10] = b'A';
    }
    std::fs::write(&path, bytes).expect("the ledger");
    assert_data_eq!(
        relay::masked(&output(&send(&folder, LATER)), relay.port),
        str![[r#"
error: the edition in the ledger is not the one that was frozen
hint: nothing was sent; restore the ledger from a backup
exit 65

"#]]
    );
    assert_eq!(served(&relay), 3, "what nobody has reviewed was sent");
}

/// Never answers the second message.
struct HangsAtTwo;

impl Script for HangsAtTwo {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r2@") {
            Answer::Stall
        } else {
            Answer::Accept
        }
    }
}

/// A connection has taken the others before the run is killed.
#[test]
fn a_subscriber_who_leaves_after_a_killed_run_gets_nothing_from_the_next() {
    let relay = Relay::start(HangsAtTwo);
    let folder = newsletter(relay.port, 6);
    let mut command = folder.command(&["send", "a", "--yes"]);
    let command = command.env("FRANKING_NOW", NOW).stderr(Stdio::null());
    let sender = command.spawn();
    let mut sender = sender.expect("the program starts");
    let in_hand = |state: &str| folder.run(&["status", "a", "--all"]).stdout.contains(state);
    relay.wait_for(1);
    while !in_hand("in_data    r2@") || !in_hand("leased     r5@") {}
    sender.kill().expect("a child of this test");
    sender.wait().expect("a child of this test");
    let list = folder.read("subscribers.toml");
    let name = "first_name = \"r5\"\n";
    folder.write(
        "subscribers.toml",
        &list.replace(name, &format!("{name}status = \"unsubscribed\"\n")),
    );
    let rest = send(&folder, LATER);
    assert_eq!(rest.code, 1, "r2 is uncertain: {}", rest.stderr);
    // The relay has taken that of r2, and has never said so.
    let served = ["r1", "r2", "r3", "r4", "r6"].map(|name| format!("{name}@reader.example"));
    assert_eq!(relay.recipients(), served);
    assert!(
        rest.stderr
            .contains("\n1 recipient excluded: they left the list"),
        "{}",
        rest.stderr
    );
}

/// Never replies to the tenth message.
struct HangsAtTen;

impl Script for HangsAtTen {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r10@") {
            Answer::Stall
        } else {
            Answer::Accept
        }
    }
}

#[test]
fn a_relay_that_dies_leaves_one_uncertain_delivery_per_connection() {
    let mut relay = Relay::start(HangsAtTen);
    let folder = newsletter(relay.port, 20);
    let mut command = folder.command(&["send", "a", "--yes"]);
    let sender = command
        .env("FRANKING_NOW", NOW)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    relay.wait_for(10);
    let port = relay.port;
    let before = relay.recipients();
    relay.die();
    let run = Run::from(sender.wait_with_output().expect("a child of this test"));
    assert_data_eq!(
        story(&folder, &run, port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       20 recipients
2026-11-30T08:00:00Z a: 20 messages to try
2026-11-30T08:00:00Z a: uncertain  r10@reader.example: the connection was lost during the message: [..]
2026-11-30T08:00:00Z a: stopped: 9 accepted, 1 uncertain, 10 untried
accepted         9
refused          0
excluded         0
deferred         0
uncertain        1
untried         10
candidates      20  adds up
error: the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
hint: `franking send a` continues
exit 75

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
accepted         9
refused          0
excluded         0
deferred         0
uncertain        1
untried         10
candidates      20  adds up
uncertain  r10@reader.example (r10): the connection was lost during the message: [..]

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

"#]]
    );

    let next = Relay::start(AcceptAll);
    relay::set_smtp(&folder, &smtp(next.port, "none", 1));
    assert_eq!(send(&folder, LATER).code, 1, "one is still in doubt");
    assert_eq!((before.len(), served(&next)), (10, 10));
    assert!(
        next.recipients()
            .iter()
            .all(|reader| !before.contains(reader))
    );
}

/// Defers every recipient once.
struct Later;

impl Script for Later {
    fn recipient(&self, _address: &str, attempt: u32) -> Answer {
        match attempt {
            1 => Answer::Reply(451, "4.7.1 greylisted".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn a_clock_that_is_set_back_repeats_and_loses_no_message() {
    let relay = Relay::start(Later);
    let folder = newsletter(relay.port, 3);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    let due = |now| folder.run_at(now, &["send", "--due"]);
    assert_eq!(
        due("2026-11-30T08:00:00Z").code,
        75,
        "all are told to come back"
    );
    // Before its hour, the send that has begun is still the one that has begun.
    for earlier in [
        "2026-11-30T07:00:00Z",
        "2026-11-29T08:00:00Z",
        "2025-11-30T08:00:00Z",
    ] {
        assert_eq!(due(earlier).code, 0, "nothing is due at {earlier}");
        assert_eq!(send(&folder, earlier).code, 75, "at {earlier}");
    }
    assert_eq!(served(&relay), 0);
    assert_eq!(due("2026-11-30T09:00:00Z").code, 0);
    assert_eq!(served(&relay), 3);
    // Nor does it begin again.
    for earlier in ["2026-11-30T08:00:00Z", "2026-11-30T07:00:00Z"] {
        assert_eq!(due(earlier).code, 0);
        assert_eq!(send(&folder, earlier).code, 0);
    }
    assert_eq!(served(&relay), 3);
    let date = b"\r\nDate: Mon, 30 Nov 2026 08:00:00 +0000\r\n";
    for caught in relay.received() {
        let found = caught.bytes.windows(date.len()).any(|bytes| bytes == date);
        assert!(found, "the letter has the date of its send's beginning");
    }
}

#[test]
fn one_of_many_concurrent_senders_sends_and_the_others_name_it() {
    const SENDERS: usize = 12;
    let relay = Relay::start(HangsAtTen);
    let folder = newsletter(relay.port, 20);
    let start = |_| {
        let mut command = folder.command(&["send", "a", "--yes"]);
        command.env("FRANKING_NOW", NOW).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let mut senders: Vec<_> = (0..SENDERS).map(start).collect();
    relay.wait_for(10);
    // The active sender waits for the tenth reply; the others have met its lock.
    let mut others = Vec::new();
    while senders.len() > 1 {
        let found = senders
            .iter_mut()
            .position(|sender| sender.try_wait().is_ok_and(|end| end.is_some()));
        let Some(ended) = found else {
            std::thread::yield_now();
            continue;
        };
        others.push(senders.swap_remove(ended));
    }
    for other in others {
        let run = Run::from(other.wait_with_output().expect("a child of this test"));
        assert_eq!(run.code, 73, "{}", run.stderr);
    }
    let mut one = senders.remove(0);
    let late = send(&folder, LATER);
    assert_eq!(
        late.stderr.lines().next(),
        Some(
            format!(
                "error: another process holds the lock: `send a`, process {}, since {NOW}",
                one.id()
            )
            .as_str()
        )
    );
    one.kill().expect("a child of this test");
    one.wait().expect("a child of this test");
    relay.wait_until_closed();
    assert_eq!(served(&relay), 10);
    // The lock ends with its holder.
    assert_eq!(send(&folder, LATER).code, 1, "one is in doubt");
    assert_eq!(served(&relay), 20);
}
