//! Visits links: whether what they lead to is still there.
//!
//! Link checkers of mail tools have been used to knock at doors inside a network. So every name is resolved
//! first, by us, again behind every redirect, and an address that is not on the open internet is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// How many links are visited side by side.
const VISITORS: usize = 8;
/// How long one of them may take.
const LIMIT: Duration = Duration::from_secs(20);
const REDIRECTS: u32 = 5;

/// What came of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// Something is there.
    Found,
    /// The server says that nothing is, with this status.
    Status(u16),
    /// There was no answer.
    Failed(String),
}

/// Which addresses may be visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the open internet.
    Public,
    /// This machine's own too: for tests, which have no other servers.
    Loopback,
}

/// Visits each of `urls`, several at once; the visits in the order of the links.
pub fn visit(urls: &[String], reach: Reach) -> Vec<Visit> {
    let agent = agent(reach);
    let next = Mutex::new(urls.iter().enumerate());
    let visits = Mutex::new(vec![Visit::Failed(String::new()); urls.len()]);
    std::thread::scope(|scope| {
        for _ in 0..VISITORS.min(urls.len()) {
            scope.spawn(|| {
                while let Some((number, url)) = locked(&next).next() {
                    let visit = one(&agent, url);
                    locked(&visits)[number] = visit;
                }
            });
        }
    });
    visits
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn agent(reach: Reach) -> Agent {
    let config = Config::builder()
        .timeout_global(Some(LIMIT))
        .max_redirects(REDIRECTS)
        .max_response_header_size(64 * 1024)
        .http_status_as_error(false)
        // A proxy would resolve names for itself.
        .proxy(None)
        .user_agent(concat!(
            "franking/",
            env!("CARGO_PKG_VERSION"),
            " (link check)"
        ))
        .build();
    let resolver = Guarded {
        reach,
        inner: DefaultResolver::default(),
    };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// HEAD asks for no body; some servers know it badly, so a refusal is asked again with GET.
fn one(agent: &Agent, url: &str) -> Visit {
    match agent.head(url).call() {
        Ok(response) if response.status().as_u16() < 400 => Visit::Found,
        _ => match agent.get(url).call() {
            Ok(response) if response.status().as_u16() < 400 => Visit::Found,
            Ok(response) => Visit::Status(response.status().as_u16()),
            Err(Error::Io(error)) => Visit::Failed(error.to_string()),
            Err(error) => Visit::Failed(error.to_string()),
        },
    }
}

#[derive(Debug)]
struct Guarded {
    reach: Reach,
    inner: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        let mut may_be_visited = found
            .iter()
            .filter(|address| self.allows(address.ip()))
            .peekable();
        if may_be_visited.peek().is_none() {
            let refusal = "its address is not on the open internet";
            return Err(Error::Io(std::io::Error::other(refusal)));
        }
        may_be_visited.for_each(|address| allowed.push(*address));
        Ok(allowed)
    }
}

impl Guarded {
    fn allows(&self, address: IpAddr) -> bool {
        let is_own = self.reach == Reach::Loopback && address.is_loopback();
        is_own || is_public(address)
    }
}

/// Whether an address is on the open internet: none of the ranges that IANA keeps for other uses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Carriers' own (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // 2000::/3 is all that has been given out; of it, 2001:db8::/32 is for documents, 2001::/23 for protocols.
    let [first, second, ..] = address.segments();
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = first == 0x2001 && (second == 0x0db8 || second < 0x0200);
    is_given_out && !is_special
}

/// The IPv4 address inside a mapped, a translated (RFC 6052) or a 6to4 (RFC 3056) one.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(from(high, low))
        }
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_visited() {
        let is_public = |text: &str| is_public(text.parse().expect("an address"));
        for text in [
            "93.184.216.34",
            "2606:2800:220:1::1",
            "::ffff:93.184.216.34",
        ] {
            assert!(is_public(text), "{text}");
        }
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ];
        for text in inside {
            assert!(!is_public(text), "{text}");
        }
    }

    #[test]
    fn a_server_of_this_machine_is_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let port = listener.local_addr().expect("its address").port();
        let visits = visit(&[format!("http://127.0.0.1:{port}/")], Reach::Public);
        let refused =
            |visit: &Visit| matches!(visit, Visit::Failed(why) if why.contains("open internet"));
        assert!(visits.iter().all(refused), "{visits:?}");
        listener.set_nonblocking(true).expect("a listener");
        assert!(listener.accept().is_err(), "nobody knocked");
    }
}
