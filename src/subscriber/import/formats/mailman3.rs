//! Mailman 3: what `mailman members LIST` prints, a member a line.

use std::io::Read;

use mail_parser::{HeaderValue, parsers::MessageStream};

use super::{Each, ExportFormat, Layout, TextLayout, row};
use crate::subscriber::Address;
use crate::subscriber::import::contact::Contact;
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::rejection::RejectionCode;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "mailman3",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits,
        shows_opt_outs: false,
        each,
    }),
};

/// Whether every line of the beginning is a mailbox. The last line may be cut off.
fn fits(head: &str) -> bool {
    let lines: Vec<&str> = head.lines().filter(|line| !is_no_row(line)).collect();
    let complete = lines.len().saturating_sub(1).max(1);
    !lines.is_empty()
        && lines
            .iter()
            .take(complete)
            .all(|line| contact(line).is_ok())
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    each_line(text, file, |number, line| match is_no_row(line) {
        true => Ok(()),
        false => each(number, contact(line)),
    })
}

fn is_no_row(line: &str) -> bool {
    line.trim().is_empty() || line.trim_end().ends_with(" has no members")
}

/// `Anne Person <anne@…>`, `"Haddad, N." <nh@…>`, or an address alone; names may be encoded words (RFC 2047).
fn contact(line: &str) -> Result<Contact, RejectionCode> {
    let line = line.trim();
    if Address::parse(line).is_ok() {
        return row::contact(line);
    }
    let field = format!("{line}\n");
    let HeaderValue::Address(list) = MessageStream::new(field.as_bytes()).parse_address() else {
        return Err(RejectionCode::BadAddress);
    };
    let mut members = list.iter();
    let (Some(member), None) = (members.next(), members.next()) else {
        return Err(RejectionCode::BadAddress);
    };
    let address = member.address().ok_or(RejectionCode::BadAddress)?;
    let mut contact = row::contact(address)?;
    contact.name = contact.noted(row::text(member.name().unwrap_or_default().trim()));
    Ok(contact)
}
