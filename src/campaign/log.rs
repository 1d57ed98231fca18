//! The log of outcomes: one JSON line for each attempt, for programs that collect logs.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use serde::Serialize;
use tokio::sync::watch;

use super::event::{CampaignEvent, Events, Question, Started};
use crate::delivery::Attempt;
use crate::subscriber::Address;
use crate::util::key::Key;
use crate::util::{clock, fs, system, timestamp};
use crate::workspace::{Failure, FailureKind, Warning, display_path};

/// The beginning of a log.
const BEGIN: &[u8; 9] = b"{\"time\":\"";

/// Appends each outcome to a file, and forwards all events and questions.
///
/// Addresses are replaced by keyed hashes (HMAC-SHA-256 with the newsletter's key, 128 bits), because the address of an
/// unkeyed hash can be found by hashing candidates.
pub struct OutcomeLog {
    path: PathBuf,
    file: File,
    /// Whether a line could not be written.
    has_failed: AtomicBool,
    has_addresses: bool,
    /// The issue of the run, and the key that hashes addresses.
    run: Mutex<Option<(String, Key)>>,
    next: Arc<dyn Events>,
}

impl OutcomeLog {
    /// Opens the file at `path` for appending. A new file is readable by its owner only. With `has_addresses` the lines have
    /// addresses instead of their hashes.
    ///
    /// # Errors
    /// If the file cannot be opened, or is another file than a log.
    pub fn open(path: &Path, has_addresses: bool, next: Arc<dyn Events>) -> Result<Self, Failure> {
        let file = open(path).map_err(|error| {
            let what = format!("the log `{}` cannot be opened", display_path(path));
            Failure::io(what, &error).hint("nothing was sent")
        })?;
        let file = file.ok_or_else(|| {
            let what = format!("`{}` is not a log of outcomes", display_path(path));
            let failure = Failure::new(FailureKind::Usage, what);
            failure.hint("nothing was sent; name a new file")
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            has_failed: AtomicBool::new(false),
            has_addresses,
            run: Mutex::new(None),
            next,
        })
    }

    fn start(&self, started: &Started<'_>) {
        let run = (started.issue.to_owned(), started.key.clone());
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }

    /// Writes a line. After the first failure, which is reported, the log ends; the ledger has all outcomes.
    fn write(&self, attempt: &Attempt<'_>) {
        if self.has_failed.load(Ordering::Relaxed) {
            return;
        }
        let written = self.line(attempt).map(|line| append(&self.file, &line));
        if let Some(Err(error)) = written
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            let warning = self.incomplete(&error);
            self.next.event(CampaignEvent::Warning(&warning));
        }
    }

    fn incomplete(&self, error: &io::Error) -> Warning {
        Warning::new(format!(
            "the log `{}` is incomplete from here on, because it cannot be written: {}; the ledger has all outcomes",
            display_path(&self.path),
            system::words(error)
        ))
    }

    fn line(&self, attempt: &Attempt<'_>) -> Option<Vec<u8>> {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let (issue, key) = run.as_ref()?;
        let key = (!self.has_addresses).then_some(key);
        let mut line = serde_json::to_vec(&LogRecord::new(issue, attempt, key)).ok()?;
        line.push(b'\n');
        Some(line)
    }
}

impl Events for OutcomeLog {
    fn event(&self, event: CampaignEvent<'_>) {
        match &event {
            CampaignEvent::Started(started) => self.start(started),
            CampaignEvent::Tried(attempt) => self.write(attempt),
            _ => {}
        }
        self.next.event(event);
    }

    fn confirm(&self, question: Question<'_>) -> Result<(), Failure> {
        self.next.confirm(question)
    }

    fn stop_switch(&self, stop: watch::Sender<bool>) {
        self.next.stop_switch(stop);
    }
}

/// The log at `path`, which ends with a complete line; `None` if it is another file, such as the key or an issue.
fn open(path: &Path) -> io::Result<Option<File>> {
    let is_whole = match std::fs::metadata(path) {
        Ok(file) if file.is_file() && file.len() > 0 => {
            let mut known = File::open(path)?;
            let mut begin = [0; BEGIN.len()];
            if known.read_exact(&mut begin).is_err() || begin != *BEGIN {
                return Ok(None);
            }
            let mut end = [0];
            known.seek(SeekFrom::End(-1))?;
            known.read_exact(&mut end)?;
            end == *b"\n"
        }
        _ => true,
    };
    let file = open_to_append(path)?;
    if !is_whole {
        // A full disk has cut the last line.
        append(&file, b"\n")?;
    }
    Ok(Some(file))
}

/// Opens or creates the file at `path`, which other users cannot read. A pipe without a reader is an error instead of a
/// wait without end.
fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    let opened = options
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == Errno::NXIO.raw_os_error() => {
            io::Error::other("no program reads this pipe or socket; start that program first")
        }
        _ => error,
    })?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        fs::inherit_owner(&file, path);
        fs::make_private(path)?;
    } else if !kind.is_fifo() && !kind.is_char_device() {
        return Err(io::Error::other("it is neither a file nor a pipe"));
    }
    // A full pipe delays the send; without this, the line would be lost.
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Writes a line with one call, so that lines of several processes in one file are not mixed.
fn append(mut file: &File, line: &[u8]) -> io::Result<()> {
    match file.write(line)? {
        written if written == line.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

/// A line of the log.
#[derive(Serialize)]
struct LogRecord<'a> {
    time: String,
    issue: &'a str,
    delivery: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_hash: Option<String>,
    outcome: &'static str,
    attempt: u32,
    reply_code: Option<u16>,
    enhanced_status: Option<String>,
    diagnostic: String,
    relay: &'a str,
    duration_ms: Option<u64>,
}

impl<'a> LogRecord<'a> {
    /// The record of an attempt. With a key, it has the keyed hash of the address instead of the address.
    fn new(issue: &'a str, attempt: &Attempt<'a>, key: Option<&Key>) -> Self {
        let address = &attempt.recipient.address;
        let diagnostic = attempt.outcome.diagnostic();
        let status = diagnostic.enhanced_status;
        Self {
            time: timestamp::format(clock::now().unwrap_or_default().as_second()),
            issue,
            delivery: attempt.delivery,
            address: key.is_none().then_some(address.as_str()),
            address_hash: key.map(|key| key.code("log", &[&address.key()])),
            outcome: attempt.outcome.name(),
            attempt: attempt.number,
            reply_code: diagnostic.reply_code,
            enhanced_status: status.map(|status| status.to_string()),
            diagnostic: match key {
                Some(_) => without_address(diagnostic.text, address),
                None => diagnostic.text,
            },
            relay: attempt.relay,
            duration_ms: attempt.duration.map(|time| time.as_millis() as u64),
        }
    }
}

/// The text with `ADDRESS` instead of the address, in upper or lower case: many relays quote the recipient.
fn without_address(mut text: String, address: &Address) -> String {
    for written in [address.as_str(), &address.for_envelope()] {
        while let Some(at) = find(&text, written) {
            text.replace_range(at..at + written.len(), "ADDRESS");
        }
    }
    text
}

/// Where `address` begins in the text, in upper or lower case.
fn find(text: &str, address: &str) -> Option<usize> {
    let is_here = |at: &usize| {
        let here = text.get(*at..*at + address.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(address))
    };
    (0..text.len()).find(is_here)
}
