//! `franking preview [ISSUE]`

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use clap::Args;

use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::util::{system, values};
use crate::web::preview::{Project, Server, watch};
use crate::workspace::{Failure, FailureKind, Workspace};

/// Where the preview is served.
#[derive(Debug, Args)]
pub(super) struct PreviewArguments {
    /// The issue, by name or file [default: a list of all issues].
    #[arg(add = complete::issues())]
    issue: Option<String>,
    /// Print the URL and do not open a browser.
    #[arg(long)]
    no_open: bool,
    /// The port; if it is in use, one of the next twenty.
    #[arg(long, default_value_t = 4270, value_parser = values::port)]
    port: u16,
    /// The address to listen on. If it is not loopback, anyone who has the preview's URL can see the list of
    /// subscribers.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_parser = values::address)]
    host: IpAddr,
}

pub(super) fn execute(
    arguments: &PreviewArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let folder = workspace.require_newsletter()?;
    let issue = arguments.issue.as_deref();
    let issue = issue.map(|given| workspace.issue_name(given)).transpose()?;
    let desk = Arc::new(Project::new(folder));
    // The watch begins first, so that no change is missed.
    watch(&desk).map_err(|error| {
        Failure::new(FailureKind::Usage, "the files cannot be watched").caused_by(&error)
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("no runtime can be started", &error))?;
    let ended = runtime.block_on(serve(arguments, desk, issue.as_deref()));
    // Do not wait for compilations.
    runtime.shutdown_background();
    ended
}

async fn serve(
    arguments: &PreviewArguments,
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
            "port {} is in use; using {}",
            arguments.port,
            server.port()
        ));
    }
    let url = server.url(issue);
    terminal::data(&format!("{url}\n"));
    terminal::say("updated when files change; press Ctrl-C to stop");
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

/// Opens the URL; without a browser, it has been printed.
fn open_browser(url: &str) {
    if let Err(error) = open::that_detached(url) {
        terminal::say(&format!(
            "cannot open a browser ({}); open the URL by hand",
            system::words(&error)
        ));
    }
}
