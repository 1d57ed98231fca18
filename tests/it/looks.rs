//! The letter as a browser draws it: at every width, in the light and in the dark, with and without what
//! some mail clients take away.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::browser::{Page, View};
use crate::support::{self, Folder, repository};

const ISSUES: [&str; 2] = ["2026-10", "2026-11"];
const TEMPLATES: [&str; 2] = ["institute", "letter"];
const WIDTHS: [u32; 4] = [320, 375, 600, 1200];

/// Every sample in every template, as HTML files.
fn letters(folder: &Folder) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for issue in ISSUES {
        for template in TEMPLATES {
            let name = format!("{issue}-{template}");
            let text = folder.read(&format!("issues/{issue}.toml"));
            let text = text.replace("\ntemplate  = \"letter\"", "");
            folder.write(
                &format!("issues/{name}.toml"),
                &format!("template = \"{template}\"\n{text}"),
            );
            let built = folder.run(&["build", &name]);
            assert_eq!(built.code, 0, "{}", built.stderr);
            files.push(
                folder
                    .path()
                    .join(built.stdout.trim())
                    .join(format!("{name}.html")),
            );
        }
    }
    files
}

/// What the browser says where the letter is wider than the window, if it is.
const OVERFLOW: &str = "(() => { const wide = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.getClientRects().length);
    return document.documentElement.scrollWidth > innerWidth
        ? wide.map(e => e.outerHTML.slice(0, 120)) : []; })()";

#[test]
fn no_letter_scrolls_sideways() {
    let Some(mut page) = Page::new("no_letter_scrolls_sideways") else {
        return;
    };
    let folder = Folder::with_samples();
    for file in letters(&folder) {
        for width in WIDTHS {
            page.look(View {
                width,
                is_dark: false,
            });
            for condition in [AS_SENT, WITHOUT_STYLES, WITHOUT_PICTURES, AT_DOUBLE_SIZE] {
                page.open(&file);
                page.evaluate(condition);
                let wide = page.evaluate(OVERFLOW);
                assert_eq!(
                    wide,
                    Value::Array(Vec::new()),
                    "{} at {width}: {condition}",
                    shown(&file)
                );
            }
        }
    }
}

const AS_SENT: &str = "0";
/// Gmail with accounts of other hosts, GMX and forwarding take every style block away.
const WITHOUT_STYLES: &str = "document.querySelectorAll('style').forEach(e => e.remove())";
const WITHOUT_PICTURES: &str =
    "document.querySelectorAll('img').forEach(e => e.removeAttribute('src'))";
/// Text at 200 % on the same screen: the letters grow, the window does not.
const AT_DOUBLE_SIZE: &str = "innerWidth < 600 ? 0 : (document.body.style.zoom = 2)";

#[test]
fn axe_finds_nothing_in_any_light() {
    let Some(mut page) = Page::new("axe_finds_nothing_in_any_light") else {
        return;
    };
    let Some(axe) = axe("axe_finds_nothing_in_any_light") else {
        return;
    };
    let folder = Folder::with_samples();
    for file in letters(&folder) {
        for (width, is_dark) in [(320, false), (320, true), (1200, false), (1200, true)] {
            page.look(View { width, is_dark });
            for condition in [AS_SENT, WITHOUT_STYLES] {
                page.open(&file);
                page.evaluate(condition);
                page.evaluate(&format!("{axe};0"));
                let found = page.evaluate(AXE);
                let place = format!("{} at {width}, dark {is_dark}: {condition}", shown(&file));
                assert_eq!(found, Value::Array(Vec::new()), "{place}");
            }
        }
    }
}

/// Levels A and AA of WCAG 2.2; rules for whole pages (landmarks) do not concern a letter.
const AXE: &str = "axe.run(document, { runOnly: { type: 'tag',
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } })
    .then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))";

fn axe(test: &str) -> Option<String> {
    let path = repository().join("target/npm/node_modules/axe-core/axe.min.js");
    let read = std::fs::read_to_string(path).ok();
    if read.is_none() {
        let how = "`npm install --prefix target/npm axe-core@4` brings axe-core";
        support::skip(test, how);
    }
    read
}

#[test]
fn every_text_of_the_issue_is_seen() {
    let Some(mut page) = Page::new("every_text_of_the_issue_is_seen") else {
        return;
    };
    let folder = Folder::with_samples();
    for file in letters(&folder) {
        page.look(View {
            width: 375,
            is_dark: false,
        });
        page.open(&file);
        let seen = page.evaluate("document.body.innerText.replace(/\\s+/g, ' ')");
        let seen = seen.as_str().expect("text").to_owned();
        let issue = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let issue = folder.read(&format!("issues/{issue}.toml"));
        let issue: toml::Table = toml::from_str(&issue).expect("an issue");
        let mut texts = Vec::new();
        plain_texts(&issue["section"], &mut texts);
        assert!(texts.len() > 3, "{texts:?}");
        for text in texts.iter().filter(|text| !text.contains("For members")) {
            assert!(
                seen.contains(text.as_str()),
                "{}: {text}\n{seen}",
                shown(&file)
            );
        }
    }
}

/// What stands under a key that is shown as it is, without Markdown.
fn plain_texts(value: &toml::Value, texts: &mut Vec<String>) {
    const SHOWN: [&str; 8] = [
        "heading",
        "title",
        "question",
        "caption",
        "name",
        "organiser",
        "link_text",
        "series",
    ];
    match value {
        toml::Value::Array(items) => {
            items.iter().for_each(|item| plain_texts(item, texts));
        }
        toml::Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(text) if SHOWN.contains(&key.as_str()) => texts.push(text.to_owned()),
                    _ => plain_texts(value, texts),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn a_screen_reader_meets_the_headings_in_the_order_of_the_issue() {
    let name = "a_screen_reader_meets_the_headings_in_the_order_of_the_issue";
    let Some(mut page) = Page::new(name) else {
        return;
    };
    let folder = Folder::with_samples();
    for file in letters(&folder) {
        page.open(&file);
        let headings: Vec<(u64, String)> = page
            .accessibility_tree()
            .iter()
            .filter_map(heading)
            .collect();
        let levels: Vec<u64> = headings.iter().map(|(level, _)| *level).collect();
        assert_eq!(
            levels.iter().filter(|level| **level == 1).count(),
            1,
            "{headings:?}"
        );
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{headings:?}"
        );
        let issue = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let issue: toml::Table =
            toml::from_str(&folder.read(&format!("issues/{issue}.toml"))).expect("an issue");
        let written = issue["section"].as_array().expect("sections").iter();
        let written: Vec<&str> = written
            .filter(|section| section.get("when").is_none())
            .filter_map(|section| section.get("heading")?.as_str())
            .collect();
        let met: Vec<&str> = headings
            .iter()
            .map(|(_, words)| words.as_str())
            .filter(|words| written.contains(words))
            .collect();
        assert_eq!(met, written, "{}", shown(&file));
    }
}

fn heading(node: &Value) -> Option<(u64, String)> {
    if node["role"]["value"] != "heading" {
        return None;
    }
    let properties = node["properties"].as_array()?;
    let level = properties
        .iter()
        .find(|property| property["name"] == "level")?;
    Some((
        level["value"]["value"].as_u64()?,
        node["name"]["value"].as_str()?.to_owned(),
    ))
}

fn shown(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
