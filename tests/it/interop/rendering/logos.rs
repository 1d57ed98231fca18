//! Of a logo and its other for dark screens, one is seen.

use super::{TEMPLATES, letters};
use crate::support::Folder;
use crate::support::browser::{Page, View};

#[test]
fn exactly_one_of_two_logos_is_visible() {
    let Some(mut page) = Page::new("exactly_one_of_two_logos_is_visible") else {
        return;
    };
    let folder = Folder::with_samples();
    for template in TEMPLATES {
        let path = format!("templates/{template}/theme.toml");
        let theme = folder.read(&path).replace("[logo]", DARK_LOGO);
        folder.write(&path, &theme);
        for letter in letters(&folder, template) {
            for (is_dark, condition, seen) in CASES {
                page.look(View {
                    width: 375,
                    is_dark,
                });
                page.open(&letter.file);
                page.evaluate(condition);
                let found = page.evaluate(LOGOS);
                let place = format!("{}, dark {is_dark}: {condition}", letter.name);
                assert_eq!(found, serde_json::json!(seen), "{place}");
            }
        }
    }
}

const CASES: [(bool, &str, [bool; 2]); 4] = [
    (false, "0", [true, false]),
    (true, "0", [false, true]),
    (true, WITHOUT_STYLES, [true, false]),
    (true, WITHOUT_DISPLAY, [true, false]),
];

/// The same file will do: it is the place in the source that tells the two apart.
const DARK_LOGO: &str = "[logo]\ndark = \"logo.png\"";
/// Which of the masthead's pictures take up room.
const LOGOS: &str =
    "[...document.querySelector('h1').parentNode.parentNode.querySelectorAll('img')]
    .map(e => e.getBoundingClientRect().height > 0)";
const WITHOUT_STYLES: &str = "document.querySelectorAll('style').forEach(e => e.remove())";
/// Gmail's page for phones: no style block, and no `display: none`.
const WITHOUT_DISPLAY: &str = "document.querySelectorAll('style').forEach(e => e.remove()),
    document.querySelectorAll('img').forEach(e => e.style.removeProperty('display'))";
