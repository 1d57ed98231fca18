//! Any CSV file, by `--map COLUMN=FIELD`. Columns that are not mapped are not imported.

use super::{ExportFormat, ExportRow, Layout, TableLayout, row};
use crate::subscriber::import::contact::{Contact, Standing};
use crate::subscriber::import::options::Field;
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;
use crate::subscriber::{Attribute, Status};

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "csv",
    has_consent: false,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &[],
        some_of: (0, &[]),
        shows_opt_outs: |_| false,
        contact,
    }),
};

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let fields = &row.options.map;
    let address = fields.iter().find(|(_, field)| *field == Field::Email);
    let mut contact = row.contact(address.map_or("", |(column, _)| column))?;
    for (column, field) in fields {
        add(row, column, field, &mut contact);
    }
    Ok(contact)
}

fn add(row: &ExportRow<'_>, column: &str, field: &Field, contact: &mut Contact) {
    match field {
        Field::Email => {}
        Field::Name => contact.name = contact.noted(row.text(column)),
        Field::FirstName => contact.first_name = contact.noted(row.text(column)),
        Field::LastName => contact.last_name = contact.noted(row.text(column)),
        Field::Language => contact.language = contact.noted(row::language(row.get(column))),
        Field::Tags => row.tags(contact, column, &[',', ';']),
        Field::Status => contact.standing = contact.noted(standing(row.get(column))),
        Field::ConsentAt => {
            contact.consent.at = row.time(column, times::iso, &mut contact.consent);
        }
        Field::ConsentIp => contact.consent.ip = contact.noted(row.text(column)),
        Field::Attribute(name) => {
            if let Some(value) = contact.noted(row.text(column)) {
                let value = Attribute::Text(value);
                contact.attributes.insert(name.clone(), value);
            }
        }
    }
}

fn standing(word: &str) -> Result<Standing, RejectionCode> {
    let word = word.to_ascii_lowercase();
    let status = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == word);
    status
        .map(Standing::from)
        .ok_or(RejectionCode::UnknownStatus)
}
