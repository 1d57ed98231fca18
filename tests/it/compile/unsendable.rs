//! Recipients whose message cannot be sent: they are excluded and named, and the others get theirs.

use franking::diag::Findings;
use franking::message::{self, MessageError, MessageOptions};
use franking::simulator::sink::AcceptAll;
use franking::subscriber::{Address, Subscriber};
use franking::workspace;
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

fn shown(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&text.replace(&"y".repeat(1_200), "LONG"), port).replace(&"^".repeat(1_202), "^")
}

fn subscriber(address: &str, keys: &str) -> String {
    format!("[[subscriber]]\nemail = \"{address}\"\nfirst_name = \"Friend\"\n{keys}\n\n")
}

/// A newsletter whose subject names the recipient's city; `odd` is a city of 1,200 letters.
fn newsletter(relay: &Relay, odd: usize) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let cities = (0..3).map(|number| {
        let city = if number == odd {
            "y".repeat(1_200)
        } else {
            "Gent".to_owned()
        };
        let address = format!("r{number}@reader.example");
        subscriber(&address, &format!("attributes = {{ city = \"{city}\" }}"))
    });
    folder.write("subscribers.toml", &cities.collect::<String>());
    relay::write_issue(&folder, "a", "");
    let text = folder.read("issues/a.toml");
    let text = text.replace("a: a word to {{ first_name }}", "News for {{ city }}");
    folder.write("issues/a.toml", &text);
    folder
}

fn longest_line(relay: &Relay) -> usize {
    let caught = relay.received();
    let lines = caught
        .iter()
        .flat_map(|message| message.bytes.split(|byte| *byte == b'\n'));
    lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line).len())
        .max()
        .unwrap_or_default()
}

#[test]
fn a_value_too_long_for_the_header_excludes_its_recipient_alone() {
    for odd in 0..3 {
        let relay = Relay::start(AcceptAll);
        let folder = newsletter(&relay, odd);
        let run = folder.run(&["send", "a", "--confirm", "2"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let served = relay.recipients();
        assert_eq!(served.len(), 2);
        assert!(
            !served.contains(&format!("r{odd}@reader.example")),
            "{served:?}"
        );
        assert!(longest_line(&relay) <= 998);
    }
}

#[test]
fn an_unsendable_recipient_is_named_at_the_value_and_tried_by_the_next_campaign() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, 1);
    assert_data_eq!(
        shown(&folder.run(&["check", "a"]), relay.port),
        str![[r#"
warning[unsendable-recipient]: `r1@reader.example` is excluded: its `city` has more than 998 octets, too many for the subject
 --> subscribers.toml:9:23
  |
9 | ... = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" }
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: shorten the value, or leave it out

1 issue and 3 subscribers checked: 1 warning
exit 0

"#]]
    );
    assert_data_eq!(
        shown(&folder.run(&["send", "a", "--dry-run"]), relay.port),
        str![[r#"
r0@reader.example	ready
r1@reader.example	unsendable
r2@reader.example	ready
warning[unsendable-recipient]: `r1@reader.example` is excluded: its `city` has more than 998 octets, too many for the subject
 --> subscribers.toml:9:23
  |
9 | ... = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" }
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: shorten the value, or leave it out

issue    a, edition DIGEST
subject  News for Gent  (to r0@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients, 1 excluded (1 unsendable)
nothing was sent
exit 0

"#]]
    );
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    let status = folder.run(&["status", "a"]).stdout;
    assert!(status.contains("excluded   r1@reader.example"), "{status}");
    let list = folder
        .read("subscribers.toml")
        .replace(&"y".repeat(1_200), "Liège");
    folder.write("subscribers.toml", &list);
    relay::write_issue(&folder, "b", "");
    let next = folder.run(&["send", "b", "--confirm", "3"]);
    assert_eq!(next.code, 0, "{}", next.stderr);
}

#[test]
fn a_mailbox_name_outside_ascii_is_excluded_and_named() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let list = ["zoë@reader.example", "ann@bücher.example"].map(|address| subscriber(address, ""));
    folder.write("subscribers.toml", &list.concat());
    relay::write_issue(&folder, "a", "");
    assert_data_eq!(
        shown(&folder.run(&["check", "a"]), relay.port),
        str![[r#"
warning[unsendable-recipient]: `zoë@reader.example` is excluded: its local part is not ASCII, which a relay may refuse
 --> subscribers.toml:2:9
  |
2 | email = "zoë@reader.example"
  |         ^^^^^^^^^^^^^^^^^^^^
hint: ask the subscriber for another address

1 issue and 2 subscribers checked: 1 warning
exit 0

"#]]
    );
    assert_eq!(folder.run(&["send", "a", "--confirm", "1"]).code, 0);
    assert_eq!(relay.recipients(), ["ann@xn--bcher-kva.example"]);
}

#[test]
fn an_address_or_a_status_that_cannot_be_read_stops_the_send() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::write_issue(&folder, "a", "");
    for broken in [
        subscriber("no address", ""),
        subscriber("ben@reader.example", "status = \"gone\""),
    ] {
        let list = subscriber("ann@reader.example", "") + &broken;
        folder.write("subscribers.toml", &list);
        assert_eq!(folder.run(&["send", "a", "--yes"]).code, 1);
    }
    assert!(relay.recipients().is_empty());
}

/// A newsletter whose `web_url` has so many octets.
fn with_web_url(octets: usize) -> (Folder, String) {
    let folder = relay::newsletter("");
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let head = "https://press.example/";
    let url = format!("{head}{}", "a".repeat(octets - head.len()));
    let text = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &text.replace("https://press.example", &url),
    );
    (folder, url)
}

#[test]
fn a_web_url_that_is_too_long_for_the_header_is_an_error_at_its_location() {
    let (long, _) = with_web_url(801);
    let run = long.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("error[bad-link]: `web_url` has 801 octets"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
    let (longest, _) = with_web_url(800);
    let run = longest.run(&["send", "a"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let outbox = longest.path().join(".franking/outbox/a");
    let files = std::fs::read_dir(outbox).expect("the messages");
    let messages = files.map(|file| std::fs::read_to_string(file.expect("a file").path()));
    let messages: Vec<String> = messages.map(|text| text.expect("a message")).collect();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].lines().all(|line| line.len() <= 998));
}

/// No file brings about such a line: every value that stands in the header has a limit of its own. The guard is for a
/// value that gets none by a mistake of ours.
#[test]
fn a_message_with_a_longer_line_in_its_header_is_not_written() {
    let (folder, _) = with_web_url(100);
    let mut loaded = workspace::read(folder.path()).expect("a newsletter");
    let (_, url) = with_web_url(1_000);
    loaded.newsletter.web_url = Some(url.parse().expect("a URL"));
    let mut findings = Findings::new();
    let compiled =
        workspace::compile(folder.path(), &loaded, "a", &mut findings).expect("an issue");
    let reader = Subscriber::at(Address::parse("ann@reader.example").expect("an address"));
    let stamp = MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH);
    let written = message::write(&compiled.edition, &reader, &stamp);
    assert!(matches!(written, Err(MessageError::Line(octets)) if octets > 998));
}
