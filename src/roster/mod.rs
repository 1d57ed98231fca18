//! The list of subscribers: counted, searched and changed by `franking list`.
//!
//! Reading works on a list in a file too. Every change needs the list in the store, except suppressions, which the store
//! has in either case.

mod count;
mod forget;
mod import;
mod reading;
mod store;
mod suppress;

pub use count::{StatusCounts, count};
pub use forget::{ForgetReport, forget};
pub use import::{ImportReport, ImportRequest, import};
pub use reading::{Roster, parse_rule};
pub use store::{ListStore, open_store};
pub use suppress::{suppress, unsuppress};
