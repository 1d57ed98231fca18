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

#[test]
fn a_missing_picture_names_the_file_that_was_probably_meant() {
    for (src, hint) in [
        ("one/Dot.PNG", "did you mean `one/dot.png`?"),
        ("dot.png", "did you mean `one/dot.png`?"),
        ("issues/one/dot.png", "did you mean `one/dot.png`?"),
        ("two/dot.png", "did you mean `one/dot.png`?"),
        ("one/dot.jpg", "did you mean `one/dot.png`?"),
        ("one/dto.png", "did you mean `one/dot.png`?"),
        ("one\\\\dot.png", "did you mean `one/dot.png`?"),
        (
            "../issues/one/dot.png",
            "did you mean `one/dot.png`? A path is relative to `issues/`",
        ),
        ("one/harbour.png", "write the path relative to `issues/`"),
        ("one/no.png", "write the path relative to `issues/`"),
    ] {
        let output = check(&format!(
            "[[section]]\nkind = \"image\"\nimage = {{ src = \"{src}\", alt = \"A\" }}\n"
        ));
        assert!(has_hint(&output, hint), "{src}: {output}");
    }
}

#[test]
fn a_missing_logo_is_looked_for_in_the_directory_of_its_template() {
    let folder = Folder::with("plain");
    let theme = folder.read("templates/plain/theme.toml");
    let theme = format!("{theme}\n[logo]\nsrc = \"log.png\"\n");
    folder.write("templates/plain/theme.toml", &theme);
    let output = folder.run(&["check"]).stderr;
    let hint = "write the path relative to `templates/plain/`";
    assert!(has_hint(&output, hint), "{output}");
    std::fs::copy(
        folder.path().join("issues/one/dot.png"),
        folder.path().join("templates/plain/Log.png"),
    )
    .expect("a logo");
    let output = folder.run(&["check"]).stderr;
    assert!(has_hint(&output, "did you mean `Log.png`?"), "{output}");
}

#[test]
fn a_misspelt_key_of_the_theme_is_one_error_at_the_key() {
    for (theme, css, errors) in [
        (
            "acent = \"#0b4f7d\"",
            "a { color: var(--color-accent) }\nb { color: var(--color-accent) }\n",
            ["theme.toml:2:1", "did you mean `accent`?"],
        ),
        (
            "brnad = \"#0b4f7d\"",
            "a { color: var(--color-brand) }\nb { color: var(--color-brand) }\n",
            ["theme.toml:2:1", "did you mean `brand`?"],
        ),
        (
            "accent = \"#0b4f7d\"",
            "a { color: var(--color-acent) }\n",
            ["style.css:1:12", "did you mean `--color-accent`?"],
        ),
        (
            "brand = \"#0b4f7d\"",
            "a { color: var(--color-brnad) }\n",
            ["style.css:1:12", "did you mean `--color-brand`?"],
        ),
    ] {
        let folder = Folder::with("plain");
        folder.write("templates/plain/theme.toml", &format!("[color]\n{theme}\n"));
        folder.write("templates/plain/style.css", css);
        let output = folder.run(&["check"]).stderr;
        assert_eq!(output.matches("[unknown-token]").count(), 1, "{output}");
        for part in errors {
            assert!(output.contains(part), "{part}: {output}");
        }
    }
}

#[test]
fn a_date_at_the_start_of_a_text_is_reported_in_any_month() {
    for body in [
        "1. January is the start.",
        "1. February 2027 is the last day.",
        "1. janvier est le début.",
        "1. enero es el inicio.",
        "3. March 2027",
        "1. May 2027",
    ] {
        let section = format!("[[section]]\nkind = \"text\"\nbody = \"{body}\"\n");
        let call = format!(
            "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"x\"\nbody = \"{body}\"\n"
        );
        for issue in [section, call] {
            let output = check(&issue);
            assert!(
                output.contains("warning[unintended-markdown]"),
                "{issue}{output}"
            );
        }
    }
    for body in ["1. May we ask you a favour?", "1. March with us!"] {
        let output = check(&format!(
            "[[section]]\nkind = \"text\"\nbody = \"{body}\"\n"
        ));
        assert!(!output.contains("unintended-markdown"), "{body}{output}");
    }
}

#[test]
fn every_missing_key_has_an_example() {
    for (section, hint) in [
        ("kind = \"text\"", "write `body = \"…\"`"),
        (
            "kind = \"events\"\n[[section.item]]\ntitle = \"x\"",
            "write `start = 2026-05-30T18:00:00`",
        ),
        (
            "kind = \"calls\"\n[[section.item]]\nbody = \"x\"",
            "write `title = \"…\"`",
        ),
        (
            "kind = \"calls\"\n[[section.item]]\ntitle = \"x\"\nlink_text = \"x\"",
            "write `url = \"https://…\"` beside it, or delete this line",
        ),
        (
            "kind = \"interview\"\n[[section.exchange]]\nquestion = \"x\"",
            "write `answer = \"…\"`",
        ),
        (
            "kind = \"interview\"\n[[section.exchange]]\nanswer = \"x\"",
            "write `question = \"…\"`",
        ),
        (
            "kind = \"interview\"\n[[section.exchange]]\nanswer = \"x\"",
            "write `guest = { name = \"…\" }`",
        ),
        (
            "kind = \"button\"\ntext = \"x\"",
            "write `url = \"https://…\"`",
        ),
        (
            "kind = \"image\"\nimage = { alt = \"x\" }",
            "write `src = \"…\"`",
        ),
        (
            "kind = \"image\"",
            "write `image = { src = \"…\", alt = \"…\" }`",
        ),
    ] {
        let output = check(&format!("[[section]]\n{section}\n"));
        assert!(has_hint(&output, hint), "{section}: {output}");
    }
}

#[test]
fn dates_in_a_wrong_order_have_a_hint() {
    let call = |key: &str, date: &str| {
        format!("[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"x\"\n{key} = {date}\n")
    };
    let event = |dates: &str| {
        format!("[[section]]\nkind = \"events\"\n[[section.item]]\ntitle = \"x\"\n{dates}\n")
    };
    for (issue, hint) in [
        (
            call("deadline", "2026-12-01"),
            "correct the date, or remove the call",
        ),
        (
            event("start = 2026-12-01"),
            "correct the date, or remove the event",
        ),
        (
            event("start = 2026-12-20\nend = 2026-12-19"),
            "correct `start` or `end`; check the year first",
        ),
    ] {
        let output = check(&issue);
        assert!(has_hint(&output, hint), "{output}");
    }
}

#[test]
fn hints_about_link_destinations_fit_what_was_written() {
    for (url, hint) in [
        (
            "“https://rivers.example/a”",
            "write `https://rivers.example/a`",
        ),
        (
            "https://rivers.example/a”",
            "write `https://rivers.example/a`",
        ),
        ("«https://rivers.example»", "write `https://rivers.example`"),
        (
            "fellow@rivers.example",
            "write `mailto:fellow@rivers.example`",
        ),
        ("+44 20 7946 0000", "write `tel:+442079460000`"),
        ("tel:+44 20 7946 0000", "write `tel:+442079460000`"),
        ("02079460000", "write `tel:02079460000`"),
        ("https://rivers.example/a b", "write `%20` for a space"),
        (
            "rivers.example/a",
            "write the whole URL, with `https://`: relative links do not work in mail",
        ),
    ] {
        for issue in [
            format!("[[section]]\nkind = \"button\"\ntext = \"Programme\"\nurl = \"{url}\"\n"),
            format!("intro = \"See [the programme](<{url}>).\"\n"),
        ] {
            let output = check(&issue);
            assert!(has_hint(&output, hint), "{url}: {output}");
            assert_eq!(output.matches("error[bad-link]").count(), 1, "{output}");
        }
    }
}

#[test]
fn a_doubtful_date_of_the_issue_is_one_finding_at_the_date() {
    let call = |date: &str| {
        format!(
            "[[section]]\nkind = \"calls\"\n[[section.item]]\ntitle = \"x\"\ndeadline = {date}\n"
        )
    };
    let calls = call("2027-02-15") + &call("2027-03-01");
    let text = "[[section]]\nkind = \"text\"\nbody = \"x\"\n".to_owned();
    for (name, date, sections, is_doubtful) in [
        ("one", "2072-01-11", &calls, true),
        ("one", "2025-01-11", &calls, true),
        ("2027-01", "2025-01-11", &text, true),
        ("news-2027-01", "2072-01-11", &text, true),
        ("one", "2027-01-11", &calls, false),
        ("2027-01", "2027-01-11", &calls, false),
        ("2026-12", "2027-01-11", &text, false),
        ("2026", "2027-01-11", &text, false),
        ("one", "2025-01-11", &call("2027-02-15"), false),
    ] {
        let folder = Folder::with("plain");
        std::fs::remove_file(folder.path().join("issues/one.toml")).expect("the issue");
        folder.write(
            &format!("issues/{name}.toml"),
            &format!("subject = \"Days\"\npreheader = \"Two locks.\"\ndate = {date}\n\n{sections}"),
        );
        let output = folder.run(&["check"]).stderr;
        let place = format!("issues/{name}.toml:3:8");
        let is_reported = output.contains("[distant-date]") && output.contains(&place);
        assert_eq!(is_reported, is_doubtful, "{name} {date}: {output}");
        assert_eq!(
            output.matches("warning[").count(),
            usize::from(is_doubtful),
            "{output}"
        );
    }
}

#[test]
fn all_text_of_the_starter_issue_is_one_finding() {
    let folder = Folder::empty();
    let init = folder.run(&["init", "news"]);
    assert_eq!(init.code, 0, "{}", init.stderr);
    let output = folder.run(&["-C", "news", "check"]).stderr;
    assert_eq!(
        output.matches("text of the starter issue").count(),
        1,
        "{output}"
    );
    assert!(
        output.contains("`News from us` and 4 other passages are text of the starter issue"),
        "{output}"
    );
}

#[test]
fn a_logo_fits_into_the_message() {
    for (width, finding) in [
        ("width = 200", "warning[blurred-logo]"),
        (
            "width = 900",
            "error[bad-value]: `width` must be from 1 to 600, not 900",
        ),
        (
            "width = 0",
            "error[bad-value]: `width` must be from 1 to 600, not 0",
        ),
        ("width = 60", ""),
        ("", ""),
    ] {
        let folder = Folder::with("plain");
        let theme = folder.read("templates/plain/theme.toml");
        let theme = format!("{theme}\n[logo]\nsrc = \"logo.png\"\nalt = \"Plain\"\n{width}\n");
        folder.write("templates/plain/theme.toml", &theme);
        std::fs::copy(
            folder.path().join("issues/one/dot.png"),
            folder.path().join("templates/plain/logo.png"),
        )
        .expect("a logo");
        let output = folder.run(&["check"]).stderr;
        assert!(output.contains(finding), "{width}: {output}");
        assert_eq!(
            finding.is_empty(),
            !output.contains("[logo") && !output.contains("theme.toml"),
            "{output}"
        );
    }
}

#[test]
fn a_list_of_fonts_needs_a_generic_family() {
    for (font, css, count) in [
        ("Open Sans", "", 1),
        ("Open Sans", "p { font-family: var(--font-body) }", 1),
        ("'Open Sans', Arial", "", 1),
        ("Verdana, sans-serif", "p { font-family: 'Open Sans' }", 1),
        (
            "Verdana, sans-serif",
            "p { font-family: Georgia, Times }",
            1,
        ),
        ("'Open Sans', system-ui", "p { font-family: inherit }", 0),
        (
            "Verdana, sans-serif",
            "p { font-family: Georgia, serif }",
            0,
        ),
    ] {
        let folder = Folder::with("plain");
        let theme = folder.read("templates/plain/theme.toml");
        folder.write(
            "templates/plain/theme.toml",
            &format!("{theme}\n[font]\nbody = \"{font}\"\n"),
        );
        let style = folder.read("templates/plain/style.css");
        folder.write("templates/plain/style.css", &format!("{style}\n{css}\n"));
        let output = folder.run(&["check"]).stderr;
        assert_eq!(
            output.matches("[no-generic-font]").count(),
            count,
            "{font} {css}: {output}"
        );
    }
}

#[test]
fn bullets_from_a_word_processor_are_reported() {
    for body in [
        "•\tone",
        "·      one",
        "Points:\n\no   one\no   two",
        "o\tone",
    ] {
        let output = check(&format!(
            "[[section]]\nkind = \"text\"\nbody = \"\"\"\n{body}\n\"\"\"\n"
        ));
        assert!(
            output.contains("a bullet of a word processor"),
            "{body}: {output}"
        );
        assert_eq!(output.matches("warning[").count(), 1, "{body}: {output}");
    }
}
