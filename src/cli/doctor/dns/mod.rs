//! What the DNS says of the sender.
//!
//! Nothing that the DNS answers keeps a send from beginning, so that it is a warning: hosts put messages among the junk
//! for it, or refuse them. A question without an answer is a failure, because nothing is known.

mod author;
mod dmarc;
mod key;
mod reverse;
mod sender;

use std::net::{IpAddr, SocketAddr};

use super::report::Check;
use crate::newsletter::config::{Newsletter, Smtp, is_this_machine};
use crate::preflight::dns::{NotAnswered, Resolver};

/// What the checks share.
struct Asked<'a> {
    resolver: Resolver,
    newsletter: &'a Newsletter,
    /// The domain of From, and of the envelope.
    domain: String,
    relay: Addresses,
}

/// Where the relay is.
enum Addresses {
    /// On this machine: how the world sees it is not known here.
    Here,
    At(Vec<IpAddr>),
    /// It was not answered.
    Unknown(NotAnswered),
}

/// A check, or why it could not be made.
type Made = Result<Check, NotAnswered>;

/// Those that a publication with a relay needs.
pub(super) fn checks(newsletter: &Newsletter, server: Option<SocketAddr>) -> Vec<Check> {
    let Some(smtp) = &newsletter.smtp else {
        return Vec::new();
    };
    let resolver = match Resolver::new(server) {
        Ok(resolver) => resolver,
        Err(error) => return vec![unmade("dns", &error)],
    };
    if let Err(why) = resolver.find_root() {
        return vec![unmade("dns", &why)];
    }
    let relay = addresses(&resolver, smtp);
    let asked = Asked {
        resolver,
        newsletter,
        domain: newsletter.from.address.domain(),
        relay,
    };
    let made = [
        ("from", author::check(&asked)),
        ("spf", sender::check(&asked)),
        ("dkim record", key::check(&asked)),
        ("dmarc", dmarc::check(&asked)),
        ("ptr", reverse::check(&asked)),
    ];
    let made = made.into_iter().map(|(name, made)| match made {
        Ok(check) => check,
        Err(why) => unmade(name, &why),
    });
    made.collect()
}

fn unmade(name: &'static str, why: &dyn std::fmt::Display) -> Check {
    Check::unmade(name, why)
        .hint("`--dns ADDRESS` asks another server, and `--no-dns` leaves the DNS out")
}

/// Those of every relay that is not on this machine.
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
        return Addresses::Here;
    }
    Addresses::At(all)
}
