//! Quotation marks, and single-line strings.

/// Typographic quotation marks, and similar characters of keyboards.
pub(super) const QUOTES: [char; 20] = [
    '“', '”', '„', '‟', '«', '»', '‹', '›', '‘', '’', '‚', '‛', '「', '」', '『', '』', '＂', '`',
    '″', '´',
];

/// The longest value that a hint repeats, in characters.
pub(super) const LONGEST_REPEATED: usize = 60;

/// `inner` as a TOML string, if it is short and needs no escapes.
pub(super) fn straightened(inner: &str) -> Option<String> {
    let is_plain = inner.chars().count() <= LONGEST_REPEATED && !inner.contains(['"', '\\']);
    is_plain.then(|| format!("\"{inner}\""))
}

/// The length of the single-line string at the beginning of `text`, quotes included; `None` if it is unclosed or not a
/// string.
pub(super) fn length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut is_escaped = false;
    let close = text.char_indices().skip(1).find(|(_, c)| {
        let is_close = *c == quote && !is_escaped;
        is_escaped = quote == '"' && *c == '\\' && !is_escaped;
        is_close
    });
    close.map(|(at, _)| at + 1)
}
