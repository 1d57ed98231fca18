//! The import of files into the list.
//!
//! Rows are staged in temporary tables, which locks nothing: a file may be long, and it may turn out to be broken at its last
//! row. Then one transaction merges them into the list.

mod add;
mod bulk;
mod counts;
mod evidence;
mod merge;
mod own;
mod regained;
mod results;
mod row_stager;
mod staging;
mod suppressed;
mod update;

pub use counts::ImportCounts;
pub use merge::MergedImport;
pub use results::{StagedPlace, StagedSubscriber, StagedSuppression};
pub use row_stager::{RowStager, StagedRow};
pub use staging::ListImport;
