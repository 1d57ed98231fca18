//! Ghost: `id,email,name,note,subscribed_to_emails,complimentary_plan,…,labels,…[,custom_fields.NAME…]`. Addresses that
//! bounced or complained are suppressed in Ghost's mail provider and are not in the file.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "ghost",
    has_consent: true,
    lacks_bounces: true,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "subscribed_to_emails", "complimentary_plan"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    if !row.get("deleted_at").is_empty() {
        return Err(RejectionCode::Deleted);
    }
    let mut contact = row::contact(armed(row.get("email")))?;
    if !row.boolean("subscribed_to_emails")? {
        contact.standing = Standing::Suppressed(SuppressionReason::Unsubscribed.into());
    }
    contact.name = contact.noted(row::text(armed(row.get("name"))));
    for label in armed(row.get("labels")).split(',') {
        row::tag(&mut contact, label);
    }
    for (number, name) in row.header.names.iter().enumerate() {
        if let Some(name) = name.strip_prefix("custom_fields.") {
            row.attribute(&mut contact, name, armed(row.value(number)));
        }
    }
    contact.consent.at = row.time("created_at", times::iso, &mut contact.consent);
    Ok(contact)
}

/// The value before Ghost disarmed it as a formula: an apostrophe before `=`, `+`, `-` or `@`.
fn armed(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(formula) if formula.starts_with(['=', '+', '-', '@']) => formula,
        _ => value,
    }
}
