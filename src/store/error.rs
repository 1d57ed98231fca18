//! Errors of the store, by what the operator has to do.

use crate::subscriber::Changed;

/// The cause of an error.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of the store. The first text of most variants is the place of the store: its file, or its server and database
/// without the password.
#[derive(Debug)]
pub enum StoreError {
    /// The file is not a ledger, or is damaged.
    Damaged(String, Option<Cause>),
    /// It cannot be written: the disk is full, or permissions are missing.
    NotWritable(String, Cause),
    /// It cannot be read: permissions are missing, or a part of its path is not a directory.
    NotReadable(String, Cause),
    /// The marker of the ledger cannot be read or written.
    Marker(String, Cause),
    /// The file of the marker exists, but does not contain a marker.
    MarkerDamaged(String, Cause),
    /// It was removed or replaced during the run.
    Vanished(String),
    /// The server cannot be reached, or the connection was lost.
    OutOfReach(String, Cause),
    /// A newer version has written it.
    Newer(String, i64),
    /// The server is too old: its version, and the oldest supported one.
    OldServer(String, String, u32),
    /// The URL of a server has an invalid option.
    InvalidUrl(Cause),
    /// The server refuses the connection or the login.
    NotAdmitted(String, Cause),
    /// The authority that issued the server's certificate is not trusted.
    NotTrusted(String, Cause),
    /// The file of `sslrootcert` does not exist or contains no certificate.
    NoAuthorities(String, Cause),
    /// The server has no such database.
    NoDatabase(String, Cause),
    /// Everything in it was moved into another store.
    Moved(String),
    /// The target of a move is not empty.
    NotEmpty(String),
    /// A sender is active, so it cannot be moved.
    InUse(String),
    /// The newsletter's key is not the one that the ledger was used with before.
    OtherKey(String),
    /// The suppression key is not the one that the ledger was used with before.
    OtherSuppressionKey(String),
    /// The key of unsubscribe tokens with this number is missing, or is not the one that the ledger was used with before.
    OtherTokenKey(String, i64),
    /// The issue's campaign exists already.
    AlreadyBegun(String),
    /// The list changed after it was checked; no recipient was frozen.
    ListChanged(Changed),
    /// A delivery was not in a state that the change starts from: a second writer, or a programming error.
    Transition(String),
    /// This sender's lease expired, and others have taken over its deliveries.
    Replaced,
    /// Any other error of the database.
    Other(String, Cause),
}

impl StoreError {
    /// Whether this sender's lease expired.
    pub(super) fn is_replaced(&self) -> bool {
        matches!(self, Self::Replaced)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Damaged(place, _) => write!(f, "the ledger `{place}` is damaged"),
            Self::NotWritable(place, _) => write!(f, "the ledger `{place}` cannot be written"),
            Self::NotReadable(place, _) => write!(f, "the ledger `{place}` cannot be read"),
            Self::Vanished(place) => write!(
                f,
                "the ledger `{place}` was removed or replaced during the run"
            ),
            Self::Marker(place, _) => {
                write!(f, "the marker `{place}` cannot be read or written")
            }
            Self::MarkerDamaged(place, _) => write!(f, "the marker `{place}` is damaged"),
            Self::Newer(place, version) => write!(
                f,
                "the ledger `{place}` was written by a newer version (schema {version})"
            ),
            Self::OldServer(place, version, needed) => write!(
                f,
                "the server of `{place}` is PostgreSQL {version}, but {needed} or later is required"
            ),
            Self::OutOfReach(place, _) => write!(f, "the ledger `{place}` cannot be reached"),
            Self::InvalidUrl(_) => f.write_str("the URL of the PostgreSQL server is not valid"),
            Self::NotAdmitted(place, _)
            | Self::NotTrusted(place, _)
            | Self::NoAuthorities(place, _)
            | Self::NoDatabase(place, _) => {
                write!(f, "the ledger `{place}` cannot be opened")
            }
            Self::Moved(place) => write!(f, "the ledger `{place}` was moved to another place"),
            Self::NotEmpty(place) => write!(f, "the ledger `{place}` is not empty"),
            Self::InUse(place) => write!(f, "the ledger `{place}` is in use by a sender"),
            Self::OtherKey(place) => write!(
                f,
                "the key `.franking/key` is not the one that the ledger `{place}` was used with"
            ),
            Self::OtherSuppressionKey(place) => write!(
                f,
                "the suppression key `.franking/suppression-key` is not the one that the ledger `{place}` was used with"
            ),
            Self::OtherTokenKey(place, number) => write!(
                f,
                "the key `.franking/key-{number}`, with which the ledger `{place}` was used, is missing or another one"
            ),
            Self::AlreadyBegun(issue) => write!(f, "the send of `{issue}` has already begun"),
            Self::ListChanged(changed) => changed.fmt(f),
            Self::Transition(change) => {
                write!(f, "the ledger does not allow this change: {change}")
            }
            Self::Replaced => f.write_str(
                "this sender was silent for too long, so other senders have taken over its deliveries",
            ),
            Self::Other(place, _) => write!(f, "the ledger `{place}` cannot be used"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Damaged(_, Some(cause))
            | Self::Other(_, cause)
            | Self::InvalidUrl(cause)
            | Self::NotAdmitted(_, cause)
            | Self::NotTrusted(_, cause)
            | Self::NoAuthorities(_, cause)
            | Self::NoDatabase(_, cause)
            | Self::OutOfReach(_, cause)
            | Self::NotReadable(_, cause)
            | Self::Marker(_, cause)
            | Self::MarkerDamaged(_, cause)
            | Self::NotWritable(_, cause) => Some(cause.as_ref()),
            _ => None,
        }
    }
}

impl StoreError {
    /// The same error for a command that only reads.
    pub(super) fn at_reading(self) -> Self {
        match self {
            Self::NotWritable(place, cause) => Self::NotReadable(place, cause),
            other => other,
        }
    }
}
