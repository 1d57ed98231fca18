//! beehiiv: `email,First Name,Last Name,status,tier,created_at,…,unsubscribed_at,<custom fields>`.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "beehiiv",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "status", "created_at"],
        some_of: (1, &["tier", "unsubscribed_at"]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    contact.standing = contact.noted(standing(row));
    row.names(&mut contact, "first name", "last name");
    let others = row.others(is_not_imported);
    row.attributes(&mut contact, others.into_iter());
    contact.consent.at = row.time("created_at", times::utc, &mut contact.consent);
    Ok(contact)
}

/// Columns with a meaning of their own, and those about payments, origin and behaviour.
fn is_not_imported(name: &str) -> bool {
    let known = [
        "email",
        "first name",
        "last name",
        "status",
        "created_at",
        "unsubscribed_at",
        "tier",
        "stripe_customer_id",
        "acquisition_source",
    ];
    let beginnings = ["utm_", "referr", "open_", "last_", "total_"];
    known.contains(&name)
        || name.ends_with(" tier")
        || name.contains("_rate")
        || beginnings
            .iter()
            .any(|beginning| name.starts_with(beginning))
}

fn standing(row: &ExportRow<'_>) -> Result<Standing, RejectionCode> {
    let reason = match row.get("status").to_ascii_lowercase().as_str() {
        "active" => return Ok(Standing::Active),
        "pending" | "validating" | "needs_attention" | "paused" => return Ok(Standing::Pending),
        "inactive" => SuppressionReason::Unsubscribed,
        "invalid" => SuppressionReason::Bounced,
        _ => return Err(RejectionCode::UnknownStatus),
    };
    Ok(Standing::Suppressed(Suppression {
        at: times::utc(row.get("unsubscribed_at")),
        ..reason.into()
    }))
}
