//! The relay's password: where it is found, and a type that does not print it.
//!
//! It is never an argument (every user of the machine can read those) and never a value in
//! `newsletter.toml` (that file is under version control).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret, SecretString};

/// Where the password is found. A systemd credential named `smtp-password`, or `smtp-password-HOST` for a relay
/// beside the first, comes before both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// The first line that a command writes; the command's words, run without a shell.
    Command(Vec<String>),
    /// The first line of a file that nobody else can read.
    File(PathBuf),
    /// The credential alone.
    Credential,
}

/// The credential's name in a systemd unit: `LoadCredential=smtp-password:/etc/…`.
const CREDENTIAL: &str = "smtp-password";

/// A password. Its `Debug` shows none of it.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl From<String> for Password {
    fn from(password: String) -> Self {
        Self(SecretString::from(password))
    }
}

impl Password {
    /// The password itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Why there is no password.
#[derive(Debug)]
pub enum SecretError {
    /// Neither a credential nor a key of `[smtp]` says where it is.
    Nowhere,
    /// The file cannot be read.
    File(PathBuf, std::io::Error),
    /// Others can read the file.
    Exposed(PathBuf, u32),
    /// The command cannot be run.
    Command(String, std::io::Error),
    /// The command ended with a fault.
    Failed(String, std::process::ExitStatus),
    /// There is nothing in it.
    Empty(String),
}

impl std::fmt::Display for SecretError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere => write!(
                f,
                "`user` is set, but neither `password_command`, `password_file` nor a systemd credential `{CREDENTIAL}`"
            ),
            Self::File(path, _) => {
                write!(f, "the password file `{}` cannot be read", path.display())
            }
            Self::Exposed(path, mode) => write!(
                f,
                "the password file `{}` can be read by others (mode {mode:04o}); `chmod 600` it",
                path.display()
            ),
            Self::Command(program, _) => {
                write!(f, "the password command `{program}` cannot be run")
            }
            Self::Failed(program, status) => {
                write!(f, "the password command `{program}` ended with {status}")
            }
            Self::Empty(origin) => write!(f, "there is no password in {origin}"),
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
    /// Fetches the password of the relay at `host`; relative paths count from `folder`. The first of several
    /// relays, or the only one, needs no host in its credential's name.
    ///
    /// # Errors
    /// Where it should be and is not.
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
            Self::Command(words) => from_command(words, folder),
        }
    }
}

fn from_file(path: &Path) -> Result<Password, SecretError> {
    let text = std::fs::read_to_string(path).map_err(|e| SecretError::File(path.to_owned(), e))?;
    first_line(&text, &format!("`{}`", path.display()))
}

fn refuse_exposed(path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|e| SecretError::File(path.to_owned(), e))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(SecretError::Exposed(path.to_owned(), mode))
}

fn from_command(words: &[String], folder: &Path) -> Result<Password, SecretError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(SecretError::Nowhere);
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| SecretError::Command(program.clone(), error))?;
    if !output.status.success() {
        return Err(SecretError::Failed(program.clone(), output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    first_line(&text, &format!("what `{program}` wrote"))
}

fn first_line(text: &str, origin: &str) -> Result<Password, SecretError> {
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Password::from(line.to_owned())),
        None => Err(SecretError::Empty(origin.to_owned())),
    }
}
