//! A name that is not one is not used: the greeting has the default instead.

use franking::simulator::sink::AcceptAll;

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

/// The greeting in the text of the message, of a list with one subscriber who has these keys.
fn greeting(keys: &str) -> (String, String) {
    greeted(
        "{{ first_name }} {{ name | default(\"N.\") }} {{ title | default(\"T.\") }}",
        keys,
    )
}

/// As [`greeting`], of an issue that greets with these placeholders.
fn greeted(placeholders: &str, keys: &str) -> (String, String) {
    let folder = Folder::with("plain");
    folder.write(
        "subscribers.toml",
        &format!("[[subscriber]]\nemail = \"ada@plain.example\"\n{keys}\n"),
    );
    folder.write(
        "issues/one.toml",
        &format!(
            "subject = \"One\"\npreheader = \"What the first letter is about.\"\ndate = 2026-12-01\n\
             intro = 'Dear {placeholders}!'\n\n\
             [[section]]\nkind = \"text\"\nbody = \"Words.\"\n"
        ),
    );
    let publication = folder.read("newsletter.toml") + "title = \"none\"\n";
    folder.write("newsletter.toml", &publication);
    let run = folder.run(&["build", "one", "--as", "ada@plain.example"]);
    assert_eq!(run.code, 0, "{keys}: {}", run.stderr);
    let text = folder.read(&format!("{}/one.txt", run.stdout.trim()));
    let line = text.lines().find(|line| line.starts_with("Dear "));
    (line.expect("a greeting").to_owned(), run.stderr)
}

#[test]
fn a_stand_in_for_a_missing_name_is_not_used_in_a_greeting() {
    for name in [
        "-",
        "--",
        ".",
        "N/A",
        "n/a",
        "null",
        "NULL",
        "None",
        "undefined",
        "{{first_name}}",
        "*|FNAME|*",
        "J\\ufffdrgen",
        "ada@plain.example",
    ] {
        let (greeting, stderr) = greeting(&format!("first_name = \"{name}\""));
        assert_eq!(greeting, "Dear reader N. T.!", "{name}");
        assert!(stderr.contains("warning["), "{name}: {stderr}");
    }
    for name in ["", " ", "\\u00a0", "\\u200b", "\\u200b \\ufeff"] {
        assert_eq!(
            greeting(&format!("first_name = \"{name}\"")).0,
            "Dear reader N. T.!",
            "{name}"
        );
    }
}

#[test]
fn a_link_is_not_used_as_a_name_and_is_reported_at_its_line() {
    for name in [
        "https://evil.example/win",
        "Ada www.evil.example",
        "evil.com",
        "t.me/evil",
        "ada@evil.example",
        "{first_name}",
        "[FNAME]",
        &"Ada ".repeat(200),
    ] {
        let (greeting, stderr) = greeting(&format!("first_name = \"{name}\""));
        assert_eq!(greeting, "Dear reader N. T.!", "{name}");
        assert!(stderr.contains("warning[no-name]"), "{name}: {stderr}");
        assert!(stderr.contains("subscribers.toml:3:14"), "{name}: {stderr}");
    }
    for name in ["J.R.R.", "Dr.Ada", "Ada-Bo", "J.De Vries"] {
        let (greeting, stderr) = greeting(&format!("first_name = \"{name}\""));
        assert!(greeting.starts_with(&format!("Dear {name} ")), "{greeting}");
        assert!(!stderr.contains("no-name"), "{name}: {stderr}");
    }
}

#[test]
fn each_link_on_the_list_is_reported_up_to_twenty() {
    let folder = Folder::with("plain");
    let entry = |n| {
        format!(
            "[[subscriber]]\nemail = \"a{n}@plain.example\"\nname = \"https://evil.example/{n}\"\n"
        )
    };
    folder.write("subscribers.toml", &(0..30).map(entry).collect::<String>());
    let run = folder.run(&["check"]);
    assert_eq!(run.stderr.matches("warning[no-name]").count(), 20);
    assert!(
        run.stderr.contains("(11 such names on the list)"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("subscribers.toml:6:8"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_real_name_that_resembles_a_stand_in_is_used() {
    for (keys, expected) in [
        ("first_name = \"Nan\"", "Dear Nan Nan T.!"),
        (
            "first_name = \"Ada\"\nlast_name = \"Null\"",
            "Dear Ada Ada Null T.!",
        ),
        (
            "first_name = \"Ada\"\nlast_name = \"null\"",
            "Dear Ada Ada T.!",
        ),
        ("first_name = \"Ada\\u200b\"", "Dear Ada Ada T.!"),
        (
            "first_name = \"می\\u200cنا\"",
            "Dear می\u{200c}نا می\u{200c}نا T.!",
        ),
        ("attributes = { title = \"N/A\" }", "Dear reader N. T.!"),
        ("attributes = { title = \"Dr\" }", "Dear reader N. Dr!"),
        ("attributes = { title = \"none\" }", "Dear reader N. none!"),
    ] {
        assert_eq!(greeting(keys).0, expected, "{keys}");
    }
}

#[test]
fn the_first_name_is_taken_from_a_name_with_the_family_name_first() {
    for (keys, first, last) in [
        ("name = 'Reed, Ada'", "Ada", "Reed"),
        ("name = 'Reed,Ada'", "Ada", "Reed"),
        ("name = ' Reed , Ada '", "Ada", "Reed"),
        ("name = 'Reed，Ada'", "Ada", "Reed"),
        ("name = \"O'Brien, Máire\"", "Máire", "O'Brien"),
        (
            "name = 'van den Berg, Jan-Willem'",
            "Jan-Willem",
            "van den Berg",
        ),
        ("name = 'Reed, Ada'\nfirst_name = '-'", "Ada", "Reed"),
        ("name = 'Reed, Ada'\nlast_name = 'Reed'", "Ada", "Reed"),
        ("name = 'Reed, Ada'\nfirst_name = 'Adi'", "Adi", "Reed"),
        ("name = 'Ada, Reed'\nfirst_name = 'Ada'", "Ada", "L."),
        ("name = 'Ada, Reed'\nlast_name = 'Reed'", "reader", "Reed"),
        ("name = 'Ada Reed'", "reader", "L."),
        ("name = 'Dr. Ada Reed'", "reader", "L."),
        ("name = 'Reed, Jr.'", "reader", "L."),
        ("name = 'Reed, PhD'", "reader", "L."),
        ("name = 'Reed, MD'", "reader", "L."),
        ("name = 'Reed, M.D.'", "reader", "L."),
        ("name = 'Heron Ltd, London'", "reader", "L."),
        ("name = 'Acme, Inc.'", "reader", "L."),
        ("name = 'Ada Reed, Editor'", "reader", "L."),
        ("name = 'Reed, 7'", "reader", "L."),
        ("name = 'Reed, Ada, Bo'", "reader", "L."),
        ("name = 'Reed, null'", "reader", "L."),
        ("name = 'Reed, Ada Bo Cleo Dora'", "reader", "L."),
    ] {
        let greeting = greeted("{{ first_name }} {{ last_name | default(\"L.\") }}", keys).0;
        assert_eq!(greeting, format!("Dear {first} {last}!"), "{keys}");
    }
}

#[test]
fn a_send_greets_family_name_first_names_as_check_reports() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::write_issue(&folder, "a", "");
    let settings = folder.read("newsletter.toml");
    let without = settings.replace("first_name", "greeting");
    folder.write("newsletter.toml", &without);
    let list = |name| format!("[[subscriber]]\nemail = \"ada@reed.example\"\nname = \"{name}\"\n");
    folder.write("subscribers.toml", &list("Ada Reed"));
    let check = folder.run(&["check", "a"]);
    assert!(
        check.stderr.contains("unfilled-placeholder"),
        "{}",
        check.stderr
    );
    folder.write("subscribers.toml", &list("Reed, Ada"));
    let check = folder.run(&["check", "a"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    let run = folder.run(&["send", "a", "--confirm", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let message = String::from_utf8(relay.received().remove(0).bytes).unwrap();
    assert!(
        message.contains("Subject: a: a word to Ada\r\n"),
        "{message}"
    );
    // `Reed, Ada`, as the list has it.
    let to = "To: =?utf-8?b?UmVlZCwgQWRh?= <ada@reed.example>";
    assert!(message.contains(to), "{message}");
}
