//! Style sheets: findings about them, the meaning of inlined styles, and attacks.

mod hostile;
mod inlining;
mod values;

use crate::support::Folder;

/// A rule that keeps the classes in the document and dresses nothing.
const KEEPS_CLASSES: &str = "@media not all { [class] { color: red } }\n";

/// An issue with headings, paragraphs, a list and a link.
const ISSUE: &str = r#"title = "Locks"
subject = "Locks and weirs"
preheader = "When the locks open again"
number = 1
date = 2026-11-02

[[section]]
kind = "text"
heading = "Opening hours"
body = """
The *lower* lock opens at nine. **The upper one** opens at ten.

- first
- second

[The timetable](https://heron.example/times) has the rest.
"""

[[section]]
kind = "quote"
body = "What the river lends it counts."
by = "Ada Reed"
"#;

fn folder(style: &str) -> Folder {
    let folder = Folder::with("plain");
    folder.write("issues/one.toml", ISSUE);
    folder.write(
        "templates/plain/style.css",
        &format!("{style}\n{KEEPS_CLASSES}"),
    );
    folder
}

/// The page of an issue with this style sheet.
fn built(folder: &Folder) -> std::path::PathBuf {
    let run = folder.run(&["build", "one"]);
    let page = folder.path().join(".franking/build/one/one.html");
    assert!(page.exists(), "{}{}", run.stdout, run.stderr);
    page
}

/// The issue with this style sheet and no other rule.
fn dressed(css: &str) -> Folder {
    let folder = folder("");
    folder.write("templates/plain/style.css", css);
    folder
}

/// What `check` reports of a style sheet, but for what mail clients lack.
fn reported(css: &str) -> String {
    let run = dressed(css).run(&["check", "one"]);
    let blocks = run.stderr.split("\n\n");
    let kept =
        blocks.filter(|block| block.contains("style.css") && !block.contains("client-support"));
    kept.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_mistyped_selector_or_condition_is_reported_and_the_correct_one_is_not() {
    let declaration = "{ color: #222222 !important }";
    for (wrong, said, right) in [
        ("tabel", "did you mean `table`?", "table"),
        (".sheet tdd", "did you mean `td`?", ".sheet td"),
        (
            ".sheet :not(imgg)",
            "did you mean `img`?",
            ".sheet :not(img)",
        ),
        (
            "p:frist-child",
            "did you mean `:first-child`?",
            "p:first-child",
        ),
        (
            "td[width=600]",
            "such as `[width='600']`",
            "td[width='600']",
        ),
        ("td[=600]", "is missing here", "td[width]"),
        (".sectoin", "did you mean `.section`?", ".section"),
    ] {
        let output = reported(&format!("{wrong} {declaration}"));
        assert!(
            output.contains("style.css:1:") && output.contains(said),
            "{wrong}: {output}"
        );
        assert_eq!(reported(&format!("{right} {declaration}")), "", "{right}");
    }
    for (wrong, said, right) in [
        (
            "(max-widht:600px)",
            "did you mean `max-width`?",
            "(max-width:600px)",
        ),
        (
            "screen and max-width:600px",
            "in parentheses",
            "screen and (max-width:600px)",
        ),
        ("(max-width:600)", "such as `600px`", "(max-width:600px)"),
        (
            "(max-width:600 px)",
            "write `600px` without a space",
            "(max-width:600px)",
        ),
        (
            "(max-width:600xp)",
            "did you mean `px`?",
            "(max-width:600px)",
        ),
        (
            "screen and(max-width:600px)",
            "write `and (`",
            "screen and (max-width:600px)",
        ),
        (
            "screen (max-width:600px)",
            "`and` is missing",
            "screen and (max-width:600px)",
        ),
        ("screen and", "missing after `and`", "screen"),
        ("(max-width=600px)", "write it like", "(width <= 600px)"),
        (
            "(prefers-color-scheme: drak)",
            "did you mean `dark`?",
            "(prefers-color-scheme: no-preference)",
        ),
    ] {
        let rule = |condition: &str| format!("@media {condition} {{ p {declaration} }}");
        let output = reported(&rule(wrong));
        let is_told = output.contains("warning[impossible-value]") && output.contains(said);
        assert!(is_told, "{wrong}: {output}");
        assert_eq!(reported(&rule(right)), "", "{right}");
    }
}

#[test]
fn rules_for_single_mail_clients_are_not_reported_as_mistakes() {
    for css in [
        "u + .body p { color: #222222 }",
        "#outlook a { padding: 0 }",
        "center, font { color: #222222 }",
        "o\\:p { margin: 0 }",
        "p { mso-line-height-alt: 10xp; mso-foo: bar(baz) }",
        "p { -webkit-text-size-adjust: 10xp; -ms-foo: clac(1px+2px) }",
        "p { width: 10px\\9 }",
        "p { width: -webkit-calc(1px + 2px) }",
        "p { filter: progid:DXImageTransform.Microsoft.gradient(startColorstr='#12345678') }",
        "@media screen { p::-webkit-foo { color: #222222 !important } }",
        "@media all and (min-width:0\\0) { p { color: #222222 !important } }",
        "@media (-ms-high-contrast:none) { p { color: #222222 !important } }",
    ] {
        assert_eq!(reported(css), "", "{css}");
    }
}

#[test]
fn an_error_of_the_theme_is_the_only_finding() {
    let theme = dressed("").read("templates/plain/theme.toml");
    let style = "p { color: var(--color-text); background-color: var(--color-ground) }\n\
        a { color: var(--color-accent); background-color: #0b4f7e }";
    let theme = format!("{theme}\nground = \"#ffffff\"\n");
    for (right, wrong, code) in [
        ("\"#222222\"", "\"#22222\"", "bad-colour"),
        ("\"#222222\"", "\"blak\"", "bad-colour"),
        ("\"#222222\"", "222222", "wrong-type"),
        ("\"#ffffff\"", "\"#2222\"", "bad-colour"),
        ("[color]", "[colour]", "unknown-key"),
        ("[color]", "[color", "syntax"),
        ("width = 600", "width = \"600px\"", "wrong-type"),
    ] {
        let folder = dressed(style);
        assert!(theme.contains(right), "{right}");
        folder.write(
            "templates/plain/theme.toml",
            &theme.replacen(right, wrong, 1),
        );
        let run = folder.run(&["check", "one"]);
        let output = crate::compile::findings::reported(&run.stderr);
        assert_eq!(output.len(), 1, "{wrong}: {}", run.stderr);
        assert_eq!(output[0].1, code, "{}", run.stderr);
        assert!(
            output[0].0.starts_with("templates/plain/theme.toml:"),
            "{}",
            run.stderr
        );
    }
    // With the theme as it should be, the colours that are too near each other are reported.
    let folder = dressed(style);
    folder.write("templates/plain/theme.toml", &theme);
    let output = folder.run(&["check", "one"]).stderr;
    assert!(output.contains("warning[low-contrast]"), "{output}");
}

/// The first finding about contrast: the place, line and column, and the message.
fn contrast(folder: &Folder) -> Option<(String, String)> {
    let output = folder.run(&["check", "one"]).stderr;
    let mut lines = output.lines();
    let message = lines.find_map(|line| line.strip_prefix("warning[low-contrast]: "))?;
    let place = lines.next()?.trim_start_matches([' ', '-', '>']);
    Some((place.to_owned(), message.to_owned()))
}

#[test]
fn contrast_is_computed_for_every_form_of_a_colour() {
    for colour in [
        "#999999",
        "#999",
        "#999f",
        "#666a",
        "#999999ff",
        "rgb(153,153,153)",
        "rgb(60% 60% 60%)",
        "rgba(0,0,0,0.4)",
        "hsl(0,0%,60%)",
        "hsl(0.5turn 0% 0% / 40%)",
        "DarkGray",
    ] {
        let folder = dressed(&format!("p {{ color: {colour} }}"));
        let (place, message) = contrast(&folder).unwrap_or_else(|| panic!("{colour} is too light"));
        assert_eq!(place, "templates/plain/style.css:1:5", "{colour}");
        let shown = if colour == "DarkGray" {
            "#a9a9a9"
        } else {
            "#999999"
        };
        assert!(message.starts_with(shown), "{colour}: {message}");
    }
    for style in [
        "p { color: rgb(0 0 0 / 80%) }",
        "p { color: white; background: navy url('data:a;b:c}d') }",
        "p { color: white; background-color: transparent; background-color: hsl(240,100%,25%) }",
        "p { color: currentcolor; content: '; color: white' }",
    ] {
        assert_eq!(contrast(&dressed(style)), None, "{style}");
    }
}

/// WCAG 2.2, success criterion 1.4.3: 4.5, and 3 for large text.
#[test]
fn contrast_is_compared_with_the_limits_for_text_and_for_large_text() {
    for (style, is_low) in [
        ("p { color: #6c6c6c }", false),
        ("p { color: #707070 }", true),
        ("p { color: #707070; font-size: 24px }", false),
        ("p { color: #909090; font-size: 24px }", false),
        ("p { color: #969696; font-size: 24px }", true),
    ] {
        let found = contrast(&dressed(style));
        assert_eq!(found.is_some(), is_low, "{style}: {found:?}");
    }
}

#[test]
fn low_contrast_is_reported_where_the_colour_is_declared() {
    let folder = dressed("h5 { color: var(--color-pale) }\np { color: var(--color-weak) }");
    let theme = folder.read("templates/plain/theme.toml");
    // Both tokens have the same value; the issue has no `h5`.
    let theme = format!("{theme}\npale = \"#999999\"\nweak = \"#999999\"\n");
    folder.write("templates/plain/theme.toml", &theme);
    let line = theme.lines().position(|line| line.starts_with("weak"));
    let line = line.expect("the token") + 1;
    let (place, message) = contrast(&folder).expect("a finding");
    assert_eq!(place, format!("templates/plain/theme.toml:{line}:8"));
    assert!(
        message.starts_with("`--color-weak` (#999999) on #ffffff"),
        "{message}"
    );
}

#[test]
fn a_missing_file_of_a_template_is_the_only_finding() {
    for (file, said) in [
        ("style.css", "there is no file `templates/plain/style.css`"),
        ("theme.toml", "there is no template `plain`"),
    ] {
        let folder = dressed("p { color: var(--color-text) }");
        std::fs::remove_file(folder.path().join("templates/plain").join(file)).expect("a file");
        let run = folder.run(&["check", "one"]);
        assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
        assert!(
            run.stderr.contains(said) && run.stderr.contains("\nhint: write "),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("warning["), "{}", run.stderr);
    }
}

#[test]
fn mistakes_beyond_the_fiftieth_are_counted() {
    let css: String = (0..70)
        .map(|at| format!("p {{ colr{at}: red; margin: {at}xp }}\n"))
        .collect();
    let output = dressed(&css).run(&["check", "one"]).stderr;
    for code in ["unknown-property", "impossible-value"] {
        assert_eq!(
            output.matches(&format!("warning[{code}]")).count(),
            51,
            "{output}"
        );
    }
    assert_eq!(
        output
            .matches("20 more findings of this kind are not shown")
            .count(),
        2,
        "{output}"
    );
    let output = dressed(&"p { : red }\n".repeat(70))
        .run(&["check", "one"])
        .stderr;
    assert_eq!(output.matches("error[bad-css]").count(), 51, "{output}");
    assert!(output.contains("20 more findings"), "{output}");
}

#[test]
fn a_url_outside_of_a_background_property_is_not_a_background() {
    let output = |css: &str| dressed(css).run(&["check", "one"]).stderr;
    let address = "url(data:image/gif;base64,R0lGODlhAQABAAAAACw=)";
    for property in ["list-style-image", "content", "cursor", "mask-image"] {
        let output = output(&format!("p {{ {property}: {address} }}"));
        assert!(
            !output.contains("`background-image`"),
            "{property}: {output}"
        );
    }
    for property in ["background", "background-image"] {
        let output = output(&format!("p {{ {property}: {address} }}"));
        assert!(
            output.contains("`background-image` is not supported by Outlook"),
            "{property}: {output}"
        );
    }
}
