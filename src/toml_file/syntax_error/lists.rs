//! Errors in lists and inline tables: missing separators, words without quotes.

use super::line::SourceLine;
use super::quotes::straightened;
use super::{SyntaxError, words};

/// The error in a list or inline table.
pub(super) fn in_list(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    around_comma(line, message)
        .or_else(|| missing_separator(line, message))
        .or_else(|| foreign_bracket(line))
        .or_else(|| comma_inside(line, line.value()?))
        .or_else(|| unquoted_word(line, message))
}

/// A missing `,` or `=`.
fn missing_separator(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    const SEPARATORS: [(&str, &str, &str); 3] = [
        (
            "missing comma between array elements",
            "missing comma before this value",
            "write `,` between the values: `[\"members\", \"press\"]`",
        ),
        (
            "missing comma between key-value pairs",
            "missing comma before this key",
            "write `,` between the keys: `{ src = \"a.png\", alt = \"A\" }`",
        ),
        (
            "missing assignment between key-value pairs",
            "missing `=` before this value",
            "write `=` between key and value: `{ src = \"a.png\", alt = \"A\" }`",
        ),
    ];
    let known = SEPARATORS
        .iter()
        .find(|known| message.starts_with(known.0))?;
    let rest = &line.text[line.at..];
    let next = rest.chars().next().map_or(0, char::len_utf8);
    Some(SyntaxError::new(line.span(&rest[..next]), known.1, known.2))
}

/// A placeholder outside a string, `:` in an inline table, or parentheses.
fn foreign_bracket(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let value = line.value()?;
    let rest = &line.text[line.at..];
    if value.starts_with("{{") {
        let hint = straightened(value).map_or_else(String::new, |value| format!("write `{value}`"));
        let message = "a placeholder outside a string";
        return Some(SyntaxError::new(line.span(value), message, hint));
    }
    if value.starts_with('{') && rest.starts_with(':') {
        let message = "`:` does not assign a value";
        return Some(SyntaxError::new(
            line.span(&rest[..1]),
            message,
            "write `=`",
        ));
    }
    value.starts_with('(').then(|| {
        let hint = "write a list as `[…]`, a table as `{…}`";
        SyntaxError::new(line.span(&value[..1]), "`(` does not start a value", hint)
    })
}

/// A word without quotes.
fn unquoted_word(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let value = line.value()?;
    let rest = &line.text[line.at..];
    let word = rest
        .split([',', ']', '}'])
        .next()
        .unwrap_or_default()
        .trim_end();
    let is_inside =
        value.starts_with(['[', '{']) && message.contains("string values must be quoted");
    let is_word = is_inside || (value.starts_with('[') && word.starts_with(char::is_alphabetic));
    is_word.then(|| {
        let message = format!("`{word}` is not quoted");
        let quoted = straightened(word).unwrap_or_else(|| "\"…\"".to_owned());
        let hint = words::word(word).map_or_else(|| format!("write `{quoted}`"), |(_, hint)| hint);
        SyntaxError::new(line.span(word), message, hint)
    })
}

/// A decimal comma in an inline table, as in `{ a = 1,5 }`, and numbers without commas in a list.
fn comma_inside(line: &SourceLine<'_>, value: &str) -> Option<SyntaxError> {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    if value.starts_with('[') {
        let inside = value.split([',', '[', ']']);
        let mut words = inside.map(str::trim).filter(|part| part.contains(' '));
        let part = words.find(|part| part.split_whitespace().all(is_number))?;
        let written = part.split_whitespace().collect::<Vec<_>>().join(", ");
        let hint = format!("write `{written}`");
        return Some(SyntaxError::new(
            line.span(part),
            "missing comma between two numbers",
            hint,
        ));
    }
    let parts: Vec<&str> = value.split(',').collect();
    let torn = parts.windows(2).find_map(|pair| {
        let first = pair[0].rsplit('=').next()?.trim();
        let second = pair[1].trim().trim_end_matches('}').trim();
        (pair[0].contains('=') && is_number(first) && is_number(second)).then_some((first, second))
    });
    let (first, second) = torn?;
    Some(SyntaxError::new(
        line.span(first),
        format!("`{first},{second}` is not a TOML number"),
        format!("write `{first}.{second}`"),
    ))
}

/// Text in a list or inline table where a comma or a key is expected.
fn around_comma(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let at = line.start + line.at;
    let rest = &line.text[line.at..];
    let here = at..at + rest.chars().next().map_or(0, char::len_utf8);
    let before = line.text[..line.at].chars().next_back();
    let is_missing = message.starts_with("missing comma between");
    if is_missing && rest.starts_with(';') {
        return Some(SyntaxError::new(
            here,
            "`;` between two values",
            "write `,`",
        ));
    }
    if let Some(quote) = before.filter(|c| is_missing && matches!(c, '"' | '\'')) {
        let hint = match quote {
            '"' => "write `\\\"` for a quote inside the string, and `,` between two strings",
            _ => "write a string with an apostrophe as `\"…\"`",
        };
        let message = format!("the string ends at this `{quote}`");
        return Some(SyntaxError::new(at - 1..at, message, hint));
    }
    let (message, hint) = if message.starts_with("extra comma in array") {
        ("unexpected `,`", "delete it")
    } else if message.starts_with("extra comma in inline table") {
        (
            "a value without a key",
            "write a list as `[…]`; a table has keys: `{ src = \"a.png\" }`",
        )
    } else if message.starts_with("unexpected `=` in array") {
        (
            "a key in a list",
            "write keys in braces: `{ src = \"a.png\", alt = \"A\" }`",
        )
    } else {
        return None;
    };
    Some(SyntaxError::new(here, message, hint))
}
