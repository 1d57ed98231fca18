//! Findings for programs: JSON, SARIF and GitHub annotations.
//!
//! They have the same content as the drawing for terminals.

mod github;
mod json;
mod sarif;

pub use github::github;
pub use json::json;
pub use sarif::sarif;
