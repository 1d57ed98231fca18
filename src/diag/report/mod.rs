//! Findings for programs: JSON, SARIF, and the annotations of GitHub's log.
//!
//! They say what the drawing for people says, place by place; none of them decides anything.

mod github;
mod json;
mod sarif;

pub use github::github;
pub use json::json;
pub use sarif::sarif;
