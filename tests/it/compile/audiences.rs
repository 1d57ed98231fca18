//! Audience rules name what the list has: a misspelt name neither mails everyone nor leaves everyone out in
//! silence.

use crate::support::{Folder, Run};

const LIST: &str = r#"
[[subscriber]]
email = "ada@reed.example"
tags = ["members", "class-2025"]
attributes = { country = "IT", board = true, year = 2019 }

[[subscriber]]
email = "bo@bücher.example"
language = "fr-BE"
attributes = { country = "SE" }

[[subscriber]]
email = "cy@rush.example"
tags = ["volunteers"]
status = "unsubscribed"
"#;

/// The plain newsletter with this list and, in the places named, this rule.
fn folder(rule: &str, place: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.write("subscribers.toml", LIST);
    let [audience, when] = match place {
        "audience" => [format!("audience = '{rule}'"), String::new()],
        _ => [String::new(), format!("when = '{rule}'")],
    };
    folder.write(
        "issues/one.toml",
        &format!(
            "subject = \"One\"\npreheader = \"What the first letter is about.\"\ndate = 2026-12-01\n{audience}\n\n\
             [[section]]\nkind = \"text\"\nbody = \"Words.\"\n\n[[section]]\nkind = \"text\"\n{when}\nbody = \"More.\"\n"
        ),
    );
    folder
}

fn check(rule: &str, place: &str) -> Run {
    folder(rule, place).run(&["check"])
}

#[test]
fn a_name_that_is_unknown_under_not_or_resembles_a_known_one_is_an_error() {
    for (rule, right) in [
        ("not tag:memebrs", "tag:members"),
        ("not tag:Members", "tag:members"),
        ("tag:memebrs or all", "tag:members"),
        (
            "all and not (tag:volunters or tag:members)",
            "tag:volunteers",
        ),
        ("not not tag:memebrs or all", "tag:members"),
        ("all or not attr.country = \"It\"", "attr.country = \"IT\""),
        ("all or attr.county = \"IT\"", "attr.country = \"IT\""),
        ("not attr.bord = true", "attr.board = true"),
        ("not attr.year = \"2019\"", "attr.year = 2019"),
        ("not lang:ne", "lang:en"),
        ("not lang:fr_BE", "lang:fr-BE"),
        ("not email:*@reed.exmaple", "email:*@reed.example"),
        ("not email:*@büchr.example", "email:*@bücher.example"),
        ("not email:aad@reed.example", "email:ada@reed.example"),
    ] {
        for place in ["audience", "when"] {
            let run = check(rule, place);
            assert_eq!(run.code, 1, "{rule}: {}", run.stderr);
            let said = [
                "error[unknown-audience-name]",
                &format!("did you mean `{right}`?"),
            ];
            for words in said {
                assert!(
                    run.stderr.contains(words),
                    "{place} = {rule}: {}",
                    run.stderr
                );
            }
        }
    }
    for rule in [
        "not tag:press",
        "not lang:uk",
        "not attr.country = \"NO\"",
        "not email:*@far.example",
    ] {
        let run = check(rule, "audience");
        assert_eq!(run.code, 1, "{rule}: {}", run.stderr);
        assert!(
            run.stderr.contains("error[unknown-audience-name]"),
            "{rule}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_name_that_no_subscriber_has_and_that_resembles_none_is_a_warning() {
    for rule in [
        "all or tag:press",
        "all or tag:class-2026",
        "all or lang:uk",
        "all or lang:fr-CA",
        "all or attr.country = \"NO\"",
        "all or attr.shoe = 42",
        "all or email:*@far.example",
    ] {
        for place in ["audience", "when"] {
            let run = check(rule, place);
            assert_eq!(run.code, 0, "{rule}: {}", run.stderr);
            let said = "warning[unmatched-audience-name]";
            assert!(
                run.stderr.contains(said),
                "{place} = {rule}: {}",
                run.stderr
            );
        }
    }
}

#[test]
fn a_tag_on_an_entry_of_any_status_is_known() {
    for rule in [
        "not tag:volunteers",
        "not lang:fr",
        "not lang:FR-be",
        "not lang:en",
        "not email:cy@*",
        "not email:*@bücher.example",
        "not email:*@xn--bcher-kva.example",
        "not attr.board = false",
        "not attr.year = 2019",
        "not (tag:members and lang:fr)",
    ] {
        for place in ["audience", "when"] {
            let run = check(rule, place);
            assert_eq!(
                (run.code, run.stderr.lines().count()),
                (0, 1),
                "{rule}: {}",
                run.stderr
            );
        }
    }
}

#[test]
fn a_declared_tag_is_known_before_a_subscriber_has_it() {
    let folder = folder("not tag:press", "audience");
    let publication = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &format!("{publication}\n[tags]\npress = \"Journalists who asked for it\"\n"),
    );
    let run = folder.run(&["check"]);
    assert_eq!(
        (run.code, run.stderr.lines().count()),
        (0, 1),
        "{}",
        run.stderr
    );
    let issue = folder
        .read("issues/one.toml")
        .replace("tag:press", "tag:Press");
    folder.write("issues/one.toml", &issue);
    let run = folder.run(&["check"]);
    assert!(
        run.stderr.contains("did you mean `tag:press`?"),
        "{}",
        run.stderr
    );
    folder.write(
        "subscribers.toml",
        &format!("{LIST}tags = [\"Press\"]\n").replace("tags = [\"volunteers\"]\n", ""),
    );
    let run = folder.run(&["check"]);
    let said = "the tags `Press` and `press` differ only in case";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

/// What a list that cannot be read lacks is not known: only its own errors are reported.
#[test]
fn a_broken_list_adds_no_errors_about_the_issue() {
    for (broken, code) in [
        ("[[subscriber]]\nemail = ada@reed.example\n", "syntax"),
        (
            "[[subscriber]]\nemail = \"ada reed.example\"\nattributes = { town = \"Ede\" }\n",
            "bad-address",
        ),
        (
            "[[subscriber]]\nemail = \"ada@reed.example\"\nstatus = \"actve\"\n",
            "bad-status",
        ),
        (
            "[[subscriber]]\nemail = \"ada@reed.example\"\nattribute = { town = \"Ede\" }\n",
            "unknown-key",
        ),
    ] {
        let folder = folder("not tag:press and tag:members", "audience");
        let issue = folder
            .read("issues/one.toml")
            .replace("More.", "More of {{ town }}.");
        folder.write("issues/one.toml", &issue);
        folder.write("subscribers.toml", broken);
        let run = folder.run(&["check"]);
        let errors: Vec<&str> = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("error["))
            .collect();
        assert_eq!(run.code, 1);
        assert!(
            errors
                .iter()
                .all(|line| line.starts_with(&format!("error[{code}]"))),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn spaces_around_a_tag_are_ignored_and_each_spelling_is_reported_once() {
    let folder = folder("tag:members", "audience");
    let entry = |number: usize, tag: &str| {
        format!("[[subscriber]]\nemail = \"r{number}@reed.example\"\ntags = [\"{tag}\"]\n\n")
    };
    let tags = [
        "members",
        "members ",
        "\\u00a0members\\u200b",
        "Members",
        "members;press",
        "members ",
        "MEMBERS ",
    ];
    let list: String = tags
        .iter()
        .enumerate()
        .map(|(number, tag)| entry(number, tag))
        .collect();
    folder.write("subscribers.toml", &list);
    let run = folder.run(&["check"]);
    assert_eq!(
        run.stderr.matches("warning[doubtful-tag]").count(),
        6,
        "{}",
        run.stderr
    );
    let dry_run = folder.run(&["send", "one", "--dry-run"]);
    let selected: Vec<&str> = dry_run
        .stdout
        .lines()
        .filter_map(|line| line.split('@').next())
        .collect();
    assert_eq!(selected, ["r0", "r1", "r2", "r5"], "{}", dry_run.stderr);
}
