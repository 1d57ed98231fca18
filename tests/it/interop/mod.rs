//! Other programs read what Franking writes: mail servers, verifiers of signatures, mail clients.

pub mod dkim;
mod exim;
mod headers;
pub mod postfix;
pub mod rendering;
