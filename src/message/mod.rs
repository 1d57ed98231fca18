//! A letter: one reader's finished message, bytes and envelope.
//!
//! An edition is pressed once: packed (MIME, RFC 2045 to 2047; multipart/alternative, plain text first,
//! pictures as related parts of the HTML) and encoded, as far as it is the same for all. A reader costs the
//! filling of slots and four header fields. Date, identity and boundaries are given or derived, never drawn,
//! so that a letter that has to be sent again is the same to the last byte.

mod encoder;
mod fields;
mod merge_values;
mod quoted_printable;
mod sizes;
mod unsendable;

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;

pub use encoder::MessageEncoder;
pub use fields::message_id;
pub use merge_values::{MergeValues, unsubscribe_url};
pub use sizes::Sizes;
pub use unsendable::{Examiner, Unsendable};

use crate::compile::edition::Edition;
use crate::dkim::{SignError, Signer};
use crate::smtp::{self, Stretch};
use crate::subscriber::Subscriber;
use crate::util::key::Key;

/// The longest line of a message, in octets, without CRLF (RFC 5322 section 2.1.1).
pub const LONGEST_LINE: usize = 998;

/// One reader's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who gets the reply if it cannot be delivered: SMTP's MAIL FROM.
    pub sender: String,
    /// SMTP's RCPT TO.
    pub recipient: String,
    /// The issue's name: by that the send is known in a notice of what was not delivered.
    pub issue: String,
    /// The message, a piece after the other; lines end in CRLF, and none begins with a dot.
    pub pieces: Vec<Piece>,
}

impl Message {
    /// How many octets the message has.
    pub fn size(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// The message in one piece.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        for piece in &self.pieces {
            bytes.extend_from_slice(piece);
        }
        bytes
    }
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The same in every letter of the edition.
    Shared(Shared),
    /// This reader's own.
    Own(Vec<u8>),
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Shared(shared) => &shared.bytes,
            Self::Own(bytes) => bytes,
        }
    }
}

impl<'a> From<&'a Piece> for Stretch<'a> {
    fn from(piece: &'a Piece) -> Self {
        match piece {
            Piece::Shared(shared) => Self::known(&shared.bytes, shared.is_plain),
            Piece::Own(bytes) => bytes.as_slice().into(),
        }
    }
}

/// Bytes of all letters, and what their way over the wire needs to know of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    bytes: Arc<[u8]>,
    is_plain: bool,
}

impl From<&[u8]> for Shared {
    fn from(bytes: &[u8]) -> Self {
        Self {
            is_plain: smtp::is_plain(bytes),
            bytes: bytes.into(),
        }
    }
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
pub struct MessageOptions {
    /// The key of links to leave and of identities.
    pub key: Key,
    /// What the Date field says: the same on every attempt.
    pub date: Timestamp,
    /// Words before the subject, for a test: `[TEST]`.
    pub mark: Option<&'static str>,
    /// Who signs it; `None` where the relay does, or nobody.
    pub signer: Option<Signer>,
}

impl MessageOptions {
    /// For letters that are not sent: their codes are marked, and nobody accepts them.
    pub fn specimen(date: Timestamp) -> Self {
        Self {
            key: Key::specimen(),
            date,
            mark: None,
            signer: None,
        }
    }
}

/// Why no message can be made of a letter.
#[derive(Debug)]
pub enum LetterError {
    /// A mailbox of the edition or of the reader is none for the mail library.
    Mailbox(lettre::address::AddressError),
    /// A line of its header would be longer than any relay has to accept.
    Line(usize),
    /// It cannot be signed.
    Signature(SignError),
}

impl std::fmt::Display for LetterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mailbox(_) => "the address cannot stand in a message",
            Self::Line(octets) => return write!(f, "a line of the header has {octets} octets"),
            Self::Signature(_) => "the letter cannot be signed",
        })
    }
}

impl std::error::Error for LetterError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Self::Mailbox(error) => error,
            Self::Line(_) => return None,
            Self::Signature(error) => error,
        })
    }
}

/// Fills the parts of a letter for `reader`.
pub fn fill(edition: &Edition, reader: &Subscriber, stamp: &MessageOptions) -> Parts {
    let personal = MergeValues::new(edition, reader, &stamp.key);
    Parts {
        subject: subject(edition, &personal, stamp),
        html: edition.html.fill(&personal),
        text: edition.text.fill(&personal),
    }
}

/// The subject line as `reader` gets it.
pub fn subject_for(edition: &Edition, reader: &Subscriber) -> String {
    let stamp = MessageOptions::specimen(Timestamp::UNIX_EPOCH);
    let personal = MergeValues::new(edition, reader, &stamp.key);
    subject(edition, &personal, &stamp)
}

/// The subject line. A run of spaces is read differently by different programs where a field is folded at it.
fn subject(edition: &Edition, personal: &MergeValues<'_>, stamp: &MessageOptions) -> String {
    let subject = edition.subject.fill(personal);
    let mark = stamp.mark.into_iter();
    let words = mark.chain(subject.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// Writes one letter. For many, a [`MessageEncoder`] costs less.
///
/// # Errors
/// When a mailbox is none for the mail library; nothing that a reader's name holds can bring that about. When the
/// system gives no random numbers to sign with.
pub fn write(
    edition: &Edition,
    reader: &Subscriber,
    stamp: &MessageOptions,
) -> Result<Message, LetterError> {
    MessageEncoder::new(Arc::new(edition.clone()), stamp.clone())?.write(reader)
}
