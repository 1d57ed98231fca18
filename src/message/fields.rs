//! The header fields of a letter (RFC 5322), those of a list among them (RFC 2369, RFC 2919, RFC 8058).

use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use lettre::message::header::{
    Date, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, MessageId, ReplyTo, Subject, To,
};
use lettre::message::{Mailbox, Mailboxes};

use super::merge_values::{MergeValues, leave_page, mailto_to_leave};
use super::{LetterError, MessageOptions};
use crate::compile::edition::Edition;
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::key::Key;

/// The author and the date: the same in every letter.
pub(super) fn author(edition: &Edition, stamp: &MessageOptions) -> Result<Headers, LetterError> {
    let sender = &edition.sender;
    let mut fields = Headers::new();
    let from = mailbox(sender.from.name.as_deref(), &sender.from.address)?;
    set_author(&mut fields, "From", from);
    if let Some(reply_to) = &sender.reply_to {
        let reply_to = mailbox(reply_to.name.as_deref(), &reply_to.address)?;
        set_author(&mut fields, "Reply-To", reply_to);
    }
    fields.set(Date::from(system_time(stamp.date)));
    Ok(fields)
}

/// What is a reader's own: the address, the subject, the identity, the way to leave.
pub(super) fn personal(
    personal: &MergeValues<'_>,
    subject: &str,
    key: &Key,
) -> Result<Headers, LetterError> {
    let MergeValues {
        edition,
        reader,
        leave_token,
        ..
    } = personal;
    let mut fields = Headers::new();
    let to = mailbox(reader.full_name().as_deref(), &reader.address)?;
    set_recipient(&mut fields, to);
    if needs_encoded_words(subject) {
        fields.insert_raw(field("Subject", encoded_words(subject)));
    } else {
        fields.set(Subject::from(subject.to_owned()));
    }
    let identity = message_id(edition, &reader.address, key);
    fields.set(MessageId::from(format!("<{identity}>")));
    let ways = [
        leave_page(edition, leave_token),
        mailto_to_leave(edition, leave_token),
    ];
    let ways: Vec<String> = ways
        .into_iter()
        .flatten()
        .map(|uri| format!("<{uri}>"))
        .collect();
    fields.insert_raw(field("List-Unsubscribe", ways.join(",\r\n ")));
    Ok(fields)
}

/// The fields that tell programs what this is: a list's letter, how to leave, nobody to answer by machine.
///
/// Leaving by one click needs https. `Auto-Submitted` is left out: RFC 3834 keeps it for what no person
/// wrote.
pub(super) fn list(edition: &Edition) -> Headers {
    let sender = &edition.sender;
    let mut fields = Headers::new();
    fields.insert_raw(field("List-Id", list_id(&sender.name, &sender.list_id)));
    if sender.web_url.is_some() {
        let one_click = "List-Unsubscribe=One-Click".to_owned();
        fields.insert_raw(field("List-Unsubscribe-Post", one_click));
    }
    fields.insert_raw(field("Precedence", "bulk".to_owned()));
    let suppressed = "OOF, AutoReply".to_owned();
    fields.insert_raw(field("X-Auto-Response-Suppress", suppressed));
    fields.set(MIME_VERSION_1_0);
    fields
}

/// The longest word that a header line can have without breaking the limit of 998 octets (RFC 5322 section
/// 2.1.1), with room for the field's name.
const LONGEST_WORD: usize = 900;

/// Whether a subject has to be encoded though it is ASCII, which lettre leaves alone: it looks like an encoded
/// word (RFC 2047), or a word is too long for a line.
fn needs_encoded_words(subject: &str) -> bool {
    subject.contains("=?") || subject.split(' ').any(|word| word.len() > LONGEST_WORD)
}

/// The author of the answers or of the message. lettre leaves ASCII alone that looks like an encoded word, so that a
/// name becomes another one on the recipient's screen.
fn set_author(fields: &mut Headers, name: &'static str, mailbox: Mailbox) {
    if mailbox
        .name
        .as_ref()
        .is_some_and(|words| words.contains("=?"))
    {
        fields.insert_raw(field(name, encoded_mailbox(&mailbox)));
    } else if name == "From" {
        fields.set(From::from(Mailboxes::from(mailbox)));
    } else {
        fields.set(ReplyTo::from(Mailboxes::from(mailbox)));
    }
}

/// As [`set_author`]; a list has long names too, and lettre does not fold before an address.
fn set_recipient(fields: &mut Headers, to: Mailbox) {
    let is_plain = |word: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b".,'-".contains(&b);
        word.len() < 60 && word.bytes().all(is_plain)
    };
    match &to.name {
        Some(name) if !name.split(' ').all(is_plain) => {
            fields.insert_raw(field("To", encoded_mailbox(&to)));
        }
        // Without brackets some readers take a quoted local part for a display name.
        None if to.email.user().starts_with('"') => {
            fields.insert_raw(field("To", format!("<{}>", to.email)));
        }
        _ => fields.set(To::from(Mailboxes::from(to))),
    }
}

fn encoded_mailbox(mailbox: &Mailbox) -> String {
    let name = mailbox.name.as_deref().unwrap_or_default();
    format!("{}\r\n <{}>", encoded_words(name), mailbox.email)
}

/// `=?utf-8?b?…?=`, folded; a line with the name of its field in front keeps to 76 octets.
fn encoded_words(text: &str) -> String {
    let mut words = vec![String::new()];
    for c in text.chars() {
        let word = words.last_mut().expect("never empty");
        if word.len() + c.len_utf8() > 39 {
            words.push(c.to_string());
        } else {
            word.push(c);
        }
    }
    let encoded = |word: &String| format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(word));
    words.iter().map(encoded).collect::<Vec<_>>().join("\r\n ")
}

fn system_time(moment: Timestamp) -> std::time::SystemTime {
    let seconds = u64::try_from(moment.as_second()).unwrap_or_default();
    std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
}

/// The longest name in a header field, in characters; a longer one helps no reader.
const LONGEST_NAME: usize = 120;

pub(super) fn mailbox(name: Option<&str>, address: &Address) -> Result<Mailbox, LetterError> {
    let address =
        lettre::Address::from_str(&address.for_envelope()).map_err(LetterError::Mailbox)?;
    let name = name.map(|name| {
        escape::line(name)
            .chars()
            .take(LONGEST_NAME)
            .collect::<String>()
    });
    let name = name.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    Ok(Mailbox::new(name.filter(|name| !name.is_empty()), address))
}

/// `code@domain`: the same for the same issue and reader, on every attempt.
pub fn message_id(edition: &Edition, reader: &Address, key: &Key) -> String {
    let parts = [
        edition.sender.list_id.as_str(),
        &edition.issue,
        &reader.key(),
    ];
    format!(
        "{}@{}",
        key.code("message", &parts),
        edition.sender.from.address.domain()
    )
}

/// `Name <id>`; a name beyond ASCII is left out, for RFC 2919 parsers compare the whole field.
fn list_id(name: &str, id: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    if is_plain && name.len() <= LONGEST_WORD {
        format!("{name} <{id}>")
    } else {
        format!("<{id}>")
    }
}

/// A field whose value is made of checked URIs and constants, folded where the value says so.
fn field(name: &'static str, value: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.replace("\r\n", ""), value)
}
