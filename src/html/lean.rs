//! What does no work in a finished document is left out: Gmail cuts a letter by the bytes of its source
//! (about 102 KB; hteumeuleu/email-bugs issue 41), and a rule about nothing can only be misread.

use std::collections::HashSet;

/// A class that no rule of the head speaks of has done its work.
pub(super) fn without_idle_classes(document: &str, head: &str) -> String {
    let spoken_of: HashSet<&str> = head.split('.').skip(1).map(name_at_head).collect();
    each_attribute(document, "class", |classes| {
        let used = classes
            .split_whitespace()
            .filter(|class| spoken_of.contains(class));
        used.collect::<Vec<_>>().join(" ")
    })
}

fn name_at_head(text: &str) -> &str {
    &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())]
}

/// Each style attribute with its margin said once, and no space where none is needed.
pub(super) fn with_short_styles(document: &str) -> String {
    each_attribute(document, "style", |style| {
        one_margin(style).replace(", ", ",")
    })
}

/// `margin:0 0 14px;margin-top:32px` as `margin:32px 0 14px`.
fn one_margin(style: &str) -> String {
    let is_margin = |declaration: &&str| declaration.starts_with("margin:");
    let declarations: Vec<&str> = style.split(';').collect();
    let margin = declarations.iter().find(|one| is_margin(one));
    let top = match declarations.last().map(|last| last.split_once(':')) {
        Some(Some(("margin-top", top))) => top,
        _ => return style.to_owned(),
    };
    let Some((_, sides)) = margin.and_then(|margin| margin.split_once(':')) else {
        return style.to_owned();
    };
    let sides: Vec<&str> = sides.split_whitespace().collect();
    let whole = match sides[..] {
        [all] => format!("margin:{top} {all} {all}"),
        [vertical, horizontal] => format!("margin:{top} {horizontal} {vertical}"),
        [_, ref rest @ ..] => format!("margin:{top} {}", rest.join(" ")),
        [] => return style.to_owned(),
    };
    let others = declarations[..declarations.len() - 1].iter();
    let others = others.map(|one| if is_margin(one) { whole.as_str() } else { one });
    others.collect::<Vec<_>>().join(";")
}

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

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// The document with each value of the attribute `name` changed; an empty one goes.
///
/// Only tags are looked into: an editor who writes about HTML has ` class="…"` in the text, where the
/// serialiser leaves quotes as they are. A `<` in the text is none: it is written `&lt;`.
fn each_attribute(document: &str, name: &str, change: impl Fn(&str) -> String) -> String {
    let begin = format!(" {name}=\"");
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = rest.find('<') {
        let (text, from_tag) = rest.split_at(at);
        let (tag, behind) = from_tag.split_at(tag_length(from_tag));
        out.push_str(text);
        in_tag(tag, &begin, &change, &mut out);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The length of the tag or comment at the head of `text`: a `>` in a value does not end it.
fn tag_length(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut is_quoted = false;
    let end = text.bytes().position(|byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    end.map_or(text.len(), |at| at + 1)
}

fn in_tag(tag: &str, begin: &str, change: &impl Fn(&str) -> String, out: &mut String) {
    let value = tag
        .split_once(begin)
        .filter(|_| !tag.starts_with("<!--"))
        .and_then(|(before, rest)| Some((before, rest.split_once('"')?)));
    let Some((before, (value, behind))) = value else {
        out.push_str(tag);
        return;
    };
    out.push_str(before);
    let value = change(value);
    if !value.is_empty() {
        out.push_str(&format!("{begin}{value}\""));
    }
    out.push_str(behind);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_said_once() {
        for (style, short) in [
            (
                "margin:0 0 14px;color:#112233;margin-top:32px",
                "margin:32px 0 14px;color:#112233",
            ),
            ("margin:0;margin-top:2px", "margin:2px 0 0"),
            ("margin:1px 2px;margin-top:0", "margin:0 2px 1px"),
            (
                "margin:1px 2px 3px 4px;margin-top:9px",
                "margin:9px 2px 3px 4px",
            ),
            (
                "color:#112233;margin-top:2px",
                "color:#112233;margin-top:2px",
            ),
            ("margin:0 auto", "margin:0 auto"),
        ] {
            assert_eq!(one_margin(style), short);
        }
    }

    #[test]
    fn words_that_look_like_an_attribute_stay() {
        let document =
            "<p class=\"idle\" title=\"a > b\">say class=\"idle\" or &lt;p class=\"x\"&gt;</p>";
        assert_eq!(
            without_idle_classes(document, ".other{}"),
            "<p title=\"a > b\">say class=\"idle\" or &lt;p class=\"x\"&gt;</p>"
        );
    }

    #[test]
    fn a_selector_that_meets_nothing_goes() {
        let document = "<div class=\"a big\"><h2>x</h2></div>";
        let rules = ".a, .b { color: #112233 } h2, h1 { margin: 0 } .b h2 { margin: 0 } .a h2:hover, * { margin: 0 }";
        let met = ".a{ color: #112233 }h2{ margin: 0 }.a h2:hover,*{ margin: 0 }";
        assert_eq!(Names::of(document).rules_met(rules), met);
    }
}
