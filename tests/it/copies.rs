//! Issues under two names: copies, renames, and files that only look like an issue.

use franking::catcher::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

fn shown(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&text, port)
}

fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["ann", "ben"]);
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
hint: delete the file that is not meant; a new issue needs its own name, number or subject

warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

warning[copied-issue]: `b` has the number, subject and moment of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

4 issues and 2 readers checked: 3 warnings
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
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `Copy of a` is not sent: it is a copy
hint: delete it; `franking send 'Copy of a' --again-as 'Copy of a'` sends it all the same
warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `a copy` is not sent: it is a copy
hint: delete it; `franking send 'a copy' --again-as 'a copy'` sends it all the same
warning[copied-issue]: `b` has the number, subject and moment of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `b` is not sent: it is a copy
hint: delete it; `franking send b --again-as b` sends it all the same
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
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `Copy of a` is not sent: it is a copy
hint: delete it; `franking send 'Copy of a' --again-as 'Copy of a'` sends it all the same
warning[copied-issue]: `a copy` has the name of a copy of `a`
 --> issues/a copy.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `a copy` is not sent: it is a copy
hint: delete it; `franking send 'a copy' --again-as 'a copy'` sends it all the same
warning[copied-issue]: `b` has the number, subject and moment of `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not meant; a new issue needs its own name, number or subject

error: `b` is not sent: it is a copy
hint: delete it; `franking send b --again-as b` sends it all the same
issue    a, edition DIGEST
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
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
fn a_conflict_of_synchronisation_is_not_sent_even_when_it_differs() {
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
fn an_issue_that_was_renamed_after_it_was_sent_is_not_sent_again_without_a_word() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    let path = |name: &str| folder.path().join("issues").join(name);
    std::fs::rename(path("a.toml"), path("b.toml")).expect("the issue");
    let mut told = String::new();
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
        told += &format!(
            "$ franking {}\n{}\n",
            command.join(" "),
            shown(&run, relay.port)
        );
    }
    assert_data_eq!(
        told,
        str![[r#"
$ franking check
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file; `franking send b --again-as b` sends it once more

1 issue and 2 readers checked: 1 warning
exit 0

$ franking schedule
copy     b  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file; `franking send b --again-as b` sends it once more

error: `b` is not sent: it is a copy
hint: delete it; `franking send b --again-as b` sends it all the same
exit 1

$ franking send b --dry-run
ann@reader.example	ready
ben@reader.example	ready
issue    b, edition DIGEST
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file; `franking send b --again-as b` sends it once more

nothing was sent
exit 0

$ franking send b --yes
issue    b, edition DIGEST
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
error: `b` was sent before, as `a` at 2026-11-30T08:00:00Z
hint: nothing was sent; `franking send b --again-as b` sends it once more
exit 2

$ franking send b --yes --again-as a
issue    b, edition DIGEST
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients
error: `b` was sent before, as `a` at 2026-11-30T08:00:00Z
hint: nothing was sent; `franking send b --again-as b` sends it once more
exit 2

$ franking send --due
warning[copied-issue]: `b` was sent before, as `a`
 --> issues/b.toml:1:11
  |
1 | subject = "a: a word to {{ first_name }}"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file; `franking send b --again-as b` sends it once more

error: `b` is not sent: it is a copy
hint: delete it; `franking send b --again-as b` sends it all the same
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
fn the_next_number_with_the_same_subject_is_another_issue() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let text = folder.read("issues/a.toml");
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    folder.write("issues/b.toml", &text.replace("2026-11-30", "2026-12-07"));
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

#[test]
fn files_that_look_like_an_issue_are_reported_and_never_sent() {
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
error[unreadable-file]: `issues/d.toml` is no file

warning[misplaced-issue]: this file is not read as an issue
 --> Issues/e.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: move it into `issues/`, or out of the newsletter's folder

warning[reserved-name]: the ending of this name is reserved for the approval of `a`
 --> issues/a.approved.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: nothing reads this file; an issue needs another name

warning[reserved-name]: the ending of this name is reserved for a translation of `a`
 --> issues/a.de.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: nothing reads this file; an issue needs another name

warning[reserved-name]: the directory `issues/a` is reserved for the issue `a`
 --> issues/a/more.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: an issue is a file in `issues/` itself; keep pictures here

warning[misnamed-issue]: the name of an issue ends in `.toml`
 --> issues/b.TOML:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: nothing reads this file; rename it if it is an issue

warning[misnamed-issue]: the name of an issue ends in `.toml`
 --> issues/c.toml.txt:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: nothing reads this file; rename it if it is an issue

warning[misplaced-issue]: this file is not read as an issue
 --> issues/drafts/next.toml:1:1
  |
1 | subject = "a: a word to {{ first_name }}"
  | ^
hint: move it into `issues/`, or out of the newsletter's folder

2 issues and 2 readers checked: 1 error, 7 warnings
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
