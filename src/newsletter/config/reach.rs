//! The host, port and TLS mode of a relay, as people write them and as a connection needs them.

use std::net::IpAddr;

use super::TlsMode;
use crate::diag::Finding;
use crate::subscriber::ascii_domain;
use crate::util::escape;

/// Ports for implicit TLS: that of RFC 8314, and an alternative that some relays offer.
const IMPLICIT_PORTS: [u16; 2] = [465, 2465];
/// Ports on which the session starts in plain text.
const STARTTLS_PORTS: [u16; 5] = [25, 587, 588, 2525, 2587];

/// The default port.
pub(super) fn default_port(tls: TlsMode) -> u16 {
    match tls {
        TlsMode::Implicit => 465,
        TlsMode::StartTls | TlsMode::None => 587,
    }
}

/// Whether `host` names this machine.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The host in ASCII; a message and a hint if it is not a host name or an IP address.
pub(super) fn host(written: &str) -> Result<String, (String, String)> {
    if written.parse::<IpAddr>().is_ok() {
        return Ok(written.to_owned());
    }
    if let Some(name) = ascii_host(written) {
        return Ok(name);
    }
    // A URL may contain a password, which must not be shown.
    let shown = match written.contains('@') {
        true => "the value of `host`".to_owned(),
        false => format!("`{}`", escape::terminal(written)),
    };
    let message = format!("{shown} is not a host name or IP address");
    let hint = match parts(written) {
        Some((name, Some(port))) => format!("set `host = \"{name}\"` and `port = {port}`"),
        Some((name, None)) => format!("set `host = \"{name}\"`"),
        None => "write the name only, such as `smtp.example.org`".to_owned(),
    };
    Err((message, hint))
}

/// Host and port in `smtp://user@mail.example:25/`, ` mail.example ` or `[::1]:25`.
fn parts(written: &str) -> Option<(String, Option<u16>)> {
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default().trim();
    let (name, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address, port.trim().strip_prefix(':')),
        None => match rest.split_once([':', ' ', '\t']) {
            Some((name, port)) => (name, Some(port)),
            None => (rest, None),
        },
    };
    let name = name.trim().trim_end_matches('.');
    let is_address = name.parse::<IpAddr>().is_ok();
    let name = is_address
        .then(|| name.to_owned())
        .or_else(|| ascii_host(name))?;
    let port = port.and_then(|port| port.trim_matches([':', ' ', '\t']).parse().ok());
    Some((name, port.filter(|port| *port > 0)))
}

/// A host name of letters, digits, hyphens and underscores, in lower-case ASCII.
fn ascii_host(name: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(name).ok()?;
    let is_label = |label: &str| {
        let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(is_name_byte)
    };
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    let is_host = ascii.len() <= 253 && !is_number && ascii.split('.').all(is_label);
    is_host.then_some(ascii)
}

/// The finding about a port that is known for another TLS mode.
pub(super) fn unlikely_port(port: u16, tls: TlsMode) -> Option<Finding> {
    let (message, hint) = match tls {
        TlsMode::Implicit if STARTTLS_PORTS.contains(&port) => (
            format!("port {port} does not use implicit TLS on most relays"),
            "set `tls = \"starttls\"`, or `port = 465`",
        ),
        TlsMode::StartTls | TlsMode::None if IMPLICIT_PORTS.contains(&port) => (
            format!(
                "port {port} uses implicit TLS on most relays, but `tls` expects a greeting in plain text"
            ),
            "set `tls = \"implicit\"`, or `port = 587`",
        ),
        _ => return None,
    };
    Some(Finding::warning("unlikely-port", message).hint(hint))
}

/// The finding about a relay on another machine without TLS.
pub(super) fn plaintext(host: &str, tls: TlsMode, has_login: bool) -> Option<Finding> {
    if tls != TlsMode::None || is_this_machine(host) {
        return None;
    }
    let what = match has_login {
        true => "the password, addresses and messages",
        false => "addresses and messages",
    };
    let message = format!("`tls = \"none\"` sends {what} to {host} unencrypted");
    let hint =
        "set `tls = \"starttls\"` or `\"implicit\"`; `send` refuses without `--allow-plaintext`";
    Some(Finding::warning("plaintext-relay", message).hint(hint))
}

/// A recipient domain as in an envelope: lower-case ASCII.
pub(super) fn recipient_domain(written: &str) -> Option<String> {
    ascii_domain(written.trim().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for (written, expected) in [
            ("smtp.heron.example", "smtp.heron.example"),
            ("SMTP.Heron.Example", "smtp.heron.example"),
            ("mail_1", "mail_1"),
            ("localhost", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
            ("::1", "::1"),
            ("post.bücher.example", "post.xn--bcher-kva.example"),
        ] {
            assert_eq!(host(written).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn other_values_than_hosts_are_rejected_with_a_hint() {
        for (written, hint) in [
            ("smtp://mail.example", "set `host = \"mail.example\"`"),
            (
                "smtps://me:pw@mail.example:465/",
                "set `host = \"mail.example\"` and `port = 465`",
            ),
            (
                "mail.example:587",
                "set `host = \"mail.example\"` and `port = 587`",
            ),
            (
                "mail.example 25",
                "set `host = \"mail.example\"` and `port = 25`",
            ),
            (" mail.example ", "set `host = \"mail.example\"`"),
            ("mail.example.", "set `host = \"mail.example\"`"),
            ("[::1]:25", "set `host = \"::1\"` and `port = 25`"),
            ("mail.example:0", "set `host = \"mail.example\"`"),
            (
                "mail..example",
                "write the name only, such as `smtp.example.org`",
            ),
            (
                "1.2.3.4.5",
                "write the name only, such as `smtp.example.org`",
            ),
        ] {
            let (message, said) = host(written).expect_err(written);
            assert_eq!(said, hint, "{written}");
            assert!(!message.contains("pw"), "{message}");
        }
    }
}
