//! The declarations of a letter's styles, one by one: what a client changes, it changes there.

/// The letter with the value of each declaration as `change` wants it, in style attributes and in the head's
/// style sheets; `change` gets the property and its value, and gives a value or leaves the old one.
pub(super) fn changed(html: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some((at, end)) = next_styles(rest) {
        let (before, after) = rest.split_at(at);
        let (styles, after) = after.split_at(after.find(end).unwrap_or(after.len()));
        out.push_str(before);
        for declaration in styles.split_inclusive(['{', '}', ';']) {
            put(declaration, &change, &mut out);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the next styles begin, and what ends them.
fn next_styles(html: &str) -> Option<(usize, &'static str)> {
    const PLACES: [(&str, &str); 2] = [(" style=\"", "\""), ("<style>", "</style>")];
    let places = PLACES.iter().filter_map(|(begin, end)| {
        let at = html.find(begin)? + begin.len();
        Some((at, *end))
    });
    places.min_by_key(|(at, _)| *at)
}

fn put(declaration: &str, change: impl Fn(&str, &str) -> Option<String>, out: &mut String) {
    let text = declaration.trim_end_matches(['{', '}', ';']);
    let end = &declaration[text.len()..];
    let changed = text.split_once(':').and_then(|(name, value)| {
        let value = change(name.trim(), value)?;
        Some(format!("{name}:{value}"))
    });
    out.push_str(changed.as_deref().unwrap_or(text));
    out.push_str(end);
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
}
