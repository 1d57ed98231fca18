//! The list of subscribers: counted, searched and changed by `franking list`.
//!
//! Reading works on a list in a file too. Every change needs the list in the store.

mod count;
mod reading;

pub use count::{StatusCounts, count};
pub use reading::{Roster, parse_rule};
