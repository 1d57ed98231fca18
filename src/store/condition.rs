//! Conditions that select deliveries by their state and by the codes of their last reply.

use std::str::FromStr;

use super::{Delivery, State};
use crate::diag::nearest;
use crate::outcome::EnhancedStatus;

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
    /// The first numbers of the enhanced status code: class, subject, detail.
    Enhanced(Vec<u16>),
}

impl DeliveryCondition {
    /// Whether `delivery` meets the condition. A delivery without a reply meets no condition on its codes.
    pub fn matches(&self, delivery: &Delivery) -> bool {
        match self {
            Self::State(state) => delivery.state == *state,
            Self::Code(digits) => delivery
                .reply_code
                .is_some_and(|code| code.to_string().starts_with(digits)),
            Self::Enhanced(numbers) => delivery
                .enhanced_status
                .is_some_and(|status| begins_with(status, numbers)),
        }
    }
}

fn begins_with(status: EnhancedStatus, numbers: &[u16]) -> bool {
    [status.class, status.subject, status.detail].starts_with(numbers)
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
