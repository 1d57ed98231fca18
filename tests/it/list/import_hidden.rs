//! Opt-outs that `--map` would not read, rows behind a stray quotation mark, and our own export with wrong lines.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Folder, Run, relay};

fn newsletter() -> Folder {
    relay::newsletter("[list]\nsource = \"store\"\n")
}

fn import(name: &str, content: &[u8], words: &[&str]) -> Run {
    let folder = newsletter();
    std::fs::write(folder.path().join(name), content).expect("a file");
    folder.run(&[&["list", "import", name, "--json"], words].concat())
}

fn report(name: &str, content: &str, words: &[&str]) -> Value {
    let run = import(name, content.as_bytes(), words);
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{name}: {}", run.stderr))
}

/// The error of a file that is not imported.
fn refused(name: &str, content: &[u8], words: &[&str]) -> String {
    let folder = newsletter();
    std::fs::write(folder.path().join(name), content).expect("a file");
    let run = folder.run(&[&["list", "import", name], words].concat());
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let export = folder.run(&["list", "export", "--format", "jsonl"]);
    assert_eq!(export.stdout, "", "{name}");
    run.stderr
}

fn begins(error: &str, expected: &str) {
    let is_right = error.starts_with(&format!("error: {expected}")) && error.contains("\nhint: ");
    assert!(is_right, "{error}");
}

const SUBSCRIBED: &str = "Email Address,MEMBER_RATING,LEID,EUID\nann@fen.example,2,1,a\n";
const LEFT: &str =
    "Email Address,MEMBER_RATING,UNSUB_TIME,LEID,EUID\nbea@fen.example,2,2024-01-01 10:00:00,2,b\n";
const CLEANED: &str =
    "Email Address,MEMBER_RATING,CLEAN_TIME,LEID,EUID\ncy@fen.example,2,2024-01-01 10:00:00,3,c\n";

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("an entry");
        archive.write_all(text.as_bytes()).expect("its text");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn a_file_of_a_known_system_is_not_mapped_without_its_opt_outs() {
    let packed = archive(&[
        ("subscribed_a.csv", SUBSCRIBED),
        ("unsubscribed_a.csv", LEFT),
    ]);
    let words = ["--map", "Email Address=email", "--consent-source", "x"];
    let error = refused("audience.zip", &packed, &words);
    begins(
        &error,
        "subscribed_a.csv:1: opt-outs-missing: this file is one of mailchimp, ",
    );
    assert!(
        error.contains("hint: import it without --map; or map the column that shows who left"),
        "{error}"
    );
    for (format, column, header) in [
        ("listmonk", "email", "uuid,email,name,attributes,status"),
        ("kit", "email", "id,first_name,email,state,created_at,tags"),
        ("mailtrain", "EMAIL", "cid,status,HASH_EMAIL,EMAIL"),
        (
            "brevo",
            "EMAIL",
            "EMAIL;FIRSTNAME;EMAIL_BLACKLISTED;ADDED_TIME",
        ),
        (
            "hubspot",
            "Email",
            "Record ID,Email,Unsubscribed from all email",
        ),
        ("beehiiv", "email", "email,status,tier,created_at"),
        (
            "ghost",
            "email",
            "id,email,subscribed_to_emails,complimentary_plan",
        ),
        (
            "franking",
            "email",
            "email,status,reason,first_name,last_name,tags,attributes",
        ),
    ] {
        let map = format!("{column}=email");
        let words = ["--map", &map, "--consent-source", "x"];
        let error = refused("x.csv", format!("{header}\n").as_bytes(), &words);
        begins(
            &error,
            &format!("x.csv:1: opt-outs-missing: this file is one of {format}, "),
        );
    }
    let near = "Email Address,MEMBER_RATING,LEID\nann@fen.example,2,1\n";
    let error = refused("x.csv", near.as_bytes(), &words);
    begins(
        &error,
        "x.csv:1: opt-outs-missing: this file resembles one of mailchimp, ",
    );
    for known in [&["--without-opt-outs"][..], &["--status", "active"]] {
        let report = report("x.csv", SUBSCRIBED, &[&words[..], known].concat());
        assert_eq!(
            (&report["added"], &report["warnings"]),
            (&json!(1), &json!(["opt-outs-missing"]))
        );
    }
}

#[test]
fn a_column_that_may_show_who_left_is_mapped_to_status_or_nothing_is_imported() {
    for column in [
        "Unsubscribed",
        "STATUS",
        "Email status",
        "Opt-out",
        "opt_out_at",
        "Opted Out",
        "Hard bounces",
        "CLEAN_TIME",
        "complained_on",
        "Black-listed",
        "blocklist",
        "Suppression",
        "deleted at",
        "Abuse reports",
        "is disabled",
        "Do not email",
    ] {
        let text = format!("Mail,Town,{column}\nann@fen.example,Ely,yes\n");
        let words = ["--map", "mail=email", "--consent-source", "paper form"];
        let error = refused("x.csv", text.as_bytes(), &words);
        begins(
            &error,
            &format!("x.csv:1: opt-outs-missing: the column `{column}` may show who left, "),
        );
    }
    let text = "Mail,First,Austritt,Unsubscribed\nann@fen.example,Ann,,active\nbea@fen.example,Bea,,unsubscribed\n";
    let words = ["--map", "Mail=email", "--consent-source", "paper form"];
    let mapped = report(
        "x.csv",
        text,
        &[&words[..], &["--map", "unsubscribed=status"]].concat(),
    );
    assert_eq!(
        (&mapped["added"], &mapped["suppressed"]),
        (&json!(1), &json!(1))
    );
    let none_left = report(
        "x.csv",
        text,
        &[&words[..], &["--without-opt-outs"]].concat(),
    );
    assert_eq!(none_left["added"], 2);
    let plain = report(
        "x.csv",
        "Email,Name,Tags,Created_at\nann@fen.example,Ann,a,b\n",
        &["--map", "Email=email", "--consent-source", "x"],
    );
    assert_eq!(
        (&plain["added"], &plain["warnings"]),
        (&json!(1), &json!(["opt-outs-missing"]))
    );
}

/// A file, and the line of the quotation mark.
#[test]
fn no_row_is_lost_behind_a_stray_quotation_mark() {
    const ROWS: &str = "a@fen.example,active,\"5 inch\nb@fen.example,unsubscribed,\nc@fen.example,unsubscribed,\"\nd@fen.example,active,x\n";
    const NOTES: &str = "x@fen.example,active,\"two\nlines\"\n";
    for (text, line) in [
        (format!("Email,Status,Data\n{ROWS}"), 2),
        (format!("Email,Status,Data\n{NOTES}{ROWS}"), 4),
        (format!("Email;Status;Data\n{}", ROWS.replace(',', ";")), 2),
        ("Data,Status,Email\n\"5 inch,active,a@fen.example\n\"6 inch\",unsubscribed,b@fen.example\n".to_owned(), 2),
        ("Email,Status,Data\na@fen.example,active,\"5 inch\n\"b@fen.example\",\"unsubscribed\",\"\"\n".to_owned(), 2),
        ("Data,Email,Status,External ID\n\"two\nlines\",a@fen.example,active,\"1\n,b@fen.example,unsubscribed,\n\"\"\n".replace("\"\"\n", "\"\n"), 3),
        ("Data,Email,Status\n,a@fen.example,\"active\n\"Reed, Bea\",b@fen.example,unsubscribed\n".to_owned(), 2),
    ] {
        for text in [text.clone(), text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
            let error = refused("x.csv", text.as_bytes(), &[]);
            begins(&error, &format!("x.csv:{line}: a quotation mark opens here, and the value up to the next one has what"));
        }
    }
}

#[test]
fn notes_and_postal_addresses_of_several_lines_are_no_rows() {
    let text = "Mail,Town,Note\n\
        a@fen.example,Ely,\"5 Mill Lane, left door\nEly, Cambridgeshire\nwrite to b@fen.example, not to Bea, please\"\n\
        b@fen.example,\"Mill Lane\nEly\",\"Kind regards,\nBea Reed, Ely, b@fen.example\nb@fen.example\"\n\
        c@fen.example,\"a \"\"great\"\"\ntown\",\"\n\"\n";
    let report = report(
        "x.csv",
        text,
        &["--map", "Mail=email", "--consent-source", "x"],
    );
    assert_eq!((&report["read"], &report["added"]), (&json!(3), &json!(3)));
}

#[test]
fn the_files_of_mailchimp_that_add_no_one_can_be_imported_alone() {
    let cleaned = report("cleaned.csv", CLEANED, &[]);
    assert_eq!(
        (&cleaned["suppressed"], &cleaned["warnings"]),
        (&json!(1), &json!([]))
    );
    let folder = newsletter();
    folder.write("nonsubscribed_a.csv", SUBSCRIBED);
    let run = folder.run(&[
        "list",
        "import",
        "nonsubscribed_a.csv",
        "--consent-source",
        "x",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("no-consent: the person never agreed to be mailed; nothing to do"),
        "{}",
        run.stdout
    );
    let packed = archive(&[("subscribed_a.csv", SUBSCRIBED), ("cleaned_a.csv", CLEANED)]);
    begins(
        &refused("a.zip", &packed, &[]),
        "subscribed_a.csv: opt-outs-missing: this file of mailchimp ",
    );
}

#[test]
fn our_own_export_with_a_long_first_line_is_read_back() {
    let folder = newsletter();
    let long = "long words, ".repeat(7_000);
    let rows = json!({"email": "ann@fen.example", "status": "active", "reason": null, "tags": ["a"], "attributes": {"about": long.trim()}});
    let left = json!({"email": "bea@fen.example", "status": "unsubscribed", "reason": "unsubscribed", "tags": [], "attributes": {}});
    folder.write("list.jsonl", &format!("{rows}\n{left}\n"));
    let run = folder.run(&["list", "import", "list.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.starts_with(
            "list.jsonl: franking\n2 read = 1 added + 0 updated + 0 unchanged + 1 suppressed"
        ),
        "{}",
        run.stdout
    );
}

#[test]
fn a_line_with_a_member_twice_is_bad_json() {
    let line = |status: &str| {
        format!(
            "{{\"email\":\"{}@fen.example\",{status},\"tags\":[]}}\n",
            &status[10..13]
        )
    };
    let text = [
        line("\"status\":\"active\""),
        line("\"status\":\"unsubscribed\",\"status\":\"active\""),
    ];
    let report = report("list.jsonl", &text.concat(), &[]);
    assert_eq!(report["added"], 1);
    assert_eq!(
        report["rejections"],
        json!([{ "line": 2, "code": "bad-json" }])
    );
}
