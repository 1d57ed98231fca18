//! Removes what has no effect in the finished document. Gmail clips a message by the bytes of its source (about 102 KB;
//! hteumeuleu/email-bugs issue 41).

use std::borrow::Cow;

use super::styles::Styles;

/// The document with style attributes in place of selector numbers, with short spaces, and without the classes that no
/// rule of the head names.
///
/// Only tags are searched for attributes, because a text about HTML may contain ` class="…"`. A `<` always starts a tag:
/// in text it is written `&lt;`.
pub(super) fn minify(document: &str, kept: &Classes<'_>, styles: &mut Styles<'_>) -> String {
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, from_tag) = rest.split_at(at);
        let (tag, after) = from_tag.split_at(tag_length(from_tag));
        out.push_str(&short_spaces(text));
        push_tag(tag, kept, styles, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The length of the tag or comment at the start of `text`. A `>` in quotes does not end it.
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

fn push_tag(tag: &str, kept: &Classes<'_>, styles: &mut Styles<'_>, out: &mut String) {
    let mut rest = tag;
    while let Some((before, name, value, after)) = next_attribute(rest) {
        let short = match name {
            "class" => kept.of(value),
            "style" => Cow::Borrowed(styles.of(value)),
            _ => Cow::Borrowed(value),
        };
        out.push_str(before);
        if !short.is_empty() || value.is_empty() {
            out.extend([" ", name, "=\"", &short, "\""]);
        }
        rest = after;
    }
    out.push_str(rest);
}

/// The text before the next attribute, its name, its value, and the text after it. Attributes in the conditional
/// comments for Word are not changed.
fn next_attribute(tag: &str) -> Option<(&str, &str, &str, &str)> {
    if tag.starts_with("<!--") {
        return None;
    }
    let quote = tag.find('"')?;
    let (before, name) = tag[..quote].strip_suffix('=')?.rsplit_once(' ')?;
    let (value, after) = tag[quote + 1..].split_once('"')?;
    Some((before, name, value, after))
}

/// The classes that are kept in the document.
#[derive(Debug)]
pub(super) enum Classes<'a> {
    /// All, because a rule matches the text of the attribute.
    All,
    /// Only these.
    These(Vec<&'a str>),
}

impl Classes<'_> {
    fn of<'c>(&self, classes: &'c str) -> Cow<'c, str> {
        let Self::These(these) = self else {
            return Cow::Borrowed(classes);
        };
        let is_kept = |class: &&str| these.contains(class);
        if classes.split(' ').all(|class| is_kept(&class)) {
            return Cow::Borrowed(classes);
        }
        let kept = classes.split(' ').filter(is_kept);
        Cow::Owned(kept.collect::<Vec<_>>().join(" "))
    }
}

/// Replaces `&nbsp;` (six bytes) with the character (two bytes).
fn short_spaces(text: &str) -> Cow<'_, str> {
    match text.contains("&nbsp;") {
        true => Cow::Owned(text.replace("&nbsp;", "\u{A0}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::newsletter::template::StyleSheet;

    #[test]
    fn words_that_look_like_an_attribute_stay() {
        let document =
            "<p class=\"idle\" title=\"a > b\">say class=\"idle\" or &lt;p class=\"x\"&gt;</p>";
        assert_eq!(
            minify(
                document,
                &Classes::These(vec!["other"]),
                &mut Styles::new(&StyleSheet::default())
            ),
            "<p title=\"a > b\">say class=\"idle\" or &lt;p class=\"x\"&gt;</p>"
        );
    }
}
