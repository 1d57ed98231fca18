//! listmonk: `uuid,email,name,attributes,status,created_at,updated_at`. Leaving and confirming belong to a list there, and
//! no list is in the export, so the file does not show who left.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::{attributes, times};

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "listmonk",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["uuid", "email", "attributes", "status"],
        some_of: (0, &[]),
        shows_opt_outs: |_| false,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    contact.standing = contact.noted(standing(row.get("status")));
    contact.name = contact.noted(row.text("name"));
    if !row.get("attributes").is_empty() {
        attributes::add_json(&mut contact, row.get("attributes"));
    }
    // Go's zero time stands for none.
    if !row.get("created_at").starts_with("0001-") {
        contact.consent.at = row.time("created_at", times::go, &mut contact.consent);
    }
    Ok(contact)
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    match word.to_ascii_lowercase().as_str() {
        "enabled" => Ok(Standing::Active),
        "blocklisted" => Ok(Standing::Suppressed(SuppressionReason::Blocked.into())),
        "disabled" => Ok(Standing::Suppressed(Suppression::with_detail(
            SuppressionReason::Blocked,
            "disabled",
        ))),
        _ => Err(RejectionCode::UnknownStatus),
    }
}
