//! The elements and classes of a document, for leaving out the rules that meet none of them.

use std::collections::HashSet;

/// The elements and classes that a document has.
pub(super) struct Names<'a> {
    elements: HashSet<&'a str>,
    classes: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(document: &'a str) -> Self {
        let classes = document.split(" class=\"").skip(1);
        let classes = classes.filter_map(|rest| rest.split('"').next());
        Self {
            elements: document.split('<').skip(1).map(name_at_head).collect(),
            classes: classes.flat_map(str::split_whitespace).collect(),
        }
    }

    /// The rules between the braces of a media rule, without the selectors that meet nothing here. A rule
    /// that holds further braces is left alone.
    pub(super) fn rules_met(&self, rules: &str) -> String {
        let mut out = String::new();
        for rule in rules.split_inclusive('}') {
            let Some((selectors, block)) = rule.split_once('{') else {
                out.push_str(rule);
                continue;
            };
            let selectors = selectors.split(',').map(str::trim);
            let met: Vec<&str> = selectors.filter(|one| self.meets(one)).collect();
            if !met.is_empty() {
                out.push_str(&format!("{}{{{block}", met.join(",")));
            }
        }
        out
    }

    /// Whether every class and every element that a selector names is there; what is neither counts as met.
    fn meets(&self, selector: &str) -> bool {
        let compounds = selector.split(|c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~'));
        compounds.filter(|one| !one.is_empty()).all(|compound| {
            let plain = compound.split(['[', ':', '#']).next().unwrap_or_default();
            let mut names = plain.split('.');
            let element = names.next().unwrap_or_default().to_ascii_lowercase();
            let is_any = element.is_empty() || element == "*";
            let has_element = is_any || self.elements.contains(element.as_str());
            has_element && names.all(|class| self.classes.contains(class))
        })
    }
}

/// The name at the head of `text`, of an element or a class.
pub(super) fn name_at_head(text: &str) -> &str {
    &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())]
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_that_meets_nothing_goes() {
        let document = "<div class=\"a big\"><h2>x</h2></div>";
        let rules = ".a, .b { color: #112233 } h2, h1 { margin: 0 } .b h2 { margin: 0 } .a h2:hover, * { margin: 0 }";
        let met = ".a{ color: #112233 }h2{ margin: 0 }.a h2:hover,*{ margin: 0 }";
        assert_eq!(Names::of(document).rules_met(rules), met);
    }
}
