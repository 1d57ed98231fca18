//! `franking build`: the same bytes every time, a message without a defect, a plain text that lacks nothing.

use std::path::PathBuf;

use textwrap::core::display_width;

use crate::support::Folder;
use crate::support::message::Message;

/// The plain newsletter with an issue that has a section of every kind.
fn every_kind() -> Folder {
    let folder = Folder::with("plain");
    folder.add("every");
    folder
}

/// Builds `issue` for one recipient into a directory of the test and returns the path of the message.
fn build(folder: &Folder, issue: &str, reader: &str) -> PathBuf {
    let run = folder.run(&["build", issue, "--as", reader, "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "out\n");
    folder.path().join(format!("out/{issue}.eml"))
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let [first, second] = [every_kind(), every_kind()];
    for _ in 0..2 {
        build(&first, "every", "ada@plain.example");
        let once = first.files();
        build(&first, "every", "ada@plain.example");
        assert_eq!(first.changes_since(&once), [""; 0]);
    }
    build(&second, "every", "ada@plain.example");
    assert!(first.files().contains_key("out/every.html"));
    assert!(first.files().contains_key("out/every.txt"));
    assert_eq!(first.changes_since(&second.files()), [""; 0]);
}

/// A reviewer has a browser, and neither the directory nor the network of the editor.
#[test]
fn the_review_page_is_a_single_file() {
    let folder = Folder::with_samples();
    let arguments = ["build", "2026-11", "--html-report", "--out", "out"];
    let run = folder.run(&[&arguments[..], &["--as", "m.lindqvist@strand.example"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = std::fs::read_to_string(folder.path().join("out/2026-11.report.html"));
    let report = report.expect("the report");
    for part in [
        "Dear Märta,",
        "Deadline: Friday, 18 December 2026",
        "duplicate-address",
    ] {
        assert!(report.contains(part), "{part}");
    }
    // The message is in an attribute: its quotes are escaped, and its pictures are data URLs.
    assert_eq!(
        report.matches("src=&quot;data:image/png;base64,").count(),
        6
    );
    for fetched in [
        "src=\"",
        "src=&quot;cid:",
        "src=&quot;http",
        "<link",
        "<script",
        "url(",
    ] {
        assert!(!report.contains(fetched), "{fetched}");
    }
    assert!(
        report.contains("/u/specimen"),
        "a real code would let a reviewer leave for her"
    );
}

/// A text about HTML: its words must not become attributes.
#[test]
fn text_that_mentions_markup_is_shown_unchanged() {
    const WORDS: &str = r#"say class="note" or style="color:red, blue" or href="https://x.example and so on to the next line of the text""#;
    let folder = Folder::with("plain");
    let issue = format!(
        "subject = 'Markup'\npreheader = 'On markup.'\ndate = 2026-12-01\n\n[[section]]\nkind = 'text'\n\
         heading = 'Of id=\"x\"'\nbody = '`<p {WORDS}>` and {WORDS}'\n"
    );
    folder.write("issues/markup.toml", &issue);
    let file = build(&folder, "markup", "ada@plain.example");
    let Some(message) = Message::read("build", &file) else {
        return;
    };
    for part in [&message.words, &message.text] {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(part.contains(&format!("<p {WORDS}> and {WORDS}")), "{part}");
        assert!(part.contains("Of id=\"x\""), "{part}");
    }
}

#[test]
fn two_parsers_find_no_defect_in_a_message_with_every_kind_of_section() {
    let folder = every_kind();
    for reader in ["ada@plain.example", "bo@plain.example", "chi@plain.example"] {
        let file = build(&folder, "every", reader);
        let Some(message) = Message::read("build", &file) else {
            return;
        };
        let types: Vec<&str> = message.types.iter().map(String::as_str).collect();
        let expected = [
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png",
        ];
        assert_eq!(types, expected);
        assert_eq!(message.to.1, reader);
        assert_eq!(
            folder.read("out/every.txt"),
            message.text.replace("\r\n", "\n")
        );
        let is_member = reader == "ada@plain.example";
        for part in [&message.text, &message.links.join(" ")] {
            assert_eq!(part.contains("https://plain.example/members"), is_member);
        }
    }
}

#[test]
fn two_parsers_find_no_defect_in_the_samples() {
    let folder = Folder::with_samples();
    let issues = std::fs::read_dir(folder.path().join("issues")).unwrap();
    let names = issues.filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".toml").map(str::to_owned)
    });
    let names: Vec<String> = names.collect();
    assert!(!names.is_empty());
    for name in names {
        let file = build(&folder, &name, "tomas.havel@povodi.example");
        let Some(message) = Message::read("build", &file) else {
            return;
        };
        is_worth_reading(&message);
    }
}

#[test]
fn the_plain_text_contains_every_link_and_no_markup() {
    let folder = every_kind();
    let file = build(&folder, "every", "ada@plain.example");
    let Some(message) = Message::read("build", &file) else {
        return;
    };
    is_worth_reading(&message);
    assert!(message.links.len() > 10, "{:?}", message.links);
    assert!(message.text.contains("1 < 2 & 3 > 2"), "{}", message.text);
    assert!(message.words.contains("1 < 2 & 3 > 2"), "{}", message.words);
}

/// No line beyond 78 columns but a URL, no markup, no link of the HTML part missing.
fn is_worth_reading(message: &Message) {
    for line in message.text.lines() {
        let is_url = line.contains("://");
        let is_word = !line.trim().contains(' ');
        assert!(display_width(line) <= 78 || is_url || is_word, "{line}");
    }
    for markup in [
        "</", "<p", "<br", "<div", "&amp;", "&lt;", "&nbsp;", "&#", "](", "**",
    ] {
        assert!(!message.text.contains(markup), "{markup}: {}", message.text);
    }
    for link in &message.links {
        let page = link.split('#').next().unwrap_or_default();
        assert!(message.text.contains(page), "{link} is not in the text");
    }
    assert!(message.handlers.is_empty() && !message.elements.contains(&"script".to_owned()));
}
