//! The store: the ledger of campaigns and deliveries, and the suppressed addresses.
//!
//! A delivery has one of these states. Each change names the states that it starts from, so a second writer or a
//! programming error is an error and does not overwrite anything:
//!
//! ```text
//! ready ──lease──▶ leased ──intent──▶ in_data ──┬─▶ accepted
//!   ▲                │                   │      ├─▶ refused
//!   │◀───release─────┴───────────────────┘      ├─▶ uncertain ──(resend, or resolve)──▶ ready
//!   └◀──────────── deferred ◀───────────────────┘
//! excluded: never leased
//! ```
//!
//! A refusal that turns out to be about the sender is taken back (`refused` ──▶ `ready`). A delivery to a suspended
//! domain is `deferred` until the suspension ends.
//!
//! A campaign that is paused, held or cancelled has a brake in its row ([`Brake`]), and its deliveries are not leased;
//! `cancel` excludes those that remain. The intent binds a delivery to an edition ([`SendEdition`]); a correction does
//! not change it.
//!
//! With SQLite one sender works at a time and holds the newsletter's lock. With PostgreSQL any number of senders work
//! together: each leases deliveries that no other has, and the others take over the leases of a sender that dies.
//!
//! The intent is durable before the last byte of a message leaves. After a crash, nothing was sent of a delivery that is
//! `leased`, and it becomes `ready` again; a delivery that is `in_data` becomes `uncertain`, because it may have been
//! sent. `franking resolve` makes it `accepted` or `ready`.

mod activity;
mod begin;
mod bounces;
mod brake;
mod change;
mod columns;
mod condition;
mod connection;
mod corrections;
mod daily_quota;
mod departures;
mod domains;
mod due;
mod earlier_tokens;
mod editions;
mod error;
mod freeze;
mod key_check;
mod last_stop;
mod ledger;
mod list;
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
mod retention;
mod rows;
mod sqlite;
mod stop;
mod suppression;
mod suppression_key;
mod suppressions;
mod token_row;
mod tokens;
mod totals;
mod transaction;
mod value;

pub use bounces::RecordedRefusal;
pub use brake::{Brake, Braked, CANCELLED, Halt};
pub use columns::{Category, ColumnPurpose, KeptUntil, StoredColumn, stored_columns};
pub use condition::{DeliveryCondition, InvalidCondition};
pub use corrections::Correction;
pub use departures::{Departures, REMOVED};
pub use domains::{BLOCKED, Domain, DomainChange, DomainStatus};
pub use earlier_tokens::EarlierDelivery;
pub use editions::SendEdition;
pub use error::StoreError;
pub use freeze::Candidates;
pub use last_stop::{LastStop, StopKind};
pub use ledger::{DepartureReason, Ledger, Writer};
pub use list::{
    AudienceCount, ExportedMailbox, Forgotten, ImportCounts, ListChange, ListEntryChange,
    ListEvent, ListImport, ListedSubscriber, Mentions, MergedImport, RowStager, StagedPlace,
    StagedRow, StagedSubscriber, StagedSuppression, StoredAudience, StoredSuppression,
};
pub use lock::{Lock, LockError, LockHolder};
pub use marker::{Marker, Mismatch};
pub use migrate::MigratedRows;
pub use model::{
    Candidate, Change, Delivery, LeaseRequest, LeaseResult, Leased, MailedToken, NewSend, NextDue,
    Recovered, Resolution, Send, State,
};
pub use quota::{DAY, History, Limit, Quota, QuotaLimits};
pub use remaining::Remaining;
pub use suppression::NewSuppression;
pub use suppressions::Suppressions;
pub use tokens::TokenMailbox;
pub use totals::Totals;
pub use transaction::Store;
