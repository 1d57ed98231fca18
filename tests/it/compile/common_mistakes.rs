//! What people type where TOML wants something else: the whole output of `check` for each habit.

use std::fmt::Write;

use crate::support::Folder;

/// The habits of one golden file: a name, and what the issue holds after its head.
const HABITS: [(&str, &str); 14] = [
    ("typographic quotes", "subject = „Quiet days“\n"),
    (
        "quotes inside a string",
        "subject = \"The \"quiet\" days\"\n",
    ),
    (
        "an apostrophe in single quotes",
        "subject = 'The keeper's day'\n",
    ),
    (
        "a path of Windows",
        "[[section]]\nkind = \"image\"\nimage = { src = \"one\\photo.png\", alt = \"A\" }\n",
    ),
    (
        "a path of Windows that escapes",
        "[[section]]\nkind = \"image\"\nimage = { src = \"one\\new.png\", alt = \"A\" }\n",
    ),
    (
        "a path of Windows in single quotes",
        "[[section]]\nkind = \"image\"\nimage = { src = 'one\\dot.png', alt = \"A\" }\n",
    ),
    (
        "an open text",
        "[[section]]\nkind = \"text\"\nbody = \"\"\"\nHello\n\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
    ),
    (
        "an open text before another",
        "[[section]]\nkind = \"text\"\nbody = \"\"\"\nHello\n\n[[section]]\nkind = \"text\"\nbody = \"\"\"\nSecond\n\"\"\"\n",
    ),
    ("one bracket", "[section]\nkind = \"text\"\nbody = \"x\"\n"),
    (
        "one bracket, twice",
        "[section]\nkind = \"text\"\nbody = \"x\"\n\n[section]\nkind = \"text\"\nbody = \"y\"\n",
    ),
    (
        "an item without its section",
        "[[section]]\nkind = \"calls\"\nheading = \"Calls\"\n\n[[item]]\ntitle = \"A call\"\n",
    ),
    ("a date of Germany", "send_at = 30.12.2026 9:00\n"),
    ("a time without seconds", "send_at = 2026-12-30T9.30\n"),
    ("a key of YAML", "subject: \"Quiet days\"\n"),
];

const HEAD: &str = "number = 1\npreheader = \"Two locks, one heron.\"\ndate = 2026-12-15\n";

fn issue(rest: &str) -> String {
    let subject = if rest.starts_with("subject") {
        ""
    } else {
        "subject = \"Days\"\n"
    };
    let section = if rest.contains("[section") || rest.contains("[[") {
        ""
    } else {
        "\n[[section]]\nkind = \"text\"\nbody = \"x\"\n"
    };
    format!("{HEAD}{subject}{rest}{section}")
}

#[test]
fn every_common_mistake_is_one_finding_with_a_hint() {
    let mut all = String::new();
    for (name, rest) in HABITS {
        let folder = Folder::with("plain");
        folder.write("issues/one.toml", &issue(rest));
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 1, "{name}: {}", run.stderr);
        assert_eq!(
            run.stderr.matches("error[").count(),
            1,
            "{name}: {}",
            run.stderr
        );
        assert_eq!(
            run.stderr.matches("\nhint: ").count(),
            1,
            "{name}: {}",
            run.stderr
        );
        write!(all, "# {name}\n\n{}\n", run.stderr).expect("a string grows");
    }
    snapbox::assert_data_eq!(all, snapbox::file!["common_mistakes/findings.txt"].raw());
}

#[test]
fn what_a_hint_suggests_is_accepted() {
    for (wrong, right) in [
        ("send_at = 30.12.2026 9:00", "send_at = 2026-12-30T09:00:00"),
        (
            "send_at = 2026-12-30T24:00:00",
            "send_at = 2026-12-31T00:00:00",
        ),
        ("subject = “Quiet”", "subject = \"Quiet\""),
        ("subject: Quiet", "subject = \"Quiet\""),
        ("number = No. 12", "number = 12"),
    ] {
        let folder = Folder::with("plain");
        folder.write(
            "issues/one.toml",
            &issue(&format!("{wrong}\n")).replace("number = 1\n", ""),
        );
        let output = folder.run(&["check"]).stderr;
        let value = right.split_once(" = ").expect("a value").1;
        assert!(output.contains(&format!("{value}`")), "{wrong}: {output}");
        folder.write(
            "issues/one.toml",
            &issue(&format!("{right}\n")).replace("number = 1\n", ""),
        );
        let output = folder.run(&["check"]);
        assert_eq!(output.code, 0, "{right}: {}", output.stderr);
    }
}

/// An error with the place where it is reported, and the text after the hint was followed.
const ADVICE: [(&str, &str, &str); 36] = [
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\", role = \"B }]\n\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
        "8:33",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\", role = \"B\" }]\n\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
    ),
    (
        "intro = Hello\nto all of you\n",
        "5:9",
        "intro = \"\"\"Hello\nto all of you\"\"\"\n",
    ),
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" }\n\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
        "8:11",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" }]\n\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
    ),
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" ]\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
        "8:12",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" }]\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
    ),
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" })\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
        "8:26",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nauthors = [{ name = \"A\" }]\n[[section]]\nkind = \"text\"\nbody = \"x\"\n",
    ),
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nimage = {\n  src = \"one/dot.png\"\n  alt = \"A dot\"\n}\n",
        "10:3",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nimage = {\n  src = \"one/dot.png\",\n  alt = \"A dot\"\n}\n",
    ),
    (
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nimage = \"one/dot.png\"\n",
        "8:9",
        "[[section]]\nkind = \"article\"\nbody = \"x\"\nimage = { src = \"one/dot.png\", alt = \"A dot\" }\n",
    ),
    (
        "[[section]]\nkind = \"text\"\nbody = \"One\ntwo [three](https://three.example)\n- four = 4\"\n",
        "7:8",
        "[[section]]\nkind = \"text\"\nbody = \"\"\"One\ntwo [three](https://three.example)\n- four = 4\"\"\"\n",
    ),
    (
        "intro = 'One\n\ntwo'\n",
        "5:9",
        "intro = '''One\n\ntwo'''\n",
    ),
    (
        "intro = \"\"\nHello\n\"\"\n",
        "5:9",
        "intro = \"\"\"\nHello\n\"\"\"\n",
    ),
    (
        "[[section]]\nkind = \"calls\"\n[[section.items]]\ntitle = \"A call\"\n",
        "7:11",
        "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"A call\"\n",
    ),
    (
        "[[section]]\nkind = \"calls\"\n[[section.exchange]]\ntitle = \"A call\"\n",
        "7:11",
        "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"A call\"\n",
    ),
    (
        "[[section.item]]\nkind = \"divider\"\n",
        "5:3",
        "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"A call\"\n",
    ),
    (
        "section]]\nkind = \"text\"\nbody = \"x\"\n#[section]\n",
        "5:1",
        "",
    ),
    (
        "((section))\nkind = \"text\"\nbody = \"x\"\n#[section]\n",
        "5:1",
        "",
    ),
    ("[[section],\nkind = \"text\"\nbody = \"x\"\n", "5:1", ""),
    (
        "\u{a0}[[section]]\nkind = \"text\"\nbody = \"x\"\n",
        "5:1",
        "",
    ),
    ("number = 1,5\n", "4:10", "number = 1\n"),
    ("number = 1.000\n", "4:10", "number = 1000\n"),
    ("number = XII\n", "4:10", "number = 12\n"),
    ("number = 2026/11\n", "4:10", "number = 12\n"),
    ("number = 1\u{a0}\n", "4:11", "number = 1\n"),
    ("number = 1 // one\n", "4:12", "number = 1 # one\n"),
    ("title => \"a\"\n", "5:7", "title = \"a\"\n"),
    ("title, \"a\"\n", "5:6", "title = \"a\"\n"),
    ("title：“a”\n", "5:6", "title = \"a\"\n"),
    ("title = \"a\" = \"b\"\n", "5:13", "title = \"a\"\n"),
    (
        "title = \"a\" language = \"fr\"\n",
        "5:13",
        "title = \"a\"\nlanguage = \"fr\"\n",
    ),
    ("title = \"a\".\n", "5:12", "title = \"a\"\n"),
    ("title = \"a\" (old)\n", "5:11", "title = \"a\" # (old)\n"),
    ("title = \"C:\\\"\n", "5:12", "title = 'C:\\'\n"),
    ("“title” = \"a\"\n", "5:1", "title = \"a\"\n"),
    ("let title = \"a\"\n", "5:1", "title = \"a\"\n"),
    ("title =\n\"a\"\n", "5:1", "title = \"a\"\n"),
    (
        "send_at = 2026-12-15T09:00:00+01\n",
        "5:11",
        "send_at = 2026-12-15T09:00:00+01:00\n",
    ),
    ("<p>One</p>\n<p class=\"b\">Two</p>\n", "5:1", ""),
];

#[test]
fn an_error_has_its_location_and_following_its_hint_removes_it() {
    for (wrong, place, right) in ADVICE {
        let folder = Folder::with("plain");
        let text = |part: &str| {
            let number = if wrong.starts_with("number") {
                "number = 1\n"
            } else {
                ""
            };
            issue(part).replacen(number, "", 1)
        };
        folder.write("issues/one.toml", &text(wrong));
        let output = folder.run(&["check"]).stderr;
        let place = format!("--> issues/one.toml:{place}\n");
        assert_eq!(output.matches("error[").count(), 1, "{wrong}: {output}");
        assert!(output.contains(&place), "{wrong}: {output}");
        assert!(output.contains("\nhint: "), "{wrong}: {output}");
        folder.write("issues/one.toml", &text(right));
        let output = folder.run(&["check"]);
        assert_eq!(output.code, 0, "{right}: {}", output.stderr);
    }
}

#[test]
fn a_control_character_is_named_at_its_location_in_every_file() {
    for (character, name) in [
        ('\0', "a null character (U+0000)"),
        ('\u{b}', "a vertical tab (U+000B)"),
        ('\u{c}', "a form feed (U+000C)"),
        ('\u{1b}', "an escape character (U+001B)"),
        ('\u{7f}', "a delete character (U+007F)"),
        ('\r', "a carriage return without a line feed (U+000D)"),
    ] {
        for (before, after, place) in [
            ("title = \"a", "b\"\n", "5:11"),
            ("title = 'a", "b'\n", "5:11"),
            ("intro = \"\"\"\na = ", "b\n\"\"\"\n", "6:5"),
            ("intro = '''\na", "b\n'''\n", "6:2"),
            ("title = \"a\" # ", "b\n", "5:15"),
            ("# a", "b\n", "5:4"),
        ] {
            // The issue's other mistake is reported too, and nothing that follows from the character.
            let other = "send_at = 30.12.2026 9:00\n";
            let folder = Folder::with("plain");
            folder.write(
                "issues/one.toml",
                &issue(&format!("{before}{character}{after}{other}")),
            );
            let output = folder.run(&["check"]).stderr;
            assert!(
                output.contains(&format!("error[broken-character]: {name}")),
                "{output}"
            );
            let place = format!("--> issues/one.toml:{place}\n");
            assert!(output.contains(&place), "{before:?}: {output}");
            if character != '\r' {
                assert_eq!(output.matches("error[").count(), 2, "{before:?}: {output}");
                assert!(output.contains("write `2026-12-30T09:00:00`"), "{output}");
            }
            folder.write("issues/one.toml", &issue(&format!("{before}\t{after}")));
            assert_eq!(folder.run(&["check"]).code, 0, "a tab is text");
        }
    }
}

#[test]
fn crlf_is_accepted_and_a_lone_cr_is_one_error() {
    let folder = Folder::with("plain");
    let text = issue("intro = \"\"\"\nOne\n\ntwo\"\"\"\n");
    folder.write("issues/one.toml", &text.replace('\n', "\r\n"));
    assert_eq!(folder.run(&["check"]).code, 0);
    folder.write("issues/one.toml", &text.replace('\n', "\r"));
    let output = folder.run(&["check"]).stderr;
    assert_eq!(output.matches("error[").count(), 1, "{output}");
    assert!(
        output.contains("save the file with line breaks LF"),
        "{output}"
    );
}

#[test]
fn more_errors_of_syntax_than_are_shown_are_announced() {
    let folder = Folder::with("plain");
    let lines: String = (0..9).map(|at| format!("k{at}: 1\n")).collect();
    folder.write("issues/one.toml", &issue(&lines));
    let output = folder.run(&["check"]).stderr;
    assert_eq!(output.matches("error[").count(), 6, "{output}");
    assert!(
        output.contains("more syntax errors are not shown\n  --> issues/one.toml:10:3"),
        "{output}"
    );
    let lines: String = (0..5).map(|at| format!("k{at}: 1\n")).collect();
    folder.write("issues/one.toml", &issue(&lines));
    let output = folder.run(&["check"]).stderr;
    assert_eq!(output.matches("error[").count(), 5, "{output}");
    assert!(!output.contains("not shown"), "{output}");
}

#[test]
fn a_file_in_another_encoding_is_reported_with_that_encoding() {
    let text = issue("title = \"Décembre\"\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
        .collect();
    for (bytes, said) in [
        (
            [b"\xFF\xFE".as_slice(), &utf16].concat(),
            "is UTF-16, not UTF-8",
        ),
        (utf16, "is UTF-16, not UTF-8"),
        (
            latin,
            "this byte would be `é` in Windows-1252\n --> issues/one.toml:5:11",
        ),
        (b"PK\x03\x04\x14\0".to_vec(), "not a text file"),
    ] {
        let folder = Folder::with("plain");
        std::fs::write(folder.path().join("issues/one.toml"), bytes).expect("a file of the test");
        let run = folder.run(&["check"]);
        assert!(
            run.code == 1 && run.stderr.contains(said),
            "{said}: {}",
            run.stderr
        );
    }
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", &format!("\u{FEFF}{text}"));
    assert_eq!(
        folder.run(&["check"]).code,
        0,
        "a byte order mark is no error"
    );
}

#[test]
fn a_broken_list_adds_no_errors_about_the_issue() {
    let folder = Folder::with("plain");
    folder.write(
        "subscribers.toml",
        "[[subscriber]]\nemail = “ada@reed.example”\n",
    );
    let intro = "intro = \"Dear {{ nickname }}\"\n";
    folder.write("issues/one.toml", &issue(intro));
    let output = folder.run(&["check"]).stderr;
    assert_eq!(output.matches("error[").count(), 1, "{output}");
    assert!(output.contains("subscribers.toml:2:9"), "{output}");
}

#[test]
fn a_note_is_printed_once_after_the_output_of_a_command() {
    let folder = Folder::with("plain");
    let publication = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &publication.replace("web_url", "# web_url"),
    );
    let built = folder.run(&["build", "one"]).stderr;
    let (before, after) = built.split_once("note[no-one-click]").expect("a note");
    assert!(before.starts_with("one in "), "{built}");
    assert!(!after.contains("note["), "{built}");
    let checked = folder.run(&["check"]).stderr;
    let summary = checked.lines().last().expect("a summary");
    assert!(summary.ends_with("checked: 1 note"), "{checked}");
}

/// A line of a file of the newsletter, what was typed in its place and where that is reported, and the line after
/// the hint was followed.
const OTHER_FILES: [(&str, &str, &str, &str, &str); 14] = [
    (
        "newsletter.toml",
        "[defaults]",
        "[default]",
        "12:2",
        "[defaults]",
    ),
    (
        "newsletter.toml",
        "first_name = \"reader\"",
        "first_name = 7",
        "13:14",
        "first_name = \"7\"",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[defaults",
        "12:1",
        "[defaults]",
    ),
    (
        "subscribers.toml",
        "name = \"Ada Plain\"",
        "name = \"Ada \u{b}Plain\"",
        "3:13",
        "name = \"Ada Plain\"",
    ),
    (
        "subscribers.toml",
        "name = \"Ada Plain\"",
        "name = \"Ada Plain\" # \u{1b}",
        "3:22",
        "name = \"Ada Plain\" #",
    ),
    (
        "subscribers.toml",
        "tags = [\"members\"]",
        "tags = members, press",
        "5:8",
        "tags = [\"members\", \"press\"]",
    ),
    (
        "subscribers.toml",
        "tags = [\"members\"]",
        "tags = [\"members\"",
        "5:8",
        "tags = [\"members\"]",
    ),
    (
        "subscribers.toml",
        "country = \"SE\"",
        "country = \"SE\", since = 1,5",
        "6:40",
        "country = \"SE\", since = 1.5",
    ),
    (
        "subscribers.toml",
        "{ country = \"SE\" }",
        "\"SE\"",
        "6:14",
        "{ country = \"IT\" }",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[[defaults]]",
        "12:1",
        "[defaults]",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[smtp]\nhost = \"relay.example\"\nport = \"587\"\n[defaults]",
        "14:8",
        "[smtp]\nhost = \"relay.example\"\nport = 587\n[defaults]",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[smtp]\nhost = \"relay.example\"\nwarm_up = [50 200]\n[defaults]",
        "14:12",
        "[smtp]\nhost = \"relay.example\"\nwarm_up = [50, 200]\n[defaults]",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[smtp]\nhost = \"relay.example\"\n[smtp.relay]\nhost = \"second.example\"\n[defaults]",
        "14:1",
        "[smtp]\nhost = \"relay.example\"\n[[smtp.relay]]\nhost = \"second.example\"\n[defaults]",
    ),
    (
        "newsletter.toml",
        "[defaults]",
        "[smtp]\nhost = \"relay.example\"\nper_domain = { host.example = \"5/min\" }\n[defaults]",
        "14:16",
        "[smtp]\nhost = \"relay.example\"\nper_domain = { \"host.example\" = \"5/min\" }\n[defaults]",
    ),
];

#[test]
fn following_the_hint_removes_an_error_of_the_list_or_the_settings() {
    for (file, line, wrong, place, right) in OTHER_FILES {
        let folder = Folder::with("plain");
        let text = folder.read(file);
        assert!(text.contains(line), "{line}");
        folder.write(file, &text.replacen(line, wrong, 1));
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 1, "{wrong}: {}", run.stderr);
        assert_eq!(
            run.stderr.matches("error[").count(),
            1,
            "{wrong}: {}",
            run.stderr
        );
        let place = format!("--> {file}:{place}\n");
        assert!(run.stderr.contains(&place), "{wrong}: {}", run.stderr);
        assert!(run.stderr.contains("\nhint: "), "{wrong}: {}", run.stderr);
        folder.write(file, &text.replacen(line, right, 1));
        let run = folder.run(&["check"]);
        assert_eq!(run.code, 0, "{right}: {}", run.stderr);
    }
}

#[test]
fn a_list_from_a_spreadsheet_is_one_error_and_stops_a_send() {
    for list in [
        "email;name\nada@reed.example;Ada\nbo@reed.example;Bo\n",
        "email,name\n\"ada@reed.example\",\"Ada\"\n",
        "[[subscriber]]\nemail = \"ada@reed.example\"\nname = \"Ada \u{b}\"\n",
    ] {
        let folder = Folder::with("plain");
        folder.write("subscribers.toml", list);
        let run = folder.run(&["check"]);
        assert_eq!(
            run.stderr.matches("error[").count(),
            1,
            "{list}: {}",
            run.stderr
        );
        let run = folder.run(&["send", "one", "--yes"]);
        assert_eq!(run.code, 1, "{list}: {}", run.stderr);
    }
}
