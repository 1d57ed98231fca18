//! Unquoted values: words, national dates, numbers with separators.

use super::line::SourceLine;
use super::quotes::straightened;
use super::words::word;
use super::{SyntaxError, lists};
use crate::toml_file::date::{date_hint, looks_like_a_date, meant};

/// The error in a value that is not valid TOML.
pub(super) fn value(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    separator(line, message)
        .or_else(|| lists::in_list(line, message))
        .or_else(|| nothing(line))
        .or_else(|| bare(line))
}

/// A separator after a value.
fn separator(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let is_after_value = message.starts_with("unexpected key or value");
    let rest = line.text[line.at..].trim_start();
    let mark = rest.chars().next().filter(|_| is_after_value)?;
    if let (']' | '}', Some('[' | '{')) = (mark, line.value().and_then(|v| v.chars().next())) {
        let message = format!("unexpected `{mark}`");
        return Some(SyntaxError::new(
            line.span(&rest[..1]),
            message,
            "delete it",
        ));
    }
    let hint = match mark {
        ',' | ';' if is_end(&rest[1..]) => "delete it: a value ends with its line",
        '+' | '&' | '.' => "write one string; a multi-line string starts and ends with `\"\"\"`",
        _ => return None,
    };
    Some(SyntaxError::new(
        line.span(&rest[..1]),
        format!("unexpected `{mark}` after a value"),
        hint,
    ))
}

/// Whether `rest` is empty or a comment.
fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

fn nothing(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let key = line.key()?;
    let value = line.value()?;
    if line.plain_value()?.is_empty() && value.starts_with('#') {
        let hint = straightened(value).map_or_else(
            || "write the value before the `#`".to_owned(),
            |quoted| format!("write the value before the `#`, or `{key} = {quoted}`"),
        );
        return Some(SyntaxError::new(
            line.span(value),
            format!("`{key}` has no value: `#` starts a comment"),
            hint,
        ));
    }
    value.is_empty().then(|| {
        let message = format!("`{key}` has no value");
        let hint = format!("write `{key} = \"…\"`, or delete the line");
        SyntaxError::new(line.span(key), message, hint)
    })
}

/// A value that starts with a letter, digit or sign and is not quoted.
fn bare(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let key = line.key()?;
    let value = line.plain_value()?;
    if value.starts_with(['"', '\'', '[', '{']) {
        return None;
    }
    let is_whole = WHOLE.contains(&key) && !(key == "number" && line.is_below_a_head());
    let (message, hint) = Some(value)
        .filter(|_| !is_whole)
        .and_then(|value| date(key, value))
        .or_else(|| word(value).filter(|_| !is_whole))
        .or_else(|| number(is_whole, value))
        .or_else(|| list(key, value))
        .unwrap_or_else(|| unquoted(value));
    Some(SyntaxError::new(line.span(value), message, hint))
}

/// Words as the value of a key whose values are lists.
fn list(key: &str, value: &str) -> Option<(String, String)> {
    let words: Vec<&str> = value.split([',', ';']).map(str::trim).collect();
    let is_list = key == "tags" && words.iter().all(|word| !word.is_empty());
    is_list.then(|| {
        let hint = format!("write `[\"{}\"]`", words.join("\", \""));
        ("this list has no brackets and quotes".to_owned(), hint)
    })
}

/// Keys with integer values; the `number` of an item may also be a string.
const WHOLE: [&str; 7] = [
    "number",
    "width",
    "port",
    "connections",
    "window",
    "daily",
    "weight",
];

/// Keys with date values.
const DATES: [&str; 6] = ["date", "send_at", "deadline", "start", "end", "at"];

/// An email address is not a date, although a number in it may look like a year: `ann2000@host.example`.
fn date(key: &str, value: &str) -> Option<(String, String)> {
    let is_like = looks_like_a_date(value) && !value.contains('@') && key != "number";
    let is_date = meant(value).is_some() || is_like || DATES.contains(&key);
    is_date.then(|| (format!("`{value}` is not a TOML date"), date_hint(value)))
}

/// A number in another format: `007`, `1,000`, `1,5`, `12th`, `No. 12`; `is_whole` if the key accepts integers only.
fn number(is_whole: bool, value: &str) -> Option<(String, String)> {
    let runs = value.split(|c: char| !c.is_ascii_digit());
    let runs = runs.filter(|run| !run.is_empty()).count();
    let is_separated = value
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '\'' | ' ' | '\u{A0}' | '\u{202F}'));
    let message = format!("`{value}` is not a TOML number");
    if runs == 0 || !(is_separated || (is_whole && runs == 1)) {
        let hint = "write a whole number in digits, such as `12`".to_owned();
        return is_whole.then_some((message, hint));
    }
    let text = if is_whole {
        String::new()
    } else {
        format!(", or `\"{value}\"` for a string")
    };
    let hint = match decimal(value) {
        Some((whole, _)) if is_whole => format!("write a whole number, such as `{whole}`"),
        Some((whole, part)) => format!("write `{whole}.{part}`{text}"),
        None => format!("write `{}`{text}", digits(value)),
    };
    Some((message, hint))
}

/// The digits of `value` as an integer.
fn digits(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        number => number.to_owned(),
    }
}

/// A number with a comma or point that does not separate thousands: `1,5`, `1.000,5`, `.5`.
fn decimal(value: &str) -> Option<(String, &str)> {
    let at = value.rfind([',', '.'])?;
    let part = &value[at + 1..];
    let is_part = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_thousands = part.len() == 3 && at > 0;
    (is_part && !is_thousands).then(|| (digits(&value[..at]), part))
}

fn unquoted(value: &str) -> (String, String) {
    let inner = value.trim_matches(['"', '\'']);
    let hint = straightened(inner).unwrap_or_else(|| "\"…\"".to_owned());
    (
        "this value is not quoted".to_owned(),
        format!("write `{hint}`"),
    )
}
