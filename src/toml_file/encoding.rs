//! Files that are not UTF-8, and their probable encoding.

use crate::diag::{ChunkStart, Finding, Place, Source};

/// Magic bytes of files that are not plain text.
const FORMATS: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a word processor document or an archive"),
    (b"\xD0\xCF\x11\xE0", "a document of an old word processor"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
];

/// The finding about the file `shown`, or its chunk `bytes`: the byte at `offset` is invalid.
pub(super) fn finding(shown: &str, bytes: &[u8], offset: usize, before: ChunkStart) -> Finding {
    let place = if is_text(bytes) {
        // Up to that byte the text has the bytes of the file, so the location is right.
        let text = String::from_utf8_lossy(bytes).into_owned();
        let span = offset..offset + char::REPLACEMENT_CHARACTER.len_utf8();
        Place::new(&Source::chunk(shown, text, before), span)
    } else {
        Place::new(&Source::new(shown, ""), 0..0)
    };
    Finding::error("not-utf8", message(shown, bytes, offset))
        .at(place)
        .hint(hint(bytes).to_owned())
}

/// Whether the bytes are plain text in UTF-8 or a single-byte encoding.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    format(bytes).is_none() && !is_utf16(bytes)
}

fn message(shown: &str, bytes: &[u8], offset: usize) -> String {
    if let Some(format) = format(bytes) {
        return format!("`{shown}` is {format}, not a text file");
    }
    if is_utf16(bytes) {
        return format!("`{shown}` is UTF-16, not UTF-8");
    }
    match bytes.get(offset).copied().and_then(western) {
        Some(c) => format!("`{shown}` is not UTF-8: this byte would be `{c}` in Windows-1252"),
        None => format!("`{shown}` is not UTF-8: this byte does not begin a character"),
    }
}

fn hint(bytes: &[u8]) -> &'static str {
    if format(bytes).is_some() {
        "write the file with a text editor, or save it as plain text in UTF-8"
    } else {
        "save the file as UTF-8: most editors offer the encoding under \"Save as\""
    }
}

fn format(bytes: &[u8]) -> Option<&'static str> {
    let format = FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic));
    format.map(|(_, format)| *format)
}

/// Whether there is a byte order mark, or a zero in every other byte as in Latin text.
fn is_utf16(bytes: &[u8]) -> bool {
    let begin = &bytes[..bytes.len().min(64)];
    let zeros = begin.iter().filter(|byte| **byte == 0).count();
    bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || zeros * 3 > begin.len()
}

/// The character of `byte` in Windows-1252, a common encoding in western Europe.
fn western(byte: u8) -> Option<char> {
    const SIGNS: [(u8, char); 9] = [
        (0x80, '€'),
        (0x85, '…'),
        (0x91, '‘'),
        (0x92, '’'),
        (0x93, '“'),
        (0x94, '”'),
        (0x96, '–'),
        (0x97, '—'),
        (0xA0, '\u{A0}'),
    ];
    let sign = SIGNS.iter().find(|(code, _)| *code == byte);
    let letter = (0xC0..=0xFF).contains(&byte).then(|| char::from(byte));
    sign.map(|(_, c)| *c).or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_another_encoding_is_recognised() {
        let utf16: Vec<u8> = "number = 1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, expected) in [
            (utf16.as_slice(), "`a` is UTF-16, not UTF-8"),
            (b"\xFF\xFEn\0".as_slice(), "`a` is UTF-16, not UTF-8"),
            (
                b"\xE9t\xE9",
                "`a` is not UTF-8: this byte would be `é` in Windows-1252",
            ),
            (
                b"\x92s",
                "`a` is not UTF-8: this byte would be `’` in Windows-1252",
            ),
            (
                b"\x81",
                "`a` is not UTF-8: this byte does not begin a character",
            ),
            (
                b"PK\x03\x04\xFF",
                "`a` is a word processor document or an archive, not a text file",
            ),
        ] {
            assert_eq!(message("a", bytes, 0), expected);
        }
    }
}
