//! What is new: against a send, and against a commit.

use std::path::Path;
use std::process::Command;

use franking::simulator::sink::AcceptAll;
use scraper::Selector;

use super::Preview;
use super::server::text;
use crate::support::relay::{self, Relay};
use crate::support::{self, Folder};

const TAB: &str = "/issue/one?recipient=ada%40plain.example&tab=changes";

/// The lines of each comparison that are new or gone, by its heading.
fn changes(preview: &Preview) -> Vec<(String, Vec<String>)> {
    let page = preview.get(TAB).html();
    let parts = Selector::parse(
        "#panel .tab > h3, #panel .tab .diff > :not(span), #panel .tab > p, #panel .tab .empty",
    );
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for element in page.select(&parts.expect("a selector")) {
        match (element.value().name(), found.last_mut()) {
            ("h3", _) => found.push((text(element), Vec::new())),
            (_, Some((_, lines))) => lines.push(text(element)),
            _ => panic!("a line without a heading: {}", text(element)),
        }
    }
    found
}

fn told(against: &str, lines: &[&str]) -> (String, Vec<String>) {
    let lines = lines.iter().map(|line| (*line).to_owned());
    (format!("Compared with the last {against}"), lines.collect())
}

const NO_COMMIT: &str = "The file is not committed, or git is not available.";

#[test]
fn the_message_is_compared_with_the_last_one_sent() {
    let folder = Folder::with("plain");
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let old = folder.read("issues/one.toml");
    folder.write("issues/zero.toml", &old.replace("minutes", "papers"));
    let preview = Preview::open(&folder);
    let nothing = told("send", &["Nothing has been sent yet."]);
    assert_eq!(changes(&preview), [nothing, told("commit", &[NO_COMMIT])]);

    // Of another issue first, and of its own when there is one.
    let sent = folder.run_at("2026-11-20T08:00:00Z", &["send", "zero", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let of_another = [
        "The plain text of “zero” that this subscriber received, or would have received.",
        "removed: See the papers [1] of the last assembly.",
        "added: See the minutes [1] of the last assembly.",
        "removed: https://plain.example/papers",
        "added: https://plain.example/minutes",
    ];
    let found = changes(&preview);
    assert_eq!(found[0].0, "Compared with the last send");
    assert_eq!(found[0].1[0], of_another[0]);
    let has = |words: &str| found[0].1.iter().any(|line| line.contains(words));
    assert!(has("papers") && has("minutes"), "{found:?}");
    assert!(
        found[0]
            .1
            .iter()
            .skip(1)
            .all(|line| line.starts_with("removed: ") || line.starts_with("added: ")),
        "{found:?}"
    );

    let again = ["send", "one", "--yes", "--again-as", "one"];
    let sent = folder.run_at("2026-11-21T08:00:00Z", &again);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let own = "The plain text of “one” that this subscriber received, or would have received.";
    assert_eq!(
        changes(&preview)[0],
        told("send", &[own, "Nothing has changed."])
    );
    let mut versions = preview.versions();
    let new = old.replace("A dot in the middle", "A spot in the middle");
    folder.write("issues/one.toml", &new);
    let mut found = changes(&preview);
    while !found[0].1.iter().any(|line| line.contains("A spot in")) {
        versions.next();
        found = changes(&preview);
    }
    assert!(
        found[0]
            .1
            .iter()
            .any(|line| line.starts_with("added: ") && line.contains("A spot in the middle")),
        "{found:?}"
    );
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=Ed",
        "-c",
        "user.email=ed@plain.example",
        "-c",
        "commit.gpgsign=false",
    ];
    let run = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(identity)
        .args(arguments)
        .output()
        .expect("git starts");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn the_file_is_compared_with_the_last_commit() {
    if !support::has("git", "the_file_is_compared_with_the_last_commit") {
        return;
    }
    let folder = Folder::with("plain");
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "issues"]);
    git(folder.path(), &["commit", "--quiet", "--message", "one"]);
    let old = folder.read("issues/one.toml");
    folder.write(
        "issues/one.toml",
        &old.replace("heading = \"Words\"", "heading = \"More <b>words</b>\""),
    );
    let preview = Preview::open(&folder);
    let expected = [
        "issues/one.toml",
        "removed: heading = \"Words\"",
        "added: heading = \"More <b>words</b>\"",
    ];
    assert_eq!(changes(&preview)[1], told("commit", &expected));
}
