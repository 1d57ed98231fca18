//! `FRANKING_NOW`: every command says that its clock is set, and nothing is mailed beyond this machine.

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

const NOW: &str = "2026-11-30T08:00:00Z";

/// The raw stderr: `Run` leaves the warning out.
fn stderr_of(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.command(arguments).env("FRANKING_NOW", NOW).output();
    String::from_utf8(output.expect("the program starts").stderr).expect("UTF-8")
}

fn newsletter(smtp: &str) -> Folder {
    let folder = relay::newsletter(smtp);
    relay::set_subscribers(&folder, ["r1"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    folder
}

#[test]
fn every_command_warns_that_its_clock_is_set() {
    let folder = newsletter("");
    for arguments in [
        vec!["check"],
        vec!["status"],
        vec!["schedule"],
        vec!["plan", "a"],
        vec!["send", "a", "--dry-run"],
        vec!["explain", "bad-link"],
        vec!["man"],
    ] {
        let said = stderr_of(&folder, &arguments);
        let warning = "warning: FRANKING_NOW sets the clock of this run to 2026-11-30T08:00:00Z\n";
        assert!(said.starts_with(warning), "{arguments:?}: {said}");
    }
    let unset = folder.run(&["schedule"]);
    assert!(!unset.stderr.contains("FRANKING_NOW"), "{}", unset.stderr);
}

#[test]
fn a_run_whose_clock_is_set_mails_nothing_beyond_this_machine() {
    let folder = newsletter("[smtp]\nhost = \"relay.example\"\nport = 587\n");
    let run = folder.run_at(NOW, &["send", "a", "--yes"]);
    assert_data_eq!(
        format!("{}exit {}\n", relay::without_digests(&run.stderr), run.code),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    relay.example:587
to       1 recipient
error: FRANKING_NOW is set, and the relay `relay.example` is not on this machine
hint: nothing was sent; unset FRANKING_NOW, or configure a relay on loopback
exit 2

"#]]
    );
    assert_eq!(folder.run_at(NOW, &["send", "--due"]).code, 2);
    let test = ["send", "a", "--test", "desk@press.example"];
    assert_eq!(folder.run_at(NOW, &test).code, 2);
    assert_eq!(
        folder.run(&["status", "--json"]).stdout,
        "{\"campaigns\":[]}\n"
    );

    let relay = Relay::start(AcceptAll);
    let further = "[[smtp.relay]]\nhost = \"relay.example\"\n";
    relay::set_smtp(
        &folder,
        &format!("{}{further}", smtp(relay.port, "none", 1)),
    );
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 2);
    relay::set_smtp(&folder, &smtp(relay.port, "none", 1));
    assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 0);
    assert_eq!(relay.recipients().len(), 1);
}
