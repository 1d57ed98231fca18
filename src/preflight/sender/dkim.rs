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

/// Why a receiving host would not verify a signature of `key` with `record` (RFC 6376 section 3.6.1).
fn problem(record: &str, key: &SigningKey) -> Option<String> {
    let Some(record) = tags(record).map(DkimRecord) else {
        return Some("cannot be read".to_owned());
    };
    let public: String = record
        .value("p")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    let (kind, own) = (record.value("k").unwrap_or("rsa"), key.kind());
    let problem = if record.value("v").is_some_and(|version| version != "DKIM1") {
        "has another version"
    } else if public.is_empty() {
        "revokes the key"
    } else if kind != own {
        return Some(format!(
            "is for a key of type `{kind}`, and the key has type `{own}`"
        ));
    } else if record.lists("h", "sha256") == Some(false) {
        "does not allow SHA-256"
    } else if !key.is_published_as(&BASE64_STANDARD.decode(public).unwrap_or_default()) {
        "is for another key, so that no signature can be verified"
    } else if record.lists("t", "y") == Some(true) {
        "is marked as a test (`t=y`)"
    } else {
        return None;
    };
    Some(problem.to_owned())
}

/// The tags of a record.
struct DkimRecord(Vec<(String, String)>);

impl DkimRecord {
    fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(tag, _)| tag == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether the list that is the value of a tag contains `word`; `None` without the tag.
    fn lists(&self, name: &str, word: &str) -> Option<bool> {
        let list = self.value(name)?;
        Some(list.split(':').any(|part| part.trim() == word))
    }
}
