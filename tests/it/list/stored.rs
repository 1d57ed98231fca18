//! A campaign for a list in the store: begun, killed while its recipients are frozen, and begun again.

use std::path::Path;
use std::process::Stdio;

use franking::simulator::sink::AcceptAll;
use franking::store::Store;
use franking::subscriber::{Address, Subscriber};

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

/// More than are frozen in one step.
const SUBSCRIBERS: usize = 50_000;

fn newsletter(relay: &Relay, subscribers: usize) -> Folder {
    let tables = format!(
        "{}[list]\nsource = \"store\"\n",
        smtp(relay.port, "none", 4)
    );
    let folder = relay::newsletter(&tables);
    std::fs::remove_file(folder.path().join("subscribers.toml")).expect("the sample list");
    relay::write_issue(&folder, "a", "");
    let mut store = Store::open(&ledger(folder.path())).expect("a store");
    let filled = store.change_list(0, |list| {
        for number in 0..subscribers {
            let address = format!("r{number}@reader.example");
            let mut subscriber = Subscriber::at(Address::parse(&address).expect("an address"));
            subscriber.first_name = Some(format!("R{number}"));
            list.put(&subscriber)?;
        }
        Ok(())
    });
    filled.expect("a list");
    folder
}

fn ledger(folder: &Path) -> std::path::PathBuf {
    folder.join(".franking/store.db")
}

#[test]
fn a_campaign_that_is_killed_while_its_recipients_are_frozen_has_not_begun() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, SUBSCRIBERS);
    let mut child = folder
        .command(&["send", "a", "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let reader = rusqlite::Connection::open(ledger(folder.path())).expect("the ledger");
    let count =
        "select count(*) from delivery join send on send.id = delivery.send where is_frozen = 0";
    let frozen = || -> i64 {
        reader
            .query_row(count, [], |row| row.get(0))
            .expect("a count")
    };
    while frozen() == 0 {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it was not killed in time"
        );
        std::thread::yield_now();
    }
    child.kill().expect("a running child");
    child.wait().expect("a child of this test");
    let left = frozen();
    assert!(0 < left && left < SUBSCRIBERS as i64, "{left} are frozen");

    let status = folder.run(&["status", "a"]);
    assert!(
        status.stderr.contains("has not been sent"),
        "{}",
        status.stderr
    );
    let only = ["send", "a", "--yes", "--only", "r7@reader.example"];
    let again = folder.run(&only);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(relay.recipients(), ["r7@reader.example"]);
    let status = folder.run(&["status", "a", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(status["totals"]["candidates"], SUBSCRIBERS);
    assert_eq!(status["adds_up"], true);
}
