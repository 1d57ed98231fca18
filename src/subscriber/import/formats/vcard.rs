//! vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): an address book, which shows neither consent nor who left.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::{Each, ExportFormat, Layout, TextLayout, row};
use crate::subscriber::import::contact::Contact;
use crate::subscriber::import::error::ImportError;
use crate::subscriber::import::lines::each_line;
use crate::subscriber::import::rejection::RejectionCode;

/// The most bytes of a card, which may have a photograph.
const CARD: usize = 8 << 20;

pub(super) static FORMAT: ExportFormat = ExportFormat {
    name: "vcard",
    has_consent: false,
    lacks_bounces: false,
    layout: Layout::Text(TextLayout {
        fits,
        shows_opt_outs: false,
        each,
    }),
};

fn fits(head: &str) -> bool {
    let first = head.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| is(line, "BEGIN:VCARD"))
}

fn is(line: &str, other: &str) -> bool {
    line.trim().eq_ignore_ascii_case(other)
}

fn each(text: &mut dyn Read, file: &str, each: Each<'_>) -> Result<(), ImportError> {
    let mut card: Vec<String> = Vec::new();
    let mut start = 0;
    let mut size = 0;
    each_line(text, file, |number, line| {
        if is(line, "BEGIN:VCARD") {
            if !card.is_empty() {
                return Err(open_card(file, start));
            }
            start = number;
        }
        if start == 0 {
            return Ok(());
        }
        size += line.len();
        if size > CARD {
            let message = format!("a card of more than {} MiB", CARD >> 20);
            return Err(ImportError::new(file, message).line(start));
        }
        unfold(&mut card, line);
        if is(line, "END:VCARD") {
            let card = std::mem::take(&mut card);
            size = 0;
            return each(std::mem::take(&mut start), contact(&card));
        }
        Ok(())
    })?;
    match card.is_empty() {
        true => Ok(()),
        false => Err(open_card(file, start)),
    }
}

fn open_card(file: &str, line: u64) -> ImportError {
    ImportError::new(file, "a card begins here and has no END:VCARD")
        .line(line)
        .help("the file is incomplete: export it again")
}

/// Adds a line to the logical lines of a card. A continued line begins with white space, or follows a soft line break of
/// quoted-printable (vCard 2.1).
fn unfold(card: &mut Vec<String>, line: &str) {
    match (card.last_mut(), line.strip_prefix([' ', '\t'])) {
        (Some(last), Some(rest)) => last.push_str(rest),
        (Some(last), None) if is_soft_break(last) => {
            last.pop();
            last.push_str(line);
        }
        _ => card.push(line.to_owned()),
    }
}

fn is_soft_break(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    line.ends_with('=') && head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

fn contact(card: &[String]) -> Result<Contact, RejectionCode> {
    let properties: Vec<Property<'_>> = card.iter().filter_map(|line| Property::of(line)).collect();
    let first = |name: &str| {
        let property = properties.iter().find(|property| property.name == name);
        property
            .map(|property| property.text().trim().to_owned())
            .unwrap_or_default()
    };
    let mut contact = row::contact(&address(&properties))?;
    contact.name = contact.noted(row::text(&first("FN")));
    let name = properties.iter().find(|property| property.name == "N");
    let components = name.map(|name| name.list(';')).unwrap_or_default();
    let component = |at: usize| components.get(at).map_or("", |part| part.trim());
    contact.last_name = contact.noted(row::text(component(0)));
    contact.first_name = contact.noted(row::text(component(1)));
    contact.language = contact.noted(row::language(&first("LANG")));
    for property in properties.iter().filter(|one| one.name == "CATEGORIES") {
        for tag in property.list(',') {
            row::tag(&mut contact, &tag);
        }
    }
    Ok(contact)
}

/// The preferred address: the lowest `PREF`, or `type=pref`, else the first.
fn address(properties: &[Property<'_>]) -> String {
    let addresses = properties
        .iter()
        .filter(|property| property.name == "EMAIL");
    let preferred = addresses.min_by_key(|property| property.preference());
    preferred
        .map(|property| property.text().trim().to_owned())
        .unwrap_or_default()
}

/// A logical line: `group.NAME;parameter=value:value`.
struct Property<'a> {
    /// In capitals.
    name: String,
    parameters: Vec<(String, &'a str)>,
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut is_quoted = false;
        let end = line.find(|c| {
            is_quoted ^= c == '"';
            c == ':' && !is_quoted
        })?;
        let mut parts = line[..end].split(';');
        let name = parts
            .next()?
            .rsplit('.')
            .next()?
            .trim()
            .to_ascii_uppercase();
        // vCard 2.1 has values without names, such as `PREF`.
        let parameters = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => (name.trim().to_ascii_uppercase(), value.trim_matches('"')),
            None => ("TYPE".to_owned(), part),
        });
        Some(Self {
            name,
            parameters: parameters.collect(),
            value: &line[end + 1..],
        })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.iter();
        parameters
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    /// From 1, the most preferred; the largest number without a preference.
    fn preference(&self) -> u32 {
        if let Some(number) = self.parameter("PREF") {
            return number.parse().unwrap_or(1);
        }
        let types = self.parameters.iter().filter(|(name, _)| name == "TYPE");
        let mut types = types.flat_map(|(_, types)| types.split(','));
        match types.any(|word| word.trim().eq_ignore_ascii_case("pref")) {
            true => 1,
            false => u32::MAX,
        }
    }

    /// The value, decoded.
    fn raw(&self) -> Cow<'a, str> {
        let encoding = self.parameter("ENCODING").or(self.parameter("TYPE"));
        if !encoding.is_some_and(|word| word.eq_ignore_ascii_case("quoted-printable")) {
            return Cow::Borrowed(self.value);
        }
        let charset = self.parameter("CHARSET").unwrap_or_default();
        let charset = Encoding::for_label(charset.as_bytes()).unwrap_or(UTF_8);
        let octets = quoted_printable(self.value);
        Cow::Owned(charset.decode(&octets).0.into_owned())
    }

    /// The value without its escapes.
    fn text(&self) -> String {
        unescaped(&self.raw())
    }

    /// The parts of a value between separators that are not escaped.
    fn list(&self, separator: char) -> Vec<String> {
        let raw = self.raw();
        let mut is_escaped = false;
        let parts = raw.split(|c| {
            let is_separator = c == separator && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_separator
        });
        parts.map(unescaped).collect()
    }
}

/// `\n`, `\,`, `\;` and `\\` (RFC 6350, section 3.4).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                other => out.extend(other),
            },
            c => out.push(c),
        }
    }
    out
}

/// The octets of quoted-printable text (RFC 2045, section 6.7); an invalid sequence stands for itself.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'=');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = &after[2..];
            }
            None => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    octets
}
