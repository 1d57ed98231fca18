//! Comments in the syntax of other languages.

use super::SyntaxError;
use super::line::SourceLine;

const COMMENTS: [&str; 6] = ["//", "/*", "--", ";", "%", "<!--"];

pub(super) fn comment(line: &SourceLine<'_>) -> Option<SyntaxError> {
    let begins = |text: &&str| COMMENTS.iter().any(|mark| text.starts_with(mark));
    let found = Some(line.trimmed())
        .filter(begins)
        .filter(|text| !text.starts_with("---"));
    let stopped_at = line.text[line.at..].trim_start();
    let is_mark = ["//", "/*", "<!--"]
        .iter()
        .any(|mark| line.at > 0 && stopped_at.starts_with(mark));
    let found = found
        .or_else(|| after_value(line).filter(begins))
        .or_else(|| is_mark.then_some(stopped_at))?;
    let mark = COMMENTS.iter().find(|mark| found.starts_with(**mark))?;
    if found.trim() == *mark && *mark == ";" {
        return None;
    }
    Some(SyntaxError::new(
        line.span(&found[..mark.len()]),
        format!("`{mark}` does not start a comment"),
        "comments start with `#`",
    ))
}

/// The text after the value in its line: after the closing quote, or after the space that follows a number or a date.
fn after_value<'a>(line: &SourceLine<'a>) -> Option<&'a str> {
    let value = line.value()?;
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
    if is_plain {
        let marks = COMMENTS.iter().filter_map(|mark| {
            let at = value.find(&format!(" {mark}"))?;
            let is_one_word = !value[..at].trim().contains(' ');
            is_one_word.then_some(at + 1)
        });
        return marks.min().map(|at| &value[at..]);
    }
    let length = super::quotes::length(value).unwrap_or(0);
    Some(value[length..].trim_start()).filter(|rest| length > 0 && rest.len() > 1)
}
