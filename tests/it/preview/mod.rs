//! `franking preview`: its pages in a browser, and its responses to requests that it must refuse.

mod access;
mod attacks;
mod changes;
mod checks;
mod conditions;
mod layout;
mod live;
mod raw;
mod recipients;
mod server;
mod size;
mod start;
mod testing;

use server::{Answer, Preview};
