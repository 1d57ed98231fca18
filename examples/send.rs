//! Sends the latest issue of the newsletter in the current directory through a transport of its own, which prints
//! the recipients; nothing leaves the machine.
//!
//! `cargo run --example send`

use std::error::Error;
use std::sync::Arc;

use franking::campaign::{self, Campaign, Events, Routes, Silent};
use franking::delivery::{CustomTransport, Retry, RouteConfig, Sending, Transport};
use franking::message::Message;
use franking::newsletter::issue;
use franking::outcome::{Outcome, Reply};
use franking::store::{Candidates, Store};
use franking::util::key::Key;
use franking::workspace::{Checked, Workspace};

/// Prints each message instead of sending it.
#[derive(Debug)]
struct Printer;

impl CustomTransport for Printer {
    fn name(&self) -> String {
        "printer".to_owned()
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            println!("{}: {} bytes", message.recipient, message.size());
            Outcome::Accepted(Reply::new(250, ["printed"]))
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::open(".")?;
    let sources = workspace.load()?;
    let names = issue::names(&workspace.directory);
    let name = names.last().ok_or("there is no issue in issues/")?;
    let Checked {
        compiled, census, ..
    } = workspace.compile(&sources, name)?;

    // The campaign is frozen in a ledger, as `franking send` does it. This one is removed at the end.
    let directory = tempfile::tempdir()?;
    let mut store = Store::open(&directory.path().join("store.db"))?;
    let suppressed = store.suppressions()?;
    let candidates = campaign::candidates(&sources, &compiled, &census, &suppressed);
    let send = store.begin(
        &campaign::new_send(&compiled, &sources, &workspace),
        Candidates::listed(candidates),
    )?;

    let route = RouteConfig::unlimited(Transport::Custom(Arc::new(Printer)), 2);
    let campaign = Campaign {
        store,
        send,
        routes: Routes::new(vec![route], Key::specimen(), Retry::NORMAL),
    };
    let events: Arc<dyn Events> = Arc::new(Silent);
    let (report, _store) = campaign::run(campaign, &workspace, &events)?;
    println!(
        "{} accepted, {} excluded, {} candidates",
        report.totals.accepted, report.totals.excluded, report.totals.candidates
    );
    Ok(())
}
