//! What is asked for in case a letter cannot be delivered behind the relay (RFC 3461): which notice, and by what it
//! is known again.

use std::fmt::Write;

/// The longest envelope identifier, in characters as they are written (RFC 3461 section 4.4).
const LONGEST_ID: usize = 100;

/// Behind MAIL: the head of the letter is enough, and the notice names the send.
///
/// An identifier is of printable ASCII, encoded or not (section 4.4): anything else stands as `_` in it, and what is
/// too long is cut. It is for people and programs that sort notices; a letter is known by its Message-ID.
pub(super) fn of_sender(id: &str) -> String {
    let mut written = String::new();
    for c in id.chars() {
        let c = if c == ' ' || c.is_ascii_graphic() {
            c
        } else {
            '_'
        };
        let next = xtext(c.encode_utf8(&mut [0; 4]));
        if written.len() + next.len() > LONGEST_ID {
            break;
        }
        written += &next;
    }
    if written.is_empty() {
        return " RET=HDRS".to_owned();
    }
    format!(" RET=HDRS ENVID={written}")
}

/// Behind RCPT: a notice of failure, and none that it takes longer, whose recipient is told as the list has it,
/// wherever the letter was forwarded to.
///
/// An address beyond ASCII would need SMTPUTF8 and a form of its own (RFC 6533 section 3). Nobody with one is sent
/// anything, so there it is left out: a server then uses the address of RCPT.
pub(super) fn of_recipient(address: &str) -> String {
    if address.is_ascii() {
        format!(" NOTIFY=FAILURE ORCPT=rfc822;{}", xtext(address))
    } else {
        " NOTIFY=FAILURE".to_owned()
    }
}

/// `a+3Db` (RFC 3461 section 4).
fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"+=".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "+{byte:02X}").expect("a string takes all");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_encoded_and_cut_between_two_characters() {
        assert_eq!(of_sender("2026-11"), " RET=HDRS ENVID=2026-11");
        assert_eq!(of_sender("a+b=c d\r\n"), " RET=HDRS ENVID=a+2Bb+3Dc+20d__");
        assert_eq!(of_sender("březen"), " RET=HDRS ENVID=b_ezen");
        assert_eq!(of_sender(""), " RET=HDRS");
        let long = of_sender(&"x".repeat(150));
        assert_eq!(long, format!(" RET=HDRS ENVID={}", "x".repeat(100)));
        // 98 and one of three that would be cut.
        let long = of_sender(&format!("{}+x", "x".repeat(98)));
        assert_eq!(long, format!(" RET=HDRS ENVID={}", "x".repeat(98)));
    }

    #[test]
    fn a_recipient_is_told_as_the_list_has_it() {
        assert_eq!(
            of_recipient("ana+news=1@a.example"),
            " NOTIFY=FAILURE ORCPT=rfc822;ana+2Bnews+3D1@a.example"
        );
        assert_eq!(of_recipient("añá@a.example"), " NOTIFY=FAILURE");
    }
}
