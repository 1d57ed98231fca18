//! The end of a bare URL in running text.
//!
//! In GFM only a space ends it. Chinese, Japanese, Korean, Thai and others write no space after a URL, so a change of
//! script ends it too. A URL may nevertheless contain other scripts (RFC 3987): in a label of its host, and after a
//! delimiter in its path.

/// The length of a URL after its `://`, with the punctuation that follows it; `before` is the text before the URL.
pub(super) fn length(rest: &str, before: &str) -> usize {
    let end = rest.find(|c| !is_url_char(c)).unwrap_or(rest.len());
    let url = &rest[..end];
    if url.is_ascii() {
        return end;
    }
    let slash = url.find(['/', '?', '#', '\\']).unwrap_or(end);
    let host = host_length(&url[..slash]);
    if host < slash {
        return host;
    }
    let is_set_off = !before.ends_with(|c: char| c.is_alphanumeric() || is_unspaced(c));
    slash + path_length(&url[slash..], is_set_off)
}

/// The length of the host name at the beginning of `host`. A label that starts in Latin ends before another script,
/// except the first label, where this may be intended: `tokyo観光.example`.
pub(super) fn host_length(host: &str) -> usize {
    let first = host.find('.').filter(|dot| {
        let after = &host[dot + 1..];
        after.starts_with(|c: char| c.is_ascii_alphanumeric())
    });
    let mut before = None;
    for (at, c) in host.char_indices() {
        let is_cut = before.is_some_and(|c: char| c.is_ascii_alphanumeric()) && is_other_script(c);
        if is_cut && first.is_none_or(|dot| at > dot) {
            return at;
        }
        before = Some(c);
    }
    host.len()
}

/// The length of the path at the beginning of `path`. Other scripts belong to it after a delimiter; scripts without
/// spaces only if the URL is separated from the text before it and they do not start with a particle.
fn path_length(path: &str, is_set_off: bool) -> usize {
    let mut is_word_of_it = false;
    for (at, c) in path.char_indices() {
        if !is_other_script(c) {
            is_word_of_it &= is_latin(c);
        } else if !is_word_of_it {
            let before = &path[..at];
            let is_part = !is_unspaced(c) || is_set_off && !begins_with_particle(&path[at..]);
            if !is_part || !ends_with_delimiter(before) {
                return before.strip_suffix('(').unwrap_or(before).len();
            }
            is_word_of_it = true;
        }
    }
    path.len()
}

/// Whether a word of the path may start after `before`: not after a letter or sentence punctuation.
fn ends_with_delimiter(before: &str) -> bool {
    match before.strip_suffix('(') {
        Some(before) => before.ends_with(['/', '_']),
        None => before.ends_with(['/', '?', '#', '=', '&', '_', '-', '+', '~', '%', ':', '@']),
    }
}

/// Whether the text after the bare URL `url` may have been intended as a part of it.
pub(super) fn is_doubtful(url: &str, after: &str) -> bool {
    let Some(next) = after.chars().next().filter(|c| is_other_script(*c)) else {
        return false;
    };
    let path = url.split_once("://").and_then(|(_, rest)| {
        let slash = rest.find(['/', '?', '#'])?;
        Some(&rest[slash..])
    });
    let ends_open = |path: &str| path.len() > 1 && ends_with_delimiter(path);
    !is_unspaced(next) || path.is_some_and(ends_open)
}

/// Particles of Korean, which are whole words before a space or punctuation.
const KOREAN_PARTICLES: [&str; 16] = [
    "을", "를", "은", "는", "이", "가", "에", "의", "와", "과", "도", "로", "에서", "으로", "까지",
    "부터",
];
/// Particles of Japanese, which is written without spaces.
const JAPANESE_PARTICLES: [char; 9] = ['を', 'が', 'は', 'に', 'で', 'の', 'と', 'へ', 'も'];

/// Whether `text` starts with a Japanese or Korean particle, which follows a word and starts none.
fn begins_with_particle(text: &str) -> bool {
    let is_hangul = |c: char| matches!(c, '\u{AC00}'..='\u{D7A3}');
    let word = text.find(|c| !is_hangul(c)).unwrap_or(text.len());
    text.starts_with(JAPANESE_PARTICLES) || KOREAN_PARTICLES.contains(&&text[..word])
}

/// Whether the letter at the end of `before` joins a URL or address after it to a word: a Latin letter does.
pub(super) fn joins(before: &str) -> bool {
    before.ends_with(is_latin)
}

/// Whether `c` is a letter or digit of the Latin script.
fn is_latin(c: char) -> bool {
    let is_block = matches!(c,
        '\u{0}'..='\u{36F}'
        | '\u{1E00}'..='\u{1EFF}'
        | '\u{2C60}'..='\u{2C7F}'
        | '\u{A720}'..='\u{A7FF}'
        | '\u{AB30}'..='\u{AB6F}');
    is_block && c.is_alphanumeric()
}

fn is_other_script(c: char) -> bool {
    !c.is_ascii() && !is_latin(c) && (c.is_alphanumeric() || is_unspaced(c))
}

/// Whether `c` is a letter or vowel sign of a script without spaces between words, or without a space after a foreign
/// word: Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese, Korean, full-width forms.
pub(super) fn is_unspaced(c: char) -> bool {
    let is_block = matches!(c,
        '\u{0E00}'..='\u{109F}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{1780}'..='\u{17D3}'
        | '\u{2E80}'..='\u{2FDF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{9FFF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{A9E0}'..='\u{A9FF}'
        | '\u{AA60}'..='\u{AA7F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF10}'..='\u{FFDC}'
        | '\u{20000}'..='\u{3FFFF}');
    let is_vowel_sign = matches!(c, '\u{0E30}'..='\u{0E4E}' | '\u{0EB0}'..='\u{0ECE}' | '\u{102B}'..='\u{103E}')
        || matches!(c, '\u{17B4}'..='\u{17D3}' | '\u{0F18}'..='\u{0F84}');
    is_block && (c.is_alphanumeric() || is_vowel_sign)
}

/// Whether a bare URL may contain `c`. Non-ASCII characters must be letters or signs inside words: quotation marks,
/// full stops and dashes of all scripts end the URL.
fn is_url_char(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_whitespace() && !matches!(c, '<' | '>' | '"' | '\u{B}');
    }
    c.is_alphanumeric()
        || is_unspaced(c)
        || crate::util::escape::is_private(c)
        || matches!(
            c,
            '’' | '·' | '–' | '\u{200C}' | '\u{200D}' | '\u{300}'..='\u{36F}'
        )
        || matches!(c, '\u{900}'..='\u{DFF}' if !matches!(c, '\u{964}' | '\u{965}'))
}
