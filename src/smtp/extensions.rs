//! Service extensions that a server announces in its reply to EHLO (RFC 5321 section 4.1.1.1).

use super::Response;

/// The extensions that the client uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// PIPELINING: several commands in one write (RFC 2920).
    pub pipelining: bool,
    /// CHUNKING: BDAT, which sends a message with its length (RFC 3030).
    pub chunking: bool,
    /// DSN: delivery status notifications on request (RFC 3461).
    pub dsn: bool,
    /// STARTTLS: upgrade to TLS (RFC 3207).
    pub starttls: bool,
    /// SIZE: MAIL may declare the size of the message (RFC 1870). Holds the limit in octets, if there is one.
    pub size: Option<Option<usize>>,
    /// AUTH: the SASL mechanisms (RFC 4954), in upper case.
    pub mechanisms: Vec<String>,
    /// All announced extensions in upper case, including those that the client does not use. For display.
    pub offered: Vec<String>,
}

impl Extensions {
    /// Parses the reply to EHLO. Its first line is the greeting.
    pub fn of(reply: &Response) -> Self {
        let mut extensions = Self::default();
        for line in reply.words.iter().skip(1) {
            // Old servers write AUTH=PLAIN.
            let line = line.trim().to_ascii_uppercase().replace("AUTH=", "AUTH ");
            extensions.offered.push(line.clone());
            let mut words = line.split_whitespace();
            match words.next() {
                Some("PIPELINING") => extensions.pipelining = true,
                Some("CHUNKING") => extensions.chunking = true,
                Some("DSN") => extensions.dsn = true,
                Some("STARTTLS") => extensions.starttls = true,
                Some("SIZE") => extensions.size = Some(limit(words.next())),
                Some("AUTH") => extensions.mechanisms.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        extensions
    }
}

/// The size limit; 0 means none (RFC 1870 section 3).
fn limit(word: Option<&str>) -> Option<usize> {
    word?.parse().ok().filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_to_ehlo_is_parsed() {
        let words = [
            "relay.example",
            "PIPELINING",
            "size 1000",
            "dsn",
            "AUTH=LOGIN",
            "AUTH PLAIN LOGIN",
            "X-ODD",
        ];
        let reply = Response {
            code: 250,
            words: words.map(str::to_owned).to_vec(),
        };
        let extensions = Extensions::of(&reply);
        assert!(extensions.pipelining && extensions.dsn && !extensions.starttls);
        assert_eq!(extensions.size, Some(Some(1000)));
        assert_eq!(extensions.mechanisms, ["LOGIN", "PLAIN", "LOGIN"]);
        assert_eq!(extensions.offered.last().map(String::as_str), Some("X-ODD"));
    }
}
