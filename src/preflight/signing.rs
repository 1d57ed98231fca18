//! Checks of the DKIM key.

use super::report::Check;
use crate::diag::Finding;
use crate::newsletter::config::{Dkim, Newsletter};

/// Whether a finding about newsletter.toml is about the DKIM key, which has checks of its own.
pub(super) fn is_about(finding: &Finding) -> bool {
    finding.code.ends_with("-dkim-key") || finding.code == "unaligned-dkim"
}

/// The checks of the key. A send needs a usable key that only its owner can read; other findings about it are warnings.
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
    let checks = findings.iter().map(|finding| of_finding(finding, has_key));
    let mut checks: Vec<Check> = checks.collect();
    checks.extend(allowed_failures(findings, dkim));
    checks
}

/// Failures of a send whose findings are allowed in the settings, and so are not reported as findings.
fn allowed_failures(findings: &[&Finding], dkim: &Dkim) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(mode) = dkim.exposed
        && !findings.iter().any(|finding| is_exposed_key(finding))
    {
        let words = format!("other users can read the key (mode {mode:04o})");
        checks.push(Check::fail("dkim", words));
    }
    if dkim.key.is_none() && !findings.iter().any(|finding| is_missing_key(finding)) {
        checks.push(Check::fail("dkim", "there is no key to sign with"));
    }
    checks
}

/// Whether the finding is the reason why there is no usable key.
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
