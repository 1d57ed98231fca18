//! A program sends a campaign through a transport of its own: `examples/send.rs`.

use std::path::PathBuf;
use std::process::Command;

use crate::support::Folder;

#[test]
fn the_example_sends_each_recipient_one_message() {
    let folder = Folder::with_samples();
    let run = Command::new(example("send"))
        .current_dir(folder.path())
        .output()
        .expect("cargo builds the examples with the tests");
    let printed = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let (messages, totals): (Vec<&str>, Vec<&str>) =
        printed.lines().partition(|line| line.ends_with(" bytes"));
    assert_eq!(
        totals,
        ["20 accepted, 5 excluded, 25 candidates"],
        "{printed}"
    );
    let mut recipients: Vec<&str> = messages
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    recipients.sort_unstable();
    recipients.dedup();
    assert_eq!((messages.len(), recipients.len()), (20, 20), "{printed}");
}

/// The program of an example.
fn example(name: &str) -> PathBuf {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_franking"));
    binary.with_file_name("examples").join(name)
}
