//! PTR: whether the relay's address has a name that resolves to it (forward-confirmed reverse DNS).

use std::net::IpAddr;

use super::{Addresses, CheckResult, Query};
use crate::preflight::dns::NotAnswered;
use crate::preflight::report::Check;

const HINT: &str = "receiving hosts refuse senders without a name; this matters if the relay sends from the address on which it listens";

pub(super) fn check(query: &Query) -> CheckResult {
    let addresses = match &query.relay {
        Addresses::At(addresses) => addresses,
        Addresses::Unknown(why) => return Err(why.clone()),
        Addresses::Local => {
            let words =
                "not checked: the relay is on this machine, and its public address is unknown";
            return Ok(Check::skipped("ptr", words));
        }
    };
    if addresses.is_empty() {
        return Ok(Check::warn("ptr", "the relay's host name has no address"));
    }
    let mut names = Vec::new();
    for address in addresses {
        match name(query, *address)? {
            Ok(name) => names.push(format!("{address} is {name}")),
            Err(why) => return Ok(Check::warn("ptr", why).hint(HINT)),
        }
    }
    Ok(Check::ok("ptr", format!("{}, and back", names.join("; "))))
}

/// A name of `address` that resolves to it, or why there is none.
fn name(query: &Query, address: IpAddr) -> Result<Result<String, String>, NotAnswered> {
    let names = query.resolver.names(address)?;
    for name in &names {
        if query.resolver.addresses(name)?.contains(&address) {
            return Ok(Ok(name.clone()));
        }
    }
    Ok(Err(match names.first() {
        Some(name) => format!("{address} has the name {name}, which does not resolve to {address}"),
        None => format!("{address} has no name"),
    }))
}
