//! Quotes, apostrophes and backslashes.

use super::SyntaxError;
use super::line::SourceLine;
use super::quotes::{LONGEST_REPEATED, QUOTES, length, straightened};

/// An invalid escape sequence, or an escaped quote that should end the string.
pub(super) fn escape(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let is_escape = message.contains("escape") || message.contains("unicode");
    let at =
        escaped_end(line).or_else(|| line.text[..line.at].rfind('\\').filter(|_| is_escape))?;
    let rest = &line.text[at..];
    let escape: String = rest.chars().take(2).collect();
    let span = line.start + at..line.start + at + escape.len();
    let whole = if super::long_strings::is_in_long_string(line.file, line.start + at) {
        "`'''` around the text"
    } else {
        "`'…'`"
    };
    let is_number = |c: char| c.is_ascii_hexdigit() || c == '{';
    let (message, hint) = match escape.as_str() {
        "\\\"" => (
            "`\\\"` does not end a string: it is a quote inside it".to_owned(),
            format!(
                "write `\\\\\"` for a backslash at the end; {whole} keeps backslashes as they are"
            ),
        ),
        "\\u" | "\\U" if rest[2..].starts_with(is_number) => (
            format!("`{escape}` is not followed by the number of a character"),
            "write the character itself, or `\\u` with four digits, such as `\\u00e9` for `é`"
                .to_owned(),
        ),
        _ => (
            format!("`{escape}` is not an escape sequence"),
            format!(
                "write `/` in a path, and `\\\\` for a backslash; {whole} keeps backslashes as they are"
            ),
        ),
    };
    Some(SyntaxError::new(span, message, hint))
}

/// The offset of `\"` at the end of an unclosed string.
fn escaped_end(line: &SourceLine<'_>) -> Option<usize> {
    let value = line.value()?.trim_end();
    let is_open = value.starts_with('"') && length(value).is_none() && value.ends_with("\\\"");
    is_open.then(|| line.text.trim_end().len() - 2)
}

/// A value with wrong quotes.
pub(super) fn string(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let value = line.value()?;
    typographic(line, value)
        .or_else(|| unclosed(line, value))
        .or_else(|| closed_early(line, value))
}

fn typographic(line: &SourceLine<'_>, value: &str) -> Option<SyntaxError> {
    let stopped_at = line.text[line.at..].chars().next();
    if value.starts_with(QUOTES) {
        let inner = value.trim_matches(|c| QUOTES.contains(&c) || c == '"');
        return Some(wrong_quotes(line, value, straightened(inner)));
    }
    let is_in_list =
        value.starts_with(['[', '{']) && stopped_at.is_some_and(|c| QUOTES.contains(&c));
    is_in_list.then(|| wrong_quotes(line, &line.text[line.at..], None))
}

fn wrong_quotes(line: &SourceLine<'_>, part: &str, written: Option<String>) -> SyntaxError {
    let quote = part.chars().next().unwrap_or_default();
    let width = quote.len_utf8();
    let written = written.unwrap_or_else(|| "\"…\"".to_owned());
    let shown = match quote {
        '`' => "a backtick".to_owned(),
        _ => format!("`{quote}`"),
    };
    SyntaxError::new(
        line.span(&part[..width]),
        format!("{shown} does not start a string"),
        format!("use straight quotes: `{written}`"),
    )
}

fn unclosed(line: &SourceLine<'_>, value: &str) -> Option<SyntaxError> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    if length(value).is_some() {
        return None;
    }
    let message = format!("this `{quote}` is not closed");
    let hint = match value.chars().next_back().filter(|c| QUOTES.contains(c)) {
        Some(last) => format!("`{last}` does not end a string: write `{quote}`"),
        None => {
            let long = quote.to_string().repeat(3);
            format!("write `{quote}` at the end; a multi-line string starts and ends with `{long}`")
        }
    };
    Some(SyntaxError::new(line.span(&value[..1]), message, hint))
}

/// A string with text after it: another key, a comment, or the rest of its own text after an inner quote.
fn closed_early(line: &SourceLine<'_>, value: &str) -> Option<SyntaxError> {
    let length = length(value)?;
    let rest = value[length..].trim_start();
    let after = rest.split('#').next().unwrap_or_default().trim_end();
    let is_more = !after.is_empty() && !rest.starts_with(['/', '+', '-']);
    if !is_more {
        return None;
    }
    if let Some(error) = after_string(line, &value[..length], after) {
        return Some(error);
    }
    let quote = &value[length - 1..length];
    let hint = match quote {
        _ if !rest.contains(quote) => {
            "move what follows inside the quotes, or write `#` before a comment".to_owned()
        }
        "'" => "write a string with an apostrophe as `\"…\"`".to_owned(),
        _ => "write `\\\"` for a quote inside the string, or `'…'` around the whole".to_owned(),
    };
    let span = line.span(&value[length - 1..length]);
    Some(SyntaxError::new(
        span,
        format!("the string ends at this `{quote}`"),
        hint,
    ))
}

/// Text after a string that does not belong to it: punctuation, a second `=`, another key, another value of a list.
fn after_string(line: &SourceLine<'_>, string: &str, after: &str) -> Option<SyntaxError> {
    let mark = after.chars().next()?;
    let statement = after.trim_start_matches([',', ';']).trim();
    if after.chars().count() == 1 && matches!(mark, ',' | ';' | '.' | ':') {
        return Some(SyntaxError::new(
            line.span(after),
            format!("unexpected `{mark}` after a value"),
            "delete it: a value ends with its line",
        ));
    }
    if mark == '=' {
        let hint = "a key has one value: delete one of the two";
        return Some(SyntaxError::new(
            line.span(&after[..1]),
            "a second `=`",
            hint,
        ));
    }
    if super::long_strings::is_statement(statement) {
        let message = "a second key on this line";
        let hint = format!("write `{statement}` on a line of its own");
        return Some(SyntaxError::new(line.span(statement), message, hint));
    }
    let is_list = mark == ',' && length(statement).is_some();
    is_list.then(|| {
        let written = format!("[{string}{after}]");
        let hint = if written.chars().count() <= LONGEST_REPEATED {
            format!("write `{written}`")
        } else {
            "write the values in brackets: `[\"members\", \"press\"]`".to_owned()
        };
        let message = "several values without brackets";
        SyntaxError::new(line.span(&after[..1]), message, hint)
    })
}
