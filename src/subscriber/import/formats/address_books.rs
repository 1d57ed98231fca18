//! The address books of Google and Outlook: names and labels only. They show neither consent nor who left.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::Contact;
use crate::subscriber::import::rejection::RejectionCode;

/// Google separates several values of a column with this.
const GOOGLE_SEPARATOR: &str = " ::: ";

/// Google Contacts since 2024.
pub(super) static GOOGLE: ExportFormat = address_book(
    "google-contacts",
    &["labels", "e-mail 1 - value"],
    of_google,
);

/// Google Contacts before 2024.
pub(super) static GOOGLE_BEFORE_2024: ExportFormat = address_book(
    "google-contacts",
    &["group membership", "e-mail 1 - value"],
    of_google_before_2024,
);

/// Outlook, the program and the web.
pub(super) static OUTLOOK: ExportFormat =
    address_book("outlook", &["e-mail address", "categories"], of_outlook);

const fn address_book(
    name: &'static str,
    known_by: &'static [&'static str],
    contact: fn(&ExportRow<'_>) -> Result<Contact, RejectionCode>,
) -> ExportFormat {
    ExportFormat {
        name,
        has_consent: false,
        lacks_bounces: false,
        layout: Layout::Table(TableLayout {
            known_by,
            some_of: (0, &[]),
            shows_opt_outs: |_| false,
            contact,
        }),
    }
}

fn of_google(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = google_address(row)?;
    given_names(row, &mut contact);
    labels(row, &mut contact, "labels");
    Ok(contact)
}

fn of_google_before_2024(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut contact = google_address(row)?;
    contact.name = contact.noted(row.text("name"));
    row.names(&mut contact, "given name", "family name");
    contact.language = contact.noted(row::language(row.get("language")));
    labels(row, &mut contact, "group membership");
    Ok(contact)
}

fn of_outlook(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let columns = ["e-mail address", "e-mail 2 address", "e-mail 3 address"];
    let addresses = columns.map(|column| row.get(column));
    let mut contact = row::contact(first_of(addresses))?;
    given_names(row, &mut contact);
    row.tags(&mut contact, "categories", &[';']);
    Ok(contact)
}

fn google_address(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let columns = (1..=9).map(|number| row.get(&format!("e-mail {number} - value")));
    let addresses = columns.flat_map(|value| value.split(GOOGLE_SEPARATOR));
    row::contact(first_of(addresses))
}

/// The first that is not empty.
fn first_of<'a>(values: impl IntoIterator<Item = &'a str>) -> &'a str {
    let mut values = values.into_iter().map(str::trim);
    values.find(|value| !value.is_empty()).unwrap_or_default()
}

/// First name with the middle name, and last name.
fn given_names(row: &ExportRow<'_>, contact: &mut Contact) {
    row.names(contact, "first name", "last name");
    let middle = contact.noted(row.text("middle name"));
    contact.first_name = match (contact.first_name.take(), middle) {
        (Some(first), Some(middle)) => Some(format!("{first} {middle}")),
        (first, middle) => first.or(middle),
    };
}

/// Labels, without those of Google itself, which begin with a star.
fn labels(row: &ExportRow<'_>, contact: &mut Contact, column: &str) {
    for label in row.get(column).split(GOOGLE_SEPARATOR) {
        if !label.trim().starts_with("* ") {
            row::tag(contact, label);
        }
    }
}
