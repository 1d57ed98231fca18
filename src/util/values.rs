//! Parsers of option values, whose errors have an example.

use std::str::FromStr;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A duration that is not negative: `6h`, `90m`, `1h 30m`.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn time(text: &str) -> Result<SignedDuration, String> {
    let wrong = |why: &str| Err(format!("{why}, such as `6h`, `90m` or `30s`"));
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return wrong("a duration needs a unit");
    }
    let span = text.parse::<Span>().ok();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    match time {
        Some(time) if time.is_negative() => {
            wrong("a duration cannot be negative: write it without a sign")
        }
        Some(time) => Ok(time),
        None => wrong("not a duration: write a number and a unit"),
    }
}

/// A number from `least` to `most`.
fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    text: &str,
    (least, most): (T, T),
    example: &str,
) -> Result<T, String> {
    let number = text.trim().parse::<T>().ok();
    let number = number.filter(|number| (&least..=&most).contains(&number));
    number.ok_or_else(|| {
        format!("expected a whole number from {least} to {most}, such as `{example}`")
    })
}

/// A number of recipients.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn count(text: &str) -> Result<usize, String> {
    number(text, (0, usize::MAX), "250")
        .map_err(|_| "expected the number of recipients in digits, such as `250`".to_owned())
}

/// A port; 0 selects a free one.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn port(text: &str) -> Result<u16, String> {
    number(text, (0, u16::MAX), "8025")
}

/// How many recipients a self-test has.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn recipients(text: &str) -> Result<u32, String> {
    number(text, (20, 100_000), "40")
}

/// A seed of random choices.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn seed(text: &str) -> Result<u64, String> {
    number(text, (0, u64::MAX), "1")
}

/// An IP address.
///
/// # Errors
/// If it is another text; the error has an example.
pub fn address(text: &str) -> Result<std::net::IpAddr, String> {
    let address = text.trim().parse();
    address.map_err(|_| "expected an IP address, such as `127.0.0.1`".to_owned())
}
