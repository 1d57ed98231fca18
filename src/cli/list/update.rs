//! `franking list update ADDRESS`

use clap::Args;
use serde_json::json;

use super::add::ValueArguments;
use crate::cli::exit::Exit;
use crate::roster::{NewConsent, ValueChanges, parse_moment};
use crate::workspace::{Failure, Workspace, parse_address};

/// What to change.
#[derive(Debug, Args)]
pub(super) struct UpdateArguments {
    /// The address.
    address: String,
    #[command(flatten)]
    values: ValueArguments,
    /// Remove a tag; may be given several times.
    #[arg(long = "no-tag", value_name = "TAG")]
    no_tags: Vec<String>,
    /// Remove a value: `name`, `first_name`, `last_name`, `language` or an attribute; may be given several times.
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    /// The person has confirmed, and becomes active: how; kept as evidence.
    #[arg(long, value_name = "TEXT")]
    consent: Option<String>,
    /// When the person confirmed: a date, or a time in RFC 3339.
    #[arg(long, value_name = "DATE", requires = "consent", value_parser = parse_moment)]
    consent_at: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &UpdateArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let address = parse_address(&arguments.address)?;
    let values = ValueChanges {
        no_tags: arguments.no_tags.clone(),
        unset: arguments.unset.clone(),
        ..arguments.values.changes()
    };
    let consent = arguments.consent.clone().map(|text| NewConsent {
        text,
        at: arguments.consent_at.clone(),
    });
    let mut roster = super::open_to_change(workspace)?;
    let (after, is_changed) = roster.update(&address, &values, consent.as_ref())?;
    let json = json!({ "updated": after.address, "is_changed": is_changed });
    let word = if is_changed { "updated" } else { "unchanged:" };
    let message = format!("{word} {}", after.address);
    Ok(super::report(arguments.json, &json, &message))
}
