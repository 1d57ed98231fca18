//! "Did you mean": the most similar of the valid names.

/// The name in `known` that is most similar to `given`, if one is similar enough; never `given` itself, which was
/// rejected.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rejected = given;
    let given = given.to_lowercase();
    let length = given.chars().count();
    let most = |name: &str| (length.max(name.len()) / 3).max(1);
    // Names of very different lengths cannot be similar, and comparing is slow.
    let may_be_near = |name: &&str| length.abs_diff(name.chars().count()) <= most(name);
    known
        .into_iter()
        .filter(|name| *name != rejected)
        .filter(may_be_near)
        .map(|name| {
            (
                strsim::damerau_levenshtein(&given, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| *distance <= most(name))
        // Of two equally similar names, transposed letters are the more likely mistake, and the first letter is usually
        // right.
        .min_by_key(|(distance, name)| {
            let has_other_begin = !given.starts_with(name.chars().next().unwrap_or_default());
            (*distance, !has_same_letters(&given, name), has_other_begin)
        })
        .map(|(_, name)| name)
}

/// The name in `known` that is most similar to `given`, at an edit distance of at most `distance`.
pub fn nearest_within<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
    distance: usize,
) -> Option<&'a str> {
    nearest(given, known).filter(|name| strsim::damerau_levenshtein(given, name) <= distance)
}

/// The edit distance of `given` and `known`, if one looks like a misspelling of the other.
///
/// Names that differ only in digits (`2025`, `2026`) are different on purpose. Any two names of two letters are
/// similar, so only transposed letters count there.
pub fn resembles(given: &str, known: &str) -> Option<usize> {
    let [given, known] = [given, known].map(str::to_lowercase);
    let length = given.chars().count().max(known.chars().count());
    let most = (length / 3).max(1);
    if given.chars().count().abs_diff(known.chars().count()) > most {
        return None;
    }
    let shape = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "0");
    if given != known && shape(&given) == shape(&known) {
        return None;
    }
    let distance = strsim::damerau_levenshtein(&given, &known);
    (distance <= most && (length > 3 || has_same_letters(&given, &known))).then_some(distance)
}

fn has_same_letters(one: &str, other: &str) -> bool {
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// The hint with the most similar name in `known`; `None` if none is similar.
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, known).map(|name| format!("did you mean `{name}`?"))
}

/// The hint about a rejected name: the most similar name in `known`, or all of them; `None` if there is no other.
pub fn one_of(given: &str, known: &[&str]) -> Option<String> {
    if let Some(hint) = did_you_mean(given, known.iter().copied()) {
        return Some(hint);
    }
    let known: Vec<&str> = known
        .iter()
        .copied()
        .filter(|name| *name != given)
        .collect();
    match known.as_slice() {
        [] => None,
        [only] => Some(format!("expected `{only}`")),
        [first, second] => Some(format!("expected `{first}` or `{second}`")),
        several => Some(format!("expected one of {}", quoted(several))),
    }
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_resembles_its_misspellings_and_no_other_name() {
        for (given, known, distance) in [
            ("memebrs", "members", Some(1)),
            ("Members", "members", Some(0)),
            ("pres", "press", Some(1)),
            ("ne", "en", Some(1)),
            ("It", "IT", Some(0)),
            ("fr", "fi", None),
            ("a", "b", None),
            ("2025", "2026", None),
            ("board", "donors", None),
        ] {
            assert_eq!(resembles(given, known), distance, "{given}, {known}");
        }
    }

    #[test]
    fn a_misspelling_is_recognised_and_another_name_is_not() {
        assert_eq!(nearest("author", ["authors", "body"]), Some("authors"));
        assert_eq!(nearest("Titel", ["title", "body"]), Some("title"));
        assert_eq!(nearest("colour", ["title", "body"]), None);
        assert_eq!(nearest("tabel", ["label", "table"]), Some("table"));
        assert_eq!(nearest("tdd", ["dd", "td"]), Some("td"));
        assert_eq!(
            one_of("colour", &["title", "url"]).as_deref(),
            Some("expected `title` or `url`")
        );
    }

    #[test]
    fn hints_neither_repeat_the_rejected_name_nor_list_nothing() {
        assert_eq!(one_of("title", &["title"]), None);
        assert_eq!(one_of("title", &[]), None);
        assert_eq!(
            one_of("title", &["title", "url"]).as_deref(),
            Some("expected `url`")
        );
    }
}
