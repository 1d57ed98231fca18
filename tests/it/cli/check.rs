//! `franking check`: every error of every file, each at its location, in one run; and nothing is sent.

mod dates;

use crate::compile::findings::{announced, reported};
use crate::support::{Folder, Run};

/// Runs `check`, which refuses, and `send --yes`, which refuses for the same reason and leaves nothing.
fn refused(folder: &Folder) -> Run {
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    let sent = folder.run(&["send", "one", "--yes"]);
    assert_eq!(sent.code, 1, "{}", sent.stderr);
    nothing_was_sent(folder);
    run
}

/// Asserts that no message is in the outbox, and no campaign in the ledger.
fn nothing_was_sent(folder: &Folder) {
    let letters = folder.files();
    let letters: Vec<&String> = letters.keys().filter(|f| f.ends_with(".eml")).collect();
    assert_eq!(letters, [""; 0]);
    let status = folder.run(&["status", "--json"]);
    if status.code == 0 {
        assert_eq!(status.stdout, "{\"campaigns\":[]}\n");
    }
}

/// The plain newsletter with `file` as given.
fn plain_with(file: &str, text: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.write(file, text);
    folder
}

/// The plain newsletter with `line` put above the first section of its issue.
fn plain_with_line(line: &str) -> Folder {
    let folder = Folder::with("plain");
    let text = folder.read("issues/one.toml");
    let key = line.split('=').next().unwrap_or_default().trim();
    let kept: Vec<&str> = text
        .lines()
        .filter(|old| key.is_empty() || !old.starts_with(&format!("{key} ")))
        .collect();
    folder.write("issues/one.toml", &format!("{line}\n{}\n", kept.join("\n")));
    folder
}

/// The plain newsletter with one more section in its issue.
fn plain_with_section(section: &str) -> Folder {
    let folder = Folder::with("plain");
    let text = folder.read("issues/one.toml");
    folder.write(
        "issues/one.toml",
        &format!("{text}\n[[section]]\n{section}\n"),
    );
    folder
}

#[test]
fn fifteen_errors_of_many_kinds_are_reported_in_one_run() {
    let folder = Folder::with("plain");
    folder.add("faults");
    let run = folder.run(&["check", "ten"]);
    assert_eq!(run.code, 1);
    let announced = announced(&folder);
    let sorts: std::collections::BTreeSet<&String> = announced.iter().map(|(_, c)| c).collect();
    assert!(announced.len() == 15 && sorts.len() >= 10, "{announced:?}");
    assert_eq!(reported(&run.stderr), announced);
    snapbox::assert_data_eq!(run.stderr, snapbox::file!["check/faults.txt"].raw());
    assert_eq!(folder.run(&["send", "ten", "--yes"]).code, 1);
    nothing_was_sent(&folder);
}

#[test]
fn errors_in_five_files_are_reported_in_one_run() {
    let folder = Folder::with("plain");
    folder.add("many");
    let run = refused(&folder);
    assert_eq!(reported(&run.stderr), announced(&folder));
    snapbox::assert_data_eq!(run.stderr, snapbox::file!["check/many.txt"].raw());
}

#[test]
fn an_error_in_a_table_does_not_hide_the_rest_of_the_file() {
    let folder = Folder::with("plain");
    let publication = folder.read("newsletter.toml");
    let smtp = "[smtp]\nhost = \"mail.plain.example\"\nport = false\nconnectons = 3\n";
    folder.write("newsletter.toml", &format!("{publication}\n{smtp}"));
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[wrong-type]: `port` must be a number, 0 or more, not the boolean `false`
  --> newsletter.toml:17:8
   |
17 | port = false
   |        ^^^^^
hint: write a whole number in digits

error[unknown-key]: unknown key `connectons` in `smtp`
  --> newsletter.toml:18:1
   |
18 | connectons = 3
   | ^^^^^^^^^^
hint: did you mean `connections`?

1 issue and 4 subscribers checked: 2 errors

"#]]
    );
}

#[test]
fn a_missing_list_and_a_missing_template_are_reported_together() {
    let folder = Folder::with("plain");
    std::fs::remove_file(folder.path().join("subscribers.toml")).unwrap();
    std::fs::remove_dir_all(folder.path().join("templates/plain")).unwrap();
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[missing-file]: the file `subscribers.toml` does not exist

error[missing-template]: there is no template `plain`
 --> newsletter.toml:7:13
  |
7 | template  = "plain"
  |             ^^^^^^^

1 issue and 0 subscribers checked: 2 errors

"#]]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_reported() {
    let folder = Folder::with("plain");
    std::fs::remove_file(folder.path().join("issues/one.toml")).unwrap();
    std::fs::create_dir(folder.path().join("issues/one.toml")).unwrap();
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[unreadable-file]: `issues/one.toml` is not a file

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn a_file_that_is_not_utf8_is_reported_with_its_location() {
    let folder = Folder::with("plain");
    let path = folder.path().join("issues/one.toml");
    std::fs::write(path, b"subject = \"caf\xe9\"\n").unwrap();
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[not-utf8]: `issues/one.toml` is not UTF-8: this byte would be `é` in Windows-1252
 --> issues/one.toml:1:15
  |
1 | subject = "caf�"
  |               ^
hint: save the file as UTF-8: most editors offer the encoding under "Save as"

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn a_syntax_error_is_reported_at_its_location() {
    let folder = plain_with("issues/one.toml", "subject = \"One\ndate = 2026-12-01\n");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[syntax]: this `"` is not closed
 --> issues/one.toml:1:11
  |
1 | subject = "One
  |           ^
hint: write `"` at the end; a multi-line string starts and ends with `"""`

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

/// Wherever it stands and however it is written, it would be taken for a mark of our own.
#[test]
fn a_private_use_character_is_reported_in_unknown_placeholders_and_as_a_number() {
    let folder = plain_with_line("subject = \"For {{ a \\uE000 b }}\"");
    let text = folder.read("issues/one.toml");
    let text = text.replace(
        "of the last",
        "&#xE000;0&#57345; of {{ first_name }} &#xe003;",
    );
    let text = text.replace("/minutes", "/&#xE002;0&#XE001;minutes");
    folder.write("issues/one.toml", &text);
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[placeholder]: invalid placeholder `{{ a  b }}`
 --> issues/one.toml:1:16
  |
1 | subject = "For {{ a /uE000 b }}"
  |                ^^^^^^^^^^^^^^^^
hint: write `{{ a_b }}` or `{{ a_b | default("…") }}`

error[private-character]: the private-use character U+E000 is not allowed
 --> issues/one.toml:1:21
  |
1 | subject = "For {{ a /uE000 b }}"
  |                     ^^^^^^

warning[literal-markdown]: an incomplete link: `[the minutes]` is shown literally
 --> issues/one.toml:9:13
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |             ^^^^^^^^^^^^^
hint: write `[words](https://…)` without a space between the brackets, and `%20` for a space in the URL

error[private-character]: the private-use character U+E002 is not allowed
 --> issues/one.toml:9:49
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |                                                 ^^^^^^^^

error[private-character]: the private-use character U+E001 is not allowed
 --> issues/one.toml:9:58
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |                                                          ^^^^^^^^

error[private-character]: the private-use character U+E000 is not allowed
 --> issues/one.toml:9:75
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |                                                                           ^^^^^^^^

error[private-character]: the private-use character U+E001 is not allowed
 --> issues/one.toml:9:84
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |                                                                                    ^^^^^^^^

error[private-character]: the private-use character U+E003 is not allowed
 --> issues/one.toml:9:113
  |
9 | body = "See [the minutes](https://plain.example/&#xE002;0&#XE001;minutes) &#xE000;0&#57345; of {{ first_name }} &#xe003; assembly."
  |                                                                                                                 ^^^^^^^^

1 issue and 4 subscribers checked: 7 errors, 1 warning

"#]]
    );
}

#[test]
fn settings_that_are_not_toml_hide_no_error_of_the_list_and_the_issues() {
    let folder = plain_with_section("kind = \"quote\"");
    folder.write(
        "newsletter.toml",
        "name = \"The Plain Letter\nlanguage = \"en\"\n",
    );
    folder.write("subscribers.toml", "[[subscriber]]\nemail = \"ada\"\n");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[missing-key]: missing key `body` in a quote
  --> issues/one.toml:15:1
   |
15 | [[section]]
   | ^^^^^^^^^^^
hint: write `body = "…"`

error[syntax]: this `"` is not closed
 --> newsletter.toml:1:8
  |
1 | name = "The Plain Letter
  |        ^
hint: write `"` at the end; a multi-line string starts and ends with `"""`

error[bad-address]: invalid email address `ada`
 --> subscribers.toml:2:9
  |
2 | email = "ada"
  |         ^^^^^
hint: an address has one `@`, with something on both sides

1 issue and 0 subscribers checked: 3 errors

"#]]
    );
}

#[test]
fn incomplete_settings_hide_no_error_of_the_other_files() {
    let folder = plain_with_section(
        "kind = \"text\"\nbody = \"[Here](https://plain.example/a) {{ last_name }}\"",
    );
    let publication = folder.read("newsletter.toml");
    let gaps: Vec<&str> = publication
        .lines()
        .filter(|line| {
            !["from ", "list_id ", "time_zone "]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .collect();
    folder.write("newsletter.toml", &gaps.join("\n"));
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
warning[vague-link]: `Here` does not say where the link leads
  --> issues/one.toml:17:16
   |
17 | body = "[Here](https://plain.example/a) {{ last_name }}"
   |                ^^^^^^^^^^^^^^^^^^^^^^^
hint: a screen reader lists links without their sentences: name the target

error[unfilled-placeholder]: `{{ last_name }}` has no value for 3 subscribers, the first is ada@plain.example
  --> issues/one.toml:17:41
   |
17 | body = "[Here](https://plain.example/a) {{ last_name }}"
   |                                         ^^^^^^^^^^^^^^^
hint: write `{{ last_name | default("…") }}`, or set `last_name` in [defaults]

error[missing-key]: missing key `list_id` in newsletter.toml
 --> newsletter.toml:1:1
  |
1 | name      = "The Plain Letter"
  | ^

error[missing-key]: missing key `from` in newsletter.toml
 --> newsletter.toml:1:1
  |
1 | name      = "The Plain Letter"
  | ^

error[missing-key]: missing key `time_zone` in newsletter.toml
 --> newsletter.toml:1:1
  |
1 | name      = "The Plain Letter"
  | ^

1 issue and 4 subscribers checked: 4 errors, 1 warning

"#]]
    );
}

#[test]
fn a_wrong_web_url_is_not_reported_as_missing() {
    let folder = Folder::with("plain");
    let publication = folder.read("newsletter.toml");
    let wrong = publication.replace("https://letter", "http://letter");
    folder.write("newsletter.toml", &format!("pictures = \"link\"\n{wrong}"));
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[bad-link]: `http://letter.plain.example` is not an https URL
 --> newsletter.toml:9:13
  |
9 | web_url   = "http://letter.plain.example"
  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: write the whole URL, with `https://` and without a query

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn an_error_of_a_template_is_reported_once_for_all_its_issues() {
    let folder = Folder::with("plain");
    folder.write("issues/two.toml", &folder.read("issues/one.toml"));
    let theme = folder.read("templates/plain/theme.toml");
    folder.write(
        "templates/plain/theme.toml",
        &theme.replace("#222222", "grey"),
    );
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
warning[copied-issue]: `two` has the number, subject and `send_at` of `one`
 --> issues/two.toml:1:13
  |
1 | subject   = "One, for {{ first_name }}"
  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: delete the file that is not intended; a new issue needs its own name and content. `franking send two` sends it anyway

error[bad-colour]: invalid colour `grey`
 --> templates/plain/theme.toml:4:10
  |
4 | text   = "grey"
  |          ^^^^^^
hint: write six hexadecimal digits, such as `#0b4f7d`

2 issues and 4 subscribers checked: 1 error, 1 warning

"#]]
    );
}

#[test]
fn a_rule_that_is_not_css_is_reported_once_as_an_error() {
    let folder = Folder::with("plain");
    let style = folder.read("templates/plain/style.css");
    let broken = "h2:hover /* a:b */) { margin: 0 }\nh3 /* :link */ { margin: 0 }\n";
    folder.write("templates/plain/style.css", &format!("{style}{broken}"));
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[bad-css]: this is not part of a selector
 --> templates/plain/style.css:9:19
  |
9 | h2:hover /* a:b */) { margin: 0 }
  |                   ^

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn ten_megabytes_of_toml_are_not_read() {
    let folder = plain_with("issues/one.toml", &"# padding\n".repeat(1 << 20));
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[file-too-large]: `issues/one.toml` has 10485760 bytes
hint: the limit is 1048576 bytes

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn brackets_nested_ten_thousand_deep_are_reported() {
    let deep = format!("x = {}{}", "[\n".repeat(10_000), "]\n".repeat(10_000));
    let folder = plain_with("issues/one.toml", &deep);
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[syntax]: cannot recurse further; max recursion depth met
  --> issues/one.toml:81:1
   |
81 | [
   | ^

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn quotations_nested_ten_thousand_deep_are_reported() {
    let deep = format!(
        "kind = \"text\"\nbody = \"\"\"\n{} deep\n\"\"\"",
        ">".repeat(10_000)
    );
    let folder = plain_with_section(&deep);
    let run = refused(&folder);
    assert_eq!(
        reported(&run.stderr),
        [("issues/one.toml:18:24".to_owned(), "too-deep".to_owned())]
    );
}

#[test]
fn an_audience_that_selects_no_subscriber_is_reported() {
    let folder = plain_with_line("audience = \"tag:board\"");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[empty-audience]: the audience of this issue selects no active subscriber
 --> issues/one.toml:1:12
  |
1 | audience = "tag:board"
  |            ^^^^^^^^^^^
hint: compare the rule with the tags and attributes of the subscribers

warning[unmatched-audience-name]: no subscriber has the tag `board`
 --> issues/one.toml:1:13
  |
1 | audience = "tag:board"
  |             ^^^^^^^^^
hint: correct it, or declare it in newsletter.toml: `[tags]` with `board = "what it means"`

1 issue and 4 subscribers checked: 1 error, 1 warning

"#]]
    );
}

#[test]
fn a_placeholder_that_one_subscriber_lacks_is_reported_with_that_subscriber() {
    let folder = plain_with_line("subject = \"For {{ last_name }}\"");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[unfilled-placeholder]: `{{ last_name }}` has no value for 3 subscribers, the first is ada@plain.example
 --> issues/one.toml:1:16
  |
1 | subject = "For {{ last_name }}"
  |                ^^^^^^^^^^^^^^^
hint: write `{{ last_name | default("…") }}`, or set `last_name` in [defaults]

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn a_data_url_is_reported() {
    let body = "kind = \"text\"\nbody = \"See [this](data:text/html,hello).\"";
    snapbox::assert_data_eq!(
        refused(&plain_with_section(body)).stderr,
        snapbox::str![[r#"
error[bad-link]: links with the scheme `data:` are not allowed
  --> issues/one.toml:17:20
   |
17 | body = "See [this](data:text/html,hello)."
   |                    ^^^^^^^^^^^^^^^^^^^^
hint: use https, mailto or tel

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn a_picture_outside_the_directory_is_reported() {
    let folder = plain_with_section(
        "kind = \"image\"\nimage = { src = \"../secret.png\", alt = \"A secret\" }",
    );
    let secret = std::fs::read(folder.path().join("issues/one/dot.png")).unwrap();
    std::fs::write(folder.path().join("secret.png"), secret).unwrap();
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[picture-outside]: the picture `../secret.png` is not in `issues/`
  --> issues/one.toml:17:17
   |
17 | image = { src = "../secret.png", alt = "A secret" }
   |                 ^^^^^^^^^^^^^^^
hint: move it there, and write its path relative to `issues/`

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[cfg(unix)]
#[test]
fn a_picture_through_a_symbolic_link_out_of_the_directory_is_reported() {
    let folder = plain_with_section(
        "kind = \"image\"\nimage = { src = \"one/link.png\", alt = \"A secret\" }",
    );
    let secret = folder.path().join("secret.png");
    std::fs::copy(folder.path().join("issues/one/dot.png"), &secret).unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("issues/one/link.png")).unwrap();
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[picture-outside]: the picture `one/link.png` is not in `issues/`
  --> issues/one.toml:17:17
   |
17 | image = { src = "one/link.png", alt = "A secret" }
   |                 ^^^^^^^^^^^^^^
hint: move it there, and write its path relative to `issues/`

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn two_spellings_of_one_mailbox_are_a_warning_that_names_both_places() {
    let folder = plain_with(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"Ada@Plain.example\"\n\n\
         [[subscriber]]\nemail = \"ada@plain.example\"\n\n\
         [[subscriber]]\nemail = \"bo@bücher.example\"\n\n\
         [[subscriber]]\nemail = \"bo@xn--bcher-kva.example\"\n",
    );
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 0);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
warning[duplicate-address]: `ada@plain.example` is on the list twice
 --> subscribers.toml:5:9
  |
5 | email = "ada@plain.example"
  |         ^^^^^^^^^^^^^^^^^^^
  |
 ::: subscribers.toml:2:9
  |
2 | email = "Ada@Plain.example"
  |         ------------------- the same mailbox
hint: one mailbox gets one message; remove one of the entries

warning[duplicate-address]: `bo@xn--bcher-kva.example` is on the list twice
  --> subscribers.toml:11:9
   |
11 | email = "bo@xn--bcher-kva.example"
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
  ::: subscribers.toml:8:9
   |
 8 | email = "bo@bücher.example"
   |         ------------------- the same mailbox
hint: one mailbox gets one message; remove one of the entries

1 issue and 4 subscribers checked: 2 warnings

"#]]
    );
    assert_eq!(folder.run(&["check", "--deny", "warnings"]).code, 1);
}

#[test]
fn control_characters_of_the_files_do_not_reach_the_terminal() {
    let folder = plain_with(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"bo@plain.example\"\nattributes = { \"\\u001b[2J\" = 1 }\n",
    );
    let publication = folder.read("newsletter.toml");
    let publication = publication.replace("editors@", "\\u001b[2Jada@");
    folder.write("newsletter.toml", &publication);
    let issue = folder.read("issues/one.toml");
    let issue = issue.replace("here is", "{{ zzzzzzzzzz }} is \u{202e}");
    folder.write("issues/one.toml", &issue);
    assert_eq!(refused(&folder).code, 1);
    // Off a terminal every escape sequence is taken out; on one, only the program's own may be left.
    let mut command = folder.command(&["check"]);
    let run = Run::from(command.env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(run.stderr.contains("known here: "), "{}", run.stderr);
    let plain = without_colours(&run.stderr);
    assert_ne!(plain, run.stderr);
    let control = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
    assert_eq!(plain.chars().find(control), None, "{plain:?}");
}

/// The text without `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_parameter = |c: char| c.is_ascii_digit() || c == ';';
        let rest = part
            .strip_prefix('[')
            .map(|p| p.trim_start_matches(is_parameter));
        match rest.and_then(|rest| rest.strip_prefix('m')) {
            Some(rest) => plain.push_str(rest),
            None => plain.push_str(&format!("\u{1b}{part}")),
        }
    }
    plain
}
