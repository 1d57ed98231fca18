//! A template's rules moved to where mail clients keep them.
//!
//! Plain rules become style attributes, for several webmails drop every style block. Media rules cannot,
//! and are put into blocks of their own behind the inlining: css-inline moves `:root`, and drops rules
//! whose selectors match nothing, which is what `[data-ogsc]` does until Outlook.com sets it.

use css_inline::{CSSInliner, InlineOptions};

use super::lean::lean;
use super::names::Names;
use crate::template::Sheet;

/// About how much of a page is one element or one text.
const OCTETS_A_NODE: usize = 32;

/// The document with the rules of `sheet` in it.
pub(super) fn inline(page: &str, sheet: &Sheet) -> String {
    let options = InlineOptions::default()
        .inline_style_tags(false)
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .minify_css(true)
        .preallocate_node_capacity(page.len() / OCTETS_A_NODE)
        .extra_css(Some(sheet.plain.as_str().into()));
    let inlined = CSSInliner::new(options)
        .inline(page)
        .expect("nothing is loaded, and rules that cannot be read are skipped");
    let head = head_styles(sheet, &inlined);
    lean(&inlined, &head).replacen("</head>", &format!("{head}</head>"), 1)
}

/// One block a rule, a line for each selector's declarations, the dark ones last: Gmail drops a whole
/// block for a single thing it does not know, and Yahoo makes an invalid one of `prefers-color-scheme`.
fn head_styles(sheet: &Sheet, document: &str) -> String {
    let names = Names::of(document);
    let rules = sheet.media.iter().filter_map(|rule| met(rule, &names));
    let (dark, other): (Vec<String>, Vec<String>) =
        rules.partition(|rule| rule.contains("prefers-color-scheme"));
    let mut blocks = vec![":root{color-scheme:light dark}".to_owned()];
    blocks.extend(other.iter().map(|rule| squeezed(rule)));
    blocks.extend(dark.iter().map(|rule| squeezed(rule)));
    blocks.extend(dark.iter().map(|rule| outlook_dark(rule)));
    blocks
        .iter()
        .map(|block| block.replace('}', "}\n"))
        .map(|block| format!("<style>{}</style>", block.trim_end()))
        .collect()
}

/// A media rule with what meets something in the document; `None` where nothing does. A rule with another
/// at-rule in it is a finding of the check, and stays as it is.
fn met(rule: &str, names: &Names<'_>) -> Option<String> {
    let (condition, inside) = rule.split_once('{')?;
    let inside = inside.trim_end().strip_suffix('}')?;
    if inside.contains('@') {
        return Some(rule.to_owned());
    }
    let inside = names.rules_met(inside);
    (!inside.trim().is_empty()).then(|| format!("{condition}{{{inside}}}"))
}

/// The dark rules again for Outlook.com and its apps, which ignore the media rule and mark an ancestor of
/// what they recolour: `data-ogsc` where it is the text, `data-ogsb` where it is the ground.
fn outlook_dark(rule: &str) -> String {
    let inside = rule.split_once('{').map_or("", |(_, inside)| inside);
    let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
    let mut out = String::new();
    for rule in inside.split_terminator('}') {
        let Some((selectors, block)) = rule.split_once('{') else {
            continue;
        };
        let (ground, text): (Vec<&str>, Vec<&str>) = block
            .split(';')
            .filter(|declaration| !declaration.trim().is_empty())
            .partition(|declaration| declaration.trim().starts_with("background"));
        for (attribute, declarations) in [("[data-ogsc]", text), ("[data-ogsb]", ground)] {
            if !declarations.is_empty() {
                out.push_str(&marked(attribute, selectors, &declarations.join(";")));
            }
        }
    }
    out
}

/// A rule below an attribute.
fn marked(attribute: &str, selectors: &str, block: &str) -> String {
    let selectors: Vec<String> = selectors
        .split(',')
        .map(|selector| format!("{attribute} {}", selector.trim()))
        .collect();
    squeezed(&format!("{}{{{block}}}", selectors.join(",")))
}

/// A rule in one line, no space where none is needed.
fn squeezed(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    for word in css.split_whitespace() {
        let joins = out.ends_with(['{', '}', ';', ',', ':']) || word.starts_with(['{', '}']);
        if !out.is_empty() && !joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.replace(";}", "}").replace(" !important", "!important")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_rules_are_inlined_and_media_rules_stand_in_the_head() {
        let sheet = Sheet {
            plain: "p { color: #112233; } .a { margin: 0 }".to_owned(),
            media: vec![
                "@media (prefers-color-scheme: dark) { .b { color: #eeeeee !important } }"
                    .to_owned(),
            ],
        };
        let page = "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>T</title></head>\
            <body><p class=\"a\">x</p><p class=\"b a\">\u{E000}1\u{E001}</p></body></html>";
        let document = inline(page, &sheet);
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
