//! A reply of an SMTP server, its enhanced status code, and what a delivery keeps of both.

use std::fmt;
use std::str::FromStr;

use crate::util::escape;

/// The longest text of a reply that is kept, in characters.
const LONGEST_TEXT: usize = 500;

/// A reply of an SMTP server (RFC 5321 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The enhanced status code at the start of the text, if its class fits the code.
    pub enhanced_status: Option<EnhancedStatus>,
    /// The text in one line, the enhanced status code included. Control characters are escaped.
    pub text: String,
}

impl Reply {
    /// Joins the lines of a reply, given without their codes.
    pub fn new<'a>(code: u16, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let lines: Vec<_> = lines.into_iter().map(str::trim).collect();
        let text = escape::terminal(&lines.join(" ").replace('\n', " "));
        let text: String = text.chars().take(LONGEST_TEXT).collect();
        Self {
            code,
            enhanced_status: status_at_start(&text).filter(|status| status.class == code / 100),
            text,
        }
    }

    /// The class, subject and detail of the enhanced status code.
    pub(super) fn status(&self) -> Option<(u16, u16, u16)> {
        let status = self.enhanced_status?;
        Some((status.class, status.subject, status.detail))
    }

    /// Whether the text contains one of these phrases, which are in lower case.
    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        let text = self.text.to_lowercase();
        phrases.iter().any(|phrase| text.contains(phrase))
    }
}

/// Some servers write `#5.1.1`.
fn status_at_start(text: &str) -> Option<EnhancedStatus> {
    let word = text.split_whitespace().next()?;
    word.trim_start_matches('#').parse().ok()
}

/// `550 5.1.1 no such user`
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

/// An enhanced mail system status code (RFC 3463), such as `5.1.1`.
///
/// ```
/// use franking::outcome::EnhancedStatus;
///
/// let status: EnhancedStatus = "5.1.1".parse()?;
/// assert_eq!((status.class, status.subject, status.detail), (5, 1, 1));
/// assert_eq!(status.to_string(), "5.1.1");
/// # Ok::<(), franking::outcome::InvalidEnhancedStatus>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedStatus {
    /// 2 for success, 4 for a persistent transient failure, 5 for a permanent failure.
    pub class: u16,
    /// What the reply is about: 1 the address, 2 the mailbox, 7 security or policy, …
    pub subject: u16,
    /// The condition within the subject.
    pub detail: u16,
}

impl EnhancedStatus {
    /// The mailbox is full.
    pub const MAILBOX_FULL: Self = Self {
        class: 4,
        subject: 2,
        detail: 2,
    };
}

/// The error of a text that is not an enhanced status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidEnhancedStatus;

impl fmt::Display for InvalidEnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an enhanced status code is three numbers, such as `5.1.1`")
    }
}

impl std::error::Error for InvalidEnhancedStatus {}

impl FromStr for EnhancedStatus {
    type Err = InvalidEnhancedStatus;

    fn from_str(text: &str) -> Result<Self, InvalidEnhancedStatus> {
        let numbers = text.split('.').map(number).collect::<Option<Vec<_>>>();
        match numbers.as_deref() {
            Some(&[class, subject, detail]) => Ok(Self {
                class,
                subject,
                detail,
            }),
            _ => Err(InvalidEnhancedStatus),
        }
    }
}

fn number(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// What explains the state of a delivery, after the field `Diagnostic-Code` of RFC 3464: a reply with its codes, or a
/// description of what happened where the server did not reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The text as the ledger keeps it: of a reply the code, the enhanced status code and the text.
    pub text: String,
    /// The code of the reply.
    pub reply_code: Option<u16>,
    /// The enhanced status code of the reply.
    pub enhanced_status: Option<EnhancedStatus>,
}

impl Diagnostic {
    /// The same codes with another text.
    #[must_use]
    pub fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }
}

impl From<&Reply> for Diagnostic {
    fn from(reply: &Reply) -> Self {
        Self {
            text: reply.to_string(),
            reply_code: Some(reply.code),
            enhanced_status: reply.enhanced_status,
        }
    }
}

/// A description without a reply.
impl From<String> for Diagnostic {
    fn from(text: String) -> Self {
        Self {
            text,
            reply_code: None,
            enhanced_status: None,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_status_code_is_at_the_start_and_has_the_class_of_the_code() {
        let status = |code, text| Reply::new(code, [text]).enhanced_status;
        for (code, text, expected) in [
            (550, "5.1.1 no such user", Some("5.1.1")),
            (550, "#5.7.515 denied", Some("5.7.515")),
            (450, "4.2.2", Some("4.2.2")),
            (550, "4.2.2 of another class", None),
            (550, "no such user 5.1.1", None),
            (550, "5.1 no", None),
            (550, "5.1.1.1 no", None),
            (550, "5..1 no", None),
            (550, "5.+1.1 no", None),
            (550, "", None),
        ] {
            let found = status(code, text).map(|status| status.to_string());
            assert_eq!(found.as_deref(), expected, "{code} {text}");
        }
    }
}
