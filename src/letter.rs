//! A letter: one reader's finished message, bytes and envelope.
//!
//! The edition is filled for the reader, then packed (MIME, RFC 2045 to 2047): multipart/alternative, plain
//! text first, pictures as related parts of the HTML. Date, identity and boundaries are given or derived,
//! never drawn, so that a letter that has to be sent again is the same to the last byte.

use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};

use crate::edition::{Edition, EmbeddedPicture};
use crate::escape;
use crate::publication::TextForm;
use crate::reader::Reader;
use crate::slots::{Slot, Values};
use crate::token::Key;

/// One reader's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who gets the reply if it cannot be delivered: SMTP's MAIL FROM.
    pub sender: String,
    /// SMTP's RCPT TO.
    pub recipient: String,
    /// The message, lines ending in CRLF, not yet dot-stuffed.
    pub bytes: Vec<u8>,
}

/// A letter in its parts, before it is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The subject line.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The plain text part, lines ending in `\n`.
    pub text: String,
}

/// What a send puts on every letter of an edition.
#[derive(Clone)]
pub struct Stamp {
    /// The key of links to leave and of identities.
    pub key: Key,
    /// What the Date field says: the same on every attempt.
    pub date: Timestamp,
    /// Words before the subject, for a test: `[TEST]`.
    pub mark: Option<&'static str>,
}

impl Stamp {
    /// For letters that are not sent: their codes are marked, and nobody accepts them.
    pub fn specimen(date: Timestamp) -> Self {
        Self {
            key: Key::specimen(),
            date,
            mark: None,
        }
    }
}

/// Why no message can be made of a letter.
#[derive(Debug)]
pub enum LetterError {
    /// A mailbox of the edition or of the reader is none for the mail library.
    Mailbox(lettre::address::AddressError),
    /// A field was refused.
    Message(lettre::error::Error),
}

impl std::fmt::Display for LetterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mailbox(_) => "the address cannot stand in a message",
            Self::Message(_) => "no message can be made of this letter",
        })
    }
}

impl std::error::Error for LetterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Mailbox(error) => Some(error),
            Self::Message(error) => Some(error),
        }
    }
}

/// One reader's values for the slots of an edition.
pub struct Personal<'a> {
    edition: &'a Edition,
    reader: &'a Reader,
    unsubscribe_url: String,
    web_url: Option<String>,
}

impl<'a> Personal<'a> {
    /// The values of `reader`.
    pub fn new(edition: &'a Edition, reader: &'a Reader, key: &Key) -> Self {
        Self {
            edition,
            reader,
            unsubscribe_url: unsubscribe_url(edition, reader, key),
            web_url: edition
                .sender
                .web_url
                .as_ref()
                .map(|url| web_page(url, &edition.issue)),
        }
    }

    /// The value of a slot: the reader's own, the slot's default, the publication's. `None` where there is
    /// none of them, which `check` finds before anything is sent.
    pub fn own_value(&self, slot: &'a Slot) -> Option<Cow<'_, str>> {
        match slot.name.as_str() {
            "unsubscribe_url" => Some(Cow::Borrowed(self.unsubscribe_url.as_str())),
            "web_url" => self.web_url.as_deref().map(Cow::Borrowed),
            "issue_title" => Some(Cow::Borrowed(self.edition.title.as_str())),
            "issue_number" => self
                .edition
                .number
                .map(|number| Cow::Owned(number.to_string())),
            name => self.reader.value(name),
        }
        .or_else(|| slot.default.as_deref().map(Cow::Borrowed))
        .or_else(|| {
            self.edition
                .defaults
                .get(&slot.name)
                .map(|value| Cow::Borrowed(value.as_str()))
        })
    }
}

impl Values for Personal<'_> {
    fn value(&self, slot: usize) -> Cow<'_, str> {
        self.edition
            .slots
            .get(slot)
            .and_then(|slot| self.own_value(slot))
            .unwrap_or_default()
    }

    fn sees(&self, rule: usize) -> bool {
        let language = self.edition.language.tag();
        self.edition
            .rules
            .get(rule)
            .is_some_and(|rule| rule.selects(self.reader, language))
    }
}

/// The page of an issue. Its name is a file's, and may hold what a URL does not.
fn web_page(web_url: &str, issue: &str) -> String {
    format!("{web_url}/issues/{}", escape::url_segment(issue))
}

fn leave_token(edition: &Edition, reader: &Reader, key: &Key) -> String {
    key.code("leave", &[&edition.sender.list_id, &reader.address.key()])
}

/// Where one reader leaves: on the web where there is one, by mail otherwise.
pub fn unsubscribe_url(edition: &Edition, reader: &Reader, key: &Key) -> String {
    let token = leave_token(edition, reader, key);
    match &edition.sender.web_url {
        Some(url) => format!("{url}/leave/{token}"),
        None => mailto_to_leave(edition, &token).unwrap_or_default(),
    }
}

fn mailto_to_leave(edition: &Edition, token: &str) -> Option<String> {
    let address = edition.sender.unsubscribe_mailto.as_ref()?;
    Some(format!(
        "mailto:{}?subject=leave%20{token}",
        address.for_envelope()
    ))
}

/// Fills the parts of a letter for `reader`.
pub fn fill(edition: &Edition, reader: &Reader, stamp: &Stamp) -> Parts {
    let personal = Personal::new(edition, reader, &stamp.key);
    let subject = edition.subject.fill(&personal);
    // A run of spaces is read differently by different programs where a field is folded at it.
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    Parts {
        subject: match stamp.mark {
            Some(mark) => format!("{mark} {subject}"),
            None => subject,
        },
        html: edition.html.fill(&personal),
        text: edition.text.fill(&personal),
    }
}

/// Writes the letter for `reader`.
///
/// # Errors
/// When a mailbox is none for the mail library; nothing that a reader's name holds can bring that about.
pub fn write(edition: &Edition, reader: &Reader, stamp: &Stamp) -> Result<Letter, LetterError> {
    let parts = fill(edition, reader, stamp);
    let to = mailbox(reader.full_name().as_deref(), &reader.address)?;
    let from = mailbox(
        edition.sender.from.name.as_deref(),
        &edition.sender.from.address,
    )?;
    let message_id = message_id(edition, reader, &stamp.key);
    let mut message = Message::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(parts.subject.clone())
        .date(system_time(stamp.date))
        .message_id(Some(format!("<{message_id}>")));
    if let Some(reply_to) = &edition.sender.reply_to {
        message = message.reply_to(mailbox(reply_to.name.as_deref(), &reply_to.address)?);
    }
    // These take the place of lettre's.
    message = encoded_fields(message, &parts.subject, &to);
    for header in list_headers(edition, reader, stamp) {
        message = message.raw_header(header);
    }
    let body = body(edition, &parts, &message_id);
    let message = message.multipart(body).map_err(LetterError::Message)?;
    Ok(Letter {
        sender: from.email.to_string(),
        recipient: to.email.to_string(),
        bytes: message.formatted(),
    })
}

/// Subject and To where lettre's spelling would not do: it leaves ASCII alone that looks like an encoded word
/// (RFC 2047), so that a name becomes another one on the reader's screen, and it does not fold before an address.
fn encoded_fields(mut message: MessageBuilder, subject: &str, to: &Mailbox) -> MessageBuilder {
    if subject.contains("=?") {
        message = message.raw_header(field("Subject", encoded_words(subject)));
    }
    let Some(name) = &to.name else {
        return message;
    };
    let is_plain = |word: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b".,'-".contains(&b);
        word.len() < 60 && word.bytes().all(is_plain)
    };
    if name.split(' ').all(is_plain) {
        return message;
    }
    let value = format!("{}\r\n <{}>", encoded_words(name), to.email);
    message.raw_header(field("To", value))
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

fn mailbox(name: Option<&str>, address: &crate::reader::Address) -> Result<Mailbox, LetterError> {
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
pub fn message_id(edition: &Edition, reader: &Reader, key: &Key) -> String {
    let parts = [
        edition.sender.list_id.as_str(),
        &edition.issue,
        &reader.address.key(),
    ];
    format!(
        "{}@{}",
        key.code("message", &parts),
        edition.sender.from.address.domain()
    )
}

/// The fields that tell programs what this is: a list's letter, how to leave, nobody to answer by machine.
///
/// RFC 2369 and RFC 2919; RFC 8058 for leaving by one click, which needs https. `Auto-Submitted` is left
/// out: RFC 3834 keeps it for what no person wrote.
fn list_headers(edition: &Edition, reader: &Reader, stamp: &Stamp) -> Vec<HeaderValue> {
    let token = leave_token(edition, reader, &stamp.key);
    let https = edition
        .sender
        .web_url
        .as_ref()
        .map(|url| format!("{url}/leave/{token}"));
    let uris: Vec<String> = [https.clone(), mailto_to_leave(edition, &token)]
        .into_iter()
        .flatten()
        .map(|uri| format!("<{uri}>"))
        .collect();
    let mut headers = vec![
        field(
            "List-Id",
            list_id(&edition.sender.name, &edition.sender.list_id),
        ),
        field("List-Unsubscribe", uris.join(",\r\n ")),
    ];
    if https.is_some() {
        headers.push(field(
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ));
    }
    headers.push(field("Precedence", "bulk".to_owned()));
    headers.push(field(
        "X-Auto-Response-Suppress",
        "OOF, AutoReply".to_owned(),
    ));
    headers
}

/// `Name <id>`; a name beyond ASCII is left out, for RFC 2919 parsers compare the whole field.
fn list_id(name: &str, id: &str) -> String {
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    if is_plain {
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

fn body(edition: &Edition, parts: &Parts, message_id: &str) -> MultiPart {
    let seed = message_id.split('@').next().unwrap_or_default();
    let html = part(ContentType::TEXT_HTML, &parts.html);
    let alternative = MultiPart::alternative()
        .boundary(boundary(seed, "alternative"))
        .singlepart(part(text_type(edition), &parts.text));
    if edition.pictures.is_empty() {
        return alternative.singlepart(html);
    }
    let related = MultiPart::related()
        .boundary(boundary(seed, "related"))
        .singlepart(html);
    let related = edition.pictures.iter().fold(related, |related, picture| {
        related.singlepart(embedded(picture))
    });
    alternative.multipart(related)
}

fn text_type(edition: &Edition) -> ContentType {
    match edition.text.form() {
        TextForm::Wrapped => ContentType::TEXT_PLAIN,
        TextForm::Flowed => ContentType::parse("text/plain; charset=utf-8; format=flowed")
            .expect("it is a media type"),
    }
}

/// A boundary holds `=_`, which no quoted-printable line and no base64 line can (RFC 2045 section 6.7).
fn boundary(seed: &str, kind: &str) -> String {
    format!("=_{kind}_{seed}")
}

/// Always quoted-printable: lines of at most 76 octets whatever the words are, and no relay rewrites it.
fn part(content_type: ContentType, text: &str) -> SinglePart {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .expect("quoted-printable takes every text");
    let guarded = without_from(body.into_vec());
    let body = Body::dangerous_pre_encoded(guarded, ContentTransferEncoding::QuotedPrintable);
    SinglePart::builder().header(content_type).body(body)
}

/// Lines that begin with `From ` begin with `=46rom ` instead, with a soft break behind it, for they may be
/// full. Whatever keeps letters in an mbox file (mutt, many relays) puts a `>` before such a line: the
/// reader sees it, and a DKIM signature breaks (RFC 4155 section 2, RFC 2049 section 3).
fn without_from(encoded: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(encoded).expect("quoted-printable is ASCII");
    let guarded = format!("\n{text}").replace("\nFrom ", "\n=46rom=\r\n ");
    guarded.into_bytes().split_off(1)
}

fn embedded(picture: &EmbeddedPicture) -> SinglePart {
    let content_type =
        ContentType::parse(&picture.media_type).expect("a checked picture's media type");
    let body = Body::new_with_encoding(picture.bytes.clone(), ContentTransferEncoding::Base64)
        .expect("base64 takes every byte");
    SinglePart::builder()
        .header(content_type)
        .header(ContentDisposition::inline_with_name(&picture.name))
        .header(ContentId::from(format!("<{}>", picture.content_id)))
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_with_from() {
        let encoded = b"From A\r\nand From B\r\nFrom C\r\n".to_vec();
        assert_eq!(
            without_from(encoded),
            b"=46rom=\r\n A\r\nand From B\r\n=46rom=\r\n C\r\n"
        );
    }
}
