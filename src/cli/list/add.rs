//! `franking list add ADDRESS`

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::roster::{NewConsent, ValueChanges, parse_attribute, parse_moment};
use crate::subscriber::{Attribute, Status};
use crate::workspace::{Failure, Workspace, parse_address};

/// Values to set.
#[derive(Debug, Args)]
pub(super) struct ValueArguments {
    /// The full name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The first name.
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// The last name.
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// The language, such as `fr` or `pt-BR`.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Add a tag; may be given several times.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Set an attribute; may be given several times. `true`, `false` and numbers have their types; quotation marks make a text.
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = parse_attribute)]
    attributes: Vec<(String, Attribute)>,
}

impl ValueArguments {
    pub(super) fn changes(&self) -> ValueChanges {
        ValueChanges {
            name: self.name.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            language: self.language.clone(),
            tags: self.tags.clone(),
            attributes: self.attributes.iter().cloned().collect(),
            ..ValueChanges::default()
        }
    }
}

/// Whom to add.
#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// The address.
    address: String,
    #[command(flatten)]
    values: ValueArguments,
    /// How the person agreed; kept as evidence.
    #[arg(long, value_name = "TEXT")]
    consent: String,
    /// When the person agreed: a date, or a time in RFC 3339.
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    consent_at: Option<String>,
    /// The person has not confirmed yet, and gets no mail.
    #[arg(long)]
    pending: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &AddArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let address = parse_address(&arguments.address)?;
    let status = match arguments.pending {
        true => Status::Pending,
        false => Status::Active,
    };
    let consent = NewConsent {
        text: arguments.consent.clone(),
        at: arguments.consent_at.clone(),
    };
    let values = arguments.values.changes();
    let mut roster = super::open_to_change(workspace)?;
    let added = roster.add(address, status, &values, &consent)?;
    let json = json!({ "added": added.address, "status": added.status });
    let message = format!("added {} ({})", added.address, added.status.as_str());
    Ok(super::report(arguments.json, &json, &message))
}
