//! A program compiles an issue with public functions only: `examples/compile.rs`.

use std::path::PathBuf;
use std::process::Command;

use crate::support::Folder;

#[test]
fn the_example_prints_subject_text_and_html_of_the_sample_issue() {
    let folder = Folder::with_samples();
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_franking"));
    let run = Command::new(binary.with_file_name("examples").join("compile"))
        .arg(folder.path())
        .output()
        .expect("cargo builds the examples with the tests");
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    let printed = String::from_utf8_lossy(&run.stdout);
    let (text, html) = printed.split_once("<!").expect("an HTML document");
    assert!(html.to_lowercase().starts_with("doctype html"), "{html}");
    assert!(html.trim_end().ends_with("</html>"), "{html}");
    let subject = "Who owns a flood? An interview, and three calls that close this winter";
    assert_eq!(text.lines().next(), Some(subject));
    assert!(text.contains("\nUnsubscribe:\n"), "{text}");
}
