//! Tag lists such as `v=DMARC1; p=none`, the syntax of DKIM and DMARC records (RFC 6376 section 3.2, RFC 7489 section
//! 6.4).

/// The tags of a record in order, without white space around names and values. `None` if a part has no `=`, or a tag
/// occurs twice.
pub fn tags(record: &str) -> Option<Vec<(String, String)>> {
    let mut tags: Vec<(String, String)> = Vec::new();
    let parts = record.split(';').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        if tags.iter().any(|(other, _)| *other == name) {
            return None;
        }
        tags.push((name, value.trim().to_owned()));
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_parsed_with_any_white_space() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            tags("v=DMARC1;p = none ; rua=mailto:a@b.example?x=y;"),
            Some(vec![
                pair("v", "DMARC1"),
                pair("p", "none"),
                pair("rua", "mailto:a@b.example?x=y")
            ])
        );
        assert_eq!(tags("v=DMARC1; p"), None);
        assert_eq!(tags("p=none; p=reject"), None);
    }
}
