//! The files that the editor writes: settings, issues, pictures and templates.

pub mod config;
pub mod issue;
pub mod picture;
pub mod template;
