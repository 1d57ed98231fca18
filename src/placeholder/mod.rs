//! Placeholders: the parts of an edition that differ for each recipient.
//!
//! A placeholder `{{ name }}` in an editor's text becomes a mark, a word of private-use characters (`scan`, `marks`).
//! After rendering, the finished text is split at its marks into a [`Pattern`], in which each placeholder has the
//! escaping of its position. Filling a pattern for one recipient copies text and escapes values, nothing else.

mod html_state;
mod marks;
mod merge_field;
mod name;
mod pattern;
mod scan;

pub use marks::{end, has_mark, runs, section, when};
pub use merge_field::{MergeField, merge_fields};
pub use name::{BUILT_IN, Placeholder, Placeholders, URLS};
pub use pattern::{
    DefaultValues, Escaping, Pattern, Sink, Values, Written, typical_length, without_marks,
};
pub use scan::{MarkedPlaceholder, mark, mark_outside, private, report_unfilled};
