//! Quotes, apostrophes and backslashes.

use super::Slip;
use super::line::Line;

/// What word processors make of quotes, and keyboards offer beside them.
const QUOTES: [char; 20] = [
    '“', '”', '„', '‟', '«', '»', '‹', '›', '‘', '’', '‚', '‛', '「', '」', '『', '』', '＂', '`',
    '″', '´',
];

/// The longest value that a hint repeats, in characters.
const LONGEST_REPEATED: usize = 60;

/// A backslash before something that it does not escape.
pub(super) fn escape(line: &Line<'_>, message: &str) -> Option<Slip> {
    let is_escape = message.contains("escape") || message.contains("unicode");
    let at = line.text[..line.at].rfind('\\').filter(|_| is_escape)?;
    let escape: String = line.text[at..].chars().take(2).collect();
    let span = line.start + at..line.start + at + escape.len();
    Some(Slip::new(
        span,
        format!("`{escape}` is not an escape sequence"),
        "write `/` in a path, and `\\\\` for a backslash; `'…'` keeps backslashes as they are",
    ))
}

/// A value whose quotes are wrong.
pub(super) fn string(line: &Line<'_>) -> Option<Slip> {
    let value = line.value()?;
    typographic(line, value)
        .or_else(|| unclosed(line, value))
        .or_else(|| closed_early(line, value))
}

fn typographic(line: &Line<'_>, value: &str) -> Option<Slip> {
    let stopped_at = line.text[line.at..].chars().next();
    if value.starts_with(QUOTES) {
        let inner = value.trim_matches(|c| QUOTES.contains(&c) || c == '"');
        return Some(wrong_quotes(line, value, straightened(inner)));
    }
    let is_in_list =
        value.starts_with(['[', '{']) && stopped_at.is_some_and(|c| QUOTES.contains(&c));
    is_in_list.then(|| wrong_quotes(line, &line.text[line.at..], None))
}

fn wrong_quotes(line: &Line<'_>, part: &str, written: Option<String>) -> Slip {
    let quote = part.chars().next().unwrap_or_default();
    let width = quote.len_utf8();
    let written = written.unwrap_or_else(|| "\"…\"".to_owned());
    let shown = match quote {
        '`' => "a backtick".to_owned(),
        _ => format!("`{quote}`"),
    };
    Slip::new(
        line.span(&part[..width]),
        format!("{shown} does not begin a string"),
        format!("use the straight quotes of the keyboard: `{written}`"),
    )
}

/// `inner` as a string of TOML, where it is short and needs no escapes.
pub(super) fn straightened(inner: &str) -> Option<String> {
    let is_plain = inner.chars().count() <= LONGEST_REPEATED && !inner.contains(['"', '\\']);
    is_plain.then(|| format!("\"{inner}\""))
}

fn unclosed(line: &Line<'_>, value: &str) -> Option<Slip> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if length(value).is_some() {
        return None;
    }
    let message = format!("this `{quote}` is not closed");
    let hint = match value.chars().next_back().filter(|c| QUOTES.contains(c)) {
        Some(last) => format!("`{last}` does not end a string: write `{quote}`"),
        None => {
            let long = quote.to_string().repeat(3);
            format!(
                "write `{quote}` at the end; a text of several lines begins and ends with `{long}`"
            )
        }
    };
    Some(Slip::new(line.span(&value[..1]), message, hint))
}

/// A string with more of its sentence after it: its own quote stands inside it.
fn closed_early(line: &Line<'_>, value: &str) -> Option<Slip> {
    let length = length(value)?;
    let rest = value[length..].trim_start();
    let is_more = !rest.is_empty() && !rest.starts_with(['#', ',', ';', '/', '+', '-']);
    if !is_more {
        return None;
    }
    let quote = &value[length - 1..length];
    let hint = match quote {
        "'" => "a text with an apostrophe stands in `\"…\"`".to_owned(),
        _ => "write `\\\"` for a quote inside the text, or `'…'` around the whole".to_owned(),
    };
    let span = line.span(&value[length - 1..length]);
    Some(Slip::new(
        span,
        format!("the string ends at this `{quote}`"),
        hint,
    ))
}

/// The length of the string of one line that `text` begins with, quotes included; `None` where it is not closed
/// or `text` begins with something else.
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
