//! The DKIM key.

use super::report::Check;
use crate::diag::Finding;
use crate::newsletter::config::Newsletter;

/// Whether a finding about newsletter.toml is about the DKIM key, which has checks of its own.
pub(super) fn is_about(finding: &Finding) -> bool {
    finding.code.ends_with("-dkim-key") || finding.code == "unaligned-dkim"
}

/// Without a usable key that only its owner can read, nothing is sent. All other findings about it are warnings.
pub(super) fn checks(findings: &[&Finding], newsletter: &Newsletter) -> Vec<Check> {
    let Some(dkim) = &newsletter.dkim else {
        let words = match newsletter.smtp {
            Some(_) => "messages are not signed here; the relay must sign them",
            None => "messages are not signed here",
        };
        return vec![Check::ok("dkim", words)];
    };
    if findings.is_empty() && dkim.key.is_some() && dkim.exposed.is_none() {
        let words = format!("signed for {}, selector {}", dkim.domain, dkim.selector);
        return vec![Check::ok("dkim", words)];
    }
    let has_key = dkim.key.is_some();
    let mut checks: Vec<Check> = findings
        .iter()
        .map(|finding| of_finding(finding, has_key))
        .collect();
    // The settings may allow the findings, but a send fails nevertheless.
    if let Some(mode) = dkim.exposed
        && !findings.iter().any(|finding| is_exposed_key(finding))
    {
        let words = format!("other users can read the key (mode {mode:04o})");
        checks.push(Check::fail("dkim", words));
    }
    if !has_key && !findings.iter().any(|finding| is_missing_key(finding)) {
        checks.push(Check::fail("dkim", "there is no key to sign with"));
    }
    checks
}

/// Whether the finding is the reason why there is no key.
fn is_missing_key(finding: &Finding) -> bool {
    !matches!(finding.code, "unaligned-dkim" | "exposed-dkim-key")
}

fn is_exposed_key(finding: &Finding) -> bool {
    finding.code == "exposed-dkim-key"
}

fn of_finding(finding: &Finding, has_key: bool) -> Check {
    let message = finding.message.clone();
    let stops_send = is_exposed_key(finding) || (is_missing_key(finding) && !has_key);
    let check = match stops_send {
        true => Check::fail("dkim", message),
        false => Check::warn("dkim", message),
    };
    match &finding.hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}
