//! Conditions that select deliveries by their state and by the codes of their last reply.

use std::str::FromStr;

use super::State;
use crate::diag::nearest;

/// A condition on a delivery, written `state=refused`, `code=550` or `enhanced=5.1.1`.
///
/// A part of a code selects all codes that begin with it: `code=5` every permanent failure, `enhanced=4.2` every
/// temporary failure of a mailbox.
///
/// ```
/// use franking::store::DeliveryCondition;
///
/// assert!("enhanced=4.2".parse::<DeliveryCondition>().is_ok());
/// let error = "reason=full".parse::<DeliveryCondition>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown key `reason` (expected `state`, `code` or `enhanced`)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryCondition {
    /// The state.
    State(State),
    /// The first digits of the reply code.
    Code(String),
    /// The first numbers of the enhanced status code: class, subject, detail. They have no leading zeros (RFC 3463 section
    /// 2).
    Enhanced(Vec<u16>),
}

impl DeliveryCondition {
    /// The condition in the SQL that SQLite and PostgreSQL have in common. It contains only words of [`State`] and digits,
    /// so it needs no parameters. A delivery without a reply meets no condition on its codes.
    pub(super) fn sql(&self) -> String {
        match self {
            Self::State(state) => format!("state = '{}'", state.as_str()),
            Self::Code(digits) => format!("cast(reply_code as text) like '{digits}%'"),
            Self::Enhanced(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
                let status = numbers.join(".");
                match numbers.len() {
                    3 => format!("enhanced_status = '{status}'"),
                    _ => format!("enhanced_status like '{status}.%'"),
                }
            }
        }
    }
}

/// The error of a text that is not a condition. It names the valid keys or values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidCondition(String);

impl std::fmt::Display for InvalidCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidCondition {}

impl FromStr for DeliveryCondition {
    type Err = InvalidCondition;

    fn from_str(text: &str) -> Result<Self, InvalidCondition> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(InvalidCondition(
                "expected KEY=VALUE, such as `code=550`, `enhanced=5.1.1` or `state=refused`"
                    .to_owned(),
            ));
        };
        let (key, value) = (key.trim(), value.trim());
        let condition = match key {
            "state" => state(value),
            "code" => code(value),
            "enhanced" => enhanced(value),
            _ => Err(format!(
                "unknown key `{key}` (expected `state`, `code` or `enhanced`)"
            )),
        };
        condition.map_err(InvalidCondition)
    }
}

fn state(value: &str) -> Result<DeliveryCondition, String> {
    let known = State::ALL.map(State::as_str);
    let state = State::from_word(value).map(DeliveryCondition::State);
    state.ok_or_else(|| match nearest(value, known) {
        Some(near) => format!("unknown state `{value}`; did you mean `{near}`?"),
        None => format!(
            "unknown state `{value}` (expected one of {})",
            known.map(|state| format!("`{state}`")).join(", ")
        ),
    })
}

/// Reply codes begin with 2 to 5 (RFC 5321 section 4.2.1).
fn code(value: &str) -> Result<DeliveryCondition, String> {
    let is_code = matches!(value.as_bytes(), [b'2'..=b'5', rest @ ..]
        if rest.len() <= 2 && rest.iter().all(u8::is_ascii_digit));
    match is_code {
        true => Ok(DeliveryCondition::Code(value.to_owned())),
        false => Err(format!(
            "`{value}` is not a reply code (expected one to three digits, such as `5` or `550`)"
        )),
    }
}

/// The classes are 2, 4 and 5 (RFC 3463 section 2).
fn enhanced(value: &str) -> Result<DeliveryCondition, String> {
    let numbers = value.split('.').map(|number| number.parse().ok());
    match numbers.collect::<Option<Vec<u16>>>() {
        Some(numbers) if numbers.len() <= 3 && matches!(numbers[0], 2 | 4 | 5) => {
            Ok(DeliveryCondition::Enhanced(numbers))
        }
        _ => Err(format!(
            "`{value}` is not an enhanced status code (expected one such as `5.1.1`, or its beginning, such as `4.2`)"
        )),
    }
}
