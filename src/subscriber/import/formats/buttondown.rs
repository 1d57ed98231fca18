//! Buttondown: `id,secondary_id,email,notes,subscriber_type,…,tags,metadata`. `metadata` is a Python dictionary.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::{attributes, times};

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "buttondown",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "subscriber_type", "subscription_date"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    contact.standing = contact.noted(standing(row));
    row.tags(&mut contact, "tags", &[';']);
    if !row.get("metadata").is_empty() {
        attributes::add_dictionary(&mut contact, row.get("metadata"));
    }
    let mut consent = std::mem::take(&mut contact.consent);
    let subscribed = row.time("subscription_date", times::iso, &mut consent);
    consent.at = subscribed.or_else(|| row.time("creation_date", times::iso, &mut consent));
    consent.ip = contact.noted(row.text("ip_address"));
    contact.consent = consent;
    Ok(contact)
}

fn standing(row: &ExportRow<'_>) -> Result<Standing, RejectionCode> {
    let reason = match row.get("subscriber_type").to_ascii_lowercase().as_str() {
        "regular" | "premium" | "gifted" | "trialed" | "churning" | "churned" | "past_due"
        | "paused" | "unpaid" => return Ok(Standing::Active),
        "unactivated" | "upcoming" => return Ok(Standing::Pending),
        "unsubscribed" => SuppressionReason::Unsubscribed,
        "undeliverable" => SuppressionReason::Bounced,
        "complained" => SuppressionReason::Complained,
        "blocked" | "removed" => SuppressionReason::Blocked,
        _ => return Err(RejectionCode::UnknownStatus),
    };
    Ok(Standing::Suppressed(Suppression {
        at: times::iso(row.get("unsubscription_date")),
        ..reason.into()
    }))
}
