//! Checks whether the pages to which links lead exist.
//!
//! An attacker can use a link checker to reach servers inside a private network (server-side request forgery). Our own
//! resolver therefore resolves every host name, after each redirect too, and refuses addresses that are not public.

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

/// The most concurrent requests.
const CONCURRENCY: usize = 8;
/// The time limit of one request, with its redirects.
const TIMEOUT: Duration = Duration::from_secs(20);
const MAX_REDIRECTS: u32 = 5;

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// The page exists.
    Found,
    /// The server replied with this status, 400 or above.
    Status(u16),
    /// There was no response; the reason.
    Failed(String),
}

/// The addresses that may be contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses.
    Public,
    /// Public addresses and this machine's own, for tests.
    Loopback,
}

/// Requests each URL, several at once. The results are in the order of `urls`.
pub fn visit(urls: &[String], reach: Reach) -> Vec<Visit> {
    let agent = agent(reach);
    let next = Mutex::new(urls.iter().enumerate());
    let visits = Mutex::new(vec![Visit::Failed(String::new()); urls.len()]);
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY.min(urls.len()) {
            scope.spawn(|| {
                while let Some((number, url)) = locked(&next).next() {
                    let visit = request(&agent, url);
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
        .timeout_global(Some(TIMEOUT))
        .max_redirects(MAX_REDIRECTS)
        .max_response_header_size(64 * 1024)
        .http_status_as_error(false)
        // A proxy would resolve host names itself.
        .proxy(None)
        .user_agent(concat!(
            "franking/",
            env!("CARGO_PKG_VERSION"),
            " (link check)"
        ))
        .build();
    let resolver = PublicResolver {
        reach,
        inner: DefaultResolver::default(),
    };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

/// Sends HEAD, which returns no body, and then GET if it fails, because some servers do not implement HEAD.
fn request(agent: &Agent, url: &str) -> Visit {
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

/// The system's resolver without the addresses that may not be contacted.
#[derive(Debug)]
struct PublicResolver {
    reach: Reach,
    inner: DefaultResolver,
}

impl Resolver for PublicResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        let addresses = found.iter().filter(|address| self.allows(address.ip()));
        addresses.for_each(|address| allowed.push(*address));
        if allowed.is_empty() {
            let refusal = "its address is not a public one";
            return Err(Error::Io(std::io::Error::other(refusal)));
        }
        Ok(allowed)
    }
}

impl PublicResolver {
    fn allows(&self, address: IpAddr) -> bool {
        let is_own = self.reach == Reach::Loopback && address.is_loopback();
        is_own || is_public(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_address_is_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let port = listener.local_addr().expect("its address").port();
        let visits = visit(&[format!("http://127.0.0.1:{port}/")], Reach::Public);
        let refused =
            |visit: &Visit| matches!(visit, Visit::Failed(why) if why.contains("not a public"));
        assert!(visits.iter().all(refused), "{visits:?}");
        listener.set_nonblocking(true).expect("a listener");
        assert!(listener.accept().is_err(), "no connection");
    }
}
