//! Brevo: `EMAIL;LASTNAME;FIRSTNAME;…;EMAIL_BLACKLISTED;…;ADDED_TIME;MODIFIED_TIME;<attributes>`. Times are in the account's
//! zone and order of day and month, which the file does not have.

use super::{ExportFormat, ExportRow, Layout, TableLayout};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "brevo",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "added_time"],
        some_of: (0, &[]),
        shows_opt_outs: |header| header.has("email_blacklisted"),
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row.contact("email")?;
    if row.header.has("email_blacklisted") && row.boolean("email_blacklisted")? {
        contact.standing = Standing::Suppressed(SuppressionReason::Blocked.into());
    }
    row.names(&mut contact, "firstname", "lastname");
    let others = row.others(is_not_imported);
    row.attributes(&mut contact, others.into_iter());
    row.keep("ADDED_TIME", &mut contact.consent);
    Ok(contact)
}

fn is_not_imported(name: &str) -> bool {
    let known = [
        "email",
        "lastname",
        "firstname",
        "email_blacklisted",
        "added_time",
        "modified_time",
        "contact id",
        "whatsapp",
        "landline_number",
    ];
    known.contains(&name) || name.starts_with("sms")
}
