//! The editor's desk: the issue in the editor's browser, kept true while its files change.
//!
//! ```text
//! a file is saved ─ watch ─▶ Desk::refresh ─ version ─▶ events ─▶ the page asks for itself again
//!                                │
//!                                └─ Desk::sheet ─▶ Sheet (issue, findings) ─▶ page, mail, raw
//! ```
//!
//! Everything is compiled again at every change, by the code that `check`, `build` and `send` call: there is
//! no second road on which the preview could differ from what is sent. A file that cannot be compiled leaves
//! the last good letter on the desk, under its findings.
//!
//! The server speaks to this machine alone unless told otherwise, names no file by a path that a request
//! brings, and asks nobody else for anything.

mod changes;
mod connections;
mod dark_mode;
mod declarations;
mod host_guard;
mod layers;
mod message_frame;
mod page;
mod project;
mod routes;
mod subscribers;
mod view;
mod watch;

pub use host_guard::Secret;
pub use project::Project;
pub use watch::{WatchError, watch};

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::util::escape;
use host_guard::HostGuard;

/// One file with everything that a reviewer of an issue looks at, as a reader with the address `reader` gets
/// it, or a subscriber without a name; `None` where there is no such issue.
pub fn share(project: &Project, issue: &str, subscriber: &str) -> Option<String> {
    let issue = project.issue(issue)?;
    Some(page::share(project, &issue, subscriber).into_string())
}

/// A server that listens and has not begun to answer.
pub struct Server {
    listener: TcpListener,
    project: Arc<Project>,
    guard: HostGuard,
}

impl Server {
    /// Listens at `address`; where its port is taken, at one of the next twenty.
    ///
    /// # Errors
    /// When none of the ports is free, or the address is none of this machine's.
    pub async fn bind(address: SocketAddr, project: Arc<Project>) -> std::io::Result<Self> {
        let listener = first_free(address).await?;
        let guard = HostGuard::new(listener.local_addr()?);
        Ok(Self {
            listener,
            project,
            guard,
        })
    }

    /// The page of an issue, or the page of all issues, as a browser on this machine asks for it.
    pub fn url(&self, issue: Option<&str>) -> String {
        let mut address = self.guard.address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let secret = self.guard.secret.as_str();
        let page = issue.map(|name| format!("issue/{}", escape::url_segment(name)));
        format!("http://{address}/{secret}/{}", page.unwrap_or_default())
    }

    /// The port that it has got.
    pub fn port(&self) -> u16 {
        self.guard.address.port()
    }

    /// Answers until it is dropped.
    pub async fn serve(self) {
        connections::serve(self.listener, routes::router(self.project, self.guard)).await;
    }
}

/// How many ports are tried from the one that was asked for.
const PORTS: u16 = 20;

async fn first_free(mut address: SocketAddr) -> std::io::Result<TcpListener> {
    let mut left = if address.port() == 0 { 1 } else { PORTS };
    loop {
        left -= 1;
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && left > 0 => {
                let next = address.port().checked_add(1).ok_or(error)?;
                address.set_port(next);
            }
            bound => return bound,
        }
    }
}
