//! What `send --due` reports, and when: cron runs it every five minutes, and a problem is reported once.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use jiff::{SignedDuration, Timestamp};
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

fn shown(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&text, port)
}

fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann"]);
    folder
}

/// The moments between `from` and `to`, five minutes apart, at which `send --due` ended with 1.
fn alarms(folder: &Folder, from: &str, to: &str) -> Vec<String> {
    let mut at: Timestamp = from.parse().expect("a moment");
    let end: Timestamp = to.parse().expect("a moment");
    let mut alarms = Vec::new();
    while at <= end {
        let run = folder.run_at(&at.to_string(), &["send", "--due"]);
        match run.code {
            0 => assert_eq!(run.stderr, "", "a run that is well says nothing"),
            1 => alarms.push(at.to_string()),
            code => panic!("{code}: {}", run.stderr),
        }
        at += SignedDuration::from_mins(5);
    }
    alarms
}

#[test]
fn a_broken_draft_is_reported_when_it_is_seen_a_day_and_an_hour_before_and_at_its_moment() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    relay::write_issue(
        &folder,
        "a",
        "send_at = 2026-11-30T09:00:00\nauthor = \"Ann\"",
    );
    let spans = [
        ("2026-11-29T07:50:00Z", "2026-11-29T08:10:00Z"),
        ("2026-11-30T06:55:00Z", "2026-11-30T08:10:00Z"),
        ("2026-11-30T13:55:00Z", "2026-11-30T14:10:00Z"),
    ];
    let alarms = spans.map(|(from, to)| alarms(&folder, from, to)).concat();
    assert_data_eq!(
        alarms.join("\n"),
        str![[r#"
2026-11-29T07:50:00Z
2026-11-29T08:00:00Z
2026-11-30T07:00:00Z
2026-11-30T08:00:00Z
2026-11-30T14:05:00Z
"#]]
    );
    assert!(relay.recipients().is_empty());
}

#[test]
fn a_problem_is_reported_again_when_it_changes_and_delays_no_other_issue() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    relay::write_issue(
        &folder,
        "broken",
        "send_at = 2026-12-15T09:00:00\nauthor = \"Ann\"",
    );
    relay::write_issue(&folder, "well", "send_at = 2026-11-30T09:00:00");
    let due = |now: &str| folder.run_at(now, &["send", "--due"]);
    assert_data_eq!(
        shown(&due("2026-11-30T08:00:00Z"), relay.port),
        str![[r#"
error[unknown-key]: unknown key `author` in an issue
 --> issues/broken.toml:5:1
  |
5 | author = "Ann"
  | ^^^^^^
hint: expected one of `number`, `title`, `subject`, `preheader`, `date`, `send_at`, `language`, `template`, `audience`, `on_uncertain`, `intro`, `section`

error: `broken` cannot be sent at 2026-12-15T09:00:00
hint: `franking check broken` shows all findings
issue    well, edition DIGEST
subject  well: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient
2026-11-30T08:00:00Z well: 1 message to try
2026-11-30T08:00:00Z well: finished: 1 accepted
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       1  adds up
exit 1

"#]]
    );
    assert_eq!(relay.recipients().len(), 1);
    let quiet = due("2026-11-30T08:05:00Z");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    let schedule = folder.run_at("2026-11-30T08:05:00Z", &["schedule"]);
    assert_data_eq!(
        shown(&schedule, relay.port),
        str![[r#"
sent     well  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
broken   broken  2026-12-15T09:00:00 CET  2026-12-15T08:00:00Z
error[unknown-key]: unknown key `author` in an issue
 --> issues/broken.toml:5:1
  |
5 | author = "Ann"
  | ^^^^^^
hint: expected one of `number`, `title`, `subject`, `preheader`, `date`, `send_at`, `language`, `template`, `audience`, `on_uncertain`, `intro`, `section`

error: `broken` cannot be sent at 2026-12-15T09:00:00
hint: `franking check broken` shows all findings
exit 1

"#]]
    );
    // A line more moves the finding, and is not another one.
    let text = folder.read("issues/broken.toml");
    folder.write("issues/broken.toml", &format!("# a remark\n{text}"));
    assert_eq!(due("2026-11-30T08:10:00Z").code, 0);
    folder.write("issues/broken.toml", &text.replace("author", "writer"));
    assert_eq!(due("2026-11-30T08:15:00Z").code, 1);
    assert_eq!(due("2026-11-30T08:20:00Z").code, 0);
    relay::write_issue(&folder, "broken", "send_at = 2026-12-15T09:00:00");
    assert_eq!(due("2026-11-30T08:25:00Z").code, 0);
}

#[test]
fn an_invalid_send_time_is_reported_in_every_misspelling() {
    let relay = Relay::start(AcceptAll);
    let mut output = String::new();
    for keys in [
        "send_at = 2026-13-15T09:00:00",
        "send_at = 2026-12-15T24:00:00",
        "send_at = \"tomorrow at nine\"",
        "send_at = 9",
        "send_at = 2026-12-15",
        "send_at = 15.12.2026",
        "sendat = 2026-12-15T09:00:00",
        "send-at = 2026-12-15T09:00:00",
        "Send_At = 2026-12-15T09:00:00",
        "publish_on = 2026-12-15T09:00:00",
        "[[section]]\nkind = \"divider\"\nsend_at = 2026-12-15T09:00:00",
    ] {
        let folder = newsletter(&relay);
        relay::write_issue(&folder, "a", keys);
        let schedule = folder.run_at("2026-11-30T08:00:00Z", &["schedule"]);
        let due = folder.run_at("2026-11-30T08:00:00Z", &["send", "--due"]);
        let later = folder.run_at("2026-11-30T08:05:00Z", &["send", "--due"]);
        let codes = [schedule.code, due.code, later.code];
        output += &format!(
            "{codes:?} {} {}\n",
            schedule.stdout.trim(),
            keys.replace('\n', " ")
        );
    }
    assert_data_eq!(
        output,
        str![[r#"
[1, 1, 0] unclear  a  `franking check a` shows why send_at = 2026-13-15T09:00:00
[1, 1, 0] unclear  a  `franking check a` shows why send_at = 2026-12-15T24:00:00
[1, 1, 0] unclear  a  `franking check a` shows why send_at = "tomorrow at nine"
[1, 1, 0] unclear  a  `franking check a` shows why send_at = 9
[1, 1, 0] unclear  a  `franking check a` shows why send_at = 2026-12-15
[1, 1, 0] unclear  a  `franking check a` shows why send_at = 15.12.2026
[1, 1, 0] unclear  a  `franking check a` shows why sendat = 2026-12-15T09:00:00
[1, 1, 0] unclear  a  `franking check a` shows why send-at = 2026-12-15T09:00:00
[1, 1, 0] unclear  a  `franking check a` shows why Send_At = 2026-12-15T09:00:00
[1, 1, 0] unclear  a  `franking check a` shows why publish_on = 2026-12-15T09:00:00
[1, 1, 0] unclear  a  `franking check a` shows why [[section]] kind = "divider" send_at = 2026-12-15T09:00:00

"#]]
    );
}

#[test]
fn an_invalid_send_time_is_reported_every_24_hours() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    relay::write_issue(&folder, "a", "send_at = \"soon\"");
    // A problem that has a moment, to which its reports belong.
    relay::write_issue(
        &folder,
        "b",
        "send_at = 2026-12-31T09:00:00\nauthor = \"Ann\"",
    );
    let due = |at: &str| folder.run_at(at, &["send", "--due"]);
    let steps = [
        ("2026-11-30T08:00:00Z", 1),
        ("2026-11-30T08:05:00Z", 0),
        ("2026-12-01T07:55:00Z", 0),
        ("2026-12-01T08:00:00Z", 1),
        ("2026-12-01T08:05:00Z", 0),
        // Whoever calls it less often gets it with the next call, and the day begins there.
        ("2026-12-02T20:00:00Z", 1),
        ("2026-12-03T08:00:00Z", 0),
        ("2026-12-03T20:00:00Z", 1),
    ];
    for (at, code) in steps {
        let run = due(at);
        assert_eq!(run.code, code, "{at}: {}", run.stderr);
        let output = run
            .stderr
            .matches("`send_at` of `a` is not a valid date and time")
            .count();
        assert_eq!(output, usize::from(code == 1), "{at}: {}", run.stderr);
        let other = run.stderr.contains("`b` cannot be sent");
        assert_eq!(other, at == steps[0].0, "{at}: {}", run.stderr);
    }
    // What an earlier version has remembered has no time.
    let known = folder.read(".franking/reported.json");
    let (start, rest) = known.split_once(",\"reported_at\":").expect("a time");
    let end = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    folder.write(".franking/reported.json", &format!("{start}{end}"));
    assert_eq!(due("2026-12-03T20:05:00Z").code, 1);
    assert_eq!(due("2026-12-03T20:10:00Z").code, 0);
    relay::write_issue(&folder, "a", "send_at = 2026-12-31T09:00:00");
    assert_eq!(due("2026-12-09T20:00:00Z").code, 0);
}

#[test]
fn a_draft_without_a_send_time_is_not_reported() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    folder.write(
        "issues/draft.toml",
        "subject = \"Not yet\"\ndate = 2026-12-01\n\n[[section]]\nkind = \"tekst\"\n",
    );
    let schedule = folder.run_at("2026-11-30T08:00:00Z", &["schedule"]);
    assert_eq!((schedule.code, schedule.stdout.as_str()), (0, ""));
    let due = folder.run_at("2026-11-30T08:00:00Z", &["send", "--due"]);
    assert_eq!((due.code, due.stderr.as_str()), (0, ""));
}

/// A campaign that has begun with a deferral, and whose remaining recipient is due from half past on.
fn begun(relay: &Relay) -> Folder {
    let folder = newsletter(relay);
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    let first = folder.run_at("2026-11-30T08:00:00Z", &["send", "--due"]);
    assert_eq!(first.code, 75, "{}", first.stderr);
    assert_eq!(relay.recipients(), ["ann@reader.example"]);
    folder
}

/// Sends `ben` away once.
struct BenLater;

impl Script for BenLater {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match attempt {
            1 if address.starts_with("ben@") => Answer::Reply(451, "4.3.0 later".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn a_campaign_that_cannot_continue_is_reported_once_with_its_remedy() {
    type Spoil = fn(&Folder);
    let cases: [(&str, Spoil); 4] = [
        ("issues/a.toml", |folder| {
            std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue")
        }),
        ("newsletter.toml", |folder| relay::set_smtp(folder, "")),
        ("newsletter.toml", |folder| {
            let text = folder.read("newsletter.toml");
            folder.write("newsletter.toml", &text.replace("tls = ", "tsl = "));
        }),
        ("subscribers.toml", |folder| {
            folder.write("subscribers.toml", "[[subscriber]]\nemail = \"ben\"\n")
        }),
    ];
    let mut output = String::new();
    for (file, spoil) in cases {
        let relay = Relay::start(BenLater);
        let folder = begun(&relay);
        let whole = folder.read(file);
        spoil(&folder);
        let due = |now: &str| folder.run_at(now, &["send", "--due"]);
        // Long after its moment, so that nothing is reported for its age.
        let runs = ["09:00", "09:05", "15:00"].map(|at| due(&format!("2026-11-30T{at}:00Z")));
        let codes = runs.each_ref().map(|run| run.code);
        assert_eq!(codes, [1, 0, 0], "{file}: {}", runs[1].stderr);
        let said = &runs[0].stderr;
        let schedule = folder.run_at("2026-11-30T15:00:00Z", &["schedule"]);
        assert_eq!(schedule.code, 1, "{}", schedule.stderr);
        assert_eq!(relay.recipients().len(), 1);
        output += &format!("{}{said}{}\n", schedule.stdout, "-".repeat(20));
        assert!(
            schedule
                .stderr
                .contains(said.lines().next().expect("a line")),
            "{}",
            schedule.stderr
        );
        folder.write(file, &whole);
        assert_eq!(due("2026-11-30T15:05:00Z").code, 0);
        assert_eq!(relay.recipients().len(), 2);
    }
    assert_data_eq!(
        output,
        str![[r#"
stopped  a  begun, and `issues/a.toml` is gone
error: `a` has begun, and its file `issues/a.toml` is missing; nothing more of it is sent
hint: restore the file or its name; or send the frozen edition with `franking resume a --frozen`, or end the campaign with `franking cancel a`
--------------------
stopped  a  begun, and newsletter.toml has no [smtp]
error: `a` has begun over a relay, and newsletter.toml has no [smtp] now; nothing more of it is sent
hint: restore `[smtp]` in newsletter.toml, or end the campaign with `franking cancel a`
--------------------
stopped  a  begun, and newsletter.toml has errors
error[unknown-key]: unknown key `tsl` in `smtp`
  --> newsletter.toml:13:1
   |
13 | tsl = "none"
   | ^^^
hint: did you mean `tls`?

error: nothing can be sent before newsletter.toml is corrected
--------------------
stopped  a  begun, and the list has errors
error[bad-address]: invalid email address `ben`
 --> subscribers.toml:2:9
  |
2 | email = "ben"
  |         ^^^^^
hint: an address has one `@`, with something on both sides

error: nothing can be sent before the list is corrected
--------------------

"#]]
    );
}

#[test]
fn a_campaign_that_cannot_continue_delays_no_other_issue() {
    let relay = Relay::start(BenLater);
    let folder = begun(&relay);
    std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue");
    relay::write_issue(&folder, "b", "send_at = 2026-11-30T10:00:00");
    let run = folder.run_at("2026-11-30T09:00:00Z", &["send", "--due"]);
    assert!(
        run.stderr.contains("`issues/a.toml` is missing"),
        "{}",
        run.stderr
    );
    assert_eq!(relay.copies()["ann@reader.example"], 2, "a and b");
    let json = folder.run_at("2026-11-30T09:30:00Z", &["schedule", "--json"]);
    let slots: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(slots[0]["status"], "stopped");
    assert_eq!(slots[0]["reason"], "begun, and `issues/a.toml` is gone");
}

#[test]
fn a_schedule_shows_the_findings_of_the_settings() {
    let relay = Relay::start(AcceptAll);
    let output = |smtp: &str| {
        let folder = relay::newsletter(smtp);
        relay::set_subscribers(&folder, ["ann"]);
        relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
        let schedule = folder.run_at("2026-11-30T07:00:00Z", &["schedule"]);
        let codes = ["07:30", "07:35", "08:00", "08:05"]
            .map(|at| folder.run_at(&format!("2026-11-30T{at}:00Z"), &["send", "--due"]))
            .map(|run| run.code);
        format!(
            "{}{}{} {codes:?}\n",
            schedule.stdout, schedule.stderr, schedule.code
        )
    };
    let smtp = smtp(relay.port, "none", 1);
    let well = output(&smtp);
    assert_data_eq!(
        well,
        str![[r#"
waiting  a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
0 [0, 0, 0, 0]

"#]]
    );
    let broken = output(&smtp.replace(&format!("port = {}", relay.port), "port = 0"));
    assert_data_eq!(
        broken,
        str![[r#"
broken   a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
error[bad-value]: `port` must be between 1 and 65535, not 0
  --> newsletter.toml:12:8
   |
12 | port = 0
   |        ^

error: `a` cannot be sent at 2026-11-30T09:00:00
hint: `franking check a` shows all findings
1 [1, 0, 1, 0]

"#]]
    );
    let unknown = output(&format!("{smtp}conections = 2\n"));
    assert_data_eq!(
        relay::masked(&unknown, relay.port),
        str![[r#"
broken   a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
error[unknown-key]: unknown key `conections` in `smtp`
  --> newsletter.toml:15:1
   |
15 | conections = 2
   | ^^^^^^^^^^
hint: did you mean `connections`?

error: `a` cannot be sent at 2026-11-30T09:00:00
hint: `franking check a` shows all findings
1 [1, 0, 1, 0]

"#]]
    );
    let unlikely = output("[smtp]\nhost = \"127.0.0.1\"\nport = 465\n");
    assert!(unlikely.contains("warning[unlikely-port]"), "{unlikely}");
    assert_eq!(relay.recipients().len(), 1);
}

#[test]
fn settings_that_cannot_be_read_are_reported_once() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    let whole = folder.read("newsletter.toml");
    for broken in ["name = \"A", "name = \"A\"\n"] {
        folder.write("newsletter.toml", broken);
        let due = |at: &str| folder.run_at(at, &["send", "--due"]);
        let first = due("2026-11-30T07:00:00Z");
        assert_eq!(first.code, 1, "{}", first.stderr);
        let said = "error: nothing can be sent before newsletter.toml is corrected\n";
        assert!(first.stderr.ends_with(said), "{}", first.stderr);
        let second = due("2026-11-30T07:05:00Z");
        assert_eq!((second.code, second.stderr.as_str()), (0, ""));
    }
    folder.write("newsletter.toml", &whole);
    assert_eq!(
        folder
            .run_at("2026-11-30T08:00:00Z", &["send", "--due"])
            .code,
        0
    );
    assert_eq!(relay.recipients().len(), 1);
}
