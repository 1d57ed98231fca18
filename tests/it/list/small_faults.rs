//! Small faults of commands and files, each with its error or warning.

use serde_json::{Value, json};

use crate::support::{Folder, Run, relay};

const NOW: &str = "2026-11-30T08:00:00Z";
const HEADER: &str = "id,first_name,email,state,created_at,tags\n";

fn newsletter() -> Folder {
    relay::newsletter("[list]\nsource = \"store\"\n")
}

fn run(folder: &Folder, words: &[&str]) -> Run {
    folder.run_at(NOW, &[&["list"], words].concat())
}

fn done(folder: &Folder, words: &[&str]) -> String {
    let run = run(folder, words);
    assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
    run.stdout + &run.stderr
}

fn refused(folder: &Folder, words: &[&str], code: i32) -> String {
    let run = run(folder, words);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (code, ""),
        "{words:?}: {}",
        run.stderr
    );
    run.stderr
}

#[test]
fn tags_that_no_rule_can_name_are_a_warning_with_an_example() {
    let folder = newsletter();
    let rows = "1,,ann@fen.example,active,,\"Water law,Press\"\n2,,bea@fen.example,active,,\"Water law,a=b\"\n";
    folder.write("list.csv", &format!("{HEADER}{rows}"));
    let said = done(&folder, &["import", "list.csv"]);
    assert!(
        said.contains("warning: 2 tags cannot be named by an audience rule, such as `Water law`: "),
        "{said}"
    );
    folder.write(
        "list.csv",
        &format!("{HEADER}1,,ann@fen.example,active,,Press\n"),
    );
    assert!(!done(&folder, &["import", "list.csv"]).contains("audience rule"));
}

#[test]
fn a_misspelt_place_of_the_list_is_an_error_of_every_command() {
    let folder = relay::newsletter("[list]\nsource = \"db\"\n");
    folder.write("list.csv", HEADER);
    for words in [
        &["count"][..],
        &["find", "all"],
        &["show", "ann@fen.example"],
        &["export"],
        &["history"],
        &["add", "ann@fen.example", "--consent", "x"],
        &["import", "list.csv"],
        &["forget", "ann@fen.example"],
    ] {
        let said = refused(&folder, words, 1);
        assert!(
            said.contains("invalid value `db` for `source`"),
            "{words:?}: {said}"
        );
    }
}

#[test]
fn doctor_counts_the_list_that_is_mailed() {
    let folder = newsletter();
    folder.write(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"x@fen.example\"\n",
    );
    for name in ["ann", "bea"] {
        done(
            &folder,
            &["add", &format!("{name}@fen.example"), "--consent", "x"],
        );
    }
    let doctor = folder.run(&["doctor", "--no-dns"]);
    assert!(
        doctor.stdout.contains("a send to 2 subscribers"),
        "{}",
        doctor.stdout
    );
}

#[test]
fn the_non_subscribed_of_mailchimp_get_no_advice_to_invent_a_consent() {
    let folder = newsletter();
    let rows = "Email Address,MEMBER_RATING,OPTIN_TIME,LEID,EUID,TAGS\nann@fen.example,2,,1,a,\n";
    folder.write("nonsubscribed_export.csv", rows);
    let said = done(
        &folder,
        &["import", "nonsubscribed_export.csv", "--without-opt-outs"],
    );
    assert!(
        said.contains("no-consent: the person never agreed to be mailed; nothing to do"),
        "{said}"
    );
    assert!(!said.contains("--consent-source"), "{said}");
}

#[test]
fn a_note_about_someone_who_is_suppressed_is_kept() {
    let folder = newsletter();
    done(
        &folder,
        &["suppress", "ann@fen.example", "--because", "complained"],
    );
    let said = done(
        &folder,
        &["suppress", "ann@fen.example", "--reason", "a letter"],
    );
    assert_eq!(
        said,
        "`ann@fen.example` is suppressed already; the history has `unsubscribed` too\n"
    );
    assert!(done(&folder, &["history"]).contains("ann@fen.example: unsubscribed: a letter\n"));
    let suppressed = done(
        &folder,
        &["suppress", "ann@fen.example", "bea@fen.example", "--json"],
    );
    let suppressed: Value = serde_json::from_str(&suppressed).expect("JSON");
    assert_eq!(
        suppressed,
        json!({ "suppressed": ["bea@fen.example"], "suppressed_before": ["ann@fen.example"] })
    );
    let unsuppressed = done(
        &folder,
        &[
            "unsuppress",
            "bea@fen.example",
            "--reason",
            "asked",
            "--json",
        ],
    );
    let expected = "{\"has_left\":false,\"unsuppressed\":\"bea@fen.example\"}\n";
    assert_eq!(unsuppressed, expected);
}

#[test]
fn the_history_of_an_update_names_the_values_that_changed() {
    let folder = newsletter();
    done(
        &folder,
        &[
            "add",
            "ann@fen.example",
            "--consent",
            "x",
            "--attribute",
            "town=Gent",
        ],
    );
    let values = [
        "--first-name",
        "Ann",
        "--tag",
        "press",
        "--unset",
        "town",
        "--consent",
        "by mail",
    ];
    done(
        &folder,
        &[&["update", "ann@fen.example"], &values[..]].concat(),
    );
    let history = done(&folder, &["history", "ann@fen.example"]);
    assert!(
        history.contains("update      ann@fen.example: consent: by mail; first_name, tags, town\n"),
        "{history}"
    );
}

#[test]
fn changes_without_a_meaning_are_refused() {
    let folder = newsletter();
    done(
        &folder,
        &[
            "add",
            "ann@fen.example",
            "--consent",
            "x",
            "--attribute",
            "town=Gent",
        ],
    );
    let update = ["update", "ann@fen.example"];
    for (words, said) in [
        (
            &["--unset", "nmae"][..],
            "error: `ann@fen.example` has no attribute `nmae`\nhint: did you mean `name`?\n",
        ),
        (
            &["--unset", "twon"],
            "error: `ann@fen.example` has no attribute `twon`\nhint: did you mean `town`?\n",
        ),
        (
            &["--tag", "a", "--no-tag", "a"],
            "error: the tag `a` is added and removed\nhint: use `--tag` or `--no-tag` for one tag\n",
        ),
        (
            &["--attribute", "email=x"],
            "error: `email` is not an attribute\nhint: choose another name than email, ",
        ),
        (&["--consent", " "], "error: the consent is empty\nhint: "),
        (
            &["--consent", "x", "--consent-at", "2027-01-01"],
            "error: `--consent-at 2027-01-01` is in the future\nhint: ",
        ),
        (
            &["--consent", "x", "--consent-at", "2026-11-30T08:00:01Z"],
            "error: `--consent-at 2026-11-30T08:00:01Z` is in the future\nhint: ",
        ),
    ] {
        let error = refused(&folder, &[&update[..], words].concat(), 2);
        assert!(error.starts_with(said), "{words:?}: {error}");
    }
    folder.write("list.csv", "A,B\nann@fen.example,Ann\n");
    let import = [
        "import",
        "list.csv",
        "--without-opt-outs",
        "--consent-source",
        "x",
        "--map",
        "A=email",
    ];
    for (words, said, code) in [
        (
            &["--map", "A=name"][..],
            "error: list.csv:1: the column `A` is mapped twice\nhint: ",
            1,
        ),
        (
            &["--map", "B=email"],
            "error: list.csv:1: the columns `A` and `B` are mapped to the same field\nhint: ",
            1,
        ),
        (
            &["--map", "B=attr.email"],
            "error: invalid value 'B=attr.email' for '--map <COLUMN=FIELD>': `email` is not an attribute",
            2,
        ),
        (
            &["--consent-at", "2027-01-01"],
            "error: `--consent-at 2027-01-01` is in the future\nhint: ",
            2,
        ),
    ] {
        let error = refused(&folder, &[&import[..], words].concat(), code);
        assert!(error.starts_with(said), "{words:?}: {error}");
    }
}

#[test]
fn a_time_that_is_none_is_bad_date_and_one_without_a_zone_is_kept() {
    let folder = newsletter();
    let rows = "1,,ann@fen.example,active,yesterday,\n2,,bea@fen.example,active,2024-13-45,\n3,,cy@fen.example,active,2024-05-01 10:00,\n4,,di@fen.example,cancelled,soon,\n";
    folder.write("list.csv", &format!("{HEADER}{rows}"));
    let report = run(&folder, &["import", "list.csv", "--json"]);
    let report: Value = serde_json::from_str(&report.stdout).expect("JSON");
    assert_eq!(
        report["rejections"],
        json!([
            { "line": 2, "code": "bad-date" },
            { "line": 3, "code": "bad-date" },
            { "line": 5, "code": "bad-date", "suppressed": true },
        ])
    );
    assert_eq!(
        (&report["added"], &report["suppressed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(report["warnings"], json!(["zone-unknown"]));
}

#[test]
fn faults_of_json_lines_have_codes_of_their_own() {
    let row = |name: &str, status: &str, rest: &str| {
        format!("{{\"email\":\"{name}@fen.example\",\"status\":\"{status}\",\"tags\":[]{rest}}}\n")
    };
    let rows = [
        row("ann", "gone", ""),
        row("bea", "active", ",\"language\":\"??\""),
        row("cy", "active", ",\"attributes\":[]"),
        row("di", "active", ",\"nmae\":\"Di\""),
        row(
            "eve",
            "bounced",
            ",\"reason\":\"bounced\",\"suppressed_at\":\"soon\"",
        ),
        "{\"email\":\n".to_owned(),
        row("fay at", "active", ""),
        row("gil", "active", ""),
    ];
    let folder = newsletter();
    folder.write("list.jsonl", &rows.concat());
    let report = run(&folder, &["import", "list.jsonl", "--json"]);
    let report: Value = serde_json::from_str(&report.stdout).expect(&report.stderr);
    let codes: Vec<&str> = report["rejections"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["code"].as_str())
        .collect();
    let expected = [
        "unknown-status",
        "bad-language",
        "bad-attributes",
        "bad-json",
        "bad-date",
        "bad-json",
        "bad-address",
    ];
    assert_eq!(codes, expected);
    assert_eq!(
        (&report["added"], &report["suppressed"]),
        (&json!(1), &json!(1))
    );
    folder.write(
        "other.json",
        "{\"members\": [{\"email\": \"ann@fen.example\"}]}\n",
    );
    let error = refused(&folder, &["import", "other.json"], 1);
    assert_eq!(
        error,
        "error: other.json: the format is not known: JSON, but not one object a line as `franking list export` writes it\n\
         hint: export the list as CSV\n"
    );
}

#[test]
fn import_is_quiet_if_it_is_asked_to_be() {
    let folder = newsletter();
    folder.write(
        "list.csv",
        &format!("{HEADER}1,,ann@fen.example,active,,\n"),
    );
    assert_eq!(done(&folder, &["import", "list.csv", "-q"]), "");
    assert_eq!(
        done(&folder, &["count", "--json"])
            .matches("\"total\":1")
            .count(),
        1
    );
}

#[test]
fn the_codes_of_an_import_are_explained() {
    let folder = Folder::empty();
    for code in [
        "no-address",
        "bad-date",
        "bad-hash",
        "erased",
        "opt-outs-missing",
        "zone-unknown",
    ] {
        let run = folder.run(&["explain", code]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{code}");
        assert!(
            run.stdout.starts_with(&format!("{code} (")),
            "{}",
            run.stdout
        );
        assert!(
            run.stdout.contains("of `franking list import`)\n\n"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn a_mailbox_that_is_written_twice_is_counted_once() {
    let folder = relay::newsletter("");
    let list = "[[subscriber]]\nemail = \"ann@fen.example\"\n\n[[subscriber]]\nemail = \"ANN@fen.example\"\nstatus = \"unsubscribed\"\n";
    folder.write("subscribers.toml", list);
    let count: Value = serde_json::from_str(
        done(&folder, &["count", "--json"])
            .lines()
            .next()
            .expect("a line"),
    )
    .expect("JSON");
    assert_eq!(
        (&count["total"], &count["by_status"]["unsubscribed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        run(&folder, &["export", "--json"]).stdout.lines().count(),
        1
    );
}
