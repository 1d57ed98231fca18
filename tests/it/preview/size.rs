//! The size that the page tells is the size that a mail client sees.

use mail_parser::MessageParser;

use super::Preview;
use crate::support::Folder;

/// Where Gmail cuts, in bytes of the HTML part.
const CUT: usize = 102_400;

/// The HTML part of the message, by a parser that is not ours.
fn html_part(preview: &Preview, path: &str) -> String {
    let raw = preview.get(&format!("/raw/{path}")).body;
    let message = MessageParser::default().parse(&raw).expect("a message");
    message.body_html(0).expect("a page").into_owned()
}

fn number(words: &str) -> usize {
    words.replace(',', "").parse().expect("a number")
}

#[test]
fn the_size_is_that_of_the_html_part() {
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    for reader in [
        "tomas.havel%40povodi.example",
        "joana.figueira%40tejo.example",
        "odd:hebrew",
    ] {
        let html = html_part(&preview, &format!("2026-11?recipient={reader}"));
        let page = preview.get(&format!("/issue/2026-11?recipient={reader}&tab=size"));
        assert_eq!(
            number(&page.words("#panel .tab strong")[0]),
            html.len(),
            "{reader}"
        );
        // The sections follow each other and are the whole.
        let cells = page.words(".sizes tbody td");
        let mut end = 0;
        for row in cells.chunks(2) {
            assert_eq!(number(&row[1]), end, "{cells:?}");
            end += number(&row[0]);
        }
        assert_eq!(end, html.len(), "{reader}");
        assert!(page.words(".sizes tr.cut").is_empty());
    }
}

#[test]
fn the_section_where_gmail_clips_is_named() {
    let folder = Folder::with("plain");
    let section = |heading: &str, times: usize| {
        let body = "Words upon words. ".repeat(times);
        format!("\n[[section]]\nkind = \"text\"\nheading = \"{heading}\"\nbody = \"{body}\"\n")
    };
    let issue =
        "subject = \"One\"\npreheader = \"What the first letter is about.\"\ndate = 2026-12-01\n"
            .to_owned()
            + &section("Before it all", 3_000)
            + &section("In the midst of it", 3_000)
            + &section("Behind it all", 3_000);
    folder.write("issues/one.toml", &issue);
    let preview = Preview::open(&folder);
    let html = html_part(&preview, "one");
    let at = |words: &str| html.find(words).expect("a heading");
    assert!(at("In the midst of it") < CUT && CUT < at("Behind it all"));
    let page = preview.get("/issue/one?tab=size");
    let said = page.words("#panel .tab .notice.error").concat();
    assert!(
        said.starts_with("Gmail clips this message in “In the midst of it”."),
        "{said}"
    );
    let cut = page.words(".sizes tr.cut th");
    assert_eq!(cut, ["In the midst of it", "Behind it all"]);
}
