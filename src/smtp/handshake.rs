//! The start of an SMTP session: greeting, EHLO, STARTTLS, EHLO again, AUTH.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Extensions, Response, auth};
use crate::newsletter::config::{Password, SecretKind, TlsMode};
use crate::outcome::{Reply, SmtpStage};

/// A user name and a secret for AUTH.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password or access token.
    pub password: Password,
    /// Whether `password` is a password or an access token.
    pub secret: SecretKind,
}

/// The next action of the caller, which owns the connection.
#[derive(Debug, PartialEq, Eq)]
pub enum HandshakeStep {
    /// Write these bytes, then read a reply.
    Write(Vec<u8>),
    /// Start TLS, then call [`Handshake::secured`]. Input received before TLS must be rejected.
    Secure,
    /// The session is ready for transactions.
    Ready(Extensions),
}

/// Why a session could not be established.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeError {
    /// The server sent a negative reply at this stage; a 4yz reply is transient.
    Rejected(SmtpStage, Reply),
    /// STARTTLS is required, but the server does not announce it.
    NoStartTls,
    /// The server announces only these SASL mechanisms, and the client supports none of them.
    NoMechanism(Vec<String>),
}

/// The state of a session that is being established.
#[derive(Debug)]
pub struct Handshake {
    /// The argument of EHLO: a domain or an address literal (RFC 5321 section 4.1.3).
    hello: String,
    tls: TlsMode,
    login: Option<Credentials>,
    state: HandshakeState,
    extensions: Extensions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HandshakeState {
    Greeting,
    Hello,
    /// HELO was sent to a server that does not support EHLO.
    OldHello,
    StartTls,
    /// AUTH was sent with all its data.
    Auth,
    /// AUTH LOGIN: the server prompts for the user name, then for the password.
    LoginUser,
    LoginPassword,
    /// AUTH CRAM-MD5: the server sends a challenge.
    Challenge,
    /// AUTH XOAUTH2 was sent with its token. On failure the server sends a challenge before its final reply.
    Token,
}

impl Handshake {
    /// A handshake that waits for the greeting.
    pub fn new(hello: String, tls: TlsMode, login: Option<Credentials>) -> Self {
        Self {
            hello,
            tls,
            login,
            state: HandshakeState::Greeting,
            extensions: Extensions::default(),
        }
    }

    /// Handles the reply to the last command.
    ///
    /// # Errors
    /// If the reply ends the handshake.
    pub fn reply(&mut self, reply: &Response) -> Result<HandshakeStep, HandshakeError> {
        let is_positive = reply.code / 100 == 2;
        match (self.state, reply.code) {
            (HandshakeState::Hello, 500..=504) if self.needs_no_extension() => {
                Ok(self.say(HandshakeState::OldHello, format!("HELO {}\r\n", self.hello)))
            }
            (HandshakeState::Greeting, _) if is_positive => Ok(self.hello()),
            (HandshakeState::Hello, _) if is_positive => {
                self.extensions = Extensions::of(reply);
                self.after_hello()
            }
            (HandshakeState::OldHello, _) if is_positive => {
                Ok(HandshakeStep::Ready(Extensions::default()))
            }
            (HandshakeState::StartTls, _) if is_positive => Ok(HandshakeStep::Secure),
            (HandshakeState::LoginUser, 334) => Ok(self.login_user()),
            (HandshakeState::LoginPassword, 334) => Ok(self.login_password()),
            (HandshakeState::Challenge, 334) => self.answer_to(reply),
            (HandshakeState::Token, 334) => Ok(self.say(HandshakeState::Auth, "\r\n".to_owned())),
            (HandshakeState::Auth | HandshakeState::Token, _) if is_positive => Ok(self.ready()),
            _ => Err(HandshakeError::Rejected(self.stage(), reply.reply())),
        }
    }

    /// TLS is established. The client starts again with EHLO and discards the extensions announced before (RFC 3207
    /// section 4.2).
    pub fn secured(&mut self) -> HandshakeStep {
        self.tls = TlsMode::Implicit;
        self.hello()
    }

    /// The current stage; it classifies a connection that is lost.
    pub fn stage(&self) -> SmtpStage {
        match self.state {
            HandshakeState::Auth
            | HandshakeState::LoginUser
            | HandshakeState::LoginPassword
            | HandshakeState::Challenge
            | HandshakeState::Token => SmtpStage::Authenticate,
            HandshakeState::Greeting
            | HandshakeState::Hello
            | HandshakeState::OldHello
            | HandshakeState::StartTls => SmtpStage::Connect,
        }
    }

    fn hello(&mut self) -> HandshakeStep {
        self.say(HandshakeState::Hello, format!("EHLO {}\r\n", self.hello))
    }

    fn needs_no_extension(&self) -> bool {
        self.tls != TlsMode::StartTls && self.login.is_none()
    }

    fn after_hello(&mut self) -> Result<HandshakeStep, HandshakeError> {
        if self.tls == TlsMode::StartTls {
            if !self.extensions.starttls {
                return Err(HandshakeError::NoStartTls);
            }
            return Ok(self.say(HandshakeState::StartTls, "STARTTLS\r\n".to_owned()));
        }
        match &self.login {
            None => Ok(self.ready()),
            Some(login) => self.authenticate(login.clone()),
        }
    }

    fn authenticate(&mut self, login: Credentials) -> Result<HandshakeStep, HandshakeError> {
        let offers = |name: &str| self.extensions.mechanisms.iter().any(|m| m == name);
        let (user, secret) = (&login.user, login.password.expose());
        let is_token = login.secret == SecretKind::Token;
        let (state, line) = if is_token && offers("XOAUTH2") {
            let line = format!("AUTH XOAUTH2 {}\r\n", auth::bearer(user, secret));
            (HandshakeState::Token, line)
        } else if !is_token && offers("PLAIN") {
            let message = STANDARD.encode(format!("\0{user}\0{secret}"));
            (HandshakeState::Auth, format!("AUTH PLAIN {message}\r\n"))
        } else if !is_token && offers("LOGIN") {
            (HandshakeState::LoginUser, "AUTH LOGIN\r\n".to_owned())
        } else if !is_token && offers("CRAM-MD5") {
            (HandshakeState::Challenge, "AUTH CRAM-MD5\r\n".to_owned())
        } else {
            let mechanisms = self.extensions.mechanisms.clone();
            return Err(HandshakeError::NoMechanism(mechanisms));
        };
        Ok(self.say(state, line))
    }

    fn answer_to(&mut self, challenge: &Response) -> Result<HandshakeStep, HandshakeError> {
        let (Some(bytes), Some(login)) = (challenge_bytes(challenge), &self.login) else {
            return Err(HandshakeError::Rejected(self.stage(), challenge.reply()));
        };
        let answer = auth::digest(&login.user, login.password.expose(), &bytes);
        Ok(self.say(HandshakeState::Auth, format!("{answer}\r\n")))
    }

    fn login_user(&mut self) -> HandshakeStep {
        let login = self.login.as_ref();
        let user = login.map_or_else(String::new, |login| STANDARD.encode(&login.user));
        self.say(HandshakeState::LoginPassword, format!("{user}\r\n"))
    }

    fn login_password(&mut self) -> HandshakeStep {
        let login = self.login.as_ref();
        let password = login.map(|login| STANDARD.encode(login.password.expose()));
        self.say(
            HandshakeState::Auth,
            format!("{}\r\n", password.unwrap_or_default()),
        )
    }

    fn ready(&mut self) -> HandshakeStep {
        HandshakeStep::Ready(std::mem::take(&mut self.extensions))
    }

    fn say(&mut self, state: HandshakeState, line: String) -> HandshakeStep {
        self.state = state;
        HandshakeStep::Write(line.into_bytes())
    }
}

/// The challenge of CRAM-MD5 (RFC 2195); `None` if it is not base64.
fn challenge_bytes(reply: &Response) -> Option<Vec<u8>> {
    let words = reply.words.first().map(String::as_str);
    STANDARD.decode(words.unwrap_or_default().trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Response {
        let words = text.lines().map(|line| line[4..].to_owned()).collect();
        Response {
            code: text[..3].parse().expect("a code"),
            words,
        }
    }

    /// The commands sent in response to `replies`, and the result.
    fn talk(tls: TlsMode, login: bool, replies: &[&str]) -> (Vec<String>, String) {
        let login = login.then(|| Credentials {
            user: "me".to_owned(),
            password: Password::from("pass".to_owned()),
            secret: SecretKind::Password,
        });
        let mut handshake = Handshake::new("me.example".to_owned(), tls, login);
        let mut said = Vec::new();
        for reply in replies {
            let mut step = handshake.reply(&lines(reply));
            if step == Ok(HandshakeStep::Secure) {
                said.push("TLS".to_owned());
                step = Ok(handshake.secured());
            }
            match step {
                Ok(HandshakeStep::Write(bytes)) => {
                    said.push(String::from_utf8_lossy(&bytes).trim().to_owned())
                }
                Ok(HandshakeStep::Ready(extensions)) => {
                    return (said, format!("{}", extensions.pipelining));
                }
                Ok(HandshakeStep::Secure) => unreachable!("TLS starts once"),
                Err(refusal) => return (said, format!("{refusal:?}")),
            }
        }
        (said, "continues".to_owned())
    }

    #[test]
    fn a_relay_with_starttls_and_auth_is_ready() {
        let (said, end) = talk(
            TlsMode::StartTls,
            true,
            &[
                "220 hi",
                "250-r\n250 STARTTLS",
                "220 go",
                "250-r\n250-PIPELINING\n250 AUTH PLAIN",
                "235 in",
            ],
        );
        let expected = [
            "EHLO me.example",
            "STARTTLS",
            "TLS",
            "EHLO me.example",
            "AUTH PLAIN AG1lAHBhc3M=",
        ];
        assert_eq!(
            (said.as_slice(), end.as_str()),
            (expected.map(str::to_owned).as_slice(), "true")
        );
    }

    #[test]
    fn auth_login_is_used_if_plain_is_not_announced() {
        let replies = [
            "220 hi",
            "250-r\n250 AUTH LOGIN",
            "334 VXNlcm5hbWU6",
            "334 UGFzc3dvcmQ6",
            "235 in",
        ];
        let (said, end) = talk(TlsMode::Implicit, true, &replies);
        assert_eq!(said[1..], ["AUTH LOGIN", "bWU=", "cGFzcw=="]);
        assert_eq!(end, "false");
    }

    /// The example of RFC 2195 section 2, with its user name and password.
    #[test]
    fn a_cram_md5_challenge_is_answered() {
        let challenge = "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
        let mut handshake = Handshake::new(
            "me.example".to_owned(),
            TlsMode::Implicit,
            Some(Credentials {
                user: "tim".to_owned(),
                password: Password::from("tanstaaftanstaaf".to_owned()),
                secret: SecretKind::Password,
            }),
        );
        let mut last = String::new();
        for reply in ["220 hi", "250-r\n250 AUTH CRAM-MD5", challenge] {
            let Ok(HandshakeStep::Write(bytes)) = handshake.reply(&lines(reply)) else {
                panic!("nothing to write");
            };
            last = String::from_utf8(bytes).expect("ASCII");
        }
        assert_eq!(last, "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n");
    }

    /// A failure arrives as a challenge, which the client answers with an empty line.
    #[test]
    fn a_token_is_sent_with_xoauth2() {
        let mut handshake = Handshake::new(
            "me.example".to_owned(),
            TlsMode::Implicit,
            Some(Credentials {
                user: "me".to_owned(),
                password: Password::from("token".to_owned()),
                secret: SecretKind::Token,
            }),
        );
        let replies = ["220 hi", "250-r\n250 AUTH PLAIN XOAUTH2", "334 eyJz"];
        let said: Vec<String> = replies
            .map(|reply| match handshake.reply(&lines(reply)) {
                Ok(HandshakeStep::Write(bytes)) => String::from_utf8(bytes).expect("ASCII"),
                other => panic!("{other:?}"),
            })
            .to_vec();
        let token = "dXNlcj1tZQFhdXRoPUJlYXJlciB0b2tlbgEB";
        assert_eq!(
            said[1..],
            [format!("AUTH XOAUTH2 {token}\r\n"), "\r\n".to_owned()]
        );
        let refused = handshake.reply(&lines("535 5.7.8 no"));
        assert!(matches!(
            refused,
            Err(HandshakeError::Rejected(SmtpStage::Authenticate, _))
        ));
    }

    #[test]
    fn a_handshake_fails_without_a_required_feature_or_reply() {
        for (tls, login, replies, end) in [
            (
                TlsMode::StartTls,
                true,
                vec!["220 hi", "250-r\n250 AUTH PLAIN"],
                "NoStartTls",
            ),
            (
                TlsMode::StartTls,
                false,
                vec!["220 hi", "502 what"],
                "Rejected(Connect",
            ),
            (
                TlsMode::None,
                true,
                vec!["220 hi", "250-r\n250 AUTH GSSAPI"],
                "NoMechanism([\"GSSAPI\"])",
            ),
            (
                TlsMode::None,
                true,
                vec!["220 hi", "250-r\n250 AUTH PLAIN", "535 no"],
                "Rejected(Authenticate",
            ),
            (TlsMode::None, false, vec!["554 no"], "Rejected(Connect"),
            (
                TlsMode::None,
                false,
                vec!["220 hi", "354 odd"],
                "Rejected(Connect",
            ),
        ] {
            let (_, found) = talk(tls, login, &replies);
            assert!(found.starts_with(end), "{found}");
        }
    }

    #[test]
    fn a_server_without_ehlo_gets_helo() {
        let (said, end) = talk(TlsMode::None, false, &["220 hi", "502 what", "250 ah"]);
        assert_eq!(said, ["EHLO me.example", "HELO me.example"]);
        assert_eq!(end, "false");
    }
}
