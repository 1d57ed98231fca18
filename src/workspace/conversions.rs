//! Errors of the store, the transport and the list, with their kind and a hint for the operator.

use std::error::Error;

use super::{Failure, FailureKind};
use crate::delivery::TransportError;
use crate::store::StoreError;
use crate::subscriber::Changed;
use crate::util::system::DiskError;

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let kind = match error {
            TransportError::Unreachable(_) | TransportError::Busy(_) => FailureKind::WorkLeft,
            TransportError::Refused(_) => FailureKind::RelayRefused,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        Self::of_store(error, "`[store]` `url` in newsletter.toml")
    }
}

impl Failure {
    /// An error of the target of `franking store migrate`, whose URL is an argument.
    pub(super) fn of_target(error: &StoreError) -> Self {
        Self::of_store(error, "`--to`")
    }

    /// `url` is where the URL of the store was read.
    fn of_store(error: &StoreError, url: &str) -> Self {
        let cause = Error::source(error);
        let (kind, hint) = match cause.and_then(DiskError::of) {
            Some(disk) => (FailureKind::LedgerUnavailable, disk.hint()),
            None => (kind(error), hint(error)),
        };
        let hint = hint.replace("{url}", url);
        let failure = Self::new(kind, error.to_string()).hint(hint);
        match cause {
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

/// What to do about a key of unsubscribe tokens that another machine has.
const OTHER_TOKEN_KEY: &str = "copy it from the machine that ran `franking keys rotate`, or restore it from a backup; if it is lost, \
     `franking send` with `--new-key` uses the keys of this machine, and links in mailed messages still work";

/// What to do about a list that changed while it was read.
const LIST_CHANGED: &str = "nothing was sent; run the same command again";

impl From<Changed> for Failure {
    fn from(changed: Changed) -> Self {
        Self::new(FailureKind::WorkLeft, changed.to_string()).hint(LIST_CHANGED)
    }
}

/// The kind of an error of the store.
fn kind(error: &StoreError) -> FailureKind {
    match error {
        StoreError::Damaged(..)
        | StoreError::OtherKey(..)
        | StoreError::OtherTokenKey(..)
        | StoreError::OtherSuppressionKey(..) => FailureKind::LedgerDamaged,
        StoreError::Newer(..)
        | StoreError::InvalidUrl(..)
        | StoreError::NotAdmitted(..)
        | StoreError::NotTrusted(..)
        | StoreError::NoAuthorities(..)
        | StoreError::NoDatabase(..)
        | StoreError::Moved(..)
        | StoreError::NotEmpty(..)
        | StoreError::OldServer(..) => FailureKind::Usage,
        StoreError::InUse(..) => FailureKind::Locked,
        StoreError::ListChanged(..) | StoreError::Replaced => FailureKind::WorkLeft,
        _ => FailureKind::LedgerUnavailable,
    }
}

/// What the operator has to do about an error of the store. `{url}` is replaced by where its URL was read.
fn hint(error: &StoreError) -> &'static str {
    match error {
        StoreError::Damaged(..) => {
            "nothing was sent; restore the ledger from a backup. `franking send` with `--new-ledger` keeps a damaged file under \
             another name and begins a new ledger, and issues that were sent can be sent again"
        }
        StoreError::NotWritable(..) => {
            "nothing is sent without a ledger; free some space or correct the permissions, then run the same command again"
        }
        StoreError::NotReadable(..) => {
            "run the command as the user who sends, or correct the permissions"
        }
        StoreError::Marker(..) | StoreError::MarkerDamaged(..) => {
            "nothing was sent; restore it from a backup, or correct the permissions"
        }
        StoreError::Vanished(..) => {
            "sending stopped; restore the ledger, or its latest backup, before the next run. \
             Messages that left since the last commit are not in it: compare it with the relay's log"
        }
        StoreError::Newer(..) => "use the version that wrote it, or a newer one",
        StoreError::OutOfReach(..) => {
            "nothing is sent without a ledger; when the server is back, run the same command again"
        }
        StoreError::NotAdmitted(..) => {
            "check the user, host and database in {url}; the password is read from `PGPASSWORD`"
        }
        StoreError::NoDatabase(..) => "create it with `createdb`, or correct {url}",
        StoreError::InvalidUrl(..) => "correct {url}",
        StoreError::NotTrusted(..) => {
            "add `sslrootcert=FILE` to {url}: a PEM file with the certificate of the server's authority"
        }
        StoreError::NoAuthorities(..) => {
            "`sslrootcert` in {url} must name a PEM file with the certificate of the server's authority"
        }
        StoreError::Moved(..) => {
            "write the new store into newsletter.toml, as `[store]` `url`; this one is only a backup"
        }
        StoreError::NotEmpty(..) => "nothing was moved; name a new file or an empty database",
        StoreError::InUse(..) => {
            "nothing was moved; wait until it has ended, or one minute after it was killed"
        }
        StoreError::OtherKey(..) => {
            "restore `.franking/key` from a backup, or copy it from a machine that has sent before; \
             `franking send` with `--new-key` accepts another one, and unsubscribe links that earlier versions mailed may stop working"
        }
        StoreError::OtherSuppressionKey(..) => super::suppression_key::RESTORE,
        StoreError::OtherTokenKey(..) => OTHER_TOKEN_KEY,
        StoreError::ListChanged(..) => LIST_CHANGED,
        StoreError::OldServer(..) => "use a newer server, or a file: `sqlite:.franking/store.db`",
        StoreError::Replaced => {
            "messages that it had in flight may be `uncertain`; the same command continues"
        }
        _ => "`franking status` shows what the ledger has recorded",
    }
}
