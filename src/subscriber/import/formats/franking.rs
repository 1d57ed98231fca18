//! Our own export: CSV with a header, whose lists and objects are JSON, or one JSON object a line. An export of an earlier
//! version has less, and its rows are read like those of another system.

use std::collections::BTreeMap;
use std::io::Read;

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Each, ExportFormat, ExportRow, Layout, TableLayout, TextLayout, row};
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::own::{HashedMailbox, OwnRow};
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;
use crate::subscriber::{Address, Attribute, Status};

/// The name of both forms.
pub(super) const NAME: &str = "franking";

pub(super) static TABLE: ExportFormat = ExportFormat {
    name: NAME,
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
    name: NAME,
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits,
        shows_opt_outs: true,
        each,
    }),
};

/// The columns of the CSV that are texts; the others are JSON.
const TEXTS: [&str; 12] = [
    "email",
    "status",
    "reason",
    "name",
    "first_name",
    "last_name",
    "language",
    "listed",
    "suppressed_at",
    "detail",
    "evidence",
    "hash",
];

/// The columns of the CSV that are JSON.
const JSON: [&str; 3] = ["tags", "attributes", "consent"];

fn contact(row: &ExportRow<'_>) -> Result<Contact, RejectionCode> {
    let mut members = Map::new();
    let mut problem = None;
    let raw = |column: &str| {
        let number = row.header.find(column)?;
        Some(row.record.get(number).unwrap_or_default())
    };
    for column in TEXTS {
        if let Some(text) = raw(column) {
            let text = (!text.is_empty()).then(|| Value::from(text));
            members.insert(column.to_owned(), text.unwrap_or_default());
        }
    }
    for column in JSON {
        if let Some(text) = raw(column).filter(|text| !text.trim().is_empty()) {
            let value = serde_json::from_str(text).unwrap_or_else(|_| {
                problem.get_or_insert(problem_of(column));
                Value::Null
            });
            members.insert(column.to_owned(), value);
        }
    }
    let mut contact = Record(members).contact()?;
    contact.problem = contact.problem.or(problem);
    Ok(contact)
}

/// The code for a column whose JSON cannot be read.
fn problem_of(column: &str) -> RejectionCode {
    match column {
        "consent" => RejectionCode::BadJson,
        _ => RejectionCode::BadAttributes,
    }
}

/// An object of the export. A member that is missing is null.
struct Record(Map<String, Value>);

impl Record {
    fn contact(mut self) -> Result<Contact, RejectionCode> {
        let mut contact = match self.hashed()? {
            Some(mailbox) => stand_in(mailbox),
            None => Contact::at(self.address()?),
        };
        let own = contact.own.take();
        let mut keys = self.0.keys();
        if !keys.all(|key| TEXTS.contains(&key.as_str()) || JSON.contains(&key.as_str())) {
            contact.problem = Some(RejectionCode::BadJson);
        }
        contact.standing = self.standing(&mut contact)?;
        contact.name = contact.noted(self.line("name"));
        contact.first_name = contact.noted(self.line("first_name"));
        contact.last_name = contact.noted(self.line("last_name"));
        let language = self.text("language");
        contact.language =
            contact.noted(language.and_then(|tag| row::language(&tag.unwrap_or_default())));
        contact.tags = contact.noted(self.value("tags"));
        contact.attributes = contact.noted(self.value::<BTreeMap<String, Attribute>>("attributes"));
        if own.is_some() || self.0.contains_key("listed") {
            let own = OwnRow {
                listed: contact.noted(self.listed()),
                evidence: contact.noted(self.text("evidence")),
                consents: contact.noted(self.value("consent").map_err(|_| RejectionCode::BadJson)),
                mailbox: own.and_then(|own| own.mailbox),
            };
            contact.own = Some(Box::new(own));
        }
        Ok(contact)
    }

    /// The mailbox of a row without an address.
    fn hashed(&mut self) -> Result<Option<HashedMailbox>, RejectionCode> {
        match (self.text("email")?, self.text("hash")?) {
            (None, Some(text)) => {
                let mailbox = HashedMailbox::parse(&text).ok_or(RejectionCode::BadHash)?;
                Ok(Some(mailbox))
            }
            _ => Ok(None),
        }
    }

    fn address(&mut self) -> Result<Address, RejectionCode> {
        let text = self.text("email")?.unwrap_or_default();
        match text.trim() {
            "" => Err(RejectionCode::NoAddress),
            text => Address::parse(text).map_err(|_| RejectionCode::BadAddress),
        }
    }

    /// The reason of a suppression counts more than the status, which may be less exact.
    fn standing(&mut self, contact: &mut Contact) -> Result<Standing, RejectionCode> {
        let status = self.text("status")?.unwrap_or_default();
        let status = status_of(&status);
        let Some(reason) = self.text("reason")? else {
            return status.map(Standing::from);
        };
        let mut reasons = SuppressionReason::ALL.into_iter();
        let reason = reasons.find(|known| known.as_str() == reason);
        let at = contact.noted(self.text("suppressed_at"));
        Ok(Standing::Suppressed(Suppression {
            reason: reason.ok_or(RejectionCode::UnknownStatus)?,
            at: contact.noted(
                at.map(|at| times::iso(&at).ok_or(RejectionCode::BadDate))
                    .transpose(),
            ),
            detail: contact.noted(self.text("detail")),
        }))
    }

    fn listed(&mut self) -> Result<Option<Status>, RejectionCode> {
        let listed = self.text("listed")?;
        listed.map(|word| status_of(&word)).transpose()
    }

    /// A text; a member of another type is none.
    fn text(&self, key: &str) -> Result<Option<String>, RejectionCode> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(RejectionCode::BadJson),
        }
    }

    /// A text of one line.
    fn line(&self, key: &str) -> Result<Option<String>, RejectionCode> {
        let text = self.text(key)?;
        row::text(text.as_deref().unwrap_or_default())?;
        Ok(text)
    }

    fn value<T: Default + for<'a> Deserialize<'a>>(
        &mut self,
        key: &str,
    ) -> Result<T, RejectionCode> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(T::default()),
            Some(value) => serde_json::from_value(value).map_err(|_| RejectionCode::BadAttributes),
        }
    }
}

fn status_of(word: &str) -> Result<Status, RejectionCode> {
    let mut all = Status::ALL.into_iter();
    let status = all.find(|status| status.as_str() == word);
    status.ok_or(RejectionCode::UnknownStatus)
}

/// A contact for a mailbox without an address. No mailbox has the address that stands for it (RFC 6761, section 6.4).
fn stand_in(mailbox: HashedMailbox) -> Contact {
    let address = Address::parse(&format!("{}@hash.invalid", mailbox.hash));
    let mut contact = Contact::at(address.expect("a local part of digits"));
    contact.own = Some(Box::new(OwnRow {
        mailbox: Some(mailbox),
        ..OwnRow::default()
    }));
    contact
}

/// Whether the first line is an object with the members of the export, even if they are wrong. The beginning of the file may
/// end before the later members.
fn fits(head: &str) -> bool {
    let first = head.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        line.starts_with('{')
            && (["\"email\"", "\"status\"", "\"tags\""]
                .iter()
                .all(|key| line.contains(key))
                || is_beginning(line))
    })
}

/// Whether a text is the beginning of an object, and its first member is one of the export.
fn is_beginning(text: &str) -> bool {
    let read: Result<IgnoredAny, _> = serde_json::from_str(text);
    let first = text.trim_start_matches('{').trim_start();
    let first = first
        .strip_prefix('"')
        .and_then(|rest| rest.split('"').next());
    read.is_err_and(|error| error.is_eof())
        && first.is_some_and(|key| TEXTS.contains(&key) || JSON.contains(&key))
}

/// The members of an object, none of them twice.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let mut members = Map::new();
        while let Some((key, value)) = access.next_entry::<String, Value>()? {
            if members.insert(key, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(Members(members))
    }
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    each_line(text, file, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        let members = serde_json::from_str(line).map_err(|_| RejectionCode::BadJson);
        each(
            number,
            members.and_then(|Members(members)| Record(members).contact()),
        )
    })
}
