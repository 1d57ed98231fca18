//! What the files of an issue say, in the order in which a reader should meet it. Read from the TOML by other
//! means than the program's own, or both would err together.

use toml::{Table, Value};

/// A part that the rendered message must contain.
#[derive(Debug)]
pub(super) enum Written {
    Words(String),
    /// The alternative text of a picture.
    Picture(String),
}

/// The keys of a section and of its parts, in the order of the message.
const ORDER: [&str; 29] = [
    "kicker",
    "heading",
    "guest",
    "portrait",
    "image",
    "alt",
    "caption",
    "credit",
    "title",
    "name",
    "role",
    "organisation",
    "bio",
    "place",
    "intro",
    "exchange",
    "question",
    "answer",
    "body",
    "by",
    "authors",
    "series",
    "publisher",
    "summary",
    "link",
    "text",
    "organiser",
    "link_text",
    "item",
];

/// Where an event takes place is said before what it is; of a call, behind.
const ORDER_OF_CALLS: [&str; 7] = [
    "heading",
    "item",
    "title",
    "body",
    "organiser",
    "place",
    "link_text",
];

/// Texts with Markdown in them.
const PROSE: [&str; 6] = ["intro", "bio", "answer", "body", "summary", "text"];

/// A whole message, from `newsletter.toml` and the issue.
pub(super) fn letter(publication: &str, issue: &str) -> Vec<Written> {
    let publication: Table = toml::from_str(publication).expect("a publication");
    let issue: Table = toml::from_str(issue).expect("an issue");
    let sections = issue["section"].as_array().expect("sections");
    let sections = sections.iter().filter_map(Value::as_table);
    // Sections for some recipients only are not in the specimen.
    let sections = sections.filter(|section| !section.contains_key("when"));
    let sections: Vec<&Table> = sections.collect();
    let mut out = Vec::new();
    table(&publication, &["name", "tagline"], &mut out);
    table(&issue, &["intro"], &mut out);
    for section in &sections {
        match section["kind"].as_str() {
            Some("contents") => contents(&sections, &mut out),
            Some("calls") => table(section, &ORDER_OF_CALLS, &mut out),
            _ => table(section, &ORDER, &mut out),
        }
    }
    table(&publication, &["name", "address"], &mut out);
    out
}

fn contents(sections: &[&Table], out: &mut Vec<Written>) {
    for section in sections {
        table(section, &["kicker", "heading"], out);
    }
}

fn table(table: &Table, order: &[&str], out: &mut Vec<Written>) {
    for key in order {
        if let Some(found) = table.get(*key) {
            value(key, found, order, out);
        }
    }
}

fn value(key: &str, found: &Value, order: &[&str], out: &mut Vec<Written>) {
    match found {
        Value::String(text) if key == "alt" && text.is_empty() => {}
        Value::String(text) if key == "alt" => out.push(Written::Picture(text.clone())),
        Value::String(text) if PROSE.contains(&key) => {
            out.extend(prose(text).into_iter().map(Written::Words));
        }
        Value::String(text) => out.push(Written::Words(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| value(key, item, order, out)),
        Value::Table(inner) => table(inner, order, out),
        _ => {}
    }
}

/// The paragraphs, headings and list items of a text, their Markdown taken off: as much of it as the samples
/// use.
fn prose(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines().map(str::trim) {
        let words = without_marker(line);
        if line.is_empty() || words != line {
            blocks.push(String::new());
        }
        let block = blocks.last_mut().expect("a block");
        if !block.is_empty() {
            block.push(' ');
        }
        block.push_str(words);
    }
    blocks.retain(|block| !block.is_empty());
    blocks.iter().map(|block| plain(block)).collect()
}

/// A line without what makes it a heading or the item of a list.
fn without_marker(line: &str) -> &str {
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match numbered.strip_prefix(". ") {
        Some(words) if numbered.len() < line.len() => words,
        _ => line
            .trim_start_matches('#')
            .trim_start_matches("- ")
            .trim_start(),
    }
}

/// `The *[report](https://…)* for {{ first_name }}` as `The report for colleague`.
fn plain(text: &str) -> String {
    let text = text
        .replace("{{ first_name }}", "colleague")
        .replace('*', "");
    let mut out = String::new();
    for part in text.split('[') {
        match part.split_once("](") {
            Some((words, rest)) => {
                out.push_str(words);
                out.push_str(rest.split_once(')').map_or("", |(_, behind)| behind));
            }
            None => out.push_str(part),
        }
    }
    out
}

/// The first of `written` that `met` does not hold behind the one before it, which is named too: words that
/// are missing may have been found at a later place. Case does not count: a screen reader gets the capitals
/// of `text-transform`.
pub(super) fn missed<'a>(written: impl IntoIterator<Item = &'a str>, met: &str) -> Option<String> {
    let met = met.to_lowercase();
    let (mut rest, mut before) = (met.as_str(), "");
    for words in written {
        let lower = words.to_lowercase();
        let Some(at) = rest.find(&lower) else {
            return Some(format!("“{words}” behind “{before}”"));
        };
        rest = &rest[at + lower.len()..];
        before = words;
    }
    None
}

#[test]
fn the_comparison_removes_markdown() {
    let text = "One *two*\nthree.\n\n### Four\n\n- five\n  six;\n- [seven](https://a.example) **8**\n\n1. nine";
    let blocks = ["One two three.", "Four", "five six;", "seven 8", "nine"];
    assert_eq!(prose(text), blocks);
}

#[test]
fn the_comparison_reports_text_out_of_order() {
    let missed = |met| missed(["one", "Two", "three"], met);
    assert_eq!(missed("one two three"), None);
    let output = Some("“Two” behind “one”".to_owned());
    assert_eq!(missed("two one three"), output);
    assert_eq!(missed("one, three"), output);
}
