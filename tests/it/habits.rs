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
fn every_habit_is_one_finding_with_a_hint() {
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
    snapbox::assert_data_eq!(all, snapbox::file!["habits/told.txt"].raw());
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
        let told = folder.run(&["check"]).stderr;
        let value = right.split_once(" = ").expect("a value").1;
        assert!(told.contains(&format!("{value}`")), "{wrong}: {told}");
        folder.write(
            "issues/one.toml",
            &issue(&format!("{right}\n")).replace("number = 1\n", ""),
        );
        let told = folder.run(&["check"]);
        assert_eq!(told.code, 0, "{right}: {}", told.stderr);
    }
}

#[test]
fn a_file_in_another_encoding_says_which() {
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
    let told = folder.run(&["check"]).stderr;
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(told.contains("subscribers.toml:2:9"), "{told}");
}

#[test]
fn a_note_stands_once_and_after_what_a_command_says() {
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
