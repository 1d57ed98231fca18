//! The press: an edition packed and encoded once, letters struck from it.

use std::sync::Arc;

use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, Headers,
};
use lettre::message::{Body, MultiPart, SinglePart};

use super::{
    LONGEST_LINE, LetterError, MergeValues, Message, MessageOptions, Piece, Shared, fields,
    quoted_printable, subject,
};
use crate::compile::edition::{Edition, EmbeddedPicture};
use crate::newsletter::config::TextForm;
use crate::placeholder::Sink;
use crate::subscriber::Subscriber;

/// An edition that is ready for its readers.
pub struct MessageEncoder {
    edition: Arc<Edition>,
    stamp: MessageOptions,
    sender: String,
    /// The fields before the reader's own.
    author: Shared,
    /// From the fields behind them to the text part, from there to the HTML part, and what follows.
    frame: [Shared; 3],
    text: Vec<Shared>,
    html: Vec<Shared>,
}

impl MessageEncoder {
    /// Packs and encodes what is the same for all readers.
    ///
    /// # Errors
    /// When the sender's mailbox is none for the mail library.
    pub fn new(edition: Arc<Edition>, stamp: MessageOptions) -> Result<Self, LetterError> {
        let author = fields::author(&edition, &stamp)?.to_string();
        let fields = fields::list(&edition);
        Ok(Self {
            sender: edition.sender.from.address.for_envelope(),
            author: author.as_bytes().into(),
            frame: frame(&fields, packed(&edition, &stamp)),
            text: encoded(edition.text.fixed_runs()),
            html: encoded(edition.html.fixed_runs()),
            edition,
            stamp,
        })
    }

    /// Writes the letter for `reader`.
    ///
    /// # Errors
    /// When the recipient's mailbox is refused by the mail library, a line of the header is too long, or the message
    /// cannot be signed.
    pub fn write(&self, reader: &Subscriber) -> Result<Message, LetterError> {
        let (edition, key) = (&*self.edition, &self.stamp.key);
        let personal = MergeValues::new(edition, reader, key);
        let subject = subject(edition, &personal, &self.stamp);
        let fields = fields::personal(&personal, &subject, key)?.to_string();
        if let Some(line) = fields.lines().find(|line| line.len() > LONGEST_LINE) {
            return Err(LetterError::Line(line.len()));
        }
        let [before_text, before_html, rest] = &self.frame;
        let mut pieces = vec![
            Piece::Shared(self.author.clone()),
            Piece::Own(fields.into_bytes()),
            Piece::Shared(before_text.clone()),
        ];
        edition
            .text
            .fill_into(&personal, &mut Struck::new(&self.text, &mut pieces));
        pieces.push(Piece::Shared(before_html.clone()));
        edition
            .html
            .fill_into(&personal, &mut Struck::new(&self.html, &mut pieces));
        pieces.push(Piece::Shared(rest.clone()));
        let letter = Message {
            sender: self.sender.clone(),
            recipient: reader.address.for_envelope(),
            issue: edition.issue.clone(),
            pieces,
        };
        self.signed(letter)
    }

    /// The letter with its signature on top (RFC 6376 section 5.6). Nothing behind this changes a byte of it.
    fn signed(&self, mut letter: Message) -> Result<Message, LetterError> {
        if let Some(signer) = &self.stamp.signer {
            let signature = signer.sign(&letter.bytes(), self.stamp.date);
            let signature = signature.map_err(LetterError::Signature)?;
            letter.pieces.insert(0, Piece::Own(signature.into_bytes()));
        }
        Ok(letter)
    }
}

/// A part of a letter: encoded runs from the press, and the reader's own encoded here.
struct Struck<'a> {
    fixed: &'a [Shared],
    pieces: &'a mut Vec<Piece>,
}

impl<'a> Struck<'a> {
    fn new(fixed: &'a [Shared], pieces: &'a mut Vec<Piece>) -> Self {
        Self { fixed, pieces }
    }
}

impl Sink for Struck<'_> {
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

/// What stands in the packed message where the text and the HTML go. Neither a field nor base64 holds it, and
/// a file's name stands behind both.
const TEXT: &str = "@text@";
const HTML: &str = "@html@";

/// The message cut where its text and its HTML go.
fn frame(fields: &Headers, packed: MultiPart) -> [Shared; 3] {
    let packed = String::from_utf8(packed.formatted()).expect("a packed message is ASCII");
    let (before, rest) = packed.split_once(TEXT).expect("the text part");
    let (between, rest) = rest.split_once(HTML).expect("the HTML part");
    let before = format!("{fields}{before}");
    [before.as_str(), between, rest].map(|run| run.as_bytes().into())
}

fn packed(edition: &Edition, stamp: &MessageOptions) -> MultiPart {
    let names = [edition.sender.list_id.as_str(), &edition.issue];
    let seed = stamp.key.code("boundary", &names);
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
            .expect("it is a media type"),
    }
}

/// A boundary holds `=_`, which no quoted-printable line and no base64 line can (RFC 2045 section 6.7).
fn boundary(seed: &str, kind: &str) -> String {
    format!("=_{kind}_{seed}")
}

/// Always quoted-printable: lines of at most 76 octets whatever the words are, and no relay rewrites it.
fn part(content_type: ContentType, place: &str) -> SinglePart {
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::dangerous_pre_encoded(place.as_bytes().to_vec(), encoding);
    SinglePart::builder().header(content_type).body(body)
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
