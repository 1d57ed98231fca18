//! Imports into a list that is not empty, on SQLite and PostgreSQL: what changes, what stays, and what an interrupted import
//! leaves behind.

use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::delivery::local_failures::Disk;
use crate::support::postgres::Database;
use crate::support::relay::{self, store_at};
use crate::support::{Folder, Run};

const LIST: &str = "[list]\nsource = \"store\"\n";

/// The header of a format that shows every status and the consent.
const HEADER: &str = "id,first_name,email,status,created_at,tags\n";

/// Runs a test with each kind of store.
fn each_store(name: &str, test: impl Fn(&Folder, &dyn Fn(&str) -> String)) {
    let folder = relay::newsletter(LIST);
    let file = folder.path().join(".franking/store.db");
    test(&folder, &|sql| lite(&file, sql));
    if let Some(database) = Database::create(name) {
        let folder = relay::newsletter(&format!("{LIST}{}", store_at(&database.url())));
        test(&folder, &|sql| database.query(sql).trim().to_owned());
    }
}

/// The first value of the first row.
fn lite(file: &Path, sql: &str) -> String {
    let store = rusqlite::Connection::open(file).expect("the store");
    store
        .query_row(sql, [], |row| row.get::<_, Option<String>>(0))
        .expect(sql)
        .unwrap_or_default()
}

/// The warning about one row that cannot be read.
const UNREAD: &str = "warning: 1 row could not be read: if one of them is of a person who left, this person is still mailed; \
     correct the rows and import the file again, or use `franking list suppress ADDRESS`\n";

fn import(folder: &Folder, file: &str, rows: &str, words: &[&str]) -> Value {
    folder.write(file, &format!("{HEADER}{rows}"));
    let words = [&["list", "import", "--json", file], words].concat();
    let run = folder.run(&words);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    // A row that cannot be read may be that of a person who has left.
    let has_unread = report["rejected"] != 0;
    assert_eq!(run.code, i32::from(has_unread), "{}", run.stderr);
    report
}

/// The counts of a report, which add up.
fn counts(report: &Value) -> [u64; 6] {
    let count = |key: &str| report[key].as_u64().expect("a number");
    let parts = [
        "added",
        "updated",
        "unchanged",
        "suppressed",
        "duplicate",
        "rejected",
    ]
    .map(count);
    assert_eq!(count("read"), parts.iter().sum::<u64>());
    parts
}

fn total(folder: &Folder, rule: &str) -> Value {
    let run = folder.run(&["list", "count", rule, "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn an_import_changes_only_what_it_names() {
    each_store("imports", |folder, query| {
        let first = "1,Ann,ann@fen.example,active,2024-01-01T00:00:00Z,Press\n\
             2,Bea,bea@fen.example,inactive,2024-01-01T00:00:00Z,\n\
             3,Cy,cy@fen.example,cancelled,2024-01-01T00:00:00Z,\n";
        assert_eq!(
            counts(&import(folder, "one.csv", first, &[])),
            [2, 0, 0, 1, 0, 0]
        );
        assert_eq!(
            counts(&import(folder, "one.csv", first, &[])),
            [0, 0, 2, 1, 0, 0]
        );
        let evidence = "select cast(count(*) as text) from consent";
        assert_eq!(query(evidence), "3", "the same evidence is recorded once");
        let second = "1,,ann@fen.example,active,2024-01-01T00:00:00Z,Board\n\
             2,Bea,bea@fen.example,active,2024-01-01T00:00:00Z,\n\
             3,Cy,cy@fen.example,active,2024-01-01T00:00:00Z,\n\
             4,Di,di@fen.example,active,2024-01-01T00:00:00Z,\n\
             5,Di,DI@fen.example,bounced,2024-01-01T00:00:00Z,\n\
             6,,nobody,active,,\n";
        let report = import(folder, "two.csv", second, &[]);
        assert_eq!(counts(&report), [0, 1, 1, 2, 1, 1]);
        assert_eq!(
            report["duplicates"],
            json!([{ "line": 5, "email": "di@fen.example" }])
        );
        assert_eq!(total(folder, "tag:Press and tag:Board")["total"], 1);
        let statuses = &total(folder, "all")["by_status"];
        assert_eq!(
            (&statuses["active"], &statuses["pending"]),
            (&json!(1), &json!(1))
        );
        let name = "select name from subscriber where address_key = 'ann@fen.example'";
        assert_eq!(query(name), "Ann");
        let reason = "select reason from suppression where address_key = 'di@fen.example'";
        assert_eq!(query(reason), "bounced");
        let left = "1,Ann,ann@fen.example,complained,,\n3,Cy,cy@fen.example,bounced,,\n";
        assert_eq!(
            counts(&import(folder, "left.csv", left, &[])),
            [0, 0, 0, 2, 0, 0]
        );
        let history = "select cast(count(*) as text) from suppression_event where address_key = 'cy@fen.example'";
        assert_eq!(query(history), "2", "a stricter reason replaces another");
        assert_eq!(
            counts(&import(folder, "one.csv", first, &[])),
            [0, 0, 1, 2, 0, 0]
        );
    });
}

#[test]
fn evidence_of_consent_cannot_be_changed_or_deleted() {
    let folder = relay::newsletter(LIST);
    import(
        &folder,
        "one.csv",
        "1,Ann,ann@fen.example,active,2024-01-01T00:00:00Z,\n",
        &[],
    );
    let store =
        rusqlite::Connection::open(folder.path().join(".franking/store.db")).expect("the store");
    for sql in [
        "delete from consent",
        "update consent set at = '2020-01-01'",
        "update consent set address_key = 'other@fen.example'",
        "delete from import_file",
        "update list_import set counts = '{}'",
    ] {
        let error = store.execute(sql, []).expect_err(sql);
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    let forget = "update consent set address_key = null";
    assert_eq!(store.execute(forget, []).expect("an address is removed"), 1);
}

#[test]
fn the_report_shows_each_row_that_was_not_imported() {
    let folder = relay::newsletter(LIST);
    let rows =
        "1,Ann,ann@fen.example,active,,\n2,Ann,ANN@fen.example,active,,\n3,,nobody,active,,\n";
    folder.write("list.csv", &format!("{HEADER}{rows}"));
    let run = folder.run(&["list", "import", "list.csv", "--report", "rows.csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, UNREAD));
    let overwritten = folder.run(&["list", "import", "list.csv", "--report", "./list.csv"]);
    assert_eq!(overwritten.code, 2, "{}", overwritten.stderr);
    assert_eq!(folder.read("list.csv"), format!("{HEADER}{rows}"));
    let full = folder.run(&["list", "import", "list.csv", "--report", "/dev/full"]);
    assert_eq!(full.code, 74, "{}", full.stderr);
    assert!(full.stdout.contains("1 unchanged"), "{}", full.stdout);
    assert_data_eq!(
        run.stdout,
        str![[r#"
list.csv: kit
3 read = 1 added + 0 updated + 0 unchanged + 0 suppressed + 1 duplicate + 1 rejected
list.csv:4: rejected: bad-address: not a valid address; correct it, without a display name
list.csv:3: duplicate: ann@fen.example

"#]]
    );
    assert_data_eq!(
        folder.read("rows.csv"),
        str![[r#"
file,line,kind,detail
list.csv,4,rejected,bad-address
list.csv,3,duplicate,ann@fen.example

"#]]
    );
}

#[test]
fn an_import_onto_a_full_disk_leaves_the_list_as_it_was() {
    let folder = relay::newsletter(LIST);
    let place = folder.path().join(".franking");
    let Some(_disk) = Disk::at(place, "an import onto a full disk") else {
        return;
    };
    let row = |number: usize| format!("{number},Ann,r{number}@fen.example,active,,\n");
    import(&folder, "one.csv", &row(0), &[]);
    let many: String = (1..8_000).map(row).collect();
    folder.write("many.csv", &format!("{HEADER}{many}"));
    let run = folder.run(&["list", "import", "many.csv"]);
    assert_eq!((run.code, run.stdout.as_str()), (74, ""));
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the ledger `.franking/store.db` cannot be written
caused by: the disk is full
hint: free some space, then run the same command again

"#]]
    );
    assert_eq!(total(&folder, "all")["total"], 1);
    let few = import(&folder, "few.csv", &row(1), &[]);
    assert_eq!(counts(&few), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn a_list_in_a_file_moves_into_the_store() {
    let folder = relay::newsletter("");
    folder.write(
        "subscribers.toml",
        r#"
[[subscriber]]
email = "ann@fen.example"
name = "Fenn, Ann"
tags = ["members"]
attributes = { since = 2019 }
consent = { at = 2024-05-01, source = "paper form" }

[[subscriber]]
email = "bob@fen.example"
status = "unsubscribed"

[[subscriber]]
email = "cy@fen.example"
status = "gone"
"#,
    );
    let run = folder.run(&["list", "import", "subscribers.toml"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, UNREAD));
    assert_data_eq!(
        run.stdout,
        str![[r#"
subscribers.toml: subscribers.toml
3 read = 1 added + 0 updated + 0 unchanged + 1 suppressed + 0 duplicate + 1 rejected
subscribers.toml:13: rejected: unknown-status: the status is unknown; correct the word

The list of this newsletter is still `subscribers.toml`. To mail the imported list, write this into newsletter.toml:

[list]
source = "store"

"#]]
    );
    let file = folder.path().join(".franking/store.db");
    assert_eq!(
        lite(
            &file,
            "select source || ' ' || at from consent where line = 2"
        ),
        "paper form 2024-05-01"
    );
    let toml = folder.read("newsletter.toml");
    folder.write("newsletter.toml", &format!("{toml}\n{LIST}"));
    assert_eq!(total(&folder, "tag:members")["total"], 1);
}

fn many(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(HEADER.to_owned(), |mut text, number| {
        let _ = writeln!(
            text,
            "{number},N{number},n{number}@fen.example,active,2024-01-01T00:00:00Z,"
        );
        text
    })
}

fn spawn(folder: &Folder, file: &str) -> Child {
    let mut command = folder.command(&["list", "import", file, "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

#[test]
fn two_imports_at_once_import_each_person_once() {
    each_store("imports at once", |folder, _| {
        folder.write("a.csv", &many(0..3_000));
        folder.write("b.csv", &many(1_000..4_000));
        // Both use the store that this one creates.
        import(folder, "first.csv", "1,Ann,ann@fen.example,active,,\n", &[]);
        let imports = ["a.csv", "b.csv"].map(|file| spawn(folder, file));
        let added = imports.map(|child| {
            let run = Run::from(child.wait_with_output().expect("a child of this test"));
            assert_eq!(run.code, 0, "{}", run.stderr);
            let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
            counts(&report)[0]
        });
        assert_eq!(added.iter().sum::<u64>(), 4_000);
        assert_eq!(total(folder, "all")["total"], 4_001);
    });
}

#[test]
fn an_import_that_is_killed_has_changed_nothing_or_all() {
    let folder = relay::newsletter(LIST);
    import(
        &folder,
        "first.csv",
        "1,Ann,ann@fen.example,active,,\n",
        &[],
    );
    folder.write("many.csv", &many(0..30_000));
    let log = folder.path().join(".franking/store.db-wal");
    let mut child = spawn(&folder, "many.csv");
    // The log grows while the transaction writes more than the cache holds.
    while log.metadata().map_or(0, |log| log.len()) < 1 << 20 {
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it was not killed in time"
        );
        std::thread::yield_now();
    }
    child.kill().expect("a running child");
    child.wait().expect("a child of this test");
    let left = &total(&folder, "all")["total"];
    assert!(left == 1 || left == 30_001, "{left}");
    let run = folder.run(&["list", "import", "many.csv", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(total(&folder, "all")["total"], 30_001);
}
