//! `franking list suppress`, `unsuppress` and `forget`.

use std::path::Path;

use franking::newsletter::config::Password;
use franking::simulator::sink::AcceptAll;
use franking::store::Store;
use franking::subscriber::{Address, Attribute, Subscriber, SuppressionKey};
use serde_json::Value;

use crate::support::Folder;
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp, store_at};

/// A newsletter whose list is in the store: a file, or a database.
fn stored(relay: &Relay, database: Option<&Database>) -> Folder {
    let place = database.map(|database| store_at(&database.url()));
    let list = "[list]\nsource = \"store\"\n";
    let tables = smtp(relay.port, "none", 1) + list + &place.unwrap_or_default();
    let folder = relay::newsletter(&tables);
    std::fs::remove_file(folder.path().join("subscribers.toml")).expect("the sample list");
    relay::write_issue(&folder, "a", "");
    let mut store = match database {
        None => Store::open(&folder.path().join(".franking/store.db")),
        Some(database) => Store::connect(&Password::from(database.url()), Path::new(".")),
    }
    .expect("a store");
    let filled = store.change_list(0, |list| {
        for (name, tag) in [
            ("Ada Quell", "members"),
            ("Bo Lind", "press"),
            ("Cy Ovale", "members"),
        ] {
            let first = name.split(' ').next().unwrap_or_default();
            let address = format!("{}@reader.example", first.to_lowercase());
            let mut subscriber = Subscriber::at(Address::parse(&address).expect("an address"));
            subscriber.name = Some(name.to_owned());
            subscriber.first_name = Some(first.to_owned());
            subscriber.tags.insert(tag.to_owned());
            let town = Attribute::Text("Wadern".to_owned());
            subscriber.attributes.insert("town".to_owned(), town);
            list.put(&subscriber)?;
        }
        Ok(())
    });
    filled.expect("a list");
    folder
}

/// The stores of the tests: a file, and a database where there is PostgreSQL.
fn databases(test: &str) -> Vec<Option<Database>> {
    std::iter::once(None)
        .chain(Database::create(test).map(Some))
        .collect()
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let run = folder.run(arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn a_suppressed_subscriber_is_not_mailed_until_the_suppression_ends() {
    for database in databases("a_suppressed_subscriber_is_not_mailed_until_the_suppression_ends") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let reason = [
            "list",
            "suppress",
            "ada@reader.example",
            "--reason",
            "by telephone",
        ];
        assert_eq!(folder.run(&reason).code, 0);
        let counted = json(&folder, &["list", "count", "--json"]);
        assert_eq!(counted["by_status"]["unsubscribed"], 1);
        let send = folder.run(&["send", "a", "--yes"]);
        assert_eq!(send.code, 0, "{}", send.stderr);
        assert_eq!(
            relay.recipients(),
            ["bo@reader.example", "cy@reader.example"]
        );

        let back = [
            "list",
            "unsuppress",
            "ada@reader.example",
            "--reason",
            "asked again",
        ];
        assert_eq!(folder.run(&back).code, 0);
        relay::write_issue(&folder, "b", "");
        let only = ["send", "b", "--yes", "--only", "ada@reader.example"];
        let send = folder.run(&only);
        assert_eq!(send.code, 0, "{}", send.stderr);
        let twice = folder.run(&back);
        assert_eq!(twice.code, 2, "{}", twice.stderr);
    }
}

#[test]
fn a_forgotten_person_leaves_a_hash_and_is_never_mailed_again() {
    for database in databases("a_forgotten_person_leaves_a_hash_and_is_never_mailed_again") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let only = ["send", "a", "--yes", "--only", "ada@reader.example"];
        assert_eq!(folder.run(&only).code, 0);
        let forgotten = json(&folder, &["list", "forget", "ada@reader.example", "--json"]);
        assert_eq!(forgotten["forgotten"]["deliveries"], 1);
        assert_eq!(forgotten["is_done"], true);
        let bo = json(&folder, &["list", "forget", "bo@reader.example", "--json"]);
        assert_eq!(bo["forgotten"]["excluded"], 1);

        let status = json(&folder, &["status", "a", "--json"]);
        assert_eq!(status["adds_up"], true);
        assert_eq!(status["totals"]["reasons"]["forgotten"], 1);
        let texts = [
            "ada@",
            "bo@",
            "Ada Quell",
            "Bo Lind",
            "YWRhQHJlYWRlci5leGFtcGxl",
        ];
        let dump = database.as_ref().map(Database::dump).unwrap_or_default();
        for text in texts {
            assert!(!dump.contains(text), "the database has {text}");
            for (file, bytes) in folder.files() {
                let is_there = bytes
                    .windows(text.len())
                    .any(|part| part == text.as_bytes());
                assert!(
                    !is_there || !file.starts_with(".franking"),
                    "{file} has {text}"
                );
            }
        }
        let rest = folder.run(&["send", "a", "--yes"]);
        assert_eq!(rest.code, 0, "{}", rest.stderr);
        assert_eq!(
            relay.recipients(),
            ["ada@reader.example", "cy@reader.example"]
        );
    }
}

#[test]
fn an_entry_in_a_file_must_be_deleted_by_hand() {
    let folder = relay::newsletter_for(2, "");
    let first = folder.run(&["list", "forget", "r1@reader.example"]);
    assert_eq!(first.code, 1);
    assert!(
        first
            .stderr
            .contains("delete the entry at subscribers.toml:"),
        "{}",
        first.stderr
    );
    let plan = folder.run(&["send", "a", "--dry-run"]);
    assert!(
        plan.stdout.contains("r2@") && !plan.stdout.contains("ready r1@"),
        "{}",
        plan.stdout
    );
    relay::set_subscribers(&folder, ["r2"]);
    let then = folder.run(&["list", "forget", "r1@reader.example"]);
    assert_eq!(then.code, 0, "{}", then.stderr);
}

/// A file with an address and a first name a line below its header.
fn file_of(folder: &Folder, names: impl Iterator<Item = usize>) {
    let rows = names.map(|number| format!("r{number}@reader.example,R{number}\n"));
    folder.write(
        "people.csv",
        &("Mail,First\n".to_owned() + &rows.collect::<String>()),
    );
}

#[test]
fn a_change_that_loses_more_than_a_tenth_of_the_open_recipients_pauses_the_campaign() {
    for database in databases("a_change_that_loses_more_than_a_tenth_pauses_the_campaign") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        file_of(&folder, 0..40);
        let import = [
            "list",
            "import",
            "people.csv",
            "--map",
            "Mail=email",
            "--map",
            "First=first_name",
        ];
        let agreed = [&import[..], &["--consent-source", "paper form"]].concat();
        assert_eq!(folder.run(&agreed).code, 0);
        for (issue, change) in [
            ("a", &["list", "remove", "ada@reader.example"][..]),
            ("b", &[&import[..], &["--status", "unsubscribed"]].concat()),
        ] {
            relay::write_issue(&folder, issue, "");
            let only = ["send", issue, "--yes", "--only", "bo@reader.example"];
            assert_eq!(folder.run(&only).code, 0, "{issue}");
            file_of(&folder, 0..4);
            let few = folder.run(change);
            assert_eq!(few.code, 0, "{}", few.stderr);
            assert!(!few.stderr.contains("paused"), "{}", few.stderr);
        }
        file_of(&folder, 4..12);
        let many = folder.run(&[&import[..], &["--status", "unsubscribed"]].concat());
        assert_eq!(many.code, 0, "{}", many.stderr);
        for issue in ["a", "b"] {
            let paused = format!("the campaign of `{issue}` is paused");
            assert!(many.stderr.contains(&paused), "{}", many.stderr);
            let status = json(&folder, &["status", issue, "--json"]);
            assert_eq!(status["campaign"]["brake"]["brake"], "paused");
        }
    }
}

/// Ten seconds lie between two messages: all of them are leased at once, and wait.
#[test]
fn a_person_suppressed_while_the_message_waits_for_its_turn_is_not_mailed() {
    for database in databases("a_person_suppressed_while_the_message_waits") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let settings = folder.read("newsletter.toml");
        let rate = settings.replace("connections = 1\n", "connections = 1\nrate = \"6/min\"\n");
        folder.write("newsletter.toml", &rate);
        let mut sender = folder
            .command(&["send", "a", "--yes"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        relay.wait_for(1);
        let both = ["list", "suppress", "bo@reader.example", "cy@reader.example"];
        let suppressed = folder.run(&both);
        assert_eq!(suppressed.code, 0, "{}", suppressed.stderr);
        sender.wait().expect("a child of this test");
        assert_eq!(relay.recipients(), ["ada@reader.example"]);
    }
}

/// Another newsletter with the same suppression key forgets Ada, and its export has her hash only.
#[test]
fn a_hash_suppresses_the_person_whose_address_is_on_the_list() {
    for database in databases("a_hash_suppresses_the_person") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let list = |folder: &Folder, words: &[&str], code: i32| {
            let run = folder.run(&[&["list"], words].concat());
            assert_eq!(run.code, code, "{words:?}: {}", run.stderr);
            run.stdout
        };
        list(&folder, &["suppress", "zoe@reader.example"], 0);
        let whole = list(&folder, &["export"], 0);

        let other = relay::newsletter("[list]\nsource = \"store\"\n");
        std::fs::create_dir(other.path().join(".franking")).expect("a directory");
        let key = ".franking/suppression-key";
        std::fs::copy(folder.path().join(key), other.path().join(key)).expect("a key");
        other.write("list.csv", &whole);
        list(&other, &["import", "list.csv"], 0);
        list(&other, &["forget", "ada@reader.example"], 0);
        let later = list(&other, &["export"], 0);
        assert!(!later.contains("ada@reader.example"), "{later}");

        folder.write("later.csv", &later);
        list(&folder, &["import", "later.csv"], 0);
        let active = list(&folder, &["find", "email:ada@reader.example", "--json"], 0);
        assert!(active.contains("unsubscribed"), "{active}");
        let export = list(&folder, &["export"], 0);
        assert_eq!(export.matches("ada@reader.example,").count(), 1, "{export}");
        let sent = folder.run(&["send", "a", "--yes"]);
        assert_eq!(sent.code, 0, "{}", sent.stderr);
        assert_eq!(
            relay.recipients(),
            ["bo@reader.example", "cy@reader.example"]
        );
    }
}

/// A file has the hash of Ada and of Bo, and in other rows their addresses: hers is active, his has a stricter reason.
#[test]
fn a_hash_counts_for_a_row_with_the_address_of_the_same_person() {
    for database in databases("a_hash_counts_for_a_row") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let suppress = [
            "list",
            "suppress",
            "bo@reader.example",
            "--because",
            "complained",
        ];
        assert_eq!(folder.run(&suppress).code, 0);
        let export = folder.run(&["list", "export", "--format", "jsonl"]).stdout;
        let key = folder.path().join(".franking/suppression-key");
        let key = SuppressionKey::at(&key).expect("a key");
        let row = export
            .lines()
            .find(|line| line.contains("bo@"))
            .expect("a row");
        let hashed = ["ada@reader.example", "bo@reader.example"].map(|address| {
            let mut row: Value = serde_json::from_str(row).expect("JSON");
            row["email"] = Value::Null;
            row["listed"] = Value::Null;
            row["reason"] = Value::from("unsubscribed");
            row["status"] = Value::from("unsubscribed");
            row["hash"] = format!("{}:{}", key.check_value(), key.hash(address)).into();
            format!("{row}\n")
        });
        folder.write("both.jsonl", &(hashed.concat() + &export));
        let report = json(&folder, &["list", "import", "both.jsonl", "--json"]);
        assert_eq!(
            (&report["suppressed"], &report["duplicate"]),
            (&2.into(), &2.into())
        );
        let bo = json(&folder, &["list", "show", "bo@reader.example", "--json"]);
        assert_eq!(bo["suppression"]["reason"], "complained");
        let sent = folder.run(&["send", "a", "--yes"]);
        assert_eq!(sent.code, 0, "{}", sent.stderr);
        assert_eq!(relay.recipients(), ["cy@reader.example"]);
    }
}

#[test]
fn a_test_is_not_mailed_to_a_suppressed_address() {
    let relay = Relay::start(AcceptAll);
    let folder = stored(&relay, None);
    assert_eq!(
        folder.run(&["list", "suppress", "ada@reader.example"]).code,
        0
    );
    let refused = folder.run(&["send", "a", "--test", "Ada@reader.example"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains("is suppressed (unsubscribed), also for tests")
    );
    let sent = folder.run(&["send", "a", "--test", "bo@reader.example"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert_eq!(relay.recipients(), ["bo@reader.example"]);
}

/// Two people leave whose mailboxes bounced, one of them by a file.
#[test]
fn a_person_who_left_stays_suppressed_when_the_mailbox_works_again() {
    for database in databases("a_person_who_left_stays_suppressed") {
        let relay = Relay::start(AcceptAll);
        let folder = stored(&relay, database.as_ref());
        let list = |words: &[&str]| {
            let run = folder.run(&[&["list"], words].concat());
            assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
            run.stdout + &run.stderr
        };
        let people = ["bo@reader.example", "cy@reader.example"];
        list(&[&["suppress"], &people[..], &["--because", "bounced"]].concat());
        list(&["suppress", people[0], "--reason", "asked by telephone"]);
        folder.write("left.csv", "email,status\ncy@reader.example,unsubscribed\n");
        let map = ["--map", "email=email", "--map", "status=status"];
        list(&[&["import", "left.csv"], &map[..]].concat());
        for person in people {
            let history = list(&["history", person]);
            assert!(
                history.contains("bounced") && history.contains("unsubscribed"),
                "{history}"
            );
            let words = ["unsuppress", person, "--reason", "the mailbox works again"];
            assert!(list(&words).contains("still suppressed (unsubscribed)"));
            assert!(list(&["show", person]).contains("unsubscribed"));
        }
        let sent = folder.run(&["send", "a", "--yes"]);
        assert_eq!(sent.code, 0, "{}", sent.stderr);
        assert_eq!(relay.recipients(), ["ada@reader.example"]);
        let words = ["unsuppress", people[0], "--reason", "asked to come back"];
        assert!(list(&words).contains("is not suppressed any more"));
    }
}

#[test]
fn a_lost_ledger_with_suppressions_is_not_replaced() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    let suppressed = folder.run(&["list", "suppress", "r1@reader.example"]);
    assert_eq!(suppressed.code, 0, "{}", suppressed.stderr);
    std::fs::remove_file(folder.path().join(".franking/store.db")).expect("the ledger");
    for command in [
        &["send", "a", "--yes"][..],
        &["status"],
        &["list", "suppress", "r2@reader.example"],
    ] {
        let lost = folder.run(command);
        assert_eq!(lost.code, 65, "{command:?}: {}", lost.stderr);
        assert!(
            lost.stderr.contains("suppressed addresses"),
            "{}",
            lost.stderr
        );
    }
    let anew = folder.run(&["send", "a", "--yes", "--new-ledger"]);
    assert_eq!(anew.code, 0, "{}", anew.stderr);
}
