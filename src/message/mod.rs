//! Messages: the bytes (RFC 5322, MIME) and the envelope for each recipient.
//!
//! The encoder formats an edition once: multipart/alternative with plain text first and pictures related to the HTML
//! (RFC 2045 to 2047). For each recipient it fills the placeholders and writes four header fields. The date, the
//! Message-ID and the boundaries are given or derived, never random, so that a message that is sent again is identical
//! byte for byte.

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
use crate::subscriber::{Subscriber, TokenKey, UnsubscribeToken};
use crate::util::key::Key;

/// The longest line of a message, in octets, without CRLF (RFC 5322 section 2.1.1).
pub const LONGEST_LINE: usize = 998;

/// The message for one recipient.
///
/// # Examples
///
/// ```
/// use franking::subscriber::{Address, Subscriber};
/// use franking::{Message, message};
///
/// let workspace = franking::Workspace::open(".")?;
/// let sources = workspace.load()?;
/// let compiled = workspace.compile(&sources, "2026-11")?.compiled;
/// let ada = Subscriber::at(Address::parse("ada@rivers.example").expect("an address"));
/// let options = compiled.specimen_options(&sources.newsletter);
/// let message: Message = message::write(&compiled.edition, &ada, &options).expect("a message");
/// assert_eq!(message.recipient, "ada@rivers.example");
/// # Ok::<(), franking::workspace::Failure>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The envelope sender (MAIL FROM), which gets the bounces.
    pub sender: String,
    /// The envelope recipient (RCPT TO).
    pub recipient: String,
    /// The name of the issue, which identifies the campaign in a DSN (ENVID, RFC 3461).
    pub issue: String,
    /// The token of its unsubscribe links.
    pub unsubscribe_token: UnsubscribeToken,
    /// The message in pieces. Lines end in CRLF, and none begins with a dot.
    pub pieces: Vec<Piece>,
}

impl Message {
    /// The size in octets.
    pub fn size(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// The bytes of the message, contiguous.
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
    /// Bytes that all messages of the edition share.
    Shared(Shared),
    /// Bytes of this message only.
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

/// Bytes that all messages share, and whether they need dot-stuffing.
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

/// The subject and the bodies of a message, before they are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The subject line.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The plain text part, lines ending in `\n`.
    pub text: String,
}

/// The settings of a campaign for all its messages.
#[derive(Clone)]
pub struct MessageOptions {
    /// The key from which Message-IDs and boundaries are derived.
    pub key: Key,
    /// The key of the unsubscribe tokens.
    pub token_key: TokenKey,
    /// The value of the Date field, which is the same on every attempt.
    pub date: Timestamp,
    /// A prefix of the subject for test messages: `[TEST]`.
    pub mark: Option<&'static str>,
    /// The DKIM signer; `None` if the messages are not signed here.
    pub signer: Option<Signer>,
}

impl MessageOptions {
    /// The options for messages that are not sent. Their unsubscribe tokens are recognizable and never accepted.
    pub fn specimen(date: Timestamp) -> Self {
        Self {
            key: Key::specimen(),
            token_key: TokenKey::specimen(),
            date,
            mark: None,
            signer: None,
        }
    }
}

/// Why a message cannot be written.
#[derive(Debug)]
pub enum MessageError {
    /// The mail library rejects the mailbox of the sender or of the recipient.
    Mailbox(lettre::address::AddressError),
    /// A header line exceeds [`LONGEST_LINE`]; its length in octets.
    Line(usize),
    /// The message cannot be signed.
    Signature(SignError),
}

impl std::fmt::Display for MessageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mailbox(_) => "the address is not valid in a message header",
            Self::Line(octets) => {
                return write!(
                    f,
                    "a line of the header has {octets} octets (at most {LONGEST_LINE})"
                );
            }
            Self::Signature(_) => "the message cannot be signed",
        })
    }
}

impl std::error::Error for MessageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Self::Mailbox(error) => error,
            Self::Line(_) => return None,
            Self::Signature(error) => error,
        })
    }
}

/// Fills in the subject and the bodies for `recipient`.
pub fn fill(edition: &Edition, recipient: &Subscriber, options: &MessageOptions) -> Parts {
    let values = MergeValues::new(edition, recipient, &options.token_key);
    Parts {
        subject: subject(edition, &values, options),
        html: edition.html.fill(&values),
        text: edition.text.fill(&values),
    }
}

/// The subject for `recipient`.
pub fn subject_for(edition: &Edition, recipient: &Subscriber) -> String {
    let options = MessageOptions::specimen(Timestamp::UNIX_EPOCH);
    let values = MergeValues::new(edition, recipient, &options.token_key);
    subject(edition, &values, &options)
}

/// The subject. Runs of spaces are collapsed, because clients disagree about them where a field is folded.
fn subject(edition: &Edition, values: &MergeValues<'_>, options: &MessageOptions) -> String {
    let subject = edition.subject.fill(values);
    let mark = options.mark.into_iter();
    let words = mark.chain(subject.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// Writes one message. For several, use a [`MessageEncoder`].
///
/// # Errors
/// If the mail library rejects a mailbox (a recipient's name cannot cause that), or if the system provides no random
/// numbers for the signature.
pub fn write(
    edition: &Edition,
    recipient: &Subscriber,
    options: &MessageOptions,
) -> Result<Message, MessageError> {
    MessageEncoder::new(Arc::new(edition.clone()), options.clone())?.write(recipient)
}
