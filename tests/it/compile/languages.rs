//! `language` of a section and of an item: the element that holds the words says so.

use crate::support::Folder;

#[test]
fn words_in_another_language_have_a_lang_attribute() {
    let html = built(ISSUE);
    for (element, attributes) in [
        ("div", &["id=\"fr\"", "lang=\"fr\""][..]),
        ("a", &["href=\"https://a.example/crue\"", "lang=\"fr\""]),
        ("strong", &["lang=\"he\"", "dir=\"rtl\""]),
        ("h3", &["lang=\"de\""]),
        ("h3", &["lang=\"ar\"", "dir=\"rtl\""]),
        ("h3", &["lang=\"pl\""]),
    ] {
        let begin = format!("{element} ");
        let mut tags = html.split('<').filter_map(|rest| rest.split('>').next());
        let is_marked = |tag: &str| attributes.iter().all(|one| tag.contains(one));
        let is_there = tags.any(|tag| tag.starts_with(&begin) && is_marked(tag));
        assert!(is_there, "{element} {attributes:?}\n{html}");
    }
}

#[test]
fn the_issues_own_language_is_not_repeated() {
    let issue = ISSUE.replace("language = \"de\"", "language = \"en\"");
    assert!(!built(&issue).contains("<h3 lang=\"en\""));
}

#[test]
fn an_invalid_language_tag_is_reported() {
    let folder = Folder::with("plain");
    let issue = ISSUE.replace("\"de\"", "\"german, mostly\"");
    folder.write("issues/foreign.toml", &issue);
    let run = folder.run(&["check", "foreign"]);
    let output = format!("{}{}", run.stdout, run.stderr);
    assert!(output.contains("bad-language"), "{output}");
}

fn built(issue: &str) -> String {
    let folder = Folder::with("plain");
    folder.write("issues/foreign.toml", issue);
    let run = folder.run(&["build", "foreign", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    folder.read("out/foreign.html")
}

const ISSUE: &str = r#"
subject = "Titles from elsewhere"
date = 2026-11-30
language = "en"

[[section]]
kind = "text"
id = "fr"
heading = "Autrement dit"
language = "fr"
body = "Tout ce texte est français."

[[section]]
kind = "publications"
heading = "P"

[[section.item]]
title = "La crue et le droit"
url = "https://a.example/crue"
language = "fr"

[[section.item]]
title = "מים וגבולות"
language = "he"

[[section]]
kind = "calls"
heading = "C"

[[section.item]]
title = "Sommerschule am Rhein"
language = "de"
body = "In German."

[[section]]
kind = "news"
heading = "N"

[[section.item]]
title = "الماء والحدود"
language = "ar"
body = "In Arabic."

[[section]]
kind = "events"
heading = "E"

[[section.item]]
title = "Wieczór nad Wisłą"
language = "pl"
body = "In Polish."
start = 2026-12-10T18:30:00
"#;

#[test]
fn french_labels_have_a_space_before_the_colon() {
    let folder = Folder::with("plain");
    folder.write("issues/foreign.toml", FRENCH);
    let run = folder.run(&["build", "foreign", "--out", "out"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // The text part is wrapped before a no-break space becomes a space.
    let text = folder.read("out/foreign.txt").replace('\u{A0}', " ");
    for words in [
        "Date limite",
        "Organisé par",
        "Lieu",
        "Image",
        "Entretien",
        "S’inscrire",
        "Se désabonner",
    ] {
        let label = format!("{words} :");
        assert!(text.contains(&label), "{words}: {text}");
    }
    let html = scraper::Html::parse_document(&folder.read("out/foreign.html"));
    let html: String = html.root_element().text().collect();
    for label in [
        "Date limite\u{A0}: ",
        "Organisé par\u{A0}: ",
        "Lieu\u{A0}: ",
        "Image\u{A0}: ",
    ] {
        assert!(html.contains(label), "{label}: {html}");
    }
}

const FRENCH: &str = r#"
subject = "Cours"
date = 2026-11-30
language = "fr"

[[section]]
kind = "contents"

[[section]]
kind = "interview"
heading = "Un fleuve"
guest = { name = "Ada" }

[[section.exchange]]
question = "Pourquoi ?"
answer = "Parce que."

[[section]]
kind = "calls"

[[section.item]]
title = "Bourse"
organiser = "Ville"
place = "Lyon"
deadline = 2026-12-15

[[section]]
kind = "image"
image = { src = "one/dot.png", alt = "Un point", credit = "Ville" }

[[section]]
kind = "button"
text = "S’inscrire"
url = "https://a.example/"
"#;
