//! Issues under two names: copies, renames, and files that only look like an issue.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::delivery::campaign_control::messages;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

fn shown(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&text, port)
}

fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

fn copy(folder: &Folder, from: &str, to: &str) {
    let text = folder.read(&format!("issues/{from}"));
    folder.write(&format!("issues/{to}"), &text);
}

#[test]
fn a_copy_of_an_issue_is_reported_and_not_sent_by_a_timer() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    for name in [
        "a copy.toml",
        "b.toml",
        "Copy of a.toml",
        "a.toml~",
        "a.toml.bak",
    ] {
        copy(&folder, "a.toml", name);
    }
    assert_data_eq!(
        shown(&folder.run_at(NOW, &["check"]), relay.port),
        str![[r#"
warning[copied-issue]: `Copy of a` has the name of a copy of `a`
 --> issues/Copy of a.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'Copy of a'` sends it anyway

warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'a copy'` sends it anyway

warning[copied-issue]: `b` has the number, subject and `send_at` of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send b` sends it anyway

4 issues and 2 subscribers checked: 3 warnings
exit 0

"#]]
    );
    assert_data_eq!(
        shown(&folder.run_at(NOW, &["schedule"]), relay.port),
        str![[r#"
copy     Copy of a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
due      a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
copy     a copy  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
copy     b  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
warning[copied-issue]: `Copy of a` has the name of a copy of `a`
 --> issues/Copy of a.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'Copy of a'` sends it anyway

error: `Copy of a` is not sent: it is a copy
warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'a copy'` sends it anyway

error: `a copy` is not sent: it is a copy
warning[copied-issue]: `b` has the number, subject and `send_at` of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send b` sends it anyway

error: `b` is not sent: it is a copy
exit 1

"#]]
    );
    let due = folder.run_at(NOW, &["send", "--due"]);
    assert_data_eq!(
        shown(&due, relay.port),
        str![[r#"
warning[copied-issue]: `Copy of a` has the name of a copy of `a`
 --> issues/Copy of a.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'Copy of a'` sends it anyway

error: `Copy of a` is not sent: it is a copy
warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'a copy'` sends it anyway

error: `a copy` is not sent: it is a copy
warning[copied-issue]: `b` has the number, subject and `send_at` of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send b` sends it anyway

error: `b` is not sent: it is a copy
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
2026-11-30T08:00:00Z a: 2 messages to try
2026-11-30T08:00:00Z a: finished: 2 accepted
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       2  adds up
exit 1

"#]]
    );
    assert_eq!(relay.recipients().len(), 2, "one message each");
    let next = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(
        (next.code, next.stderr.as_str()),
        (0, ""),
        "they were reported"
    );
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn a_synchronisation_conflict_copy_is_not_sent_even_when_it_differs() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let conflict = "a.sync-conflict-20261129-080000-ABCDEFG";
    relay::write_issue(&folder, conflict, "send_at = 2026-11-30T09:00:00");
    let due = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(due.code, 1, "{}", due.stderr);
    assert!(
        due.stderr.contains("has the name of a copy of `a`"),
        "{}",
        due.stderr
    );
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn an_issue_renamed_after_its_send_is_reported_and_not_sent_again() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    let path = |name: &str| folder.path().join("issues").join(name);
    std::fs::rename(path("a.toml"), path("b.toml")).expect("the issue");
    let mut output = String::new();
    for command in [
        &["check"][..],
        &["schedule"],
        &["send", "b", "--dry-run"],
        &["send", "b", "--yes"],
        &["send", "b", "--yes", "--again-as", "a"],
        &["send", "--due"],
        &["send", "--due"],
    ] {
        let run = folder.run_at(NOW, command);
        output += &format!(
            "$ franking {}\n{}\n",
            command.join(" "),
            shown(&run, relay.port)
        );
    }
    assert_data_eq!(
        output,
        str![[r#"
$ franking check
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml`; `franking send b --again-as b` sends it once more

1 issue and 2 subscribers checked: 1 warning
exit 0

$ franking schedule
copy     b  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml`; `franking send b --again-as b` sends it once more

error: `b` is not sent: it is a copy
exit 1

$ franking send b --dry-run
ann@reader.example	ready
ben@reader.example	ready
issue    b, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml`; `franking send b --again-as b` sends it once more

nothing was sent
exit 0

$ franking send b --yes
issue    b, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
error: `b` was sent before, as `a` (2026-11-30T08:00:00Z)
hint: nothing was sent; `franking send b --again-as b` sends it once more
exit 2

$ franking send b --yes --again-as a
error: invalid value `a` for `--again-as` (expected `b`)
hint: nothing was sent; write the name of the issue that you send once more
exit 2

$ franking send --due
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml`; `franking send b --again-as b` sends it once more

error: `b` is not sent: it is a copy
exit 1

$ franking send --due
exit 0


"#]]
    );
    assert_eq!(relay.recipients().len(), 2);
    // A corrected word does not make it another issue.
    let text = folder
        .read("issues/b.toml")
        .replace("small letter", "short letter");
    folder.write("issues/b.toml", &text);
    assert_eq!(folder.run_at(NOW, &["send", "b", "--yes"]).code, 2);
    let again = folder.run_at(NOW, &["send", "b", "--yes", "--again-as", "b"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(relay.recipients().len(), 4);
}

#[test]
fn copies_of_a_missed_issue_are_copies_and_schedule_agrees_with_the_timer() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    copy(&folder, "a.toml", "a copy.toml");
    copy(&folder, "a.toml", "b.toml");
    let late = "2026-11-30T20:00:00Z";
    let schedule = folder.run_at(late, &["schedule"]);
    let due = folder.run_at(late, &["send", "--due"]);
    assert_data_eq!(
        shown(&schedule, relay.port),
        str![[r#"
missed   a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
copy     a copy  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
copy     b  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
error: `a` was due at 2026-11-30T09:00:00, which is too long ago; it is not sent
hint: send it now with `franking send a`, or give it another `send_at`
warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send 'a copy'` sends it anyway

error: `a copy` is not sent: it is a copy
warning[copied-issue]: `b` has the number, subject and `send_at` of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send b` sends it anyway

error: `b` is not sent: it is a copy
exit 1

"#]]
    );
    assert_eq!(schedule.stderr, due.stderr);
    assert_eq!((schedule.code, due.code), (1, 1));
    let json = folder.run_at(late, &["schedule", "--json"]);
    let slots: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    let standings = [0, 1, 2].map(|at| slots[at]["status"].as_str().unwrap_or_default());
    assert_eq!(standings.iter().filter(|word| **word == "copy").count(), 2);
    assert_eq!(
        standings.iter().filter(|word| **word == "missed").count(),
        1
    );
    assert!(relay.recipients().is_empty());
}

#[test]
fn the_hint_about_a_copy_is_delete_and_about_a_renamed_file_is_rename_back() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    copy(&folder, "a.toml", "b.toml");
    let hint = |now: &str| {
        let run = folder.run_at(now, &["schedule"]);
        assert!(!run.stderr.contains("too late"), "{}", run.stderr);
        let mut hints = run.stderr.lines().filter(|line| line.starts_with("hint: "));
        let hint = hints.next().expect("a hint").to_owned();
        assert_eq!(hints.next(), None, "{}", run.stderr);
        hint
    };
    let again = "`franking send b --again-as b` sends it once more";
    let late = "2026-11-30T20:00:00Z";
    for now in [NOW, late] {
        assert!(
            hint(now).starts_with("hint: delete the file"),
            "{}",
            hint(now)
        );
    }
    std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue");
    for now in [NOW, late] {
        let expected = format!("hint: rename the file back to `issues/a.toml`; {again}");
        assert_eq!(hint(now), expected);
    }
    // The same content under another subject is the only file of it as well.
    let text = folder.read("issues/b.toml");
    folder.write("issues/b.toml", &text.replace("a: a word", "b: a word"));
    assert!(
        hint(NOW).starts_with("hint: rename the file back"),
        "{}",
        hint(NOW)
    );
}

#[test]
fn the_next_number_with_the_same_subject_is_not_a_copy() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    let next = text.replace("2026-11-30", "2026-12-07");
    folder.write(
        "issues/b.toml",
        &next.replace("small letter", "next letter"),
    );
    let check = folder.run_at(NOW, &["check"]);
    assert!(!check.stderr.contains("copied-issue"), "{}", check.stderr);
    let next = folder.run_at("2026-12-07T08:00:00Z", &["send", "--due"]);
    assert_eq!(
        (next.code, relay.recipients().len()),
        (0, 4),
        "{}",
        next.stderr
    );
}

/// The issue `a` with other words in its head, and whether it is still the same content.
fn heads(text: &str) -> [(&'static str, String, bool); 11] {
    let subject = "subject = \"a: a word to {{ first_name }}\"";
    [
        ("number", format!("number = 42\n{text}"), true),
        (
            "date",
            text.replace("date = 2026-11-30", "date = 2026-12-07"),
            true,
        ),
        (
            "subject",
            text.replace(subject, "subject = \"Another word\""),
            true,
        ),
        ("title", format!("title = \"December\"\n{text}"), true),
        ("moment", text.replace("30T09:00:00", "30T08:30:00"), true),
        (
            "preheader",
            text.replace("What became", "All that became"),
            true,
        ),
        (
            "layout",
            text.replace("kind = \"text\"\n", "# copied\nkind  =  'text'\n"),
            true,
        ),
        (
            "all",
            format!("number = 42\n{text}")
                .replace("2026-11-30", "2026-12-07")
                .replace(subject, "subject = \"X\""),
            true,
        ),
        (
            "words",
            text.replace("2026-11-30", "2026-12-07")
                .replace("small", "smaller"),
            false,
        ),
        (
            "placeholder",
            text.replace("2026-11-30", "2026-12-07")
                .replace("for {{ first_name }}", "for {{ name }}"),
            false,
        ),
        (
            "section",
            text.replace("2026-11-30", "2026-12-07")
                + "\n[[section]]\nkind = \"quote\"\nbody = \"More.\"\n",
            false,
        ),
    ]
}

#[test]
fn the_content_of_a_sent_issue_with_another_subject_is_a_copy() {
    for (what, text, is_copy) in {
        let relay = Relay::start(AcceptAll);
        heads(&newsletter(&relay).read("issues/a.toml"))
    } {
        let relay = Relay::start(AcceptAll);
        let folder = newsletter(&relay);
        assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
        std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue");
        folder.write("issues/b.toml", &text);
        let check = folder.run_at(NOW, &["check"]);
        let is_warned = check.stderr.contains("warning[copied-issue]: `b` ");
        assert_eq!(is_warned, is_copy, "{what}: {}", check.stderr);
        let later = "2026-12-07T08:00:00Z";
        let due = folder.run_at(later, &["send", "--due", "--max-late", "200h"]);
        assert_eq!(due.code, i32::from(is_copy), "{what}: {}", due.stderr);
        let count = relay.recipients().len();
        assert_eq!(count, if is_copy { 2 } else { 4 }, "{what}");
        if is_copy {
            let send = folder.run_at(later, &["send", "b", "--yes"]);
            assert_eq!(send.code, 2, "{what}: {}", send.stderr);
            let again = folder.run_at(later, &["send", "b", "--yes", "--again-as", "b"]);
            assert_eq!(again.code, 0, "{what}: {}", again.stderr);
            let said = "it goes to all recipients, also to the 2 who have it as `a`";
            assert!(again.stderr.contains(said), "{what}: {}", again.stderr);
            assert_eq!(relay.recipients().len(), 4, "{what}");
        }
    }
}

#[test]
fn issues_with_the_same_text_and_another_picture_are_not_copies() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let sample = |name: &str| {
        let path = crate::support::repository().join("issues").join(name);
        std::fs::copy(path, folder.path().join("issues/poster.png")).expect("a sample's picture");
    };
    let [first, second] = ["2026-10/gauge.png", "2026-11/portrait.png"];
    let poster = "\n[[section]]\nkind = \"image\"\nimage = { src = \"poster.png\", alt = \"\" }\n";
    let text = folder.read("issues/a.toml") + poster;
    folder.write("issues/a.toml", &text);
    sample(first);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    folder.write("issues/b.toml", &text.replace("2026-11-30", "2026-12-07"));
    sample(second);
    let check = folder.run_at(NOW, &["check", "b"]);
    assert!(!check.stderr.contains("was sent"), "{}", check.stderr);
    sample(first);
    let check = folder.run_at(NOW, &["check", "b"]);
    let said = "`b` has the content of `a`, which was sent before";
    assert!(check.stderr.contains(said), "{}", check.stderr);
}

#[test]
fn the_second_of_two_unsent_issues_with_equal_content_is_not_sent() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    folder.write(
        "issues/b.toml",
        &format!("number = 42\n{}", text.replace("30T09", "30T10")),
    );
    let check = folder.run_at(NOW, &["check"]);
    let said = "warning[copied-issue]: `b` has the content of `a`\n";
    assert!(check.stderr.contains(said), "{}", check.stderr);
    let due = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(due.code, 1, "{}", due.stderr);
    assert!(due.stderr.contains(said), "{}", due.stderr);
    assert_eq!(relay.recipients().len(), 2);
    let later = folder.run_at("2026-11-30T09:00:00Z", &["send", "--due"]);
    assert_eq!(later.code, 1, "{}", later.stderr);
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn a_copy_with_another_send_at_is_not_sent_although_its_original_was_missed() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    folder.write("issues/b.toml", &text.replace("11-30T09", "12-14T09"));
    let moment = "2026-12-14T08:01:00Z";
    let schedule = folder.run_at(moment, &["schedule"]);
    assert_data_eq!(
        schedule.stdout,
        str![[r#"
missed   a  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
copy     b  2026-12-14T09:00:00 CET  2026-12-14T08:00:00Z

"#]]
    );
    let due = folder.run_at(moment, &["send", "--due"]);
    assert_eq!((schedule.code, due.code), (1, 1));
    let said = "error: `b` is not sent: it is a copy\n";
    assert!(due.stderr.contains(said), "{}", due.stderr);
    assert!(relay.recipients().is_empty());
    // A person decides: without its original, `b` is the issue.
    std::fs::remove_file(folder.path().join("issues/a.toml")).expect("the issue");
    let due = folder.run_at(moment, &["send", "--due"]);
    assert_eq!(due.code, 0, "{}", due.stderr);
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn unedited_starter_issues_are_not_copies_of_each_other() {
    let folder = Folder::empty();
    assert_eq!(folder.run(&["init", "new"]).code, 0);
    for name in ["2026-12", "2027-01"] {
        assert_eq!(folder.run_at(NOW, &["-C", "new", "new", name]).code, 0);
    }
    let copies = |folder: &Folder| {
        let check = folder.run_at(NOW, &["-C", "new", "check"]);
        assert_eq!(check.code, 0, "{}", check.stderr);
        check.stderr.matches("warning[copied-issue]").count()
    };
    assert_eq!(copies(&folder), 0);
    // With a moment they would go out both.
    for name in ["2026-12", "2027-01"] {
        let path = format!("new/issues/{name}.toml");
        let text = folder.read(&path).replace("# send_at", "send_at");
        folder.write(&path, &text);
    }
    assert_eq!(copies(&folder), 2);
    let names = ["first", "2026-12", "2027-01"];
    for name in names {
        let path = format!("new/issues/{name}.toml");
        let text = folder.read(&path).replace("# send_at", "send_at");
        folder.write(&path, &text.replace("A heading", "The weirs"));
    }
    assert_eq!(copies(&folder), 2);
}

#[test]
fn one_of_two_due_issues_with_equal_content_is_sent() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    folder.write("issues/b.toml", &format!("number = 42\n{text}"));
    let due = folder.run_at(NOW, &["send", "--due"]);
    assert_ne!(due.code, 0, "{}", due.stderr);
    let said = "`b` has the content of `a`\n";
    assert!(due.stderr.contains(said), "{}", due.stderr);
    assert_eq!(relay.recipients().len(), 2, "one message each");
    let next = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(relay.recipients().len(), 2, "{}", next.stderr);
}

/// Asks two recipients to come back later, once.
struct TwoLater;

impl Script for TwoLater {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match attempt {
            1 if address.starts_with("late") => Answer::Reply(451, "4.7.1 later".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn an_issue_renamed_during_its_send_is_sent_to_the_remaining_recipients() {
    let relay = Relay::start(TwoLater);
    let folder = newsletter(&relay);
    relay::set_subscribers(&folder, ["ann", "ben", "cem", "late1", "late2"]);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 75);
    assert_eq!(relay.recipients().len(), 3);
    let path = |name: &str| folder.path().join("issues").join(name);
    std::fs::rename(path("a.toml"), path("b.toml")).expect("the issue");
    let mut output = String::new();
    for command in [
        &["check"][..],
        &["schedule"],
        &["plan", "b"],
        &["send", "b", "--yes"],
        &["send", "--due"],
        &["send", "--due"],
        &["resume", "b"],
        &["status", "b"],
        &["pause", "b"],
        &["resume", "a"],
    ] {
        let run = folder.run_at(NOW, command);
        let name = command.join(" ");
        output += &format!("$ franking {name}\n{}\n", shown(&run, relay.port));
    }
    assert_data_eq!(
        output,
        str![[r#"
$ franking check
warning[copied-issue]: `b` has begun as `a`: 3 of 5 recipients have it
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it

1 issue and 5 subscribers checked: 1 warning
exit 0

$ franking schedule
stopped  a  begun, and `issues/a.toml` is gone
copy     b  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
error: `a` has begun, and its file `issues/a.toml` is missing; nothing more of it is sent
hint: restore the file or its name; or send the frozen edition with `franking resume a --frozen`, or end the campaign with `franking cancel a`
warning[copied-issue]: `b` has begun as `a`: 3 of 5 recipients have it
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it

error: `b` is not sent: it is a copy
exit 1

$ franking plan b
`b`: 5 recipients
by 127.0.0.1:PORT, 1 connection
begins  2026-11-30 09:00:00 CET  2026-11-30T08:00:00Z
ends    2026-11-30 09:00:00 CET  2026-11-30T08:00:00Z

domain          recipients  rate  begins                   ends
reader.example           5     -  2026-11-30 09:00:00 CET  2026-11-30 09:00:00 CET

day         recipients
2026-11-30           5

No known limit will delay this send.
The speed of the relay is unknown and counts as 0 (set it with `--message-time 80ms`).
Refusals and deferrals are not predicted.
warning[copied-issue]: `b` has begun as `a`: 3 of 5 recipients have it
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it

exit 0

$ franking send b --yes
issue    b, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       5 recipients
error: `b` has begun as `a`: 3 of 5 recipients have it (2026-11-30T08:00:00Z)
hint: nothing was sent; rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it
exit 2

$ franking send --due
error: `a` has begun, and its file `issues/a.toml` is missing; nothing more of it is sent
hint: restore the file or its name; or send the frozen edition with `franking resume a --frozen`, or end the campaign with `franking cancel a`
warning[copied-issue]: `b` has begun as `a`: 3 of 5 recipients have it
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it

error: `b` is not sent: it is a copy
exit 1

$ franking send --due
exit 0

$ franking resume b
error: `b` has begun as `a`: 3 of 5 recipients have it
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it
exit 2

$ franking status b
error: `b` has begun as `a`: 3 of 5 recipients have it
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it
exit 2

$ franking pause b
error: `b` has begun as `a`: 3 of 5 recipients have it
hint: rename the file back to `issues/a.toml` and run `franking resume a`, or send the frozen edition to the others with `franking resume a --frozen`; `franking send b --again-as b` sends it once more, also to the 3 recipients who have it
exit 2

$ franking resume a
error: `a` has begun, and its file `issues/a.toml` is gone
hint: nothing was sent; if it was renamed, rename it back. `franking resume a --frozen` sends the frozen edition, `franking cancel a` ends it
exit 2


"#]]
    );
    let again = ["send", "b", "--dry-run", "--again-as", "b"];
    assert_eq!(folder.run_at(NOW, &again).code, 0);
    assert_eq!(relay.recipients().len(), 3);
    let later = "2026-11-30T09:00:00Z";
    let frozen = folder.run_at(later, &["resume", "a", "--frozen"]);
    assert_eq!(frozen.code, 0, "{}", frozen.stderr);
    assert_eq!(messages(&relay).len(), 5, "each has one");
    let again = folder.run_at(later, &["send", "b", "--yes", "--again-as", "b"]);
    let said = "it goes to all recipients, also to the 5 who have it as `a`";
    assert!(again.stderr.contains(said), "{}", again.stderr);
    assert_eq!(relay.recipients().len(), 10);
}

#[test]
fn again_as_is_is_an_error_or_reported_as_without_effect() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let mut output = String::new();
    for command in [
        &["send", "a", "--yes", "--again-as", "nonsense"][..],
        &["send", "a", "--dry-run", "--again-as", "nonsense"],
        &["send", "a", "--yes", "--again-as", "a"],
        &["send", "a", "--yes", "--again-as", "a"],
    ] {
        let run = folder.run_at(NOW, command);
        let name = command.join(" ");
        output += &format!("$ franking {name}\n{}\n", shown(&run, relay.port));
    }
    assert_data_eq!(
        output,
        str![[r#"
$ franking send a --yes --again-as nonsense
error: invalid value `nonsense` for `--again-as` (expected `a`)
hint: nothing was sent; write the name of the issue that you send once more
exit 2

$ franking send a --dry-run --again-as nonsense
error: invalid value `nonsense` for `--again-as` (expected `a`)
hint: nothing was sent; write the name of the issue that you send once more
exit 2

$ franking send a --yes --again-as a
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
warning: `--again-as` has no effect: nothing like `a` was sent before
2026-11-30T08:00:00Z a: 2 messages to try
2026-11-30T08:00:00Z a: finished: 2 accepted
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       2  adds up
exit 0

$ franking send a --yes --again-as a
warning: `--again-as` has no effect: `a` has a campaign of its own
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       2  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
exit 0


"#]]
    );
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn files_that_resemble_an_issue_are_reported_and_never_sent() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    for path in [
        "issues/a.de.toml",
        "issues/a.approved.toml",
        "issues/a/more.toml",
        "issues/drafts/next.toml",
        "issues/b.TOML",
        "issues/c.toml.txt",
        "issues/d.toml/picture.png",
        "Issues/e.toml",
    ] {
        folder.write(path, &text);
    }
    let check = folder.run_at(NOW, &["check"]);
    assert_data_eq!(
        shown(&check, relay.port),
        str![[r#"
error[unreadable-file]: `issues/d.toml` is not a file

warning[misplaced-issue]: this file is not read as an issue
 --> Issues/e.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: move it into `issues/`, or out of the newsletter's directory

warning[reserved-name]: this file name ending is reserved for the approval of `a`
 --> issues/a.approved.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: this file is ignored; give the issue another name

warning[reserved-name]: this file name ending is reserved for a translation of `a`
 --> issues/a.de.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: this file is ignored; give the issue another name

warning[reserved-name]: the directory `issues/a` is reserved for the issue `a`
 --> issues/a/more.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: issues are files directly in `issues/`; this directory is for pictures

warning[misnamed-issue]: the file name of an issue must end in `.toml`
 --> issues/b.TOML:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: this file is ignored; rename it if it is an issue

warning[misnamed-issue]: the file name of an issue must end in `.toml`
 --> issues/c.toml.txt:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: this file is ignored; rename it if it is an issue

warning[misplaced-issue]: this file is not read as an issue
 --> issues/drafts/next.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: move it into `issues/`, or out of the newsletter's directory

2 issues and 2 subscribers checked: 1 error, 7 warnings
exit 1

"#]]
    );
    assert_eq!(folder.run_at(NOW, &["schedule"]).code, 1);
    let due = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(
        (due.code, relay.recipients().len()),
        (1, 2),
        "{}",
        due.stderr
    );
    let next = folder.run_at(NOW, &["send", "--due"]);
    assert_eq!(
        (next.code, next.stderr.as_str()),
        (0, ""),
        "they were reported"
    );
    assert_eq!(folder.run_at(NOW, &["send", "a.de", "--yes"]).code, 2);
}
