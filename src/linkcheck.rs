//! Visits links: whether what they lead to is still there.
//!
//! Link checkers of mail tools have been used to knock at doors inside a network. So every name is resolved
//! first, by us, again behind every redirect, and an address that is not on the open internet is refused.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use crate::util::network::is_public;
use crate::util::system;

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
            Err(Error::Io(error)) => Visit::Failed(system::words(&error)),
            Err(error) => Visit::Failed(system::without_number(&error.to_string())),
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

#[cfg(test)]
mod tests {
    use super::*;

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
