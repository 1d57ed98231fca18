//! Keila: `Email,First name,Last name,Data,Status,External ID`, and columns of one's own.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::attributes;
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "keila",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email"],
        some_of: (2, &["data", "status", "external id"]),
        shows_opt_outs: |header| header.has("status"),
        contact,
    }),
};

const KNOWN: [&str; 6] = [
    "email",
    "first name",
    "last name",
    "data",
    "status",
    "external id",
];

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    if row.header.has("status") {
        contact.standing = contact.noted(standing(row.get("status")));
    }
    row.names(&mut contact, "first name", "last name");
    if !row.get("data").is_empty() {
        attributes::add_json(&mut contact, row.get("data"));
    }
    let others = row.others(|name| KNOWN.contains(&name));
    row.attributes(&mut contact, others.into_iter());
    Ok(contact)
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    match word.to_ascii_lowercase().as_str() {
        "active" => Ok(Standing::Active),
        "unsubscribed" => Ok(Standing::Suppressed(SuppressionReason::Unsubscribed.into())),
        "unreachable" => Ok(Standing::Suppressed(SuppressionReason::Bounced.into())),
        _ => Err(RejectionCode::UnknownStatus),
    }
}
