//! One function for each place that a value can go to.
//!
//! A value is data: a reader's name, a server's reply, a title. None of them may start a tag, add a
//! header field or move a terminal's cursor, whoever wrote it.

use std::borrow::Cow;
use std::fmt::Write;

use crate::util::characters;

/// For HTML text and for attribute values in double quotes.
pub fn html(value: &str, out: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// For a component of a URL: everything but RFC 3986's unreserved characters is percent-encoded.
pub fn url_component(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
}

/// As [`url_component`], for a segment of a path that is put together from several.
pub fn url_segment(value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    url_component(value, &mut segment);
    segment
}

/// A value as it may stand in running text of any part: one line, nothing but text.
///
/// Line breaks become spaces, so that a header field stays one field (RFC 5322 section 2.2) and a name
/// stays in its sentence; so do control characters. Invisible characters are removed, and direction controls,
/// which would turn round what follows.
pub fn line(value: &str) -> String {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return value.to_owned();
    }
    let spaced: String = value
        .chars()
        .filter(|c| !is_private(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    characters::cleaned(&spaced)
}

/// Text from outside for a terminal: control characters are shown, not obeyed.
pub fn terminal(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() || characters::is_direction_control(c) {
            write!(out, "\\u{{{:x}}}", u32::from(c)).expect("writing to a String cannot fail");
        } else {
            out.push(c);
        }
    }
    out
}

/// Anything that is printed, at the last moment: of all controls only line breaks and tabs remain. C1 counts, for
/// U+009B begins a sequence as ESC does.
///
/// What replaces a control is what JSON writes for it, so that a report in JSON stays one.
pub fn printed(text: &str) -> Cow<'_, str> {
    shown(text, |_| 0)
}

/// As [`printed`], for text that the program coloured itself. Values from outside must have gone through
/// [`terminal`] before they were put into it.
pub fn coloured(text: &str) -> Cow<'_, str> {
    shown(text, colour)
}

/// `text` with its controls as JSON writes them, but for as many bytes as `kept` counts at a control.
fn shown(text: &str, kept: impl Fn(&str) -> usize) -> Cow<'_, str> {
    let is_dangerous = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || characters::is_direction_control(c)
    };
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_dangerous) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // A carriage return that ends no line would let what follows overwrite it.
        let kept = if rest.starts_with("\r\n") {
            2
        } else {
            kept(rest)
        };
        out.push_str(&rest[..kept]);
        rest = &rest[kept..];
        if kept == 0 {
            let c = rest.chars().next().unwrap_or_default();
            write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a String cannot fail");
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the colour sequence (`ESC [ 1;31 m`) at the head of `text`; 0 without one.
fn colour(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let rest = parameters.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    match rest.starts_with('m') {
        true => text.len() - rest.len() + 1,
        false => 0,
    }
}

/// A word as a shell reads it: in quotes where it has more than letters, digits and `-_./`.
pub fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Whether `c` is one of the characters that mark slots inside an edition.
pub fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{E00F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_inside_its_place() {
        let mut out = String::new();
        html("<b a=\"'&", &mut out);
        assert_eq!(out, "&lt;b a=&quot;&#39;&amp;");

        let mut out = String::new();
        url_component("a b/ü?", &mut out);
        assert_eq!(out, "a%20b%2F%C3%BC%3F");

        assert_eq!(
            line("Eve\r\nBcc: all@x.example\u{202E}"),
            "Eve  Bcc: all@x.example"
        );
        assert_eq!(terminal("\u{1b}[2J"), "\\u{1b}[2J");

        let text = "\u{1b}[1;31merror\u{1b}[0m: one\ttwo\n";
        assert_eq!(coloured(text), text);
        assert_eq!(printed(text), "\\u001b[1;31merror\\u001b[0m: one\ttwo\n");
        assert_eq!(
            printed("\u{1b}[2J\u{9b}2J\u{202e}\u{7f}\u{7}é"),
            "\\u001b[2J\\u009b2J\\u202e\\u007f\\u0007é"
        );
    }
}
