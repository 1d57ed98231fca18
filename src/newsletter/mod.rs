//! The files that editors write: configuration, issues, pictures and templates.

pub mod config;
pub mod issue;
pub mod picture;
pub mod template;
