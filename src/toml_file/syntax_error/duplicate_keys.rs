//! Keys that are set twice in one table.

use super::line::SourceLine;
use super::{SyntaxError, tables};

/// A duplicate key in a table.
pub(super) fn repeated(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let key = line
        .key()
        .filter(|_| message.starts_with("duplicate key"))?;
    if line.text[line.at..].trim_start().len() < line.text[..].trim_start().len() {
        return Some(repeated_inside(line));
    }
    let earlier = &line.file[..line.start];
    let table = earlier.rfind("\n[").map_or(0, |at| at + 1);
    let name = key.trim_matches(['"', '\'']);
    let first = tables::lines(earlier, table).find(|(_, text)| {
        text.split_once('=')
            .is_some_and(|(other, _)| other.trim().trim_matches(['"', '\'']) == name)
    });
    let error = SyntaxError::new(
        line.span(key),
        format!("`{key}` is set twice"),
        "delete one of the two lines",
    );
    Some(match first {
        Some((at, text)) => error.related(at..at + text.trim_end().len(), "set here first"),
        None => error,
    })
}

/// A duplicate key in an inline table.
fn repeated_inside(line: &SourceLine<'_>) -> SyntaxError {
    let rest = &line.text[line.at..];
    let key = rest.split([' ', '=', '\t']).next().unwrap_or_default();
    let message = format!("`{key}` is set twice in one table");
    SyntaxError::new(line.span(key), message, "delete one of the two")
}
