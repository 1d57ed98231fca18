//! A relay with a memory: the catcher, what it was told, and what it has kept.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Runtime;

use crate::simulator::sink::{Answer, Received, Script, Serving};

/// A relay on this machine, which ends with this value.
pub struct SimulatedRelay {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    memory: Arc<Memory>,
    /// Gone when it has died.
    serving: Option<Serving>,
}

/// Called with the number of messages, the latest included, before it is acknowledged.
pub type OnMessage = dyn Fn(usize) + Send + Sync;

#[derive(Default)]
struct Memory {
    told: Mutex<Told>,
    changed: Condvar,
}

/// What a relay was told.
#[derive(Default)]
struct Told {
    opened: usize,
    closed: usize,
    commands: Vec<String>,
    caught: Vec<Received>,
}

impl SimulatedRelay {
    /// A relay that answers as `script` says and lets `on_message` know of every message.
    ///
    /// # Errors
    /// When there are no threads or no port to be had.
    pub fn serve(script: impl Script, on_message: Box<OnMessage>) -> io::Result<Self> {
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
        let serving = Serving::start(Arc::new(script), Arc::new(keep))?;
        Ok(Self {
            port: serving.port,
            memory,
            serving: Some(serving),
        })
    }

    /// As [`SimulatedRelay::serve`], for who hears of no message.
    ///
    /// # Panics
    /// When there are no threads or no port to be had.
    pub fn start(script: impl Script) -> Self {
        Self::watched(script, Box::new(|_| {}))
    }

    /// As [`SimulatedRelay::serve`], for who is lost without a relay.
    ///
    /// # Panics
    /// When there are no threads or no port to be had.
    pub fn watched(script: impl Script, on_message: Box<OnMessage>) -> Self {
        Self::serve(script, on_message).expect("a relay on loopback")
    }

    /// For a second server in front of this one.
    ///
    /// # Panics
    /// When this one has died.
    pub fn runtime(&self) -> &Runtime {
        self.serving.as_ref().expect("it is alive").runtime()
    }

    /// Goes away as a process does that is killed: its port is closed, and every connection is cut.
    pub fn die(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.die();
        }
    }

    /// Everything that was kept, in the order of its arrival.
    pub fn caught(&self) -> Vec<Received> {
        self.memory.told().caught.clone()
    }

    /// The recipient of everything that was kept, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let told = self.memory.told();
        let mut recipients: Vec<String> = told.caught.iter().filter_map(recipient).collect();
        recipients.sort();
        recipients
    }

    /// How often each recipient has it; who has nothing is not in here.
    pub fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for address in self.recipients() {
            *copies.entry(address).or_default() += 1;
        }
        copies
    }

    /// How many commands began with `verb`.
    pub fn count(&self, verb: &str) -> usize {
        self.count_of(|command| command.starts_with(verb))
    }

    /// How many commands were like that.
    pub fn count_of(&self, is_so: impl Fn(&str) -> bool) -> usize {
        let told = self.memory.told();
        let commands = told.commands.iter();
        commands.filter(|command| is_so(command)).count()
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

fn recipient(caught: &Received) -> Option<String> {
    caught.recipients.first().cloned()
}

impl Memory {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        let changed = change(&mut self.told());
        self.changed.notify_all();
        changed
    }

    fn keep(&self, caught: Received) -> usize {
        self.change(|told| {
            told.caught.push(caught);
            told.caught.len()
        })
    }

    fn wait(&self, is_so: impl Fn(&Told) -> bool) {
        let told = self.changed.wait_while(self.told(), |told| !is_so(told));
        drop(told.unwrap_or_else(PoisonError::into_inner));
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
    fn dsn(&self) -> bool {
        self.script.dsn()
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
    fn answered(&self, address: &str) {
        self.script.answered(address);
    }
    fn closed(&self) {
        self.script.closed();
        self.memory.change(|told| told.closed += 1);
    }
}
