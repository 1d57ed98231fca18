//! Unquoted values: words, national dates, numbers with separators.

use super::SyntaxError;
use super::line::SourceLine;
use super::quotes::straightened;
use crate::toml_file::date::{date_hint, looks_like_a_date, meant};

/// The error in a value that is not valid TOML.
pub(super) fn value(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    separator(line, message)
        .or_else(|| in_list(line, message))
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

fn in_list(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let at = line.span(&line.text[line.at..]).start;
    let next = line.text[line.at..]
        .chars()
        .next()
        .map_or(0, char::len_utf8);
    if let Some(error) = around_comma(line, message) {
        return Some(error);
    }
    if message.starts_with("missing comma between array elements") {
        let hint = "write `,` between the values: `[\"members\", \"press\"]`";
        return Some(SyntaxError::new(
            at..at + next,
            "missing comma before this value",
            hint,
        ));
    }
    if message.starts_with("missing comma between key-value pairs") {
        let hint = "write `,` between the keys: `{ src = \"a.png\", alt = \"A\" }`";
        return Some(SyntaxError::new(
            at..at + next,
            "missing comma before this key",
            hint,
        ));
    }
    if message.starts_with("missing assignment between key-value pairs") {
        let hint = "write `=` between key and value: `{ src = \"a.png\", alt = \"A\" }`";
        return Some(SyntaxError::new(
            at..at + next,
            "missing `=` before this value",
            hint,
        ));
    }
    let value = line.value()?;
    let rest = &line.text[line.at..];
    if value.starts_with("{{") {
        let hint = straightened(value).map_or_else(String::new, |value| format!("write `{value}`"));
        return Some(SyntaxError::new(
            line.span(value),
            "a placeholder outside a string",
            hint,
        ));
    }
    if value.starts_with('{') && rest.starts_with(':') {
        return Some(SyntaxError::new(
            at..at + 1,
            "`:` does not assign a value",
            "write `=`",
        ));
    }
    if value.starts_with('(') {
        let hint = "write a list as `[…]`, a table as `{…}`";
        return Some(SyntaxError::new(
            line.span(&value[..1]),
            "`(` does not start a value",
            hint,
        ));
    }
    if let Some(error) = comma_inside(line, value) {
        return Some(error);
    }
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
        let hint = self::word(word).map_or_else(|| format!("write `{quoted}`"), |(_, hint)| hint);
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

fn word(value: &str) -> Option<(String, String)> {
    let right = match value.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => "true",
        "false" | "no" | "off" | "n" => "false",
        "null" | "nil" | "none" | "undefined" | "~" => {
            let hint = "delete the line to leave the key unset";
            return Some((format!("TOML has no `{value}`"), hint.to_owned()));
        }
        "|" | ">" | "|-" | ">-" => {
            let hint = "a multi-line string starts and ends with `\"\"\"`";
            return Some((
                format!("`{value}` does not start a string"),
                hint.to_owned(),
            ));
        }
        _ => return None,
    };
    let hint = format!("write `{right}`, or `\"{value}\"` for a string");
    Some((format!("`{value}` is not a TOML value"), hint))
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
