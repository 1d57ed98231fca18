//! Campaigns: which issues are due, and how each is sent.

pub mod schedule;
