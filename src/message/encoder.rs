//! The encoder: MIME-encodes an edition once and assembles one message per recipient from it.

use std::sync::Arc;

use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, Headers,
};
use lettre::message::{Body, MultiPart, SinglePart};

use super::{
    LONGEST_LINE, MergeValues, Message, MessageError, MessageOptions, Piece, Shared, fields,
    quoted_printable, subject,
};
use crate::compile::edition::{Edition, EmbeddedPicture};
use crate::newsletter::config::TextForm;
use crate::placeholder::Sink;
use crate::subscriber::Subscriber;

/// An edition whose shared parts are encoded.
pub struct MessageEncoder {
    edition: Arc<Edition>,
    options: MessageOptions,
    sender: String,
    /// The header fields before those of the recipient.
    author: Shared,
    /// From the header fields after those of the recipient to the text part, from there to the HTML part, and the rest.
    frame: [Shared; 3],
    /// The fixed runs of the text part.
    text: Vec<Shared>,
    /// The fixed runs of the HTML part.
    html: Vec<Shared>,
}

impl MessageEncoder {
    /// Encodes the parts that are the same for all recipients.
    ///
    /// # Errors
    /// If the mail library rejects the sender's mailbox.
    pub fn new(edition: Arc<Edition>, options: MessageOptions) -> Result<Self, MessageError> {
        let author = fields::author(&edition, &options)?.to_string();
        let fields = fields::list(&edition);
        Ok(Self {
            sender: edition.sender.from.address.for_envelope(),
            author: author.as_bytes().into(),
            frame: frame(&fields, mime(&edition, &options)),
            text: encoded(edition.text.fixed_runs()),
            html: encoded(edition.html.fixed_runs()),
            edition,
            options,
        })
    }

    /// Writes the message for `recipient`.
    ///
    /// # Errors
    /// If the mail library rejects the recipient's mailbox, a line of the header is too long, or the message cannot be
    /// signed.
    pub fn write(&self, recipient: &Subscriber) -> Result<Message, MessageError> {
        let (edition, key) = (&*self.edition, &self.options.key);
        let values = MergeValues::new(edition, recipient, &self.options.token_key);
        let subject = subject(edition, &values, &self.options);
        let fields = fields::personal(&values, &subject, key)?;
        if let Some(line) = fields.lines().find(|line| line.len() > LONGEST_LINE) {
            return Err(MessageError::Line(line.len()));
        }
        let [before_text, before_html, rest] = &self.frame;
        let mut pieces = vec![
            Piece::Shared(self.author.clone()),
            Piece::Own(fields.into_bytes()),
            Piece::Shared(before_text.clone()),
        ];
        edition
            .text
            .fill_into(&values, &mut PartWriter::new(&self.text, &mut pieces));
        pieces.push(Piece::Shared(before_html.clone()));
        edition
            .html
            .fill_into(&values, &mut PartWriter::new(&self.html, &mut pieces));
        pieces.push(Piece::Shared(rest.clone()));
        let message = Message {
            sender: self.sender.clone(),
            recipient: recipient.address.for_envelope(),
            issue: edition.issue.clone(),
            unsubscribe_token: values.unsubscribe_token.clone(),
            pieces,
        };
        self.signed(message)
    }

    /// Prepends the DKIM signature (RFC 6376 section 5.6). The message does not change after this.
    fn signed(&self, mut message: Message) -> Result<Message, MessageError> {
        if let Some(signer) = &self.options.signer {
            let signature = signer.sign(&message.bytes(), self.options.date);
            let signature = signature.map_err(MessageError::Signature)?;
            message.pieces.insert(0, Piece::Own(signature.into_bytes()));
        }
        Ok(message)
    }
}

/// Writes a body part into a message: fixed runs are already encoded, and the recipient's values are encoded here.
struct PartWriter<'a> {
    fixed: &'a [Shared],
    pieces: &'a mut Vec<Piece>,
}

impl<'a> PartWriter<'a> {
    fn new(fixed: &'a [Shared], pieces: &'a mut Vec<Piece>) -> Self {
        Self { fixed, pieces }
    }
}

impl Sink for PartWriter<'_> {
    fn fixed(&mut self, number: usize, _: &str) {
        self.pieces.push(Piece::Shared(self.fixed[number].clone()));
    }

    fn own(&mut self, text: &str) {
        if !matches!(self.pieces.last(), Some(Piece::Own(_))) {
            self.pieces.push(Piece::Own(Vec::new()));
        }
        if let Some(Piece::Own(bytes)) = self.pieces.last_mut() {
            quoted_printable::encode(text, bytes);
        }
    }
}

fn encoded<'a>(runs: impl Iterator<Item = &'a str>) -> Vec<Shared> {
    let encoded = runs.map(|text| {
        let mut bytes = Vec::with_capacity(text.len() + text.len() / 8);
        quoted_printable::encode(text, &mut bytes);
        bytes.as_slice().into()
    });
    encoded.collect()
}

/// Markers in the MIME message for the text and the HTML. Neither a header field nor base64 contains them, and
/// attachment names come after both.
const TEXT: &str = "@text@";
const HTML: &str = "@html@";

/// The MIME message, split at the positions of the text and the HTML.
fn frame(fields: &Headers, mime: MultiPart) -> [Shared; 3] {
    let mime = String::from_utf8(mime.formatted()).expect("a MIME message is ASCII");
    let (before, rest) = mime.split_once(TEXT).expect("the text part");
    let (between, rest) = rest.split_once(HTML).expect("the HTML part");
    let before = format!("{fields}{before}");
    [before.as_str(), between, rest].map(|run| run.as_bytes().into())
}

/// The MIME structure: multipart/alternative with plain text first, embedded pictures related to the HTML (RFC 2046,
/// RFC 2387).
fn mime(edition: &Edition, options: &MessageOptions) -> MultiPart {
    let names = [edition.sender.list_id.as_str(), &edition.issue];
    let seed = options.key.code("boundary", &names);
    let html = part(ContentType::TEXT_HTML, HTML);
    let alternative = MultiPart::alternative()
        .boundary(boundary(&seed, "alternative"))
        .singlepart(part(text_type(edition), TEXT));
    if edition.pictures.is_empty() {
        return alternative.singlepart(html);
    }
    let related = MultiPart::related()
        .boundary(boundary(&seed, "related"))
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
            .expect("a valid media type"),
    }
}

/// A boundary contains `=_`, which cannot occur in quoted-printable or base64 (RFC 2045 section 6.7).
fn boundary(seed: &str, kind: &str) -> String {
    format!("=_{kind}_{seed}")
}

/// A body part. It is always quoted-printable: lines have at most 76 octets, and relays do not re-encode it.
fn part(content_type: ContentType, marker: &str) -> SinglePart {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::dangerous_pre_encoded(marker.as_bytes().to_vec(), encoding);
    SinglePart::builder().header(content_type).body(body)
}

fn embedded(picture: &EmbeddedPicture) -> SinglePart {
    let content_type =
        ContentType::parse(&picture.media_type).expect("the media type of a validated picture");
    let body = Body::new_with_encoding(picture.bytes.clone(), ContentTransferEncoding::Base64)
        .expect("base64 encodes every byte");
    SinglePart::builder()
        .header(content_type)
        .header(ContentDisposition::inline_with_name(&picture.name))
        .header(ContentId::from(format!("<{}>", picture.content_id)))
        .body(body)
}
