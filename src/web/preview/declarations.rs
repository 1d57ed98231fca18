//! Changed values in the declarations of a message's HTML.

use crate::newsletter::template::value_spans;

/// The message with the value of each declaration replaced by `change`, in style attributes and in the style sheets of
/// the head. `change` gets the property and its value, and returns `None` for a value that stays.
pub(super) fn changed(html: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    with_styles(html, &STYLES, |styles| changed_values(styles, &change))
}

/// The message with each style sheet of the head replaced by `change`.
pub(super) fn with_style_sheets(html: &str, change: impl Fn(&str) -> String) -> String {
    with_styles(html, &STYLES[1..], change)
}

/// What begins styles in HTML, and what ends them: CSS in a message contains neither.
const STYLES: [(&str, &str); 2] = [(" style=\"", "\""), ("<style>", "</style>")];

fn with_styles(
    html: &str,
    styles: &[(&str, &'static str)],
    change: impl Fn(&str) -> String,
) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some((at, end)) = next_styles(rest, styles) {
        let (before, after) = rest.split_at(at);
        let (styles, after) = after.split_at(after.find(end).unwrap_or(after.len()));
        out.push_str(before);
        out.push_str(&change(styles));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The offset of the next styles, and what ends them.
fn next_styles(html: &str, styles: &[(&str, &'static str)]) -> Option<(usize, &'static str)> {
    let places = styles.iter().filter_map(|(begin, end)| {
        let at = html.find(begin)? + begin.len();
        Some((at, *end))
    });
    places.min_by_key(|(at, _)| *at)
}

fn changed_values(styles: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(styles.len());
    let mut written = 0;
    for (name, span) in value_spans(styles) {
        if let Some(value) = change(&name, &styles[span.clone()]) {
            out.push_str(&styles[written..span.start]);
            out.push_str(&value);
            written = span.end;
        }
    }
    out + &styles[written..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_changed_and_words_are_not() {
        let html = "<style>@media x{h1{color:a;b:c}}</style><p style=\"color:a\" title=\"color:a\">color:a</p>";
        let change = |name: &str, value: &str| (name == "color").then(|| value.to_uppercase());
        assert_eq!(
            changed(html, change),
            "<style>@media x{h1{color:A;b:c}}</style><p style=\"color:A\" title=\"color:a\">color:a</p>"
        );
    }

    #[test]
    fn what_looks_like_a_declaration_in_a_string_is_not_changed() {
        let html = "<p style=\"content:';color:a';color:a!important\">";
        let change = |name: &str, value: &str| (name == "color").then(|| value.to_uppercase());
        assert_eq!(
            changed(html, change),
            "<p style=\"content:';color:a';color:A!important\">"
        );
    }
}
