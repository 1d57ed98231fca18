//! A campaign of the issue `a`: how a test starts it, and what the ledger says about it.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use franking::simulator::sink::Script;
use serde_json::Value;

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// The moment of the first run, in the past: the program compares it with no other clock.
pub const NOW: &str = "2026-11-30T08:00:00Z";

/// A moment after the first retry is due.
pub const LATER: &str = "2026-11-30T09:00:00Z";

/// Sends `a` at `now`, until the run ends.
pub fn send(folder: &Folder, now: &str) -> Run {
    folder.run_at(now, &["send", "a", "--yes"])
}

/// A relay that follows `script`, and the send of `a` to three subscribers over it.
pub fn send_over(script: impl Script) -> (Relay, Folder, Run) {
    let relay = Relay::start(script);
    let folder = relay::three_subscribers(&smtp(relay.port, "none", 1));
    let run = send(&folder, NOW);
    (relay, folder, run)
}

/// Starts to send `a` at [`NOW`]; both outputs are piped.
pub fn begin(folder: &Folder) -> Child {
    let mut command = folder.command(&["send", "a", "--yes"]);
    let command = command.env("FRANKING_NOW", NOW);
    let started = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    started.expect("the program starts")
}

/// Waits until a run that was started ends.
pub fn end(sender: Child) -> Run {
    Run::from(sender.wait_with_output().expect("the sender ends"))
}

/// The status of `a`, whose totals add up.
pub fn status(folder: &Folder) -> Value {
    report(folder.run(&["status", "a", "--json"]))
}

/// The status of `a` at `now`: a suspension that has ended by then is not in it.
pub fn status_at(folder: &Folder, now: &str) -> Value {
    report(folder.run_at(now, &["status", "a", "--json"]))
}

fn report(run: Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["adds_up"], true, "{}", report["totals"]);
    report
}

/// The totals of `a`, by state.
pub fn totals(folder: &Folder) -> Value {
    status(folder)["totals"].clone()
}

/// The addresses of the deliveries that are in `state`, in the order of the report.
pub fn in_state(report: &Value, state: &str) -> Vec<String> {
    let rows = report["deliveries"].as_array().expect("rows").iter();
    let rows = rows.filter(|row| row["state"] == state);
    rows.map(|row| row["address"].as_str().expect("an address").to_owned())
        .collect()
}

/// The addresses of the deliveries that the ledger has as `in_data`, also where no run is active and `status` shows
/// them as uncertain.
pub fn in_data(folder: &Folder, database: Option<&Database>) -> BTreeSet<String> {
    let sql = "select address from delivery where state = 'in_data'";
    if let Some(database) = database {
        let rows = database.query(sql);
        return rows.lines().map(str::to_owned).collect();
    }
    let ledger = rusqlite::Connection::open(folder.path().join(".franking/store.db"));
    let ledger = ledger.expect("the ledger");
    let mut statement = ledger.prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|address| address.expect("an address")).collect()
}
