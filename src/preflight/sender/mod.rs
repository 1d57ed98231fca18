//! The DNS records of the sending domain and of the relay.
//!
//! A problem here does not stop a send, so that it is a warning: receiving hosts treat the messages as junk or refuse them.
//! A query without an answer is a failure, because the result is unknown.

mod dkim;
mod dmarc;
mod mx;
mod ptr;
mod spf;

use std::net::{IpAddr, SocketAddr};

use super::dns::{NotAnswered, Resolver};
use super::report::Check;
use crate::newsletter::config::{Newsletter, Smtp, is_this_machine};

/// What the checks share.
struct Query<'a> {
    resolver: Resolver,
    newsletter: &'a Newsletter,
    /// The domain of From, and of the envelope.
    domain: String,
    relay: Addresses,
}

/// Where the relay is, as far as known.
enum Addresses {
    /// On this machine, so that its public address is unknown.
    Local,
    At(Vec<IpAddr>),
    /// The DNS did not answer.
    Unknown(NotAnswered),
}

/// A check, or the reason why it could not be made.
type CheckResult = Result<Check, NotAnswered>;

/// The checks for a newsletter with a relay.
pub(super) fn checks(newsletter: &Newsletter, server: Option<SocketAddr>) -> Vec<Check> {
    let Some(smtp) = &newsletter.smtp else {
        return Vec::new();
    };
    let resolver = match Resolver::new(server) {
        Ok(resolver) => resolver,
        Err(error) => return vec![not_made("dns", &error)],
    };
    if let Err(why) = resolver.find_root() {
        return vec![not_made("dns", &why)];
    }
    let relay = addresses(&resolver, smtp);
    let query = Query {
        resolver,
        newsletter,
        domain: newsletter.from.address.domain(),
        relay,
    };
    let made = [
        ("from", mx::check(&query)),
        ("spf", spf::check(&query)),
        ("dkim record", dkim::check(&query)),
        ("dmarc", dmarc::check(&query)),
        ("ptr", ptr::check(&query)),
    ];
    let made = made.into_iter().map(|(name, made)| match made {
        Ok(check) => check,
        Err(why) => not_made(name, &why),
    });
    made.collect()
}

fn not_made(name: &'static str, why: &dyn std::fmt::Display) -> Check {
    Check::not_made(name, why)
        .hint("`--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks")
}

/// The addresses of all relays that are not on this machine.
fn addresses(resolver: &Resolver, smtp: &Smtp) -> Addresses {
    let mut all = Vec::new();
    for (relay, _) in smtp
        .relays()
        .filter(|(relay, _)| !is_this_machine(&relay.host))
    {
        match relay.host.parse::<IpAddr>() {
            Ok(address) => all.push(address),
            Err(_) => match resolver.addresses(&relay.host) {
                Ok(found) => all.extend(found),
                Err(why) => return Addresses::Unknown(why),
            },
        }
    }
    if smtp.relays().all(|(relay, _)| is_this_machine(&relay.host)) {
        return Addresses::Local;
    }
    Addresses::At(all)
}
