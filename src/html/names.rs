//! The elements and classes of a document, for leaving out the rules that meet none of them.

/// The elements and classes that a document has.
pub(super) struct Names<'a> {
    elements: Vec<&'a str>,
    classes: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(document: &'a str) -> Self {
        let class = memchr::memmem::Finder::new(" class=\"");
        let places = class.find_iter(document.as_bytes());
        let classes = places.map(|at| &document[at + class.needle().len()..]);
        let classes = classes.filter_map(|rest| rest.split('"').next());
        let tags = memchr::memchr_iter(b'<', document.as_bytes());
        Self {
            elements: different(tags.map(|at| name_at_head(&document[at + 1..]))),
            classes: different(classes.flat_map(|classes| classes.split(' '))),
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
            let has_element = is_any || self.elements.contains(&element.as_str());
            has_element && names.all(|class| self.classes.contains(&class))
        })
    }
}

/// Each once. There are a few dozen: looking through them is faster than hashing.
fn different<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut different = Vec::new();
    for name in names {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    different
}

/// The name at the head of `text`, of an element or a class.
pub(super) fn name_at_head(text: &str) -> &str {
    let end = text.bytes().position(|byte| !is_name(byte));
    &text[..end.unwrap_or(text.len())]
}

/// Whatever is beyond ASCII is a part of a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | 128..)
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
