//! A list that is longer than what is in memory at once: it is read piece by piece, and more than once.

use std::fmt::Write;

use franking::simulator::sink::AcceptAll;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

/// Far more than one piece.
const READERS: usize = 3_000;

/// Readers `r0`, `r1`, …, and what `instead` gives for some of them.
fn list(instead: impl Fn(usize) -> Option<&'static str>) -> String {
    (0..READERS).fold(String::new(), |mut list, number| {
        let entry = match instead(number) {
            Some(entry) => list.write_str(entry),
            None => writeln!(
                list,
                "[[subscriber]]\nemail = \"r{number}@reader.example\"\nfirst_name = \"R{number}\"\n"
            ),
        };
        entry.expect("a string takes everything");
        list
    })
}

fn newsletter(relay: &Relay, list: &str) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 4));
    folder.write("subscribers.toml", list);
    relay::write_issue(&folder, "a", "");
    folder
}

#[test]
fn errors_of_a_long_list_are_reported_at_their_locations() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(
        &relay,
        &list(|number| match number {
            1_000 => Some("[[subscriber]]\nemail = \"nobody\"\n\n"),
            // What looks like the begin of an entry is a part of a name.
            1_500 => Some(
                "[[subscriber]]\nname = \"\"\"\n[[subscriber]]\n\"\"\"\nemail = \"s@reader.example\"\n\
                 first_name = \"S\"\n\n",
            ),
            2_000 => Some("[[subscriber]]\nemail = \"r7@Reader.example\"\nfirst_name = \"R\"\n\n"),
            2_500 => Some("[[subscriber]]\nemail = \"t@reader.example\"\nfrist_name = \"T\"\n\n"),
            _ => None,
        }),
    );
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[bad-address]: invalid email address `nobody`
    --> subscribers.toml:4002:9
     |
4002 | email = "nobody"
     |         ^^^^^^^^
hint: an address has one `@`, with something on both sides

warning[control-character]: a control or invisible character in a name is removed
    --> subscribers.toml:6001:8
     |
6001 | name = """
     |        ^^^
hint: write the name in one line, without control, direction and invisible characters

warning[no-name]: `[[subscriber]] ` is not a name
    --> subscribers.toml:6001:8
     |
6001 | name = """
     |        ^^^
hint: the placeholder's default is used instead; remove the name

warning[duplicate-address]: `r7@Reader.example` is on the list twice
    --> subscribers.toml:8004:9
     |
8004 | email = "r7@Reader.example"
     |         ^^^^^^^^^^^^^^^^^^^
     |
    ::: subscribers.toml:30:9
     |
  30 | email = "r7@reader.example"
     |         ------------------- the same mailbox
hint: one mailbox gets one message; remove one of the entries

error[unknown-key]: unknown key `frist_name` in a subscriber
     --> subscribers.toml:10005:1
      |
10005 | frist_name = "T"
      | ^^^^^^^^^^
hint: did you mean `first_name`?

1 issue and 2999 subscribers checked: 2 errors, 3 warnings

"#]]
    );
}

#[test]
fn a_long_list_that_is_not_toml_gives_one_error() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(
        &relay,
        &list(|number| match number {
            10 => Some("[[subscriber]]\nemail = \"nobody\"\n\n"),
            2_000 => Some("[[subscriber]]\nemail = r2000@reader.example\n\n"),
            _ => None,
        }),
    );
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[syntax]: this value is not quoted
    --> subscribers.toml:8001:9
     |
8001 | email = r2000@reader.example
     |         ^^^^^^^^^^^^^^^^^^^^
hint: write `"r2000@reader.example"`

1 issue and 0 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn each_subscriber_on_a_long_list_gets_one_message_unless_they_left() {
    let relay = Relay::start(AcceptAll);
    let twice = |number| {
        let second = "[[subscriber]]\nemail = \"R7@reader.example\"\nfirst_name = \"R\"\n\n";
        (number == 2_000).then_some(second)
    };
    let folder = newsletter(&relay, &list(twice));
    let first = folder.run(&["send", "a", "--only", "r5@reader.example", "--yes"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    folder.write(
        "subscribers.toml",
        &list(|number| match number {
            // One was removed, and one has unsubscribed.
            1_100 => Some(""),
            2_900 => Some(
                "[[subscriber]]\nemail = \"r2900@reader.example\"\nstatus = \"unsubscribed\"\n\n",
            ),
            _ => twice(number),
        }),
    );
    let second = folder.run(&["send", "a", "--yes"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    let said = "2 recipients excluded: they left the list since the campaign began";
    assert!(second.stderr.contains(said), "{}", second.stderr);
    let mut recipients = relay.recipients();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), READERS - 3);
    assert_eq!(relay.recipients().len(), READERS - 3);
    let status: Value =
        serde_json::from_str(&folder.run(&["status", "a", "--json"]).stdout).expect("JSON");
    assert_eq!(status["totals"]["candidates"], READERS);
    let reasons = serde_json::json!({ "duplicate": 1, "removed": 1, "unsubscribed": 1 });
    assert_eq!(status["totals"]["reasons"], reasons);
}

/// Whoever asks for the password puts one more on the list, after it was checked and before it is frozen.
#[test]
fn a_list_that_changes_at_the_start_of_a_send_is_not_frozen() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &list(|_| None));
    let plain = folder.read("newsletter.toml");
    let command = r#"printf '[[subscriber]]\nemail = "late@reader.example"\n' >> subscribers.toml; echo secret"#;
    folder.write(
        "newsletter.toml",
        &format!(
            "{plain}user = \"letter\"\npassword_command = [\"sh\", \"-c\", '''{command}''']\n"
        ),
    );
    let run = folder.run(&["send", "a", "--yes"]);
    assert_eq!(run.code, 75);
    assert_data_eq!(
        relay::masked(&run.stderr, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to R0  (to r0@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3000 recipients
error: the subscriber list has changed since it was checked
hint: nothing was sent; run the same command again

"#]]
    );
    assert!(relay.recipients().is_empty());
    folder.write("newsletter.toml", &plain);
    let late = "\nfirst_name = \"L\"\n";
    folder.write(
        "subscribers.toml",
        &(folder.read("subscribers.toml") + late),
    );
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    assert_eq!(relay.recipients().len(), READERS + 1);
}
