//! Hints of `check` that an editor can follow: the corrected file has no such finding again.

use crate::support::Folder;

const HEAD: &str =
    "number = 1\nsubject = \"Days\"\npreheader = \"Two locks.\"\ndate = 2026-12-15\n";

/// What `check` prints about the plain newsletter with an issue of `rest` after its head.
fn check(rest: &str) -> String {
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", &format!("{HEAD}\n{rest}"));
    folder.run(&["check"]).stderr
}

/// Whether some hint of the output is exactly `hint`.
fn has_hint(output: &str, hint: &str) -> bool {
    output.lines().any(|line| line == format!("hint: {hint}"))
}

#[test]
fn authors_are_names_or_tables_in_articles_and_in_publications() {
    for section in [
        "[[section]]\nkind = \"article\"\nbody = \"x\"\n",
        "[[section]]\nkind = \"publications\"\n[[section.item]]\ntitle = \"x\"\n",
    ] {
        for authors in [
            "[\"Maja Lind\"]",
            "[{ name = \"Maja Lind\" }]",
            "[\"Jo Ek\", { name = \"Maja Lind\" }]",
        ] {
            let folder = Folder::with("plain");
            let issue = format!("{HEAD}\n{section}authors = {authors}\n");
            folder.write("issues/one.toml", &issue);
            let run = folder.run(&["build", "one", "--out", "out"]);
            assert_eq!(run.code, 0, "{issue}{}", run.stderr);
            let html = folder.read("out/one.html");
            assert!(html.contains("Maja Lind"), "{issue}");
        }
        for (authors, hint) in [
            ("\"Maja Lind\"", "write `authors = [\"Maja Lind\"]`"),
            (
                "{ name = \"Jo Ek\" }",
                "write `authors = [{ name = \"Jo Ek\" }]`",
            ),
        ] {
            let output = check(&format!("{section}authors = {authors}\n"));
            assert!(has_hint(&output, hint), "{output}");
        }
        let output = check(&format!(
            "{section}authors = [\"\", {{ name = \" \" }}, 7]\n"
        ));
        assert_eq!(output.matches("error[empty-value]").count(), 2, "{output}");
        assert!(
            output.contains("`authors` must be a string or a table, not the integer `7`"),
            "{output}"
        );
    }
}

#[test]
fn hints_about_unknown_keys_list_the_keys_of_the_table() {
    let calls = "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"x\"\n";
    let output = check(&format!("{calls}[[section.items]]\ntitle = \"y\"\n"));
    assert!(has_hint(&output, "did you mean `item`?"), "{output}");
    for (item, keys) in [
        (
            format!("{calls}when = \"all\"\n"),
            "`title`, `language`, `body`, `organiser`, `deadline`, `url`, `link_text`, `place`",
        ),
        (
            "[[section]]\nkind = \"events\"\n[[section.item]]\ntitle = \"x\"\nstart = 2026-12-20\nid = \"x\"\n"
                .to_owned(),
            "`title`, `language`, `body`, `start`, `end`, `place`, `url`",
        ),
        (
            "[[section]]\nkind = \"interview\"\nguest = { name = \"x\" }\n[[section.exchange]]\nquestion = \"x\"\nanswer = \"x\"\nkind = \"x\"\n"
                .to_owned(),
            "`question` or `answer`",
        ),
        (
            "[[section]]\nkind = \"divider\"\nbody = \"x\"\n".to_owned(),
            "`kind`, `heading`, `id`, `when`, `contributor`, `language`",
        ),
        (
            "[[section]]\nkind = \"news\"\nbody = \"x\"\n[[section.item]]\ntitle = \"x\"\n"
                .to_owned(),
            "`item`, `kind`, `heading`, `id`, `when`, `contributor`, `language`",
        ),
    ] {
        let output = check(&item);
        let hint = match keys.contains(" or ") {
            true => format!("expected {keys}"),
            false => format!("expected one of {keys}"),
        };
        assert!(has_hint(&output, &hint), "{output}");
    }
}
