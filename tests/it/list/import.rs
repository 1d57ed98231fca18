//! Exports of other systems, read by columns: the fixtures with their expected results, and files of which nothing may be
//! imported.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::relay;
use crate::support::{Folder, Run};

/// A newsletter whose list is in the store and empty.
fn newsletter() -> Folder {
    relay::newsletter("[list]\nsource = \"store\"\n")
}

fn run(folder: &Folder, paths: &[&Path], words: &[&str]) -> Run {
    let paths = paths.iter().map(|path| path.to_str().expect("UTF-8"));
    let words: Vec<&str> = ["list", "import", "--json"]
        .into_iter()
        .chain(paths)
        .chain(words.iter().copied())
        .collect();
    folder.run(&words)
}

/// The report of an import of `paths` into an empty list: of a dry run, after which nothing has changed, and of the import
/// itself, which says the same.
fn import(paths: &[&Path], words: &[&str]) -> Value {
    let folder = newsletter();
    let dry_run = run(&folder, paths, &[words, &["--dry-run"]].concat());
    let report: Value = serde_json::from_str(&dry_run.stdout).expect("JSON");
    // A row that cannot be read may be that of a person who has left.
    let rejected = report["rejections"].as_array().expect("a list").iter();
    let is_unread = |row: &Value| {
        !["no-consent", "deleted", "erased"]
            .map(Value::from)
            .contains(&row["code"])
    };
    let code = i32::from(rejected.clone().any(is_unread));
    assert_eq!(dry_run.code, code, "{}", dry_run.stderr);
    assert_eq!(count(&folder), 0);
    let import = run(&folder, paths, words);
    assert_eq!((import.code, import.stdout), (code, dry_run.stdout));
    assert_eq!(report["added"], json!(count(&folder)));
    report
}

/// How many subscribers the list has.
fn count(folder: &Folder) -> u64 {
    let count = folder.run(&["list", "count", "--json"]);
    let count: Value = serde_json::from_str(&count.stdout).expect("JSON");
    count["total"].as_u64().expect("a number")
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/lists")
}

#[test]
fn every_format_gives_its_expected_result() {
    let expected =
        std::fs::read_to_string(fixtures().join("expected.json")).expect("expected.json");
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).expect("JSON");
    let files = std::fs::read_dir(fixtures()).expect("fixtures").count();
    assert_eq!(
        expected.len(),
        files - 1,
        "a fixture without an expected result"
    );
    for (file, mut expected) in expected {
        let words = expected["options"].take();
        let words: Vec<&str> = words
            .as_array()
            .expect("options")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        expected
            .as_object_mut()
            .expect("an object")
            .remove("options");
        let report = import(&[&fixtures().join(&file)], &words);
        assert_eq!(report, expected, "{file}");
    }
}

const HEADER: &str = "uuid,email,name,attributes,status\n";
const ROW: &str = "1,ann@fen.example,Ann,{},enabled\n";

/// The error of a file, and its hint. Nothing of it is imported.
fn refused(name: &str, content: &[u8]) -> String {
    let folder = newsletter();
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    let run = folder.run(&["list", "import", name, "--status", "active"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert_eq!(count(&folder), 0);
    let error = run.stderr.strip_prefix("error: ").expect("an error");
    error.replacen("\nhint: ", "\n", 1).trim_end().to_owned()
}

#[test]
fn nothing_of_a_broken_file_is_imported_and_the_error_has_its_line() {
    let with = |rest: &str| format!("{HEADER}{ROW}{rest}").into_bytes();
    let mixed = [
        with("2,a@fen.example,Zoë,{},enabled\n"),
        b"3,b@fen.example,Zo\xeb,{},enabled\n".to_vec(),
    ];
    let row_of_10_mb = format!(
        "2,b@fen.example,\"{}\",{{}},enabled\n",
        "x".repeat(10 << 20)
    );
    let columns: Vec<String> = (0..500).map(|number| format!("c{number}")).collect();
    let utf16: Vec<u8> = HEADER.bytes().flat_map(|byte| [byte, 0]).collect();
    for (content, expected) in [
        (
            with("2,b@fen.example,\"Bob,{},enabled\n3,c@fen.example,Cy,{},enabled\n"),
            "x.csv:3: a quotation mark opens here and is not closed",
        ),
        (
            with("2,b@fen.example,Bob,{},\"enabled"),
            "x.csv:3: a quotation mark opens here and is not closed",
        ),
        (
            with(&row_of_10_mb),
            "x.csv:3: a row of more than 1 MiB\nexport the file again, without large fields",
        ),
        (
            with("2,b\0@fen.example,Bob,{},enabled\n"),
            "x.csv:3: the file has a NUL byte",
        ),
        (utf16, "x.csv:1: the file has a NUL byte"),
        (with(HEADER), "x.csv:3: the header is repeated here"),
        (
            with("2;b@fen.example;Bob;{};enabled\n"),
            "x.csv:3: this row has another separator than the header",
        ),
        (
            mixed.concat(),
            "x.csv:4: the file mixes UTF-8 with another encoding",
        ),
        (
            columns.join(",").into_bytes(),
            "x.csv:1: 500 columns (at most 400)",
        ),
        (
            HEADER.replace("name", "email").into_bytes(),
            "x.csv:1: the column `email` is there twice",
        ),
        (
            HEADER.replace("status", "state").into_bytes(),
            "x.csv:1: the format is not known\nit resembles listmonk, without the column status;",
        ),
        (
            HEADER.replace("name", "first_name,created_at").into_bytes(),
            "x.csv: the columns fit several formats: listmonk, kit\nchoose one with --format listmonk",
        ),
        (Vec::new(), "x.csv: the file is empty"),
        (b"\n \n".to_vec(), "x.csv: the file is empty"),
        (
            b"PK\x03\x04 and no archive".to_vec(),
            "x.csv: the archive cannot be read",
        ),
    ] {
        let error = refused("x.csv", &content);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn an_archive_that_unpacks_to_a_hundred_times_its_size_is_refused() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("list.csv", options).expect("an entry");
    archive.write_all(HEADER.as_bytes()).expect("a header");
    let rows = ROW.repeat(10_000);
    for _ in 0..250 {
        archive.write_all(rows.as_bytes()).expect("rows");
    }
    let archive = archive.finish().expect("an archive").into_inner();
    assert!(archive.len() < 1 << 20, "{}", archive.len());
    let error = refused("bomb.zip", &archive);
    assert_eq!(
        error,
        "list.csv: it unpacks to more than 100 times its size\nunpack the archive, look at the file, and import it alone; or remove \
         the file from the archive if it has no contacts"
    );
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    let rows =
        format!("{HEADER}\n\n{ROW}2,bad,\"two\nlines\",{{}},enabled\n\n3,worse,,{{}},enabled");
    for end in ["\n", "\r\n", "\r"] {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("x.csv");
        std::fs::write(&path, rows.replace('\n', end)).expect("a file");
        let report = import(&[&path], &["--status", "active"]);
        let expected =
            json!([{ "line": 5, "code": "bad-address" }, { "line": 8, "code": "bad-address" }]);
        assert_eq!(report["rejections"], expected, "{end:?}");
    }
}

#[test]
fn a_file_that_cannot_show_who_left_is_refused() {
    for file in [
        "listmonk-pending.csv",
        "substack-dashboard.csv",
        "brevo-without-status.csv",
        "contacts-2.1.vcf",
        "sympa-web.txt",
    ] {
        let run = run(&newsletter(), &[&fixtures().join(file)], &[]);
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains("opt-outs-missing"), "{}", run.stderr);
    }
}

#[test]
fn the_strictest_row_of_several_files_counts_whatever_the_order() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = |name: &str, status: &str| {
        let path = folder.path().join(name);
        let text =
            format!("id,first_name,email,status,created_at,tags\n1,,ann@fen.example,{status},,\n");
        std::fs::write(&path, text).expect("a file");
        path
    };
    let words = ["active", "inactive", "cancelled", "bounced", "complained"];
    let paths: Vec<PathBuf> = words
        .iter()
        .map(|word| file(&format!("{word}.csv"), word))
        .collect();
    for (number, stricter) in paths.iter().enumerate() {
        for path in &paths[..number] {
            for pair in [[path, stricter], [stricter, path]] {
                let report = import(&pair.map(PathBuf::as_path), &[]);
                assert_eq!(report["duplicate"], 1);
                assert_eq!(report["duplicates"][0]["file"], json!(path));
                let subscribers = usize::from(stricter.ends_with("inactive.csv"));
                assert_eq!(report["added"], subscribers);
                assert_eq!(report["suppressed"], 1 - subscribers);
            }
        }
    }
}
