//! Who is let in.
//!
//! Any page in the editor's browser can send requests to this machine, and a name that suddenly leads to
//! 127.0.0.1 (DNS rebinding) makes it a neighbour that reads the answers. So a request has to know the secret
//! in the path, has to have asked for an address and not for a name, and has to come from our own page if it
//! comes from a page.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ring::rand::{SecureRandom, SystemRandom};

/// What only the editor's browser knows: the first segment of every path.
#[derive(Debug, Clone)]
pub struct Secret(String);

impl Secret {
    fn drawn() -> Self {
        let mut bytes = [0; 16];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the system gives random numbers");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The segment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where the server is, and what opens it.
#[derive(Debug, Clone)]
pub(super) struct HostGuard {
    pub(super) address: SocketAddr,
    pub(super) secret: Secret,
}

impl HostGuard {
    pub(super) fn new(address: SocketAddr) -> Self {
        let secret = Secret::drawn();
        Self { address, secret }
    }

    /// Why a request is turned away, if it is.
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

    /// An address of this machine and the port, or `localhost`, which no name server is asked for.
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

/// Turns away who is not let in, and says to the browser what our pages may do.
pub(super) async fn keep(
    State(guard): State<HostGuard>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let mut response = match guard.objection(request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    // Who is turned away takes up no place among those who are let in.
    let is_refused = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    if is_refused {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        // Without a referrer, a browser says of our own forms that they come from nowhere (`Origin: null`).
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(PAGE_POLICY));
    response
}

/// Our own script and style sheet, our own pictures, and the letter in its frame; nothing from anywhere else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(address: &str, headers: &[(&'static str, &str)]) -> Option<&'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        HostGuard::new(address.parse().unwrap()).objection(&map)
    }

    #[test]
    fn a_name_is_no_address_of_ours() {
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
    fn another_page_is_turned_away() {
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
