//! Values without quotes: words, dates of other countries, numbers with signs between their digits.

use super::Slip;
use super::line::Line;
use super::strings::straightened;
use crate::document::date::{date_hint, looks_like_a_date, meant};

/// A value that is not one of TOML.
pub(super) fn value(line: &Line<'_>, message: &str) -> Option<Slip> {
    separator(line, message)
        .or_else(|| in_list(line, message))
        .or_else(|| nothing(line))
        .or_else(|| bare(line))
}

/// A comma or a plus after a value.
fn separator(line: &Line<'_>, message: &str) -> Option<Slip> {
    let is_after_value = message.starts_with("unexpected key or value");
    let rest = line.text[line.at..].trim_start();
    let mark = rest.chars().next().filter(|_| is_after_value)?;
    let hint = match mark {
        ',' | ';' if rest[1..].trim().is_empty() => "delete it: a value ends with its line",
        '+' | '&' | '.' => {
            "write one string; a text of several lines begins and ends with `\"\"\"`"
        }
        _ => return None,
    };
    Some(Slip::new(
        line.span(&rest[..1]),
        format!("`{mark}` after a value"),
        hint,
    ))
}

fn in_list(line: &Line<'_>, message: &str) -> Option<Slip> {
    let at = line.span(&line.text[line.at..]).start;
    let next = line.text[line.at..]
        .chars()
        .next()
        .map_or(0, char::len_utf8);
    if message.starts_with("missing comma between array elements") {
        let hint = "write `,` between the values: `[\"members\", \"press\"]`";
        return Some(Slip::new(at..at + next, "no comma before this value", hint));
    }
    if message.starts_with("missing comma between key-value pairs") {
        let hint = "write `,` between the keys: `{ src = \"a.png\", alt = \"A\" }`";
        return Some(Slip::new(at..at + next, "no comma before this key", hint));
    }
    if message.starts_with("missing assignment between key-value pairs") {
        let hint = "write `=` between key and value: `{ src = \"a.png\", alt = \"A\" }`";
        return Some(Slip::new(at..at + next, "no `=` before this value", hint));
    }
    let value = line.value()?;
    let rest = &line.text[line.at..];
    if value.starts_with("{{") {
        let hint = straightened(value).map_or_else(String::new, |value| format!("write `{value}`"));
        return Some(Slip::new(
            line.span(value),
            "a placeholder outside a string",
            hint,
        ));
    }
    if value.starts_with('{') && rest.starts_with(':') {
        return Some(Slip::new(
            at..at + 1,
            "`:` does not assign a value",
            "write `=`",
        ));
    }
    let word = rest.split([',', ']', ' ']).next().unwrap_or_default();
    let is_word = value.starts_with('[') && word.chars().next().is_some_and(char::is_alphabetic);
    is_word.then(|| {
        let message = format!("`{word}` is not in quotes");
        Slip::new(line.span(word), message, format!("write `\"{word}\"`"))
    })
}

fn nothing(line: &Line<'_>) -> Option<Slip> {
    let key = line.key()?;
    let value = line.value()?;
    if line.plain_value()?.is_empty() && value.starts_with('#') {
        let hint = straightened(value).map_or_else(
            || "write the value before the `#`".to_owned(),
            |quoted| format!("write the value before the `#`, or `{key} = {quoted}`"),
        );
        return Some(Slip::new(
            line.span(value),
            format!("`{key}` has no value: `#` begins a comment"),
            hint,
        ));
    }
    value.is_empty().then(|| {
        let message = format!("`{key}` has no value");
        let hint = format!("write `{key} = \"…\"`, or delete the line");
        Slip::new(line.span(key), message, hint)
    })
}

/// A value that begins with a letter, a digit or a sign and is not in quotes.
fn bare(line: &Line<'_>) -> Option<Slip> {
    let key = line.key()?;
    let value = line.plain_value()?;
    if value.starts_with(['"', '\'', '[', '{']) {
        return None;
    }
    let (message, hint) = date(value)
        .or_else(|| word(value))
        .or_else(|| number(key, value))
        .unwrap_or_else(|| unquoted(value));
    Some(Slip::new(line.span(value), message, hint))
}

/// An address is not one, though a number in it may be taken for a year: `ann2000@host.example`.
fn date(value: &str) -> Option<(String, String)> {
    let is_date = meant(value).is_some() || (looks_like_a_date(value) && !value.contains('@'));
    is_date.then(|| (format!("`{value}` is not a date of TOML"), date_hint(value)))
}

fn word(value: &str) -> Option<(String, String)> {
    let right = match value.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => "true",
        "false" | "no" | "off" | "n" => "false",
        "null" | "nil" | "none" | "undefined" | "~" => {
            let hint = "delete the line: a key that is not there has no value";
            return Some((format!("TOML has no `{value}`"), hint.to_owned()));
        }
        "|" | ">" | "|-" | ">-" => {
            let hint = "a text of several lines begins and ends with `\"\"\"`";
            return Some((format!("`{value}` does not begin a text"), hint.to_owned()));
        }
        _ => return None,
    };
    let hint = format!("write `{right}`, or `\"{value}\"` where a text is meant");
    Some((format!("`{value}` is not a value of TOML"), hint))
}

/// `007`, `1,000`, `12th`, `No. 12`.
fn number(key: &str, value: &str) -> Option<(String, String)> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_separated = value
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '\'' | ' ' | '\u{A0}' | '\u{202F}'));
    let is_numbered = key == "number" && value.split_whitespace().count() <= 2;
    if digits.is_empty() || !(is_separated || is_numbered) {
        return None;
    }
    let number = digits.trim_start_matches('0');
    let number = if number.is_empty() { "0" } else { number };
    let hint = format!("write `{number}`, or `\"{value}\"` where a text is meant");
    Some((format!("`{value}` is not a number of TOML"), hint))
}

fn unquoted(value: &str) -> (String, String) {
    let inner = value.trim_matches(['"', '\'']);
    let hint = straightened(inner).unwrap_or_else(|| "\"…\"".to_owned());
    (
        "this value is not in quotes".to_owned(),
        format!("write `{hint}`"),
    )
}
