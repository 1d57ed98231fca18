//! Placeholders with arbitrary texts and values: each is filled once, at its place, and no value can begin an
//! element, an attribute or a line.
#![no_main]

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use franking::diag::{Findings, Source};
use franking::placeholder::{MarkedPlaceholder, Pattern, Placeholders, Sink, Values, mark};
use franking::toml_file::Text;
use franking::util::escape;
use libfuzzer_sys::fuzz_target;
use scraper::{Html, Selector};
use toml::de::DeTable;

fuzz_target!(|data: &[u8]| {
    let Some((quotes, written, value)) = parts(data) else {
        return;
    };
    let file = format!("body = {quotes}{written}{quotes}");
    let source = Source::new("issue.toml", file.as_str());
    let Some(text) = read(&source) else {
        return;
    };
    let mut placeholders = Placeholders::default();
    let marked = mark(&text, &mut placeholders, &mut Findings::new());
    let places = places(&placeholders);
    // A literal string has no escapes: the characters of the file are those of the text.
    if quotes == "'" && !written.contains('\'') {
        each_stands_where_it_was_written(&file, &marked, &places);
    }
    let pattern = Pattern::line(&marked.text);
    assert_eq!(pattern.uses().len(), places.len());
    a_value_is_a_line(&pattern, value, places.len());
    a_value_stays_in_its_place(text.value(), value);
});

/// The quotes, by the first byte; the text between them, up to a NUL; the value of the placeholders.
fn parts(data: &[u8]) -> Option<(&'static str, &str, &str)> {
    let (quotes, rest) = data.split_first()?;
    let (written, value) = std::str::from_utf8(rest).ok()?.split_once('\0')?;
    let quotes = ["'", "'''", "\"", "\"\"\""][usize::from(quotes % 4)];
    Some((quotes, written, value))
}

/// The string of the file, if it is one.
fn read(source: &Arc<Source>) -> Option<Text> {
    let table = DeTable::parse(source.text()).ok()?;
    let body = table.get_ref().get("body")?;
    let string = body.get_ref().as_str()?.to_owned();
    Some(Text::new(source, toml::Spanned::new(body.span(), string)))
}

/// The places of the placeholders in the file.
fn places(placeholders: &Placeholders) -> Vec<Range<usize>> {
    let places = placeholders
        .iter()
        .map(|placeholder| placeholder.place.as_ref());
    places
        .map(|place| place.expect("an editor's").span())
        .collect()
}

/// Filled with their own source text, the placeholders give the text back.
fn each_stands_where_it_was_written(
    file: &str,
    marked: &MarkedPlaceholder,
    places: &[Range<usize>],
) {
    let mut expected = String::new();
    let mut at = "body = '".len();
    for place in places {
        expected.extend(public(&file[at..place.start]));
        expected.push_str(&escape::line(&file[place.clone()]));
        at = place.end;
    }
    expected.extend(public(&file[at..file.len() - 1]));
    let written = places.iter().map(|place| file[place.clone()].to_owned());
    let filled = Pattern::line(&marked.text).fill(&Each(written.collect()));
    assert_eq!(filled, expected);
}

/// The characters that a message may contain; the marks of placeholders are removed.
fn public(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !escape::is_private(*c))
}

/// Every placeholder gets the same value, and none ends a line.
fn a_value_is_a_line(pattern: &Pattern, value: &str, count: usize) {
    let mut message = Parts::default();
    pattern.fill_into(&Each(vec![value.to_owned(); count]), &mut message);
    assert_eq!(message.fixed, pattern.fixed());
    assert_eq!(message.own.len(), count);
    for own in message.own {
        assert_eq!(own, escape::line(value));
        assert!(!own.contains(char::is_control), "{own:?}");
    }
}

/// In a document with the text in each kind of place, each value is found at its placeholder, and nothing else is
/// added.
fn a_value_stays_in_its_place(text: &str, value: &str) {
    let mut placeholders = Placeholders::default();
    let placeholder = placeholders.add_named("name");
    // Without what HTML itself changes, and without marks, which are removed before.
    let text: String = public(text).filter(|c| !c.is_control()).collect();
    let mut shown = String::new();
    escape::html(&text, &mut shown);
    let document = format!(
        "<p title=\"{shown}{placeholder}{shown}\">{shown}{placeholder}{shown}</p>\
         <a href=\"{placeholder}\">x</a><a href=\"https://x.example/?{shown}{placeholder}\">y</a>"
    );
    let filled = Pattern::html(&document).fill(&Each(vec![value.to_owned()]));
    let line = escape::line(value);
    let page = Html::parse_fragment(&filled);
    let around = format!("{text}{line}{text}");
    let (title, words) = (attributes(&page, "p", "title"), words(&page));
    assert_eq!((title.len(), &title[0]), (1, &around));
    assert_eq!(words, format!("{around}xy"));
    let links = attributes(&page, "a", "href");
    let mut part = String::new();
    escape::url_component(value, &mut part);
    assert_eq!(links, [line, format!("https://x.example/?{text}{part}")]);
    // `html`, into which a fragment is parsed, is one more.
    let every = Selector::parse("*").expect("a selector");
    assert_eq!(page.select(&every).count(), 4, "{filled}");
}

/// The attribute of all elements of a name; the elements have no other.
fn attributes(page: &Html, element: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(element).expect("a selector");
    let mut values = Vec::new();
    for found in page.select(&selector) {
        assert_eq!(found.value().attrs().count(), 1, "{}", found.html());
        values.extend(found.value().attr(name).map(str::to_owned));
    }
    values
}

fn words(page: &Html) -> String {
    page.root_element().text().collect()
}

/// A value for each placeholder.
struct Each(Vec<String>);

impl Values for Each {
    fn value(&self, placeholder: usize) -> Cow<'_, str> {
        Cow::Borrowed(&self.0[placeholder])
    }

    fn sees(&self, _: usize) -> bool {
        true
    }
}

/// The parts that are the same for every subscriber, and those of one subscriber.
#[derive(Default)]
struct Parts {
    fixed: String,
    own: Vec<String>,
}

impl Sink for Parts {
    fn fixed(&mut self, _: usize, text: &str) {
        self.fixed.push_str(text);
    }

    fn own(&mut self, text: &str) {
        self.own.push(text.to_owned());
    }
}
