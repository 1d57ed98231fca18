//! Reads tokens from links and subjects that mail programs have changed.

use super::{BASE64_CHARACTERS, HEX_CHARACTERS, UnsubscribeToken};

/// The word before the token in a subject.
const LEAVE: &str = "leave";

/// The longest text that is read, in octets.
const LONGEST: usize = 400;

impl UnsubscribeToken {
    /// The token in `text`: the last segment of a link, or a subject such as `Re: leave TOKEN`.
    ///
    /// Accepts what mail programs add to a link: white space, soft line breaks and `=3D` of quoted-printable, brackets, quotes
    /// and punctuation around it, and any case. Nothing else: whether a mailed token has this text, the store decides.
    ///
    /// # Examples
    ///
    /// ```
    /// use franking::subscriber::{TokenKey, UnsubscribeToken};
    ///
    /// let text = "=3D0aGVsbG8gd29ybGQsIGhlbA>.\r\n";
    /// let token = UnsubscribeToken::parse(text).expect("a token");
    /// assert_eq!(token.as_str(), "0aGVsbG8gd29ybGQsIGhlbA");
    /// assert!(UnsubscribeToken::parse("0aGVsbG8gd29ybGQ").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let text = unwrapped(text);
        let folded = text.to_ascii_lowercase();
        // A token may contain the letters of the word.
        let after_word = folded.match_indices(LEAVE);
        let after_word = after_word.map(|(at, word)| &text[at + word.len()..]);
        // The rest of a damaged `=3D`.
        let after_sign = text.strip_prefix("3D");
        std::iter::once(text.as_str())
            .chain(after_word)
            .chain(after_sign)
            .find_map(strict)
    }
}

/// The text without white space and without soft line breaks of quoted-printable, in which `=3D` is `=`.
fn unwrapped(text: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=\n", "");
    let text = text.replace("=3D", "=").replace("=3d", "=");
    let text = text.replace("%20", " ").replace("%3D", "=");
    text.split_whitespace().collect()
}

/// The token that `text` is, apart from the characters around it that no token begins or ends with.
fn strict(text: &str) -> Option<UnsubscribeToken> {
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_earlier_form = is_hex(text);
    (is_earlier_form || is_numbered(text)).then(|| UnsubscribeToken {
        text: text.to_owned(),
        is_earlier_form,
    })
}

fn is_hex(text: &str) -> bool {
    text.len() == HEX_CHARACTERS && text.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// Whether it is the number of a key and 22 characters of base64url. Case may have been lost, so the last bits are not checked.
fn is_numbered(text: &str) -> bool {
    let digits = text.len().wrapping_sub(BASE64_CHARACTERS);
    if !text.is_ascii() || !matches!(digits, 1 | 2) {
        return false;
    }
    let (number, code) = text.split_at(digits);
    let is_number = number.bytes().all(|octet| octet.is_ascii_digit())
        && (digits == 1 || !number.starts_with('0'));
    let is_code = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    is_number && code.bytes().all(is_code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::subscriber::TokenKeys;
    use crate::util::key::Key;

    fn key(octet: u8) -> Key {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, [octet; 32]).unwrap();
        Key::existing(&path).unwrap().unwrap()
    }

    fn token(number: Option<u8>, address: &str) -> UnsubscribeToken {
        let mut keys = TokenKeys::first(key(7));
        keys.insert(12, key(8));
        keys.get(number).unwrap().token("list.example", address)
    }

    /// Published vectors: links with these tokens are in mailboxes.
    #[test]
    fn the_token_of_a_known_key_does_not_change() {
        let of = |number| token(number, "ada@rivers.example").text;
        let earlier = key(7).code("leave", &["list.example", "ada@rivers.example"]);
        assert_eq!(of(None), earlier);
        assert_eq!(
            [of(None), of(Some(0)), of(Some(12))],
            [
                "2b781a35fa1e0176d289949f915eca31",
                "0K3gaNfoeAXbSiZSfkV7KMQ",
                "12N5y0TH9cZoNXniY17PEGbg"
            ]
        );
    }

    fn number() -> impl Strategy<Value = Option<u8>> {
        prop_oneof![Just(None), Just(Some(0)), Just(Some(12))]
    }

    /// What programs leave before and after a token.
    const BEFORE: [&str; 9] = [
        "",
        " ",
        "<",
        "(",
        "leave ",
        "Re: leave ",
        "AW: Leave\r\n ",
        "=3D",
        "leave%20",
    ];
    const AFTER: [&str; 9] = ["", " ", ">", ").", ",", "\r\n", "=\r\n", "!", "%20"];

    proptest! {
        #[test]
        fn a_token_is_found_in_what_programs_leave_of_it(
            number in number(), address in "[a-z]{1,9}@[a-z]{1,9}\\.example", before in 0..9_usize, after in 0..9_usize,
            case in 0..3_u8, broken_at in 0..24_usize
        ) {
            let token = token(number, &address);
            let changed = match case {
                0 => token.text.clone(),
                1 => token.text.to_lowercase(),
                _ => token.text.to_uppercase(),
            };
            let (head, tail) = changed.split_at(broken_at.min(changed.len()));
            let text = format!("{}{head}=\r\n{tail}{}", BEFORE[before], AFTER[after]);
            let found = UnsubscribeToken::parse(&text).expect("a token");
            prop_assert_eq!(found.digest(), token.digest());
            prop_assert_eq!(found.is_earlier_form(), number.is_none());
        }

        #[test]
        fn another_character_is_another_token(
            number in number(), address in "[a-z]{1,9}@[a-z]{1,9}\\.example", at in 0..32_usize, other in "[ -~]"
        ) {
            let token = token(number, &address);
            let at = at % token.text.len();
            prop_assume!(!token.text[at..=at].eq_ignore_ascii_case(&other));
            let mut changed = token.text.clone();
            changed.replace_range(at..=at, &other);
            let found = UnsubscribeToken::parse(&changed);
            prop_assert_ne!(found.map(|found| found.digest()), Some(token.digest()));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
            let _ = UnsubscribeToken::parse(&text);
        }
    }
}
