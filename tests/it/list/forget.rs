//! What `franking list forget` does with texts, entries and files that are not of the forgotten person alone.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::postgres::Database;
use crate::support::relay::{self, store_at};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

/// Runs a test with a list in each kind of store, and without a relay.
fn each_store(name: &str, test: impl Fn(&Folder)) {
    let list = "[list]\nsource = \"store\"\n";
    test(&relay::newsletter(list));
    if let Some(database) = Database::create(name) {
        let tables = list.to_owned() + &store_at(&database.url());
        test(&relay::newsletter(&tables));
    }
}

fn run(folder: &Folder, words: &[&str]) -> Run {
    folder.run_at(NOW, words)
}

fn done(folder: &Folder, words: &[&str]) -> String {
    let run = run(folder, words);
    assert_eq!(run.code, 0, "{words:?}: {}{}", run.stdout, run.stderr);
    run.stdout + &run.stderr
}

fn add(folder: &Folder, address: &str, consent: &str, more: &[&str]) {
    let words = ["list", "add", address, "--consent", consent];
    done(folder, &[&words[..], more].concat());
}

/// What a placeholder of the issue needs.
const FIRST: [&str; 2] = ["--first-name", "Friend"];

/// Adds a person who can be mailed, with a value.
fn add_friend(folder: &Folder, name: &str, value: &[&str]) {
    let address = format!("{name}@shire.example");
    add(folder, &address, "form", &[&FIRST[..], value].concat());
}

/// Writes the messages of an issue into the outbox.
fn send(folder: &Folder) {
    relay::write_issue(folder, "a", "");
    done(folder, &["send", "a", "--yes"]);
}

/// The sources of a person's evidence.
fn sources(folder: &Folder, address: &str) -> Vec<Value> {
    let shown = done(folder, &["list", "show", address, "--evidence", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let consent = shown["consent"].as_array().expect("the evidence");
    consent.iter().map(|one| one["source"].clone()).collect()
}

#[test]
fn an_address_inside_of_another_one_is_not_the_forgotten_one() {
    each_store("an_address_inside_of_another_one", |folder| {
        add_friend(folder, "ada", &[]);
        add_friend(folder, "da", &[]);
        let inviter = "inviter=da@shire.example.example, ada@shire.example";
        add_friend(folder, "bo", &["--attribute", inviter]);
        send(folder);
        folder.write(".franking/sent.log", "mailed ada@shire.example\n");
        let said = done(folder, &["list", "forget", "da@shire.example"]);
        assert!(said.contains("1 message deleted from the outbox"), "{said}");
        assert!(!said.contains("warning"), "{said}");
        let files = folder.files();
        let messages = files.keys().filter(|file| file.ends_with(".eml"));
        assert_eq!(messages.count(), 2, "{:?}", files.keys());
        let log = "mailed ada@shire.example\nmailed DA@shire.example.\n";
        folder.write(".franking/sent.log", log);
        let again = run(folder, &["list", "forget", "da@shire.example"]);
        let hint = "hint: delete `.franking/sent.log`, which contains the address; then run the command again";
        assert_eq!(again.code, 1);
        assert!(again.stderr.contains(hint), "{}", again.stderr);
    });
}

#[test]
fn entries_of_others_with_the_address_are_named_until_they_are_changed() {
    each_store("entries_of_others_with_the_address", |folder| {
        add(folder, "kim@shire.example", "form", &[]);
        let inviter = ["--attribute", "inviter=see Kim@Shire.example."];
        add(folder, "lo@shire.example", "form", &inviter);
        for number in 10..31 {
            add(
                folder,
                &format!("r{number}@shire.example"),
                "form",
                &inviter,
            );
        }
        let first = run(folder, &["list", "forget", "kim@shire.example", "--json"]);
        assert_eq!(first.code, 1);
        let report: Value = serde_json::from_str(&first.stdout).expect("JSON");
        let others = report["others_with_address"].as_array().expect("entries");
        assert_eq!((others.len(), &report["is_done"]), (22, &json!(false)));
        assert_eq!(report["files"], json!([]));
        assert!(
            first.stderr.contains(
                "hint: the address is in the values of lo@shire.example, r10@shire.example,"
            ) && first.stderr.contains(
                "r28@shire.example and 2 more: change them with `franking list update`; then run"
            ),
            "{}",
            first.stderr
        );
        assert!(!first.stderr.contains("store.db"), "{}", first.stderr);
        for other in others.iter().filter_map(Value::as_str) {
            done(folder, &["list", "update", other, "--unset", "inviter"]);
        }
        done(folder, &["list", "forget", "kim@shire.example"]);
    });
}

#[test]
fn deliveries_to_others_and_names_in_their_entries_are_warnings() {
    each_store("deliveries_to_others_and_names", |folder| {
        add_friend(folder, "kim", &["--name", "Kim Ovale"]);
        let inviter = ["--attribute", "inviter=kim@shire.example"];
        add_friend(folder, "lo", &inviter);
        let friend = ["--attribute", "friend=the wife of Kim  OVALE"];
        add_friend(folder, "mo", &friend);
        add_friend(folder, "no", &["--name", "Kim Ovale"]);
        add_friend(folder, "po", &["--attribute", "boat=Kim Ovaler"]);
        add_friend(folder, "ro", &["--tag", "kim-ovale"]);
        send(folder);
        done(
            folder,
            &["list", "update", "lo@shire.example", "--unset", "inviter"],
        );
        let said = done(folder, &["list", "forget", "kim@shire.example"]);
        for warning in [
            "warning: the full name is also in the tags or attributes of mo@shire.example, ro@shire.example; `franking list update` changes them\n",
            "warning: the address is also in the values of 1 delivery to other people, until the time of [privacy] keep is over\n",
        ] {
            assert!(said.contains(warning), "{said}");
        }
    });
}

#[test]
fn the_evidence_of_others_loses_only_what_is_certainly_the_person() {
    each_store("the_evidence_of_others", |folder| {
        let spring = "web form signed at the spring fair";
        add(folder, "victim@shire.example", spring, &[]);
        let quoting = "Form of Ada Quell <ada.quell@shire.example>, ada.quell's letter, not Ada's nor nada.quell@shire.example";
        add(folder, "other@shire.example", quoting, &[]);
        add(folder, "third@shire.example", "2024 export of info b", &[]);
        add(
            folder,
            "fourth@shire.example",
            "list of never.known 77",
            &[],
        );
        add(
            folder,
            "web@shire.example",
            "form",
            &["--name", "Fair Form Site"],
        );
        add(
            folder,
            "ada.quell@shire.example",
            "form",
            &["--name", "Quell, Ada"],
        );
        add(folder, "info@shire.example", "form", &[]);
        add(folder, "export@shire.example", "form", &[]);
        for forgotten in [
            "web",
            "ada.quell",
            "info",
            "export",
            "2024",
            "b",
            "never.known",
        ] {
            // A second time, the store has a suppression of each of them.
            for _ in 0..2 {
                let address = format!("{forgotten}@shire.example");
                done(folder, &["list", "forget", &address]);
            }
        }
        assert_eq!(sources(folder, "victim@shire.example"), [spring]);
        assert_eq!(
            sources(folder, "other@shire.example"),
            [
                "Form of [removed] <[removed]>, [removed]'s letter, not Ada's nor nada.quell@shire.example"
            ]
        );
        let third = sources(folder, "third@shire.example");
        assert_eq!(third, ["2024 export of info b"]);
        let fourth = sources(folder, "fourth@shire.example");
        assert_eq!(fourth, ["list of never.known 77"]);
    });
}

#[test]
fn a_file_name_with_a_word_is_kept_for_the_others_of_the_file() {
    each_store("a_file_name_with_a_word", |folder| {
        let import = |file: &str, rows: &str| {
            folder.write(file, &format!("Mail\n{rows}"));
            let words = [
                "list",
                "import",
                file,
                "--map",
                "Mail=email",
                "--consent-source",
                "form",
            ];
            done(folder, &words);
        };
        import("spring.csv", "spring@shire.example\nbo@shire.example\n");
        import("cy.csv", "cy@shire.example\n");
        import(
            "di@shire.example.csv",
            "di@shire.example\ned@shire.example\n",
        );
        for forgotten in ["spring", "cy", "di"] {
            let address = format!("{forgotten}@shire.example");
            done(folder, &["list", "forget", &address]);
        }
        let file = |person: &str| {
            let address = format!("{person}@shire.example");
            let shown = done(folder, &["list", "show", &address, "--evidence", "--json"]);
            let shown: Value = serde_json::from_str(&shown).expect("JSON");
            shown["consent"][0]["file"].clone()
        };
        assert_eq!(file("bo"), "spring.csv");
        assert_ne!(file("cy"), "cy.csv");
        assert_ne!(file("ed"), "di@shire.example.csv");
    });
}

#[test]
fn the_own_evidence_is_kept_only_if_the_name_is_certain() {
    each_store("the_own_evidence_is_kept_only", |folder| {
        for (person, change, source) in [
            ("ann", &[][..], Value::from("letter of Zenobia")),
            ("bea", &["update", "--name", "Bea Lind"], Value::Null),
            ("cat", &["remove"], Value::Null),
        ] {
            let address = format!("{person}@shire.example");
            add(
                folder,
                &address,
                "letter of Zenobia",
                &["--name", "Some Body"],
            );
            if let [command, more @ ..] = change {
                done(folder, &[&["list", command, &address], more].concat());
            }
            done(folder, &["list", "forget", &address]);
            assert_eq!(sources(folder, &address), [source], "{person}");
        }
        add(
            folder,
            "dot@shire.example",
            "letter of Umbria",
            &["--name", "Dot Umbria"],
        );
        done(folder, &["list", "forget", "dot@shire.example"]);
        assert_eq!(sources(folder, "dot@shire.example"), [Value::Null]);
    });
}

/// A person who is forgotten in the ledger has no message in the outbox, whenever the process was stopped.
#[test]
fn the_outbox_is_emptied_before_the_ledger_changes() {
    let folder = relay::newsletter("[list]\nsource = \"store\"\n");
    add_friend(&folder, "ada", &[]);
    send(&folder);
    let store = || {
        let file = folder.path().join(".franking/store.db");
        rusqlite::Connection::open(file).expect("the store")
    };
    let trigger = "create trigger stops before delete on subscriber begin select raise(abort, 'stopped'); end";
    store().execute_batch(trigger).expect("a trigger");
    let stopped = run(&folder, &["list", "forget", "ada@shire.example"]);
    assert_ne!(stopped.code, 0, "{}", stopped.stdout);
    let has_message = || folder.files().keys().any(|file| file.ends_with(".eml"));
    assert!(!has_message());
    store()
        .execute_batch("drop trigger stops")
        .expect("no trigger");
    let said = done(&folder, &["list", "forget", "ada@shire.example"]);
    assert!(
        said.contains("removed from the list in the store"),
        "{said}"
    );
}

#[test]
fn a_ledger_that_was_set_aside_may_contain_the_address() {
    let folder = relay::newsletter("[list]\nsource = \"store\"\n");
    add(&folder, "ada@shire.example", "form", &[]);
    let aside = ".franking/store.db.damaged-20261001T080000Z-1";
    let (live, aside_path) = (".franking/store.db", folder.path().join(aside));
    copy(&folder.path().join(live), &aside_path);
    let said = run(&folder, &["list", "forget", "da@shire.example"]);
    assert_eq!(said.code, 1);
    let hint = format!("hint: delete `{aside}`, which may contain the address; then");
    assert!(said.stderr.contains(&hint), "{}", said.stderr);
    std::fs::remove_file(aside_path).expect("the former ledger");
    done(&folder, &["list", "forget", "da@shire.example"]);
}

/// Copies a ledger with what is in its log.
fn copy(live: &Path, aside: &Path) {
    let store = rusqlite::Connection::open(live).expect("the store");
    store
        .execute("vacuum into ?1", [aside.to_str()])
        .expect("a copy");
}
