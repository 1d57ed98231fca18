//! Hints for errors of a relay: the settings in `newsletter.toml` to check.
//!
//! The text of a reply says what the relay rejects, but not which setting to change.

use std::io::{self, ErrorKind};

use crate::outcome::{Diagnostic, Reply, SmtpStage};
use crate::util::system;

pub(super) const NO_STARTTLS: &str = "check `host` and `port` of [smtp], or set `tls = \"implicit\"` and the port for it (465); \
     `tls = \"none\"` is for a relay on this machine";

pub(super) const NO_LOGIN: &str =
    "check `host`, `port` and `auth` of [smtp], or remove `user` if the relay needs no login";

const LOGIN: &str = "check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay requires a token";

const LOGIN_MISSING: &str =
    "set `user` and `password_file` (or `password_command`) in [smtp]: the relay requires a login";

const TLS_MISSING: &str = "set `tls = \"starttls\"` in [smtp]: the relay requires TLS";

const SIZE: &str =
    "make the message smaller: remove pictures or use smaller ones, or set `pictures = \"link\"`";

const SENDER: &str =
    "check `from` of newsletter.toml, and whether `user` of [smtp] may send for it";

const ALIGNMENT: &str =
    "check `from`, [dkim] and the DNS of their domain: `franking doctor` compares them";

const ADDRESS: &str = "check `host` and `port` of [smtp]";

const POLICY: &str = "check `from` of newsletter.toml, and `user` and `host` of [smtp]";

/// The error of a failed connection, with a hint.
pub(super) fn connecting(error: &io::Error) -> String {
    let text = system::words(error);
    match error.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::TimedOut
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => format!("{text}; {ADDRESS}"),
        _ => text,
    }
}

/// The error of a host name that cannot be resolved, with a hint.
pub(super) fn resolving(error: &io::Error) -> String {
    format!("{}; {ADDRESS}", system::words(error))
}

/// The error of a connection without a greeting, with a hint.
pub(super) fn silent() -> String {
    format!("it does not answer; {ADDRESS}, and whether this network lets connections out to it")
}

/// The hint for a negative reply during the handshake.
pub(super) fn at_opening(stage: SmtpStage, reply: &Reply) -> &'static str {
    match stage {
        SmtpStage::Authenticate if !matches!(reply.code, 530 | 538) => LOGIN,
        SmtpStage::Connect if !matches!(reply.code, 530 | 538) => {
            "check `host` and `port` of [smtp], and whether the relay serves this machine's address"
        }
        _ => of_refusal(&reply.into()),
    }
}

/// The hint for a refusal that stops the campaign. The only refusal without a reply code is created in
/// `Session::too_large`, for a message that is larger than the relay accepts.
pub(super) fn of_refusal(why: &Diagnostic) -> &'static str {
    let lower = why.text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let status = why
        .enhanced_status
        .map(|status| (status.class, status.subject, status.detail));
    match (why.reply_code, status) {
        (None, _) => SIZE,
        (Some(530 | 538), _) if says(&["starttls", "tls", "encryption"]) => TLS_MISSING,
        (Some(530 | 538), _) => LOGIN_MISSING,
        (Some(534 | 535), _) | (_, Some((4 | 5, 7, 8 | 9))) => LOGIN,
        (Some(552), _) | (_, Some((5, 3, 4))) => SIZE,
        _ if says(&["too large"]) => SIZE,
        (_, Some((5, 1, 7 | 8))) => SENDER,
        (_, Some((5, 7, 25 | 26 | 27 | 30 | 32 | 509 | 515) | (4, 7, 26 | 27 | 30 | 32))) => {
            ALIGNMENT
        }
        _ if says(&["relay access denied", "relaying denied", "authentic"]) => LOGIN_MISSING,
        _ => POLICY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_hint_with_the_relevant_setting() {
        for (why, word) in [
            ("535 5.7.8 bad credentials", "`password_file`"),
            ("534 5.7.9 too weak", "`user`"),
            ("530 5.7.0 Authentication required", "requires a login"),
            (
                "530 5.7.0 Must issue a STARTTLS command first",
                "`tls = \"starttls\"`",
            ),
            ("538 5.7.11 encryption required", "`tls = \"starttls\"`"),
            ("552 5.3.4 too big", "`pictures = \"link\"`"),
            (
                "it accepts messages of at most 500 bytes, and a message has 900",
                "`pictures",
            ),
            ("553 5.1.8 sender unknown", "`from`"),
            ("550 5.7.26 unauthenticated", "[dkim]"),
            ("554 5.7.1 Relay access denied", "requires a login"),
            ("550 no", "`from`"),
        ] {
            let diagnostic = match why.split_once(' ') {
                Some((code, text)) if code.len() == 3 => {
                    (&Reply::new(code.parse().unwrap(), [text])).into()
                }
                _ => Diagnostic::from(why.to_owned()),
            };
            let hint = of_refusal(&diagnostic);
            assert!(hint.contains(word), "{why}: {hint}");
        }
    }
}
