//! DMARC: what the domain of From asks hosts to do with letters that nobody answers for.

use super::{Asked, Made};
use crate::cli::doctor::report::Check;
use crate::preflight::dns::{NotAnswered, tags};

/// The most domains that are asked, as in RFC 9989 section 4.10.
const MOST_STEPS: usize = 8;

pub(super) fn check(asked: &Asked) -> Made {
    let Some((place, records)) = find(asked)? else {
        let words = format!("there is none at _dmarc.{}", asked.domain);
        return Ok(Check::warn("dmarc", words).hint(
            "Gmail and Yahoo ask it of whoever sends to many; begin with `v=DMARC1; p=none; rua=mailto:…`",
        ));
    };
    Ok(match records.as_slice() {
        [record] => told(asked, &place, record),
        _ => Check::warn("dmarc", format!("there are several at _dmarc.{place}"))
            .hint("hosts take none of them"),
    })
}

/// The records of the domain itself, or else of the nearest above it: which domains are registries is not known
/// here, and these have none.
fn find(asked: &Asked) -> Result<Option<(String, Vec<String>)>, NotAnswered> {
    let mut domain = asked.domain.as_str();
    for _ in 0..MOST_STEPS {
        let mut records = asked.resolver.texts(&format!("_dmarc.{domain}"))?;
        records.retain(|text| text.trim_start().starts_with("v=DMARC1"));
        if !records.is_empty() {
            return Ok(Some((domain.to_owned(), records)));
        }
        match domain.split_once('.') {
            Some((_, above)) if above.contains('.') => domain = above,
            _ => break,
        }
    }
    Ok(None)
}

fn told(asked: &Asked, place: &str, record: &str) -> Check {
    let tags = tags(record).unwrap_or_default();
    let of = |name: &str| {
        let mut found = tags.iter().filter(|(tag, _)| tag == name);
        found.next().map(|(_, value)| value.to_ascii_lowercase())
    };
    let policy = match (place == asked.domain, of("sp")) {
        (false, Some(below)) => Some(below),
        _ => of("p"),
    };
    let policy = policy.filter(|p| ["none", "quarantine", "reject"].contains(&p.as_str()));
    let Some(policy) = policy else {
        let words = format!("the record at _dmarc.{place} has no policy (`p=`)");
        return Check::warn("dmarc", words).hint("to hosts it is as if there were none");
    };
    if let Some(signer) = unaligned(asked, of("adkim").as_deref() == Some("s")) {
        let words = format!(
            "{place} wants signatures by {} itself (`adkim=s`), and letters are signed by {signer}",
            asked.domain
        );
        return Check::warn("dmarc", words)
            .hint("sign for the domain of From, or leave out `adkim=s`");
    }
    let check = Check::ok("dmarc", format!("{place} asks for `{policy}`"));
    match policy.as_str() {
        "none" => check
            .hint("hosts only watch; `quarantine` or `reject` keeps others from using the name"),
        _ => check,
    }
}

/// The domain that signs, where a strict policy does not count it. Whether one counts at all is a finding about
/// `[dkim]`.
fn unaligned<'a>(asked: &'a Asked, is_strict: bool) -> Option<&'a str> {
    let dkim = asked.newsletter.dkim.as_ref()?;
    (is_strict && dkim.domain != asked.domain).then_some(dkim.domain.as_str())
}
