//! The formats, one file each: how it is recognised, and what its columns and words mean.

mod address_books;
mod beehiiv;
mod brevo;
mod buttondown;
mod franking;
mod ghost;
mod hubspot;
mod keila;
mod kit;
mod listmonk;
mod mailchimp;
mod mailerlite;
mod mailman3;
mod mailtrain;
mod mapped;
mod phplist;
mod row;
mod subscribers_toml;
mod substack;
mod sympa;
mod vcard;

use std::io::Read;

pub(super) use row::ExportRow;

use super::contact::Contact;
use super::error::ImportError;
use super::rejection::RejectionCode;
use super::table::Header;

/// Receives the row of each line.
pub(super) type Each<'a> =
    &'a mut dyn FnMut(u64, Result<Contact, RejectionCode>) -> Result<(), ImportError>;

/// What a format does not contain, and how its rows become contacts.
#[derive(Debug)]
pub(super) struct ExportFormat {
    /// The name, for `--format` and reports.
    pub(super) name: &'static str,
    /// Whether every row has evidence of consent, or is a subscription by itself.
    pub(super) has_consent: bool,
    /// Whether bounces and complaints are missing.
    pub(super) lacks_bounces: bool,
    pub(super) layout: Layout,
}

/// The shape of a file.
#[derive(Debug)]
pub(super) enum Layout {
    /// Rows under a header.
    Table(TableLayout),
    /// Anything else: lines, paragraphs, cards.
    Text(TextLayout),
}

/// A format whose columns have names.
#[derive(Debug)]
pub(super) struct TableLayout {
    /// Columns that are all there.
    pub(super) known_by: &'static [&'static str],
    /// Columns that are there in part.
    pub(super) some_of: (usize, &'static [&'static str]),
    /// Whether the file shows who left.
    pub(super) shows_opt_outs: fn(&Header) -> bool,
    pub(super) contact: fn(&ExportRow<'_>) -> Result<Contact, RejectionCode>,
}

/// A format without a header.
#[derive(Debug)]
pub(super) struct TextLayout {
    /// Whether the beginning of a file is in this format.
    pub(super) fits: fn(&str) -> bool,
    /// Whether the file shows who left.
    pub(super) shows_opt_outs: bool,
    pub(super) each: fn(&mut dyn Read, &str, Each<'_>) -> Result<(), ImportError>,
}

/// Every format that is recognised.
pub(super) static FORMATS: [&ExportFormat; 23] = [
    &subscribers_toml::FORMAT,
    &franking::TABLE,
    &franking::LINES,
    &listmonk::FORMAT,
    &mailchimp::FORMAT,
    &substack::LIST,
    &substack::TABLE,
    &ghost::FORMAT,
    &buttondown::FORMAT,
    &keila::FORMAT,
    &mailtrain::FORMAT,
    &beehiiv::FORMAT,
    &phplist::FORMAT,
    &brevo::FORMAT,
    &kit::FORMAT,
    &mailerlite::FORMAT,
    &hubspot::FORMAT,
    &address_books::GOOGLE,
    &address_books::GOOGLE_BEFORE_2024,
    &address_books::OUTLOOK,
    &vcard::FORMAT,
    &sympa::FORMAT,
    &mailman3::FORMAT,
];

/// The name of our own export.
pub(super) const OWN: &str = franking::NAME;

/// The format of `--map`.
pub(super) static MAPPED: &ExportFormat = &mapped::FORMAT;

/// The names for `--format`.
pub fn format_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.dedup();
    names.push(MAPPED.name);
    names
}

/// Parses the name of a format.
///
/// # Errors
/// When no format has this name.
pub fn parse_format(text: &str) -> Result<String, String> {
    let names = format_names();
    match names.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("expected one of {}", names.join(", "))),
    }
}

/// Whether a file of this format has no one who may be mailed, although it does not show everyone who left.
pub(super) fn adds_no_one(format: &ExportFormat, header: &Header, file: &str) -> bool {
    format.name == mailchimp::FORMAT.name && mailchimp::adds_no_one(header, file)
}

impl TableLayout {
    pub(super) fn fits(&self, header: &Header) -> bool {
        let (least, columns) = self.some_of;
        let there = columns.iter().filter(|name| header.has(name)).count();
        there >= least && self.known_by.iter().all(|name| header.has(name))
    }

    /// The columns by which it is known and that are missing.
    pub(super) fn missing(&self, header: &Header) -> Vec<&'static str> {
        let known = self.known_by.iter().copied();
        known.filter(|name| !header.has(name)).collect()
    }
}
