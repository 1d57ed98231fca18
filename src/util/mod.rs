//! Utilities without knowledge of newsletters: time, text, files, keys, the network.

pub mod characters;
pub mod clock;
pub mod colour;
pub mod escape;
pub mod fs;
pub mod key;
pub mod network;
pub mod stdout;
pub mod system;
pub mod table;
pub mod timestamp;
pub mod tls;
pub mod values;
