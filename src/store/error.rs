//! What can go wrong with the store, by what its operator has to do.

use crate::subscriber::Changed;

/// What lies below a fault.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A fault of the store. The text that comes first in most is the store's place, for messages: its file, or
/// its server and database without the password.
#[derive(Debug)]
pub enum StoreError {
    /// It is no ledger, or a broken one.
    Damaged(String, Option<Cause>),
    /// Nothing can be written: the disk is full, or the file is not ours.
    NotWritable(String, Cause),
    /// It cannot be read, so what it knows is unknown: permissions, or a part of its path that is not a directory.
    NotReadable(String, Cause),
    /// The marker of the ledger cannot be read or written.
    Marker(String, Cause),
    /// The marker of the ledger is there, and is not a marker.
    MarkerDamaged(String, Cause),
    /// It was removed or replaced while it was used.
    Vanished(String),
    /// The server is not there, or has gone away.
    OutOfReach(String, Cause),
    /// A newer version has written it.
    Newer(String, i64),
    /// The server is older than what is needed: it says this, and that is the oldest that will do.
    OldServer(String, String, u32),
    /// The server does not let us in.
    NotAdmitted(String, Cause),
    /// The server has no such database.
    NoDatabase(String, Cause),
    /// Everything in it was moved into another store.
    Moved(String),
    /// Something is in it, and what is moved needs an empty one.
    NotEmpty(String),
    /// Somebody sends, so nothing can be moved.
    InUse(String),
    /// The newsletter's key is not the one that the ledger was used with before.
    OtherKey(String),
    /// The issue's send has begun before.
    AlreadyBegun(String),
    /// The list is not the one that was checked: nobody is frozen.
    ListChanged(Changed),
    /// A delivery was not in the state that the change expects: a second writer, or a mistake of ours.
    Transition(String),
    /// Nothing was heard of this sender for too long, and others have taken up its deliveries.
    Replaced,
    /// Anything else that the database says.
    Other(String, Cause),
}

impl StoreError {
    /// Whether others have given this sender up.
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
                "the server of `{place}` is PostgreSQL {version}, and {needed} is needed"
            ),
            Self::OutOfReach(place, _) => write!(f, "the ledger `{place}` is out of reach"),
            Self::NotAdmitted(place, _) | Self::NoDatabase(place, _) => {
                write!(f, "the ledger `{place}` cannot be opened")
            }
            Self::Moved(place) => write!(f, "the ledger `{place}` was moved to another place"),
            Self::NotEmpty(place) => write!(f, "the ledger `{place}` is not empty"),
            Self::InUse(place) => write!(f, "somebody is sending by the ledger `{place}`"),
            Self::OtherKey(place) => write!(
                f,
                "the key `.franking/key` is not the one that the ledger `{place}` was used with"
            ),
            Self::AlreadyBegun(issue) => write!(f, "the send of `{issue}` has begun before"),
            Self::ListChanged(changed) => changed.fmt(f),
            Self::Transition(change) => {
                write!(f, "the ledger does not allow this change: {change}")
            }
            Self::Replaced => f.write_str(
                "nothing was heard of this sender for too long, and others have taken up its deliveries",
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
            | Self::NotAdmitted(_, cause)
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
