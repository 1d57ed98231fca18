//! axe-core, put into the page: what it finds by the rules of WCAG 2.2, levels A and AA.

use crate::support::browser::Page;
use crate::support::{self, repository};

/// The source of axe-core.
pub struct Axe(String);

impl Axe {
    /// `None` where npm has not brought it; the test says so.
    pub fn new(test: &str) -> Option<Self> {
        let path = repository().join("target/npm/node_modules/axe-core/axe.min.js");
        let read = std::fs::read_to_string(path).ok();
        if read.is_none() {
            let how = "`npm install --prefix target/npm axe-core@4` brings axe-core";
            support::skip(test, how);
        }
        read.map(Self)
    }

    /// What is wrong with the page; rules for whole pages (landmarks) do not concern a letter.
    pub fn faults(&self, page: &mut Page) -> Vec<String> {
        let tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']";
        self.run(page, &format!("{{ type: 'tag', values: {tags} }}"))
    }

    /// What is wrong with its colours: all that another light can change.
    pub fn faults_of_colour(&self, page: &mut Page) -> Vec<String> {
        self.run(page, "{ type: 'rule', values: ['color-contrast'] }")
    }

    /// What is wrong with a whole page of ours: landmarks and headings too. Frames are pages of their own.
    pub fn faults_of_page(&self, page: &mut Page) -> Vec<String> {
        let tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
        self.run(page, &format!("{{ type: 'tag', values: {tags} }}"))
    }

    fn run(&self, page: &mut Page, rules: &str) -> Vec<String> {
        if page.evaluate("typeof axe") == "undefined" {
            page.evaluate(&format!("{};0", self.0));
        }
        let found = page.evaluate(&format!(
            "axe.run(document, {{ iframes: false, runOnly: {rules}, resultTypes: ['violations'] }}).then(result =>
                result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))"
        ));
        let found: Vec<String> = serde_json::from_value(found).expect("findings");
        found.iter().map(|fault| format!("axe: {fault}")).collect()
    }
}
