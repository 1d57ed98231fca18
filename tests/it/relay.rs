//! A relay inside the test: the crate's catcher with a script of faults, and a memory of what it was told.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use franking::catcher::{self, Answer, Caught, Script};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::{Folder, Run};

/// A relay that ends with its test.
pub struct Relay {
    pub port: u16,
    memory: Arc<Memory>,
    runtime: Runtime,
}

/// What a relay was told.
#[derive(Default)]
pub struct Memory {
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Default)]
struct Told {
    opened: usize,
    closed: usize,
    commands: Vec<String>,
    caught: Vec<Caught>,
}

/// A day on which everything happens that a ledger can know.
pub struct BadDay {
    /// What it says to whom it defers.
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

/// Called with the number of messages, the latest included, before it is acknowledged.
pub type OnMessage = dyn Fn(usize) + Send + Sync;

impl Relay {
    /// A relay that answers as `script` says.
    pub fn start(script: impl Script) -> Self {
        Self::watched(script, Box::new(|_| {}))
    }

    /// A relay that lets `on_message` know of every message before it acknowledges it.
    pub fn watched(script: impl Script, on_message: Box<OnMessage>) -> Self {
        let memory = Arc::new(Memory::default());
        let keeper = Arc::clone(&memory);
        let keep = move |caught| {
            on_message(keeper.keep(caught));
            Ok(())
        };
        let script = Remembering {
            script,
            memory: Arc::clone(&memory),
        };
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port on loopback");
        let port = listener.local_addr().expect("its address").port();
        let forever = std::future::pending();
        runtime.spawn(catcher::run(
            listener,
            Arc::new(script),
            Arc::new(keep),
            forever,
        ));
        Self {
            port,
            memory,
            runtime,
        }
    }

    /// A second server in front of this one, on its runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Goes away as a process does that is killed: its port is closed, and every connection is cut.
    pub fn die(&mut self) {
        let gone = std::mem::replace(&mut self.runtime, Runtime::new().expect("a runtime"));
        gone.shutdown_timeout(std::time::Duration::from_mins(1));
    }

    /// Everything that was kept, in the order of its arrival.
    pub fn caught(&self) -> Vec<Caught> {
        self.memory.told().caught.clone()
    }

    /// The recipient of everything that was kept, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let mut recipients: Vec<String> = self
            .memory
            .told()
            .caught
            .iter()
            .map(|caught| caught.recipients[0].clone())
            .collect();
        recipients.sort();
        recipients
    }

    /// How many commands began with `verb`.
    pub fn count(&self, verb: &str) -> usize {
        let told = self.memory.told();
        let is_verb = |command: &&String| command.starts_with(verb);
        told.commands.iter().filter(is_verb).count()
    }

    /// Waits until `count` messages have been kept.
    pub fn wait_for(&self, count: usize) {
        self.memory.wait(|told| told.caught.len() >= count);
    }

    /// Waits until no connection is open, behind which nothing more is kept.
    pub fn wait_until_closed(&self) {
        self.memory.wait(|told| told.opened == told.closed);
    }
}

impl Memory {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told
            .lock()
            .expect("nobody has panicked with the lock held")
    }

    fn change<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        let changed = change(&mut self.told());
        self.changed.notify_all();
        changed
    }

    fn keep(&self, caught: Caught) -> usize {
        self.change(|told| {
            told.caught.push(caught);
            told.caught.len()
        })
    }

    fn wait(&self, is_so: impl Fn(&Told) -> bool) {
        let told = self.changed.wait_while(self.told(), |told| !is_so(told));
        drop(told.expect("nobody has panicked with the lock held"));
    }
}

struct Remembering<S> {
    script: S,
    memory: Arc<Memory>,
}

impl<S: Script> Script for Remembering<S> {
    fn heard(&self, command: &str) {
        self.script.heard(command);
        self.memory
            .change(|told| told.commands.push(command.to_owned()));
    }
    fn greeting(&self) -> Answer {
        self.memory.change(|told| told.opened += 1);
        self.script.greeting()
    }
    fn login(&self) -> Option<(&str, &str)> {
        self.script.login()
    }
    fn chunking(&self) -> bool {
        self.script.chunking()
    }
    fn largest(&self) -> usize {
        self.script.largest()
    }
    fn sender(&self, address: &str) -> Answer {
        self.script.sender(address)
    }
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        self.script.recipient(address, attempt)
    }
    fn data(&self, address: &str, attempt: u32) -> Answer {
        self.script.data(address, attempt)
    }
    fn first_line(&self, address: &str, attempt: u32) -> Answer {
        self.script.first_line(address, attempt)
    }
    fn message(&self, address: &str, attempt: u32) -> Answer {
        self.script.message(address, attempt)
    }
    fn closed(&self) {
        self.script.closed();
        self.memory.change(|told| told.closed += 1);
    }
}

/// The `[smtp]` of a relay on this machine; `tls` as the file has it.
pub fn smtp(port: u16, tls: &str, connections: usize) -> String {
    format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nconnections = {connections}\n"
    )
}

/// A newsletter with the templates of the repository, no reader and no issue yet.
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

/// Puts readers with these local parts on the list, all active.
pub fn set_readers<'a>(folder: &Folder, names: impl IntoIterator<Item = &'a str>) {
    let entries = names.into_iter().map(|name| {
        format!("[[subscriber]]\nemail = \"{name}@reader.example\"\nfirst_name = \"{name}\"\n\n")
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
body = "This is a small letter for {{{{ first_name }}}}."
"#
    );
    folder.write(&format!("issues/{name}.toml"), &issue);
}

/// A send that has ended and the status behind it, as one text without what differs from run to run.
pub fn story(folder: &Folder, send: &Run, port: u16) -> String {
    let status = folder.run(&["status", "a"]);
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
