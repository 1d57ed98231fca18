//! SPF: whether the domain of the envelope, which is that of From, names the relay.

use std::net::IpAddr;

use super::{Addresses, Asked, Made};
use crate::cli::doctor::report::Check;
use crate::preflight::dns::{self, Spf, SpfFault};

pub(super) fn check(asked: &Asked) -> Made {
    let addresses = match &asked.relay {
        Addresses::At(addresses) => addresses.as_slice(),
        Addresses::Here | Addresses::Unknown(_) => &[],
    };
    let found = dns::examine(&asked.resolver, &asked.domain, addresses)?;
    Ok(match found {
        Ok(spf) => told(&spf, addresses, asked),
        Err(fault) => wrong(&fault),
    })
}

fn wrong(fault: &SpfFault) -> Check {
    let hint = match fault {
        SpfFault::Missing(_) => {
            "hosts want to know who may send for a domain; the relay's operator says what to write (`include:…`)"
        }
        SpfFault::Several(_) => "make one of them, with all the terms, `v=spf1` at its head",
        SpfFault::Term(..) => "to hosts the whole record is an error for that",
        SpfFault::TooMany => "leave out an `include:` that is no longer used",
    };
    Check::warn("spf", fault.to_string()).hint(hint)
}

fn told(spf: &Spf, addresses: &[IpAddr], asked: &Asked) -> Check {
    let domain = &asked.domain;
    if spf.others == Some('+') {
        let words = format!("{domain} lets everybody send in its name (`+all`)");
        return Check::warn("spf", words).hint("end it with `-all` or `~all`");
    }
    if spf.is_named {
        let words = format!("{domain} names the relay's address {}", shown(addresses));
        return ending(Check::ok("spf", words), spf);
    }
    match &asked.relay {
        Addresses::Here => {
            let words = format!(
                "one record at {domain}; the relay is on this machine, and its address in the world is not known here"
            );
            ending(Check::ok("spf", words), spf)
        }
        Addresses::Unknown(_) => {
            let words = format!("one record at {domain}; the relay's address is not known");
            ending(Check::ok("spf", words), spf)
        }
        Addresses::At(_) if spf.is_open => {
            let words = format!(
                "one record at {domain}; only a letter can show whether it names {}",
                shown(addresses)
            );
            ending(Check::ok("spf", words), spf)
        }
        Addresses::At(_) => {
            let words = format!(
                "{domain} does not name the relay's address {}",
                shown(addresses)
            );
            Check::warn("spf", words).hint(
                "a relay may send from others than it listens at; its operator says what to write (`include:…`)",
            )
        }
    }
}

fn ending(check: Check, spf: &Spf) -> Check {
    match spf.others {
        Some('-' | '~') => check,
        _ => check.hint("it says nothing against others; `-all` or `~all` at its end does"),
    }
}

fn shown(addresses: &[IpAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    addresses.join(", ")
}
