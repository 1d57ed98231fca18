//! `franking list`, for a list in the store of either kind and for one in a file.

use std::path::Path;

use franking::newsletter::config::{Password, StoreUrl};
use franking::store::{NewSuppression, Store};
use franking::subscriber::import::SuppressionReason;
use franking::subscriber::{Address, List, Status, SuppressionKey};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

/// The sample newsletter with an empty list in this store.
fn newsletter(url: &str) -> Folder {
    let folder = Folder::with_samples();
    let settings = folder.read("newsletter.toml");
    let tables = format!("\n[store]\nurl = \"{url}\"\n\n[list]\nsource = \"store\"\n");
    folder.write("newsletter.toml", &(settings + &tables));
    folder
}

fn run(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run_at(NOW, &[&["list"], arguments].concat())
}

/// What a command that succeeds prints, and says.
fn done(folder: &Folder, arguments: &[&str]) -> String {
    let run = run(folder, arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    run.stdout + &run.stderr
}

/// What a command that fails says.
fn refused(folder: &Folder, arguments: &[&str], code: i32) -> String {
    let run = run(folder, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{arguments:?}");
    run.stderr
}

fn store(folder: &Folder, url: &str) -> Store {
    let place = match url.strip_prefix("sqlite:") {
        Some(path) => StoreUrl::File(path.into()),
        None => {
            return Store::connect(&Password::from(url.to_owned()), folder.path())
                .expect("a store");
        }
    };
    let opened = Store::existing(&place, folder.path()).expect("a store");
    opened.expect("a store that a command has created")
}

fn suppress(folder: &Folder, url: &str, address: &str, reason: SuppressionReason) {
    let key = SuppressionKey::at(&folder.path().join(".franking/suppression-key")).expect("a key");
    let address_key = Address::parse(address).expect("an address").key();
    let new = NewSuppression {
        hash: &key.hash(&address_key),
        address_key: Some(&address_key),
        reason,
        detail: None,
        evidence: Some("a letter"),
        at: 1_795_000_000,
    };
    store(folder, url).suppress(&new).expect("a suppression");
}

/// The export of a newsletter into which another export was imported.
fn read_back(file: &Path) -> Vec<Value> {
    let other = newsletter("sqlite:.franking/store.db");
    let file = file.to_str().expect("a path in UTF-8");
    let imported: Value =
        serde_json::from_str(&done(&other, &["import", file, "--json"])).expect("JSON");
    assert_eq!(imported["format"], "franking");
    assert_eq!(imported["rejected"], 0, "{imported}");
    lines(&done(&other, &["export", "--format", "jsonl"]))
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .expect("a JSON object a line")
}

/// Every subscriber that `find` prints is exported. `find` has the order of the list, and fewer keys.
fn are_exported(found: &[Value], exported: &[Value]) {
    for one in found {
        let mut same = exported.iter().filter(|row| row["email"] == one["email"]);
        let same = same.next().expect("every subscriber is exported");
        for (key, value) in one.as_object().expect("an object") {
            assert_eq!(&same[key], value, "{key}");
        }
    }
}

fn is_kept_by_commands(url: &str) {
    let folder = newsletter(url);
    let ada = "Ada@rivers.example";
    let added = done(
        &folder,
        &[
            "add",
            ada,
            "--name",
            "Reed, Ada",
            "--language",
            "fr-be",
            "--tag",
            "members",
            "--attribute",
            "year=12",
            "--attribute",
            "phone=+39012",
            "--attribute",
            "code=\"7\"",
            "--attribute",
            "note=one, \"two\"; three",
            "--consent",
            "sign-up form",
            "--consent-at",
            "2026-11-01",
        ],
    );
    assert_data_eq!(
        added,
        str![[r#"
added Ada@rivers.example (active)

"#]]
    );
    done(
        &folder,
        &["add", "bo@fen.example", "--consent", "letter", "--pending"],
    );
    done(
        &folder,
        &["add", "cy@fen.example", "--consent", "letter", "--json"],
    );
    let again = refused(&folder, &["add", "ada@RIVERS.example", "--consent", "x"], 2);
    assert_data_eq!(
        again,
        str![[r#"
error: `ada@RIVERS.example` is on the list already
hint: `franking list update ada@RIVERS.example` changes it

"#]]
    );

    assert_data_eq!(
        done(&folder, &["count", "all"]),
        str![[r#"
active               2
pending              1
total                3

"#]]
    );
    assert_data_eq!(
        done(&folder, &["find", "lang:fr or not tag:members"]),
        str![[r#"
active        Ada@rivers.example (Reed, Ada)  fr-BE  [members]
pending       bo@fen.example
active        cy@fen.example

"#]]
    );
    assert_data_eq!(
        done(&folder, &["show", "ada@rivers.example"]),
        str![[r#"
address       Ada@rivers.example
status        active
name          Reed, Ada
first_name    Ada
last_name     Reed
language      fr-BE
tags          members
code          7
note          one, "two"; three
phone         +39012
year          12

"#]]
    );

    // Who has left is not made active.
    suppress(
        &folder,
        url,
        "bo@fen.example",
        SuppressionReason::Complained,
    );
    suppress(&folder, url, "cy@fen.example", SuppressionReason::Blocked);
    suppress(
        &folder,
        url,
        "di@fen.example",
        SuppressionReason::Unsubscribed,
    );
    let complained = refused(&folder, &["update", "bo@fen.example", "--consent", "x"], 1);
    assert_data_eq!(
        complained,
        str![[r#"
error: `bo@fen.example` is suppressed (complained) and is not made active
hint: the person reported a message as spam: only `franking list unsuppress bo@fen.example --reason TEXT` ends that

"#]]
    );
    let left = refused(&folder, &["add", "di@fen.example", "--consent", "x"], 1);
    assert_data_eq!(
        left,
        str![[r#"
error: `di@fen.example` is suppressed (unsubscribed) and is not made active
hint: if the person has signed up again, run `franking list unsuppress di@fen.example --reason TEXT` first

"#]]
    );

    // A value of someone who left can change; the status of the list stays below the suppression.
    done(
        &folder,
        &[
            "update",
            "cy@fen.example",
            "--first-name",
            "Cy",
            "--tag",
            "press",
        ],
    );
    done(
        &folder,
        &["update", ada, "--unset", "phone", "--no-tag", "members"],
    );
    assert_eq!(
        done(&folder, &["update", ada]),
        "unchanged: Ada@rivers.example\n"
    );
    let unconfirmed = refused(&folder, &["tag", "north", "all"], 2);
    assert_data_eq!(
        unconfirmed,
        str![[r#"
error: confirmation required, but standard input is not a terminal
hint: nothing was changed; use `--yes`

"#]]
    );
    assert_eq!(
        done(&folder, &["tag", "north", "all", "--yes"]),
        "3 subscribers changed\n"
    );
    assert_eq!(
        done(&folder, &["tag", "north", "all"]),
        "0 subscribers changed\n"
    );
    assert_eq!(
        done(&folder, &["untag", "north", "tag:press", "--yes"]),
        "1 subscriber changed\n"
    );

    let found = done(&folder, &["find", "all", "--json"]);
    let exported = done(&folder, &["export", "--format", "jsonl"]);
    assert_data_eq!(
        &exported,
        str![[r#"
{"attributes":{},"consent":[],"detail":null,"email":"di@fen.example","evidence":"a letter","first_name":null,"hash":null,"language":null,"last_name":null,"listed":null,"name":null,"reason":"unsubscribed","status":"unsubscribed","suppressed_at":"2026-11-18T11:06:40Z","tags":[]}
{"attributes":{},"consent":[{"at":null,"columns":null,"confirmed_at":null,"confirmed_ip":null,"file":null,"ip":null,"line":null,"recorded_at":"2026-11-30T08:00:00Z","sha256":null,"source":"letter"}],"detail":null,"email":"bo@fen.example","evidence":"a letter","first_name":null,"hash":null,"language":null,"last_name":null,"listed":"pending","name":null,"reason":"complained","status":"complained","suppressed_at":"2026-11-18T11:06:40Z","tags":["north"]}
{"attributes":{},"consent":[{"at":null,"columns":null,"confirmed_at":null,"confirmed_ip":null,"file":null,"ip":null,"line":null,"recorded_at":"2026-11-30T08:00:00Z","sha256":null,"source":"letter"}],"detail":null,"email":"cy@fen.example","evidence":"a letter","first_name":"Cy","hash":null,"language":null,"last_name":null,"listed":"active","name":null,"reason":"blocked","status":"unsubscribed","suppressed_at":"2026-11-18T11:06:40Z","tags":["press"]}
{"attributes":{"code":"7","note":"one, /"two/"; three","year":12},"consent":[{"at":"2026-11-01","columns":null,"confirmed_at":null,"confirmed_ip":null,"file":null,"ip":null,"line":null,"recorded_at":"2026-11-30T08:00:00Z","sha256":null,"source":"sign-up form"}],"detail":null,"email":"Ada@rivers.example","evidence":null,"first_name":"Ada","hash":null,"language":"fr-BE","last_name":"Reed","listed":"active","name":"Reed, Ada","reason":null,"status":"active","suppressed_at":null,"tags":["north"]}

"#]]
    );
    let expected = lines(&exported);
    are_exported(&lines(&found), &expected);
    for (file, format) in [("list.jsonl", "jsonl"), ("list.csv", "csv")] {
        done(&folder, &["export", "--format", format, "--out", file]);
        assert_eq!(read_back(&folder.path().join(file)), expected, "{file}");
    }

    let removed = done(&folder, &["remove", "cy@fen.example", "nobody@fen.example"]);
    assert_data_eq!(
        removed,
        str![[r#"
`nobody@fen.example` is not on the list
removed 1 subscriber

"#]]
    );
    let rest = lines(&done(&folder, &["export", "--format", "jsonl"]));
    assert_eq!(rest.len(), 4);
    let left = rest.iter().find(|row| row["email"] == "cy@fen.example");
    assert_eq!(
        left.expect("a row")["reason"],
        "blocked",
        "the suppression stays"
    );
    assert_data_eq!(
        done(&folder, &["show", "cy@fen.example", "--evidence"]),
        str![[r#"
address       cy@fen.example (not on the list)
suppressed    blocked since 2026-11-18T11:06:40Z: a letter
consent       letter
2026-11-18T11:06:40Z  suppress    cy@fen.example: blocked: a letter
2026-11-30T08:00:00Z  add         cy@fen.example: consent: letter
2026-11-30T08:00:00Z  update      cy@fen.example: first_name, tags
2026-11-30T08:00:00Z  remove      cy@fen.example

"#]]
    );
    assert_data_eq!(
        done(&folder, &["history"]),
        str![[r#"
2026-11-18T11:06:40Z  suppress    bo@fen.example: complained: a letter
2026-11-18T11:06:40Z  suppress    cy@fen.example: blocked: a letter
2026-11-18T11:06:40Z  suppress    di@fen.example: unsubscribed: a letter
2026-11-30T08:00:00Z  add         ada@rivers.example: consent: sign-up form, 2026-11-01
2026-11-30T08:00:00Z  add         bo@fen.example: consent: letter
2026-11-30T08:00:00Z  add         cy@fen.example: consent: letter
2026-11-30T08:00:00Z  update      cy@fen.example: first_name, tags
2026-11-30T08:00:00Z  update      ada@rivers.example: tags, phone
2026-11-30T08:00:00Z  tag         -: north (3 changed)
2026-11-30T08:00:00Z  untag       -: north (1 changed)
2026-11-30T08:00:00Z  remove      cy@fen.example

"#]]
    );
    assert_eq!(
        lines(&done(&folder, &["history", "ada@rivers.example", "--json"])).len(),
        2
    );

    done(
        &folder,
        &["tag", "kept", "email:ada@rivers.example", "--yes"],
    );
    run(&folder, &["forget", ada]);
    let history = done(&folder, &["history"]).to_lowercase();
    assert!(!history.contains("ada@rivers"), "{history}");
    let of_hash = done(&folder, &["history", ada, "--json"]);
    assert_eq!(lines(&of_hash).len(), 3, "{of_hash}");
}

#[test]
fn a_list_in_sqlite_is_kept_by_commands() {
    is_kept_by_commands("sqlite:.franking/store.db");
}

#[test]
fn a_list_in_postgresql_is_kept_by_commands() {
    if let Some(database) = Database::create("a_list_in_postgresql_is_kept_by_commands") {
        is_kept_by_commands(&database.url());
    }
}

#[test]
fn a_value_that_is_not_accepted_names_the_remedy() {
    let folder = newsletter("sqlite:.franking/store.db");
    let mut all = String::new();
    for value in [
        ["--name", "Ada\nBcc: x"],
        ["--first-name", "N/A"],
        ["--last-name", "see heron.example"],
        ["--language", "french!"],
        ["--tag", "a, b"],
        ["--tag", ""],
        ["--attribute", "=x"],
        ["--attribute", "a=x\u{1b}[1m"],
        ["--attribute", "a"],
        ["--consent-at", "soon"],
    ] {
        let arguments = [&["add", "ada@rivers.example", "--consent", "x"], &value[..]].concat();
        let said = refused(&folder, &arguments, 2);
        let said = said
            .split("\n\nFor more")
            .next()
            .unwrap_or_default()
            .trim_end();
        all.push_str(&format!("{value:?}\n{said}\n"));
    }
    assert_data_eq!(
        all,
        str![[r#"
["--name", "Ada/nBcc: x"]
error: a control or invisible character in `name`: `Ada/u{a}Bcc: x`
hint: write the name on one line
["--first-name", "N/A"]
error: `first_name` is not a name: `N/A`
hint: leave the name out if it is unknown: messages then use the default of the placeholder
["--last-name", "see heron.example"]
error: `last_name` contains a link: `see heron.example`
hint: leave the name out if it is unknown: messages then use the default of the placeholder
["--language", "french!"]
error: invalid language tag `french!`
hint: write a BCP 47 tag, such as `en` or `fr-BE`
["--tag", "a, b"]
error: `a, b` is one tag with a `,` in it
hint: write several tags: ["a", "b"]
["--tag", ""]
error: an empty tag is ignored
hint: remove it
["--attribute", "=x"]
error: invalid attribute name ``
hint: write the name with letters, digits and `_`
["--attribute", "a=x/u{1b}[1m"]
error: a control character in the attribute `a`
hint: write the value on one line
["--attribute", "a"]
error: invalid value 'a' for '--attribute <NAME=VALUE>': expected NAME=VALUE, such as `country=IT`
["--consent-at", "soon"]
error: invalid value 'soon' for '--consent-at <DATE>': expected a date such as `2026-11-30`, or a time in RFC 3339

"#]]
    );
    assert_eq!(done(&folder, &["count", "--json"]), zero());
}

fn zero() -> String {
    let none = Status::ALL.map(|status| (status.as_str().to_owned(), json!(0)));
    let none = serde_json::Map::from_iter(none);
    format!("{}\n", json!({ "by_status": none, "total": 0 }))
}

#[test]
fn a_list_in_a_file_is_read_and_not_changed() {
    let folder = Folder::with_samples();
    let before = folder.files();
    assert_data_eq!(
        done(&folder, &["count", "tag:members"]),
        str![[r#"
active               6
total                6

"#]]
    );
    let exported = lines(&done(&folder, &["export", "--format", "jsonl"]));
    let found = lines(&done(&folder, &["find", "all", "--json"]));
    assert_eq!(exported.len(), found.len());
    are_exported(&found, &exported);
    let address = exported[0]["email"]
        .as_str()
        .expect("an address")
        .to_owned();
    let shown = done(&folder, &["show", &address, "--json"]);
    are_exported(&[lines(&shown)[0]["subscriber"].clone()], &exported);
    let refusal = refused(&folder, &["remove", &address], 2);
    assert_data_eq!(
        &refusal,
        str![[r#"
error: the list is in subscribers.toml, which commands do not change
hint: edit subscribers.toml; or write `[list]` `source = "store"` in newsletter.toml and run `franking list import subscribers.toml`

"#]]
    );
    for change in [
        &["add", "x@fen.example", "--consent", "x"][..],
        &["update", &address, "--tag", "x"],
        &["tag", "x", "all", "--yes"],
        &["untag", "x", "all", "--yes"],
    ] {
        assert_eq!(refused(&folder, change, 2), refusal, "{change:?}");
    }
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn the_sample_list_in_the_store_has_the_same_plan_as_the_file() {
    let of_file = Folder::with_samples();
    let of_store = newsletter("sqlite:.franking/store.db");
    let mut store = Store::open(&of_store.path().join(".franking/store.db")).expect("a store");
    let list = List::below(of_store.path());
    let put = store.change_list(0, |change| {
        list.read()
            .try_for_each(|subscriber| change.put(&subscriber).map(drop))
    });
    put.expect("a list");
    let plan = |folder: &Folder| folder.run_at(NOW, &["plan", "2026-11"]).stdout;
    // The file has a mailbox twice, which the store cannot have.
    let of_file_plan = plan(&of_file);
    let with_duplicate = "5 excluded (1 bounced, 1 duplicate, ";
    assert!(of_file_plan.contains(with_duplicate), "{of_file_plan}");
    let without = of_file_plan.replace(with_duplicate, "4 excluded (1 bounced, ");
    assert_eq!(plan(&of_store), without);
}
