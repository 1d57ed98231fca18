//! Commands: what they print, ask and answer.

mod check;
mod clock;
mod commands;
mod complete;
mod confirm;
mod demo;
mod directory;
mod dns;
mod doctor;
mod due;
mod examples;
mod journeys;
mod link_check;
mod output;
mod plan;
mod privacy;
mod reports;
mod selftest;
mod slips;
mod stdout;
mod systemd;
mod without_issue;
