//! Values of options, read so that a wrong one is answered in our words, with an example.

use std::str::FromStr;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A length of time of at least nothing: `6h`, `90m`, `1h 30m`.
pub(super) fn time(text: &str) -> Result<SignedDuration, String> {
    let wrong = |why: &str| Err(format!("{why}, such as `6h`, `90m` or `30s`"));
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return wrong("a length of time needs a unit");
    }
    let span = text.parse::<Span>().ok();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    match time {
        Some(time) if time.is_negative() => {
            wrong("a length of time cannot be negative: write it without a sign")
        }
        Some(time) => Ok(time),
        None => wrong("not a length of time: write a number and a unit"),
    }
}

/// A number of at least `least`.
fn number<T: FromStr + PartialOrd + std::fmt::Display>(
    text: &str,
    (least, most): (T, T),
    example: &str,
) -> Result<T, String> {
    let number = text.trim().parse::<T>().ok();
    let number = number.filter(|number| (&least..=&most).contains(&number));
    number.ok_or_else(|| {
        format!("a whole number from {least} to {most} is wanted, such as `{example}`")
    })
}

/// A number of recipients.
pub(super) fn count(text: &str) -> Result<usize, String> {
    number(text, (0, usize::MAX), "250").map_err(|_| {
        "the number of recipients is wanted, in digits alone, such as `250`".to_owned()
    })
}

/// A port of this machine; 0 is any that is free.
pub(super) fn port(text: &str) -> Result<u16, String> {
    number(text, (0, u16::MAX), "8025")
}

/// How many recipients a self-test has.
pub(super) fn recipients(text: &str) -> Result<u32, String> {
    number(text, (20, 100_000), "40")
}

/// What chance comes from.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    number(text, (0, u64::MAX), "1")
}

/// An address of this machine.
pub(super) fn address(text: &str) -> Result<std::net::IpAddr, String> {
    let address = text.trim().parse();
    address.map_err(|_| "an IP address is wanted, such as `127.0.0.1`".to_owned())
}
