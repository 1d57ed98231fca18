//! The project itself: the order of its modules, its documents, its finding codes.

mod codes;
mod cycles;
mod documents;
mod format;
mod layers;
mod names;
mod properties;
mod words;
