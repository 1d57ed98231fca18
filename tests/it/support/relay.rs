//! A relay inside the test, with a script of faults, and a newsletter that knows no other.

pub use franking::simulator::SimulatedRelay as Relay;
use franking::simulator::sink::{Answer, Script};

use crate::support::{Folder, Run};

/// A relay that leads to every delivery state: refuses `r3`, defers `r5` once, drops the connection after `r7`.
pub struct BadDay {
    /// The words of its deferral.
    pub later: &'static str,
}

impl Script for BadDay {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match address.split('@').next() {
            Some("r3") => Answer::Reply(550, "5.1.1 no such mailbox".to_owned()),
            Some("r5") if attempt == 1 => Answer::Reply(451, self.later.to_owned()),
            _ => Answer::Accept,
        }
    }
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r7@") {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
}

/// A reply of the relay with an enhanced status code and words.
pub fn reply(code: u16, words: &str) -> Answer {
    Answer::Reply(code, words.to_owned())
}

/// The `[smtp]` of a relay on this machine; `tls` as the file has it.
pub fn smtp(port: u16, tls: &str, connections: usize) -> String {
    format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nconnections = {connections}\n"
    )
}

/// A newsletter with the templates of the repository, without a subscriber and without an issue.
pub fn newsletter(smtp: &str) -> Folder {
    let folder = Folder::with_samples();
    std::fs::remove_dir_all(folder.path().join("issues")).expect("the samples' issues");
    set_smtp(&folder, smtp);
    folder.write("subscribers.toml", "");
    folder
}

/// Gives the newsletter another relay.
pub fn set_smtp(folder: &Folder, smtp: &str) {
    let publication = r#"
name = "The Small Letter"
list_id = "small.press.example"
from = "The Small Letter <letter@press.example>"
time_zone = "Europe/Brussels"
template = "letter"
web_url = "https://press.example"
unsubscribe_mailto = "leave@press.example"
"#;
    folder.write("newsletter.toml", &format!("{publication}\n{smtp}"));
}

/// Adds a relay to a newsletter that has none.
pub fn add_smtp(folder: &Folder, relay: &Relay) {
    let publication = folder.read("newsletter.toml");
    let smtp = smtp(relay.port, "none", 1);
    folder.write("newsletter.toml", &format!("{publication}\n{smtp}"));
}

/// A newsletter with the subscribers `r1`, `r2` and so on, `count` of them, and the issue `a`.
pub fn newsletter_for(count: usize, smtp: &str) -> Folder {
    let folder = newsletter(smtp);
    set_numbered(&folder, count);
    write_issue(&folder, "a", "");
    folder
}

/// A newsletter with three subscribers and the issue `a`.
pub fn three_subscribers(smtp: &str) -> Folder {
    let folder = newsletter(smtp);
    set_subscribers(&folder, ["ann", "ben", "cat"]);
    write_issue(&folder, "a", "");
    folder
}

/// Subscribers of `slow.example` and `fast.example` in turn, the issue `a`, and one connection, so that the order is
/// always the same.
pub fn two_domains(relay: &Relay, count: usize, store: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = newsletter(&format!("{smtp}{store}"));
    let addresses = (1..=count).flat_map(|number| {
        [
            format!("s{number}@slow.example"),
            format!("f{number}@fast.example"),
        ]
    });
    set_addresses(&folder, addresses);
    write_issue(&folder, "a", "");
    folder.write(".franking/key", &"k".repeat(32));
    folder.write(".franking/rehearsed", "");
    folder
}

/// The `[store]` of a ledger at `url`.
pub fn store_at(url: &str) -> String {
    format!("\n[store]\nurl = \"{url}\"\n")
}

/// Puts the active subscribers `r1`, `r2` and so on, `count` of them, on the list.
pub fn set_numbered(folder: &Folder, count: usize) {
    set_addresses(
        folder,
        (1..=count).map(|number| format!("r{number}@reader.example")),
    );
}

/// Puts active subscribers with these local parts on the list.
pub fn set_subscribers<'a>(folder: &Folder, names: impl IntoIterator<Item = &'a str>) {
    let addresses = names
        .into_iter()
        .map(|name| format!("{name}@reader.example"));
    set_addresses(folder, addresses);
}

/// Puts these active subscribers on the list.
pub fn set_addresses(folder: &Folder, addresses: impl IntoIterator<Item = String>) {
    let entries = addresses.into_iter().map(|address| {
        let name = address.split('@').next().unwrap_or_default();
        format!("[[subscriber]]\nemail = \"{address}\"\nfirst_name = \"{name}\"\n\n")
    });
    folder.write("subscribers.toml", &entries.collect::<String>());
}

/// Writes a small issue; `keys` are further keys of it.
pub fn write_issue(folder: &Folder, name: &str, keys: &str) {
    let issue = format!(
        r#"subject = "{name}: a word to {{{{ first_name }}}}"
preheader = "What became of the river."
date = 2026-11-30
{keys}

[[section]]
kind = "text"
body = "This is a small letter for {{{{ first_name }}}}.\n\nIt is called {name}."
"#
    );
    folder.write(&format!("issues/{name}.toml"), &issue);
}

/// The output of a send and of the status after it, as one text without what differs from run to run.
pub fn story(folder: &Folder, send: &Run, port: u16) -> String {
    // A suspension that has ended since is not shown.
    let status = folder.run_at("2026-11-30T08:00:00Z", &["status", "a"]);
    assert_eq!(status.code, 0, "{}", status.stderr);
    let send = masked(&send.stderr, port) + &format!("exit {}\n", send.code);
    format!("{send}\n{}", masked(&status.stdout, port))
}

/// The text without the relay's port and without digests.
pub fn masked(text: &str, port: u16) -> String {
    without_digests(&text.replace(&format!(":{port}"), ":PORT"))
}

/// The digest of an edition changes with every change of a template.
pub fn without_digests(text: &str) -> String {
    let mut parts = text.split("edition ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        out.push_str("edition ");
        out.push_str(if digits == 12 { "DIGEST" } else { "" });
        out.push_str(if digits == 12 { &part[digits..] } else { part });
    }
    out
}
