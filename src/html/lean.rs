//! What does no work in a finished document is left out: Gmail cuts a letter by the bytes of its source
//! (about 102 KB; hteumeuleu/email-bugs issue 41), and a rule about nothing can only be misread.

use std::borrow::Cow;
use std::collections::HashSet;

use super::names::name_at_head;

/// The document without the classes that no rule of `head` speaks of, for they have done their work, and
/// with short styles and spaces.
///
/// Attributes are looked for in tags only: an editor who writes about HTML has ` class="…"` in the text,
/// where the serialiser leaves quotes as they are. A `<` in the text is none: it is written `&lt;`.
pub(super) fn lean(document: &str, head: &str) -> String {
    let spoken_of: HashSet<&str> = head.split('.').skip(1).map(name_at_head).collect();
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, from_tag) = rest.split_at(at);
        let (tag, behind) = from_tag.split_at(tag_length(from_tag));
        out.push_str(&short_spaces(text));
        push_tag(tag, &spoken_of, &mut out);
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
    let bytes = text.as_bytes();
    let mut is_quoted = false;
    let end = memchr::memchr2_iter(b'"', b'>', bytes).find(|at| {
        is_quoted ^= bytes[*at] == b'"';
        bytes[*at] == b'>' && !is_quoted
    });
    end.map_or(text.len(), |at| at + 1)
}

fn push_tag(tag: &str, spoken_of: &HashSet<&str>, out: &mut String) {
    let mut rest = tag;
    while let Some((before, name, value, behind)) = next_attribute(rest) {
        let lean = match name {
            "class" => used_classes(value, spoken_of),
            "style" => short_style(value),
            _ => Cow::Borrowed(value),
        };
        out.push_str(before);
        if !lean.is_empty() || value.is_empty() {
            out.extend([" ", name, "=\"", &lean, "\""]);
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// What stands before the next attribute, its name, its value, and what stands behind it. The comments
/// that Word reads have none: what is in them was written for Word alone.
fn next_attribute(tag: &str) -> Option<(&str, &str, &str, &str)> {
    if tag.starts_with("<!--") {
        return None;
    }
    let quote = tag.find('"')?;
    let (before, name) = tag[..quote].strip_suffix('=')?.rsplit_once(' ')?;
    let (value, behind) = tag[quote + 1..].split_once('"')?;
    Some((before, name, value, behind))
}

fn used_classes<'a>(classes: &'a str, spoken_of: &HashSet<&str>) -> Cow<'a, str> {
    let is_used = |class: &&str| spoken_of.contains(class);
    if classes.split(' ').all(|class| is_used(&class)) {
        return Cow::Borrowed(classes);
    }
    let used = classes.split(' ').filter(is_used);
    Cow::Owned(used.collect::<Vec<_>>().join(" "))
}

/// The margin said once, and no space where none is needed.
fn short_style(style: &str) -> Cow<'_, str> {
    let style = one_margin(style);
    match style.contains(", ") {
        true => Cow::Owned(style.replace(", ", ",")),
        false => style,
    }
}

/// A no-break space is two bytes as a character, and six as the entity that the serialiser writes.
fn short_spaces(text: &str) -> Cow<'_, str> {
    match text.contains("&nbsp;") {
        true => Cow::Owned(text.replace("&nbsp;", "\u{A0}")),
        false => Cow::Borrowed(text),
    }
}

/// `margin:0 0 14px;margin-top:32px` as `margin:32px 0 14px`.
fn one_margin(style: &str) -> Cow<'_, str> {
    if !style.contains("margin-top:") {
        return Cow::Borrowed(style);
    }
    let is_margin = |declaration: &&str| declaration.starts_with("margin:");
    let declarations: Vec<&str> = style.split(';').collect();
    let margin = declarations.iter().find(|one| is_margin(one));
    let top = match declarations.last().map(|last| last.split_once(':')) {
        Some(Some(("margin-top", top))) => top,
        _ => return Cow::Borrowed(style),
    };
    let Some((_, sides)) = margin.and_then(|margin| margin.split_once(':')) else {
        return Cow::Borrowed(style);
    };
    let sides: Vec<&str> = sides.split_whitespace().collect();
    let whole = match sides[..] {
        [all] => format!("margin:{top} {all} {all}"),
        [vertical, horizontal] => format!("margin:{top} {horizontal} {vertical}"),
        [_, ref rest @ ..] => format!("margin:{top} {}", rest.join(" ")),
        [] => return Cow::Borrowed(style),
    };
    let others = declarations[..declarations.len() - 1].iter();
    let others = others.map(|one| if is_margin(one) { whole.as_str() } else { one });
    Cow::Owned(others.collect::<Vec<_>>().join(";"))
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
            lean(document, ".other{}"),
            "<p title=\"a > b\">say class=\"idle\" or &lt;p class=\"x\"&gt;</p>"
        );
    }
}
