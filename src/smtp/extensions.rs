//! What a server offers in its answer to EHLO (RFC 5321 section 4.1.1.1).

use super::Response;

/// The extensions that matter to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Several commands in one write (RFC 2920).
    pub pipelining: bool,
    /// Messages by their length (RFC 3030).
    pub chunking: bool,
    /// What is to be told of a letter that is not delivered, and by what it is known again (RFC 3461).
    pub dsn: bool,
    /// TLS from now on (RFC 3207).
    pub starttls: bool,
    /// The size of a message may be told beforehand (RFC 1870), and the largest that is taken, if it is said.
    pub size: Option<Option<usize>>,
    /// The ways to log in (RFC 4954), in capitals.
    pub mechanisms: Vec<String>,
    /// Every line of the answer in capitals, those too that do not matter to us: for people.
    pub offered: Vec<String>,
}

impl Extensions {
    /// Reads the answer to EHLO; its first line is a greeting.
    pub fn of(answer: &Response) -> Self {
        let mut extensions = Self::default();
        for line in answer.words.iter().skip(1) {
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

/// 0 means that there is no limit (RFC 1870 section 3).
fn limit(word: Option<&str>) -> Option<usize> {
    word?.parse().ok().filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_ehlo_is_read() {
        let words = [
            "relay.example",
            "PIPELINING",
            "size 1000",
            "dsn",
            "AUTH=LOGIN",
            "AUTH PLAIN LOGIN",
            "X-ODD",
        ];
        let answer = Response {
            code: 250,
            words: words.map(str::to_owned).to_vec(),
        };
        let extensions = Extensions::of(&answer);
        assert!(extensions.pipelining && extensions.dsn && !extensions.starttls);
        assert_eq!(extensions.size, Some(Some(1000)));
        assert_eq!(extensions.mechanisms, ["LOGIN", "PLAIN", "LOGIN"]);
        assert_eq!(extensions.offered.last().map(String::as_str), Some("X-ODD"));
    }
}
