//! Errors where a key is expected: comments of other languages, `:` for `=`, keys with spaces.

use super::comments::comment;
use super::line::SourceLine;
use super::quotes::{QUOTES, straightened};
use super::{SyntaxError, tables};
use crate::toml_file::{CONFLICT, CONFLICT_HINT};

/// The error in a line that does not start with a TOML key and `=`.
pub(super) fn key(line: &SourceLine<'_>) -> Option<SyntaxError> {
    comment(line)
        .or_else(|| foreign(line))
        .or_else(|| head(line))
        .or_else(|| assignment(line))
        .or_else(|| colon(line))
        .or_else(|| second_equals(line))
        .or_else(|| missing_equals(line))
        .or_else(|| not_plain(line))
}

/// Whether `line` is text without a key. Further such lines below it belong to the same error.
pub(super) fn is_loose(line: &SourceLine<'_>) -> bool {
    let text = line.trimmed();
    let is_known = || {
        let [head, assignment, colon] = [head(line), assignment(line), colon(line)];
        head.is_some() || assignment.is_some() || colon.is_some()
    };
    let is_foreign = || foreign(line).is_some() && !is_markup(text) && !is_table_of_values(line);
    let is_statement =
        super::long_strings::is_statement(line.text) || super::long_strings::is_head(line.text);
    let is_comment = comment(line).is_some() && !text.starts_with("/*");
    !(text.is_empty()
        || is_statement
        || is_comment
        || is_known()
        || is_foreign()
        || text.starts_with('#'))
}

/// The end of the lines from `from` on that are such text or blank.
pub(super) fn end_of_loose(text: &str, from: usize) -> usize {
    let end = tables::lines(text, from)
        .find(|(at, shown)| !shown.trim().is_empty() && !is_loose(&SourceLine::around(text, *at)));
    end.map_or(text.len() + 1, |(at, _)| at)
}

/// Text below its key that does not start as a multi-line string does.
pub(super) fn above(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let before = line.file[..line.start].trim_end();
    let above = SourceLine::around(line.file, before.len().checked_sub(1)?);
    let (key, value) = (above.key()?, above.value()?);
    if !is_plain(key) {
        return None;
    }
    let is_quotes = |c: char| matches!(c, '"' | '\'') || QUOTES.contains(&c);
    let long = "a multi-line string starts and ends with `\"\"\"`";
    let (part, message) = match value {
        "" => (key, format!("`{key}` has no value on its line")),
        "|" | ">" | "|-" | ">-" => (value, format!("`{value}` does not start a string")),
        _ if value.starts_with(|c: char| c.is_alphabetic() || c == '<')
            && !matches!(value, "true" | "false" | "inf" | "nan") =>
        {
            (value, "this string is not quoted".to_owned())
        }
        _ if value.chars().all(is_quotes) => (
            value,
            format!("`{value}` does not start a multi-line string"),
        ),
        _ => return None,
    };
    let hint = match value {
        "" => format!("write `{key} = \"…\"`; {long}"),
        _ => long.to_owned(),
    };
    Some(SyntaxError::new(above.span(part), message, hint))
}

/// Column names in the first line of a file: `email;name`.
fn is_table_of_values(line: &SourceLine<'_>) -> bool {
    let columns = line.trimmed().split([',', ';', '\t']);
    let are_names = columns
        .clone()
        .all(|column| is_plain(column.trim().trim_matches('"')));
    let has_addresses = line
        .file
        .lines()
        .nth(1)
        .is_some_and(|row| row.contains('@'));
    line.start == 0 && has_addresses && are_names && columns.count() > 1
}

/// HTML tags.
fn is_markup(text: &str) -> bool {
    let tag = text
        .strip_prefix('<')
        .map(|tag| tag.trim_start_matches(['/', '!', '?']));
    tag.is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// A table header in other brackets, or with a bracket missing: `((section))`, `section]]`.
fn head(line: &SourceLine<'_>) -> Option<SyntaxError> {
    const BRACKETS: [char; 14] = [
        '[', ']', '(', ')', '{', '}', '［', '］', '【', '】', '「', '」', '<', '>',
    ];
    let text = line.trimmed();
    let name = text.trim_matches(|c: char| BRACKETS.contains(&c) || c.is_whitespace());
    let is_head = !text.starts_with('[')
        && text.ends_with(BRACKETS)
        && !is_markup(text)
        && name.split('.').all(is_plain);
    is_head.then(|| tables::not_a_head(line, text, name))
}

/// Assignment operators of other languages.
const ASSIGNMENTS: [&str; 10] = ["=>", "->", "<-", "=:", "= :", ":=", "：", "＝", ",", "-"];

/// `key => "value"`, `key -> "value"`, `key, "value"`.
fn assignment(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let text = line.trimmed();
    let name = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()?;
    let rest = text[name.len()..].trim_start();
    let sign = ASSIGNMENTS.iter().find(|sign| rest.starts_with(**sign))?;
    let value = rest[sign.len()..].trim();
    let is_value =
        value.starts_with(|c: char| matches!(c, '"' | '\'' | '[') || QUOTES.contains(&c));
    if !is_plain(name) || !is_value {
        return None;
    }
    let written = match value.starts_with(QUOTES) {
        true => straightened(value.trim_matches(QUOTES)).unwrap_or_else(|| "\"…\"".to_owned()),
        false => value.trim_end_matches(',').to_owned(),
    };
    Some(SyntaxError::new(
        line.span(&rest[..sign.len()]),
        format!("`{sign}` does not assign a value"),
        format!("write `{name} = {written}`"),
    ))
}

/// Lines that other programs write into files.
fn foreign(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let text = line.trimmed();
    let conflict = ["<<<<<<<", "=======", ">>>>>>>"];
    let (message, hint) = if conflict.iter().any(|mark| text.starts_with(mark)) {
        (CONFLICT, CONFLICT_HINT)
    } else if ["```", "---", "+++"]
        .iter()
        .any(|mark| text.starts_with(mark))
    {
        ("this line is not TOML", "delete it")
    } else if is_markup(text) {
        (
            "HTML outside a string",
            "delete it: texts are CommonMark without HTML, such as `body = \"See [the page](https://…)\"`",
        )
    } else if is_table_of_values(line) {
        (
            "values without keys, as in CSV",
            "write `[[subscriber]]` above each entry, and its keys below: `email = \"ann@host.example\"`",
        )
    } else if text.starts_with("- ") {
        (
            "a YAML list",
            "write the values in brackets: `tags = [\"members\", \"press\"]`",
        )
    } else if matches!(text, "{" | "}" | "}," | "],") || text.starts_with("{\"") {
        (
            "a JSON bracket",
            "write `key = \"value\"` on a line of its own; a table starts with a line such as `[[section]]`",
        )
    } else {
        return None;
    };
    Some(SyntaxError::new(line.span(text), message, hint))
}

/// `key: value`, and `key := value`.
fn colon(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let (key, value) = line.text.split_once([':', '＝'])?;
    let name = key.trim().trim_matches('"');
    let value = value.trim_start_matches('=').trim();
    if !is_plain(name) {
        return None;
    }
    let colon = &line.text[key.len()..];
    let width = colon.chars().next().map_or(0, char::len_utf8);
    let value = value.trim_end_matches(',');
    let value = match value.chars().next() {
        None => "\"…\"".to_owned(),
        Some('|' | '>') => "\"\"\"".to_owned(),
        Some('"' | '\'' | '[' | '{' | '0'..='9') if value.chars().count() <= 60 => value.to_owned(),
        Some(_) => straightened(value).unwrap_or_else(|| "\"…\"".to_owned()),
    };
    Some(SyntaxError::new(
        line.span(&colon[..width]),
        format!("`{}` does not assign a value", &colon[..width]),
        format!("write `{name} = {value}`"),
    ))
}

fn second_equals(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let rest = line.value()?;
    rest.starts_with('=')
        .then(|| SyntaxError::new(line.span(&rest[..1]), "unexpected second `=`", "delete it"))
}

fn missing_equals(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let text = line.trimmed();
    let is_string = super::quotes::length(text) == Some(text.len());
    if line.key().is_some()
        || line.text.contains('=')
        || (text.starts_with(['[', '"', '\'']) && !is_string)
    {
        return None;
    }
    let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let value = value.trim();
    let value = value
        .get(..super::quotes::length(value).unwrap_or(value.len()))
        .unwrap_or(value);
    if is_plain(name) && value.starts_with(['"', '\'', '[']) {
        let hint = format!("write `{name} = {value}`");
        return Some(SyntaxError::new(
            line.span(name),
            format!("missing `=` after `{name}`"),
            hint,
        ));
    }
    Some(SyntaxError::new(
        line.span(text),
        "missing `=` on this line",
        "write `key = \"value\"`; a multi-line string starts and ends with `\"\"\"`",
    ))
}

/// A key with spaces, accents, quotes or other signs in it, or no key at all.
fn not_plain(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let equals = line.text.find('=')?;
    let key = line.text[..equals].trim();
    if key.is_empty() {
        let hint = "write the key before it: `key = \"value\"`";
        let span = line.span(&line.text[equals..=equals]);
        return Some(SyntaxError::new(span, "missing key before this `=`", hint));
    }
    let is_quoted = super::quotes::length(key) == Some(key.len());
    let has_quotes = key.trim_matches(['"', '\'']).contains(['"', '\'']);
    let plain = key.split('.').all(|part| is_plain(part.trim()));
    if is_quoted || plain || has_quotes || key.starts_with('[') {
        return None;
    }
    Some(SyntaxError::new(
        line.span(key),
        format!("invalid key `{key}`"),
        plain_key(key).map_or_else(
            || "use a-z, A-Z, 0-9, `-` and `_` in keys".to_owned(),
            |plain| format!("write `{plain}`"),
        ),
    ))
}

/// The key that was probably intended, without signs and keywords of other languages.
fn plain_key(key: &str) -> Option<String> {
    let bare = key.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let mut words: Vec<&str> = bare.split_whitespace().collect();
    if words.len() == 2 && ["let", "set", "var", "const", "export"].contains(&words[0]) {
        words.remove(0);
    }
    let joined = words.join("_").to_lowercase();
    is_plain(&joined).then_some(joined)
}

fn is_plain(key: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !key.is_empty() && key.bytes().all(is_letter)
}
