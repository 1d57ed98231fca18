//! The project itself: the order of its modules, its documents, its finding codes.

mod codes;
mod format;
mod layers;
mod properties;
mod readme;
