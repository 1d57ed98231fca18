//! How a command ends: its code, and what it says when it could not do its work.

use std::error::Error;
use std::process::ExitCode;

use crate::cli::terminal;
use crate::delivery::TransportError;
use crate::store::StoreError;
use crate::subscriber::Changed;
use crate::util::system;

/// The exit codes; those from 65 on are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// The work is done.
    Done = 0,
    /// There are findings, or uncertain deliveries that need a person.
    Findings = 1,
    /// The command or the set-up is wrong.
    Usage = 2,
    /// The ledger is damaged, gone, or not the one of the last run.
    Damaged = 65,
    /// The relay refuses us, or everybody: nothing more is sent.
    Refused = 69,
    /// Another send holds the lock.
    Locked = 73,
    /// The ledger cannot be read or written.
    NotWritable = 74,
    /// Work is left: the same command resumes. A campaign that is paused or held needs `franking resume` first.
    WorkLeft = 75,
    /// Somebody stopped it.
    Interrupted = 130,
}

/// The codes as `--help` lists them; the README has the same table.
pub(super) const CODES: &str = "\
Exit codes:
  0    done; a finished campaign, refused addresses included
  1    findings, or uncertain deliveries that need a person
  2    the command or a setting is wrong
  65   the ledger is damaged, missing, or not the one of the last run; or the key is lost
  69   the relay refuses to send for this sender, or refuses all recipients
  73   another process holds the lock
  74   the ledger cannot be written
  75   work is left, or the campaign is paused or held
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a command says when it could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    /// The code.
    pub(super) exit: Exit,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// Something that the system could not do with a file.
    pub(super) fn io(what: impl Into<String>, error: &std::io::Error) -> Self {
        Self::new(Exit::Usage, what).caused_by(error)
    }

    /// Adds `error` and what it was caused by.
    pub(super) fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(match error.downcast_ref() {
                Some(error) => system::words(error),
                None => system::without_number(&error.to_string()),
            });
            next = error.source();
        }
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// What is wrong and what caused it, in one line.
    pub(super) fn line(&self) -> String {
        let causes = self.causes.iter().map(|cause| format!(": {cause}"));
        format!("{}{}", self.message, causes.collect::<String>())
    }

    /// What to do about it.
    pub(super) fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(super) fn print(&self) {
        terminal::failure(&self.message, &self.causes, self.hint.as_deref());
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let exit = match error {
            TransportError::Unreachable(_) | TransportError::Busy(_) => Exit::WorkLeft,
            TransportError::Refused(_) => Exit::Refused,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let (exit, hint) = what_to_do(error);
        let failure = Self::new(exit, error.to_string()).hint(hint);
        match std::error::Error::source(error) {
            Some(cause) => failure.caused_by(cause),
            None => failure,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

/// What its operator does about a list that was changed while it was read.
const LIST_CHANGED: &str = "nothing was sent; the same command reads it again";

impl From<Changed> for Failure {
    fn from(changed: Changed) -> Self {
        Self::new(Exit::WorkLeft, changed.to_string()).hint(LIST_CHANGED)
    }
}

/// The exit code of a fault of the store, and what its operator has to do.
fn what_to_do(error: &StoreError) -> (Exit, &'static str) {
    match error {
        StoreError::Damaged(..) => (
            Exit::Damaged,
            "nothing was sent; restore the ledger from a backup. `franking send` with `--new-ledger` keeps a damaged file under \
             another name and begins a new ledger, and issues that were sent can be sent again",
        ),
        StoreError::NotWritable(..) => (
            Exit::NotWritable,
            "nothing leaves without a ledger; make room or fix the permissions, then run the same command again",
        ),
        StoreError::NotReadable(..) => (
            Exit::NotWritable,
            "what it knows is unknown; run the command as the user who sends, or correct the permissions",
        ),
        StoreError::Marker(..) | StoreError::MarkerDamaged(..) => (
            Exit::NotWritable,
            "nothing was sent; restore it from a backup, or correct the permissions",
        ),
        StoreError::Vanished(..) => (
            Exit::NotWritable,
            "sending stopped; put the ledger back that was there, or its latest backup, before the next run. \
             Messages that left since the last commit are not in it: compare it with the relay's log",
        ),
        StoreError::Newer(..) => (Exit::Usage, "use the version that wrote it, or a newer one"),
        StoreError::OutOfReach(..) => (
            Exit::NotWritable,
            "nothing leaves without a ledger; when the server is back, run the same command again",
        ),
        StoreError::NotAdmitted(..) => (
            Exit::Usage,
            "look at `[store]` `url` in newsletter.toml; the password is in it or in `PGPASSWORD`",
        ),
        StoreError::NoDatabase(..) => (
            Exit::Usage,
            "make it with `createdb`, or correct `[store]` `url` in newsletter.toml",
        ),
        StoreError::Moved(..) => (
            Exit::Usage,
            "write the new place into newsletter.toml, as `[store]` `url`; this one is no more than a backup",
        ),
        StoreError::NotEmpty(..) => (
            Exit::Usage,
            "nothing was moved; name a new file, or a database of its own",
        ),
        StoreError::InUse(..) => (
            Exit::Locked,
            "nothing was moved; wait until it has ended, or a minute behind one that was killed",
        ),
        StoreError::OtherKey(..) => (
            Exit::Damaged,
            "restore `.franking/key` from a backup, or copy it from a machine that has sent before; \
             `franking send` with `--new-key` accepts another one, and unsubscribe links in mailed messages stop working",
        ),
        StoreError::ListChanged(..) => (Exit::WorkLeft, LIST_CHANGED),
        StoreError::OldServer(..) => (
            Exit::Usage,
            "use a newer server, or a file: `sqlite:.franking/store.db`",
        ),
        StoreError::Replaced => (
            Exit::WorkLeft,
            "what it had in hand is `uncertain` where it may have been sent; the same command continues",
        ),
        _ => (
            Exit::NotWritable,
            "what the ledger knows so far: `franking status`",
        ),
    }
}
