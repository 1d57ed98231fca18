//! PTR: whether the relay's address has a name, and the name that address.

use std::net::IpAddr;

use super::{Addresses, Asked, Made};
use crate::cli::doctor::report::Check;
use crate::preflight::dns::NotAnswered;

const HINT: &str = "hosts refuse who has no name; it matters where the relay sends from the address that it listens at";

pub(super) fn check(asked: &Asked) -> Made {
    let addresses = match &asked.relay {
        Addresses::At(addresses) => addresses,
        Addresses::Unknown(why) => return Err(why.clone()),
        Addresses::Here => {
            let words = "not looked at: the relay is on this machine, and its address in the world is not known here";
            return Ok(Check::skipped("ptr", words));
        }
    };
    if addresses.is_empty() {
        return Ok(Check::warn("ptr", "the relay's name has no address"));
    }
    let mut names = Vec::new();
    for address in addresses {
        match name(asked, *address)? {
            Ok(name) => names.push(format!("{address} is {name}")),
            Err(why) => return Ok(Check::warn("ptr", why).hint(HINT)),
        }
    }
    Ok(Check::ok("ptr", format!("{}, and back", names.join("; "))))
}

/// A name of `address` that leads back to it, or why there is none.
fn name(asked: &Asked, address: IpAddr) -> Result<Result<String, String>, NotAnswered> {
    let names = asked.resolver.names(address)?;
    for name in &names {
        if asked.resolver.addresses(name)?.contains(&address) {
            return Ok(Ok(name.clone()));
        }
    }
    Ok(Err(match names.first() {
        Some(name) => format!("{address} is called {name}, which is not at {address}"),
        None => format!("{address} has no name"),
    }))
}
