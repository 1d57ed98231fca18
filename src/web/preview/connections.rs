//! Limits on connections: their number, and the time and size of a request's head. A browser opens six connections;
//! a client that opens thousands, or sends one octet a minute, cannot make the editor's page wait.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The most connections at once; later ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 256;

/// The time in which a request's head must arrive, and the time that an idle connection stays open.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest head, in octets.
const LONGEST_HEAD: usize = 32 << 10;

/// The pause after the system refused to accept a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections, at most [`MAX_CONNECTIONS`] at once; never returns.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    serve_connection(stream, router).await;
                    drop(permit);
                });
            }
            // Too many open files, or a connection that was reset before it was accepted: the next may succeed.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router) {
    // An event is a few octets, and an editor waits for it.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // An error here is the client's: it closed the connection, or sent something other than HTTP.
    let _ = served.await;
}
