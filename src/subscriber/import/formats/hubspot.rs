//! HubSpot: names, address and status of hundreds of properties. A record of a CRM does not show consent.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "hubspot",
    has_consent: false,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "unsubscribed from all email", "record id*"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    contact.standing = standing(row)?;
    row.names(&mut contact, "first name", "last name")?;
    Ok(contact)
}

/// The strictest of what the columns say. An empty boolean is false.
fn standing(row: &ExportRow<'_>) -> Result<Standing, RejectionCode> {
    let is = |column: &str| match row.get(column) {
        "" => Ok(false),
        _ => row.boolean(column),
    };
    let bounced = |detail: &str| {
        Standing::Suppressed(Suppression::with_detail(SuppressionReason::Bounced, detail))
    };
    let has_left = is("unsubscribed from all email")?;
    let is_invalid = is("invalid email address")?;
    if let Some(detail) = row.text("email hard bounce reason")? {
        return Ok(bounced(&detail));
    }
    if is_invalid {
        return Ok(bounced("Invalid email address"));
    }
    let confirmation = row.get("marketing email confirmation");
    Ok(
        match (
            has_left,
            confirmation.eq_ignore_ascii_case("double_opt_in_pending"),
        ) {
            (true, _) => Standing::Suppressed(SuppressionReason::Unsubscribed.into()),
            (false, true) => Standing::Pending,
            (false, false) => Standing::Active,
        },
    )
}
