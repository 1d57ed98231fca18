//! The header fields of a message (RFC 5322), including those of mailing lists (RFC 2369, RFC 2919, RFC 8058).

use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use lettre::message::header::{
    Date, From, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, MessageId, ReplyTo, Subject, To,
};
use lettre::message::{Mailbox, Mailboxes};

use super::merge_values::{MergeValues, unsubscribe_mailto, unsubscribe_page};
use super::{MessageError, MessageOptions};
use crate::compile::edition::Edition;
use crate::subscriber::{Address, UnsubscribeToken};
use crate::util::escape;
use crate::util::key::Key;

/// The fields From, Reply-To and Date, which are the same in every message.
pub(super) fn author(edition: &Edition, options: &MessageOptions) -> Result<Headers, MessageError> {
    let sender = &edition.sender;
    let mut fields = Headers::new();
    let from = mailbox(sender.from.name.as_deref(), &sender.from.address)?;
    set_author(&mut fields, "From", from);
    if let Some(reply_to) = &sender.reply_to {
        let reply_to = mailbox(reply_to.name.as_deref(), &reply_to.address)?;
        set_author(&mut fields, "Reply-To", reply_to);
    }
    fields.set(Date::from(system_time(options.date)));
    Ok(fields)
}

/// The fields that differ between recipients, as they are written: To, Subject, Message-ID and List-Unsubscribe.
pub(super) fn personal(
    values: &MergeValues<'_>,
    subject: &str,
    key: &Key,
) -> Result<String, MessageError> {
    let (edition, recipient) = (values.edition, values.recipient);
    let mut fields = Headers::new();
    let to = mailbox(recipient.full_name().as_deref(), &recipient.address)?;
    set_recipient(&mut fields, to);
    if needs_encoded_words(subject) {
        fields.insert_raw(field("Subject", encoded_words(subject)));
    } else {
        fields.set(Subject::from(subject.to_owned()));
    }
    let id = message_id(edition, &recipient.address, key);
    fields.set(MessageId::from(format!("<{id}>")));
    let unsubscribe = list_unsubscribe(edition, &values.unsubscribe_token);
    Ok(format!("{fields}{unsubscribe}"))
}

/// The field List-Unsubscribe (RFC 2369), folded before each URI that does not fit the line. A URI itself must not be folded.
///
/// The mail library would leave a space at the end of a line that is folded after the name.
fn list_unsubscribe(edition: &Edition, token: &UnsubscribeToken) -> String {
    const NAME: &str = "List-Unsubscribe:";
    let uris = [
        unsubscribe_page(edition, token),
        unsubscribe_mailto(edition, token),
    ];
    let uris = uris.into_iter().flatten().map(|uri| format!("<{uri}>"));
    let uris = uris.collect::<Vec<_>>().join(",\r\n ");
    let first = uris.lines().next().unwrap_or_default();
    let is_short = NAME.len() + 1 + first.len() <= LONGEST_FOLDED;
    // Messages of earlier versions are sent again as they were.
    match is_short || token.is_earlier_form() {
        true => format!("{NAME} {uris}\r\n"),
        false => format!("{NAME}\r\n {uris}\r\n"),
    }
}

/// The length that a folded line should not exceed, in octets (RFC 5322 section 2.1.1).
const LONGEST_FOLDED: usize = 78;

/// The fields that identify a mailing list, support one-click unsubscribing (RFC 8058) and suppress automatic replies.
///
/// One-click unsubscribing needs an HTTPS URL. `Auto-Submitted` is omitted, because RFC 3834 defines it for messages
/// without a human author.
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

/// The longest word that fits a header line of 998 octets together with the name of the field (RFC 5322 section 2.1.1),
/// in octets.
const LONGEST_WORD: usize = 900;

/// Whether an ASCII subject, which lettre does not encode, needs encoded words (RFC 2047): it looks like an encoded
/// word itself, or one of its words is too long for a line.
fn needs_encoded_words(subject: &str) -> bool {
    subject.contains("=?") || subject.split(' ').any(|word| word.len() > LONGEST_WORD)
}

/// Sets From or Reply-To. lettre does not encode ASCII that looks like an encoded word, and mail clients would decode
/// such a name.
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

/// Sets To, as [`set_author`] does. Names on a list may be long, and lettre does not fold before the address.
fn set_recipient(fields: &mut Headers, to: Mailbox) {
    let is_plain = |word: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b".,'-".contains(&b);
        word.len() < 60 && word.bytes().all(is_plain)
    };
    match &to.name {
        Some(name) if !name.split(' ').all(is_plain) => {
            fields.insert_raw(field("To", encoded_mailbox(&to)));
        }
        // Without angle brackets some clients parse a quoted local part as a display name.
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

/// Encoded words, `=?utf-8?b?…?=` (RFC 2047), folded. A line has at most 76 octets, including the name of the field.
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

/// The longest display name in a header field, in characters; a longer one is cut.
const LONGEST_NAME: usize = 120;

/// A mailbox with its display name on one line, or an error if the mail library rejects the address.
pub(super) fn mailbox(name: Option<&str>, address: &Address) -> Result<Mailbox, MessageError> {
    let address =
        lettre::Address::from_str(&address.for_envelope()).map_err(MessageError::Mailbox)?;
    let name = name.map(|name| {
        escape::line(name)
            .chars()
            .take(LONGEST_NAME)
            .collect::<String>()
    });
    let name = name.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    Ok(Mailbox::new(name.filter(|name| !name.is_empty()), address))
}

/// The Message-ID, `code@domain`. It is the same for an issue and a recipient on every attempt.
pub fn message_id(edition: &Edition, recipient: &Address, key: &Key) -> String {
    let parts = [
        edition.sender.list_id.as_str(),
        &edition.issue,
        &recipient.key(),
    ];
    format!(
        "{}@{}",
        key.code("message", &parts),
        edition.sender.from.address.domain()
    )
}

/// The value of List-Id, `Name <id>`. A non-ASCII name is omitted, because parsers compare the whole field (RFC 2919).
fn list_id(name: &str, id: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    if is_plain && name.len() <= LONGEST_WORD {
        format!("{name} <{id}>")
    } else {
        format!("<{id}>")
    }
}

/// A field with an encoded value, folded at the line breaks of the value.
fn field(name: &'static str, value: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.replace("\r\n", ""), value)
}
