//! Findings about dates: values of the files, and dates in the text of an issue.

use super::{plain_with, plain_with_line, refused};

#[test]
fn an_unquoted_date_that_does_not_exist_hides_no_other_error_of_its_file() {
    let folder = plain_with_line("date = 2026-02-30\naudience = \"tag:members und lang:fr\"");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[bad-date]: there is no 30 February in 2026
 --> issues/one.toml:1:8
  |
1 | date = 2026-02-30
  |        ^^^^^^^^^^
hint: the last day of that month is `2026-02-28`

error[bad-audience]: unexpected `und` after the end of the rule
 --> issues/one.toml:2:25
  |
2 | audience = "tag:members und lang:fr"
  |                         ^^^
hint: for example: `tag:members and not lang:fr`

1 issue and 4 subscribers checked: 2 errors

"#]]
    );
}

#[test]
fn a_date_that_does_not_exist_is_reported_together_with_a_syntax_error() {
    let folder = plain_with("issues/one.toml", "date = 2026-02-30\nsubject \"One\"\n");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[bad-date]: there is no 30 February in 2026
 --> issues/one.toml:1:8
  |
1 | date = 2026-02-30
  |        ^^^^^^^^^^
hint: the last day of that month is `2026-02-28`

error[syntax]: missing `=` after `subject`
 --> issues/one.toml:2:1
  |
2 | subject "One"
  | ^^^^^^^
hint: write `subject = "One"`

1 issue and 4 subscribers checked: 2 errors

"#]]
    );
}

#[test]
fn a_local_time_skipped_by_daylight_saving_is_reported() {
    let folder = plain_with_line("send_at = 2026-03-29T02:30:00");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[time-gap]: 2026-03-29T02:30:00 does not exist in Europe/Brussels: the clocks are set forward
 --> issues/one.toml:1:11
  |
1 | send_at = 2026-03-29T02:30:00
  |           ^^^^^^^^^^^^^^^^^^^
hint: choose a time before or after the change

1 issue and 4 subscribers checked: 1 error

"#]]
    );
}

#[test]
fn an_ambiguous_local_time_is_reported_with_both_offsets() {
    let folder = plain_with_line("send_at = 2026-10-25T02:30:00");
    snapbox::assert_data_eq!(
        refused(&folder).stderr,
        snapbox::str![[r#"
error[time-twice]: 2026-10-25T02:30:00 occurs twice in Europe/Brussels: the clocks are set back
 --> issues/one.toml:1:11
  |
1 | send_at = 2026-10-25T02:30:00
  |           ^^^^^^^^^^^^^^^^^^^
hint: write the offset: `2026-10-25T02:30:00+02:00` or `2026-10-25T02:30:00+01:00`

1 issue and 4 subscribers checked: 1 error

"#]]
    );
    let decided = plain_with_line("send_at = 2026-10-25T02:30:00+01:00");
    assert_eq!(decided.run(&["check"]).code, 0);
}

#[test]
fn an_impossible_year_is_an_error_at_its_location() {
    for (line, place, meant) in [
        ("date = 0026-12-15", "1:8", "2026-12-15"),
        ("date = 2926-12-15", "1:8", "2026-12-15"),
        (
            "send_at = 1026-12-15T09:00:00",
            "1:11",
            "2026-12-15T09:00:00",
        ),
    ] {
        let output = refused(&plain_with_line(line)).stderr;
        let hint = format!("hint: did you mean `{meant}`?");
        assert_eq!(output.matches("error[bad-date]").count(), 1, "{output}");
        assert!(output.contains(&format!("one.toml:{place}\n")), "{output}");
        assert!(output.contains(&hint), "{output}");
    }
}

#[test]
fn a_weekday_is_compared_with_the_year_beside_it_and_not_with_the_issues_year() {
    for (language, body, is_wrong) in [
        ("en", "In 1989, on Thursday 9 November, it fell.", false),
        ("en", "Last year, on Friday 13 June, we met.", false),
        ("en", "Two years ago, on Friday 13 June, we met.", false),
        ("fr", "Le vendredi 13 juin dernier, tout changea.", false),
        (
            "en",
            "It fell in 1989. We meet on Friday, 1 December!",
            false,
        ),
        (
            "en",
            "It fell in 1989, they say. We meet on Monday, 1 December!",
            true,
        ),
        (
            "en",
            "The last day to register is Monday, 1 December.",
            true,
        ),
        ("fr", "Le dernier jour est le lundi 1 décembre.", true),
    ] {
        let folder = plain_with_line(&format!("language = \"{language}\""));
        let issue = folder.read("issues/one.toml");
        let section = format!("{issue}\n[[section]]\nkind = \"text\"\nbody = \"{body}\"\n");
        folder.write("issues/one.toml", &section);
        let output = folder.run(&["check"]).stderr;
        assert_eq!(
            output.contains("[wrong-weekday]"),
            is_wrong,
            "{body}: {output}"
        );
        assert!(!output.contains("error["), "{output}");
    }
}

#[test]
fn a_weekday_belongs_to_the_adjacent_date() {
    for (language, body, is_wrong) in [
        (
            "en",
            "Open 10 December 2026 (Thursday), 11 December 2026 (Friday).",
            false,
        ),
        (
            "en",
            "Open 10 December 2026, Thursday, 11 December 2026, Friday.",
            false,
        ),
        (
            "en",
            "We are closed on Sunday. On 7 December 2026 we open.",
            false,
        ),
        ("en", "- Apply by Friday\n- 7 December 2026: start", false),
        ("en", "## Friday\n\n7 December 2026", false),
        ("en", "## Friday\n7 December 2026", false),
        ("en", "See you on Friday\n\n7 December 2026", false),
        ("en", "As the *Sunday Times* (7 December 2026) says", false),
        ("en", "The Friday Forum (10 December 2026) is open.", false),
        ("en", "10 December 2026, Friday Forum", false),
        ("en", "Mail on Sunday, 7 December 2026", false),
        ("en", "On 8 December 2026, Monday's paper was late.", false),
        (
            "en",
            "Open Tuesday–Sunday, 1 December 2026 – 28 February 2027",
            false,
        ),
        (
            "en",
            "Open Tuesday to Sunday, 1 December 2026 to 28 February 2027",
            false,
        ),
        (
            "en",
            "Open every Friday, 1 December 2026 – 28 February 2027",
            false,
        ),
        (
            "en",
            "Come on Friday, 4, or Saturday, 5 December 2026.",
            false,
        ),
        ("en", "It began on Wednesday, 14 January.", false),
        ("en", "Join us on Thursday, 14 January.", false),
        ("de", "Welt am Sonntag, 7. Dezember 2026", false),
        (
            "de",
            "Der Kurs ist jeden Dienstag vom 7. Januar bis 18. Februar 2027.",
            false,
        ),
        (
            "de",
            "Am Montag, den 7. Dezember 2026, und am 8. Dezember 2026 (Dienstag).",
            false,
        ),
        (
            "pt",
            "Na quinta-feira, 10 de dezembro de 2026, abrimos.",
            false,
        ),
        ("en", "See you on Monday, 8 December 2026.", true),
        ("en", "See you on **Monday**, 8 December 2026.", true),
        ("en", "See you on Monday (8 December 2026).", true),
        ("en", "See you on Monday, the 8th of December 2026.", true),
        ("en", "See you on Monday,\n8 December 2026.", true),
        ("en", "It is on 10 December 2026 (Friday).", true),
        (
            "en",
            "It is on 10 December 2026, Friday, in the hall.",
            true,
        ),
        ("en", "It is on 10 December 2026 (Friday at noon).", true),
        ("en-US", "It is on Friday, December 10, 2026.", true),
        (
            "de",
            "Wir treffen uns am Montag, den 8. Dezember 2026.",
            true,
        ),
        (
            "pt",
            "Na sexta-feira, 10 de dezembro de 2026, abrimos.",
            true,
        ),
        ("hu", "2026. december 7., kedd", true),
        ("fr", "Le lundi 8 décembre 2026, nous ouvrons.", true),
    ] {
        let output = told_of_text(language, body);
        assert_eq!(
            output.contains("[wrong-weekday]"),
            is_wrong,
            "{body}: {output}"
        );
    }
}

#[test]
fn a_date_without_a_year_is_in_the_future() {
    let output = told_of_text("en", "Join us on Monday, 14 January.");
    assert!(output.contains("2027-01-14 is not a Monday"), "{output}");
    assert!(output.contains("hint: it is a Thursday"), "{output}");
}

#[test]
fn a_date_that_the_program_writes_gives_no_finding_in_any_language() {
    for language in [
        "en", "en-US", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "hu", "ro", "sv", "da",
        "fi", "el", "ru", "uk", "bg", "lt", "lv", "et", "eu", "ca", "gl", "ga", "cy", "vi", "az",
        "tr", "ar", "he", "fa", "th", "ja", "zh", "ko", "ka", "hy",
    ] {
        let section =
            "[[section]]\nkind = \"events\"\n[[section.item]]\ntitle = \"It\"\nstart = 2026-12-08";
        let folder = plain_with_line(&format!("language = \"{language}\""));
        let issue = folder.read("issues/one.toml");
        folder.write("issues/one.toml", &format!("{issue}\n{section}\n"));
        let run = folder.run(&["build", "one", "--out", "out"]);
        assert_eq!(run.code, 0, "{language}: {}", run.stderr);
        let text = folder.read("out/one.txt");
        let output = told_of_text(language, &text);
        for code in ["[wrong-weekday]", "[impossible-date]"] {
            assert!(!output.contains(code), "{language}: {output}");
        }
    }
}

#[test]
fn a_day_that_its_month_lacks_is_distinguished_from_other_numbers() {
    for (language, body, is_told) in [
        ("en", "There were 31. June was wet.", false),
        ("en", "In November 31 boats came.", false),
        ("en", "It begins at 7.31 November winds permitting.", false),
        ("de", "Die Ausgabe 31. Juni-Heft", false),
        ("ga", "Deireadh Fómhair 31", false),
        ("ga", "31 Deireadh Fómhair 2026", false),
        ("de", "Bis zum 31. November 2026", true),
        ("en", "By the 31st of November", true),
        ("en", "By February 30, 2027", true),
        ("es", "El 31 de noviembre de 2026", true),
        ("ga", "31 Meán Fómhair 2026", true),
    ] {
        let output = told_of_text(language, body);
        assert_eq!(
            output.contains("[impossible-date]"),
            is_told,
            "{body}: {output}"
        );
    }
}

/// What `check` says of a text in an issue of December 2026.
fn told_of_text(language: &str, body: &str) -> String {
    let folder = plain_with_line(&format!("language = \"{language}\""));
    let issue = folder.read("issues/one.toml");
    let section = format!("{issue}\n[[section]]\nkind = \"text\"\nbody = '''\n{body}\n'''\n");
    folder.write("issues/one.toml", &section);
    folder.run(&["check"]).stderr
}
