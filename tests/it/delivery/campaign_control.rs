//! Control of a campaign: pause, correction, resume and cancel while it is being sent, gaps between runs, and a list that
//! changes meanwhile.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use serde_json::Value;

use crate::support::campaign::{NOW, send, status};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// What happens when the relay has so many messages, before it acknowledges the last.
pub type Event = Box<dyn Fn(&Newsroom) + Send + Sync>;

/// The newsletter's directory, as another terminal sees it, and how many messages the relay has.
pub struct Newsroom {
    directory: PathBuf,
    kept: Arc<AtomicUsize>,
}

impl Newsroom {
    pub fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_franking"));
        command.args(arguments).current_dir(&self.directory);
        let output: Output = command
            .env("FRANKING_NOW", NOW)
            .output()
            .expect("it starts");
        Run::from(output)
    }

    /// How many messages the relay has accepted by now.
    fn kept(&self) -> usize {
        self.kept.load(Ordering::SeqCst)
    }

    fn edit(&self, file: &str, edit: impl Fn(String) -> String) {
        let path = self.directory.join(file);
        let text = std::fs::read_to_string(&path).expect("a file of the test");
        std::fs::write(path, edit(text)).expect("a file of the test");
    }
}

/// A newsletter whose relay lets something happen after `count` messages.
pub fn interrupted(
    connections: usize,
    store: Option<&Database>,
    recipients: usize,
    (count, event): (usize, Event),
) -> (Folder, Relay) {
    let place: Arc<Mutex<Option<Newsroom>>> = Arc::default();
    let output = Arc::clone(&place);
    let all: Arc<AtomicUsize> = Arc::default();
    let seen = Arc::clone(&all);
    let on_message = move |kept| {
        seen.fetch_max(kept, Ordering::SeqCst);
        if kept == count {
            event(output.lock().unwrap().as_ref().expect("a directory"));
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let store = store.map(|database| format!("[store]\nurl = \"{}\"\n", database.url()));
    let smtp = smtp(relay.port, "none", connections);
    let folder = relay::newsletter(&(smtp + &store.unwrap_or_default()));
    *place.lock().unwrap() = Some(Newsroom {
        directory: folder.path().to_owned(),
        kept: all,
    });
    relay::set_numbered(&folder, recipients);
    relay::write_issue(&folder, "a", "");
    (folder, relay)
}

fn at(folder: &Folder, now: &str, arguments: &[&str]) -> Run {
    folder.run_at(now, arguments)
}

fn pause() -> Event {
    Box::new(|room| {
        let paused = room.run(&["pause", "a"]);
        assert_eq!(paused.code, 0, "{}", paused.stderr);
    })
}

/// An event, and how many messages the relay had when it was over.
fn counted(event: Event) -> (Event, Arc<AtomicUsize>) {
    let kept: Arc<AtomicUsize> = Arc::default();
    let noted = Arc::clone(&kept);
    let event: Event = Box::new(move |room| {
        event(room);
        noted.store(room.kept(), Ordering::SeqCst);
    });
    (event, kept)
}

/// When the event was over, each connection had at most two messages in work, whose intents were in the ledger: the one
/// on its way, and the next, whose envelope goes with it. That of the connection that waited for the event is counted.
fn assert_only_in_flight(sent: usize, kept: &AtomicUsize, connections: usize) {
    let kept = kept.load(Ordering::SeqCst);
    assert!(kept > 0, "the event has happened");
    assert!(
        (kept..kept + 2 * connections).contains(&sent),
        "{kept} when it was over, {sent} in the end"
    );
}

/// Each recipient's message, which is the only one.
pub fn messages(relay: &Relay) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for caught in relay.received() {
        let text = String::from_utf8_lossy(&caught.bytes).into_owned();
        let before = messages.insert(caught.recipients[0].clone(), text);
        assert_eq!(before, None, "repeated: {:?}", caught.recipients);
    }
    messages
}

#[test]
fn a_campaign_paused_at_300_of_5000_is_corrected_and_each_recipient_gets_one_edition_once() {
    corrected(None);
}

#[test]
fn a_campaign_on_postgresql_is_paused_and_corrected_the_same_way() {
    if let Some(database) = Database::create("a correction on a server") {
        corrected(Some(&database));
    }
}

fn corrected(database: Option<&Database>) {
    const CONNECTIONS: usize = 4;
    let (pause, kept) = counted(pause());
    let (folder, relay) = interrupted(CONNECTIONS, database, 5_000, (300, pause));
    let paused = send(&folder, NOW);
    assert_eq!(paused.code, 75, "{}", paused.stderr);
    assert!(
        paused.stderr.contains("`a` has been paused since"),
        "{}",
        paused.stderr
    );
    let first = messages(&relay);
    assert_only_in_flight(first.len(), &kept, CONNECTIONS);
    assert_eq!(status(&folder)["status"], "paused");
    assert_eq!(
        send(&folder, NOW).code,
        75,
        "a paused campaign stays paused"
    );
    assert_eq!(at(&folder, NOW, &["send", "--due"]).code, 0);
    assert_eq!(relay.received().len(), first.len());

    let issue = folder.read("issues/a.toml");
    folder.write(
        "issues/a.toml",
        &issue.replace("a word to", "a better word to"),
    );
    let unasked = at(&folder, NOW, &["resume", "a", "--corrected"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let left = 5_000 - first.len();
    let wrong = ["resume", "a", "--corrected", "--confirm", "5000"];
    assert_eq!(at(&folder, NOW, &wrong).code, 2);
    let count = left.to_string();
    let right = ["resume", "a", "--corrected", "--confirm", &count];
    let resumed = at(&folder, "2026-11-30T08:10:00Z", &right);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);

    let all = messages(&relay);
    assert_eq!(all.len(), 5_000);
    let report = status(&folder);
    assert_eq!(report["status"], "sent");
    assert_eq!(report["totals"]["accepted"], 5_000);
    let bound = |at: usize| report["editions"][at]["bound"].as_u64().expect("a count");
    assert_eq!((bound(0), bound(1)), (first.len() as u64, left as u64));
    for row in report["deliveries"].as_array().expect("rows") {
        let address = row["address"].as_str().expect("an address");
        let is_corrected = all[address].contains("a better word to");
        assert_eq!(is_corrected, !first.contains_key(address), "{address}");
        assert_eq!(
            row["edition"],
            if is_corrected { 2 } else { 1 },
            "{address}"
        );
    }
}

/// Sends each recipient whose name begins with `r1` away at the final dot, once.
struct AwayAtDot;

impl Script for AwayAtDot {
    fn message(&self, address: &str, attempt: u32) -> Answer {
        match attempt {
            1 if address.starts_with("r1") => Answer::Reply(451, "4.3.0 later".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn a_message_that_has_left_once_stays_the_same_after_a_correction() {
    let relay = Relay::start(AwayAtDot);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 75);
    let issue = folder.read("issues/a.toml");
    folder.write(
        "issues/a.toml",
        &issue.replace("a word to", "a better word to"),
    );
    relay::set_subscribers(&folder, ["r1", "r2", "r3"]);
    let resumed = at(
        &folder,
        "2026-11-30T08:30:00Z",
        &["resume", "a", "--corrected", "--yes"],
    );
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    let all = messages(&relay);
    assert!(all["r1@reader.example"].contains("a: a word to"));
    assert!(
        all["r3@reader.example"].contains("a: a better word to"),
        "it is new on the list"
    );
    let said = "2 recipients: 1 get the corrected edition, 1 keep theirs; 1 added, 0 excluded";
    assert!(resumed.stderr.contains(said), "{}", resumed.stderr);
    assert_eq!(status(&folder)["totals"]["candidates"], 3);
}

#[test]
fn a_correction_that_no_recipient_would_get_adds_no_edition() {
    let relay = Relay::start(AwayAtDot);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 75);
    let issue = folder.read("issues/a.toml");
    folder.write("issues/a.toml", &issue.replace("a word to", "no word to"));
    let corrected = ["resume", "a", "--corrected", "--yes"];
    let run = at(&folder, NOW, &corrected);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let said = "error: nothing to correct in `a`: the message of every remaining recipient may have been sent already, \
                and keeps its edition (1)\nhint: `franking resume a` continues\n";
    assert!(run.stderr.ends_with(said), "{}", run.stderr);
    assert_eq!(
        status(&folder)["editions"].as_array().map(Vec::len),
        Some(1)
    );

    // Somebody new on the list gets it.
    relay::set_subscribers(&folder, ["r3", "r1", "r2"]);
    let added = at(&folder, "2026-11-30T09:00:00Z", &corrected);
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert_eq!(
        status(&folder)["editions"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(messages(&relay)["r3@reader.example"].contains("no word to"));
    assert!(!messages(&relay)["r1@reader.example"].contains("no word to"));
}

#[test]
fn a_cancelled_campaign_ends_and_its_totals_add_up() {
    for database in [None, Database::create("a cancellation")] {
        let event: Event = Box::new(|room| {
            let status = room.run(&["status"]);
            assert!(status.stdout.starts_with("running"), "{}", status.stdout);
            let cancelled = room.run(&["cancel", "a", "--yes"]);
            assert_eq!(cancelled.code, 0, "{}", cancelled.stderr);
            let said = &cancelled.stderr;
            assert!(said.contains("candidates      60  adds up"), "{said}");
            let number = |before: &str, after: &str| {
                let (head, _) = said.split_once(after).expect(after);
                let (_, number) = head.rsplit_once(before).expect(before);
                number.trim().parse::<usize>().expect("a number")
            };
            let accepted = number("accepted", "\nrefused");
            let excluded = number("is cancelled; ", " recipients excluded permanently");
            let in_flight = number("\n", " recipients in flight (untried above)");
            assert_eq!(accepted + excluded + in_flight, 60, "{said}");
        });
        let (event, kept) = counted(event);
        let (folder, relay) = interrupted(2, database.as_ref(), 60, (20, event));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let said = "`a` was cancelled at ";
        assert!(run.stderr.contains(said), "{}", run.stderr);
        let sent = messages(&relay).len();
        assert_only_in_flight(sent, &kept, 2);
        let report = status(&folder);
        assert_eq!(report["status"], "cancelled");
        assert_eq!(report["totals"]["accepted"], sent);
        assert_eq!(report["totals"]["reasons"]["cancelled"], 60 - sent);
        for command in [["send", "a"], ["resume", "a"], ["pause", "a"]] {
            let run = at(&folder, NOW, &command);
            assert_eq!(run.code, 2, "{}", run.stderr);
            assert!(
                run.stderr.contains("`a` has been cancelled since"),
                "{}",
                run.stderr
            );
        }
        assert_eq!(at(&folder, NOW, &["send", "--due"]).code, 0);
        assert_eq!(relay.received().len(), sent);
    }
}

#[test]
fn a_campaign_without_a_run_for_a_day_waits_for_resume() {
    let relay = Relay::start(AwayAtDot);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 75);
    let late = "2026-12-01T09:00:00Z";
    let held = at(&folder, late, &["send", "--due"]);
    assert_eq!(held.code, 1, "{}", held.stderr);
    assert!(
        held.stderr.contains("`a` has been held since"),
        "{}",
        held.stderr
    );
    assert_eq!(status(&folder)["status"], "held");
    assert_eq!(
        at(&folder, late, &["send", "--due"]).code,
        0,
        "it was reported"
    );
    assert_eq!(at(&folder, late, &["send", "a", "--yes"]).code, 75);
    assert_eq!(relay.recipients(), ["r2@reader.example"]);
    let resumed = at(&folder, late, &["resume", "a"]);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn waiting_for_a_quota_or_a_retry_is_not_a_gap() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&format!("{}daily = 1\n", smtp(relay.port, "none", 1)));
    relay::set_subscribers(&folder, ["r1", "r2", "r3"]);
    relay::write_issue(&folder, "a", "");
    let short = |now: &str| at(&folder, now, &["send", "a", "--yes", "--max-gap", "2h"]).code;
    assert_eq!(short(NOW), 75);
    // Between the two there was nothing that a run could have done.
    assert_eq!(short("2026-12-01T08:00:01Z"), 75);
    assert_eq!(relay.recipients().len(), 2);
    assert_eq!(short("2026-12-02T12:00:00Z"), 75);
    assert_eq!(relay.recipients().len(), 2, "it is held");
}

pub fn set_password(folder: &Folder, password: &str) {
    use std::os::unix::fs::PermissionsExt;
    folder.write("password", password);
    let owner = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(folder.path().join("password"), owner).expect("its owner");
}

/// Refuses every login until the password is right.
pub struct WithLogin;

impl Script for WithLogin {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("desk", "right"))
    }
}

#[test]
fn after_a_refused_login_the_corrected_files_are_sent() {
    let relay = Relay::start(WithLogin);
    let smtp = smtp(relay.port, "none", 1);
    let login = "user = \"desk\"\npassword_file = \"password\"\n";
    let folder = relay::newsletter(&format!("{smtp}{login}"));
    set_password(&folder, "wrong");
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 69);
    set_password(&folder, "right");
    relay::set_subscribers(&folder, ["r2", "r3", "r4"]);
    let issue = folder.read("issues/a.toml");
    folder.write(
        "issues/a.toml",
        &issue.replace("a word to", "a better word to"),
    );
    let late = "2026-12-03T08:00:00Z";
    let dry = at(&folder, late, &["send", "a", "--dry-run"]);
    assert!(
        dry.stderr.contains("to       3 recipients"),
        "{}",
        dry.stderr
    );
    let plan = at(&folder, late, &["plan", "a"]).stdout;
    assert!(plan.starts_with("`a`: 3 recipients\n"), "{plan}");
    let run = at(&folder, late, &["send", "a", "--confirm", "3"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said =
        "the files have changed since, and no message has left: the current files are sent\n";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let all = messages(&relay);
    assert_eq!(all.len(), 3);
    assert!(
        all.values()
            .all(|message| message.contains("a better word to"))
    );
    assert!(
        all.values()
            .all(|message| message.contains("Date: Thu, 3 Dec 2026")
                || message.contains("Date: Thu, 03 Dec 2026"))
    );
    assert_eq!(status(&folder)["totals"]["candidates"], 3);
}

/// The list without the entry of this recipient, or with another status.
fn without(list: &str, name: &str) -> String {
    let entries = list
        .split("[[subscriber]]")
        .filter(|entry| !entry.contains(&format!("\"{name}@")));
    entries.collect::<Vec<_>>().join("[[subscriber]]")
}

#[test]
fn a_subscriber_who_leaves_during_a_run_gets_nothing_more_in_it() {
    let event: Event = Box::new(|room| {
        room.edit("subscribers.toml", |list| {
            let name = "first_name = \"r19\"\n";
            without(&list, "r20").replace(name, &format!("{name}status = \"unsubscribed\"\n"))
        });
    });
    let (folder, relay) = interrupted(1, None, 20, (2, event));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(messages(&relay).len(), 18);
    let report = status(&folder);
    assert_eq!(report["totals"]["reasons"]["unsubscribed"], 1);
    assert_eq!(report["totals"]["reasons"]["removed"], 1);
}

#[test]
fn a_list_that_cannot_be_read_removes_no_recipient_and_stops_the_run() {
    let event: Event = Box::new(|room| room.edit("subscribers.toml", |list| list + "[[subscri"));
    let (event, kept) = counted(event);
    let (folder, relay) = interrupted(2, None, 40, (5, event));
    let impatient = ["send", "a", "--yes", "--list-wait", "0s"];
    let run = at(&folder, NOW, &impatient);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(
        run.stderr.contains("the list cannot be read"),
        "{}",
        run.stderr
    );
    let sent = messages(&relay).len();
    assert_only_in_flight(sent, &kept, 2);
    assert_eq!(status(&folder)["totals"]["untried"], 40 - sent);
    let list = folder.read("subscribers.toml");
    folder.write(
        "subscribers.toml",
        list.strip_suffix("[[subscri").expect("its end"),
    );
    assert_eq!(send(&folder, NOW).code, 0);
    assert_eq!(messages(&relay).len(), 40);
}

#[test]
fn a_list_that_loses_more_than_a_tenth_pauses_the_campaign() {
    let event: Event = Box::new(|room| {
        room.edit("subscribers.toml", |list| {
            (30..=39).fold(list, |list, number| without(&list, &format!("r{number}")))
        });
    });
    let (folder, relay) = interrupted(1, None, 40, (5, event));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("open recipients are no longer on the list"),
        "{}",
        run.stderr
    );
    let report = status(&folder);
    assert_eq!(report["status"], "paused");
    assert_eq!(report["totals"]["excluded"], 0);
    let unasked = at(&folder, NOW, &["resume", "a"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let counted = |text: &str| {
        let (before, _) = text.split_once(" open recipients").expect("the count");
        let words: Vec<&str> = before.rsplit(' ').take(3).collect();
        words.into_iter().rev().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(counted(&run.stderr), "10 of 35");
    assert_eq!(counted(&unasked.stderr), "10 of 35", "the same number");
    let resumed = at(&folder, NOW, &["resume", "a", "--yes"]);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert_eq!(messages(&relay).len(), 30);
    assert_eq!(status(&folder)["totals"]["reasons"]["removed"], 10);
}

/// The list with another status for these recipients.
fn with_status(list: String, numbers: std::ops::RangeInclusive<usize>, status: &str) -> String {
    numbers.fold(list, |list, number| {
        let name = format!("first_name = \"r{number}\"\n");
        list.replace(&name, &format!("{name}status = \"{status}\"\n"))
    })
}

#[test]
fn a_list_in_which_more_than_a_tenth_change_status_pauses_the_campaign() {
    for word in ["unsubscribed", "bounced", "pending", "complained"] {
        let event: Event = Box::new(move |room| {
            room.edit("subscribers.toml", |list| with_status(list, 30..=39, word));
        });
        let (folder, relay) = interrupted(1, None, 40, (5, event));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let said = "open recipients are no longer `active` on the list";
        assert!(run.stderr.contains(said), "{}", run.stderr);
        let report = status(&folder);
        assert_eq!(report["status"], "paused");
        assert_eq!(report["totals"]["excluded"], 0);
        let unasked = at(&folder, NOW, &["resume", "a"]);
        assert_eq!(unasked.code, 2, "{}", unasked.stderr);
        let left = (30 - messages(&relay).len()).to_string();
        let resumed = at(&folder, NOW, &["resume", "a", "--confirm", &left]);
        assert_eq!(resumed.code, 0, "{}", resumed.stderr);
        assert_eq!(messages(&relay).len(), 30);
        assert_eq!(status(&folder)["totals"]["reasons"][word], 10);
    }
}

#[test]
fn removals_and_changes_of_status_count_together_also_between_two_runs() {
    let (folder, relay) = stopped();
    let list = folder.read("subscribers.toml");
    let fewer = (30..=31).fold(list.clone(), |list, number| {
        without(&list, &format!("r{number}"))
    });
    folder.write("subscribers.toml", &with_status(fewer, 32..=33, "bounced"));
    let unasked = at(&folder, NOW, &["resume", "a"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let said = "open recipients have left the list: 2 are removed, 2 no longer `active`";
    assert!(unasked.stderr.contains(said), "{}", unasked.stderr);
    assert_eq!(status(&folder)["totals"]["excluded"], 0);
    // The right list: people unsubscribe one by one.
    folder.write(
        "subscribers.toml",
        &with_status(list, 40..=40, "unsubscribed"),
    );
    let resumed = at(&folder, NOW, &["resume", "a"]);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert_eq!(messages(&relay).len(), 39);
}

#[test]
fn one_unsubscribe_at_the_end_of_a_campaign_does_not_pause_it() {
    let relay = Relay::start(AwayAtDot);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r10", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 75);
    let list = folder.read("subscribers.toml");
    folder.write(
        "subscribers.toml",
        &with_status(list, 10..=10, "unsubscribed"),
    );
    let run = at(&folder, "2026-11-30T08:30:00Z", &["send", "--due"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(messages(&relay).len(), 2);
}

/// A campaign that was paused after 5 of 40.
fn stopped() -> (Folder, Relay) {
    let (folder, relay) = interrupted(1, None, 40, (5, pause()));
    assert_eq!(send(&folder, NOW).code, 75);
    (folder, relay)
}

#[test]
fn an_empty_list_excludes_no_recipient_of_a_begun_campaign() {
    let (folder, relay) = stopped();
    let sent = messages(&relay).len();
    let list = folder.read("subscribers.toml");
    folder.write("subscribers.toml", "");
    let resume = |more: &[&str]| at(&folder, NOW, &[&["resume", "a", "--yes"], more].concat());
    let run = resume(&[]);
    assert_eq!(run.code, 75, "{}", run.stderr);
    let said = "error: the list cannot be read, and nothing is sent without it: it is empty";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let run = resume(&["--corrected"]);
    assert_eq!(run.code, 1, "it selects nobody: {}", run.stderr);
    assert_eq!(status(&folder)["totals"]["untried"], 40 - sent);
    assert_eq!(status(&folder)["status"], "paused");

    folder.write("subscribers.toml", &without(&list, "r40"));
    assert_eq!(resume(&[]).code, 0);
    assert_eq!(messages(&relay).len(), 39);
}

#[test]
fn an_empty_list_excludes_no_recipient_between_two_runs() {
    let relay = Relay::start(AwayAtDot);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, NOW).code, 75);
    let list = folder.read("subscribers.toml");
    folder.write("subscribers.toml", "");
    let later = "2026-11-30T08:30:00Z";
    for command in [&["send", "a", "--yes"][..], &["send", "--due"]] {
        let run = at(&folder, later, command);
        assert_eq!(run.code, 75, "{}", run.stderr);
        assert!(run.stderr.contains(": it is empty"), "{}", run.stderr);
        let report = status(&folder);
        assert_eq!(
            (&report["totals"]["excluded"], &report["totals"]["deferred"]),
            (&0.into(), &1.into())
        );
    }
    folder.write("subscribers.toml", &list);
    assert_eq!(at(&folder, later, &["send", "--due"]).code, 0);
    assert_eq!(messages(&relay).len(), 2);
}

#[test]
fn an_error_in_the_list_of_a_run_is_named_with_its_place() {
    let event: Event = Box::new(|room| {
        room.edit("subscribers.toml", |list| {
            list.replacen("first_name = \"r9\"", "status = \"unsubscribd\"", 1)
        });
    });
    let (folder, _relay) = interrupted(1, None, 20, (3, event));
    let run = at(&folder, NOW, &["send", "a", "--yes", "--list-wait", "0s"]);
    assert_eq!(run.code, 75, "{}", run.stderr);
    // Each entry has four lines.
    let place = ": subscribers.toml:35:";
    for part in [
        place,
        "unknown status `unsubscribd`",
        "correct the list; `franking check` shows the errors. Then `franking send a` continues",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

#[test]
fn a_paused_campaign_whose_file_is_gone_is_resumed_from_the_frozen_edition() {
    let (folder, relay) = stopped();
    std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue");
    for command in [&["send", "a", "--frozen", "--yes"][..], &["send", "a"]] {
        let run = at(&folder, NOW, command);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let hint = "`franking resume a --frozen` continues with the frozen edition";
        assert!(run.stderr.contains(hint), "{}", run.stderr);
        assert!(!run.stderr.contains("resume a` "), "{}", run.stderr);
    }
    let resumed = at(&folder, NOW, &["resume", "a", "--frozen", "--yes"]);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    assert_eq!(messages(&relay).len(), 40);

    let event: Event = Box::new(|room| {
        std::fs::remove_file(room.directory.join("issues/a.toml")).expect("the issue");
        let paused = room.run(&["pause", "a"]);
        assert_eq!(paused.code, 0, "{}", paused.stderr);
        let hint = "its file is gone: `franking resume a --frozen` continues";
        assert!(paused.stderr.contains(hint), "{}", paused.stderr);
    });
    let (folder, _relay) = interrupted(1, None, 20, (3, event));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("`franking resume a --frozen` continues"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_broken_newsletter_toml_does_not_prevent_pause_and_cancel() {
    let (folder, _relay) = interrupted(1, None, 40, (5, pause()));
    assert_eq!(send(&folder, NOW).code, 75);
    let publication = folder.read("newsletter.toml");
    folder.write("newsletter.toml", &format!("{publication}\nname = \"open"));
    let commands: [&[&str]; 4] = [
        &["status"],
        &["status", "a", "--json"],
        &["pause", "a"],
        &["cancel", "a", "--yes"],
    ];
    let warning = "newsletter.toml cannot be read; using the default ledger, `.franking/store.db`";
    // Where it may name another ledger, nothing is done with this one.
    for named in ["[store]", "[ store ]", "store.url = 1", "[\"store\"]"] {
        folder.write(
            "newsletter.toml",
            &format!("{publication}\n{named}\nname = \"open"),
        );
        for command in commands {
            let run = at(&folder, NOW, command);
            assert_eq!(run.code, 1, "{named}, {command:?}: {}", run.stderr);
            assert!(!run.stderr.contains(warning), "{}", run.stderr);
        }
    }
    folder.write("newsletter.toml", &format!("{publication}\nname = \"open"));
    // A ledger that is not that of the last run is left alone.
    let marker = folder.read(".franking/marker");
    std::fs::remove_file(folder.path().join(".franking/marker")).expect("a marker");
    let run = at(&folder, NOW, &["cancel", "a", "--yes"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    folder.write(".franking/marker", &marker);
    for command in commands {
        let run = at(&folder, NOW, command);
        assert_eq!(run.code, 0, "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains(warning), "{}", run.stderr);
        assert!(run.stderr.contains("newsletter.toml:"), "{}", run.stderr);
    }
    let run = at(&folder, NOW, &["send", "a", "--yes"]);
    assert_eq!(run.code, 1, "only the brakes work: {}", run.stderr);
    folder.write("newsletter.toml", &publication);
    let run = at(&folder, NOW, &["status", "a", "--json"]);
    assert!(!run.stderr.contains(warning), "{}", run.stderr);
    assert_eq!(status(&folder)["status"], "cancelled");
}

#[test]
fn cancel_needs_confirmation() {
    let (folder, _relay) = stopped();
    let unasked = folder.run(&["cancel", "a"]);
    assert_eq!(unasked.code, 2, "{}", unasked.stderr);
    let said = "error: confirmation required, but standard input is not a terminal\n\
                hint: nothing was cancelled; use `--yes`\n";
    assert_eq!(unasked.stderr, said);
    assert_eq!(status(&folder)["status"], "paused");
    assert_eq!(folder.run(&["cancel", "a", "--yes"]).code, 0);
    assert_eq!(status(&folder)["status"], "cancelled");
    assert_eq!(
        folder.run(&["cancel", "a"]).code,
        0,
        "it is cancelled already"
    );
}

#[test]
fn the_plan_of_a_paused_campaign_says_so() {
    let (folder, _relay) = stopped();
    let plan = folder.run(&["plan", "a"]).stdout;
    let said = "`a` has been paused since 2026-11-30T08:00:00Z: by `franking pause`. `franking resume a` continues it.\n";
    assert!(plan.contains(said), "{plan}");
    assert!(
        !plan.contains("No known limit will delay this send"),
        "{plan}"
    );
    assert_eq!(folder.run(&["cancel", "a", "--yes"]).code, 0);
    let plan = folder.run(&["plan", "a"]);
    assert_eq!((plan.code, plan.stdout.as_str()), (0, ""));
    assert!(
        plan.stderr.starts_with("`a` has been cancelled since"),
        "{}",
        plan.stderr
    );
}

/// The lines of `status` and the values of `--json` about one recipient.
fn deliveries(folder: &Folder) -> (String, Value) {
    let lines = folder.run_at(NOW, &["status", "a", "--all"]).stdout;
    let report = folder.run_at(NOW, &["status", "a", "--json"]).stdout;
    let report: Value = serde_json::from_str(&report).expect("JSON");
    (lines, report["deliveries"].clone())
}

#[test]
fn an_excluded_delivery_has_no_next_try() {
    let relay = Relay::start(relay::BadDay {
        later: "4.2.0 come back",
    });
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["r1", "r5"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 75);
    let (lines, json) = deliveries(&folder);
    assert!(lines.contains("come back; next try 2026-"), "{lines}");
    // Five minutes later, and a few seconds more, so that retries do not come all at once.
    let next_try = json[1]["next_try"].as_str().expect("a time");
    assert!(next_try.starts_with("2026-11-30T08:05:"), "{json}");

    let list = folder.read("subscribers.toml").replace(
        "first_name = \"r5\"\n",
        "first_name = \"r5\"\nstatus = \"unsubscribed\"\n",
    );
    folder.write("subscribers.toml", &list);
    let later = "2026-11-30T09:00:00Z";
    assert_eq!(folder.run_at(later, &["send", "a", "--yes"]).code, 0);
    let (lines, json) = deliveries(&folder);
    assert!(
        lines.contains("excluded   r5@reader.example (r5): unsubscribed\n"),
        "{lines}"
    );
    assert!(json[1]["next_try"].is_null(), "{json}");
}
