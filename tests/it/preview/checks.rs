//! What the page says of faults is what `franking check` says: the same words at the same places, in its order.

use scraper::{ElementRef, Selector};
use serde_json::Value;

use super::Preview;
use super::server::{text, words};
use crate::support::Folder;

/// A finding: severity, code, message, place.
type Told = (String, String, String, String);

/// What `franking check` says of an issue.
fn checked(folder: &Folder, issue: &str) -> Vec<Told> {
    let run = folder.run(&["check", issue, "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .map(|finding| {
            let start = &finding["place"]["start"];
            let place = match finding["place"]["file"].as_str() {
                Some(file) => format!("{file}:{}:{}", start["line"], start["column"]),
                None => String::new(),
            };
            let message = word(&finding["message"]);
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            (
                word(&finding["severity"]),
                word(&finding["code"]),
                message,
                place,
            )
        })
        .collect()
}

/// What the tab of the checks says.
fn output(preview: &Preview, issue: &str) -> Vec<Told> {
    let page = preview.get(&format!("/issue/{issue}?tab=checks")).html();
    let items = Selector::parse(".findings > li").expect("a selector");
    page.select(&items).map(one).collect()
}

fn one(item: ElementRef<'_>) -> Told {
    let heading = words(item, "h3").concat();
    let severity = words(item, "h3 .weight .unseen").concat();
    let (_, message) = heading.split_once(&severity).expect("a severity");
    let code = words(item, ".place code.quiet").concat();
    let place = words(item, ".place code:not(.quiet)").concat();
    (severity, code, message.trim().to_owned(), place)
}

#[test]
fn findings_are_those_of_check_in_its_order() {
    for (fixtures, issue) in [
        (&["plain", "faults"][..], "ten"),
        (&["plain", "many"], "one"),
        (&["plain", "codes/syntax"], "one"),
        (&["plain", "codes/not-utf8"], "one"),
        (&["plain", "codes/wrong-type"], "one"),
        (&["plain"], "one"),
    ] {
        let folder = Folder::empty();
        fixtures.iter().for_each(|fixture| folder.add(fixture));
        let expected = checked(&folder, issue);
        let preview = Preview::open(&folder);
        assert_eq!(output(&preview, issue), expected, "{fixtures:?}");
        assert_eq!(expected.is_empty(), fixtures.len() == 1, "{fixtures:?}");
    }
}

#[test]
fn an_allowed_finding_is_counted_and_not_shown() {
    let folder = Folder::with_samples();
    let allow = "\n[check]\nallow = { \"duplicate-address\" = \"one mailbox, two spellings\" }\n";
    assert_eq!(checked(&folder, "2026-11").len(), 1);
    folder.write("newsletter.toml", &(folder.read("newsletter.toml") + allow));
    assert_eq!(checked(&folder, "2026-11"), []);
    let preview = Preview::open(&folder);
    assert_eq!(output(&preview, "2026-11"), []);
    let said = preview.get("/issue/2026-11").words("#panel .tab p.quiet");
    assert_eq!(said, ["1 finding allowed in newsletter.toml."]);
}

/// The outline's entries, each with what is said of it: `LINE:COLUMN` of the section, and its findings.
fn outline(preview: &Preview, issue: &str) -> Vec<(String, Vec<String>)> {
    let page = preview.get(&format!("/issue/{issue}")).html();
    let rooms = Selector::parse("#outline > ol > li").expect("a selector");
    let found = Selector::parse("ul > li").expect("a selector");
    let rooms = page.select(&rooms).map(|room| {
        let place = words(room, ":scope > code").concat();
        (place, room.select(&found).map(text).collect())
    });
    rooms.collect()
}

#[test]
fn the_outline_shows_each_finding_at_its_section() {
    let folder = Folder::with("plain");
    // The faults stand at the edges of their sections.
    let issue = r#"subject = "One"
preheader = "TODO"
date = 2026-12-01
[[section]]
kind = "text"
heading = "First"
body = "See [here](http://plain.example/a)."
[[section]]
kind = "text"
heading = "Second"
body = "Nothing wrong."
[[section]]
kind = "image"
image = { src = "one/dot.png", alt = "dot.png" }
"#;
    folder.write("issues/one.toml", issue);
    let list =
        folder.read("subscribers.toml") + "\n[[subscriber]]\nemail = \"ADA@plain.example\"\n";
    folder.write("subscribers.toml", &list);
    let starts: Vec<usize> = (1..)
        .zip(issue.lines())
        .filter(|(_, line)| *line == "[[section]]")
        .map(|(number, _)| number)
        .collect();
    let mut expected = vec![(String::new(), Vec::new())];
    expected.extend(starts.iter().map(|line| (format!("{line}:1"), Vec::new())));
    expected.push((String::new(), Vec::new()));
    let checked = checked(&folder, "one");
    for (severity, _, message, place) in &checked {
        let sign = if severity == "error" { "✕" } else { "!" };
        let (room, shown) = match place.strip_prefix("issues/one.toml:") {
            Some(shown) => {
                let line: usize = shown
                    .split(':')
                    .next()
                    .and_then(|l| l.parse().ok())
                    .expect("a line");
                (starts.iter().filter(|start| **start <= line).count(), shown)
            }
            None => (starts.len() + 1, place.as_str()),
        };
        expected[room]
            .1
            .push(format!("{sign} {severity} {message} {shown}"));
    }
    let counts: Vec<usize> = expected.iter().map(|(_, found)| found.len()).collect();
    assert!(
        counts[0] > 0 && counts[1] > 1 && counts[2] == 0 && counts[3] > 0 && counts[4] == 1,
        "{counts:?}"
    );
    assert_eq!(outline(&Preview::open(&folder), "one"), expected);
}
