//! An export that is imported into an empty list gives the same list.

use std::path::Path;

use serde_json::Value;

use crate::support::postgres::Database;
use crate::support::relay::store_at;
use crate::support::{Folder, Run, relay};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-12-01T08:00:00Z";

fn newsletter(store: &str) -> Folder {
    relay::newsletter(&format!("[list]\nsource = \"store\"\n{store}"))
}

fn at(folder: &Folder, now: &str, words: &[&str]) -> Run {
    folder.run_at(now, &[&["list"], words].concat())
}

fn done(folder: &Folder, words: &[&str]) -> String {
    let run = at(folder, NOW, words);
    assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
    run.stdout
}

fn export(folder: &Folder, format: &str) -> String {
    done(folder, &["export", "--format", format])
}

/// People of every kind: with and without evidence, who left by the file of another system and by hand, who are still on the
/// list and who are not, and who were forgotten.
fn fill(folder: &Folder) {
    let archive =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/lists/mailchimp.zip");
    done(folder, &["import", archive.to_str().expect("UTF-8")]);
    let person = [
        "--name",
        "Reed, Ada",
        "--language",
        "fr-BE",
        "--tag",
        "a, b".split(',').next().expect("a tag"),
    ];
    let attributes = [
        "--attribute",
        "year=12",
        "--attribute",
        "note=one, \"two\"; three",
    ];
    let consent = ["--consent", "form, \"A\"", "--consent-at", "2026-11-01"];
    done(
        folder,
        &[
            &["add", "Ada@rivers.example"],
            &person[..],
            &attributes,
            &consent,
        ]
        .concat(),
    );
    done(
        folder,
        &[
            "update",
            "ada@rivers.example",
            "--unset",
            "last_name",
            "--consent",
            "by telephone",
        ],
    );
    done(
        folder,
        &[
            "add",
            "bo@fen.example",
            "--consent",
            "letter",
            "--pending",
            "--tag",
            "x",
        ],
    );
    done(
        folder,
        &[
            "add",
            "cy@fen.example",
            "--consent",
            "letter",
            "--tag",
            "y",
            "--attribute",
            "d=1.5",
        ],
    );
    done(
        folder,
        &[
            "suppress",
            "cy@fen.example",
            "--because",
            "complained",
            "--reason",
            "a letter,\nof two lines",
        ],
    );
    done(
        folder,
        &["suppress", "di@fen.example", "--because", "blocked"],
    );
    done(folder, &["add", "eve@fen.example", "--consent", "letter"]);
    assert_eq!(at(folder, NOW, &["forget", "eve@fen.example"]).code, 0);
    done(
        folder,
        &["suppress", "fay@fen.example", "--because", "bounced"],
    );
    assert_eq!(at(folder, NOW, &["forget", "fay@fen.example"]).code, 0);
}

fn copy_key(from: &Folder, to: &Folder) {
    std::fs::create_dir_all(to.path().join(".franking")).expect("a directory");
    let key = ".franking/suppression-key";
    std::fs::copy(from.path().join(key), to.path().join(key)).expect("a key");
}

fn comes_back(from: &str, to: &dyn Fn() -> String) {
    let folder = newsletter(from);
    fill(&folder);
    let [csv, lines] = ["csv", "jsonl"].map(|format| export(&folder, format));
    assert_eq!(
        csv.lines().filter(|line| line.starts_with(",")).count(),
        2,
        "{csv}"
    );
    for (file, text) in [("list.csv", &csv), ("list.jsonl", &lines)] {
        let other = newsletter(&to());
        other.write(file, text);
        let files = other.files();
        let refused = at(&other, LATER, &["import", file]);
        assert_eq!(refused.code, 65, "{}", refused.stderr);
        assert!(
            refused
                .stderr
                .contains("was made with another suppression key"),
            "{}",
            refused.stderr
        );
        assert_eq!(other.changes_since(&files), [""; 0], "nothing was created");

        copy_key(&folder, &other);
        for _ in 0..2 {
            let report: Value =
                serde_json::from_str(&at(&other, LATER, &["import", file, "--json"]).stdout)
                    .expect("JSON");
            assert_eq!(
                (&report["rejected"], &report["duplicate"]),
                (&0.into(), &0.into()),
                "{report}"
            );
            assert_eq!(export(&other, "csv"), csv, "{file}");
            assert_eq!(export(&other, "jsonl"), lines, "{file}");
        }
        let line = 1 + text
            .lines()
            .position(|line| line.contains("Ada@"))
            .expect("a row");
        let history = done(&other, &["history", "ada@rivers.example"]);
        let event =
            format!("2026-12-01T08:00:00Z  import      ada@rivers.example: {file}:{line}\n");
        assert!(history.contains(&event), "{history}");
        let again = at(
            &other,
            LATER,
            &["add", "eve@fen.example", "--consent", "letter"],
        );
        assert_eq!(
            again.code, 1,
            "a person who was forgotten is recognised: {}",
            again.stderr
        );
    }
}

#[test]
fn an_export_from_sqlite_comes_back_without_loss() {
    comes_back("", &String::new);
}

#[test]
fn an_export_from_postgresql_comes_back_without_loss() {
    let Some(from) = Database::create("export from") else {
        return;
    };
    let to = std::cell::RefCell::new(Vec::new());
    comes_back(&store_at(&from.url()), &|| {
        let number = to.borrow().len();
        let database = Database::create(&format!("export to {number}")).expect("a server");
        let store = store_at(&database.url());
        to.borrow_mut().push(database);
        store
    });
}

/// The suppressed come first: a file whose end is lost still has every opt-out.
#[test]
fn people_who_left_are_exported_first() {
    let folder = newsletter("");
    fill(&folder);
    let text = export(&folder, "jsonl");
    let reasons: Vec<bool> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["reason"].is_string())
        .collect();
    assert!(reasons.is_sorted_by(|a, b| a >= b), "{text}");
}

#[test]
fn an_export_of_an_earlier_version_is_read() {
    let csv = "email,status,reason,name,first_name,last_name,language,tags,attributes\r\n\
        ann@fen.example,active,,Ann,,,fr,\"[\"\"a\"\"]\",\"{\"\"n\"\":1}\"\r\n\
        bea@fen.example,bounced,bounced,,,,,,\r\n";
    let lines = "{\"attributes\":{\"n\":1},\"email\":\"ann@fen.example\",\"first_name\":null,\"language\":\"fr\",\"last_name\":null,\
        \"name\":\"Ann\",\"reason\":null,\"status\":\"active\",\"tags\":[\"a\"]}\n\
        {\"attributes\":{},\"email\":\"bea@fen.example\",\"first_name\":null,\"language\":null,\"last_name\":null,\
        \"name\":null,\"reason\":\"bounced\",\"status\":\"bounced\",\"tags\":[]}\n";
    for (file, text) in [("list.csv", csv), ("list.jsonl", lines)] {
        let folder = newsletter("");
        folder.write(file, text);
        let report = done(&folder, &["import", file]);
        assert!(
            report.contains("2 read = 1 added + 0 updated + 0 unchanged + 1 suppressed"),
            "{report}"
        );
        let export = export(&folder, "jsonl");
        assert!(
            export.contains("\"attributes\":{\"n\":1}") && export.contains("\"tags\":[\"a\"]"),
            "{export}"
        );
        let history = done(&folder, &["history", "ann@fen.example"]);
        assert!(
            history.contains(&format!("import      ann@fen.example: {file}:")),
            "{history}"
        );
    }
}

/// Without the key, mailboxes without an address cannot be recognised, and nothing says that they are not suppressed.
#[test]
fn without_the_suppression_key_nothing_is_said_about_people_who_were_forgotten() {
    let folder = newsletter("");
    fill(&folder);
    std::fs::remove_file(folder.path().join(".franking/suppression-key")).expect("a key");
    for words in [&["export"][..], &["show", "eve@fen.example"]] {
        let run = at(&folder, NOW, words);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{}", run.stderr);
        assert!(
            run.stderr.contains("error: without the suppression key"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(at(&folder, NOW, &["show", "ada@rivers.example"]).code, 0);
}

#[test]
fn a_dry_run_creates_nothing() {
    let folder = newsletter("");
    folder.write(
        "list.csv",
        "email;first_name;state;created_at\nann@fen.example;Ann;active;\n",
    );
    let files = folder.files();
    let report = done(&folder, &["import", "list.csv", "--dry-run"]);
    let guessed = "list.csv: kit, separated by semicolons\n1 read = 1 added";
    assert!(report.starts_with(guessed), "{report}");
    assert_eq!(folder.changes_since(&files), [""; 0]);
}

#[test]
fn an_output_file_replaces_no_file_of_the_newsletter() {
    let folder = newsletter("");
    folder.write(
        "in.csv",
        "email,first_name,state,created_at\nann@fen.example,Ann,active,\n",
    );
    done(&folder, &["import", "in.csv"]);
    let files = folder.files();
    for own in [
        "newsletter.toml",
        ".franking/store.db",
        "./templates/out.csv",
        "subscribers.toml",
    ] {
        for words in [
            &["export", "--out", own][..],
            &["import", "in.csv", "--dry-run", "--report", own],
        ] {
            let refused = at(&folder, NOW, words);
            assert_eq!(
                (refused.code, refused.stdout.as_str()),
                (2, ""),
                "{words:?}"
            );
            assert!(
                refused.stderr.contains("belongs to the newsletter"),
                "{}",
                refused.stderr
            );
        }
    }
    assert_eq!(folder.changes_since(&files), [""; 0]);
    done(&folder, &["export", "--out", "out.csv"]);
    assert_eq!(folder.read("out.csv"), export(&folder, "csv"));
}

#[test]
fn the_evidence_of_a_removed_person_is_shown() {
    let folder = newsletter("");
    done(
        &folder,
        &["add", "ann@fen.example", "--consent", "a paper form"],
    );
    done(&folder, &["remove", "ann@fen.example"]);
    assert_eq!(at(&folder, NOW, &["show", "ann@fen.example"]).code, 1);
    let shown = done(&folder, &["show", "ann@fen.example", "--evidence"]);
    assert!(
        shown.contains("not on the list") && shown.contains("a paper form"),
        "{shown}"
    );
    assert_eq!(
        at(&folder, NOW, &["show", "bo@fen.example", "--evidence"]).code,
        1
    );
}

#[test]
fn an_export_to_a_full_disk_is_a_failed_write() {
    let folder = newsletter("");
    fill(&folder);
    let full = at(&folder, NOW, &["export", "--out", "/dev/full"]);
    assert_eq!(full.code, 74, "{}", full.stderr);
    assert!(!full.stderr.contains("os error"), "{}", full.stderr);
}
