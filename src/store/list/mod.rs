//! The subscriber list in the store.
//!
//! `subscriber` has a row for each mailbox on the list. A person who has left also has a row in `suppression`, which counts
//! more than the status of the list and stays when the subscriber is removed.

mod change;
mod condition;
mod consent;
mod departed;
mod departures;
mod expired;
mod export;
mod forget;
mod freeze;
mod history;
mod identity;
mod import;
mod mentions;
mod quotation;
mod read;
mod row;
mod traces;

pub use change::{ListChange, ListEntryChange};
pub(super) use departures::reasons;
pub use export::ExportedMailbox;
pub(super) use forget::FORGOTTEN;
pub use forget::Forgotten;
pub use freeze::{AudienceCount, StoredAudience};
pub use history::{ListEvent, StoredSuppression};
pub use import::{
    ImportCounts, ListImport, MergedImport, RowStager, StagedPlace, StagedRow, StagedSubscriber,
    StagedSuppression,
};
pub use mentions::Mentions;
pub use read::ListedSubscriber;
