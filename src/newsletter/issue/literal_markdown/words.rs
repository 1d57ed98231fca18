//! Single words: entities, emoji codes, attributes, tags, host names without a scheme.

use super::characters::{ascii, is_word};
use super::{LiteralMark, mistyped_url};
use crate::newsletter::issue::entity;

const HOST: &str = "write `<https://…>`: not every mail client turns it into a link";

/// Entities, emoji codes, attributes and tags of other dialects.
pub(super) fn of(text: &str) -> Vec<LiteralMark> {
    let mut found = Vec::new();
    let is_sign = |byte| (byte == b'&') | (byte == b':') | (byte == b'{') | (byte == b'<');
    for (at, c) in ascii(text, is_sign) {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 1..];
        let reach = rest.char_indices().nth(40).map_or(rest.len(), |(at, _)| at);
        let rest = &rest[..reach];
        let mark = sign(c, before, rest);
        found.extend(
            mark.map(|(length, what, hint)| LiteralMark::new(at..at + 1 + length, what, hint)),
        );
    }
    found
}

/// The length, description and hint of the syntax that the sign `c` opens; `rest` is the text after it.
fn sign(c: char, before: Option<char>, rest: &str) -> Option<(usize, &'static str, &'static str)> {
    match c {
        '&' => entity::unread(before, rest).map(|found| (found.length, found.what, found.hint)),
        ':' if !is_word(before) && before != Some(':') => {
            let length = between(rest, ':', is_emoji)?;
            let is_code = !rest[length..].starts_with(':');
            is_code.then_some((length, "an emoji code", "write the emoji itself"))
        }
        '{' if before != Some('{') => {
            let hint = "remove them: the template determines how text looks";
            Some((between(rest, '}', are_attributes)?, "attributes", hint))
        }
        '<' => {
            let what = "neither a link nor an address";
            let hint = "write `<https://…>`, or `\\<` for a literal `<`";
            Some((between(rest, '>', is_tag)?, what, hint))
        }
        _ => None,
    }
}

fn are_attributes(inside: &str) -> bool {
    inside.starts_with(['#', '.', ':']) && inside.len() > 1
}

fn is_tag(inside: &str) -> bool {
    let is_other = |c: char| c.is_whitespace() || matches!(c, '<' | '=' | '%');
    !inside.is_empty() && !inside.contains(is_other)
}

/// Host names without a scheme, or with a mistyped `www.`.
pub(super) fn hosts(text: &str) -> Vec<LiteralMark> {
    let bytes = text.as_bytes();
    let is_double = |at: &usize| {
        let next = bytes.get(at + 1);
        next.is_some_and(|byte| byte.eq_ignore_ascii_case(&b'w'))
    };
    let stands_alone = |at: &usize| {
        let before = text[..*at].chars().next_back();
        !is_word(before) && !matches!(before, Some('.' | '/' | '@' | '-' | '<'))
    };
    memchr::memchr2_iter(b'w', b'W', bytes)
        .filter(is_double)
        .filter(stands_alone)
        .filter_map(|at| {
            let whole = host(&text[at..]).map(|n| (n, "a host name without `https://`"));
            let mistyped = || mistyped_url::host(&text[at..]).map(|n| (n, mistyped_url::WHAT));
            let (length, what) = whole.or_else(mistyped)?;
            Some(LiteralMark::new(at..at + length, what, HOST))
        })
        .collect()
}

/// The length up to and including `close`, if `is_right` accepts the text before it.
fn between(rest: &str, close: char, is_right: impl Fn(&str) -> bool) -> Option<usize> {
    let end = rest.find(close)?;
    is_right(&rest[..end]).then(|| end + close.len_utf8())
}

fn is_emoji(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    name.len() > 1 && letters && name.bytes().any(|b| b.is_ascii_lowercase())
}

/// The length of the host name at the beginning of `text` that starts with `www.`.
fn host(text: &str) -> Option<usize> {
    let reach = text
        .char_indices()
        .nth(100)
        .map_or(text.len(), |(at, _)| at);
    let text = &text[..reach];
    let rest = text
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case("www."))
        .map(|_| &text[4..])?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-'))
        .unwrap_or(rest.len());
    let host = rest[..end].trim_end_matches(['.', '-']);
    host.contains('.').then(|| 4 + host.len())
}
