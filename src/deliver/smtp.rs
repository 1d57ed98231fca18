//! One connection to the relay, driven command by command.
//!
//! lettre speaks the protocol; this module decides what its answers mean, and puts a limit on every wait
//! (RFC 5321 section 4.5.3.2). lettre's own `send` is not used: it does not tell a connection lost before
//! the message from one lost behind it, and takes a stray 354 for success.

use std::future::Future;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::letter::Letter;
use crate::outcome::{Outcome, Reply, Stage, judge, lost};
use crate::publication::{Password, Tls};

const CONNECT_LIMIT: Duration = Duration::from_secs(30);
const COMMAND_LIMIT: Duration = Duration::from_secs(5 * 60);
const MESSAGE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// How a relay is reached.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: Tls,
    /// A certificate authority of one's own, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Name and password.
    pub login: Option<(String, Password)>,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum RelayError {
    /// It cannot be reached, or went away: worth another try.
    Unreachable(String),
    /// It answered, and another try would get the same answer.
    Refused(String),
}

impl std::fmt::Display for RelayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for RelayError {}

/// An open connection, logged in.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
}

impl Relay {
    /// `host:port`
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, makes the connection private, and logs in.
    pub(super) async fn connect(&self) -> Result<Session, RelayError> {
        let connected = timeout(CONNECT_LIMIT, self.open()).await;
        let mut connection = connected.map_err(|_| self.unreachable("it does not answer"))??;
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let answered = timeout(COMMAND_LIMIT, connection.auth(&mechanisms, &credentials)).await;
            answered
                .map_err(|_| self.unreachable("it does not answer to AUTH"))?
                .map_err(|error| self.failed(Stage::Authenticate, &error))?;
        }
        Ok(Session { connection })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, RelayError> {
        let hello = ClientId::default();
        if self.tls == Tls::Implicit {
            let address = (self.host.as_str(), self.port);
            let tls = Some(self.tls_parameters()?);
            return AsyncSmtpConnection::connect_tokio1(address, None, &hello, tls, None)
                .await
                .map_err(|error| self.failed(Stage::Connect, &error));
        }
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|error| self.unreachable(&error.to_string()))?;
        // A message and its final dot are two writes: with Nagle's algorithm the second waits for the
        // acknowledgement of the first, which the relay delays by 40 ms.
        stream
            .set_nodelay(true)
            .map_err(|error| self.unreachable(&error.to_string()))?;
        let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello)
            .await
            .map_err(|error| self.failed(Stage::Connect, &error))?;
        if self.tls == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(RelayError::Refused(format!(
                    "the relay {} does not offer STARTTLS, and nothing is sent in the clear",
                    self.name()
                )));
            }
            connection
                .starttls(self.tls_parameters()?, &hello)
                .await
                .map_err(|error| self.failed(Stage::Connect, &error))?;
        }
        Ok(connection)
    }

    fn tls_parameters(&self) -> Result<TlsParameters, RelayError> {
        let refused = |why: String| RelayError::Refused(why);
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(path) = &self.ca_file {
            let pem = std::fs::read(path).map_err(|error| {
                refused(format!("`{}` cannot be read: {error}", path.display()))
            })?;
            let certificate = Certificate::from_pem(&pem)
                .map_err(|_| refused(format!("`{}` holds no certificate", path.display())))?;
            builder = builder.add_root_certificate(certificate);
        }
        builder
            .build_rustls()
            .map_err(|error| refused(format!("TLS cannot be set up: {error}")))
    }

    fn unreachable(&self, why: &str) -> RelayError {
        RelayError::Unreachable(format!(
            "the relay {} cannot be reached: {why}",
            self.name()
        ))
    }

    fn failed(&self, stage: Stage, error: &lettre::transport::smtp::Error) -> RelayError {
        let name = self.name();
        match reply_of(error) {
            Some(reply) if reply.code >= 500 => {
                RelayError::Refused(format!("the relay {name} refused at {stage}: {reply}"))
            }
            Some(reply) => {
                RelayError::Unreachable(format!("the relay {name} said at {stage}: {reply}"))
            }
            None if error.is_tls() || is_certificate(error) || error.is_client() => {
                RelayError::Refused(format!(
                    "the relay {name} failed at {stage}: {}",
                    cause(error)
                ))
            }
            None => self.unreachable(&cause(error)),
        }
    }
}

impl Session {
    /// Sends one letter. `intend` makes the intent durable and runs beside DATA; the message's bytes are
    /// written only when it has said yes.
    pub(super) async fn deliver<E>(
        &mut self,
        letter: &Letter,
        intend: impl Future<Output = Result<(), E>>,
    ) -> Result<Outcome, E> {
        if let Some(outcome) = self.envelope(letter).await {
            return Ok(outcome);
        }
        let (answer, intent) = tokio::join!(self.command(Stage::Data, Data), intend);
        intent?;
        match answer {
            Ok(reply) if reply.code == 354 => Ok(self.message(letter).await),
            Ok(reply) => Ok(judge(Stage::Data, &reply)),
            Err(outcome) => Ok(outcome),
        }
    }

    /// MAIL and RCPT; an outcome only where they decide it.
    async fn envelope(&mut self, letter: &Letter) -> Option<Outcome> {
        let addresses = (
            Address::from_str(&letter.sender),
            Address::from_str(&letter.recipient),
        );
        let (Ok(sender), Ok(recipient)) = addresses else {
            return Some(Outcome::Refused {
                why: "the address is none".to_owned(),
                is_dead: false,
            });
        };
        let mail = self
            .command(Stage::Mail, Mail::new(Some(sender), vec![]))
            .await;
        if let Some(outcome) = unless_positive(Stage::Mail, mail) {
            return Some(outcome);
        }
        let recipient = self
            .command(Stage::Recipient, Rcpt::new(recipient, vec![]))
            .await;
        unless_positive(Stage::Recipient, recipient)
    }

    async fn message(&mut self, letter: &Letter) -> Outcome {
        match timeout(MESSAGE_LIMIT, self.connection.message(&letter.bytes)).await {
            Err(_) => lost(Stage::Message, "no reply within ten minutes"),
            Ok(Ok(response)) => judge(Stage::Message, &reply(&response)),
            Ok(Err(error)) => match reply_of(&error) {
                Some(reply) => judge(Stage::Message, &reply),
                None => lost(Stage::Message, &cause(&error)),
            },
        }
    }

    /// One command and its reply; the outcome of a lost connection otherwise.
    async fn command(
        &mut self,
        stage: Stage,
        command: impl std::fmt::Display,
    ) -> Result<Reply, Outcome> {
        match timeout(COMMAND_LIMIT, self.connection.command(command)).await {
            Err(_) => Err(lost(stage, "no reply within five minutes")),
            Ok(Ok(response)) => Ok(reply(&response)),
            Ok(Err(error)) => reply_of(&error).ok_or_else(|| lost(stage, &cause(&error))),
        }
    }

    /// Makes the connection ready for the next letter; whether it is still good for one.
    pub(super) async fn reset(&mut self) -> bool {
        self.command(Stage::Mail, Rset)
            .await
            .is_ok_and(|reply| reply.code == 250)
    }

    /// Says good-bye.
    pub(super) async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(5), self.connection.quit()).await;
    }
}

fn unless_positive(stage: Stage, answer: Result<Reply, Outcome>) -> Option<Outcome> {
    match answer {
        Ok(reply) if reply.code / 100 == 2 => None,
        Ok(reply) => Some(judge(stage, &reply)),
        Err(outcome) => Some(outcome),
    }
}

fn reply(response: &Response) -> Reply {
    Reply::new(number(&response.code().to_string()), response.message())
}

/// The reply inside an error: lettre makes an error of every 4xx and 5xx.
fn reply_of(error: &lettre::transport::smtp::Error) -> Option<Reply> {
    let code = error.status()?;
    let text = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    Some(Reply::new(number(&code.to_string()), text.lines()))
}

fn number(code: &str) -> u16 {
    code.parse().unwrap_or_default()
}

/// The innermost cause: lettre's own words repeat it at every level.
fn cause(error: &lettre::transport::smtp::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    crate::escape::terminal(&innermost.to_string())
}

/// rustls reports a certificate that it does not trust as a fault of the stream.
fn is_certificate(error: &lettre::transport::smtp::Error) -> bool {
    cause(error).contains("certificate")
}
