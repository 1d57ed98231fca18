//! The newsletter directory: its files, the state beside them, and the errors of using them.
//!
//! Methods return findings, warnings and errors; nothing here prints.

mod build;
mod conversions;
mod dkim_key;
mod earlier_tokens;
mod failure;
mod former_ledger;
mod key;
mod ledger;
mod load;
mod lock;
mod move_ledger;
pub mod starter;
mod stored_list;
mod suppression_key;
mod systemd;
mod token_keys;

pub use build::{Built, build, find_subscriber, write_parts};
pub use dkim_key::{DkimKeyOptions, NewDkimKey};
pub use failure::{Failure, FailureKind, Warned, Warning};
pub use former_ledger::FormerLedger;
pub use ledger::LedgerPolicy;
pub use load::{Compiled, Sources, compile, each_issue, issue, issues, read};
pub use move_ledger::{MovedLedger, parse_store};
pub use starter::or_samples;
pub use systemd::{
    SystemdUnits, UnitFile, UnitOptions, parse_unit, parse_unit_name, parse_user_name,
};

use std::iter;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::diag::{Findings, nearest};
use crate::newsletter::config::{FILE, StoreUrl};
use crate::newsletter::issue as issue_file;
use crate::store::Store;
use crate::subscriber::{Address, Census};
use crate::util::{clock, escape, fs};

/// A newsletter directory at one moment.
///
/// # Examples
///
/// ```
/// let workspace = franking::Workspace::open(".")?;
/// let sources = workspace.load()?;
/// assert_eq!(sources.newsletter.template, "institute");
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The directory with `newsletter.toml`.
    pub directory: PathBuf,
    /// The moment that counts as now.
    pub now: Timestamp,
}

/// An issue without errors, and the list against which it was checked.
#[derive(Debug)]
pub struct Checked {
    /// The issue.
    pub compiled: Compiled,
    /// The list.
    pub census: Census,
    /// Warnings and notes about both.
    pub findings: Findings,
}

impl Workspace {
    /// Opens the newsletter in `directory` at the current time.
    ///
    /// # Errors
    /// When the directory has no `newsletter.toml`, or `FRANKING_NOW` is not a timestamp.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, Failure> {
        let workspace = Self {
            directory: directory.into(),
            now: now()?,
        };
        workspace.require_newsletter()?;
        Ok(workspace)
    }

    /// Finds the newsletter of the current directory: the nearest directory with a `newsletter.toml`, from the current
    /// one up to the root of the file system. Its path is relative, so that messages name files as an editor opens them.
    ///
    /// # Errors
    /// When there is none, another user owns it, or `FRANKING_NOW` is not a timestamp.
    pub fn discover() -> Result<Self, Failure> {
        let start = std::env::current_dir()
            .map_err(|error| Failure::io("the current directory cannot be read", &error))?;
        let Some(depth) = start.ancestors().position(|path| path.join(FILE).exists()) else {
            let message = format!(
                "no newsletter.toml in `{}` or its parent directories",
                display_path(&start)
            );
            return Err(Failure::new(FailureKind::Usage, message).hint(CREATE_OR_SELECT));
        };
        let directory = match depth {
            0 => PathBuf::from("."),
            depth => iter::repeat_n("..", depth).collect(),
        };
        if depth > 0 {
            require_same_owner(&directory, &start)?;
        }
        Self::open(directory)
    }

    /// The directory, if it has a `newsletter.toml`.
    ///
    /// # Errors
    /// When it has none.
    pub fn require_newsletter(&self) -> Result<&Path, Failure> {
        if self.directory.join(FILE).exists() {
            return Ok(&self.directory);
        }
        let directory = escape::terminal(&self.directory.to_string_lossy());
        let message =
            format!("`{directory}` is not a newsletter directory: it has no newsletter.toml");
        Err(Failure::new(FailureKind::Usage, message).hint(CREATE_OR_SELECT))
    }

    /// The directory of the state, which is kept out of version control.
    pub fn state(&self) -> PathBuf {
        let directory = self.directory.strip_prefix(".").unwrap_or(&self.directory);
        directory.join(".franking")
    }

    /// The directory of test messages while there is no relay.
    pub fn test_outbox(&self) -> PathBuf {
        self.outbox("test")
    }

    /// The directory of an issue's messages while there is no relay.
    pub fn outbox(&self, issue: &str) -> PathBuf {
        self.state().join("outbox").join(issue)
    }

    /// Reads the settings and finds the list.
    ///
    /// # Errors
    /// When the settings have errors; its findings are those of the settings and of the list.
    pub fn load(&self) -> Result<Sources, Failure> {
        read(self.require_newsletter()?).map_err(|mut gaps| {
            gaps.list.read().end(&mut gaps.findings);
            Failure::of_findings(&gaps.findings)
        })
    }

    /// As [`Workspace::load`], for a command that must know where the list is.
    ///
    /// # Errors
    /// As [`Workspace::load`], and when the settings have any error.
    pub fn load_for_list(&self) -> Result<Sources, Failure> {
        let sources = self.load()?;
        match sources.findings.has_errors() {
            true => Err(Failure::of_findings(&sources.findings)),
            false => Ok(sources),
        }
    }

    /// As [`Workspace::load`], for a command that needs only the ledger. If the settings have errors and may not name
    /// another ledger, the default one is used, provided that it is the one of the last run.
    ///
    /// # Errors
    /// As [`Workspace::load`], and when the ledger cannot be read.
    pub fn load_for_ledger(&self) -> Result<Warned<Sources>, Failure> {
        let Err(gaps) = read(self.require_newsletter()?) else {
            return self.load().map(Warned::none);
        };
        if !self.has_default_ledger()? {
            return self.load().map(Warned::none);
        }
        let mut sources = *gaps;
        sources.newsletter.store = StoreUrl::default_file();
        Ok(Warned {
            warnings: vec![unreadable_settings(&sources.findings)],
            value: sources,
        })
    }

    fn has_default_ledger(&self) -> Result<bool, Failure> {
        if self.may_name_ledger() {
            return Ok(false);
        }
        match Store::existing_to_read(&StoreUrl::default_file(), &self.directory)? {
            Some(store) => Ok(self.mismatch(Some(&store))?.is_none()),
            None => Ok(false),
        }
    }

    /// Whether `newsletter.toml`, however broken, may name a ledger: a line begins with the key or table `store`.
    fn may_name_ledger(&self) -> bool {
        let Ok(bytes) = std::fs::read(self.directory.join(FILE)) else {
            return true;
        };
        // In UTF-16, every second octet of ASCII text is 0.
        let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        text.split(['\n', '\r']).any(|line| {
            let word = line.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            word.starts_with("store") || line.replace([' ', '\t'], "").contains("[store]")
        })
    }

    /// Reads the settings and finds the list, for a command that reports errors and does nothing else.
    ///
    /// # Errors
    /// When the directory has no `newsletter.toml`.
    pub fn load_to_check(&self) -> Result<Sources, Failure> {
        let directory = self.require_newsletter()?;
        let mut sources = read(directory).unwrap_or_else(|gaps| *gaps);
        let unused = load::unused_list(directory, &sources.newsletter);
        unused
            .into_iter()
            .for_each(|finding| sources.findings.push(finding));
        Ok(sources)
    }

    /// Compiles an issue and checks it against the list.
    ///
    /// # Errors
    /// When the issue, its template, the settings or the list have errors.
    pub fn compile(&self, sources: &Sources, name: &str) -> Result<Checked, Failure> {
        let mut findings = sources.findings.clone();
        let (compiled, census) = issue(&self.directory, sources, name, &mut findings);
        findings.allow(|code| sources.newsletter.allow.contains_key(code));
        match compiled {
            Some(compiled) if !findings.has_errors() => Ok(Checked {
                compiled,
                census,
                findings,
            }),
            _ => Err(Failure::of_findings(&findings)),
        }
    }

    /// The name of an issue that is given by its name or its file.
    ///
    /// # Errors
    /// When there is no such issue; the hint suggests another one.
    pub fn issue_name(&self, given: &str) -> Result<String, Failure> {
        let name = stem(given);
        let known = issue_file::names(&self.directory);
        if known.contains(&name) {
            return Ok(name);
        }
        let failure = Failure::new(FailureKind::Usage, format!("there is no issue `{name}`"));
        let near = nearest(&name, known.iter().map(String::as_str));
        Err(failure.hint(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                "there are no issues yet; create one with `franking new NAME`".to_owned()
            }
            None => format!("the issues are: {}", known.join(", ")),
        }))
    }

    /// As [`Workspace::issue_name`]; also finds a campaign whose issue's file is gone, because its edition is frozen.
    ///
    /// # Errors
    /// When there is neither an issue nor a campaign, or the ledger cannot be read.
    pub fn issue_or_campaign_name(
        &self,
        given: &str,
        sources: &Sources,
    ) -> Result<String, Failure> {
        let failure = match self.issue_name(given) {
            Ok(name) => return Ok(name),
            Err(failure) => failure,
        };
        let known = match self.existing_store(sources)? {
            Some(store) => store.send_of(given)?,
            None => None,
        };
        known.map(|send| send.issue).ok_or(failure)
    }
}

const CREATE_OR_SELECT: &str = "create one with `franking init DIR`, or select one with `-C DIR`";

/// Refuses a newsletter above `start` that another user owns, such as one in `/tmp`: its settings name programs that
/// would run as the current user. Git has the same rule (CVE-2022-24765).
fn require_same_owner(directory: &Path, start: &Path) -> Result<(), Failure> {
    let owner = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.uid());
    let Ok(found) = owner(&directory.join(FILE)) else {
        return Ok(());
    };
    if found == 0 || owner(start).is_ok_and(|own| own == found) {
        return Ok(());
    }
    let file = display_path(&directory.join(FILE));
    let message = format!("`{file}` belongs to another user than the current directory");
    let hint = format!(
        "if you trust it, select it with `-C {}`",
        directory.display()
    );
    Err(Failure::new(FailureKind::Usage, message).hint(hint))
}

/// The current time, or the value of `FRANKING_NOW`.
///
/// # Errors
/// When `FRANKING_NOW` is not a timestamp.
pub fn now() -> Result<Timestamp, Failure> {
    clock::now().map_err(|error| {
        Failure::new(FailureKind::Usage, "`FRANKING_NOW` is not a timestamp").hint(error)
    })
}

fn stem(given: &str) -> String {
    let path = Path::new(given);
    let name = match path.extension() {
        Some(extension) if extension == "toml" => path.file_stem(),
        _ => path.file_name(),
    };
    let name = name.and_then(|name| name.to_str());
    name.unwrap_or(given).to_owned()
}

fn unreadable_settings(findings: &Findings) -> Warning {
    let error = findings.first_error().map(|error| match &error.place {
        Some(place) => format!("{place}: {}", error.message),
        None => error.message.clone(),
    });
    Warning {
        message: format!(
            "newsletter.toml cannot be read; using the default ledger, `.franking/store.db`: {}",
            error.unwrap_or_default()
        ),
        hint: Some("`franking check` shows the errors in newsletter.toml".to_owned()),
    }
}

/// Parses an address from a command line.
///
/// # Errors
/// When it is not an e-mail address.
pub fn parse_address(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("`{text}` is not an e-mail address"),
        )
        .caused_by(&error)
    })
}

/// A path as a person would write it in the current directory: `.franking/outbox`, not `./.franking/outbox`.
pub fn display_path(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape::terminal(&fs::shortest(path).to_string_lossy())
}

/// Creates a directory that only its owner can read.
///
/// # Errors
/// When it cannot be created.
pub fn create_private_directory(path: &Path) -> Result<(), Failure> {
    fs::create_directories(path, 0o700).map_err(|error| {
        let what = format!("the directory `{}` cannot be created", display_path(path));
        Failure::io(what, &error)
    })
}
