//! Links with a deceptive, mistyped or unreachable destination.
//!
//! Mail clients and spam filters warn about such links, and careful recipients do not follow them.

use std::net::IpAddr;

use url::{Host, Url};

use super::homograph;
use crate::diag::{Finding, Findings};
use crate::language::mixes_scripts;
use crate::newsletter::issue::LinkSource;
use crate::placeholder;
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::network::{is_below, is_host_name, is_public, is_public_name};

/// A problem of a link: code, message, hint.
type Deception = (&'static str, String, String);

/// File name extensions, which could be mistaken for a top-level domain.
const FILES: [&str; 41] = [
    "bib", "cpp", "css", "csv", "doc", "docx", "epub", "gif", "gz", "htm", "html", "ics", "ipynb",
    "java", "jpeg", "jpg", "js", "json", "log", "md", "mp3", "mp4", "odt", "pdf", "php", "png",
    "pptx", "sql", "svg", "tar", "tex", "toml", "ts", "tsx", "txt", "webp", "xls", "xlsx", "xml",
    "yaml", "zip",
];

/// Legal forms at the end of company names, without full stops.
const COMPANY_FORMS: [&str; 24] = [
    "AB", "AG", "AS", "BV", "Corp", "GmbH", "Inc", "KG", "LLC", "Limited", "Ltd", "NV", "Oy", "SA",
    "SARL", "SE", "SRL", "Sarl", "SpA", "Srl", "gmbh", "inc", "ltd", "plc",
];

/// The words between the parties of a court case.
const VERSUS: [&str; 2] = ["v", "vs"];

pub(super) fn check(link: &LinkSource, findings: &mut Findings) {
    let url = link.url.as_str();
    let parsed = Url::parse(url).ok();
    let problems = [
        spelling(url),
        invisible(url),
        parsed.as_ref().and_then(|parsed| mailbox(url, parsed)),
        parsed.as_ref().and_then(|parsed| user(url, parsed)),
        parsed.as_ref().and_then(|parsed| host(url, parsed)),
        parsed
            .as_ref()
            .and_then(|parsed| words(link.words.as_deref().or(link.title.as_deref())?, parsed)),
    ];
    for (code, message, hint) in problems.into_iter().flatten() {
        findings.push(at(link, code, message).hint(hint));
    }
}

/// A warning at the destination of a link.
pub(super) fn at(link: &LinkSource, code: &'static str, message: impl Into<String>) -> Finding {
    Finding::warning(code, message).at(link.place.clone())
}

fn deceptive(message: String, hint: &str) -> Deception {
    ("deceptive-link", message, hint.to_owned())
}

fn mistyped(message: String, hint: &str) -> Deception {
    ("mistyped-link", message, hint.to_owned())
}

/// The part of an http or https URL after its scheme.
fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        .then_some(rest)
}

/// The authority of an http or https URL, as written.
fn authority(url: &str) -> Option<&str> {
    let rest = after_scheme(url)?.trim_start_matches(['/', '\\']);
    rest.split(['/', '?', '#', '\\']).next()
}

/// Wrong slashes and repeated schemes. Browsers correct these typos, each in its own way.
fn spelling(url: &str) -> Option<Deception> {
    let rest = after_scheme(url)?;
    if url.contains('\\') {
        let message = "this link contains a backslash, which browsers read as `/`".to_owned();
        return Some(deceptive(message, "write `/`, or `%5C` for the character"));
    }
    let slashes = rest.len() - rest.trim_start_matches('/').len();
    if slashes != 2 {
        let message = "this link does not have two slashes after its scheme".to_owned();
        return Some(mistyped(message, "write `https://`"));
    }
    let authority = authority(url).unwrap_or_default().to_ascii_lowercase();
    ["http", "https", "http:", "https:"]
        .contains(&authority.as_str())
        .then(|| {
            mistyped(
                "this link has its scheme twice".to_owned(),
                "write `https://` once",
            )
        })
}

/// Invisible characters, and characters that look like a delimiter of a URL.
fn invisible(url: &str) -> Option<Deception> {
    if let Some(c) = url.chars().find(|c| is_invisible(*c)) {
        let message = format!(
            "U+{:04X} in this link is invisible or changes the direction",
            u32::from(c)
        );
        return Some(deceptive(message, "write the URL without it"));
    }
    let c = authority(url)?.chars().find(|c| LOOKALIKES.contains(c))?;
    let message = format!("`{c}` in the host name of this link hides where it leads");
    Some(deceptive(message, "write the host name in ASCII"))
}

/// Characters that look like a full stop, a slash or an `@`; and `%`, which encodes any character.
const LOOKALIKES: [char; 9] = [
    '\u{3002}', '\u{FF0E}', '\u{FF61}', '\u{FF0F}', '\u{FF20}', '\u{2044}', '\u{2215}', '\u{2024}',
    '%',
];

fn is_invisible(c: char) -> bool {
    matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFC}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Invalid addresses in a `mailto:` link.
fn mailbox(url: &str, parsed: &Url) -> Option<Deception> {
    if parsed.scheme() != "mailto" {
        return None;
    }
    let written = url.split_once(':')?.1.split('?').next().unwrap_or_default();
    let is_address = |one: &str| !one.starts_with('/') && Address::parse(&decoded(one)).is_ok();
    let is_valid =
        placeholder::has_mark(written) || written.is_empty() || written.split(',').all(is_address);
    (!is_valid).then(|| {
        let message = format!("`{}` is not an address", escape::terminal(written));
        mistyped(message, "write `mailto:name@host.example`")
    })
}

/// An address of a URL without its percent-encoding (RFC 6068 section 2).
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).filter(|code| !code.starts_with('+'));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A user name before the host: `https://bank.example@evil.example/` leads to `evil.example`.
fn user(url: &str, parsed: &Url) -> Option<Deception> {
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    let host = parsed
        .host_str()
        .filter(|_| has_user && after_scheme(url).is_some())?;
    let message = format!("the part before the `@` is a user name: this link leads to `{host}`");
    Some(deceptive(message, "remove the user name and the `@`"))
}

/// The problem of a host: private, invalid, a number, or in a misleading script.
fn host(url: &str, parsed: &Url) -> Option<Deception> {
    after_scheme(url)?;
    let name = match parsed.host()? {
        Host::Domain(name) => name.trim_end_matches('.'),
        Host::Ipv4(address) => return Some(number(IpAddr::V4(address))),
        Host::Ipv6(address) => return Some(number(IpAddr::V6(address))),
    };
    let is_repeated = matches!(name, "http" | "https");
    if !is_public_name(name) && !is_repeated {
        return Some(private(name));
    }
    if !is_repeated && !name.split('.').all(is_label) {
        let message = format!("`{}` is not a host name", escape::terminal(name));
        return Some(mistyped(
            message,
            "look for a comma, a second dot or a space",
        ));
    }
    misleading_script(name)
}

fn is_label(label: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    !label.is_empty() && label.chars().all(is_part)
}

/// A host name that imitates Latin script, or mixes scripts.
fn misleading_script(name: &str) -> Option<Deception> {
    let (shown, _) = idna::domain_to_unicode(name);
    if let Some(script) = homograph::script(&shown) {
        let message = format!(
            "the host name `{}` looks like Latin script but is {script}",
            escape::terminal(&shown)
        );
        return Some(deceptive(message, LOOKALIKE));
    }
    shown.split('.').any(mixes_scripts).then(|| {
        let message = format!(
            "the host name `{}` mixes several scripts",
            escape::terminal(&shown)
        );
        deceptive(message, LOOKALIKE)
    })
}

const LOOKALIKE: &str = "a character may be one that looks like another: type the name again";

fn number(address: IpAddr) -> Deception {
    if !is_public(address) {
        return private(&address.to_string());
    }
    let message = format!("this link leads to the IP address `{address}` instead of a host name");
    deceptive(message, "write the host name")
}

fn private(host: &str) -> Deception {
    let message = format!(
        "`{}` is not on the internet: recipients cannot reach it",
        escape::terminal(host)
    );
    (
        "private-link",
        message,
        "write the public address of the page".to_owned(),
    )
}

/// Link text that shows another host or address than the destination.
fn words(words: &str, parsed: &Url) -> Option<Deception> {
    let target = match parsed.scheme() {
        "mailto" => decoded(parsed.path()).rsplit_once('@')?.1.to_owned(),
        _ => parsed.host_str()?.to_owned(),
    };
    // Such a link is reported for its user name.
    if !parsed.username().is_empty() {
        return None;
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    let is_all = words.len() == 1;
    let mut shown = words.iter().enumerate().filter_map(|(at, word)| {
        let is_name =
            is_part_of_name(&words, at) || is_all && names_destination(word, parsed.as_str());
        shown_host(word, is_all).filter(|_| !is_name)
    });
    let other = shown.find(|shown| !is_same(shown, &target))?;
    let (other, target) = (escape::terminal(&other), escape::terminal(&target));
    let message = format!("the text shows `{other}`, but the link leads to `{target}`");
    Some(deceptive(
        message,
        "write the host of the link, or text without a host",
    ))
}

/// Whether a word with a full stop in it is part of a name: `Amazon.com, Inc.`, `Booking.com Holding`, `Commission v
/// Booking.com`. A word with `www.` or a path is not.
fn is_part_of_name(words: &[&str], at: usize) -> bool {
    let word = words[at];
    let lower = word.to_lowercase();
    if lower.starts_with("www.") || lower.contains(['/', '@', '(']) {
        return false;
    }
    let plain = |word: &str| word.replace(['.', ',', '(', ')'], "");
    let before = at.checked_sub(1).map(|at| words[at]);
    let after = words.get(at + 1).copied();
    let is_company = after.is_some_and(|after| COMPANY_FORMS.contains(&plain(after).as_str()));
    let is_party = [before, after]
        .into_iter()
        .flatten()
        .any(|next| VERSUS.contains(&plain(next).as_str()));
    let is_continued = after.is_some_and(|after| after.starts_with(char::is_uppercase))
        && word.ends_with(char::is_alphanumeric);
    is_company || word.starts_with(char::is_uppercase) && (is_party || is_continued)
}

/// Whether a word is the name of the file or account that the link leads to, such as `main.rs` or
/// `@office.social.example`. A host name with a common top-level domain is deceptive there too, unless it names an
/// account.
fn names_destination(word: &str, url: &str) -> bool {
    let lower = decoded(word).to_lowercase();
    let name = lower.trim_start_matches('@');
    let parts = url.split(['/', '?', '=', '&', '#']).skip(3);
    let mut parts = parts.map(|part| decoded(part).to_lowercase());
    let is_there = parts.any(|part| part.trim_start_matches('@') == name);
    is_there && (lower.starts_with('@') || !name.contains('@') && !is_host_name(name))
}

/// A word with fullwidth characters converted to ASCII, as browsers do in host names.
fn narrow(word: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3002}' | '\u{FF61}' => '.',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    word.chars().map(narrow).collect()
}

/// The host that a word shows: that of a URL or an address, or a bare host name. An uncommon host name counts only if
/// the word is the whole text.
fn shown_host(word: &str, is_all: bool) -> Option<String> {
    let narrow = narrow(word);
    // A sentence in Chinese or Japanese is one word with such full stops.
    let is_wide = narrow != word;
    let word = narrow.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let lower = word.to_lowercase();
    if after_scheme(&lower).is_some_and(|rest| rest.starts_with("//")) {
        let url = Url::parse(&lower).ok()?;
        // `https://bank.example@evil.example` shows `bank.example`.
        let shown = Some(url.username()).filter(|name| name.contains('.'));
        return Some(shown.or(url.host_str())?.to_owned());
    }
    if let Some((_, domain)) = lower
        .rsplit_once('@')
        .filter(|_| Address::parse(word).is_ok())
    {
        return Some(domain.to_owned());
    }
    let host = written_host(&lower);
    let is_shown =
        is_all && !is_wide || host.starts_with("www.") || is_host_name(written_host(word));
    (is_shown && may_be_host(host)).then(|| host.to_owned())
}

/// Whether a word has the form of a host name, and not of a file name.
fn may_be_host(word: &str) -> bool {
    let ending = word.rsplit('.').next().unwrap_or_default();
    let is_ending =
        ending.len() > 1 && ending.chars().all(char::is_alphabetic) && !FILES.contains(&ending);
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    word.contains('.') && is_ending && word.split('.').all(is_label)
}

/// The part of a word that may be a host name, as written.
fn written_host(word: &str) -> &str {
    word.split(['/', '?', '#', ':']).next().unwrap_or_default()
}

/// Whether two hosts are the same, or one is a subdomain of the other.
fn is_same(shown: &str, target: &str) -> bool {
    let plain = |host: &str| {
        let ascii = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned());
        ascii
            .trim_start_matches("www.")
            .trim_end_matches('.')
            .to_owned()
    };
    let (shown, target) = (plain(shown), plain(target));
    is_below(&shown, &target) || is_below(&target, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Place, Source};

    fn codes(url: &str, words: &str) -> Vec<&'static str> {
        let link = LinkSource {
            url: url.to_owned(),
            words: Some(words.to_owned()),
            title: None,
            place: Place::new(&Source::new("a.toml", ""), 0..0),
            words_place: None,
        };
        let mut findings = Findings::new();
        check(&link, &mut findings);
        findings
            .sorted()
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn links_that_deceive_are_found() {
        for (url, code) in [
            ("https://example.org@evil.example/", "deceptive-link"),
            ("https://user:word@evil.example/", "deceptive-link"),
            ("https:\\\\evil.example/", "deceptive-link"),
            ("https://a.example\\@evil.example/", "deceptive-link"),
            ("https://b\u{430}nk.example/", "deceptive-link"),
            ("https://xn--bnk-5cd.example/", "deceptive-link"),
            ("https://ba\u{200B}nk.example/", "deceptive-link"),
            ("https://bank.example/\u{202E}gpj.exe", "deceptive-link"),
            ("https://bank\u{3002}example/", "deceptive-link"),
            (
                "https://\u{440}\u{430}\u{443}\u{440}\u{430}\u{4cf}.example/",
                "deceptive-link",
            ),
            ("https://www.xn--80ak6aa92e.com/", "deceptive-link"),
            ("https://\u{3bf}\u{3c1}.example/", "deceptive-link"),
            ("https://%62ank.example/", "deceptive-link"),
            ("https://93.184.216.34/", "deceptive-link"),
            ("https://https://bank.example/", "mistyped-link"),
            ("http://https//bank.example/", "mistyped-link"),
            ("https:/bank.example/", "mistyped-link"),
            ("https:bank.example", "mistyped-link"),
            ("https:///bank.example", "mistyped-link"),
            ("https://bank,example.org/", "mistyped-link"),
            ("https://bank..example/", "mistyped-link"),
            ("mailto:desk.bank.example", "mistyped-link"),
            ("mailto://desk@bank.example", "mistyped-link"),
            ("http://localhost:1313/", "private-link"),
            ("https://wiki/", "private-link"),
            ("https://nas.local/", "private-link"),
            ("https://192.168.1.4/", "private-link"),
            ("https://2130706433/", "private-link"),
            ("https://[::1]/", "private-link"),
        ] {
            assert_eq!(codes(url, "The page"), [code], "{url}");
        }
    }

    #[test]
    fn honest_links_are_left_alone() {
        for url in [
            "https://heron.example/a_b?c=1&d=x@y#e",
            "https://b\u{fc}cher.example/",
            "https://\u{446}\u{430}\u{43f}\u{43b}\u{44f}.example/",
            "https://\u{9dfa}\u{306e}\u{672c}.example/",
            "https://heron.example:8443/",
            "mailto:desk@heron.example?subject=Hi",
            "tel:+3221234567",
            "mailto:a@heron.example,b@heron.example",
        ] {
            assert_eq!(codes(url, "The page"), [""; 0], "{url}");
        }
    }

    #[test]
    fn words_show_the_host_that_a_link_leads_to() {
        for words in [
            "https://bank.example",
            "www.bank.example",
            "bank.example/login",
            "See https://bank.example/ now",
            "desk@bank.example",
            "the bank.example login",
            "Bank (bank.example)",
            "see (https://bank.example) here",
        ] {
            assert_eq!(
                codes("https://heron.example/", words),
                ["deceptive-link"],
                "{words}"
            );
        }
        for words in [
            "heron.example",
            "https://www.heron.example/x",
            "shop.heron.example",
            "report.pdf",
            "Node.js",
            "e.g. this",
            "No. 4",
            "the shop of heron.example",
            "St.Pauli in v1.2.com3, Node.js and the U.S.A.",
            "desk@heron.example",
        ] {
            assert_eq!(
                codes("https://www.heron.example/", words),
                [""; 0],
                "{words}"
            );
        }
        assert_eq!(
            codes("mailto:a@heron.example", "a@bank.example"),
            ["deceptive-link"]
        );
    }

    #[test]
    fn an_address_is_compared_without_its_percent_encoding() {
        for url in [
            "mailto:a@b%C3%BCcher.example",
            "mailto:a@b\u{fc}cher.example",
            "mailto:a%40xn--bcher-kva.example",
        ] {
            assert_eq!(codes(url, "a@b\u{fc}cher.example"), [""; 0], "{url}");
        }
        assert_eq!(
            codes("mailto:a@b%C3%B6cher.example", "a@b\u{fc}cher.example"),
            ["deceptive-link"]
        );
    }
}
