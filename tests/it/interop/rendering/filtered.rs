//! Messages after a mail client's filter: readable, and without a loss.

use super::axe::Axe;
use super::visible_text::Seen;
use super::{Letter, TEMPLATES, letters};
use crate::support::Folder;
use crate::support::browser::{Page, View};

/// Gmail with accounts of other hosts, GMX and forwarding take every style block away.
const WITHOUT_STYLES: &str = "document.querySelectorAll('style').forEach(e => e.remove())";
const GMAIL: &str = include_str!("../../scripts/gmail.js");

#[test]
fn every_word_and_link_survives_gmails_filter() {
    let test = "every_word_and_link_survives_gmails_filter";
    let (Some(mut page), Some(axe)) = (Page::new(test), Axe::new(test)) else {
        return;
    };
    each_letter(|letter, width| {
        let rules = stay_whole(&mut page, &axe, letter, width, GMAIL);
        // It takes the dark rules with their blocks, and must not take those for telephones along.
        assert!(rules.contains("max-width: 480px"), "{rules}");
        assert!(!rules.contains("data-ogsc"), "{rules}");
        assert!(!rules.contains("prefers-color-scheme"), "{rules}");
    });
}

#[test]
fn a_message_without_style_blocks_is_complete() {
    let test = "a_message_without_style_blocks_is_complete";
    let (Some(mut page), Some(axe)) = (Page::new(test), Axe::new(test)) else {
        return;
    };
    each_letter(|letter, width| {
        stay_whole(&mut page, &axe, letter, width, WITHOUT_STYLES);
    });
}

fn each_letter(mut show: impl FnMut(&Letter, u32)) {
    let folder = Folder::with_samples();
    for letter in TEMPLATES
        .iter()
        .flat_map(|template| letters(&folder, template))
    {
        for width in [320, 600] {
            show(&letter, width);
        }
    }
}

/// Applies a filter to a message; the result of the filter's script.
fn stay_whole(page: &mut Page, axe: &Axe, letter: &Letter, width: u32, filter: &str) -> String {
    let is_dark = false;
    page.look(View { width, is_dark });
    page.open(&letter.file);
    let given = page.evaluate(filter);
    let seen = Seen::on(page);
    let mut faults = seen.faults(&letter.written);
    faults.extend(axe.faults(page));
    assert!(
        faults.is_empty(),
        "{} at {width}: {}",
        letter.name,
        faults.join("\n")
    );
    assert_eq!(seen.links, links(letter), "{} at {width}", letter.name);
    given.as_str().unwrap_or_default().to_owned()
}

/// Where the links of the file lead.
fn links(letter: &Letter) -> Vec<String> {
    let source = std::fs::read_to_string(&letter.file).expect("a letter");
    let links = source.split("<a ").skip(1).filter_map(|tag| {
        let (_, link) = tag.split_once("href=\"")?;
        Some(link.split_once('"')?.0.replace("&amp;", "&"))
    });
    let links: Vec<String> = links.collect();
    assert!(links.len() > 5, "{links:?}");
    links
}
