//! DKIM: whether the DNS has the public key of the key that signs messages.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{CheckResult, Query};
use crate::dkim::{self, SigningKey};
use crate::preflight::dns::tags;
use crate::preflight::report::Check;

const NAME: &str = "dkim record";

pub(super) fn check(query: &Query) -> CheckResult {
    let Some(dkim) = &query.newsletter.dkim else {
        let words = "not checked: only the relay may sign, and its selector is unknown";
        return Ok(Check::skipped(NAME, words));
    };
    let Some(key) = &dkim.key else {
        let words = "not checked: there is no key to compare it with";
        return Ok(Check::skipped(NAME, words));
    };
    let place = dkim::name(&dkim.selector, &dkim.domain);
    let records = query.resolver.texts(&place)?;
    let hint = "`franking dkim record` prints the record to publish";
    Ok(match records.as_slice() {
        [] => Check::warn(NAME, format!("no record at {place}")).hint(hint),
        [record] => match problem(record, key) {
            None => Check::ok(NAME, format!("{place} has the public key")),
            Some(why) => Check::warn(NAME, format!("the record at {place} {why}")).hint(hint),
        },
        _ => Check::warn(NAME, format!("several records at {place}"))
            .hint("receiving hosts choose one of them at random; use one selector for each key"),
    })
}

/// Why a receiving host would not verify a signature of `key` by `record` (RFC 6376 section 3.6.1).
fn problem(record: &str, key: &SigningKey) -> Option<String> {
    let Some(tags) = tags(record) else {
        return Some("cannot be read".to_owned());
    };
    let of = |name: &str| {
        let mut found = tags.iter().filter(|(tag, _)| tag == name);
        found.next().map(|(_, value)| value.as_str())
    };
    let holds = |list: &str, word: &str| list.split(':').any(|part| part.trim() == word);
    if of("v").is_some_and(|version| version != "DKIM1") {
        return Some("has another version".to_owned());
    }
    let public: String = of("p")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    if public.is_empty() {
        return Some("revokes the key".to_owned());
    }
    let kind = of("k").unwrap_or("rsa");
    if kind != key.kind() {
        return Some(format!(
            "is for a key of type `{kind}`, and the key has type `{}`",
            key.kind()
        ));
    }
    if of("h").is_some_and(|hashes| !holds(hashes, "sha256")) {
        return Some("does not allow SHA-256".to_owned());
    }
    let public = BASE64_STANDARD.decode(public).unwrap_or_default();
    if !key.is_published_as(&public) {
        return Some("is for another key, so that no signature can be verified".to_owned());
    }
    let is_testing = of("t").is_some_and(|flags| holds(flags, "y"));
    is_testing.then(|| "is marked as a test (`t=y`)".to_owned())
}
