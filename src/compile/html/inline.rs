//! Moves a template's rules to where mail clients support them.
//!
//! Plain rules become style attributes, because several webmail clients drop all style blocks. Media rules stay in
//! style blocks. They are added after inlining, because css-inline moves `:root` and drops rules that match no element,
//! such as `[data-ogsc]`, an attribute that Outlook.com sets later.
//!
//! css-inline only finds the elements that match each selector. It would keep one value per property, at the position
//! of the first, which loses fallbacks and moves a shorthand before the longhand that it overrides. So its input has
//! the number of each selector in place of the declarations, and [`super::styles`] writes the attributes.

use css_inline::{CSSInliner, InlineOptions};

use super::minify::{Classes, minify};
use super::styles::{self, Styles};
use super::used_selectors::UsedSelectors;
use crate::newsletter::template::{AtRule, Declaration, Part, Selector, StyleRule, StyleSheet};

/// The approximate size of an element or text, for preallocation.
const OCTETS_A_NODE: usize = 32;

/// The document with the rules of `sheet` in it.
pub(super) fn inline(page: &str, sheet: &StyleSheet) -> String {
    let options = InlineOptions::default()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .minify_css(true)
        .preallocate_node_capacity(page.len() / OCTETS_A_NODE)
        .extra_css(Some(styles::numbered(sheet).into()));
    let inlined = CSSInliner::new(options)
        .inline(page)
        .expect("nothing is loaded, and rules that cannot be read are skipped");
    let head = Head::of(sheet, &inlined);
    let minified = minify(&inlined, &head.classes, &mut Styles::new(sheet));
    match minified.split_once("</head>") {
        Some((before, after)) => [before, &head.blocks, "</head>", after].concat(),
        None => minified,
    }
}

/// The style blocks of the head.
struct Head<'a> {
    blocks: String,
    /// The classes in its selectors.
    classes: Classes<'a>,
}

impl<'a> Head<'a> {
    /// One block for each at-rule, those for dark mode last. Gmail drops a whole block if it does not support one part of
    /// it, and Yahoo rewrites `prefers-color-scheme` into an invalid rule.
    fn of(sheet: &'a StyleSheet, document: &str) -> Self {
        let names = UsedSelectors::of(document);
        let rules = sheet.head_rules().map(|rule| (rule, met(rule, &names)));
        let rules = rules.filter(|(_, met)| !met.is_empty());
        let (dark, other): (Vec<_>, Vec<_>) = rules.partition(|(rule, _)| rule.is_dark());
        let mut blocks = vec![":root{color-scheme:light dark}".to_owned()];
        blocks.extend(
            other
                .iter()
                .chain(&dark)
                .map(|(rule, met)| block(rule, met)),
        );
        blocks.extend(dark.iter().map(|(_, met)| outlook_dark(met)));
        let all = other.iter().chain(&dark).flat_map(|(_, met)| met);
        let selectors: Vec<&Selector> = all.flat_map(|rule| rule.selectors.clone()).collect();
        Self {
            blocks: blocks
                .iter()
                .map(|block| format!("<style>{}</style>", block.trim_end()))
                .collect(),
            classes: named(&selectors),
        }
    }
}

fn named<'a>(selectors: &[&'a Selector]) -> Classes<'a> {
    if selectors.iter().any(|one| reads_class_attribute(one)) {
        return Classes::All;
    }
    let mut classes: Vec<&str> = selectors.iter().flat_map(|one| one.classes()).collect();
    classes.sort_unstable();
    classes.dedup();
    Classes::These(classes)
}

/// Whether a selector matches the text of the `class` attribute, such as `[class~="note"]`.
fn reads_class_attribute(selector: &Selector) -> bool {
    let is_class = |part: &Part| matches!(part, Part::Attribute(name) if name == "class");
    selector.parts.iter().any(is_class)
}

/// A rule, with only the selectors that can match an element of the document.
struct Met<'a> {
    selectors: Vec<&'a Selector>,
    declarations: &'a [Declaration],
}

/// The rules of an at-rule that can match an element. The steps of an animation are always kept.
fn met<'a>(around: &'a AtRule, names: &UsedSelectors<'_>) -> Vec<Met<'a>> {
    let met = around.rules.iter().map(|rule: &StyleRule| Met {
        selectors: rule
            .selectors
            .iter()
            .filter(|one| names.may_match(one))
            .collect(),
        declarations: &rule.declarations,
    });
    met.filter(|rule| !rule.selectors.is_empty()).collect()
}

fn block(around: &AtRule, met: &[Met<'_>]) -> String {
    let mut out = format!("@{} {}{{", around.name, around.prelude);
    for rule in met {
        let selectors = rule.selectors.iter().map(|one| one.text.as_str());
        let declarations: Vec<&Declaration> = rule.declarations.iter().collect();
        push_rule(&mut out, selectors, &declarations);
    }
    out.push('}');
    out
}

/// A copy of the dark mode rules for Outlook.com and its apps. They ignore the media rule, but set an attribute on an
/// ancestor of elements that they recolour: `data-ogsc` for text, `data-ogsb` for backgrounds.
fn outlook_dark(met: &[Met<'_>]) -> String {
    let mut out = String::new();
    for rule in met {
        let is_ground = |declaration: &&Declaration| declaration.name.starts_with("background");
        let (ground, text): (Vec<_>, Vec<_>) = rule.declarations.iter().partition(is_ground);
        for (attribute, declarations) in [("[data-ogsc]", text), ("[data-ogsb]", ground)] {
            let marked = rule.selectors.iter();
            let marked: Vec<String> = marked
                .map(|one| format!("{attribute} {}", one.text))
                .collect();
            if !declarations.is_empty() {
                push_rule(&mut out, marked.iter().map(String::as_str), &declarations);
            }
        }
    }
    out
}

/// Appends a rule on one line, without optional spaces.
fn push_rule<'a>(
    out: &mut String,
    selectors: impl Iterator<Item = &'a str>,
    declarations: &[&Declaration],
) {
    let selectors: Vec<&str> = selectors.collect();
    out.push_str(&selectors.join(","));
    out.push('{');
    for declaration in declarations {
        declaration.append(&declaration.value, out);
    }
    out.push_str("}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Findings, Source};

    #[test]
    fn plain_rules_are_inlined_and_media_rules_stand_in_the_head() {
        let css = "p { color: #112233; } .a { margin: 0 }\n@media (prefers-color-scheme: dark) { .b { color: #eeeeee !important } }";
        let mut findings = Findings::new();
        let source = Source::new("style.css", css);
        let sheet = StyleSheet::read(&source, &Default::default(), &mut findings);
        let page = "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>T</title></head>\
            <body><p class=\"a\">x</p><p class=\"b a\">\u{E000}1\u{E001}</p></body></html>";
        let document = inline(page, &sheet);
        assert!(findings.is_empty(), "{findings:?}");
        assert!(
            document.contains("<p style=\"color:#112233;margin:0\">x</p>"),
            "{document}"
        );
        assert!(document.contains("class=\"b\""), "{document}");
        assert!(document.contains("\u{E000}1\u{E001}"));
        assert!(
            document.contains("<style>[data-ogsc] .b{color:#eeeeee!important}"),
            "{document}"
        );
        let charset = document.find("charset").unwrap();
        assert!(charset < document.find("<style>").unwrap());
    }
}
