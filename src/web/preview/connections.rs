//! How many may be here at once, and for how long without a word. A browser asks over six connections; somebody
//! who opens thousands, or asks a letter a minute, gets a few, and the editor's page still answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The most connections; those that come later wait in the system's queue.
const CONNECTIONS: usize = 256;

/// The most pages that wait for news at once.
pub(super) const STREAMS: usize = 32;

/// How long the head of a request may take, and as long its body, and a connection be kept on which nothing is asked.
const HEAD: Duration = Duration::from_secs(5);

/// The longest head, in octets.
const LONGEST_HEAD: usize = 32 << 10;

/// The most that a body may hold, in octets: a form with an address and a word.
const LARGEST_BODY: usize = 4096;

/// How long nothing is accepted after the system has refused to.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers everybody who comes, no more at once than it can serve; does not end.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    attend(stream, router).await;
                    drop(place);
                });
            }
            // Too many open files, or a connection that broke before it was taken: others may do better.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// One connection, until either side ends it.
async fn attend(stream: TcpStream, router: Router) {
    // News is a few bytes, and an editor waits for them.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever breaks off, or says what is no HTTP, has had an answer or wants none.
    let _ = served.await;
}

/// Reads the body before anything is done about the request.
pub(super) async fn with_whole_body(request: Request<Body>, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match timeout(HEAD, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(head, Body::from(body))).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
