//! The check of each request's `Host` and `Origin`.
//!
//! Any page in the editor's browser can send requests to this machine. A host name that starts to resolve to
//! 127.0.0.1 (DNS rebinding) lets such a page read the responses too. A request must therefore know the secret in the
//! path, name an address of this machine in `Host`, and, if a page sent it, come from one of our own pages.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::rand::{SecureRandom, SystemRandom};

/// A random secret that only the editor's browser knows: the first segment of every path.
#[derive(Debug, Clone)]
pub struct Secret(String);

impl Secret {
    fn random() -> Self {
        let mut bytes = [0; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the system has a source of random numbers");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The secret as a path segment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The server's address and its secret.
#[derive(Debug, Clone)]
pub(super) struct HostGuard {
    pub(super) address: SocketAddr,
    pub(super) secret: Secret,
}

impl HostGuard {
    pub(super) fn new(address: SocketAddr) -> Self {
        let secret = Secret::random();
        Self { address, secret }
    }

    /// The reason to refuse a request, if there is one.
    fn objection(&self, headers: &HeaderMap) -> Option<&'static str> {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        if !host.is_some_and(|host| self.is_ours(host)) {
            return Some("this server answers to its own address only");
        }
        let origin = headers.get(header::ORIGIN)?;
        let own = host.map(|host| format!("http://{host}"));
        let is_own = origin.to_str().ok().map(str::to_owned) == own;
        (!is_own).then_some("this server answers to its own pages only")
    }

    /// Whether `host` is an address of this machine with our port, or `localhost`, which is never looked up in DNS.
    fn is_ours(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else {
            return false;
        };
        if port.parse() != Ok(self.address.port()) {
            return false;
        }
        let address = name.trim_start_matches('[').trim_end_matches(']');
        match address.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || !self.address.ip().is_loopback(),
            Err(_) => name == "localhost",
        }
    }
}

/// Middleware that refuses requests from other hosts and other pages.
pub(super) async fn guard(
    State(guard): State<HostGuard>,
    request: Request,
    next: Next,
) -> Response {
    match guard.objection(request.headers()) {
        Some(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn objection(address: &str, headers: &[(&'static str, &str)]) -> Option<&'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        HostGuard::new(address.parse().unwrap()).objection(&map)
    }

    #[test]
    fn a_host_name_other_than_localhost_is_refused() {
        let here = "127.0.0.1:4270";
        for host in ["127.0.0.1:4270", "localhost:4270", "[::1]:4270"] {
            assert_eq!(objection(here, &[("host", host)]), None, "{host}");
        }
        for host in [
            "evil.example:4270",
            "127.0.0.1:80",
            "127.0.0.1",
            "10.0.0.7:4270",
            "localhost.evil.example:4270",
        ] {
            assert!(objection(here, &[("host", host)]).is_some(), "{host}");
        }
        assert!(objection(here, &[]).is_some());
        assert_eq!(
            objection("0.0.0.0:4270", &[("host", "10.0.0.7:4270")]),
            None
        );
    }

    #[test]
    fn an_origin_other_than_ours_is_refused() {
        let from = |origin| {
            objection(
                "127.0.0.1:4270",
                &[("host", "127.0.0.1:4270"), ("origin", origin)],
            )
        };
        assert_eq!(from("http://127.0.0.1:4270"), None);
        for origin in ["https://evil.example", "null", "http://127.0.0.1:8080"] {
            assert!(from(origin).is_some(), "{origin}");
        }
    }
}
