//! The values of a subscriber are data: the message keeps its fields, its markup and its text with any value.

use std::path::PathBuf;

use crate::support::Folder;
use crate::support::message::Message;

/// Places where a value can go: subject, preheader, running text, a title, a link's query, a condition.
const ISSUE: &str = r#"subject   = "News for {{ name }} of {{ place }}"
preheader = "For {{ name }} of {{ place }}."
date      = 2026-12-01
intro     = "Dear {{ name }} of {{ place }}, this is *yours*."

[[section]]
kind    = "text"
heading = "What {{ name }} should know in {{ place }}"
body    = "See [the page of your place](https://plain.example/?place={{ place }}#{{ place }})."
"#;

/// The messages for a subscriber whose name and place contain `value`, and for one called Eve.
struct Case {
    folder: Folder,
    value: String,
}

impl Case {
    fn new(value: &str) -> Self {
        let folder = Folder::with("plain");
        folder.write("issues/one.toml", ISSUE);
        // JSON's spelling of a text is TOML's too, but for characters that TOML wants escaped by `\u`.
        let written = serde_json::to_string(value)
            .unwrap()
            .replace('\u{7f}', "\\u007f");
        let reader = |address: &str, value: &str| {
            format!(
                "[[subscriber]]\nemail = \"{address}\"\nname = {value}\nattributes = {{ place = {value} }}\n\n"
            )
        };
        let list = reader("x@plain.example", &written) + &reader("eve@plain.example", "\"Eve\"");
        folder.write("subscribers.toml", &list);
        let value = value.to_owned();
        Self { folder, value }
    }

    fn build(&self, reader: &str) -> PathBuf {
        let run = self
            .folder
            .run(&["build", "one", "--as", reader, "--out", reader]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        self.folder.path().join(reader).join("one.eml")
    }

    /// The message for this value, after everything that holds for every value has been compared with the
    /// message for Eve. `shown` is how the value reads in one line.
    fn check(&self, shown: &str) -> Option<Message> {
        let message = Message::read("injection", &self.build("x@plain.example"))?;
        let clean = Message::read("injection", &self.build("eve@plain.example"))?;
        assert_eq!(message.names, clean.names);
        assert_eq!(message.types, clean.types);
        assert_eq!(message.elements, clean.elements);
        assert_eq!(message.handlers, [""; 0]);
        assert_eq!(message.to.1, "x@plain.example");
        assert_eq!(message.subject, format!("News for {shown} of {shown}"));
        let text = in_one_line(&message.text);
        let words = in_one_line(&message.words);
        for part in [&text, &words] {
            let dear = format!("Dear {shown} of {shown}, this is");
            assert!(part.contains(&dear), "{dear}: {part}");
            let heading = format!("What {shown} should know in {shown}");
            assert!(part.contains(&heading), "{heading}: {part}");
        }
        assert!(
            words.contains(&format!("For {shown} of {shown}.")),
            "{words}"
        );
        self.the_link_leads_to_its_host(&message, &clean);
        Some(message)
    }

    /// The value is one argument of the query and one fragment, percent-encoded, and nothing else.
    fn the_link_leads_to_its_host(&self, message: &Message, clean: &Message) {
        assert_eq!(message.links.len(), clean.links.len());
        let of_place = |link: &&String| link.starts_with("https://plain.example/?place=");
        let link = message.links.iter().find(of_place).expect("the link");
        let url = url::Url::parse(link).expect("a URL");
        assert_eq!(url.host_str(), Some("plain.example"));
        let arguments: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(arguments, [("place".to_owned(), self.value.clone())]);
        assert!(message.text.contains(link.as_str()), "{}", message.text);
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_line_break_in_a_name_starts_no_header_field() {
    let case = Case::new("Eve\r\nBcc: all@x.example\r\n\r\nBody");
    let Some(message) = case.check("Eve Bcc: all@x.example Body") else {
        return;
    };
    let has_bcc = message.names.iter().any(|n| n.eq_ignore_ascii_case("bcc"));
    assert!(!has_bcc, "{:?}", message.names);
    assert_eq!(message.to.0, "Eve Bcc: all@x.example Body");
}

#[test]
fn markup_in_a_name_is_shown_as_text() {
    for value in [
        "<script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "</div><img src=x onerror=alert(1)>",
        "--><b>&lt;&amp;",
        "<!--[if mso]>",
    ] {
        let Some(message) = Case::new(value).check(value) else {
            return;
        };
        assert_eq!(message.to.0, value);
    }
}

#[test]
fn a_placeholder_in_a_name_is_not_filled() {
    for value in [
        "Eve {{ email }}",
        "{{unsubscribe_url}}!",
        "${email} %s [[x]](y)",
    ] {
        let Some(message) = Case::new(value).check(value) else {
            return;
        };
        assert!(!message.subject.contains('@'), "{}", message.subject);
    }
}

#[test]
fn a_right_to_left_name_is_kept_without_override_characters() {
    let case = Case::new("נועה \u{202e}gpj.exe");
    let Some(message) = case.check("נועה gpj.exe") else {
        return;
    };
    assert_eq!(message.to.0, "נועה gpj.exe");
}

#[test]
fn five_hundred_characters_are_cut_in_the_header_and_kept_in_the_body() {
    let value = "Wolfeschlegelsteinhausenberger "
        .repeat(17)
        .trim()
        .to_owned();
    assert!(value.len() > 500);
    let Some(message) = Case::new(&value).check(&value) else {
        return;
    };
    let name = &message.to.0;
    assert!(name.len() > 30 && name.len() <= 120, "{name}");
    assert!(value.starts_with(name.as_str()), "{name}");
}

#[test]
fn five_hundred_characters_without_a_space_are_one_word() {
    for letter in ["x", "ü", "д"] {
        let value = letter.repeat(500);
        let Some(message) = Case::new(&value).check(&value) else {
            return;
        };
        assert!(value.starts_with(&message.to.0), "{}", message.to.0);
    }
}

#[test]
fn characters_with_a_meaning_in_header_fields_are_kept() {
    for value in [
        "Eve, Ltd. <all@x.example>",
        "=?utf-8?q?Bcc:_all?=",
        "\"Eve\" \\ (the first); second:",
        "Ünï, \"Cödé\" <x>",
    ] {
        let Some(message) = Case::new(value).check(value) else {
            return;
        };
        assert_eq!(message.to.0, value);
    }
}
