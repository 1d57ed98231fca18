//! Parameters of MAIL and RCPT that request a delivery status notification (DSN, RFC 3461) and identify it.

use std::fmt::Write;

/// The longest encoded envelope identifier, in characters (RFC 3461 section 4.4).
const LONGEST_ID: usize = 100;

/// The parameters of MAIL: a DSN returns the header only, and its `ENVID` is the campaign.
///
/// An identifier is printable ASCII before and after encoding (section 4.4), so other characters become `_`, and an
/// identifier that is too long is cut. It helps people and programs to sort DSNs; a message is identified by its
/// Message-ID.
pub(super) fn mail_parameters(id: &str) -> String {
    match envelope_id(id) {
        none if none.is_empty() => " RET=HDRS".to_owned(),
        id => format!(" RET=HDRS ENVID={id}"),
    }
}

/// The encoded identifier, cut between characters if it is too long.
fn envelope_id(id: &str) -> String {
    let mut encoded = String::new();
    for c in id.chars() {
        let is_printable = c == ' ' || c.is_ascii_graphic();
        let c = if is_printable { c } else { '_' };
        let next = xtext(c.encode_utf8(&mut [0; 4]));
        if encoded.len() + next.len() > LONGEST_ID {
            break;
        }
        encoded += &next;
    }
    encoded
}

/// The parameters of RCPT: request a DSN for failures but not for delays, with the address as the list has it, even if
/// the message is forwarded.
///
/// A non-ASCII address would need SMTPUTF8 and the `utf-8` address type (RFC 6533 section 3). Such recipients are not
/// mailed, so `ORCPT` is omitted for them; a server then uses the address of RCPT.
pub(super) fn rcpt_parameters(address: &str) -> String {
    if address.is_ascii() {
        format!(" NOTIFY=FAILURE ORCPT=rfc822;{}", xtext(address))
    } else {
        " NOTIFY=FAILURE".to_owned()
    }
}

/// Encodes text as xtext, e.g. `a+3Db` (RFC 3461 section 4).
fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"+=".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "+{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_encoded_and_cut_between_characters() {
        assert_eq!(mail_parameters("2026-11"), " RET=HDRS ENVID=2026-11");
        assert_eq!(
            mail_parameters("a+b=c d\r\n"),
            " RET=HDRS ENVID=a+2Bb+3Dc+20d__"
        );
        assert_eq!(mail_parameters("březen"), " RET=HDRS ENVID=b_ezen");
        assert_eq!(mail_parameters(""), " RET=HDRS");
        let long = mail_parameters(&"x".repeat(150));
        assert_eq!(long, format!(" RET=HDRS ENVID={}", "x".repeat(100)));
        // 98 characters, and an escape of three that does not fit.
        let long = mail_parameters(&format!("{}+x", "x".repeat(98)));
        assert_eq!(long, format!(" RET=HDRS ENVID={}", "x".repeat(98)));
    }

    #[test]
    fn the_original_recipient_is_the_address_on_the_list() {
        assert_eq!(
            rcpt_parameters("ana+news=1@a.example"),
            " NOTIFY=FAILURE ORCPT=rfc822;ana+2Bnews+3D1@a.example"
        );
        assert_eq!(rcpt_parameters("añá@a.example"), " NOTIFY=FAILURE");
    }
}
