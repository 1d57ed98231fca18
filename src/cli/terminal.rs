//! Output: data to stdout, messages to stderr, colour on terminals.
//!
//! A send does not stop because of its output. What cannot be written is dropped: a closed pipe (`franking status | head -1`) is
//! not an error, and any other error is reported once and decides the exit code.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anstream::AutoStream;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diag::{Finding, Findings, Severity, counted, draw};
use crate::util::{clock, escape, stdout, timestamp};
use crate::workspace::{Failure, Warned, Warning};

/// Writes data to stdout.
pub fn data(text: &str) {
    printed(stdout::write(escape::printed(text).as_bytes()));
}

/// Reports that data could not be written to stdout.
pub fn printed(written: std::io::Result<()>) {
    if let Err(error) = written {
        report(&Failure::io("cannot write to standard output", &error));
    }
}

/// Data of any length, written page by page.
#[derive(Debug, Default)]
pub struct Pages(String);

/// How much is written at once, in bytes.
const PAGE: usize = 64 << 10;

impl Pages {
    /// Adds to what is written.
    pub fn push(&mut self, text: &str) {
        self.0.push_str(text);
        if self.0.len() >= PAGE {
            data(&std::mem::take(&mut self.0));
        }
    }

    /// Writes what is left.
    pub fn end(self) {
        data(&self.0);
    }
}

/// How much is written to stderr.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Verbosity {
    /// Print only errors, and warnings that need action.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every outcome with the relay's reply.
    #[arg(short, long, global = true)]
    verbose: bool,
}

/// Set once, before the command begins.
static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

/// Sets how much this process writes.
pub fn set_verbosity(verbosity: Verbosity) {
    let _ = VERBOSITY.set(verbosity);
}

/// Whether only errors and warnings are written.
pub fn is_quiet() -> bool {
    VERBOSITY.get().is_some_and(|verbosity| verbosity.quiet)
}

/// Whether every outcome is written.
pub fn is_verbose() -> bool {
    VERBOSITY.get().is_some_and(|verbosity| verbosity.verbose)
}

/// Writes a message to stderr, without colour, unless `--quiet` is given.
pub fn say(line: &str) {
    if !is_quiet() {
        write(line);
    }
}

/// Writes a message to stderr in any case.
pub fn write(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{}", escape::printed(line));
}

/// As [`say`], with colours. Text from outside must be escaped for a terminal.
fn say_coloured(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{}", escape::coloured(line));
}

/// The newsletter's directory, if it is not the current one.
static BASE: OnceLock<PathBuf> = OnceLock::new();

/// Sets the newsletter's directory, to which the paths in findings are relative.
pub fn set_base(directory: &Path) {
    let directory = directory.strip_prefix(".").unwrap_or(directory);
    let _ = BASE.set(directory.to_owned());
}

fn base() -> &'static Path {
    BASE.get().map_or(Path::new(""), PathBuf::as_path)
}

/// Writes the errors and warnings, in the order of the files; notes wait for [`notes`].
pub fn findings(findings: &Findings) {
    let colour = has_colour();
    for finding in findings.sorted() {
        let drawn = draw(finding, base(), colour);
        match finding.severity {
            Severity::Note => note(drawn),
            Severity::Error | Severity::Warning => say_coloured(&drawn),
        }
    }
}

/// The notes that are not written yet.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps a note for the end. A command that compiles several issues may find the same note in each.
fn note(drawn: String) {
    if is_quiet() {
        return;
    }
    let mut notes = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    if !notes.contains(&drawn) {
        notes.push(drawn);
    }
}

/// Writes the notes, each once, after all other messages.
pub fn notes() {
    let notes = std::mem::take(&mut *NOTES.lock().unwrap_or_else(PoisonError::into_inner));
    for note in notes {
        say_coloured(&note);
    }
}

/// Writes one finding.
pub fn finding(finding: &Finding) {
    say_coloured(&draw(finding, base(), has_colour()));
}

/// Writes a failure: its findings, then message, causes and hint.
pub fn report(failure: &Failure) {
    failure.findings().into_iter().for_each(findings);
    self::failure(failure.message(), failure.causes(), failure.advice());
}

/// `error: …`, then `caused by: …` for each cause, then `hint: …`.
pub fn failure(message: &str, causes: &[String], hint: Option<&str>) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let message = escape::terminal(message);
    say_coloured(&format!("{red}error{red:#}: {message}"));
    for cause in causes {
        write(&format!("caused by: {}", escape::terminal(cause)));
    }
    hint.into_iter().for_each(self::hint);
}

/// Writes `hint: …`.
pub fn hint(hint: &str) {
    let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
    let hint = escape::terminal(hint);
    say_coloured(&format!("{cyan}hint{cyan:#}: {hint}"));
}

/// Writes a warning without a location.
pub fn warning(message: &str) {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let message = escape::terminal(message);
    say_coloured(&format!("{yellow}warning{yellow:#}: {message}"));
}

/// Writes the warnings of a result as [`warn_once`] does, and returns its value.
pub fn warned<T>(warned: Warned<T>) -> T {
    warned.warnings.iter().for_each(warn_once);
    warned.value
}

/// Writes a warning, once in the life of the process.
pub fn warn_once(warning: &Warning) {
    static WRITTEN: Mutex<Vec<Warning>> = Mutex::new(Vec::new());
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !written.contains(warning) {
        self::warning(&warning.message);
        warning.hint.as_deref().into_iter().for_each(hint);
        written.push(warning.clone());
    }
}

fn has_colour() -> bool {
    AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// Whether questions can be asked: standard input and standard error are terminals.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question and returns the trimmed answer; `None` at the end of the input.
pub fn ask(question: &str) -> Option<String> {
    let mut stderr = anstream::stderr().lock();
    let _ = write!(stderr, "{}", escape::printed(question));
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).ok()?;
    (read > 0).then(|| answer.trim().to_owned())
}

/// The progress of a run: a bar on terminals, otherwise lines with the time and the issue, for logs.
#[derive(Default)]
pub struct SendProgress {
    bar: Option<ProgressBar>,
    issue: String,
    total: u64,
    done: AtomicU64,
}

impl SendProgress {
    /// Begins at 0 of `total`.
    pub fn begin(issue: &str, total: u64) -> Self {
        let has_bar = std::io::stderr().is_terminal() && !is_quiet();
        let progress = Self {
            bar: has_bar.then(|| bar(total)),
            issue: issue.to_owned(),
            total,
            done: AtomicU64::new(0),
        };
        progress.log(|| format!("{} to try", counted(total as usize, "message")));
        progress
    }

    /// Counts one more. Without a bar, each tenth part has a line, and at least fifty messages.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if done.is_multiple_of(self.total.div_ceil(10).max(50)) => {
                self.log(|| format!("{done} of {} tried", self.total));
            }
            None => {}
        }
    }

    /// Writes a line that a bar makes needless.
    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.bar.is_none() && !is_quiet() {
            self.line(&line());
        }
    }

    /// Writes a line above the bar, or with the time and the issue.
    pub fn line(&self, line: &str) {
        let Some(bar) = &self.bar else {
            let now = clock::now().unwrap_or_default().as_second();
            return write(&format!(
                "{} {}: {line}",
                timestamp::format(now),
                self.issue
            ));
        };
        bar.suspend(|| write(line));
    }

    /// Writes something else above the bar.
    pub fn above(&self, write: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The progress of a command that reads files: a bar on terminals, otherwise nothing.
pub struct ReadingProgress(Option<ProgressBar>);

impl ReadingProgress {
    /// Begins with nothing read.
    pub fn begin() -> Self {
        let has_bar = std::io::stderr().is_terminal() && !is_quiet();
        Self(has_bar.then(|| styled(0, "{bar:30} line {human_pos} of {human_len}, {eta} left")))
    }

    /// Shows that `line` of about `of` lines were read.
    pub fn show(&self, line: u64, of: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(of.max(line));
            bar.set_position(line);
        }
    }

    /// Replaces the bar by a word about what follows the reading.
    pub fn work(&self, word: &'static str) {
        if let Some(bar) = &self.0 {
            bar.set_style(style("{spinner} {msg}"));
            bar.set_message(word);
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Removes the bar.
    pub fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    styled(total, "{bar:30} {pos}/{len}, {eta} left")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn styled(total: u64, template: &str) -> ProgressBar {
    let target = ProgressDrawTarget::stderr();
    ProgressBar::with_draw_target(Some(total), target).with_style(style(template))
}
