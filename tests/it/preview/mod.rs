//! `franking preview`: the editor's desk, asked by a browser and by those whom it has to turn away.

mod access;
mod attacks;
mod changes;
mod checks;
mod conditions;
mod desk;
mod live;
mod raw;
mod readers;
mod size;
mod start;
mod testing;

use desk::{Answer, Desk};
