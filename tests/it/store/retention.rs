//! `[privacy]` `keep`: addresses and names of finished campaigns are removed, and the counts stay.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::postgres::Database;
use crate::support::relay::{self, BadDay, Relay, smtp};

const BEGIN: &str = "2026-10-01T08:00:00Z";
const SOON: &str = "2026-10-01T09:00:00Z";
const DAY_29: &str = "2026-10-30T09:00:00Z";
const DAY_31: &str = "2026-11-01T09:00:00Z";

/// A newsletter whose issue `a` was sent to seven subscribers: one was refused, one is uncertain. The issue `b` is not
/// sent yet.
fn with_a_campaign(relay: &Relay, settings: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter_for(7, &format!("{smtp}\n{settings}"));
    relay::write_issue(&folder, "b", "");
    assert_eq!(folder.run_at(BEGIN, &["send", "a", "--yes"]).code, 75);
    assert_eq!(folder.run_at(SOON, &["send", "a", "--yes"]).code, 1);
    folder
}

fn bad_day() -> Relay {
    Relay::start(BadDay {
        later: "4.7.1 later",
    })
}

/// Records that the message to `r7` has arrived.
fn resolve(folder: &Folder) {
    let resolved = folder.run_at(SOON, &["resolve", "a", "--all-arrived"]);
    assert_eq!(resolved.code, 0, "{}{}", resolved.stdout, resolved.stderr);
}

/// The deliveries of the campaign `a` as the ledger shows them.
fn deliveries(folder: &Folder) -> String {
    folder.run(&["status", "a", "--all"]).stdout
}

fn are_removed_after_a_month(folder: &Folder) {
    resolve(folder);
    let before = folder.run(&["status", "a", "--json"]).stdout;
    let before: Value = serde_json::from_str(&before).expect("JSON");
    let run = folder.run_at(DAY_29, &["send", "--due"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(deliveries(folder).contains("r1@reader.example"));

    let run = folder.run_at(DAY_31, &["send", "b", "--yes"]);
    assert_eq!(run.code, 1, "r7 is uncertain again: {}", run.stderr);
    let shown = relay::without_digests(&deliveries(folder));
    assert_data_eq!(
        shown,
        str![[r#"
a sent, edition DIGEST
accepted         6
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       7  adds up
refused    (removed after 30 days)
accepted   (removed after 30 days)
accepted   (removed after 30 days)
accepted   (removed after 30 days)
accepted   (removed after 30 days)
accepted   (removed after 30 days)
accepted   (removed after 30 days)

"#]]
    );
    let after = folder.run(&["status", "a", "--json"]).stdout;
    assert!(!after.contains("reader.example"), "{after}");
    let after: Value = serde_json::from_str(&after).expect("JSON");
    assert_eq!(after["totals"], before["totals"]);
    assert_eq!(after["adds_up"], true);
    let delivery = &after["deliveries"][0];
    assert_eq!(delivery["address"], "");
    assert_eq!(delivery["removed_after"], 30);
    assert_eq!(after["deliveries"][2]["reply_code"], 550);
    // The refused mailbox is still suppressed, and the campaign is still sent.
    let sent = folder.run_at(DAY_31, &["send", "a", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let status = folder.run(&["status", "b"]).stdout;
    assert!(status.contains("excluded   r3@reader.example"), "{status}");
}

#[test]
fn addresses_of_a_finished_campaign_are_removed_after_a_month() {
    let relay = bad_day();
    are_removed_after_a_month(&with_a_campaign(&relay, ""));
}

#[test]
fn addresses_of_a_finished_campaign_on_postgresql_are_removed_after_a_month() {
    let Some(database) = Database::create("old addresses on a server") else {
        return;
    };
    let relay = bad_day();
    let folder = with_a_campaign(&relay, &relay::store_at(&database.url()));
    are_removed_after_a_month(&folder);
    let left = "select count(*) from delivery join send on send.id = delivery.send where issue = 'a'
        and (address || address_key || coalesce(name, '') || coalesce(why, '') <> '' or reader <> '{}')";
    assert_eq!(database.query(left), "0");
}

#[test]
fn an_uncertain_delivery_keeps_the_addresses_of_its_campaign() {
    let relay = bad_day();
    let folder = with_a_campaign(&relay, "");
    let run = folder.run_at(DAY_31, &["send", "--due"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(deliveries(&folder).contains("uncertain  r7@reader.example"));
    resolve(&folder);
    let run = folder.run_at(DAY_31, &["send", "--due"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!deliveries(&folder).contains("reader.example"));
}

#[test]
fn an_open_campaign_keeps_its_addresses() {
    let relay = bad_day();
    let folder = relay::newsletter_for(7, &smtp(relay.port, "none", 1));
    assert_eq!(folder.run_at(BEGIN, &["send", "a", "--yes"]).code, 75);
    assert_eq!(folder.run(&["pause", "a"]).code, 0);
    let run = folder.run_at(DAY_31, &["send", "--due"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(deliveries(&folder).contains("deferred   r5@reader.example"));
}

#[test]
fn the_setting_decides_how_long_addresses_are_kept() {
    let relay = Relay::start(AcceptAll);
    for (setting, is_kept) in [("forever", true), ("32 days", true), ("1 day", false)] {
        let smtp = smtp(relay.port, "none", 1);
        let settings = format!("{smtp}\n[privacy]\nkeep = \"{setting}\"\n");
        let folder = relay::newsletter_for(2, &settings);
        assert_eq!(folder.run_at(BEGIN, &["send", "a", "--yes"]).code, 0);
        assert_eq!(folder.run_at(DAY_31, &["send", "--due"]).code, 0);
        let shown = deliveries(&folder);
        assert_eq!(shown.contains("r1@reader.example"), is_kept, "{shown}");
        let is_said = shown.contains("accepted   (removed after 1 day)");
        assert_eq!(is_said, !is_kept, "{shown}");
    }
    let folder = relay::newsletter_for(2, "[privacy]\nkeep = \"a month\"\n");
    assert_data_eq!(
        folder.run(&["check", "a"]).stderr,
        str![[r#"
error[bad-value]: invalid value `a month` for `keep` in `[privacy]`
  --> newsletter.toml:11:8
   |
11 | keep = "a month"
   |        ^^^^^^^^^
hint: write a number of days or years, such as `30 days`, or `forever`

1 issue and 2 subscribers checked: 1 error

"#]]
    );
}

/// More deliveries than one transaction changes.
#[test]
fn a_long_campaign_is_emptied_in_several_transactions() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    assert_eq!(folder.run_at(BEGIN, &["send", "a", "--yes"]).code, 0);
    let path = folder.path().join(".franking/store.db");
    let file = rusqlite::Connection::open(&path).expect("the ledger");
    file.execute_batch(
        "insert into delivery (send, number, address, address_key, name, reader, state)
         with recursive row (number) as (select 4 union all select number + 1 from row where number < 12001)
         select 1, number, 'x' || number || '@x.example', 'x' || number || '@x.example', 'X', '{\"a\":1}', 'accepted'
         from row;
         update send set candidates = 12001",
    )
    .expect("rows");
    drop(file);
    assert_eq!(folder.run_at(DAY_31, &["send", "--due"]).code, 0);
    let file = rusqlite::Connection::open(&path).expect("the ledger");
    let left = "select count(*) from delivery where address <> '' or address_key <> '' or name is not null or reader <> '{}'";
    let left = file.query_row(left, [], |row| row.get::<_, i64>(0));
    assert_eq!(left.expect("a count"), 0);
    let status = folder.run(&["status", "a"]).stdout;
    assert!(status.contains("accepted     12001"), "{status}");
}

struct IsFull;

impl Script for IsFull {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with("r2@") || address.starts_with("r3@") {
            true => relay::reply(552, "5.2.2 mailbox full"),
            false => Answer::Accept,
        }
    }
}

#[test]
fn counted_refusals_are_removed_with_the_subscriber() {
    let relay = Relay::start(IsFull);
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    assert_eq!(folder.run_at(BEGIN, &["send", "a", "--yes"]).code, 0);
    relay::set_numbered(&folder, 2);
    let counted = || {
        let path = folder.path().join(".franking/store.db");
        let file = rusqlite::Connection::open(path).expect("the ledger");
        let sql = "select group_concat(address_key, ' ') from (select address_key from bounce order by 1)";
        file.query_row(sql, [], |row| row.get::<_, String>(0))
            .expect("refusals")
    };
    assert_eq!(folder.run_at(DAY_29, &["send", "--due"]).code, 0);
    assert_eq!(counted(), "r2@reader.example r3@reader.example");
    assert_eq!(folder.run_at(DAY_31, &["send", "--due"]).code, 0);
    assert_eq!(counted(), "r2@reader.example");
}
