//! Escaping: one function for each destination of a value.
//!
//! Values are data: a subscriber's name, a server's reply, a title. None of them may start a tag, add a header field or
//! control a terminal.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write;

use crate::util::characters;

/// Escapes for HTML text and attribute values in double quotes.
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

/// Percent-encodes a URL component: everything except RFC 3986's unreserved characters.
pub fn url_component(value: &str, out: &mut String) {
    for byte in value.bytes() {
        match is_unreserved(byte) {
            true => out.push(char::from(byte)),
            false => write!(out, "%{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
}

/// The unreserved characters of RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Like [`url_component`], for one segment of a path.
pub fn url_segment(value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    url_component(value, &mut segment);
    segment
}

/// A single-line value for running text in any part.
///
/// Line breaks and other control characters become spaces, so that a header field stays one field (RFC 5322 section
/// 2.2) and a name stays in its sentence. Invisible characters are removed, and direction controls, which would reverse
/// the following text.
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

/// Untrusted text for a terminal: control characters are shown as escapes.
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

/// Makes printed text safe: only line breaks and tabs remain of all control characters. C1 is included, because U+009B
/// starts a control sequence as ESC does.
///
/// Control characters are replaced with JSON escapes, so that a JSON report stays valid.
pub fn printed(text: &str) -> Cow<'_, str> {
    shown(text, |_| 0)
}

/// Like [`printed`], for text that the program has coloured. Untrusted values in it must have been escaped with
/// [`terminal`].
pub fn coloured(text: &str) -> Cow<'_, str> {
    shown(text, colour)
}

/// `text` with JSON escapes instead of control characters, except for the number of bytes that `kept` returns for one.
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
        // A carriage return not at the end of a line would overwrite the line.
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

/// The length of the colour sequence (`ESC [ 1;31 m`) at the beginning of `text`; 0 without one.
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

/// A file name; each byte that is not UTF-8 is shown as `\xE9`.
pub fn file_name(name: &OsStr) -> String {
    let mut out = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            write!(out, "\\x{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    out
}

/// A word for a shell: quoted if it has characters other than letters, digits and `-_./`.
pub fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Whether a shell reads `word` as itself, and a command does not read it as an option.
pub fn is_plain(word: &str) -> bool {
    !word.starts_with('-') && shell(word) == word
}

/// Whether `c` is one of the private characters that mark placeholders in an edition.
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
