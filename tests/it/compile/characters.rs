//! Characters that are not text are reported where they stand, and never leave in a message or reach a terminal.

use std::collections::BTreeMap;

use crate::support::Folder;

/// What an issue says everywhere; `X` stands for the character.
const ISSUE: &str = r#"title = "DeXcember"
subject = "AXb quiet week"
preheader = "TwoX locks and one heron, and what else there is."
date = 2026-12-01
intro = "Dear {{ first_name | default(\"frXiend\") }}, hello."

[[section]]
kind = "text"
heading = "The Xlocks"
body = "ItXs open, `code X` and [a liXnk](https://plain.example/minutes)."

[[section]]
kind = "calls"
heading = "Calls"
[[section.item]]
title = "School Xx"
url = "https://plain.example/school"
link_text = "The scXhool"
"#;

/// How many places `X` stands in.
const PLACES: usize = 8;

fn folder_with(escape: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", &ISSUE.replace('X', escape));
    folder
}

/// Each place where a finding with this code stands.
fn reported(stderr: &str, code: &str) -> usize {
    stderr
        .lines()
        .filter(|line| line.contains(&format!("[{code}]: ")))
        .count()
}

#[test]
fn a_character_of_damaged_text_is_an_error_at_each_location() {
    for escape in [
        "\\u0000",
        "\\u0007",
        "\\u000b",
        "\\u001b",
        "\\u007f",
        "\\u0080",
        "\\u0092",
        "\\u009b",
        "\\ufffd",
        "\\uffff",
        "\\ufdd0",
        "\\U0001fffe",
    ] {
        let run = folder_with(escape).run(&["check"]);
        assert_eq!(run.code, 1);
        assert_eq!(
            reported(&run.stderr, "broken-character"),
            PLACES,
            "{escape}: {}",
            run.stderr
        );
    }
}

#[test]
fn an_invisible_character_is_reported_and_left_out() {
    let clean = message(&folder_with(""));
    for escape in [
        "\\u200b",
        "\\u200d",
        "\\u202a",
        "\\u202e",
        "\\u2066",
        "\\u2060",
        "\\ufeff",
        "\\U000e0041",
        "\\u180e",
        "\\u115f",
        "\\u1160",
        "\\u3164",
    ] {
        let folder = folder_with(escape);
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(
            reported(&run.stderr, "invisible-character"),
            PLACES,
            "{escape}: {}",
            run.stderr
        );
        assert_eq!(message(&folder), clean, "{escape}");
    }
}

/// What the message says, in its three readable files.
fn message(folder: &Folder) -> BTreeMap<&'static str, String> {
    let run = folder.run(&["build", "one", "--as", "ada@plain.example"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = ["one.html", "one.txt", "one.eml"];
    files
        .map(|file| (file, folder.read(&format!("{}/{file}", run.stdout.trim()))))
        .into()
}

#[test]
fn a_legitimate_invisible_character_is_kept_and_not_reported() {
    for text in [
        "👩\u{200d}🚀",
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "Donau\u{ad}dampf",
        "\u{200f}שלום\u{200f}",
        "ไทย\u{200b}ไทย",
        "\u{1100}\u{1160}\u{11a8}",
    ] {
        let folder = folder_with(&format!(" {text} "));
        let run = folder.run(&["check"]);
        assert_eq!(
            reported(&run.stderr, "invisible-character"),
            0,
            "{}",
            run.stderr
        );
        assert!(message(&folder)["one.txt"].contains(text), "{text}");
    }
    let folder = folder_with("");
    let marked = format!("\u{feff}{}", folder.read("issues/one.toml"));
    folder.write("issues/one.toml", &marked);
    let run = folder.run(&["check"]);
    assert_eq!(
        (run.code, run.stderr.lines().count()),
        (0, 1),
        "{}",
        run.stderr
    );
}

#[test]
fn a_character_reference_for_a_control_character_is_an_error() {
    for reference in [
        "&#0;",
        "&#27;",
        "&#x9b;",
        "&#x202e;",
        "&#xfffe;",
        "&#xE0041;",
    ] {
        let folder = folder_with("");
        let issue = folder
            .read("issues/one.toml")
            .replace("Its open", reference);
        folder.write("issues/one.toml", &issue);
        let run = folder.run(&["check"]);
        assert_eq!(
            reported(&run.stderr, "broken-character"),
            1,
            "{reference}: {}",
            run.stderr
        );
    }
}

#[test]
fn the_settings_and_the_list_are_checked_for_such_characters_too() {
    let folder = folder_with("");
    let publication = folder.read("newsletter.toml");
    let publication = publication
        .replace("Plain Society", "Plain\\u0092 Society")
        .replace("\"reader\"", "\"rea\\u202eder\"")
        .replace("name      = \"The Plain", "name      = \"The\\ufffd Plain")
        .replace("\"The Plain Letter <", "\"The Plain\\u200b Letter <");
    folder.write("newsletter.toml", &publication);
    let list = folder
        .read("subscribers.toml")
        .replace("Ada Plain", "Ada\\u009bPlain");
    folder.write("subscribers.toml", &list);
    let run = folder.run(&["check"]);
    for (code, count) in [
        ("broken-character", 2),
        ("invisible-character", 2),
        ("control-character", 1),
    ] {
        assert_eq!(reported(&run.stderr, code), count, "{code}: {}", run.stderr);
    }
}

/// U+009B begins an escape sequence, as ESC and `[` do.
#[test]
fn control_characters_of_a_file_or_its_name_are_escaped_in_every_output() {
    let hostile = "\u{9b}2J\u{202e}\u{2066}";
    let folder = folder_with("");
    let issue = folder
        .read("issues/one.toml")
        .replace("Its open", &format!("{hostile} {{{{ nope }}}}"));
    // A colour too: only the program's own may be left.
    let name = format!("{hostile}\u{1b}[2J\u{1b}[7;35m");
    folder.write(&format!("issues/{name}.toml"), &issue);
    folder.write(
        "issues/one.toml",
        &issue.replace("preheader", "# \u{9b}2J\npreheadr"),
    );
    for arguments in [
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["check", "--format", "github"],
        vec!["check", "--format", "sarif"],
        vec!["schedule"],
        vec!["status"],
        vec!["plan", &name],
        vec!["send", &name, "--dry-run"],
        vec!["build", &name],
    ] {
        let mut command = folder.command(&arguments);
        let output = command
            .env("CLICOLOR_FORCE", "1")
            .output()
            .expect("the program starts");
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        let printed = printed.replace("\u{1b}[2J", "ESCAPED");
        let printed = printed.replace("\u{1b}[7;35m", "ESCAPED");
        let obeyed = |c: char| matches!(c, '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(
            !printed.contains(obeyed) && !printed.contains("ESCAPED"),
            "{arguments:?}: {printed:?}"
        );
    }
    let piped = folder.run(&["check"]).stderr;
    assert!(piped.contains("[7;35m.toml"), "{piped}");
    let json = folder.run(&["check", "--format", "json"]).stdout;
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
}
