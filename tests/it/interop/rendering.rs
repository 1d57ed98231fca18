//! The message as a browser renders it: at every width, in every colour scheme, with and without what some mail clients
//! remove; and as a screen reader announces it.

mod accessibility;
pub mod axe;
mod everywhere;
mod filtered;
mod logos;
mod plain_text;
mod visible_text;

use std::path::PathBuf;

use crate::support::Folder;
use plain_text::Written;

const ISSUES: [&str; 2] = ["2026-10", "2026-11"];
const TEMPLATES: [&str; 2] = ["institute", "letter"];

/// A sample in one of the templates.
struct Letter {
    /// `2026-10-institute`
    name: String,
    file: PathBuf,
    written: Vec<Written>,
}

/// Every sample in `template`, as HTML files.
fn letters(folder: &Folder, template: &str) -> Vec<Letter> {
    ISSUES
        .iter()
        .map(|issue| letter(folder, issue, template))
        .collect()
}

fn letter(folder: &Folder, issue: &str, template: &str) -> Letter {
    let name = format!("{issue}-{template}");
    let text = folder.read(&format!("issues/{issue}.toml"));
    let text = text.replace("\ntemplate  = \"letter\"", "");
    let text = format!("template = \"{template}\"\n{text}");
    folder.write(&format!("issues/{name}.toml"), &text);
    let built = folder.run(&["build", &name]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    let place = folder.path().join(built.stdout.trim());
    Letter {
        file: place.join(format!("{name}.html")),
        written: plain_text::letter(&folder.read("newsletter.toml"), &text),
        name,
    }
}
