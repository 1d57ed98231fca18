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
    contact.standing = standing(row, &mut contact);
    row.names(&mut contact, "first name", "last name");
    Ok(contact)
}

/// The strictest of what the columns say. An empty boolean is false.
fn standing(row: &ExportRow<'_>, contact: &mut Contact) -> Standing {
    let is = |column: &str| match row.get(column) {
        "" => Ok(false),
        _ => row.boolean(column),
    };
    let bounced = |detail: Option<String>| {
        Standing::Suppressed(Suppression {
            detail,
            ..SuppressionReason::Bounced.into()
        })
    };
    let has_left = contact.noted(is("unsubscribed from all email"));
    let is_invalid = contact.noted(is("invalid email address"));
    if !row.get("email hard bounce reason").is_empty() {
        return bounced(contact.noted(row.text("email hard bounce reason")));
    }
    if is_invalid {
        return bounced(Some("Invalid email address".to_owned()));
    }
    let confirmation = row.get("marketing email confirmation");
    let is_pending = confirmation.eq_ignore_ascii_case("double_opt_in_pending");
    match (has_left, is_pending) {
        (true, _) => Standing::Suppressed(SuppressionReason::Unsubscribed.into()),
        (false, true) => Standing::Pending,
        (false, false) => Standing::Active,
    }
}
