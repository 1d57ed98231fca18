//! Mailtrain: `cid,status,HASH_EMAIL,EMAIL,<MERGE_TAG…>`. People who left may have a hash instead of the address.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "mailtrain",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["cid", "status", "hash_email", "email"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

const KNOWN: [&str; 7] = [
    "cid",
    "status",
    "hash_email",
    "email",
    "first_name",
    "last_name",
    "language",
];

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    if row.get("email").is_empty() && !row.get("hash_email").is_empty() {
        return Err(RejectionCode::Erased);
    }
    let mut contact = row.contact("email")?;
    contact.standing = contact.noted(standing(row.get("status")));
    row.names(&mut contact, "first_name", "last_name");
    contact.language = contact.noted(row::language(row.get("language")));
    let others = row.others(|name| KNOWN.contains(&name));
    row.attributes(&mut contact, others.into_iter());
    Ok(contact)
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    let reason = match word.to_ascii_lowercase().as_str() {
        "subscribed" => return Ok(Standing::Active),
        "unsubscribed" => SuppressionReason::Unsubscribed,
        "bounced" => SuppressionReason::Bounced,
        "complained" => SuppressionReason::Complained,
        _ => return Err(RejectionCode::UnknownStatus),
    };
    Ok(Standing::Suppressed(reason.into()))
}
