//! DKIM: whether the world finds the public half of the key that letters are signed with.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Asked, Made};
use crate::cli::doctor::report::Check;
use crate::dkim::{self, SigningKey};
use crate::preflight::dns::tags;

const NAME: &str = "dkim record";

pub(super) fn check(asked: &Asked) -> Made {
    let Some(dkim) = &asked.newsletter.dkim else {
        let words =
            "not looked at: the relay signs, if anybody does, and its selector is not known here";
        return Ok(Check::skipped(NAME, words));
    };
    let Some(key) = &dkim.key else {
        let words = "not looked at: there is no key to compare it with";
        return Ok(Check::skipped(NAME, words));
    };
    let place = dkim::name(&dkim.selector, &dkim.domain);
    let records = asked.resolver.texts(&place)?;
    let wanted = "`franking dkim record` prints the one that belongs there";
    Ok(match records.as_slice() {
        [] => Check::warn(NAME, format!("there is none at {place}")).hint(wanted),
        [record] => match fault(record, key) {
            None => Check::ok(NAME, format!("{place} has the public half of the key")),
            Some(why) => Check::warn(NAME, format!("the record at {place} {why}")).hint(wanted),
        },
        _ => Check::warn(NAME, format!("there are several at {place}"))
            .hint("which of them is taken is left to chance; one key has one selector"),
    })
}

/// Why a host would not verify a signature of `key` by `record` (RFC 6376 section 3.6.1).
fn fault(record: &str, key: &SigningKey) -> Option<String> {
    let Some(tags) = tags(record) else {
        return Some("cannot be read".to_owned());
    };
    let of = |name: &str| {
        let mut found = tags.iter().filter(|(tag, _)| tag == name);
        found.next().map(|(_, value)| value.as_str())
    };
    let holds = |list: &str, word: &str| list.split(':').any(|part| part.trim() == word);
    if of("v").is_some_and(|version| version != "DKIM1") {
        return Some("is of another version".to_owned());
    }
    let public: String = of("p")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    if public.is_empty() {
        return Some("says that the key is revoked".to_owned());
    }
    let kind = of("k").unwrap_or("rsa");
    if kind != key.kind() {
        return Some(format!(
            "is of kind `{kind}`, and the key of `{}`",
            key.kind()
        ));
    }
    if of("h").is_some_and(|hashes| !holds(hashes, "sha256")) {
        return Some("does not allow SHA-256".to_owned());
    }
    let public = BASE64_STANDARD.decode(public).unwrap_or_default();
    if !key.is_told_by(&public) {
        return Some("is that of another key, so that no signature would be good".to_owned());
    }
    let is_testing = of("t").is_some_and(|flags| holds(flags, "y"));
    is_testing.then(|| "says that it is only a test (`t=y`)".to_owned())
}
