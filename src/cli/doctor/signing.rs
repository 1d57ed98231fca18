//! The key that letters are signed with.

use super::report::Check;
use crate::diag::Finding;
use crate::newsletter::config::Newsletter;

/// Whether a finding about newsletter.toml is one about its key, which has lines of its own.
pub(super) fn is_about(finding: &Finding) -> bool {
    finding.code.ends_with("-dkim-key") || finding.code == "unaligned-dkim"
}

/// Without a key that can be used nothing is sent; anything else about it is unwise only.
pub(super) fn checks(findings: &[&Finding], newsletter: &Newsletter) -> Vec<Check> {
    let Some(dkim) = &newsletter.dkim else {
        let words = match newsletter.smtp {
            Some(_) => "letters are not signed here; the relay has to",
            None => "letters are not signed here",
        };
        return vec![Check::ok("dkim", words)];
    };
    if findings.is_empty() && dkim.key.is_some() {
        let words = format!("signed for {}, selector {}", dkim.domain, dkim.selector);
        return vec![Check::ok("dkim", words)];
    }
    let has_key = dkim.key.is_some();
    let told = findings.iter().map(|finding| told(finding, has_key));
    let mut checks: Vec<Check> = told.collect();
    // A publication may allow the finding; a send goes no further for that.
    if !has_key && !findings.iter().any(|finding| is_lack(finding)) {
        checks.push(Check::fail("dkim", "there is no key to sign with"));
    }
    checks
}

/// Whether the finding says why there is no key, and not how it is kept or whose it is.
fn is_lack(finding: &Finding) -> bool {
    !matches!(finding.code, "unaligned-dkim" | "exposed-dkim-key")
}

fn told(finding: &Finding, has_key: bool) -> Check {
    let message = finding.message.clone();
    let check = match is_lack(finding) && !has_key {
        true => Check::fail("dkim", message),
        false => Check::warn("dkim", message),
    };
    match &finding.hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}
