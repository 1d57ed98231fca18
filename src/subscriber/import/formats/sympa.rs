//! Sympa: `member.dump`, a paragraph of `key value` lines a member; or the text of the web interface, an address and a name
//! a line, separated by a tab. People who left are in neither.

use std::collections::HashMap;
use std::io::Read;

use super::{Each, ExportFormat, Layout, TextLayout, row};
use crate::subscriber::Address;
use crate::subscriber::import::contact::{Contact, Standing, Suppression, SuppressionReason};
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::rejection::RejectionCode;
use crate::subscriber::import::times;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "sympa",
    has_consent: true,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits,
        shows_opt_outs: false,
        each,
    }),
};

fn fits(head: &str) -> bool {
    is_dump(head) || is_list(head)
}

/// Whether the first paragraph has an address and another key of a dump.
fn is_dump(head: &str) -> bool {
    let paragraph = head.lines().skip_while(|line| line.trim().is_empty());
    let paragraph = paragraph.take_while(|line| !line.trim().is_empty());
    let keys: Vec<&str> = paragraph
        .filter_map(|line| line.split(' ').next())
        .collect();
    keys.contains(&"email")
        && ["reception", "visibility"]
            .iter()
            .any(|key| keys.contains(key))
}

/// Whether the first line that is not a comment is an address and a name.
fn is_list(head: &str) -> bool {
    let mut lines = head.lines().filter(|line| !is_comment(line));
    let first = lines.next().and_then(|line| line.split_once('\t'));
    first.is_some_and(|(address, name)| Address::parse(address).is_ok() && !name.contains('\t'))
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    let (mut member, mut are_whole) = (Member::default(), false);
    each_line(text, file, |number, line| {
        if line.trim().is_empty() {
            are_whole |= member.is_whole();
            return member.end(each);
        }
        if line.starts_with('#') {
            return Ok(());
        }
        match line.split_once('\t') {
            Some((address, name)) if member.values.is_empty() => {
                each(number, listed(address, name))
            }
            _ => {
                member.add(number, line);
                Ok(())
            }
        }
    })?;
    if are_whole && !member.values.is_empty() && !member.is_whole() {
        let message = "the last member is incomplete: the rest of the file is missing";
        return Err(ImportError::new(file, message)
            .line(member.line)
            .help("dump the list again"));
    }
    member.end(each)
}

fn listed(address: &str, name: &str) -> Result<Contact, RejectionCode> {
    let mut contact = row::contact(address.trim())?;
    contact.name = contact.noted(row::text(name.trim()));
    Ok(contact)
}

/// A paragraph of a dump.
#[derive(Default)]
struct Member {
    line: u64,
    values: HashMap<String, String>,
}

impl Member {
    fn add(&mut self, number: u64, line: &str) {
        if self.values.is_empty() {
            self.line = number;
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        self.values.insert(key.to_owned(), value.trim().to_owned());
    }

    /// Whether the paragraph has its last line: the keys are in the order of letters.
    fn is_whole(&self) -> bool {
        self.values.contains_key("visibility")
    }

    fn end(&mut self, each: Each<'_>) -> Result<(), ImportError> {
        if self.values.is_empty() {
            return Ok(());
        }
        let contact = self.contact();
        self.values.clear();
        each(self.line, contact)
    }

    fn get(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    fn contact(&self) -> Result<Contact, RejectionCode> {
        let mut contact = listed(self.get("email"), self.get("gecos"))?;
        let detail = match (self.get("reception"), self.get("suspend")) {
            ("nomail", _) => Some("nomail"),
            (_, "1") => Some("suspend"),
            _ => None,
        };
        if let Some(detail) = detail {
            contact.standing = Standing::Suppressed(Suppression::with_detail(
                SuppressionReason::Unsubscribed,
                detail,
            ));
        }
        contact.consent.at = times::unix(self.get("date"));
        Ok(contact)
    }
}
