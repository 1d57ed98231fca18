//! `text = "flowed"`: the words of the wrapped text, in paragraphs that a mail client can join.

use crate::support::{Folder, python};

#[test]
fn a_flowed_text_joins_to_the_unwrapped_lines() {
    let folder = Folder::with("plain");
    folder.add("every");
    let settings = folder.read("newsletter.toml");
    let settings =
        |form: &str| settings.replace("[defaults]", &format!("text = \"{form}\"\n[defaults]"));
    for form in ["flowed", "wrapped"] {
        folder.write("newsletter.toml", &settings(form));
        folder.write("issues/odd.toml", ODD);
        for issue in ["every", "odd"] {
            let run = folder.run(&["build", issue, "--out", form]);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
    }
    for issue in ["every", "odd"] {
        let file = |form: &str| folder.path().join(format!("{form}/{issue}.eml"));
        let (flowed, wrapped) = (file("flowed"), file("wrapped"));
        let Some(joined) = python("flowed", "unflow.py", &[&flowed, &wrapped]) else {
            return;
        };
        assert_eq!(
            joined.lines().count(),
            if issue == "odd" { 1 } else { 0 },
            "{joined}"
        );
    }
}

#[test]
fn format_flowed_is_the_only_form() {
    let folder = Folder::with("plain");
    let settings = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &settings.replace("[defaults]", "text = \"flown\"\n[defaults]"),
    );
    let run = folder.run(&["check"]);
    assert!(
        run.stderr.contains("did you mean `flowed`?")
            || run.stdout.contains("did you mean `flowed`?"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

/// What RFC 3676 has a rule for: a line that begins with `From `, with `>` or with a space, a quotation,
/// a list, code, an end of a line that the editor set, and words too long for a line.
const ODD: &str = r#"
subject = "Odd lines"
date = 2026-11-30
intro = """
From here on, this paragraph is long enough to be wrapped at least twice, and it goes on until there is no
doubt about it. A line that was ended by the editor stands\\
alone.

\\> no quotation, only a sign that looks like one at the beginning of a line

> A quotation that is long enough to be wrapped, for a quotation stays as the program wrapped it in both forms.

1. an item that is long enough to be wrapped, for an item stays as the program wrapped it in both of the forms

```
  code with room before it
> and a sign
```

河水漲落之間兩岸的人各有各的說法而測站的數字只有一個所以我們先讀數字再聽說法最後才談錢與責任由誰來負河水漲落之間兩岸的人各有各的說法
"""
"#;
