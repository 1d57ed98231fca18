//! Characters that are not text: control characters, results of a wrong encoding, invisible characters.
//!
//! Characters with a purpose in some script are text there: joiners in Persian, Indic scripts and emoji, a zero-width
//! space in Thai or Khmer, direction marks, the soft hyphen, the tags of a regional flag.

/// The reason why a character is unwanted in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// A control character: C0 except tab and line breaks, DEL, or C1 (often Windows-1252 read as Latin-1).
    Control,
    /// U+FFFD, which replaces bytes that could not be decoded.
    Replacement,
    /// A code point that Unicode never assigns.
    NonCharacter,
    /// A control that embeds, overrides or isolates a direction (UAX 9).
    Direction,
    /// An invisible character.
    Invisible,
    /// A tag character, with which text can be hidden in other text.
    Tag,
}

impl Unwanted {
    /// Whether a text with it is damaged, so that removing the character does not repair it.
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Control | Self::Replacement | Self::NonCharacter)
    }

    /// The description in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "a control character",
            Self::Replacement => "the replacement character",
            Self::NonCharacter => "a noncharacter",
            Self::Direction => "a direction control",
            Self::Invisible => "an invisible character",
            Self::Tag => "a tag character",
        }
    }
}

/// The unwanted characters of `text`, with their offsets.
pub fn unwanted(text: &str) -> impl Iterator<Item = (usize, char, Unwanted)> {
    let mut at = 0;
    let mut is_flag = false;
    std::iter::from_fn(move || {
        loop {
            let start = at + next_doubtful(&text.as_bytes()[at..])?;
            is_flag &= start == at;
            let c = text[start..].chars().next()?;
            at = start + c.len_utf8();
            is_flag = c == '\u{1F3F4}' || (is_flag && is_tag(c));
            let why = classify(c).filter(|why| {
                let around = [text[..start].chars().next_back(), text[at..].chars().next()];
                !(is_joining(c, around) || (is_flag && *why == Unwanted::Tag))
            });
            if let Some(why) = why {
                return Some((start, c, why));
            }
        }
    })
}

/// The offset of the next character that is not printable ASCII.
fn next_doubtful(bytes: &[u8]) -> Option<usize> {
    next_byte(bytes, |byte| !is_plain(byte))
}

/// Whether `is_wanted` is true for a byte of `text`.
pub fn has_byte(text: &str, is_wanted: impl Fn(u8) -> bool + Copy) -> bool {
    next_byte(text.as_bytes(), is_wanted).is_some()
}

/// The offset of the first byte for which `is_wanted` is true. Each text of each issue is searched several times,
/// mostly in vain, so whole blocks are tested, which the compiler vectorises.
pub fn next_byte(bytes: &[u8], is_wanted: impl Fn(u8) -> bool + Copy) -> Option<usize> {
    if bytes.first().is_some_and(|byte| is_wanted(*byte)) {
        return Some(0);
    }
    let (blocks, _) = bytes.as_chunks();
    let passed = blocks.iter().take_while(|block| !is_in(block, is_wanted));
    let start = passed.count() * BLOCK;
    let at = bytes[start..].iter().position(|byte| is_wanted(*byte))?;
    Some(start + at)
}

/// The number of bytes in a block.
const BLOCK: usize = 16;

fn is_in(block: &[u8; BLOCK], is_wanted: impl Fn(u8) -> bool) -> bool {
    let mut any = 0;
    for byte in block {
        any |= u8::from(is_wanted(*byte));
    }
    any != 0
}

/// `text` without unwanted characters. A line separator becomes a space.
pub fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (found, c, _) in unwanted(text) {
        out.push_str(&text[at..found]);
        out.push_str(substitute(c));
        at = found + c.len_utf8();
    }
    out.push_str(&text[at..]);
    out
}

/// The substitute for an unwanted character: a line separator becomes a space, because it ends a word.
pub fn substitute(c: char) -> &'static str {
    if is_separator(c) { " " } else { "" }
}

/// `text` without white space and invisible characters at its ends.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || classify(c).is_some() || is_joiner(c))
}

/// Whether a byte is a character that is wanted everywhere.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) | (byte == b'\n') | (byte == b'\t') | (byte == b'\r')
}

/// The reason why `c` is unwanted, without regard to its neighbours.
fn classify(c: char) -> Option<Unwanted> {
    match c {
        _ if u8::try_from(c).is_ok_and(is_plain) => None,
        _ if c.is_control() => Some(Unwanted::Control),
        char::REPLACEMENT_CHARACTER => Some(Unwanted::Replacement),
        '\u{FDD0}'..='\u{FDEF}' => Some(Unwanted::NonCharacter),
        _ if u32::from(c) & 0xFFFE == 0xFFFE => Some(Unwanted::NonCharacter),
        _ if is_direction_control(c) => Some(Unwanted::Direction),
        _ if is_tag(c) => Some(Unwanted::Tag),
        _ if is_invisible(c) => Some(Unwanted::Invisible),
        _ => None,
    }
}

/// The characters of Windows-1252 at the code points of C1; a space if there is none.
const WINDOWS_1252: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// The Windows-1252 character of the C1 control `c`: Windows-1252 is often read as Latin-1.
pub fn in_windows_1252(c: char) -> Option<char> {
    let number = u32::from(c).checked_sub(0x80)?;
    let meant = WINDOWS_1252.chars().nth(usize::try_from(number).ok()?);
    meant.filter(|meant| *meant != ' ')
}

/// The name of the ASCII control character `c`; `None` for any other character.
pub fn control_name(c: char) -> Option<&'static str> {
    const NAMES: [&str; 32] = [
        "a null character",
        "a start of heading",
        "a start of text",
        "an end of text",
        "an end of transmission",
        "an enquiry",
        "an acknowledge",
        "a bell",
        "a backspace",
        "a tab",
        "a line feed",
        "a vertical tab",
        "a form feed",
        "a carriage return without a line feed",
        "a shift out",
        "a shift in",
        "a data link escape",
        "a device control one",
        "a device control two",
        "a device control three",
        "a device control four",
        "a negative acknowledge",
        "a synchronous idle",
        "an end of transmission block",
        "a cancel character",
        "an end of medium",
        "a substitute character",
        "an escape character",
        "a file separator",
        "a group separator",
        "a record separator",
        "a unit separator",
    ];
    if c == '\u{7F}' {
        return Some("a delete character");
    }
    NAMES.get(usize::try_from(u32::from(c)).ok()?).copied()
}

/// Whether `c` embeds, overrides or isolates a direction (UAX 9).
pub fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}')
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Zero-width spaces and joiners, the byte order mark, line separators, invisible operators, deprecated format
/// characters, interlinear annotations and the fillers of Hangul.
fn is_invisible(c: char) -> bool {
    is_joiner(c)
        || is_separator(c)
        || matches!(
            c,
            '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}'
                | '\u{180E}' | '\u{FFF9}'..='\u{FFFB}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
        )
}

/// Whether `c` has a purpose between its neighbours: joiners in scripts other than Latin, a zero-width space in scripts
/// without spaces between words, a Hangul filler between jamo.
fn is_joining(c: char, neighbours: [Option<char>; 2]) -> bool {
    let mut neighbours = neighbours.into_iter().flatten();
    match c {
        '\u{200C}' | '\u{200D}' => neighbours.any(is_joined_script),
        '\u{200B}' => neighbours.any(is_written_without_blanks),
        '\u{115F}' | '\u{1160}' => neighbours.any(is_hangul_letter),
        _ => false,
    }
}

/// Whether `c` may be joined: emoji and scripts from Armenian on, without punctuation and invisible characters.
fn is_joined_script(c: char) -> bool {
    c >= '\u{0530}' && !matches!(c, '\u{2000}'..='\u{206F}') && classify(c).is_none()
}

/// Whether `c` is a Hangul jamo; the fillers are not (Unicode 15 section 18.6).
fn is_hangul_letter(c: char) -> bool {
    !matches!(c, '\u{115F}' | '\u{1160}')
        && matches!(c, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}')
}

/// Whether `c` is Thai, Lao, Tibetan, Myanmar, Khmer or East Asian.
fn is_written_without_blanks(c: char) -> bool {
    matches!(
        c,
        '\u{0E00}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1950}'..='\u{1AAF}'
            | '\u{2E80}'..='\u{9FFF}' | '\u{A9E0}'..='\u{AA7F}' | '\u{AC00}'..='\u{D7FF}'
            | '\u{20000}'..='\u{3FFFD}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Unwanted> {
        unwanted(text).map(|(_, _, why)| why).collect()
    }

    #[test]
    fn what_is_not_text_is_found() {
        use Unwanted::{Control, Direction, Invisible, NonCharacter, Replacement, Tag};
        for (text, why) in [
            ("a\0b", Control),
            ("a\u{1b}[2J", Control),
            ("a\u{b}b", Control),
            ("a\u{7f}b", Control),
            ("It\u{92}s", Control),
            ("\u{9b}2J", Control),
            ("J\u{fffd}rgen", Replacement),
            ("a\u{ffff}b", NonCharacter),
            ("a\u{fdd0}b", NonCharacter),
            ("a\u{1fffe}b", NonCharacter),
            ("a\u{202e}b", Direction),
            ("a\u{2066}b", Direction),
            ("a\u{200b}b", Invisible),
            ("a\u{200d}b", Invisible),
            ("\u{200c}", Invisible),
            ("a\u{feff}b", Invisible),
            ("a\u{2060}b", Invisible),
            ("a\u{2028}b", Invisible),
            ("a\u{e0041}b", Tag),
        ] {
            assert_eq!(found(text), [why], "{text:?}");
            assert_eq!(found(&cleaned(text)), [], "{text:?}");
        }
    }

    #[test]
    fn what_has_a_purpose_in_its_script_is_text() {
        for text in [
            "one\ttwo\r\nthree",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "ภาษา\u{200b}ไทย",
            "Donau\u{ad}dampf",
            "שלום\u{200f}!",
            "abc\u{200e}",
            "e\u{301}",
        ] {
            assert_eq!(found(text), [], "{text:?}");
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn a_c1_control_is_known_as_its_windows_character() {
        assert_eq!(in_windows_1252('\u{80}'), Some('€'));
        assert_eq!(in_windows_1252('\u{92}'), Some('’'));
        assert_eq!(in_windows_1252('\u{9f}'), Some('Ÿ'));
        assert_eq!(in_windows_1252('\u{81}'), None);
        assert_eq!(in_windows_1252('\u{7f}'), None);
    }

    #[test]
    fn invisible_ends_are_trimmed() {
        assert_eq!(trimmed("\u{200b} a b\u{a0}\u{feff}"), "a b");
        assert_eq!(trimmed("\u{200d}\u{200c}"), "");
    }
}
