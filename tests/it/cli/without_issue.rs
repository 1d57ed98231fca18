//! Commands without the issue that they need.

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

const NOW: &str = "2026-11-30T08:00:00Z";

/// Issues in every state: sent, sent under another name, begun, ready, scheduled and with errors.
fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    for name in ["begun", "done", "ready"] {
        relay::write_issue(&folder, name, "");
    }
    relay::write_issue(&folder, "later", "send_at = 2026-12-24T09:00:00");
    relay::write_issue(&folder, "broken", "sendat = 1\nlanguage = 2");
    for arguments in [
        &["send", "done", "--yes"][..],
        &["send", "begun", "--only", "ann@reader.example", "--yes"],
    ] {
        let run = folder.run_at(NOW, arguments);
        assert!([0, 75].contains(&run.code), "{}", run.stderr);
    }
    let text = folder.read("issues/done.toml");
    folder.write("issues/same.toml", &text);
    folder
}

#[test]
fn send_without_an_issue_lists_what_could_be_sent() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let before = folder.files();
    let run = folder.run_at(NOW, &["send"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert_data_eq!(
        run.stderr,
        str![[r#"
  begun   held, 1 of 2 accepted
  ready   ready
  later   scheduled for 2026-12-24T09:00:00 CET
  broken  2 errors
  same    sent as `done`
  done    sent, 2 of 2 accepted
error: no issue given
hint: name one of these: `franking send NAME`

"#]]
    );
    for command in ["build", "plan"] {
        let other = folder.run_at(NOW, &[command]);
        let expected = folder.run_at(NOW, &["send"]).stderr;
        let expected = expected.replace("franking send", &format!("franking {command}"));
        assert_eq!((other.code, other.stderr), (2, expected));
    }
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn resume_and_resolve_without_an_issue_list_campaigns() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let mut all = String::new();
    for command in ["pause", "resume", "cancel", "resolve"] {
        let run = folder.run_at(NOW, &[command]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        all.push_str(&format!("$ franking {command}\n{}", run.stderr));
    }
    assert_data_eq!(
        all,
        str![[r#"
$ franking pause
  begun  held, 1 of 2 accepted
error: no issue given
hint: name one of these: `franking pause NAME`
$ franking resume
  begun  held, 1 of 2 accepted
error: no issue given
hint: name one of these: `franking resume NAME`
$ franking cancel
  begun  held, 1 of 2 accepted
error: no issue given
hint: name one of these: `franking cancel NAME`
$ franking resolve
  begun  held, 1 of 2 accepted
  done   sent, 2 of 2 accepted
error: no issue given
hint: name one of these: `franking resolve NAME`

"#]]
    );
}

#[test]
fn the_hint_of_an_empty_list_is_the_next_step() {
    let folder = Folder::with("plain");
    std::fs::remove_dir_all(folder.path().join("issues")).unwrap();
    let mut all = String::new();
    for command in ["send", "resume", "resolve"] {
        let run = folder.run_at(NOW, &[command]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        all.push_str(&format!("$ franking {command}\n{}", run.stderr));
    }
    assert_data_eq!(
        all,
        str![[r#"
$ franking send
error: no issue given
hint: create one with `franking new NAME`
$ franking resume
error: no issue given
hint: no campaign is unfinished
$ franking resolve
error: no issue given
hint: nothing has been sent yet

"#]]
    );
}

#[test]
fn a_damaged_ledger_is_reported_before_a_list() {
    let folder = Folder::with("plain");
    folder.write(".franking/store.db", "not a ledger");
    let run = folder.run_at(NOW, &["send"]);
    assert_eq!(run.code, 65, "{}", run.stderr);
}
