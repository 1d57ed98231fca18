//! `franking preview [ISSUE]`

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use clap::Args;

use super::values;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::util::system;
use crate::web::preview::{Project, Server, watch};
use crate::workspace::{Failure, FailureKind, Workspace};

/// Where the preview is served.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The issue, by name or file; all of them where none is named.
    issue: Option<String>,
    /// Print the address and open no browser.
    #[arg(long)]
    no_open: bool,
    /// The port; where it is taken, one of the next twenty.
    #[arg(long, default_value_t = 4270, value_parser = values::port)]
    port: u16,
    /// The address to listen at. Whoever can reach another than this machine's own, and has the preview's
    /// address, sees the list of readers.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = values::address)]
    host: IpAddr,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let folder = workspace.require_newsletter()?;
    let issue = arguments.issue.as_deref();
    let issue = issue.map(|given| workspace.issue_name(given)).transpose()?;
    let desk = Arc::new(Project::new(folder));
    // Watched before it is shown: what is saved in between is not missed.
    watch(&desk).map_err(|error| {
        Failure::new(FailureKind::Usage, "the preview cannot stay true").caused_by(&error)
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    let ended = runtime.block_on(serve(arguments, desk, issue.as_deref()));
    // A letter that is being compiled need not be waited for.
    runtime.shutdown_background();
    ended
}

async fn serve(
    arguments: &Arguments,
    desk: Arc<Project>,
    issue: Option<&str>,
) -> Result<Exit, Failure> {
    let wanted = SocketAddr::new(arguments.host, arguments.port);
    let server = Server::bind(wanted, desk).await.map_err(|error| {
        Failure::io(format!("nothing can be served at {wanted}"), &error)
            .hint("name another port with `--port`")
    })?;
    if arguments.port != 0 && server.port() != arguments.port {
        terminal::say(&format!(
            "port {} is taken; this is {}",
            arguments.port,
            server.port()
        ));
    }
    let url = server.url(issue);
    terminal::data(&format!("{url}\n"));
    terminal::say("kept true while files change; Ctrl-C ends it");
    if !arguments.no_open {
        open_browser(&url);
    }
    tokio::select! {
        () = server.serve() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
    Ok(Exit::Done)
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// A machine without a browser has the address on its screen.
fn open_browser(url: &str) {
    if let Err(error) = open::that_detached(url) {
        terminal::say(&format!(
            "no browser could be opened ({}); open it yourself",
            system::words(&error)
        ));
    }
}
