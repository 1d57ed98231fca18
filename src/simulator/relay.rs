//! A simulated relay: an SMTP sink that records commands and messages.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Runtime;

use crate::simulator::sink::{Answer, Received, Script, Serving};

/// A relay on loopback that records its input. It stops when it is dropped.
pub struct SimulatedRelay {
    /// The port, on 127.0.0.1.
    pub port: u16,
    recorder: Arc<Recorder>,
    /// `None` after [`SimulatedRelay::die`].
    serving: Option<Serving>,
}

/// A callback for each message, called before the message is acknowledged with the number of messages so far, including
/// this one.
pub type OnMessage = dyn Fn(usize) + Send + Sync;

#[derive(Default)]
struct Recorder {
    record: Mutex<Record>,
    changed: Condvar,
}

/// What the relay has recorded.
#[derive(Default)]
struct Record {
    opened: usize,
    closed: usize,
    commands: Vec<String>,
    messages: Vec<Received>,
}

impl SimulatedRelay {
    /// Starts a relay that replies according to `script` and calls `on_message` for every message.
    ///
    /// # Errors
    /// If no thread can be started or no port is available.
    pub fn serve(script: impl Script, on_message: Box<OnMessage>) -> io::Result<Self> {
        let recorder = Arc::new(Recorder::default());
        let into = Arc::clone(&recorder);
        let keep = move |message| {
            on_message(into.keep(message));
            Ok(())
        };
        let script = RecordingScript {
            script,
            recorder: Arc::clone(&recorder),
        };
        let serving = Serving::start(Arc::new(script), Arc::new(keep))?;
        Ok(Self {
            port: serving.port,
            recorder,
            serving: Some(serving),
        })
    }

    /// Like [`SimulatedRelay::watched`], without a callback.
    ///
    /// # Panics
    /// If no thread can be started or no port is available.
    pub fn start(script: impl Script) -> Self {
        Self::watched(script, Box::new(|_| {}))
    }

    /// Like [`SimulatedRelay::serve`], but panics on failure.
    ///
    /// # Panics
    /// If no thread can be started or no port is available.
    pub fn watched(script: impl Script, on_message: Box<OnMessage>) -> Self {
        Self::serve(script, on_message).expect("a relay on loopback")
    }

    /// The runtime of the relay, for another server in front of it.
    ///
    /// # Panics
    /// After [`SimulatedRelay::die`].
    pub fn runtime(&self) -> &Runtime {
        self.serving
            .as_ref()
            .expect("the relay is running")
            .runtime()
    }

    /// Stops like a killed process: closes the port and cuts every connection.
    pub fn die(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.die();
        }
    }

    /// The messages, in the order of their arrival.
    pub fn received(&self) -> Vec<Received> {
        self.recorder.record().messages.clone()
    }

    /// The first recipient of each message, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let record = self.recorder.record();
        let mut recipients: Vec<String> = record.messages.iter().filter_map(recipient).collect();
        recipients.sort();
        recipients
    }

    /// How many messages each recipient has, by address. Recipients without a message are absent.
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

    /// How many commands match `predicate`.
    pub fn count_of(&self, predicate: impl Fn(&str) -> bool) -> usize {
        let record = self.recorder.record();
        let commands = record.commands.iter();
        commands.filter(|command| predicate(command)).count()
    }

    /// Waits until `count` messages have arrived.
    pub fn wait_for(&self, count: usize) {
        self.recorder.wait(|record| record.messages.len() >= count);
    }

    /// Waits until no connection is open, so that no more messages arrive.
    pub fn wait_until_closed(&self) {
        self.recorder.wait(|record| record.opened == record.closed);
    }
}

fn recipient(message: &Received) -> Option<String> {
    message.recipients.first().cloned()
}

impl Recorder {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> T {
        let changed = change(&mut self.record());
        self.changed.notify_all();
        changed
    }

    fn keep(&self, message: Received) -> usize {
        self.change(|record| {
            record.messages.push(message);
            record.messages.len()
        })
    }

    fn wait(&self, is_done: impl Fn(&Record) -> bool) {
        let record = self
            .changed
            .wait_while(self.record(), |record| !is_done(record));
        drop(record.unwrap_or_else(PoisonError::into_inner));
    }
}

struct RecordingScript<S> {
    script: S,
    recorder: Arc<Recorder>,
}

impl<S: Script> Script for RecordingScript<S> {
    fn heard(&self, command: &str) {
        self.script.heard(command);
        self.recorder
            .change(|record| record.commands.push(command.to_owned()));
    }
    fn greeting(&self) -> Answer {
        self.recorder.change(|record| record.opened += 1);
        self.script.greeting()
    }
    fn login(&self) -> Option<(&str, &str)> {
        self.script.login()
    }
    fn refused_login(&self) -> Answer {
        self.script.refused_login()
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
        self.recorder.change(|record| record.closed += 1);
    }
}
