//! The formats of `check` for programs, allowed findings, and explanations.

use snapbox::IntoData;

use crate::support::{Folder, python};

/// A note, a warning and three errors: with and without a place, with a second one, from a contributor, in a
/// file whose name every format has to escape.
fn reported() -> Folder {
    let folder = Folder::with("plain");
    std::fs::remove_dir_all(folder.path().join("issues")).expect("the plain issue");
    folder.add("reports");
    folder
}

/// What `check` writes to stdout in `format`; what it says on stderr is the same in all.
fn report(format: &str) -> String {
    let run = reported().run(&["check", "--format", format]);
    assert_eq!(run.code, 1);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
1 issue and 2 subscribers checked: 3 errors, 1 warning, 1 note

"#]]
    );
    run.stdout
}

#[test]
fn text_findings_go_to_stderr() {
    let run = reported().run(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    snapbox::assert_data_eq!(run.stderr, snapbox::file!["reports/human.txt"].raw());
}

#[test]
fn json_findings_go_to_stdout() {
    let json = report("json");
    let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let pretty = serde_json::to_string_pretty(&read).expect("JSON");
    snapbox::assert_data_eq!(pretty, snapbox::file!["reports/json.txt"].raw());
    assert_eq!(json.matches('\n').count(), 1, "one document, one line");
}

#[test]
fn python_reads_the_json_report() {
    let folder = Folder::empty();
    folder.write("report.json", &report("json"));
    let json = folder.path().join("report.json");
    if let Some(read) = python("the JSON of check", "report.py", &[&json]) {
        snapbox::assert_data_eq!(
            read,
            snapbox::str![[r#"
error | missing-file | issues/one, 100 % plain.toml:4:13 | 
error | raw-html | issues/one, 100 % plain.toml:9:38 | Ada Plain
error | raw-html | issues/one, 100 % plain.toml:9:45 | Ada Plain
note | no-one-click | newsletter.toml:1:1 | 
warning | duplicate-address | subscribers.toml:5:9 | subscribers.toml:2:9 | 

"#]]
        );
    }
}

#[test]
fn sarif_findings_go_to_stdout() {
    let sarif = report("sarif");
    let read: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
    let pretty = serde_json::to_string_pretty(&read).expect("JSON");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let pretty = pretty.replace(&version, "\"version\": \"VERSION\"");
    snapbox::assert_data_eq!(pretty, snapbox::file!["reports/sarif.txt"].raw());
}

#[test]
fn the_sarif_has_what_the_standard_requires() {
    let folder = Folder::empty();
    folder.write("log.sarif", &report("sarif"));
    let log = folder.path().join("log.sarif");
    if let Some(read) = python("the SARIF of check", "sarif.py", &[&log]) {
        snapbox::assert_data_eq!(
            read,
            snapbox::str![[r#"
error missing-file 1
error raw-html 1
error raw-html 1
note no-one-click 1
warning duplicate-address 1

"#]]
        );
    }
}

#[test]
fn github_output_has_one_workflow_command_for_each_finding() {
    snapbox::assert_data_eq!(report("github"), snapbox::str![[r#"
::error file=issues/one%2C 100 %25 plain.toml,line=4,col=13,title=missing-file::there is no file `templates/bare/style.css`%0Awrite it, or copy it from another template
::error file=issues/one%2C 100 %25 plain.toml,line=9,col=38,title=raw-html::raw HTML is not allowed%0Awrite Markdown, or `\<` for a literal `<`
::error file=issues/one%2C 100 %25 plain.toml,line=9,col=45,title=raw-html::raw HTML is not allowed%0Awrite Markdown, or `\<` for a literal `<`
::notice file=newsletter.toml,line=1,col=1,title=no-one-click::one-click unsubscribe needs `web_url`%0AGoogle and Yahoo require it from about 5,000 messages a day
::warning file=subscribers.toml,line=5,col=9,title=duplicate-address::`Ada@plain.example` is on the list twice%0Aone mailbox gets one message; remove one of the entries

"#]].raw());
}

#[test]
fn a_newsletter_without_a_finding_is_an_empty_report() {
    let folder = Folder::with("plain");
    let run = folder.run(&["check", "--format", "json"]);
    let empty = "{\"findings\":[],\"version\":1}\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, empty));
    let run = folder.run(&["check", "--format", "github"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
}

/// The plain newsletter with a warning in its issue, an error too where `is_wrong`, and what it allows.
fn allowing(allowed: &str, is_wrong: bool) -> Folder {
    let folder = Folder::with("plain");
    let error = if is_wrong { " TODO" } else { "" };
    let section = format!(
        "\n[[section]]\nkind = \"text\"\nbody = \"[Here](https://plain.example/a) it is.{error}\"\n"
    );
    let issue = folder.read("issues/one.toml");
    folder.write("issues/one.toml", &format!("{issue}{section}"));
    let publication = folder.read("newsletter.toml");
    let allow = format!("\n[check]\nallow = {{ {allowed} }}\n");
    folder.write("newsletter.toml", &format!("{publication}{allow}"));
    folder
}

#[test]
fn a_warning_fails_only_where_warnings_are_denied() {
    let folder = allowing("", false);
    assert_eq!(folder.run(&["check"]).code, 0);
    let denied = folder.run(&["check", "--deny", "warnings"]);
    assert_eq!(denied.code, 1);
    snapbox::assert_data_eq!(
        denied.stderr,
        snapbox::str![[r#"
warning[vague-link]: `Here` does not say where the link leads
  --> issues/one.toml:17:16
   |
17 | body = "[Here](https://plain.example/a) it is."
   |                ^^^^^^^^^^^^^^^^^^^^^^^
hint: a screen reader lists links without their sentences: name the target

1 issue and 4 subscribers checked: 1 warning

"#]]
    );
    // A note is no warning.
    let folder = Folder::with("plain");
    let publication = folder.read("newsletter.toml");
    let without_web = publication.replace("web_url", "# web_url");
    folder.write("newsletter.toml", &without_web);
    let run = folder.run(&["check", "--deny", "warnings"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("note[no-one-click]"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_allowed_warning_is_counted_and_not_shown() {
    let folder = allowing("vague-link = \"the sentence says where\"", false);
    let run = folder.run(&["check", "--deny", "warnings"]);
    assert_eq!(run.code, 0);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
1 issue and 4 subscribers checked: no findings (1 allowed by newsletter.toml)

"#]]
    );
    assert_eq!(folder.run(&["send", "one", "--confirm", "3"]).code, 0);
}

#[test]
fn a_code_that_is_unknown_or_has_no_reason_is_not_allowed() {
    let folder = allowing("vage-link = \"the sentence\", vague-link = \" \"", false);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
warning[vague-link]: `Here` does not say where the link leads
  --> issues/one.toml:17:16
   |
17 | body = "[Here](https://plain.example/a) it is."
   |                ^^^^^^^^^^^^^^^^^^^^^^^
hint: a screen reader lists links without their sentences: name the target

error[unknown-key]: unknown finding code `vage-link`
  --> newsletter.toml:16:11
   |
16 | allow = { vage-link = "the sentence", vague-link = " " }
   |           ^^^^^^^^^
hint: did you mean `vague-link`?

error[empty-value]: `vague-link` is allowed without a reason
  --> newsletter.toml:16:52
   |
16 | allow = { vage-link = "the sentence", vague-link = " " }
   |                                                    ^^^
hint: write the reason for the next person who reads this file

1 issue and 4 subscribers checked: 2 errors, 1 warning

"#]]
    );
}

#[test]
fn an_error_cannot_be_allowed() {
    let folder = allowing("leftover = \"we like it\"", true);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
warning[vague-link]: `Here` does not say where the link leads
  --> issues/one.toml:17:16
   |
17 | body = "[Here](https://plain.example/a) it is. TODO"
   |                ^^^^^^^^^^^^^^^^^^^^^^^
hint: a screen reader lists links without their sentences: name the target

error[leftover]: `TODO` was left in the text
  --> issues/one.toml:17:48
   |
17 | body = "[Here](https://plain.example/a) it is. TODO"
   |                                                ^^^^
hint: write the missing text

error[bad-value]: `leftover` is an error and cannot be allowed
  --> newsletter.toml:16:11
   |
16 | allow = { leftover = "we like it" }
   |           ^^^^^^^^
hint: only warnings and notes can be; `franking explain CODE` shows the severity

1 issue and 4 subscribers checked: 2 errors, 1 warning

"#]]
    );
}

#[test]
fn a_code_is_explained_with_what_to_do() {
    let run = Folder::empty().run(&["explain", "vague-link"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    snapbox::assert_data_eq!(
        run.stdout,
        snapbox::str![[r#"
vague-link (warning)

The text of a link does not describe its destination: `here`, `more`, `read
more`. Screen readers list links without the sentences around them.

Name the destination, such as `The monitoring report of 2026`.

"#]]
    );
}

#[test]
fn an_unknown_code_is_reported_with_the_nearest_one() {
    let near = Folder::empty().run(&["explain", "vage-link"]);
    assert_eq!((near.code, near.stdout.as_str()), (2, ""));
    snapbox::assert_data_eq!(
        near.stderr,
        snapbox::str![[r#"
error: unknown finding code `vage-link`
hint: did you mean `vague-link`?

"#]]
    );
    let far = Folder::empty().run(&["explain", "\u{1b}[2J"]);
    assert_eq!((far.code, far.stdout.as_str()), (2, ""));
    snapbox::assert_data_eq!(
        far.stderr,
        snapbox::str![[r#"
error: unknown finding code `\u{1b}[2J`
hint: `franking explain` lists all codes

"#]]
        .raw()
    );
}

#[test]
fn a_template_lists_its_tokens_classes_and_labels() {
    let folder = Folder::with("plain");
    let run = folder.run(&["template", "show"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let named = folder.run(&["template", "show", "plain"]);
    assert_eq!(named.stdout, run.stdout);
    snapbox::assert_data_eq!(run.stdout, snapbox::file!["reports/template.txt"].raw());
    let unknown = folder.run(&["template", "show", "plian"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (1, ""));
    snapbox::assert_data_eq!(
        unknown.stderr,
        snapbox::str![[r#"
error[missing-template]: there is no template `plian`
hint: did you mean `plain`?

error: 1 error

"#]]
    );
    for name in [".", "..", "", "../templates/plain"] {
        let run = folder.run(&["template", "show", name]);
        let expected = format!(
            "error[missing-template]: `{name}` is not a valid name of a template\n\
             hint: write the name of a directory in `templates`, such as `plain`\n\nerror: 1 error\n"
        );
        assert_eq!((run.code, run.stderr), (1, expected));
    }
}
