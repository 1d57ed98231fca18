//! From the files of an editor to HTML and plain text, and the findings about them.

mod audiences;
mod build;
mod characters;
mod common_mistakes;
mod content;
mod example;
pub mod findings;
mod flowed;
mod greetings;
mod hints;
mod languages;
mod pictures;
mod reported;
mod settings;
mod style_sheets;
mod subscribers;
mod unsendable;
