//! Our own export: CSV with a header, whose `tags` and `attributes` are JSON, or one JSON object a line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde::Deserialize;

use super::{Each, ExportFormat, ExportRow, Layout, TableLayout, TextLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, SuppressionReason};
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::{Address, Attribute, Status};

pub(super) static TABLE: ExportFormat = ExportFormat {
    name: "franking",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Table(TableLayout {
        known_by: &[
            "email",
            "status",
            "reason",
            "first_name",
            "last_name",
            "tags",
            "attributes",
        ],
        some_of: (0, &[]),
        shows_opt_outs: |_| true,
        contact,
    }),
};

pub(super) static LINES: ExportFormat = ExportFormat {
    name: "franking",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits,
        shows_opt_outs: true,
        each,
    }),
};

/// A subscriber as the export has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    email: String,
    status: Status,
    reason: Option<String>,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    language: Option<String>,
    tags: BTreeSet<String>,
    attributes: BTreeMap<String, Attribute>,
}

impl Record {
    fn contact(self) -> Result<Contact, RejectionCode> {
        if self.email.is_empty() {
            return Err(RejectionCode::NoAddress);
        }
        let address = Address::parse(&self.email).map_err(|_| RejectionCode::BadAddress)?;
        let texts = [&self.name, &self.first_name, &self.last_name];
        for text in texts.into_iter().flatten() {
            row::text(text)?;
        }
        Ok(Contact {
            standing: standing(self.status, self.reason.as_deref())?,
            name: self.name,
            first_name: self.first_name,
            last_name: self.last_name,
            language: row::language(self.language.as_deref().unwrap_or_default())?,
            tags: self.tags.into_iter().collect(),
            attributes: self.attributes,
            ..Contact::at(address)
        })
    }
}

/// The reason of a suppression counts more than the status, which may be less exact.
fn standing(status: Status, reason: Option<&str>) -> Result<Standing, RejectionCode> {
    let Some(reason) = reason else {
        return Ok(status.into());
    };
    let reasons = SuppressionReason::ALL.into_iter();
    let reason = reasons.into_iter().find(|known| known.as_str() == reason);
    let reason = reason.ok_or(RejectionCode::UnknownStatus)?;
    Ok(Standing::Suppressed(reason.into()))
}

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let word = row.get("status");
    let status = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == word);
    let text = |column: &str| {
        let value = row
            .header
            .find(column)
            .and_then(|number| row.record.get(number));
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let record = Record {
        email: row.get("email").to_owned(),
        status: status.ok_or(RejectionCode::UnknownStatus)?,
        reason: text("reason"),
        name: text("name"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        language: text("language"),
        tags: json(row.get("tags"))?,
        attributes: json(row.get("attributes"))?,
    };
    record.contact()
}

fn json<T: Default + for<'a> Deserialize<'a>>(text: &str) -> Result<T, RejectionCode> {
    match text {
        "" => Ok(T::default()),
        text => serde_json::from_str(text).map_err(|_| RejectionCode::BadAttributes),
    }
}

fn fits(head: &str) -> bool {
    let first = head.lines().next().unwrap_or_default();
    serde_json::from_str::<Record>(first).is_ok()
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    each_line(text, file, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        let record: Result<Record, _> = serde_json::from_str(line);
        let record = record.map_err(|_| RejectionCode::BadAttributes);
        each(number, record.and_then(Record::contact))
    })
}
