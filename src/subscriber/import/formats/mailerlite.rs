//! MailerLite: `Subscriber,Name,Last name,Status,Subscribed,Unsubscribed,Groups,…`. `Name` is the first name.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "mailerlite",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["subscriber", "subscribed"],
        some_of: (0, &[]),
        shows_opt_outs: |header| header.has("status"),
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("subscriber")?;
    if row.header.has("status") {
        contact.standing = contact.noted(standing(row.get("status")));
    }
    row.names(&mut contact, "name", "last name");
    row.tags(&mut contact, "groups", &[';', ',']);
    row.keep("Subscribed", &mut contact.consent);
    Ok(contact)
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    let reason = match word.to_ascii_lowercase().as_str() {
        "active" => return Ok(Standing::Active),
        "unconfirmed" => return Ok(Standing::Pending),
        "unsubscribed" => SuppressionReason::Unsubscribed,
        "bounced" => SuppressionReason::Bounced,
        "junk" => SuppressionReason::Complained,
        _ => return Err(RejectionCode::UnknownStatus),
    };
    Ok(Standing::Suppressed(reason.into()))
}
