//! Journeys of an editor and an operator through several commands. The golden files show the whole output of each
//! step; `SNAPSHOTS=overwrite cargo test --test it journeys` writes them again.

use std::sync::{Arc, Mutex};

use franking::simulator::sink::AcceptAll;
use jiff::{SignedDuration, Timestamp};
use snapbox::{assert_data_eq, file};

use crate::delivery::campaign_control::{Event, WithLogin, interrupted, messages, set_password};
use crate::support::campaign::NOW;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// The steps of a journey, as a transcript.
#[derive(Default)]
struct Transcript(String);

impl Transcript {
    /// What happens between two commands.
    fn remark(&mut self, what: &str) {
        self.0 += &format!("# {what}\n\n");
    }

    /// A command with its whole output.
    fn show(&mut self, now: &str, arguments: &[&str], run: &Run) {
        self.0 += &format!("$ franking {}  # {now}\n", arguments.join(" "));
        for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if !text.is_empty() {
                self.0 += &format!("--- {stream}\n{text}");
            }
        }
        let is_silent = run.stdout.is_empty() && run.stderr.is_empty();
        let silent = if is_silent { ", no output" } else { "" };
        self.0 += &format!("--- exit {}{silent}\n\n", run.code);
    }

    fn step(&mut self, folder: &Folder, now: &str, arguments: &[&str]) {
        let run = folder.run_at(now, arguments);
        self.show(now, arguments, &run);
    }

    /// `send --due` every five minutes from `from` to `to`.
    fn cron(&mut self, folder: &Folder, from: &str, to: &str) {
        let mut at: Timestamp = from.parse().expect("a moment");
        let end: Timestamp = to.parse().expect("a moment");
        while at <= end {
            self.step(folder, &at.to_string(), &["send", "--due"]);
            at += SignedDuration::from_mins(5);
        }
    }

    /// The transcript without the relay's port and without digests.
    fn masked(&self, port: u16) -> String {
        relay::masked(&self.0, port)
    }
}

fn replace(folder: &Folder, file: &str, from: &str, to: &str) {
    let text = folder.read(file);
    assert!(text.contains(from), "{file}: {text}");
    folder.write(file, &text.replace(from, to));
}

fn add(folder: &Folder, file: &str, text: &str) {
    folder.write(file, &(folder.read(file) + text));
}

#[test]
fn from_init_to_a_first_issue_whose_subject_is_corrected_after_a_refused_login() {
    let relay = Relay::start(WithLogin);
    let folder = Folder::empty();
    let mut transcript = Transcript::default();
    transcript.step(&folder, "2026-11-30T08:00:00Z", &["init", "."]);
    transcript.step(&folder, "2026-11-30T08:00:00Z", &["check"]);

    transcript.remark("The editor writes the issue and the list.");
    for (from, to) in [
        ("News from us", "The ferry runs agian"),
        (
            "One sentence that makes people open this issue.",
            "After two years.",
        ),
        ("what this issue is about.", "the ferry is back."),
        ("A heading", "The timetable"),
        (
            "Markdown: a [link to our pages](https://example.org/), *stress*, and lists.",
            "Every hour, on the hour.",
        ),
    ] {
        replace(&folder, "issues/first.toml", from, to);
    }
    relay::set_subscribers(&folder, ["ann", "ben", "cleo"]);
    transcript.step(&folder, "2026-11-30T08:10:00Z", &["check"]);
    transcript.step(&folder, "2026-11-30T08:10:00Z", &["send", "first"]);
    transcript.step(&folder, "2026-11-30T08:10:00Z", &["status"]);

    transcript.remark("newsletter.toml gets an [smtp]; the password in its file is wrong.");
    let smtp = smtp(relay.port, "none", 1);
    let login = "user = \"desk\"\npassword_file = \"password\"\n";
    add(&folder, "newsletter.toml", &format!("\n{smtp}{login}"));
    set_password(&folder, "wrong");
    transcript.step(
        &folder,
        "2026-11-30T08:20:00Z",
        &["send", "first", "--dry-run"],
    );
    transcript.step(&folder, "2026-11-30T08:20:00Z", &["send", "first"]);
    transcript.step(
        &folder,
        "2026-11-30T08:20:00Z",
        &["send", "first", "--confirm", "3"],
    );
    transcript.step(&folder, "2026-11-30T08:20:00Z", &["status", "first"]);
    assert!(relay.recipients().is_empty());

    transcript.remark("The password is corrected, and a typo in the subject with it.");
    set_password(&folder, "right");
    replace(&folder, "issues/first.toml", "agian", "again");
    transcript.step(
        &folder,
        "2026-11-30T08:30:00Z",
        &["send", "first", "--confirm", "3"],
    );
    transcript.step(&folder, "2026-11-30T08:30:00Z", &["send", "first", "--yes"]);
    transcript.step(&folder, "2026-11-30T08:30:00Z", &["status", "first"]);
    let all = messages(&relay);
    assert_eq!(all.len(), 3);
    assert!(
        all.values()
            .all(|message| message.contains("\nSubject: The ferry runs again\r\n"))
    );
    assert_data_eq!(
        transcript.masked(relay.port),
        file!["journeys/first.txt"].raw()
    );
}

/// The transcript of a campaign that was paused after `sent` of 5,000 messages, without what depends on when the sender
/// sees the pause: the counts, and how often it reports its progress.
fn without_counts(transcript: &str, sent: usize) -> String {
    let is_progress = |line: &str| line.ends_with(" tried");
    let lines = transcript.lines().filter(|line| !is_progress(line));
    let lines: String = lines.map(|line| masked_line(line) + "\n").collect();
    let (sent, left) = (sent.to_string(), (5_000 - sent).to_string());
    lines
        .replace(&format!(": {sent} "), ": SENT ")
        .replace(&format!(" {sent}"), "SENT")
        .replace(&left, "LEFT")
}

/// A line without the digest of an edition (`edition 1 DIGEST      300  2026-11-30T08:00:00Z`) and without what depends
/// on who was left when the pause was written.
fn masked_line(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["edition", _, digest, ..] => line.replace(digest, "DIGEST"),
        [_, "is", "paused;", open, "recipients", ..] => line.replace(open, "OPEN"),
        ["subject", .., "better", "word", "to", first, "", "(to", _] => line.replace(first, "NEXT"),
        _ => line.to_owned(),
    }
}

#[test]
fn paused_at_300_of_5000_corrected_and_resumed() {
    let paused: Arc<Mutex<Option<Run>>> = Arc::default();
    let of_other_terminal = Arc::clone(&paused);
    let pause = ["pause", "a", "--reason", "wrong date"];
    let event: Event = Box::new(move |room| {
        *of_other_terminal.lock().unwrap() = Some(room.run(&pause));
    });
    let (folder, relay) = interrupted(1, None, 5_000, (300, event));
    let mut transcript = Transcript::default();
    let send = ["send", "a", "--confirm", "5000"];
    let run = folder.run_at(NOW, &send);
    transcript.remark("In another terminal, when the relay has three hundred messages:");
    let pause_run = paused.lock().unwrap().take().expect("300 messages");
    transcript.show(NOW, &pause, &pause_run);
    transcript.remark("Meanwhile, in the first terminal:");
    transcript.show(NOW, &send, &run);
    let first = messages(&relay);
    transcript.step(&folder, NOW, &["status", "a"]);
    transcript.step(&folder, NOW, &["send", "a", "--yes"]);
    transcript.step(&folder, NOW, &["send", "--due"]);

    transcript.remark("The editor corrects the subject.");
    replace(&folder, "issues/a.toml", "a word to", "a better word to");
    let later = "2026-11-30T08:10:00Z";
    transcript.step(&folder, later, &["resume", "a", "--corrected"]);
    let left = (5_000 - first.len()).to_string();
    transcript.step(
        &folder,
        later,
        &["resume", "a", "--corrected", "--confirm", &left],
    );
    transcript.step(&folder, later, &["status", "a"]);
    transcript.step(&folder, later, &["status"]);

    let all = messages(&relay);
    assert_eq!(all.len(), 5_000, "each recipient got one message");
    for (address, message) in &all {
        let is_corrected = message.contains("a better word to");
        assert_eq!(is_corrected, !first.contains_key(address), "{address}");
    }
    assert_data_eq!(
        without_counts(&transcript.masked(relay.port), first.len()),
        file!["journeys/pause.txt"].raw()
    );
}

#[test]
fn a_copy_of_an_issue_that_was_sent() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "river", "send_at = 2026-11-30T09:00:00");
    let mut transcript = Transcript::default();
    let now = "2026-11-30T08:00:00Z";
    transcript.step(&folder, now, &["send", "--due"]);

    transcript.remark("cp issues/river.toml issues/winter.toml");
    folder.write("issues/winter.toml", &folder.read("issues/river.toml"));
    let later = "2026-11-30T08:05:00Z";
    transcript.step(&folder, later, &["check"]);
    transcript.step(&folder, later, &["schedule"]);
    transcript.step(&folder, later, &["send", "--due"]);
    transcript.step(&folder, "2026-11-30T08:10:00Z", &["send", "--due"]);
    transcript.step(&folder, later, &["send", "winter", "--dry-run"]);
    transcript.step(&folder, later, &["send", "winter", "--yes"]);
    assert_eq!(relay.recipients().len(), 2);
    transcript.step(
        &folder,
        later,
        &["send", "winter", "--yes", "--again-as", "winter"],
    );
    transcript.step(&folder, later, &["status"]);
    assert_eq!(relay.recipients().len(), 4);
    assert_data_eq!(
        transcript.masked(relay.port),
        file!["journeys/copy.txt"].raw()
    );
}

#[test]
fn a_timer_every_five_minutes_with_a_broken_draft_beside_a_due_issue() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "river", "send_at = 2026-11-30T09:00:00");
    relay::write_issue(
        &folder,
        "winter",
        "send_at = 2026-12-02T09:00:00\nauthor = \"Ann\"",
    );
    let mut transcript = Transcript::default();
    transcript.cron(&folder, "2026-11-30T07:50:00Z", "2026-11-30T08:10:00Z");
    transcript.step(&folder, "2026-11-30T08:12:00Z", &["schedule"]);

    transcript.remark("The editor replaces the unknown key by another unknown key.");
    replace(&folder, "issues/winter.toml", "author", "writer");
    transcript.cron(&folder, "2026-11-30T08:15:00Z", "2026-11-30T08:25:00Z");
    transcript.remark("24 hours before `send_at`.");
    transcript.cron(&folder, "2026-12-01T07:55:00Z", "2026-12-01T08:05:00Z");
    transcript.remark("One hour before `send_at`.");
    transcript.cron(&folder, "2026-12-02T06:55:00Z", "2026-12-02T07:05:00Z");
    transcript.remark("The editor removes the key.");
    replace(&folder, "issues/winter.toml", "writer = \"Ann\"", "");
    transcript.cron(&folder, "2026-12-02T07:55:00Z", "2026-12-02T08:05:00Z");
    transcript.step(&folder, "2026-12-02T08:06:00Z", &["schedule"]);
    assert_eq!(relay.recipients().len(), 4);
    assert_data_eq!(
        transcript.masked(relay.port),
        file!["journeys/cron.txt"].raw()
    );
}
