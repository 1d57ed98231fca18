//! What an editor sees on a small laptop, and what the controls say about themselves.

use serde_json::json;

use super::Preview;
use crate::support::Folder;
use crate::support::browser::{Page, View};

const ISSUE: &str = "/issue/2026-11";

/// A page of the sample newsletter on a screen of 1280 pixels.
fn laptop(page: &mut Page, preview: &Preview, query: &str) {
    page.look(View {
        width: 1280,
        is_dark: false,
    });
    page.visit(&preview.url(&format!("{ISSUE}{query}")));
    page.wait_until("document.getElementById('mail').contentDocument.readyState == 'complete'");
}

#[test]
fn a_message_wider_than_its_column_can_be_scrolled_to_its_left_edge() {
    let Some(mut page) =
        Page::new("a_message_wider_than_its_column_can_be_scrolled_to_its_left_edge")
    else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    for width in ["600", "800"] {
        laptop(&mut page, &preview, &format!("?width={width}"));
        let edges = page.evaluate(
            "['mail', 'stage'].map(id => Math.round(document.getElementById(id).getBoundingClientRect().left))",
        );
        let edges: Vec<i64> = serde_json::from_value(edges).expect("two edges");
        assert!(edges[0] >= edges[1], "{width}: {edges:?}");
    }
}

#[test]
fn lines_of_plain_text_fit_into_the_panel() {
    let Some(mut page) = Page::new("lines_of_plain_text_fit_into_the_panel") else {
        return;
    };
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    laptop(&mut page, &preview, "?tab=text");
    let fits = page.evaluate(
        "(() => { const tab = document.querySelector('.tab'); return tab.scrollWidth <= tab.clientWidth })()",
    );
    assert_eq!(fits, json!(true));
}

#[test]
fn a_broken_file_is_not_up_to_date() {
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    assert_eq!(preview.get(ISSUE).words("#state"), ["Up to date"]);
    let mut versions = preview.versions();
    versions.next();
    let text = folder.read("issues/2026-11.toml");
    folder.write("issues/2026-11.toml", &text.replace("subject ", "subjcet "));
    versions.next();
    let page = preview.get(ISSUE);
    assert_eq!(
        page.words("#state"),
        ["Not up to date: the file has errors"]
    );
    assert_eq!(page.words("#state[data-state=stale]").len(), 1);
}

#[test]
fn each_view_has_a_description_and_each_inbox_length_its_unit() {
    let folder = Folder::with_samples();
    let preview = Preview::open(&folder);
    let page = preview.get(ISSUE);
    assert_eq!(
        page.words(".measure"),
        ["35 characters", "60 characters", "100 characters"]
    );
    for words in [
        "Gmail on Android",
        "Gmail on iOS",
        "Removes the style sheets",
        "alternative texts instead of pictures",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
}
