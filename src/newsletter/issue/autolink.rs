//! Autolinks: bare URLs and addresses in running text (GFM, "Autolinks (extension)").

use std::ops::Range;

use super::url_end;
use crate::subscriber::Address;

/// A bare URL or address, and the destination of its link.
#[derive(Debug, PartialEq)]
pub(super) struct Autolink {
    pub(super) at: Range<usize>,
    pub(super) url: String,
}

/// The bare URLs and addresses of a text, in its order.
pub(super) fn links(text: &str) -> Vec<Autolink> {
    let mut found: Vec<Autolink> = Vec::new();
    let signs = memchr::memchr2_iter(b':', b'@', text.as_bytes());
    for sign in signs {
        let done = found.last().map_or(0, |last| last.at.end);
        if sign < done {
            continue;
        }
        let bare = match text.as_bytes()[sign] {
            b':' => url(text, done, sign),
            _ => address(text, done, sign),
        };
        found.extend(bare);
    }
    found
}

/// The bare URLs of a text, each with the punctuation that follows it.
pub fn candidates(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut done = 0;
    memchr::memchr_iter(b':', text.as_bytes()).filter_map(move |colon| {
        let found = reach(text, done, colon).filter(|_| colon >= done)?;
        done = found.end;
        Some(found)
    })
}

/// The URL whose scheme ends at `colon`.
fn url(text: &str, done: usize, colon: usize) -> Option<Autolink> {
    let reach = reach(text, done, colon)?;
    let at = reach.start..reach.start + trimmed(&text[reach]).len();
    let url = text[at.clone()].to_owned();
    Some(Autolink { at, url })
}

/// The URL whose scheme ends at `colon`, with the punctuation that follows it.
fn reach(text: &str, done: usize, colon: usize) -> Option<Range<usize>> {
    let before = text.get(done..colon)?;
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        let at = before.len().checked_sub(scheme.len());
        at.and_then(|at| before.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    })?;
    let start = colon - scheme.len();
    let rest = text[colon..].strip_prefix("://")?;
    let is_inside_word = url_end::joins(&text[..start]);
    let end = url_end::length(rest, &text[..start]);
    let kept = trimmed(&rest[..end]);
    let is_host = kept.starts_with(|c: char| c.is_alphanumeric() || c == '[' || is_mark(c));
    (!is_inside_word && is_host).then(|| start..colon + "://".len() + end)
}

fn is_mark(c: char) -> bool {
    crate::util::escape::is_private(c)
}

/// A URL without the punctuation of its sentence. A closing bracket or emphasis mark belongs to it only if it was
/// opened in it.
pub(super) fn trimmed(url: &str) -> &str {
    let mut kept = url;
    for possessive in ["'s", "’s"] {
        kept = kept.strip_suffix(possessive).unwrap_or(kept);
    }
    let mut unopened = PAIRS.map(|(open, close)| {
        let closed = kept.matches(close).count();
        closed.saturating_sub(kept.matches(open).count())
    });
    while let Some(last) = kept.chars().next_back() {
        let pair = PAIRS.iter().position(|(_, close)| *close == last);
        let is_unopened = match (last, pair) {
            (_, Some(pair)) => unopened[pair] > 0,
            ('*' | '_' | '~', _) => !kept.trim_end_matches(last).contains(last),
            _ => false,
        };
        if !is_punctuation(last) && !is_unopened {
            break;
        }
        if let Some(pair) = pair {
            unopened[pair] -= 1;
        }
        kept = &kept[..kept.len() - last.len_utf8()];
    }
    kept
}

/// Whether `c` at the end of a URL belongs to the sentence.
fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '?' | '!' | '.' | ',' | ':' | ';' | '\'' | '’' | '–' | '|'
    )
}

/// Brackets that may occur in a URL.
const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];

/// The address around the `@` at `sign`.
fn address(text: &str, done: usize, sign: usize) -> Option<Autolink> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let before = &text[done..sign];
    let local = before.trim_end_matches(is_local).len();
    let start = done + local + before[local..].find(|c| c != '.').unwrap_or(0);
    let host = host_of(&text[sign + 1..]);
    let at = start..sign + 1 + host.len();
    // In GFM the scheme belongs to the link as well.
    let scheme = text[done..start].strip_suffix("mailto:");
    let first = scheme.map_or(start, |before| done + before.len());
    let is_part = text[..first].ends_with(['/', ':', '@'])
        || url_end::joins(&text[..first])
        || text[at.end..].starts_with('@');
    let is_address = !is_part && host.contains('.') && Address::parse(&text[at.clone()]).is_ok();
    is_address.then(|| {
        let url = format!("mailto:{}", &text[at.clone()]);
        Autolink {
            at: first..at.end,
            url,
        }
    })
}

/// The host name at the beginning of `text`.
fn host_of(text: &str) -> &str {
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let end = text.find(|c| !is_host(c)).unwrap_or(text.len());
    let host = &text[..url_end::host_length(&text[..end])];
    host.trim_end_matches(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        links(text).into_iter().map(|bare| bare.url).collect()
    }

    #[test]
    fn a_url_ends_before_the_punctuation_of_its_sentence() {
        let text =
            "See https://a.example/x_(y)?z=1&b=2. Or (http://b.example/), HTTPS://C.example!";
        let urls = [
            "https://a.example/x_(y)?z=1&b=2",
            "http://b.example/",
            "HTTPS://C.example",
        ];
        assert_eq!(found(text), urls);
        assert_eq!(
            found("https://a.example/_a_b_."),
            ["https://a.example/_a_b_"]
        );
        assert_eq!(found("https://a.example/a_b*."), ["https://a.example/a_b"]);
        for (text, url) in [
            ("ゆhttps://a.example/aを見て", "https://a.example/a"),
            ("https://a.example/を見て", "https://a.example/"),
            ("https://a.exampleを見て", "https://a.example"),
            ("https://a.example/a를 보세요", "https://a.example/a"),
            ("ดูhttps://a.example/aครับ", "https://a.example/a"),
            ("https://a.example/a。次", "https://a.example/a"),
            ("https://a.example/a！次", "https://a.example/a"),
            ("„https://a.example/a“", "https://a.example/a"),
            ("https://a.example/a\u{2014}b", "https://a.example/a"),
            ("https://a.example/a\u{60c} b", "https://a.example/a"),
            ("و https://a.example/القاهرة.", "https://a.example/القاهرة"),
            (
                "https://a.example/wiki/東京 へ",
                "https://a.example/wiki/東京",
            ),
            ("参照https://a.example/wiki/東京", "https://a.example/wiki/"),
            ("https://a.example/a(参考)", "https://a.example/a"),
            (
                "https://a.example/wiki/川_(曖昧)",
                "https://a.example/wiki/川_(曖昧)",
            ),
            ("https://a.example/a,다음", "https://a.example/a"),
            (
                "https://a.example/?x[a]=b[c]&y={d}.",
                "https://a.example/?x[a]=b[c]&y={d}",
            ),
            ("[{https://a.example/x}]", "https://a.example/x"),
            ("https://a.example’s pages", "https://a.example"),
            ("https://a.example/L’eau", "https://a.example/L’eau"),
            ("https://日本語.example/aを", "https://日本語.example/a"),
            ("https://tokyo観光.example/", "https://tokyo観光.example/"),
            (
                "https://a.example/K\u{f6}ln.",
                "https://a.example/K\u{f6}ln",
            ),
        ] {
            assert_eq!(found(text), [url], "{text}");
        }
    }

    #[test]
    fn an_address_is_a_link_and_a_part_of_something_else_is_not() {
        let text = "Write to desk@a.example. Not @a, a@b, user@host@c.example, xhttps://d.example or https://.";
        assert_eq!(found(text), ["mailto:desk@a.example"]);
        let text = "連絡先desk@a.exampleまで";
        assert_eq!(found(text), ["mailto:desk@a.example"]);
    }
}
