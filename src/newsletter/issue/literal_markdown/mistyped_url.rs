//! URLs with a mistyped scheme, which no program turns into links: `htps://`, `http//`, `www,`.

use std::ops::Range;

use crate::util::escape;

/// The mistyped URLs of a text, each with a hint.
pub(super) fn urls(text: &str) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let signs = memchr::memchr2_iter(b':', b'/', text.as_bytes());
    signs.filter_map(|sign| match text.as_bytes()[sign] {
        b':' => colon(text, sign),
        _ => slashes(text, sign),
    })
}

/// The description of a mistyped URL in messages.
pub(super) const WHAT: &str = "a mistyped URL";

const SCHEME: &str = "write the whole URL, as in `https://heron.example/`";

/// A mistyped scheme before the colon at `colon`.
fn colon(text: &str, colon: usize) -> Option<(Range<usize>, &'static str)> {
    let scheme = letters_before(text, colon);
    let word = &text[scheme.start..scheme.end];
    let rest = &text[colon + 1..];
    let is_web = word.eq_ignore_ascii_case("http") || word.eq_ignore_ascii_case("https");
    let is_slip = if let Some(host) = rest.strip_prefix("//") {
        resembles(word) && !(is_web && begins_like_host(host))
    } else if rest.starts_with(['/', '\\']) {
        is_web && rest[1..].starts_with(char::is_alphanumeric)
    } else if word == "mailto" {
        return (!rest.starts_with(char::is_alphanumeric))
            .then_some((scheme.start..colon + 1, "write `<desk@heron.example>`"));
    } else {
        is_web && begins_with_host(rest)
    };
    is_slip.then(|| (scheme.start..end_of_word(text, colon), SCHEME))
}

/// A scheme without its colon before the slashes at `at`: `http//`, `https;//`.
fn slashes(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text[at..].strip_prefix("//")?;
    let before = &text[..at];
    let end = before
        .strip_suffix([';', ',', '.', '\u{FF1A}'])
        .unwrap_or(before)
        .len();
    let scheme = letters_before(text, end);
    let word = &text[scheme.clone()];
    let is_web = word.eq_ignore_ascii_case("http") || word.eq_ignore_ascii_case("https");
    let is_slip = is_web && rest.starts_with(char::is_alphanumeric);
    is_slip.then(|| (scheme.start..end_of_word(text, at), SCHEME))
}

/// The length of a mistyped host name at the beginning of `text`, which starts with a `w`: `www,`, `wwww.`, `ww.`.
pub(super) fn host(text: &str) -> Option<usize> {
    let count = text
        .bytes()
        .take_while(|byte| byte.eq_ignore_ascii_case(&b'w'))
        .count();
    let rest = &text[count..];
    let is_slip = match count {
        2 => rest.strip_prefix('.').is_some_and(begins_with_host),
        3 => rest
            .strip_prefix([',', ';', ':'])
            .is_some_and(begins_with_host),
        4 | 5 => rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(char::is_alphanumeric)),
        _ => false,
    };
    is_slip.then(|| end_of_word(text, count))
}

/// Whether `text` may start with a host: the text of a link may be a whole URL.
fn begins_like_host(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '[' || escape::is_private(c))
}

/// Whether the first word of `text` has a dot between letters.
fn begins_with_host(text: &str) -> bool {
    let word = &text[..end_of_word(text, 0)];
    let dot = word.find('.').unwrap_or(word.len());
    let is_label = |part: &str| part.starts_with(char::is_alphanumeric);
    is_label(word) && word.get(dot + 1..).is_some_and(is_label)
}

fn letters_before(text: &str, end: usize) -> Range<usize> {
    let letters = text[..end]
        .bytes()
        .rev()
        .take(12)
        .take_while(u8::is_ascii_alphabetic);
    end - letters.count()..end
}

/// Whether a word is `http` or `https` with a missing, additional or misplaced letter.
fn resembles(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let is_scrambled = word.len() > 2 && word.bytes().all(|byte| b"htps".contains(&byte));
    is_scrambled || word.ends_with("http") || word.ends_with("https")
}

/// The end of the word at `at`, without the punctuation of its sentence.
fn end_of_word(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let reach = rest.char_indices().nth(80).map_or(rest.len(), |(at, _)| at);
    let end = rest[..reach].find(char::is_whitespace).unwrap_or(reach);
    at + rest[..end]
        .trim_end_matches(['.', ',', ';', '!', '?', ')', ']'])
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_urls_are_found_and_other_words_are_not() {
        for text in [
            "htps://a.example",
            "htttp://a.example",
            "hppts://a.example",
            "ttps://a.example",
            "http//a.example",
            "https;//a.example",
            "https:/a.example",
            "https:a.example",
            "https://",
            "mailto:",
            "xhttps://a.example",
        ] {
            let found: Vec<&str> = urls(text).map(|(at, _)| &text[at]).collect();
            assert_eq!(found, [text], "{text}");
        }
        for text in [
            "http: a protocol",
            "and/or // so",
            "ftp://a.example",
            "10:30",
            "https",
            "a http:2 b",
            "tps:x",
        ] {
            assert_eq!(urls(text).count(), 0, "{text}");
        }
        for text in ["www,a.example", "wwww.a.example", "ww.a.example"] {
            assert_eq!(host(text), Some(text.len()), "{text}");
        }
        for text in [
            "www",
            "www, and a.example",
            "www: the web",
            "ww.",
            "wow.a.example",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
