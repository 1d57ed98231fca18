//! phpList: 14 columns that are separated by tabs, then attributes, then `List Membership`.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "phplist",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &["email", "is this subscriber blacklisted"],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = row::contact(armed(row.get("email")))?;
    contact.standing = contact.noted(standing(row));
    attributes(row, &mut contact);
    if row.get("list membership") != "No Lists" {
        row.tags(&mut contact, "list membership", &[';']);
    }
    row.keep("Entered", &mut contact.consent);
    Ok(contact)
}

fn standing(row: &ExportRow<'_>) -> Result<Standing, RejectionCode> {
    if row.boolean("is this subscriber blacklisted")? {
        return Ok(Standing::Suppressed(SuppressionReason::Blocked.into()));
    }
    let disabled = "is this account disabled?";
    if row.header.has(disabled) && row.boolean(disabled)? {
        let suppression = Suppression::with_detail(SuppressionReason::Blocked, "disabled");
        return Ok(Standing::Suppressed(suppression));
    }
    let confirmed = "is this subscriber confirmed";
    Ok(
        match !row.header.has(confirmed) || row.boolean(confirmed)? {
            true => Standing::Active,
            false => Standing::Pending,
        },
    )
}

/// The columns between `Foreign Key` and `List Membership`.
fn attributes(row: &ExportRow<'_>, contact: &mut Contact) {
    let first = row
        .header
        .find("foreign key")
        .map_or(usize::MAX, |key| key + 1);
    let end = row
        .header
        .find("list membership")
        .unwrap_or(row.header.names.len());
    for number in first..end {
        let (name, value) = (&row.header.names[number], armed(row.value(number)));
        match name.to_lowercase().as_str() {
            "name" => contact.name = contact.noted(row::text(value)),
            "first name" => contact.first_name = contact.noted(row::text(value)),
            "last name" => contact.last_name = contact.noted(row::text(value)),
            _ => row.attribute(contact, name, value),
        }
    }
}

/// The value before phpList disarmed it as a formula: an apostrophe and a blank before `=`, `+`, `-` or `@`.
fn armed(value: &str) -> &str {
    match value.strip_prefix("' ") {
        Some(formula) if formula.starts_with(['=', '+', '-', '@']) => formula,
        _ => value,
    }
}
