//! The store: what the publication remembers of its sends, and of addresses that want nothing more.
//!
//! A delivery goes through these states; each change is guarded by the state before it, so that a second
//! writer or a mistake of ours is an error and not a silent overwriting:
//!
//! ```text
//! ready ──lease──▶ leased ──intent──▶ in_data ──┬─▶ accepted
//!   ▲                │                   │      ├─▶ refused
//!   │◀───release─────┴───────────────────┘      ├─▶ uncertain ──(resend, or by hand)──▶ ready
//!   └◀──────────── deferred ◀───────────────────┘
//! excluded: never leased
//! ```
//!
//! A refusal that turns out to be meant for us is taken back (`refused` ──▶ `ready`), and whose domain is left alone
//! is `deferred` until that ends.
//!
//! A campaign that is paused, held or cancelled has a brake in its row ([`Brake`]), and nothing of it is leased; what
//! `cancel` leaves is excluded. The intent binds a delivery to an edition ([`SendEdition`]), which a correction does
//! not change.
//!
//! In a file there is one sender, who holds the publication's lock. On a server there are as many as are
//! started; each takes deliveries that no other has, and what one leaves behind that dies the others take up.
//!
//! The intent is durable before the last byte of a message leaves. After a crash, `leased` has sent
//! nothing and becomes `ready` again; of `in_data` nobody can know, and it becomes `uncertain`. A person who
//! has found out may make that `accepted` or `ready`.

mod activity;
mod begin;
mod bounces;
mod brake;
mod change;
mod condition;
mod connection;
mod corrections;
mod daily_quota;
mod departures;
mod domains;
mod due;
mod editions;
mod error;
mod freeze;
mod insert;
mod key_check;
mod ledger;
mod lock;
mod marker;
mod migrate;
mod model;
mod open;
mod postgres;
mod queries;
mod quota;
mod recovery;
mod remaining;
mod rows;
mod sqlite;
mod stop;
mod suppression;
mod transaction;
mod value;

pub use bounces::RecordedRefusal;
pub use brake::{Brake, Braked, CANCELLED, Halt};
pub use condition::{DeliveryCondition, InvalidCondition};
pub use corrections::Correction;
pub use departures::{Departures, REMOVED};
pub use domains::{BLOCKED, Domain, DomainChange, DomainStatus};
pub use editions::SendEdition;
pub use error::StoreError;
pub use ledger::{DepartureReason, Ledger, Writer};
pub use lock::{Lock, LockError, LockHolder};
pub use marker::{Marker, Mismatch};
pub use migrate::MigratedRows;
pub use model::{
    Candidate, Change, Delivery, LeaseRequest, LeaseResult, Leased, NewSend, NextDue, Recovered,
    Resolution, Send, State, Totals,
};
pub use quota::{DAY, History, Limit, Quota, QuotaLimits};
pub use remaining::Remaining;
pub use suppression::Suppressions;
pub use transaction::Store;
