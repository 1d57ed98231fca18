//! Brackets intended as a link, a footnote, a task or a tag of another dialect.

use super::LiteralMark;
use super::characters::ascii;
use crate::newsletter::issue::mapped_text::LINK;

/// The incomplete links and other bracket syntaxes in `text`.
pub(super) fn of(text: &str) -> Vec<LiteralMark> {
    const HINT: &str = "write `[words](https://…)` without a space between the brackets, and `%20` for a space in the URL";
    let mut found = Vec::new();
    // The last unclosed `[`. An escaped bracket is a gap in this text, and opens nothing.
    let mut open: Option<usize> = None;
    let is_bracket = |byte| (byte == b'[') | (byte == b']') | (byte == b'(') | (byte == b')');
    for (at, c) in ascii(text, is_bracket) {
        let rest = &text[at + 1..];
        let is_link = match c {
            '[' => {
                open = Some(at);
                found.extend(special(text, at));
                false
            }
            ']' => {
                let words = open.map_or("", |open| &text[open + 1..at]);
                closes_link(rest, open.is_some()) || names_label(words, rest)
            }
            // After an unclosed bracket: `[words(https://…)`.
            '(' => open.is_some() && leads(rest),
            _ => rest.strip_prefix('[').is_some_and(leads),
        };
        if is_link {
            let start = open.unwrap_or(at);
            found.push(LiteralMark::new(start..at + 1, "an incomplete link", HINT));
        }
        if is_link || c == ']' {
            open = None;
        }
    }
    found
}

/// Whether `rest`, the text after a `]`, was intended as the destination of a link.
fn closes_link(rest: &str, is_open: bool) -> bool {
    let target = rest.trim_start_matches([' ', '\n']);
    let definition = rest.strip_prefix(':').map(str::trim_start);
    is_open && rest.starts_with('(')
        || target.strip_prefix(['(', '{']).is_some_and(leads)
        || definition.is_some_and(leads)
}

/// Whether `words` in brackets and the bracketed word in `rest` were intended as `[words][label]`.
fn names_label(words: &str, rest: &str) -> bool {
    let Some((label, _)) = rest
        .strip_prefix(" [")
        .and_then(|rest| rest.split_once(']'))
    else {
        return false;
    };
    // Remarks such as `[sic]` and `[Ed. note]` are in brackets too.
    let is_remark = words.eq_ignore_ascii_case("sic") || words.ends_with(['.', '!', '…']);
    let is_text = words.contains(char::is_alphabetic) && !words.contains(['[', '\n']);
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let has_letter = label.contains(|c: char| c.is_ascii_lowercase());
    is_text && !is_remark && label != "sic" && has_letter && label.chars().all(is_label)
}

/// Whether `target` starts with a possible link destination.
fn leads(target: &str) -> bool {
    target.starts_with(LINK)
        || ["www.", "mailto:", "tel:"]
            .iter()
            .any(|head| target.starts_with(head))
}

/// Bracket syntax of other dialects: a footnote, a task, an admonition, BBCode.
fn special(text: &str, open: usize) -> Option<LiteralMark> {
    let rest = &text[open..];
    let reach = rest.char_indices().nth(80).map_or(rest.len(), |(at, _)| at);
    let end = rest[..reach].find(']')? + 1;
    let begins_line = text[..open]
        .trim_end_matches(' ')
        .chars()
        .next_back()
        .is_none_or(|c| c == '\n');
    let (what, hint) = dialect(&rest[1..end - 1], begins_line)?;
    Some(LiteralMark::new(open..open + end, what, hint))
}

/// The description and the hint of the syntax with `inside` between brackets.
fn dialect(inside: &str, begins_line: bool) -> Option<(&'static str, &'static str)> {
    if inside.len() > 1 && inside.starts_with('^') {
        let hint = "write the note in brackets, or at the end of the section";
        return Some(("a footnote", hint));
    }
    if begins_line && matches!(inside, " " | "x" | "X") {
        let hint = "write `- [ ] words`, each item in a line of its own";
        return Some(("an incomplete task list", hint));
    }
    if begins_line && inside.starts_with('!') {
        return Some(("an admonition", "write the word in bold: `**Note:**`"));
    }
    if inside.eq_ignore_ascii_case("toc") {
        return Some(("contents", "use a section of `kind = \"contents\"`"));
    }
    let hint = "write Markdown: `**bold**`, `*italic*`, `[words](https://…)`";
    is_bbcode(inside).then_some(("BBCode", hint))
}

/// The usual tags of BBCode.
const BBCODE: [&str; 11] = [
    "b", "i", "u", "s", "url", "img", "quote", "list", "code", "color", "size",
];

/// Whether `inside` is an end tag such as `/b`, or a tag with a value such as `url=https://…`.
fn is_bbcode(inside: &str) -> bool {
    let is_tag = |tag: &str| BBCODE.contains(&tag.to_ascii_lowercase().as_str());
    inside.strip_prefix('/').is_some_and(is_tag)
        || inside.split_once('=').is_some_and(|(tag, _)| is_tag(tag))
}
