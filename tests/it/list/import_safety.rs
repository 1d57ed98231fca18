//! No opt-out is lost: by an archive, by a file that was cut off, or by another value of its row.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Folder, Run, relay};

fn newsletter() -> Folder {
    relay::newsletter("[list]\nsource = \"store\"\n")
}

fn import(folder: &Folder, name: &str, content: &[u8], words: &[&str]) -> Run {
    std::fs::write(folder.path().join(name), content).expect("a file");
    folder.run(&[&["list", "import", name], words].concat())
}

fn is_empty(folder: &Folder) -> bool {
    let export = folder.run(&["list", "export", "--format", "jsonl"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    export.stdout.is_empty()
}

/// The error of a file that is not imported.
fn refused(name: &str, content: &[u8], words: &[&str]) -> String {
    let folder = newsletter();
    let run = import(&folder, name, content, words);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert!(is_empty(&folder), "{name}");
    run.stderr
}

const SUBSCRIBED: &str =
    "Email Address,MEMBER_RATING,OPTIN_TIME,LEID,EUID,TAGS\nann@fen.example,2,,1,a,\n";
const LEFT: &str = "Email Address,MEMBER_RATING,UNSUB_TIME,UNSUB_REASON,LEID,EUID,TAGS\nbea@fen.example,2,,,2,b,\n";

fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in entries {
        match name.strip_suffix('/') {
            Some(folder) => archive.add_directory(folder, options).expect("a folder"),
            None => {
                archive.start_file(*name, options).expect("an entry");
                archive.write_all(text.as_bytes()).expect("its text");
            }
        }
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn the_opt_outs_of_an_archive_are_read_whatever_their_file_is_called() {
    let tabs = LEFT.replace(',', "\t");
    for (name, text) in [
        ("unsubscribed.csv", LEFT),
        ("UNSUBSCRIBED.CSV", LEFT),
        ("unsubscribed.txt", LEFT),
        ("unsubscribed", LEFT),
        (".unsubscribed.csv", LEFT),
        ("unsubscribed.tsv", tabs.as_str()),
        ("a folder/in a folder/unsubscribed.csv", LEFT),
    ] {
        let file = archive(&[
            ("a folder/", ""),
            ("__MACOSX/._subscribed.csv", "\u{5}\u{16}"),
            ("a folder/.DS_Store", "\u{1}"),
            ("empty.bin", ""),
            ("subscribed.csv", SUBSCRIBED),
            (name, text),
        ]);
        let run = import(&newsletter(), "audience.zip", &file, &["--json"]);
        let report: Value = serde_json::from_str(&run.stdout).expect(&run.stderr);
        assert_eq!(
            (&report["added"], &report["suppressed"]),
            (&json!(1), &json!(1)),
            "{name}"
        );
    }
}

#[test]
fn a_file_of_an_archive_that_cannot_be_read_is_named() {
    for (name, text, message) in [
        (
            "unsubscribed.json",
            "{\"members\": []}",
            "the format is not known",
        ),
        (
            "unsubscribed.xlsx",
            "PK\u{3}\u{4}\0\0",
            "the file has a NUL byte",
        ),
        (
            "README.txt",
            "Thank you for your years with us.\n",
            "the format is not known",
        ),
        (
            "unsubscribed.txt",
            "bea@fen.example\n",
            "a list of addresses in an archive",
        ),
    ] {
        let file = archive(&[
            ("subscribed.csv", SUBSCRIBED),
            ("u.csv", LEFT),
            (name, text),
        ]);
        for words in [&[][..], &["--without-opt-outs"]] {
            let error = refused("audience.zip", &file, words);
            assert!(error.starts_with(&format!("error: {name}")), "{error}");
            assert!(error.contains(message), "{error}");
            assert!(
                error.contains("remove the file from the archive if it has no contacts"),
                "{error}"
            );
        }
    }
    let error = refused("none.zip", &archive(&[("empty.csv", "")]), &[]);
    assert!(
        error.starts_with("error: none.zip: the archive has no list\nhint: "),
        "{error}"
    );
}

#[test]
fn two_files_of_one_name_in_an_archive_are_refused() {
    let file = archive(&[("list.csv", SUBSCRIBED), ("left.csv", LEFT)]);
    let mut twice = file.clone();
    for at in 0..file.len() - 8 {
        if &file[at..at + 8] == b"left.csv" {
            twice[at..at + 8].copy_from_slice(b"list.csv");
        }
    }
    let error = refused("audience.zip", &twice, &["--without-opt-outs"]);
    assert_eq!(
        error,
        "error: audience.zip: the archive has two files named `list.csv`, and one of them would be lost\n\
         hint: pack them under different names\n"
    );
}

/// A file, how many of its last bytes are missing, and the line of the error.
#[test]
fn nothing_of_a_file_that_was_cut_off_is_imported() {
    const KIT: &str = "id,first_name,email,state,created_at,tags\n1,Ann,ann@fen.example,active,,\n2,Bea,bea@fen.example,cancelled,,\n";
    const KEILA: &str =
        "Email,Data,Status\nann@fen.example,,active\nbea@fen.example,,unsubscribed\n";
    const LINES: &str = "{\"email\":\"ann@fen.example\",\"status\":\"active\",\"reason\":null,\"tags\":[],\"attributes\":{}}\n\
                         {\"email\":\"bea@fen.example\",\"status\":\"unsubscribed\",\"reason\":null,\"tags\":[],\"attributes\":{}}\n";
    const TOML: &str = "[[subscriber]]\nemail = \"ann@fen.example\"\n\n[[subscriber]]\nemail = \"bea@fen.example\"\nstatus = \"unsubscribed\"\n";
    const DUMP: &str = "email ann@fen.example\nreception mail\nvisibility noconceal\n\nemail bea@fen.example\nreception nomail\nvisibility noconceal\n";
    const CARDS: &str = "BEGIN:VCARD\nEMAIL:ann@fen.example\nEND:VCARD\nBEGIN:VCARD\nEMAIL:bea@fen.example\nEND:VCARD\n";
    for (text, missing, line) in [
        (KIT, 3, 3),
        (KIT, 8, 3),
        (KIT, 30, 3),
        (KEILA, 4, 3),
        (KEILA, 16, 3),
        (LINES, 2, 2),
        (LINES, 60, 2),
        (TOML, 2, 6),
        (TOML, 20, 6),
        (DUMP, 21, 5),
        (DUMP, 26, 5),
        (CARDS, 3, 4),
        (CARDS, 14, 4),
    ] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let whole = newsletter();
            let words = ["--consent-source", "paper form"];
            let run = import(&whole, "list.txt", text.as_bytes(), &words);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let ends = text.len() - missing - usize::from(text.contains('\r'));
            let error = refused("list.txt", &text.as_bytes()[..ends], &words);
            assert!(
                error.starts_with(&format!("error: list.txt:{line}: ")),
                "{ends}: {error}"
            );
            assert!(error.contains("\nhint: "), "{error}");
        }
    }
}

/// A person who left stays suppressed, whatever else is wrong in the row.
#[test]
fn another_value_of_the_row_saves_no_one_who_left_from_suppression() {
    let bad = "\u{7}";
    let list = "[list]\nsource = \"store\"\n";
    for (name, text, code) in [
        ("beehiiv.csv", format!("email,status,tier,created_at,Town\nbea@fen.example,inactive,,,a{bad}\n"), "control-character"),
        ("kit.csv", format!("first_name,email,state,created_at\nB{bad},bea@fen.example,bounced,\n"), "control-character"),
        ("mailtrain.csv", "cid,status,HASH_EMAIL,EMAIL,LANGUAGE\n1,complained,,bea@fen.example,??\n".to_owned(), "bad-language"),
        ("keila.csv", "Email,Data,Status\nbea@fen.example,{,unsubscribed\n".to_owned(), "bad-attributes"),
        ("toml.toml", "[[subscriber]]\nemail = \"bea@fen.example\"\nstatus = \"bounced\"\nlanguage = \"??\"\n".to_owned(), "bad-language"),
        ("mapped.csv", "Mail,L,S\nbea@fen.example,??,unsubscribed\n".to_owned(), "bad-language"),
        ("cleaned.csv", format!("Email Address,MEMBER_RATING,CLEAN_TIME,LEID,EUID,TAGS\nbea@fen.example,2,,1,a,x{bad}\n"), "control-character"),
        ("hubspot.csv", format!("Email,Record ID,Unsubscribed from all email,Email hard bounce reason\nbea@fen.example,1,perhaps,no{bad}\n"), "unknown-status"),
        ("listmonk.csv", "uuid,email,name,attributes,status\n1,bea@fen.example,,[,enabled\n".to_owned(), "bad-attributes"),
    ] {
        let folder = relay::newsletter(list);
        let words: &[&str] = match name {
            "mapped.csv" => &["--map", "L=language", "--map", "S=status", "--map", "Mail=email"],
            "listmonk.csv" => &["--status", "unsubscribed"],
            "cleaned.csv" => &["--without-opt-outs"],
            _ => &[],
        };
        let run = import(&folder, name, text.as_bytes(), &[words, &["--json", "--report", "rows.csv"]].concat());
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!((&report["read"], &report["suppressed"], &report["rejected"]), (&json!(1), &json!(1), &json!(0)), "{name}");
        let line = if name == "toml.toml" { 1 } else { 2 };
        assert_eq!(report["rejections"], json!([{ "line": line, "code": code, "suppressed": true }]), "{name}");
        assert!(run.stderr.contains("1 row could not be read whole"), "{name}: {}", run.stderr);
        assert_eq!(folder.read("rows.csv"), format!("file,line,kind,detail\n{name},{line},suppressed,{code}\n"));
        let shown = folder.run(&["list", "show", "bea@fen.example"]);
        assert!(shown.stdout.contains("suppressed    "), "{name}: {}", shown.stdout);
    }
}

#[test]
fn an_opt_out_without_a_readable_address_is_an_error() {
    let rows = "first_name,email,state,created_at\nBea,bea at fen,cancelled,\n";
    let folder = newsletter();
    let run = import(&folder, "kit.csv", rows.as_bytes(), &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("1 row could not be read: if one of them is of a person who left"),
        "{}",
        run.stderr
    );
}
