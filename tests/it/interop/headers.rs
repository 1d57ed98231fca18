//! The fields that the newsletter and an issue decide: mailboxes as RFC 5322 reads them, and subjects of any length.

use crate::support::message::Message;
use crate::support::{Folder, Run};

/// The plain newsletter with `value` (as TOML) for `key`.
fn with(key: &str, value: &str) -> Folder {
    let folder = Folder::with("plain");
    let publication = folder.read("newsletter.toml");
    let lines = publication
        .lines()
        .map(|line| match line.split('=').next() {
            Some(found) if found.trim() == key => format!("{key} = {value}"),
            _ => line.to_owned(),
        });
    folder.write("newsletter.toml", &lines.collect::<Vec<_>>().join("\n"));
    folder
}

fn message(folder: &Folder, address: &str) -> Option<Message> {
    let run = folder.run(&["build", "one", "--as", address]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let path = folder.path().join(run.stdout.trim()).join("one.eml");
    Message::read("headers", &path)
}

fn refused(run: &Run, place: &str, hint: &str) {
    assert_eq!(run.code, 1, "{}", run.stderr);
    for words in ["error[bad-address]", &format!("--> {place}\n"), hint] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

#[test]
fn the_name_of_the_sender_survives_encoding_and_parsing() {
    for (written, name) in [
        ("'Heron <post@heron.example>'", "Heron"),
        (r#"'"Heron" <post@heron.example>'"#, "Heron"),
        (
            r#"'"The \"Heron\" Post" <post@heron.example>'"#,
            r#"The "Heron" Post"#,
        ),
        (
            r#"'"Heron \\ Egret" <post@heron.example>'"#,
            r"Heron \ Egret",
        ),
        (
            "'Heron, Egret & Co. (Ltd) <post@heron.example>'",
            "Heron, Egret & Co. (Ltd)",
        ),
        (
            "'=?utf-8?q?Egret?= <post@heron.example>'",
            "=?utf-8?q?Egret?=",
        ),
        ("'Reiher Ü <post@heron.example>'", "Reiher Ü"),
        ("'post@heron.example'", ""),
    ] {
        let Some(message) = message(&with("from", written), "ada@plain.example") else {
            return;
        };
        let (found, address) = &message.from;
        assert_eq!(
            (found.as_str(), address.as_str()),
            (name, "post@heron.example"),
            "{written}"
        );
    }
}

#[test]
fn an_unusable_address_in_the_settings_is_an_error_at_its_line() {
    let one = "write one mailbox";
    for (key, line, value, hint) in [
        (
            "from",
            3,
            "'Heron <post@heron.example>, Egret <egret@heron.example>'",
            one,
        ),
        ("from", 3, "'post@heron.example; egret@heron.example'", one),
        (
            "reply_to",
            4,
            "'Heron <post@heron.example> Egret <egret@heron.example>'",
            one,
        ),
        ("from", 3, "'Heron <pöst@heron.example>'", "must be ASCII"),
        (
            "reply_to",
            4,
            "'Jürgen <jürgen@heron.example>'",
            "must be ASCII",
        ),
        (
            "unsubscribe_mailto",
            9,
            "'abmeldung-für@heron.example'",
            "must be ASCII",
        ),
        (
            "from",
            3,
            "'\"Heron <post@heron.example>'",
            "this `\"` is not closed",
        ),
        (
            "from",
            3,
            "'Heron <post@heron.example> Ltd.'",
            "unexpected text after `>`",
        ),
    ] {
        let run = with(key, value).run(&["check"]);
        let column = with(key, value)
            .read("newsletter.toml")
            .lines()
            .nth(line - 1)
            .and_then(|text| text.find('\''));
        let column = column.expect("the value") + 1;
        refused(&run, &format!("newsletter.toml:{line}:{column}"), hint);
    }
}

#[test]
fn an_invalid_address_of_the_list_is_reported_with_its_reason() {
    for (address, hint) in [
        (
            "Ada Reed <ada@reed.example>",
            "without a name and angle brackets",
        ),
        ("ada.@reed.example", "begins or ends with a dot"),
        ("ada@[192.0.2.1]", "is an IP address or a number"),
        ("ada@localhost", "has no dot"),
        (
            "ada@reed.example.",
            "the domain after the `@` begins or ends with a dot",
        ),
        (
            "ada@re_ed.example",
            "the domain after the `@` cannot contain `_`",
        ),
        ("ada@reed.example, bo@reed.example", "write one address"),
        ("ada(desk)@reed.example", "cannot contain `(`"),
        ("mailto:ada@reed.example", "without `mailto:`"),
        (
            "ada\\u200b@reed.example",
            "remove the invisible character U+200B",
        ),
        ("ada @reed.example", "an address has no spaces"),
        (
            &format!("{}@reed.example", "a".repeat(65)),
            "longer than 64 octets",
        ),
    ] {
        let folder = Folder::with("plain");
        let list = format!(
            "[[subscriber]]\nemail = \"bo@reed.example\"\n\n[[subscriber]]\nemail = \"{address}\"\n"
        );
        folder.write("subscribers.toml", &list);
        refused(&folder.run(&["check"]), "subscribers.toml:5:9", hint);
    }
}

/// A quoted local part is a mailbox like any other, and its needless quotes are not.
#[test]
fn a_quoted_local_part_gets_a_message() {
    let folder = Folder::with("plain");
    let list = [
        "\\\"ada reed\\\"@reed.example",
        "\\\"bo\\\"@reed.example",
        "bo@reed.example",
    ];
    let entries = list.map(|address| format!("[[subscriber]]\nemail = \"{address}\"\n\n"));
    folder.write("subscribers.toml", &entries.concat());
    let dry_run = folder.run(&["send", "one", "--dry-run"]);
    assert_eq!(
        dry_run.stdout,
        "\"ada reed\"@reed.example\tready\n\"bo\"@reed.example\tready\nbo@reed.example\tduplicate\n",
        "{}",
        dry_run.stderr
    );
    let Some(message) = message(&folder, "\"ada reed\"@reed.example") else {
        return;
    };
    assert_eq!(message.to.1, "\"ada reed\"@reed.example");
}

#[test]
fn a_word_of_a_subject_that_is_longer_than_a_line_is_encoded() {
    for word in [
        "a".repeat(1_200),
        "ä".repeat(1_200),
        format!("short {} short", "b".repeat(990)),
    ] {
        let folder = Folder::with("plain");
        let issue = folder.read("issues/one.toml");
        let lines = issue.lines().map(|line| match line.starts_with("subject") {
            true => format!("subject = \"{word}\""),
            false => line.to_owned(),
        });
        folder.write("issues/one.toml", &lines.collect::<Vec<_>>().join("\n"));
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let Some(message) = message(&folder, "ada@plain.example") else {
            return;
        };
        assert_eq!(message.subject, word);
        let eml = folder.read(".franking/build/one/one.eml");
        assert!(eml.lines().all(|line| line.len() <= 998));
    }
}
