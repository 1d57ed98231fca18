//! SPF: whether the domain of the envelope, which is that of From, authorizes the relay.

use std::net::IpAddr;

use super::{Addresses, CheckResult, Query};
use crate::preflight::dns::{self, Spf, SpfError, SpfResult};
use crate::preflight::report::Check;

pub(super) fn check(query: &Query) -> CheckResult {
    let addresses = match &query.relay {
        Addresses::At(addresses) => addresses.as_slice(),
        Addresses::Local | Addresses::Unknown(_) => &[],
    };
    let found = dns::examine(&query.resolver, &query.domain, addresses)?;
    Ok(match found {
        Ok(spf) => evaluate(&spf, addresses, query),
        Err(error) => invalid(&error),
    })
}

fn invalid(error: &SpfError) -> Check {
    let hint = match error {
        SpfError::Missing(_) => {
            "receiving hosts expect a list of authorized senders; ask the relay's operator for the term (`include:…`)"
        }
        SpfError::Several(_) => {
            "merge them into one record with all terms, beginning with `v=spf1`"
        }
        SpfError::Term(..) => "receiving hosts reject the whole record for it",
        SpfError::TooMany => "remove an `include:` that is no longer used",
        SpfError::TooManyVoid => "remove terms whose names no longer exist",
        SpfError::TooManyHosts(_) => "list the addresses with `ip4:` and `ip6:`",
    };
    Check::warn("spf", error.to_string()).hint(hint)
}

fn evaluate(spf: &Spf, addresses: &[IpAddr], query: &Query) -> Check {
    let domain = &query.domain;
    if spf.others == Some('+') {
        let words = format!("{domain} authorizes every host to send (`+all`)");
        return Check::warn("spf", words).hint("end it with `-all` or `~all`");
    }
    let refused = addresses_with(spf, |result| {
        !matches!(result, SpfResult::Pass | SpfResult::Unknown)
    });
    if !refused.is_empty() {
        return unauthorized(spf, &refused, domain);
    }
    let unknown = addresses_with(spf, |result| result == SpfResult::Unknown);
    let words = match &query.relay {
        Addresses::Local => format!(
            "one record at {domain}; the relay is on this machine, and its public address is unknown"
        ),
        Addresses::Unknown(_) => {
            format!("one record at {domain}; the relay's address is unknown")
        }
        Addresses::At(_) if !unknown.is_empty() => format!(
            "one record at {domain}; whether it authorizes {} depends on a macro, and is only known when a message is sent",
            shown(&unknown)
        ),
        Addresses::At(_) => {
            format!(
                "{domain} authorizes the relay's address {}",
                shown(addresses)
            )
        }
    };
    with_advice_about_others(Check::ok("spf", words), spf)
}

/// The check of a record that does not authorize the addresses `refused`, which are not empty.
fn unauthorized(spf: &Spf, refused: &[IpAddr], domain: &str) -> Check {
    let mut results = spf.results.iter();
    let result = results.find(|(address, _)| *address == refused[0]);
    let result = result.map_or("none", |(_, result)| result.as_str());
    let words = format!(
        "{domain} does not authorize the relay's address {} (result: {result})",
        shown(refused)
    );
    Check::warn("spf", words).hint(
        "a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)",
    )
}

/// The addresses with a matching result.
fn addresses_with(spf: &Spf, is_wanted: impl Fn(SpfResult) -> bool) -> Vec<IpAddr> {
    let results = spf.results.iter();
    let wanted = results.filter(|(_, result)| is_wanted(*result));
    wanted.map(|(address, _)| *address).collect()
}

/// Adds a hint if the record does not exclude other senders.
fn with_advice_about_others(check: Check, spf: &Spf) -> Check {
    match spf.others {
        Some('-' | '~') => check,
        _ => check.hint("it does not exclude other senders; end it with `-all` or `~all`"),
    }
}

fn shown(addresses: &[IpAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    addresses.join(", ")
}
