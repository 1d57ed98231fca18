//! The preview: an issue in the editor's browser, updated when its files change.
//!
//! ```text
//! a file is saved ─ watch ─▶ Project::refresh ─ version ─▶ /events ─▶ the page requests itself again
//!                                │
//!                                └─ Project::issue ─▶ IssueState (message, findings) ─▶ page, mail, raw
//! ```
//!
//! Every change compiles the issue again with the code of `check`, `build` and `send`, so that the preview cannot differ
//! from what is sent. If the issue does not compile, the page shows the last message that did, and the findings.
//!
//! The server listens on loopback by default, opens no file by a path from a request, and makes no outgoing requests
//! except for tests that the editor sends.

mod changes;
mod connections;
mod dark_mode;
mod declarations;
mod file_stamp;
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

/// A report about an issue in one HTML file, with the message for the address `subscriber`, or for a subscriber without
/// a name if the address is not on the list. `None` if there is no such issue.
pub fn share(project: &Project, issue: &str, subscriber: &str) -> Option<String> {
    let issue = project.issue(issue)?;
    Some(page::share(project, &issue, subscriber).into_string())
}

/// A server that is bound to its port and does not accept connections yet.
pub struct Server {
    listener: TcpListener,
    project: Arc<Project>,
    guard: HostGuard,
}

impl Server {
    /// Binds to `address`, or to one of the next ports if its port is in use.
    ///
    /// # Errors
    /// If all ports tried are in use, or the address does not belong to this machine.
    pub async fn bind(address: SocketAddr, project: Arc<Project>) -> std::io::Result<Self> {
        let listener = first_free(address).await?;
        let guard = HostGuard::new(listener.local_addr()?);
        Ok(Self {
            listener,
            project,
            guard,
        })
    }

    /// The URL of an issue's page, or of the page of all issues, for a browser on this machine.
    pub fn url(&self, issue: Option<&str>) -> String {
        let mut address = self.guard.address;
        // A browser cannot connect to 0.0.0.0 on every system.
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let secret = self.guard.secret.as_str();
        let page = issue.map(|name| format!("issue/{}", escape::url_segment(name)));
        format!("http://{address}/{secret}/{}", page.unwrap_or_default())
    }

    /// The port to which it is bound.
    pub fn port(&self) -> u16 {
        self.guard.address.port()
    }

    /// Serves requests until the future is dropped.
    pub async fn serve(self) {
        connections::serve(self.listener, routes::router(self.project, self.guard)).await;
    }
}

/// The number of ports to try, starting with the requested one.
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
