//! What does no work in a finished document is left out: Gmail cuts a letter by the bytes of its source
//! (about 102 KB; hteumeuleu/email-bugs issue 41), and a rule about nothing can only be misread.

use std::borrow::Cow;

use super::styles::Styles;

/// The document with its styles in place of their numbers, with short spaces, and without the classes that no
/// rule of the head names: they have done their work.
///
/// Attributes are looked for in tags only: an editor who writes about HTML has ` class="…"` in the text,
/// where the serialiser leaves quotes as they are. A `<` in the text is none: it is written `&lt;`.
pub(super) fn minify(document: &str, kept: &Classes<'_>, styles: &mut Styles<'_>) -> String {
    let mut out = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, from_tag) = rest.split_at(at);
        let (tag, behind) = from_tag.split_at(tag_length(from_tag));
        out.push_str(&short_spaces(text));
        push_tag(tag, kept, styles, &mut out);
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

fn push_tag(tag: &str, kept: &Classes<'_>, styles: &mut Styles<'_>, out: &mut String) {
    let mut rest = tag;
    while let Some((before, name, value, behind)) = next_attribute(rest) {
        let lean = match name {
            "class" => kept.of(value),
            "style" => Cow::Borrowed(styles.of(value)),
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

/// The classes that stay in the document.
#[derive(Debug)]
pub(super) enum Classes<'a> {
    /// All of them, because a rule asks for the attribute's text.
    All,
    /// Those of the list.
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

/// A no-break space is two bytes as a character, and six as the entity that the serialiser writes.
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
