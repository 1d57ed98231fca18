//! An issue and a template become an edition: HTML and plain text with placeholders.

pub mod context;
pub mod edition;
pub mod html;
pub mod text;
