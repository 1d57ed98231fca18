//! What stands where a key should: comments of other languages, `:` for `=`, keys with blanks.

use super::line::Line;
use super::strings::straightened;
use super::{Slip, tables};

/// A line that does not begin with a key of TOML and `=`.
pub(super) fn key(line: &Line<'_>) -> Option<Slip> {
    comment(line)
        .or_else(|| foreign(line))
        .or_else(|| colon(line))
        .or_else(|| second_equals(line))
        .or_else(|| no_equals(line))
        .or_else(|| not_plain(line))
}

const COMMENTS: [&str; 5] = ["//", "/*", "--", ";", "%"];

fn comment(line: &Line<'_>) -> Option<Slip> {
    let after_value = || {
        let value = line.value()?;
        let length = super::strings::length(value).unwrap_or(0);
        Some(value[length..].trim_start()).filter(|rest| length > 0 && rest.len() > 1)
    };
    let begins = |text: &&str| COMMENTS.iter().any(|mark| text.starts_with(mark));
    let found = Some(line.trimmed())
        .filter(begins)
        .filter(|text| !text.starts_with("---"));
    let found = found.or_else(|| after_value().filter(begins))?;
    let mark = COMMENTS.iter().find(|mark| found.starts_with(**mark))?;
    Some(Slip::new(
        line.span(&found[..mark.len()]),
        format!("`{mark}` does not begin a comment"),
        "a comment begins with `#`",
    ))
}

/// Lines that other programs write into files.
fn foreign(line: &Line<'_>) -> Option<Slip> {
    let text = line.trimmed();
    let conflict = ["<<<<<<<", "=======", ">>>>>>>"];
    let (message, hint) = if conflict.iter().any(|mark| text.starts_with(mark)) {
        (
            "a merge conflict was left in the file",
            "keep one of the two versions, and delete the lines with `<<<<<<<`, `=======` and `>>>>>>>`",
        )
    } else if text.starts_with("```") || text.starts_with("---") {
        ("this line is not TOML", "delete it")
    } else if text.starts_with("- ") {
        (
            "a list in the style of YAML",
            "write the values in brackets: `tags = [\"members\", \"press\"]`",
        )
    } else if matches!(text, "{" | "}" | "}," | "],") {
        (
            "a bracket in the style of JSON",
            "delete it: a table of TOML begins with its name in brackets, such as `[[section]]`",
        )
    } else {
        return None;
    };
    Some(Slip::new(line.span(text), message, hint))
}

/// `key: value`, and `key := value`.
fn colon(line: &Line<'_>) -> Option<Slip> {
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
    Some(Slip::new(
        line.span(&colon[..width]),
        format!("`{}` does not assign a value", &colon[..width]),
        format!("write `{name} = {value}`"),
    ))
}

fn second_equals(line: &Line<'_>) -> Option<Slip> {
    let rest = line.value()?;
    rest.starts_with('=')
        .then(|| Slip::new(line.span(&rest[..1]), "one `=` too many", "delete it"))
}

fn no_equals(line: &Line<'_>) -> Option<Slip> {
    if line.key().is_some()
        || line.text.contains('=')
        || line.trimmed().starts_with(['[', '"', '\''])
    {
        return None;
    }
    let text = line.trimmed();
    let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let value = value.trim();
    let value = value
        .get(..super::strings::length(value).unwrap_or(value.len()))
        .unwrap_or(value);
    if is_plain(name) && value.starts_with(['"', '\'', '[']) {
        let hint = format!("write `{name} = {value}`");
        return Some(Slip::new(
            line.span(name),
            format!("no `=` after `{name}`"),
            hint,
        ));
    }
    Some(Slip::new(
        line.span(text),
        "this line has no `=`",
        "write `key = \"value\"`; a text of several lines begins and ends with `\"\"\"`",
    ))
}

/// A key with blanks, accents or quotes in it.
fn not_plain(line: &Line<'_>) -> Option<Slip> {
    let key = line.key()?;
    let is_quoted = key.starts_with(['"', '\'']);
    if key.is_empty()
        || is_quoted
        || key.split('.').all(|part| is_plain(part.trim()))
        || key.starts_with('[')
    {
        return None;
    }
    let joined = key
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("_")
        .to_lowercase();
    let hint = if is_plain(&joined) {
        format!("write `{joined}`")
    } else {
        "a key has letters without accents, digits, `-` and `_`".to_owned()
    };
    Some(Slip::new(
        line.span(key),
        format!("`{key}` is not a key"),
        hint,
    ))
}

fn is_plain(key: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !key.is_empty() && key.bytes().all(is_letter)
}

/// A key that is set twice in one table.
pub(super) fn repeated(line: &Line<'_>, message: &str) -> Option<Slip> {
    let key = line
        .key()
        .filter(|_| message.starts_with("duplicate key"))?;
    let earlier = &line.file[..line.start];
    let table = earlier.rfind("\n[").map_or(0, |at| at + 1);
    let first = tables::lines(earlier, table).find(|(_, text)| {
        text.split_once('=')
            .is_some_and(|(other, _)| other.trim() == key)
    });
    let slip = Slip::new(
        line.span(key),
        format!("`{key}` is set twice"),
        "delete one of the two lines",
    );
    Some(match first {
        Some((at, text)) => slip.related(at..at + text.trim_end().len(), "set here first"),
        None => slip,
    })
}
