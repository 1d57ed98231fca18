//! `franking demo`: a whole send over SMTP on this machine, and an account that adds up.

use std::collections::BTreeMap;

use crate::support::{Folder, Run};

/// The totals at the end of a run.
fn account(run: &Run) -> BTreeMap<&str, usize> {
    let lines = run.stderr.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let word = words.next()?;
        Some((word, words.next()?.parse().ok()?))
    });
    lines.collect()
}

/// Asserts that the totals of a run add up, and that every message that a relay may have is a file.
fn adds_up(folder: &Folder, below: &str, run: &Run) {
    assert_eq!(run.code, 0, "{}", run.stderr);
    let account = account(run);
    let of = |word: &str| {
        *account
            .get(word)
            .unwrap_or_else(|| panic!("no {word}: {}", run.stderr))
    };
    let parts = [
        "accepted",
        "refused",
        "excluded",
        "deferred",
        "uncertain",
        "untried",
    ];
    assert_eq!(
        parts.iter().map(|part| of(part)).sum::<usize>(),
        of("candidates")
    );
    assert_eq!((of("deferred"), of("untried")), (0, 0));
    assert_eq!((of("refused"), of("uncertain")), (1, 1));
    let mail = format!("{below}.franking/demo/mail/");
    let files = folder.files();
    let letters = files
        .keys()
        .filter(|f| f.starts_with(&mail) && f.ends_with(".eml"));
    assert_eq!(letters.count(), of("accepted") + of("uncertain"));
    for path in run.stdout.lines().filter_map(|line| line.split(' ').next()) {
        assert!(folder.path().join(path).exists(), "{path} is not there");
    }
}

/// The names and bytes of the messages, in their order.
fn letters(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let mut files = folder.files();
    files.retain(|name, _| name.ends_with(".eml"));
    files
}

fn crowd() -> Folder {
    let folder = Folder::with("plain");
    folder.add("crowd");
    folder
}

/// What a run said, the outcomes in the order of their names: two connections tell them as they come.
fn in_order(stderr: &str) -> String {
    let stderr = without_times(stderr);
    let is_outcome = |line: &&str| line.starts_with("TIME ") && line.contains('@');
    let mut outcomes: Vec<&str> = stderr.lines().filter(is_outcome).collect();
    outcomes.sort_unstable();
    let mut outcomes = outcomes.into_iter();
    let lines = stderr.lines().map(|line| match is_outcome(&line) {
        true => outcomes.next().unwrap_or_default(),
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The lines of progress with `TIME` instead of their times.
fn without_times(stderr: &str) -> String {
    let lines = stderr.lines().map(|line| match line.split_once("Z one: ") {
        Some((_, event)) => format!("TIME one: {event}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn the_demo_shows_every_step_and_its_totals_add_up() {
    let folder = crowd();
    let run = folder.run(&["demo"]);
    adds_up(&folder, "", &run);
    let output = format!(
        "--- stdout\n{}--- stderr\n{}",
        run.stdout,
        in_order(&run.stderr)
    );
    snapbox::assert_data_eq!(output, snapbox::file!["demo/first.txt"].raw());
}

#[test]
fn the_second_run_sends_nothing_and_again_starts_over() {
    let folder = crowd();
    folder.run(&["demo"]);
    let before = letters(&folder);
    let second = folder.run(&["demo"]);
    adds_up(&folder, "", &second);
    let output = format!("--- stdout\n{}--- stderr\n{}", second.stdout, second.stderr);
    snapbox::assert_data_eq!(output, snapbox::file!["demo/second.txt"].raw());
    assert_eq!(letters(&folder), before);
    let mail = folder.path().join(".franking/demo/mail");
    std::fs::remove_dir_all(mail).unwrap();
    let again = folder.run(&["demo", "--again"]);
    adds_up(&folder, "", &again);
    assert_eq!(letters(&folder).len(), before.len());
}

#[test]
fn the_samples_are_sent_to_their_subscribers() {
    let folder = Folder::with_samples();
    adds_up(&folder, "", &folder.run(&["demo"]));
}

#[test]
fn the_demo_in_an_empty_directory_copies_the_samples() {
    let folder = Folder::empty();
    let run = folder.run(&["demo"]);
    adds_up(&folder, "franking-demo/", &run);
    assert!(
        run.stderr
            .starts_with("the samples are in `franking-demo`\n"),
        "{}",
        run.stderr
    );
    let second = folder.run(&["demo"]);
    adds_up(&folder, "franking-demo/", &second);
    assert!(second.stderr.contains("already sent"), "{}", second.stderr);
}

/// `.invalid` does not resolve (RFC 2606): a demo that contacted the configured relay would fail.
#[test]
fn the_demo_does_not_contact_the_configured_relay() {
    let folder = crowd();
    let publication = folder.read("newsletter.toml");
    let smtp = "\n[smtp]\nhost = \"relay.invalid\"\nuser = \"letter\"\npassword_file = \"none\"\n";
    folder.write("newsletter.toml", &(publication + smtp));
    adds_up(&folder, "", &folder.run(&["demo"]));
}

#[test]
fn the_demo_leaves_no_record_in_the_ledger() {
    let folder = crowd();
    folder.run(&["demo"]);
    assert_eq!(
        folder.run(&["status", "--json"]).stdout,
        "{\"campaigns\":[]}\n"
    );
    let sent = folder.run(&["send", "one", "--confirm", "11"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
}

#[test]
fn the_demo_sends_the_latest_issue_without_errors() {
    let folder = crowd();
    folder.write("issues/zero.toml", "subject = \n");
    let run = folder.run(&["demo"]);
    adds_up(&folder, "", &run);
    let skipped = "`zero` has errors and is not sent; `franking check zero` shows them\n";
    assert!(run.stderr.contains(skipped), "{}", run.stderr);
    assert!(run.stderr.contains("`one` to "), "{}", run.stderr);
}
