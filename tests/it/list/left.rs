//! What the store still has about people who left: after `[privacy]` `keep`, after `evidence`, and after `list forget`.

use std::path::Path;

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp, store_at};

const BEGIN: &str = "2026-10-01T08:00:00Z";
const DAY_29: &str = "2026-10-30T09:00:00Z";
const DAY_31: &str = "2026-11-01T09:00:00Z";
const YEAR_4: &str = "2029-10-02T09:00:00Z";

/// Reads the first value of the first row of a store.
type Query<'a> = &'a dyn Fn(&str) -> String;

/// Runs a test with a list in each kind of store.
fn each_store(relay: &Relay, name: &str, settings: &str, test: impl Fn(&Folder, Query<'_>)) {
    let tables = format!(
        "{}\n[list]\nsource = \"store\"\n{settings}",
        smtp(relay.port, "none", 1)
    );
    let folder = relay::newsletter(&tables);
    let file = folder.path().join(".franking/store.db");
    test(&folder, &|sql| lite(&file, sql));
    if let Some(database) = Database::create(name) {
        let folder = relay::newsletter(&(tables + &store_at(&database.url())));
        test(&folder, &|sql| match sql {
            DUMP => database.dump(),
            _ => database.query(sql).trim().to_owned(),
        });
    }
}

/// Instead of a statement: everything that the store has.
const DUMP: &str = "dump";

fn lite(file: &Path, sql: &str) -> String {
    if sql == DUMP {
        let bytes = std::fs::read(file).expect("the store");
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let store = rusqlite::Connection::open(file).expect("the store");
    let found = store.query_row(sql, [], |row| row.get::<_, Option<String>>(0));
    found.expect(sql).unwrap_or_default()
}

/// The output of a command that succeeds.
fn at(folder: &Folder, now: &str, arguments: &[&str]) -> String {
    let run = folder.run_at(now, arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    run.stdout + &run.stderr
}

fn add(folder: &Folder, address: &str, name: &str) {
    let consent = format!("letter of {name}");
    let first = name.split(' ').next().unwrap_or_default();
    let arguments = [
        "list",
        "add",
        address,
        "--name",
        name,
        "--first-name",
        first,
        "--consent",
        &consent,
    ];
    at(folder, BEGIN, &arguments);
}

/// Four people: one unsubscribes, one bounces, one is removed, and one stays.
fn four_people(folder: &Folder) {
    add(folder, "ada.quell@reader.example", "Ada Quellinger");
    add(folder, "bo@reader.example", "Bo Lindborg");
    add(folder, "cy.ovale@reader.example", "Cyrus Ovalex");
    add(folder, "di@reader.example", "Diana Umbria");
    let left = ["list", "suppress", "ada.quell@reader.example"];
    at(
        folder,
        BEGIN,
        &[&left[..], &["--reason", "call of Ms Quellinger"]].concat(),
    );
    let bounced = [
        "list",
        "suppress",
        "bo@reader.example",
        "--because",
        "bounced",
    ];
    at(folder, BEGIN, &bounced);
    at(
        folder,
        BEGIN,
        &["list", "remove", "cy.ovale@reader.example"],
    );
}

const CONSENTS: &str = "select count(*) || ' of ' || (select count(*) from consent) from consent where address_key is null";

/// The history, with a word instead of each hash.
fn history(folder: &Folder) -> String {
    let history = at(folder, DAY_31, &["list", "history"]);
    let words = history.split_inclusive([' ', ':', '\n']).map(|word| {
        let hash = word.trim_end_matches([' ', ':', '\n']);
        let is_hash = hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        match is_hash {
            true => word.replace(hash, "HASH"),
            false => word.to_owned(),
        }
    });
    words.collect()
}

#[test]
fn people_who_left_lose_their_address_and_entry_after_the_time_of_the_setting() {
    let relay = Relay::start(AcceptAll);
    let name = "people_who_left_lose_their_address";
    each_store(&relay, name, "", |folder, query| {
        four_people(folder);
        at(folder, DAY_29, &["send", "--due"]);
        assert!(query(DUMP).contains("ada.quell"));
        assert_eq!(query(CONSENTS), "0 of 4");

        at(folder, DAY_31, &["send", "--due"]);
        let dump = query(DUMP);
        for text in ["ada.quell@", "cy.ovale@"] {
            assert!(!dump.to_lowercase().contains(text), "{text}");
        }
        assert!(dump.contains("bo@reader.example") && dump.contains("di@reader.example"));
        assert_eq!(query(CONSENTS), "2 of 4");
        assert_data_eq!(
            at(folder, DAY_31, &["list", "find", "all"]),
            str![[r#"
bounced       bo@reader.example (Bo Lindborg)
active        di@reader.example (Diana Umbria)

"#]]
        );
        assert_data_eq!(
            at(
                folder,
                DAY_31,
                &["list", "show", "ada.quell@reader.example", "--evidence"]
            )
            .replace(
                &query("select hash from suppression where address_key is null"),
                "HASH"
            ),
            str![[r#"
address       ada.quell@reader.example (not on the list)
suppressed    unsubscribed since 2026-10-01T08:00:00Z
consent       letter of Ada Quellinger
2026-10-01T08:00:00Z  add         HASH
2026-10-01T08:00:00Z  suppress    -: unsubscribed
2026-11-01T09:00:00Z  remove      HASH: unsubscribed, and the time of [privacy] keep is over

"#]]
        );
        assert_data_eq!(
            history(folder),
            str![[r#"
2026-10-01T08:00:00Z  add         HASH
2026-10-01T08:00:00Z  add         bo@reader.example: consent: letter of Bo Lindborg
2026-10-01T08:00:00Z  add         HASH: consent: letter of Cyrus Ovalex
2026-10-01T08:00:00Z  add         di@reader.example: consent: letter of Diana Umbria
2026-10-01T08:00:00Z  remove      HASH
2026-10-01T08:00:00Z  suppress    -: unsubscribed
2026-10-01T08:00:00Z  suppress    bo@reader.example: bounced
2026-11-01T09:00:00Z  remove      HASH: unsubscribed, and the time of [privacy] keep is over

"#]]
        );
        is_still_suppressed(folder);
        // The name of Cy is not known any more, and the source has it.
        assert!(query(DUMP).contains("Ovalex"));
        at(
            folder,
            DAY_31,
            &["list", "forget", "cy.ovale@reader.example"],
        );
        assert!(!query(DUMP).contains("Ovalex"));
    });
}

/// No command brings Ada back but the end of the suppression.
fn is_still_suppressed(folder: &Folder) {
    let ada = "ada.quell@reader.example";
    let add = ["list", "add", ada, "--consent", "form"];
    let refused = folder.run_at(DAY_31, &add);
    assert!(
        refused.stderr.contains("is suppressed (unsubscribed)"),
        "{}",
        refused.stderr
    );
    folder.write("people.csv", &format!("Mail\n{ada}\n"));
    let import = ["list", "import", "people.csv", "--map", "Mail=email"];
    let imported = at(
        folder,
        DAY_31,
        &[&import[..], &["--consent-source", "form"]].concat(),
    );
    assert!(imported.contains("1 suppressed"), "{imported}");
    let again = at(folder, DAY_31, &["list", "suppress", ada]);
    assert!(again.contains("suppressed already"), "{again}");
    at(
        folder,
        DAY_31,
        &["list", "unsuppress", ada, "--reason", "new sign-up"],
    );
    at(folder, DAY_31, &add);
    let counted = at(folder, DAY_31, &["list", "count", "all"]);
    assert!(counted.starts_with("active               2\n"), "{counted}");
}

#[test]
fn evidence_of_consent_is_deleted_some_years_after_a_person_left() {
    let relay = Relay::start(AcceptAll);
    let name = "evidence_of_consent_is_deleted_some_years_after";
    // Also if addresses are never removed.
    for settings in ["", "[privacy]\nkeep = \"forever\"\n"] {
        each_store(&relay, name, settings, |folder, query| {
            four_people(folder);
            at(folder, DAY_31, &["send", "--due"]);
            assert!(query(CONSENTS).ends_with("of 4"));
            at(folder, YEAR_4, &["send", "--due"]);
            assert_eq!(query(CONSENTS), "0 of 2");
            let history = at(folder, YEAR_4, &["list", "history"]);
            assert!(
                !history.contains("Quellinger ") && !history.contains("Ovalex"),
                "{history}"
            );
            assert!(
                history.contains("Lindborg") && history.contains("Umbria"),
                "{history}"
            );
        });
    }
    let forever = "[privacy]\nevidence = \"forever\"\n";
    each_store(&relay, name, forever, |folder, query| {
        four_people(folder);
        at(folder, YEAR_4, &["send", "--due"]);
        assert_eq!(query(CONSENTS), "2 of 4");
    });
    let soon = "[privacy]\nevidence = \"5 weeks\"\n";
    let folder = relay::newsletter_for(2, soon);
    assert_data_eq!(
        folder.run(&["check", "a"]).stderr,
        str![[r#"
error[bad-value]: invalid value `5 weeks` for `evidence` in `[privacy]`
  --> newsletter.toml:11:12
   |
11 | evidence = "5 weeks"
   |            ^^^^^^^^^
hint: write a number of days or years, such as `30 days`, or `forever`

1 issue and 2 subscribers checked: 1 error

"#]]
    );
}

/// A person who is on the list again keeps the evidence of the first time.
#[test]
fn evidence_of_a_person_who_came_back_is_kept() {
    let relay = Relay::start(AcceptAll);
    each_store(
        &relay,
        "evidence_of_a_person_who_came_back",
        "",
        |folder, query| {
            four_people(folder);
            at(folder, DAY_31, &["send", "--due"]);
            let ada = "ada.quell@reader.example";
            at(
                folder,
                DAY_31,
                &["list", "unsuppress", ada, "--reason", "new sign-up"],
            );
            at(folder, DAY_31, &["list", "add", ada, "--consent", "form"]);
            at(folder, YEAR_4, &["send", "--due"]);
            assert_eq!(query(CONSENTS), "1 of 4");
        },
    );
}

/// A campaign recognises people by their addresses, so those of open deliveries stay.
#[test]
fn a_person_with_an_open_delivery_keeps_the_address_until_the_campaign_ends() {
    let relay = Relay::start(AcceptAll);
    each_store(
        &relay,
        "a_person_with_an_open_delivery",
        "",
        |folder, query| {
            four_people(folder);
            add(folder, "ed@reader.example", "Ed Fennimore");
            relay::write_issue(folder, "a", "");
            at(
                folder,
                BEGIN,
                &["send", "a", "--yes", "--only", "di@reader.example"],
            );
            at(folder, BEGIN, &["list", "suppress", "ed@reader.example"]);
            at(folder, DAY_31, &["send", "--due"]);
            let kept =
                "select count(*) || '' from suppression where address_key = 'ed@reader.example'";
            assert_eq!(query(kept), "1");
            at(folder, DAY_31, &["resume", "a", "--yes"]);
            at(folder, DAY_31, &["send", "a", "--yes"]);
            at(folder, DAY_31, &["send", "--due"]);
            assert_eq!(query(kept), "0");
        },
    );
    assert!(!relay.recipients().contains(&"ed@reader.example".to_owned()));
}

#[test]
fn a_list_in_a_file_excludes_people_by_the_hash() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    at(&folder, BEGIN, &["list", "suppress", "r2@reader.example"]);
    at(&folder, DAY_31, &["send", "a", "--yes"]);
    relay::write_issue(&folder, "b", "");
    let dump = lite(
        &folder.path().join(".franking/store.db"),
        "select coalesce(group_concat(address_key), 'none') from suppression",
    );
    assert_eq!(dump, "none");
    at(&folder, DAY_31, &["send", "b", "--yes"]);
    let mut served = relay.recipients();
    served.dedup();
    assert_eq!(served, ["r1@reader.example", "r3@reader.example"]);
    let shown = at(&folder, DAY_31, &["list", "show", "r2@reader.example"]);
    assert!(shown.contains("status        unsubscribed"), "{shown}");
}

#[test]
fn the_evidence_of_a_forgotten_person_keeps_only_times_and_digest() {
    let relay = Relay::start(AcceptAll);
    each_store(
        &relay,
        "the_evidence_of_a_forgotten_person",
        "",
        |folder, query| {
            let file = "Ada_Quellinger.csv";
            folder.write(
                file,
                "Mail,Name,When,From\n\
             ada.quell@reader.example,Ada Quellinger,2026-09-01T08:00:00Z,192.0.2.77\n\
             di@reader.example,Diana Umbria,2026-09-02T08:00:00Z,192.0.2.78\n",
            );
            let import = [
                "list",
                "import",
                file,
                "--map",
                "Mail=email",
                "--map",
                "Name=name",
                "--map",
                "When=consent.at",
                "--map",
                "From=consent.ip",
                "--consent-source",
            ];
            at(
                folder,
                BEGIN,
                &[&import[..], &["talk with Ada QUELLINGER"]].concat(),
            );
            let left = [
                "list",
                "import",
                file,
                "--map",
                "Mail=email",
                "--status",
                "unsubscribed",
            ];
            at(folder, BEGIN, &left);
            at(
                folder,
                BEGIN,
                &[
                    "list",
                    "unsuppress",
                    "ada.quell@reader.example",
                    "--reason",
                    "a mistake",
                ],
            );
            let forgotten = at(
                folder,
                BEGIN,
                &["list", "forget", "ada.quell@reader.example"],
            );
            assert!(forgotten.contains("removed from the list"), "{forgotten}");
            std::fs::remove_file(folder.path().join(file)).expect("the file");
            let dump = query(DUMP).to_lowercase();
            for text in ["ada.quell", "quellinger", "192.0.2.77", "ywrhlnf1zwxs"] {
                assert!(!dump.contains(text), "{text}");
            }
            let shown = at(
                folder,
                BEGIN,
                &["list", "show", "ada.quell@reader.example", "--evidence"],
            );
            let digest = shown
                .split("SHA-256 ")
                .nth(1)
                .and_then(|rest| rest.get(..64));
            assert_data_eq!(
                shown
                    .lines()
                    .filter(|line| line.starts_with("consent"))
                    .collect::<Vec<_>>()
                    .join("\n")
                    .replace(digest.expect("a digest"), "DIGEST"),
                str![[r#"
consent       at 2026-09-01T08:00:00Z; line 2 of a file, SHA-256 DIGEST
consent       line 2 of a file, SHA-256 DIGEST
"#]]
            );
            // The other person of the file keeps the rest.
            let other = at(
                folder,
                BEGIN,
                &["list", "show", "di@reader.example", "--evidence"],
            );
            assert!(
                other.contains("from 192.0.2.78; line 3 of a file, SHA-256"),
                "{other}"
            );
            assert!(
                other.contains("unsubscribed since 2026-10-01T08:00:00Z: import of a file:3"),
                "{other}"
            );
        },
    );
}

/// What no statement may do: change the evidence of a person, or delete it while it has an address.
const FORBIDDEN: [&str; 7] = [
    "delete from consent",
    "update consent set at = '2020-01-01', address_key = null",
    "update consent set source = 'another', address_key = null",
    "update consent set ip = '192.0.2.1', address_key = null",
    "update consent set source = ''",
    "update consent set address_key = 'bo@reader.example'",
    "update consent set recorded_at = 1, address_key = null",
];

/// What `forget` and the end of `evidence` do.
const ALLOWED: [&str; 2] = [
    "update consent set address_key = null, source = null",
    "delete from consent",
];

#[test]
fn evidence_of_consent_is_append_only() {
    let relay = Relay::start(AcceptAll);
    let list = "[list]\nsource = \"store\"\n";
    let folder = relay::newsletter(&format!("{}\n{list}", smtp(relay.port, "none", 1)));
    add(&folder, "di@reader.example", "Diana Umbria");
    let file = folder.path().join(".franking/store.db");
    let store = rusqlite::Connection::open(file).expect("the store");
    for sql in FORBIDDEN {
        let error = store.execute(sql, []).expect_err(sql);
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    for sql in ALLOWED {
        assert_eq!(store.execute(sql, []), Ok(1), "{sql}");
    }
}

#[test]
fn evidence_of_consent_on_postgresql_is_append_only() {
    let Some(database) = Database::create("evidence_on_a_server_is_append_only") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let list = "[list]\nsource = \"store\"\n";
    let tables = format!("{}\n{list}", smtp(relay.port, "none", 1));
    let folder = relay::newsletter(&(tables + &store_at(&database.url())));
    add(&folder, "di@reader.example", "Diana Umbria");
    for sql in FORBIDDEN {
        // Another error than that of the trigger, or none, ends the statement with an error.
        database.query(&format!(
            "do $$ begin {sql}; raise exception 'it was done'; exception when others then
             if sqlerrm <> 'consent is append-only' then raise; end if; end $$"
        ));
    }
    let count = || database.query("select count(*) from consent");
    assert_eq!(count().trim(), "1");
    for sql in ALLOWED {
        database.query(sql);
    }
    assert_eq!(count().trim(), "0");
}

/// Who bounced stays on the list until an operator removes the entry: the time begins on that day.
#[test]
fn a_bounced_person_leaves_with_the_removal_from_the_list() {
    let relay = Relay::start(AcceptAll);
    let name = "a_bounced_person_leaves_with_the_removal";
    each_store(&relay, name, "", |folder, query| {
        add(folder, "bo@reader.example", "Bo Lindborg");
        let bounced = [
            "list",
            "suppress",
            "bo@reader.example",
            "--because",
            "bounced",
        ];
        at(folder, BEGIN, &bounced);
        at(folder, DAY_31, &["list", "remove", "bo@reader.example"]);
        at(folder, DAY_31, &["send", "--due"]);
        assert!(query(DUMP).contains("bo@reader.example"));
        at(folder, "2026-12-02T09:00:00Z", &["send", "--due"]);
        assert!(!query(DUMP).contains("bo@reader.example"));
        let shown = at(folder, DAY_31, &["list", "show", "bo@reader.example"]);
        assert!(shown.contains("suppressed    bounced"), "{shown}");
    });
}

#[test]
fn the_list_changes_after_a_move_to_postgresql() {
    let Some(database) = Database::create("the_list_changes_after_a_move") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let tables = format!(
        "{}\n[list]\nsource = \"store\"\n",
        smtp(relay.port, "none", 1)
    );
    let folder = relay::newsletter(&tables);
    four_people(&folder);
    at(
        &folder,
        BEGIN,
        &["store", "migrate", "--to", &database.url()],
    );
    relay::set_smtp(&folder, &(tables + &store_at(&database.url())));
    at(&folder, DAY_31, &["send", "--due"]);
    add(&folder, "ed@reader.example", "Ed Fennimore");
    let history = at(&folder, DAY_31, &["list", "history"]);
    assert_eq!(history.lines().count(), 9, "{history}");
    assert_eq!(database.query(CONSENTS).trim(), "2 of 5");
}

/// The store has evidence of people in the file if the list was in the store before.
#[test]
fn evidence_of_people_in_a_file_is_kept() {
    let relay = Relay::start(AcceptAll);
    let tables = smtp(relay.port, "none", 1);
    let stored = "[list]\nsource = \"store\"\n";
    let folder = relay::newsletter(&format!("{tables}{stored}"));
    four_people(&folder);
    relay::set_smtp(&folder, &tables);
    let people = ["cy.ovale@reader.example", "di@reader.example"];
    relay::set_addresses(&folder, people.map(str::to_owned));
    at(&folder, YEAR_4, &["send", "--due"]);
    let file = folder.path().join(".franking/store.db");
    // Ada left. Bo is on the list in the store, and Cy is in the file.
    let left = "select group_concat(source, ', ') from (select source from consent order by id)";
    assert_eq!(
        lite(&file, left),
        "letter of Bo Lindborg, letter of Cyrus Ovalex, letter of Diana Umbria"
    );
    // A file that cannot be read may have any of them.
    relay::set_addresses(&folder, ["di@reader.example".to_owned()]);
    let list = folder.read("subscribers.toml");
    folder.write("subscribers.toml", &format!("{list}\n[[subscriber]\n"));
    folder.run_at(YEAR_4, &["send", "--due"]);
    assert!(lite(&file, left).contains("Ovalex"));
    folder.write("subscribers.toml", &list);
    at(&folder, YEAR_4, &["send", "--due"]);
    assert!(!lite(&file, left).contains("Ovalex"));
}
