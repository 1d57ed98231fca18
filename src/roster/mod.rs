//! The list of subscribers: counted, searched, exported and changed by `franking list`.
//!
//! Reading works on a list in a file too. Every change needs the list in the store, except suppressions, which the store
//! has in either case. `franking privacy` describes what is stored about a subscriber.

mod change;
mod count;
mod export;
mod forget;
mod history;
mod import;
mod person;
mod privacy;
mod private_file;
mod reading;
mod record;
mod state_files;
mod store;
mod suppress;
mod tagging;
mod values;

pub use change::{NewConsent, Removal, RosterChange, paused};
pub use count::{StatusCounts, count};
pub use export::{ExportTo, export, export_to_file};
pub use forget::{ForgetReport, forget};
pub use history::{event_json, event_text, history};
pub use import::{
    ImportEvents, ImportProgress, ImportReport, ImportRequest, explain_import, import, import_codes,
};
pub use person::{Person, person};
pub use privacy::{ColumnsOfStore, PrivacyNotice};
pub use reading::{Roster, parse_rule};
pub use record::{record_json, record_line};
pub use state_files::StateFile;
pub use store::ListStore;
pub use suppress::{SuppressionChange, suppress, unsuppress};
pub use tagging::{Tagging, tagged};
pub use values::{ValueChanges, parse_attribute, parse_moment};
