//! Findings for programs: JSON, SARIF and GitHub annotations.
//!
//! They have the same content as the drawing for terminals.

mod github;
mod json;
mod sarif;

pub use github::{github, github_error};
pub use json::json;
pub use sarif::{failed_sarif, sarif};
