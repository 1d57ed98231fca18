//! Substack: the list in the archive of an export, and the table of subscribers from the dashboard.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;

/// `email_list.NAME.csv`. `email_disabled` decides; `active_subscription` is about money.
pub(super) static LIST: ExportFormat = ExportFormat {
    name: "substack",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "active_subscription", "email_disabled"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact: of_list,
    }),
};

/// The table of the dashboard. `Cancel date` ends a payment, not the mail, so the file does not show who left.
pub(super) static TABLE: ExportFormat = ExportFormat {
    name: "substack-table",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "subscription source (free)", "start date"],
        some_of: (0, &[]),
        shows_opt_outs: |_| false,
        contact: of_table,
    }),
};

fn of_list(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let address = row.get("email").to_ascii_lowercase();
    if address.ends_with("@deletion-request.substack.com") {
        return Err(RejectionCode::Deleted);
    }
    let mut contact = row.contact("email")?;
    if row.boolean("email_disabled")? {
        contact.standing = Standing::Suppressed(SuppressionReason::Blocked.into());
    }
    contact.consent.at = row.time("created_at", times::iso, &mut contact.consent);
    Ok(contact)
}

fn of_table(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    contact.name = contact.noted(row.text("name"));
    contact.consent.at = row.time("start date", times::iso, &mut contact.consent);
    Ok(contact)
}
