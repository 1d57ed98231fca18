//! Kit, formerly ConvertKit: `id,first_name,email,state,created_at,tags`.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "kit",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["first_name", "email", "created_at"],
        some_of: (1, &["state", "status"]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    let state = match row.header.has("state") {
        true => row.get("state"),
        false => row.get("status"),
    };
    contact.standing = contact.noted(standing(state));
    contact.first_name = contact.noted(row.text("first_name"));
    row.tags(&mut contact, "tags", &[',']);
    contact.consent.at = row.time("created_at", times::iso, &mut contact.consent);
    Ok(contact)
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    let reason = match word.to_ascii_lowercase().as_str() {
        "active" => return Ok(Standing::Active),
        "inactive" => return Ok(Standing::Pending),
        "cancelled" => SuppressionReason::Unsubscribed,
        "bounced" => SuppressionReason::Bounced,
        "complained" => SuppressionReason::Complained,
        _ => return Err(RejectionCode::UnknownStatus),
    };
    Ok(Standing::Suppressed(reason.into()))
}
