//! HTML entities and numeric character references (CommonMark 0.31.2 section 2.5), and misspelled ones.

/// A numeric character reference, such as `&#8211;` or `&#x2013;`.
pub(super) struct Numbered {
    /// Its length in bytes.
    pub(super) length: usize,
    /// The number, which may not be a character.
    pub(super) number: u32,
}

/// The numeric character reference at the beginning of `text`.
pub(super) fn numbered(text: &str) -> Option<Numbered> {
    let rest = text.strip_prefix("&#")?;
    let (digits, radix, most) = match rest.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 6),
        None => (rest, 10, 7),
    };
    let count = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    let is_reference = (1..=most).contains(&count) && digits[count..].starts_with(';');
    let number = u32::from_str_radix(&digits[..count], radix)
        .ok()
        .filter(|_| is_reference)?;
    let length = text.len() - digits.len() + count + 1;
    Some(Numbered { length, number })
}

/// The text after a `&` that is shown literally although an entity was intended.
pub(super) struct Unread {
    /// Its length in bytes, without the `&`.
    pub(super) length: usize,
    pub(super) what: &'static str,
    pub(super) hint: &'static str,
}

/// The intended entity at the beginning of `rest`, the text after a `&`; `before` is the character before the `&`.
pub(super) fn unread(before: Option<char>, rest: &str) -> Option<Unread> {
    let body = rest.strip_prefix('#').unwrap_or(rest);
    let is_numbered = body.len() < rest.len();
    let is_hexadecimal = is_numbered && body.starts_with(['x', 'X']);
    let count = name_length(body, is_numbered && !is_hexadecimal);
    let (name, after) = body.split_at(count);
    let has_semicolon = after.starts_with(';');
    // Part of a name or a plural: `AT&T;`, `Q&As;`.
    let is_joined = before.is_some_and(char::is_alphanumeric)
        && name.starts_with(|c: char| c.is_ascii_uppercase());
    let is_meant = match is_numbered {
        true if is_hexadecimal => count > 2 && name[1..].bytes().all(|b| b.is_ascii_hexdigit()),
        true => count > 1,
        false if has_semicolon => count > 1 && !is_joined,
        false => !is_joined && !after.starts_with(char::is_alphanumeric) && KNOWN.contains(&name),
    };
    is_meant.then_some(Unread {
        length: rest.len() - after.len() + usize::from(has_semicolon),
        what: match has_semicolon {
            true => "an unknown entity",
            false => "an entity without a semicolon",
        },
        hint: "write the character itself",
    })
}

/// The length of the digits or of the name at the beginning of `body`.
fn name_length(body: &str, is_decimal: bool) -> usize {
    let is_part = |byte: &u8| match is_decimal {
        true => byte.is_ascii_digit(),
        false => byte.is_ascii_alphanumeric(),
    };
    body.bytes().take_while(is_part).count()
}

/// Entity names that are common in texts and are not words.
const KNOWN: [&str; 60] = [
    "AMP", "Auml", "GT", "LT", "Ouml", "Uuml", "aacute", "acirc", "aelig", "agrave", "amp", "apos",
    "aring", "auml", "bdquo", "bull", "ccedil", "cent", "copy", "deg", "eacute", "ecirc", "egrave",
    "euml", "euro", "frac12", "gt", "hellip", "iacute", "icirc", "iexcl", "iquest", "iuml",
    "laquo", "ldquo", "lsaquo", "lsquo", "lt", "mdash", "middot", "nbsp", "ndash", "ntilde",
    "oacute", "ocirc", "oslash", "ouml", "pound", "quot", "raquo", "rarr", "rdquo", "reg",
    "rsaquo", "rsquo", "sect", "shy", "szlig", "trade", "uuml",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_entities_are_found() {
        for text in [
            "&nbps;",
            "&amp x",
            "&copy 2026",
            "&#8211 x",
            "&#39s",
            "&#x2013",
            "&#99999999;",
            "&eacute",
        ] {
            let found = unread(None, &text[1..]);
            assert!(found.is_some(), "{text}");
        }
        for text in [
            "R&D", "AT&T;", "Q&As;", "S&P500;", "Q&A", "A&copyA", "& so", "C&A;", "R&reg1", "&#1",
        ] {
            let (before, rest) = text.split_once('&').expect("a sign");
            assert!(unread(before.chars().next_back(), rest).is_none(), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_as_the_parser_reads_it() {
        let number = |text| numbered(text).map(|found| (found.length, found.number));
        assert_eq!(number("&#xD800; x"), Some((8, 0xD800)));
        assert_eq!(number("&#0;"), Some((4, 0)));
        assert_eq!(number("&#x110000;"), Some((10, 0x11_0000)));
        for text in ["&#;", "&#12345678;", "&#x1234567;", "&#8211", "&amp;"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
