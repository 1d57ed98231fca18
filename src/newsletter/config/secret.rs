//! The relay's password: its source, and a type that does not print it.
//!
//! It is never an argument, which every user of the machine can read, and never a value in `newsletter.toml`, which is
//! under version control.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::diag::Finding;
use crate::util::escape;

/// The source of the password. A systemd credential named `smtp-password` has precedence; for relays after the first
/// its name is `smtp-password-HOST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// The first line of a command's output; the command runs without a shell.
    Command(Vec<String>),
    /// The first line of a file that only its owner can read.
    File(PathBuf),
    /// The systemd credential.
    Credential,
}

/// The name of the credential in a systemd unit: `LoadCredential=smtp-password:/etc/…`.
const CREDENTIAL: &str = "smtp-password";

/// The time limit of a password command. A command that prompts takes seconds; one that waits for a missing terminal
/// never ends.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The interval between checks whether the command has ended.
const POLL: Duration = Duration::from_millis(10);

/// A password. Its `Debug` output does not contain it.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl From<String> for Password {
    fn from(password: String) -> Self {
        Self(SecretString::from(password))
    }
}

impl Password {
    /// The password in plain text, for the authentication exchange.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The reason why there is no password.
#[derive(Debug)]
pub enum SecretError {
    /// Neither a credential nor a key of `[smtp]` provides it.
    Nowhere,
    /// The file cannot be read.
    File(PathBuf, std::io::Error),
    /// Other users can read the file.
    Exposed(PathBuf, u32),
    /// The command cannot be run.
    Command(String, std::io::Error),
    /// The command did not end in time.
    Late(String, Duration),
    /// The command failed.
    Failed(String, std::process::ExitStatus),
    /// The source is empty.
    Empty(String),
}

impl std::fmt::Display for SecretError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere => write!(
                f,
                "`user` is set, but neither `password_command`, `password_file` nor a systemd credential `{CREDENTIAL}` is"
            ),
            Self::File(path, _) => {
                write!(f, "the password file `{}` cannot be read", shown(path))
            }
            Self::Exposed(path, mode) => write!(
                f,
                "the password file `{}` is refused because other users can read it (mode {mode:04o})",
                shown(path)
            ),
            Self::Command(program, _) => {
                write!(f, "the password command `{program}` cannot be run")
            }
            Self::Late(program, limit) => write!(
                f,
                "the password command `{program}` did not end within {} seconds and was stopped",
                limit.as_secs()
            ),
            Self::Failed(program, status) => {
                write!(f, "the password command `{program}` ended with {status}")
            }
            Self::Empty(origin) => write!(f, "{origin} contains no password"),
        }
    }
}

/// A path as messages show it: `smtp-password`, not `./smtp-password`.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape::terminal(&path.to_string_lossy())
}

impl SecretError {
    /// What to do about it, if the message does not show it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exposed(path, _) => Some(format!("run `chmod 600 {}`", shown(path))),
            _ => None,
        }
    }
}

impl std::error::Error for SecretError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, error) | Self::Command(_, error) => Some(error),
            _ => None,
        }
    }
}

impl PasswordSource {
    /// Fetches the password of the relay at `host`; relative paths are relative to `folder`. `host` is `None` for the
    /// first relay, whose credential has no host in its name.
    ///
    /// # Errors
    /// The reason why there is no password.
    pub fn fetch(&self, folder: &Path, host: Option<&str>) -> Result<Password, SecretError> {
        if let Some(directory) = std::env::var_os("CREDENTIALS_DIRECTORY") {
            let host = host.map(|host| format!("-{host}")).unwrap_or_default();
            let path = Path::new(&directory).join(format!("{CREDENTIAL}{host}"));
            if path.exists() {
                return from_file(&path);
            }
        }
        match self {
            Self::Credential => Err(SecretError::Nowhere),
            Self::File(path) => {
                let path = folder.join(path);
                refuse_exposed(&path)?;
                from_file(&path)
            }
            Self::Command(words) => from_command(words, folder, COMMAND_LIMIT),
        }
    }
}

fn from_file(path: &Path) -> Result<Password, SecretError> {
    let text = std::fs::read_to_string(path).map_err(|e| SecretError::File(path.to_owned(), e))?;
    first_line(&text, &format!("`{}`", shown(path)))
}

fn refuse_exposed(path: &Path) -> Result<(), SecretError> {
    match exposed_mode(path) {
        Ok(None) => Ok(()),
        Ok(Some(mode)) => Err(SecretError::Exposed(path.to_owned(), mode)),
        Err(error) => Err(SecretError::File(path.to_owned(), error)),
    }
}

/// The mode of a file that other users can read.
fn exposed_mode(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// The warning about a password file that other users can read. A missing file is normal on a machine that does not send.
pub(super) fn exposed_finding(path: &Path, name: &str) -> Option<Finding> {
    let mode = exposed_mode(path).ok().flatten()?;
    let name = escape::terminal(name);
    let message = format!("other users can read the password file `{name}` (mode {mode:04o})");
    let hint = "`send` refuses it until `chmod 600` is run on it: anyone with the password can send mail in your name";
    Some(Finding::warning("exposed-password-file", message).hint(hint))
}

fn from_command(words: &[String], folder: &Path, limit: Duration) -> Result<Password, SecretError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(SecretError::Nowhere);
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let ended = command
        .spawn()
        .and_then(|child| output_within(child, limit))
        .map_err(|error| SecretError::Command(program.clone(), error))?;
    let Some((written, status)) = ended else {
        return Err(SecretError::Late(program.clone(), limit));
    };
    if !status.success() {
        return Err(SecretError::Failed(program.clone(), status));
    }
    let text = String::from_utf8_lossy(&written);
    first_line(&text, &format!("the output of `{program}`"))
}

/// The output and exit status of `child`; `None` if it exceeds `limit` and is killed.
fn output_within(mut child: Child, limit: Duration) -> io::Result<Option<(Vec<u8>, ExitStatus)>> {
    let deadline = Instant::now() + limit;
    let (answer, answered) = mpsc::channel();
    if let Some(mut output) = child.stdout.take() {
        // In a thread, because a process that the command started may keep the pipe open after it.
        std::thread::spawn(move || {
            let mut written = Vec::new();
            let read = output.read_to_end(&mut written).map(|_| written);
            let _ = answer.send(read);
        });
    }
    let written = match answered.recv_timeout(limit) {
        Ok(written) => written?,
        Err(_) => return stop(child),
    };
    match status_by(&mut child, deadline)? {
        Some(status) => Ok(Some((written, status))),
        None => stop(child),
    }
}

/// The exit status of `child`; `None` if it has not ended at the `deadline`.
fn status_by(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
}

/// Kills the command only. Killing its process group would also end its children, but a command in a process group of
/// its own could not prompt at the terminal.
fn stop(mut child: Child) -> io::Result<Option<(Vec<u8>, ExitStatus)>> {
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn first_line(text: &str, origin: &str) -> Result<Password, SecretError> {
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Password::from(line.to_owned())),
        None => Err(SecretError::Empty(origin.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched(words: &[&str], limit: Duration) -> Result<Password, SecretError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        from_command(&words, Path::new("."), limit)
    }

    #[test]
    fn a_password_command_that_does_not_end_is_stopped() {
        let limit = Duration::from_millis(50);
        for words in [
            &["sleep", "600"][..],
            &["sh", "-c", "echo secret; exec >&-; exec sleep 600"],
            // A child keeps the pipe open, and ends soon after the command.
            &[
                "sh",
                "-c",
                "while kill -0 $$ 2>&-; do sleep 0.05; done & wait",
            ],
        ] {
            let late = fetched(words, limit);
            assert!(matches!(late, Err(SecretError::Late(..))), "{words:?}");
        }
        let password = fetched(&["echo", "secret"], COMMAND_LIMIT).expect("a password");
        assert_eq!(password.expose(), "secret");
    }
}
