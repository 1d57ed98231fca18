//! One function for each place that a value can go to.
//!
//! A value is data: a reader's name, a server's reply, a title. None of them may start a tag, add a
//! header field or move a terminal's cursor, whoever wrote it.

use std::fmt::Write;

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
            _ => write!(out, "%{byte:02X}").expect("a String takes every write"),
        }
    }
}

/// As [`url_component`], for a segment of a path that is put together from several.
pub fn url_segment(value: &str) -> String {
    let mut segment = String::with_capacity(value.len());
    url_component(value, &mut segment);
    segment
}

/// A value as it may stand in running text of any part: one line, no control characters.
///
/// Line breaks become spaces, so that a header field stays one field (RFC 5322 section 2.2) and a name
/// stays in its sentence. Bidirectional overrides go too: they would turn round what follows.
pub fn line(value: &str) -> String {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            _ if is_bidi_control(c) || is_private(c) => {}
            '\u{2028}' | '\u{2029}' => out.push(' '),
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// Text from outside for a terminal: control characters are shown, not obeyed.
pub fn terminal(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if (c.is_control() && c != '\n') || is_bidi_control(c) {
            write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes every write");
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether `c` embeds, overrides or isolates a direction (Unicode Standard Annex 9).
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
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
    }
}
