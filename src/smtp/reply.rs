//! Replies (RFC 5321 section 4.2), parsed incrementally.

use crate::outcome::Reply;

/// The longest line of a reply, in octets. RFC 5321 allows 512; servers send more.
const LONGEST_LINE: usize = 4 * 1024;
/// The longest reply of several lines, in octets.
const LONGEST_REPLY: usize = 64 * 1024;

/// A malformed reply. The connection is unusable after it: the next bytes cannot be matched to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidReply {
    /// A line does not begin with three digits and a space or a hyphen.
    NoCode,
    /// The lines of one reply have different codes.
    MixedCodes,
    /// A line, or the whole reply, exceeds the limit.
    TooLong,
}

impl std::fmt::Display for InvalidReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoCode => "the server sent a line that is not an SMTP reply",
            Self::MixedCodes => "the server sent a reply with two different codes",
            Self::TooLong => "the server sent a reply that is too long",
        })
    }
}

/// A reply as it was received: the code, and the text of each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The reply code, three digits.
    pub code: u16,
    /// The text, line by line.
    pub words: Vec<String>,
}

impl Response {
    /// The reply in the form that is classified and recorded.
    pub fn reply(&self) -> Reply {
        Reply::new(self.code, self.words.iter().map(String::as_str))
    }
}

/// An incremental parser: bytes in, replies out, however the bytes are split.
#[derive(Debug, Default)]
pub struct ReplyReader {
    /// Input that is not parsed yet.
    bytes: Vec<u8>,
    /// The text of the current reply, line by line.
    words: Vec<String>,
    code: Option<u16>,
    /// The length of the current reply, in octets.
    length: usize,
}

impl ReplyReader {
    /// Appends received bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next reply, if it is complete. Its text may be in any encoding, or absent.
    ///
    /// # Errors
    /// If the input is not a valid reply.
    pub fn take(&mut self) -> Result<Option<Response>, InvalidReply> {
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            if line.len() > LONGEST_LINE || self.length + line.len() > LONGEST_REPLY {
                return Err(InvalidReply::TooLong);
            }
            self.length += line.len();
            if let Some(whole) = self.line(line.trim_ascii_end())? {
                return Ok(Some(whole));
            }
        }
        // The limit also applies to a line that is not complete yet.
        if self.bytes.len() > LONGEST_LINE {
            return Err(InvalidReply::TooLong);
        }
        Ok(None)
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Response>, InvalidReply> {
        let (code, rest) = line.split_at_checked(3).ok_or(InvalidReply::NoCode)?;
        let code = number(code).ok_or(InvalidReply::NoCode)?;
        if self.code.is_some_and(|begun| begun != code) {
            return Err(InvalidReply::MixedCodes);
        }
        let (continues, words) = match rest {
            [b'-', words @ ..] => (true, words),
            [b' ', words @ ..] => (false, words),
            [] => (false, rest),
            _ => return Err(InvalidReply::NoCode),
        };
        self.words.push(String::from_utf8_lossy(words).into_owned());
        if continues {
            self.code = Some(code);
            return Ok(None);
        }
        self.code = None;
        self.length = 0;
        let words = std::mem::take(&mut self.words);
        Ok(Some(Response { code, words }))
    }

    /// Whether there is unsolicited input. After STARTTLS it may have been injected by an attacker (RFC 3207 section
    /// 6); after a message it would be mistaken for a reply to the next one.
    pub fn has_more(&self) -> bool {
        !self.bytes.is_empty() || self.code.is_some()
    }
}

/// A reply code: three digits, the first from 2 to 5.
fn number(code: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(code).ok()?;
    let number = text.parse().ok()?;
    (text.bytes().all(|b| b.is_ascii_digit()) && (200..600).contains(&number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], step: usize) -> Result<Vec<Response>, InvalidReply> {
        let mut parser = ReplyReader::default();
        let mut replies = Vec::new();
        for part in bytes.chunks(step) {
            parser.feed(part);
            while let Some(reply) = parser.take()? {
                replies.push(reply);
            }
        }
        Ok(replies)
    }

    #[test]
    fn every_split_gives_the_same_replies() {
        let bytes = b"250-first\r\n250-second\r\n250 third\r\n354\r\n550 5.1.1 sch\xf6n\n";
        let whole = read(bytes, bytes.len()).expect("replies");
        let codes: Vec<u16> = whole.iter().map(|reply| reply.code).collect();
        assert_eq!(codes, [250, 354, 550]);
        assert_eq!(whole[0].words, ["first", "second", "third"]);
        assert_eq!(whole[1].words, [""]);
        for step in 1..bytes.len() {
            assert_eq!(read(bytes, step).as_ref(), Ok(&whole), "{step}");
        }
    }

    #[test]
    fn a_malformed_reply_is_reported_as_it_arrives() {
        for (bytes, invalid) in [
            (b"hello\r\n".to_vec(), InvalidReply::NoCode),
            (b"999 no\r\n".to_vec(), InvalidReply::NoCode),
            (b"25\r\n".to_vec(), InvalidReply::NoCode),
            (b"250x\r\n".to_vec(), InvalidReply::NoCode),
            (b"250-a\r\n550 b\r\n".to_vec(), InvalidReply::MixedCodes),
            (vec![b'2'; LONGEST_LINE + 1], InvalidReply::TooLong),
            (
                b"250-x\r\n".repeat(LONGEST_REPLY / 7 + 1),
                InvalidReply::TooLong,
            ),
        ] {
            assert_eq!(read(&bytes, 100), Err(invalid));
        }
    }
}
