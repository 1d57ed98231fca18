//! The DNS records of the sending domain and of the relay.
//!
//! Problems here do not stop a send, so they are warnings: receiving hosts may treat the messages as spam or refuse them. A
//! query without an answer is a failure, because the result is unknown.

mod dkim;
mod dmarc;
mod mx;
mod ptr;
mod spf;

use std::net::{IpAddr, SocketAddr};

use super::dns::{NotAnswered, Resolver};
use super::report::Check;
use crate::newsletter::config::{Newsletter, Smtp, is_this_machine};

/// The input of the checks.
struct Query<'a> {
    resolver: Resolver,
    newsletter: &'a Newsletter,
    /// The domain of From, and of the envelope.
    domain: String,
    relay: Addresses,
}

/// The addresses of the relays.
enum Addresses {
    /// All relays are on this machine, whose public address is unknown.
    Local,
    /// The addresses of the relays that are not on this machine.
    At(Vec<IpAddr>),
    /// A query for an address was not answered.
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
    run(&Query {
        resolver,
        newsletter,
        domain: newsletter.from.address.domain(),
        relay,
    })
}

fn run(query: &Query) -> Vec<Check> {
    let results = [
        ("from", mx::check(query)),
        ("spf", spf::check(query)),
        ("dkim record", dkim::check(query)),
        ("dmarc", dmarc::check(query)),
        ("ptr", ptr::check(query)),
    ];
    let checks = results
        .into_iter()
        .map(|(name, result)| result.unwrap_or_else(|why| not_made(name, &why)));
    checks.collect()
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
