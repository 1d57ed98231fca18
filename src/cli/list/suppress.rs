//! `franking list suppress ADDRESS…` and `franking list unsuppress ADDRESS`

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{self, ListStore, SuppressionChange};
use crate::subscriber::Address;
use crate::subscriber::import::SuppressionReason;
use crate::workspace::{Failure, Workspace, parse_address};

/// Whom, and why.
#[derive(Debug, Args)]
pub(super) struct Suppress {
    /// The addresses.
    #[arg(required = true, value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// What has happened.
    #[arg(long, value_parser = reasons(), default_value = "unsubscribed")]
    because: SuppressionReason,
    /// A note for the history.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The reasons, by their words in the store.
fn reasons() -> impl TypedValueParser<Value = SuppressionReason> {
    let words = SuppressionReason::ALL.map(SuppressionReason::as_str);
    PossibleValuesParser::new(words).try_map(|word| {
        let mut known = SuppressionReason::ALL.into_iter();
        known
            .find(|reason| reason.as_str() == word)
            .ok_or("unknown reason")
    })
}

/// Whom, and why.
#[derive(Debug, Args)]
pub(super) struct Unsuppress {
    /// The address.
    address: String,
    /// Why the person may be mailed again; it is kept in the history.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn suppress(arguments: &Suppress, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let addresses = arguments.addresses.iter().map(|text| parse_address(text));
    let addresses: Vec<Address> = addresses.collect::<Result<_, _>>()?;
    let mut list = ListStore::open(workspace, &sources, &mut terminal::warn_once)?;
    let reason = arguments.because;
    let (why, now) = (arguments.reason.as_deref(), workspace.now.as_second());
    let (mut suppressed, mut before) = (Vec::new(), Vec::new());
    for address in &addresses {
        let change = roster::suppress(&mut list, address, (reason, why), now)?;
        match change {
            SuppressionChange::Suppressed => suppressed.push(address),
            SuppressionChange::Noted | SuppressionChange::Unchanged => before.push(address),
        }
        let message = match change {
            SuppressionChange::Suppressed => {
                format!("`{address}` is suppressed ({})", reason.as_str())
            }
            SuppressionChange::Noted => format!(
                "`{address}` is suppressed already; the history has `{}` too",
                reason.as_str()
            ),
            SuppressionChange::Unchanged => format!("`{address}` is suppressed already"),
        };
        if !arguments.json {
            terminal::say(&message);
        }
    }
    if arguments.json {
        let json = json!({ "suppressed": suppressed, "suppressed_before": before });
        return Ok(super::report(true, &json, ""));
    }
    Ok(Exit::Done)
}

pub(super) fn unsuppress(arguments: &Unsuppress, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let address = parse_address(&arguments.address)?;
    let mut list = ListStore::open(workspace, &sources, &mut terminal::warn_once)?;
    let now = workspace.now.as_second();
    let has_left = roster::unsuppress(&mut list, &address, &arguments.reason, now)?;
    let json = json!({ "unsuppressed": address, "has_left": has_left });
    let message = match has_left {
        false => format!("`{address}` is not suppressed any more"),
        true => format!(
            "the mailbox of `{address}` counts as working, but the person has left: still suppressed (unsubscribed)"
        ),
    };
    super::report(arguments.json, &json, &message);
    if let Some(left) = sources
        .list
        .find(&address)
        .filter(|entry| entry.status != Default::default())
    {
        terminal::say(&format!(
            "the list still has the status `{}`",
            left.status.as_str()
        ));
    }
    Ok(Exit::Done)
}
