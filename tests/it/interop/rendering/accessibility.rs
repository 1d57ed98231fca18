//! The message as a screen reader announces it, from the browser's accessibility tree.

use super::plain_text::{self, Written};
use super::{TEMPLATES, letter, letters};
use crate::support::Folder;
use crate::support::browser::{Accessible, Page};

#[test]
fn the_accessibility_tree_has_everything_in_the_order_of_the_issue() {
    let test = "the_accessibility_tree_has_everything_in_the_order_of_the_issue";
    let Some(mut page) = Page::new(test) else {
        return;
    };
    let folder = Folder::with_samples();
    for letter in TEMPLATES
        .iter()
        .flat_map(|template| letters(&folder, template))
    {
        page.open(&letter.file);
        let heard = Heard::of(&page.accessibility_tree());
        let written: Vec<String> = letter.written.iter().map(spoken).collect();
        let missed = plain_text::missed(written.iter().map(String::as_str), &heard.words());
        assert_eq!(missed, None, "{}:\n{}", letter.name, heard.text());
        assert_eq!(heard.mute(), [""; 0], "{}", letter.name);
        assert!(
            heard.headings_are_nested(),
            "{}: {:?}",
            letter.name,
            heard.levels
        );
    }
}

/// A golden file to be read as a listener would, when it changes.
#[test]
fn the_accessibility_tree_of_a_sample_issue() {
    let Some(mut page) = Page::new("the_accessibility_tree_of_a_sample_issue") else {
        return;
    };
    let folder = Folder::with_samples();
    page.open(&letter(&folder, "2026-11", "letter").file);
    let heard = Heard::of(&page.accessibility_tree());
    snapbox::assert_data_eq!(heard.text(), snapbox::file!["accessibility.txt"].raw());
}

fn spoken(written: &Written) -> String {
    match written {
        Written::Words(words) => words.clone(),
        Written::Picture(alt) => format!("[picture: {alt}]"),
    }
}

/// What is said, a line for each block: `⟨words of a link⟩`, `[picture: alternative text]`, ` / ` at a
/// line break.
#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    open: String,
    depth: usize,
    levels: Vec<u64>,
}

impl Heard {
    fn of(root: &Accessible) -> Self {
        let mut heard = Self::default();
        heard.go(root);
        heard.end_line();
        heard
    }

    fn go(&mut self, node: &Accessible) {
        match node.role.as_str() {
            "StaticText" | "ListMarker" => self.open.push_str(&node.name),
            "LineBreak" => self.open.push_str(" / "),
            "image" => self.open.push_str(&format!("[picture: {}]", node.name)),
            "link" => self.within("⟨", node, "⟩"),
            "heading" => {
                self.levels.push(node.level);
                self.block(&format!("heading {}: ", node.level), node);
            }
            "list" => self.group(&format!("list of {}:", node.children.len()), node),
            "article" => self.group(&format!("email “{}”:", node.name), node),
            "blockquote" => self.group("quotation:", node),
            "separator" => self.block("separator", node),
            "listitem" => self.block("- ", node),
            "paragraph" => self.block("", node),
            _ => self.within("", node, ""),
        }
    }

    fn within(&mut self, begin: &str, node: &Accessible, end: &str) {
        self.open.push_str(begin);
        node.children.iter().for_each(|child| self.go(child));
        self.open.push_str(end);
    }

    fn block(&mut self, begin: &str, node: &Accessible) {
        self.end_line();
        self.within(begin, node, "");
        self.end_line();
    }

    fn group(&mut self, name: &str, node: &Accessible) {
        self.end_line();
        self.open.push_str(name);
        self.end_line();
        self.depth += 1;
        self.block("", node);
        self.depth -= 1;
    }

    fn end_line(&mut self) {
        let line = self.open.split_whitespace().collect::<Vec<_>>().join(" ");
        self.open.clear();
        if !line.is_empty() {
            self.lines
                .push(format!("{}{line}", "  ".repeat(self.depth)));
        }
    }

    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Everything in one line, without the marks of the links.
    fn words(&self) -> String {
        let words: Vec<&str> = self.lines.iter().map(|line| line.trim_start()).collect();
        words.join(" ").replace(['⟨', '⟩'], "")
    }

    /// Links and pictures that are announced without a name.
    fn mute(&self) -> Vec<&str> {
        let lines = self.lines.iter().map(String::as_str);
        lines
            .filter(|line| line.contains("⟨⟩") || line.contains("[picture: ]"))
            .collect()
    }

    /// One heading of the first level, and no level skipped on the way down.
    fn headings_are_nested(&self) -> bool {
        let first = self.levels.iter().filter(|level| **level == 1).count();
        first == 1 && self.levels.windows(2).all(|pair| pair[1] <= pair[0] + 1)
    }
}
