//! DMARC: the policy of the domain of From for messages that fail authentication.

use super::{CheckResult, Query};
use crate::preflight::dns::{NotAnswered, tags};
use crate::preflight::report::Check;

/// The most domains that are queried, as in RFC 9989 section 4.10.
const MOST_STEPS: usize = 8;

pub(super) fn check(query: &Query) -> CheckResult {
    let Some((place, records)) = find(query)? else {
        let words = format!("no record at _dmarc.{}", query.domain);
        return Ok(Check::warn("dmarc", words).hint(
            "Gmail and Yahoo require a record from bulk senders; begin with `v=DMARC1; p=none; rua=mailto:…`",
        ));
    };
    Ok(match records.as_slice() {
        [record] => evaluate(query, &place, record),
        _ => Check::warn("dmarc", format!("several records at _dmarc.{place}"))
            .hint("receiving hosts ignore all of them"),
    })
}

/// The records of the domain, or of its nearest parent with records. Parents that are public suffixes have none.
fn find(query: &Query) -> Result<Option<(String, Vec<String>)>, NotAnswered> {
    let mut domain = query.domain.as_str();
    for _ in 0..MOST_STEPS {
        let mut records = query.resolver.texts(&format!("_dmarc.{domain}"))?;
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

fn evaluate(query: &Query, place: &str, record: &str) -> Check {
    let tags = tags(record).unwrap_or_default();
    let of = |name: &str| {
        let mut found = tags.iter().filter(|(tag, _)| tag == name);
        found.next().map(|(_, value)| value.to_ascii_lowercase())
    };
    let policy = match (place == query.domain, of("sp")) {
        (false, Some(of_subdomains)) => Some(of_subdomains),
        _ => of("p"),
    };
    let policy = policy.filter(|p| ["none", "quarantine", "reject"].contains(&p.as_str()));
    let Some(policy) = policy else {
        let words = format!("the record at _dmarc.{place} has no policy (`p=`)");
        return Check::warn("dmarc", words).hint("receiving hosts treat it as no record");
    };
    if let Some(signer) = unaligned(query, of("adkim").as_deref() == Some("s")) {
        let domain = &query.domain;
        let words = format!(
            "{place} requires signatures by {domain} itself (`adkim=s`), and messages are signed by {signer}"
        );
        return Check::warn("dmarc", words)
            .hint("sign for the domain of From, or remove `adkim=s`");
    }
    valid(place, &policy)
}

/// The result for a record without a problem.
fn valid(place: &str, policy: &str) -> Check {
    let check = Check::ok("dmarc", format!("{place} has the policy `{policy}`"));
    match policy {
        "none" => check
            .hint("receiving hosts only report; `quarantine` or `reject` protects the domain from forgery"),
        _ => check,
    }
}

/// The signing domain, if it is not aligned under a strict policy. A domain that is never aligned is a finding about
/// `[dkim]`.
fn unaligned<'a>(query: &'a Query, is_strict: bool) -> Option<&'a str> {
    let dkim = query.newsletter.dkim.as_ref()?;
    (is_strict && dkim.domain != query.domain).then_some(dkim.domain.as_str())
}
