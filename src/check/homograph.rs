//! Homographs: host names in another script whose letters all look like Latin letters.
//!
//! Browsers show such a name in Punycode; mail clients may not. The rule and the letters are those of Chromium
//! (components/url_formatter/spoof_checks/idn_spoof_checker.cc, whole-script confusables).

/// A script with its letters that look like Latin ones, and the top-level domains of the countries that use it.
struct LookalikeScript {
    name: &'static str,
    letters: &'static str,
    countries: &'static [&'static str],
}

const SCRIPTS: [LookalikeScript; 3] = [
    LookalikeScript {
        name: "Cyrillic",
        letters: "асԁеһіјӏорԛѕԝхуъьҽпгѵѡ",
        countries: &["bg", "by", "kz", "mk", "mn", "rs", "ru", "su", "ua", "uz"],
    },
    LookalikeScript {
        name: "Greek",
        letters: "αικνρυωηοτ",
        countries: &["gr"],
    },
    LookalikeScript {
        name: "Armenian",
        letters: "ագզէլհյոսւօՙ",
        countries: &["am"],
    },
];

/// The script of a label of `host` whose letters all look like Latin ones. The script is allowed below the top-level
/// domains of its countries.
pub(super) fn script(host: &str) -> Option<&'static str> {
    if host.is_ascii() {
        return None;
    }
    let (names, ending) = host.rsplit_once('.')?;
    let is_foreign =
        |script: &&LookalikeScript| ending.is_ascii() && !script.countries.contains(&ending);
    let looks_latin = |script: &&LookalikeScript| {
        let is_alike = |c: char| script.letters.contains(c) || c.is_ascii_digit() || c == '-';
        let is_whole = |label: &str| !label.is_ascii() && label.chars().all(is_alike);
        names.split('.').any(is_whole)
    };
    let found = SCRIPTS.iter().filter(is_foreign).find(looks_latin);
    found.map(|script| script.name)
}

#[cfg(test)]
mod tests {
    use super::script;

    #[test]
    fn a_label_is_alike_only_as_a_whole_and_abroad() {
        assert_eq!(
            script("\u{440}\u{430}\u{443}\u{440}\u{430}\u{4cf}.example"),
            Some("Cyrillic")
        );
        assert_eq!(script("\u{3bf}\u{3c1}-1.heron.example"), Some("Greek"));
        for host in [
            "яндекс.example",
            "оса.ru",
            "оса.рф",
            "heron.example",
            "bücher.example",
            "οδος.gr",
        ] {
            assert_eq!(script(host), None, "{host}");
        }
    }
}
