//! What an operator changes when a relay does not serve: the setting, by its name in `newsletter.toml`.
//!
//! A relay's own words say what it dislikes, seldom what to do about it here.

use std::io::{self, ErrorKind};

use crate::outcome::{Reply, Stage};
use crate::util::system;

pub(super) const NO_STARTTLS: &str = "check `host` and `port` of [smtp], or set `tls = \"implicit\"` and the port for it (465); \
     `tls = \"none\"` is for a relay on this machine";

pub(super) const NO_LOGIN: &str =
    "check `host`, `port` and `auth` of [smtp], or remove `user` if the relay needs no login";

const LOGIN: &str = "check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay wants a token";

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

/// Why nothing can be reached, and what to check.
pub(super) fn connecting(error: &io::Error) -> String {
    let words = system::words(error);
    let is_address = matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::TimedOut
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
    );
    if is_address
        || words.contains("host name does not exist")
        || words.contains("cannot be resolved")
    {
        return format!("{words}; {ADDRESS}");
    }
    words
}

/// The same for a host that says nothing at all.
pub(super) fn silent() -> String {
    format!("it does not answer; {ADDRESS}, and whether this network lets connections out to it")
}

/// After a refusal before the first message.
pub(super) fn at_opening(stage: Stage, reply: &Reply) -> &'static str {
    let said = reply.to_string();
    match stage {
        Stage::Authenticate if !matches!(reply.code, 530 | 538) => LOGIN,
        Stage::Connect if !matches!(reply.code, 530 | 538) => {
            "check `host` and `port` of [smtp], and whether the relay serves this machine's address"
        }
        _ => of_refusal(&said),
    }
}

/// After a reply that stops the campaign, with its code and status: `530 5.7.0 authentication required`.
pub(super) fn of_refusal(why: &str) -> &'static str {
    let lower = why.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let has_status = |statuses: &[&str]| lower.split_whitespace().any(|w| statuses.contains(&w));
    let code = lower.split_whitespace().next().unwrap_or_default();
    match code {
        "530" | "538" if says(&["starttls", "tls", "encryption"]) => TLS_MISSING,
        "530" | "538" => LOGIN_MISSING,
        "534" | "535" => LOGIN,
        _ if has_status(&["5.7.8", "5.7.9", "4.7.8", "4.7.9"]) => LOGIN,
        _ if code == "552" || has_status(&["5.3.4"]) || says(&["octets at most", "too large"]) => {
            SIZE
        }
        _ if has_status(&["5.1.7", "5.1.8"]) => SENDER,
        _ if has_status(&[
            "5.7.25", "5.7.26", "5.7.27", "5.7.30", "5.7.32", "5.7.515", "5.7.509", "4.7.26",
            "4.7.27", "4.7.30", "4.7.32",
        ]) =>
        {
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
    fn each_refusal_names_the_setting_that_is_about_it() {
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
                "it takes messages of 500 octets at most, and a letter has 900",
                "`pictures",
            ),
            ("553 5.1.8 sender unknown", "`from`"),
            ("550 5.7.26 unauthenticated", "[dkim]"),
            ("554 5.7.1 Relay access denied", "requires a login"),
            ("550 no", "`from`"),
        ] {
            assert!(of_refusal(why).contains(word), "{why}: {}", of_refusal(why));
        }
    }
}
