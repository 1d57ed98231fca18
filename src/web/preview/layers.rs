//! Layers around the routes: limits on request bodies, and the header fields of every response.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;

/// The largest body, in octets: a form with an address and a flag.
const LARGEST_BODY: usize = 4096;

/// The time from the end of a request's head to the end of its body.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Header fields of every response.
const FIELDS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // Under `no-referrer` a browser sends `Origin: null` with the forms of our own pages.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The policy of a page: our script, our style sheet, our pictures, and the message in its frame.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Limits the size of a request's body and the time in which it must arrive. The body of a response has no deadline:
/// a stream of events stays open.
pub(super) fn with_body_limits(router: Router) -> Router {
    router
        // Innermost, because axum answers 413 only to the error of this layer itself.
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(RequestBodyDeadlineLayer::new(BODY_DEADLINE))
}

/// Adds the header fields that every response has, those of errors included. A response that has a policy of its own
/// keeps it.
pub(super) fn with_header_fields(router: Router) -> Router {
    let router = router.layer(SetResponseHeaderLayer::overriding(
        header::CONNECTION,
        close_if_refused,
    ));
    let router = FIELDS.into_iter().fold(router, |router, (name, value)| {
        let value = HeaderValue::from_static(value);
        router.layer(SetResponseHeaderLayer::overriding(name, value))
    });
    router.layer(SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    ))
}

/// Closes the connection of a refused request, so that its client does not occupy one of the few connections.
fn close_if_refused(response: &Response) -> Option<HeaderValue> {
    let status = response.status();
    let is_refused = status.is_client_error() || status.is_server_error();
    is_refused.then(|| HeaderValue::from_static("close"))
}
