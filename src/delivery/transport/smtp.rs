//! Opens sessions with an SMTP relay: connection, TLS, login. Every wait has a limit (RFC 5321 section 4.5.3.2).
//!
//! lettre's transport is not used because in tests it accepted a stray 354 as success, read plaintext inside TLS, returned
//! a network error for an accepted message whose reply was not UTF-8, had no time limits, and needed five round trips
//! instead of one.

use std::io;
use std::path::PathBuf;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::super::hint;
use super::connection::Connection;
use super::session::Session;
use super::session_gate::{LoginTurn, SessionGate};
use super::stream::{Stream, Trust};
use super::timeouts::Timeouts;
use crate::newsletter::config::TlsMode;
use crate::outcome::SmtpStage;
use crate::smtp::{Credentials, Handshake, HandshakeError, HandshakeStep, Redaction, Response};
use crate::util::{system, tls};

/// How a relay is reached.
#[derive(Debug, Clone)]
pub struct SmtpTransport {
    /// The host name, which its certificate must contain.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsMode,
    /// Additional certificate authorities, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// User and password, if the relay needs a login.
    pub login: Option<Credentials>,
    /// The time limits until a session is open.
    pub timeouts: Timeouts,
}

/// Why no session could be opened.
#[derive(Debug)]
pub enum TransportError {
    /// The relay cannot be reached or closed the connection; another try may succeed.
    Unreachable(String),
    /// The relay replied with a temporary refusal, perhaps because there are too many connections.
    Busy(String),
    /// The relay refused permanently.
    Refused(String),
}

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Busy(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for TransportError {}

impl SmtpTransport {
    /// `host:port`
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, begins TLS and logs in. Only one of the connections at `gate` tries the first login.
    pub(in crate::delivery) async fn connect(
        &self,
        gate: &SessionGate,
    ) -> Result<Session, TransportError> {
        let reached = timeout(self.timeouts.connect, self.reach()).await;
        let mut connection = reached.map_err(|_| self.unreachable(&hint::silent()))??;
        let mut handshake = Handshake::new(connection.hello(), self.tls, self.login.clone());
        let mut turn = None;
        let mut reply = self.greeting(&mut connection, &handshake).await?;
        loop {
            let mut step = handshake.reply(&reply);
            if step == Ok(HandshakeStep::Secure) {
                connection = self.secured(connection).await?;
                step = Ok(handshake.secured());
            }
            match step {
                Ok(HandshakeStep::Write(bytes)) => {
                    if turn.is_none() && handshake.stage() == SmtpStage::Authenticate {
                        turn = Some(gate.login().await.map_err(TransportError::Refused)?);
                    }
                    self.write(&mut connection, &bytes).await?;
                }
                Ok(HandshakeStep::Ready(extensions)) => {
                    gate.opened();
                    return Ok(Session::new(connection, extensions));
                }
                Ok(HandshakeStep::Secure) => return Err(self.unreachable("it begins TLS twice")),
                Err(refusal) => return Err(self.refused_login(refusal, turn.as_ref(), gate)),
            }
            reply = self
                .reply_in_turn(&mut connection, &handshake, &mut turn)
                .await?;
        }
    }

    /// The error of a refused handshake. If a login was refused, the other connections do not try it.
    fn refused_login(
        &self,
        refusal: HandshakeError,
        turn: Option<&LoginTurn<'_>>,
        gate: &SessionGate,
    ) -> TransportError {
        let error = self.refused(refusal);
        if let (Some(_), TransportError::Refused(why)) = (turn, &error) {
            gate.login_refused(why);
        }
        error
    }

    /// Reads the greeting. If there is none, the relay may expect TLS from the first byte and wait for the client.
    async fn greeting(
        &self,
        connection: &mut Connection,
        handshake: &Handshake,
    ) -> Result<Response, TransportError> {
        if self.tls != TlsMode::Implicit
            && timeout(self.timeouts.silence, connection.until_readable())
                .await
                .is_err()
            && self.expects_tls().await
        {
            return Err(TransportError::Refused(format!(
                "the relay {} is silent and expects TLS from the first byte: set `tls = \"implicit\"` in [smtp], or \
                 use its port for STARTTLS (587)",
                self.name()
            )));
        }
        self.reply(connection, handshake).await
    }

    /// Whether the port speaks TLS from the first byte, according to a second connection.
    async fn expects_tls(&self) -> bool {
        let handshake = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            let trust =
                Trust::new(&self.host, None).map_err(|why| io::Error::other(why.to_string()))?;
            Stream::Plain(stream).secured(&trust).await.map(drop)
        };
        match timeout(self.timeouts.silence, handshake).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => tls::TlsError::of(&error).is_some_and(|error| error.is_tls()),
            Err(_) => false,
        }
    }

    /// Reads the next reply. If the reply to a login takes long, other connections may log in too.
    async fn reply_in_turn(
        &self,
        connection: &mut Connection,
        handshake: &Handshake,
        turn: &mut Option<LoginTurn<'_>>,
    ) -> Result<Response, TransportError> {
        if let Some(LoginTurn::First { .. }) = turn
            && timeout(self.timeouts.patience, connection.until_readable())
                .await
                .is_err()
        {
            *turn = Some(LoginTurn::Known);
        }
        self.reply(connection, handshake).await
    }

    async fn reach(&self) -> Result<Connection, TransportError> {
        let addresses = lookup_host((self.host.as_str(), self.port)).await;
        let addresses = addresses.map_err(|error| self.unreachable(&hint::resolving(&error)))?;
        let stream = TcpStream::connect(&*addresses.collect::<Vec<_>>()).await;
        let stream = stream.map_err(|error| self.unreachable(&hint::connecting(&error)))?;
        // Otherwise a small write waits for the acknowledgement of the previous one, which the relay delays by 40 ms.
        stream
            .set_nodelay(true)
            .map_err(|error| self.unreachable(&hint::connecting(&error)))?;
        let connection = self.connection(Stream::Plain(stream));
        if self.tls == TlsMode::Implicit {
            return self.secured(connection).await;
        }
        Ok(connection)
    }

    fn connection(&self, stream: Stream) -> Connection {
        Connection::new(stream, Redaction::of(self.login.as_ref()))
    }

    /// Begins TLS. Plaintext after the reply to STARTTLS is an error, because an attacker may have injected it.
    async fn secured(&self, connection: Connection) -> Result<Connection, TransportError> {
        if connection.reader.has_more() {
            return Err(self.untrusted("it sends plaintext after STARTTLS"));
        }
        let trust = Trust::new(&self.host, self.ca_file.as_deref());
        let trust = trust.map_err(|error| self.untrusted(&error.to_string()))?;
        match timeout(self.timeouts.connect, connection.stream.secured(&trust)).await {
            Ok(Ok(stream)) => Ok(self.connection(stream)),
            Ok(Err(error)) => Err(self.insecure(&error)),
            Err(_) => Err(self.unreachable("it does not answer the TLS handshake")),
        }
    }

    /// The error of a failed TLS handshake. Another try helps only if the handshake was interrupted, not if the
    /// certificate is not trusted or the port does not use TLS.
    fn insecure(&self, error: &io::Error) -> TransportError {
        let name = self.name();
        let Some(tls_error) = tls::TlsError::of(error) else {
            return self.unreachable(&hint::connecting(error));
        };
        let why = tls_error.to_string();
        match tls_error {
            tls::TlsError::Cut => self.unreachable(&why),
            tls::TlsError::NoTls if self.tls == TlsMode::Implicit => {
                TransportError::Refused(format!(
                    "the relay {name} {why}: set `tls = \"starttls\"` in [smtp], or use its port for implicit TLS (465)"
                ))
            }
            tls::TlsError::Certificate(_) => self.untrusted(&why),
            tls::TlsError::Authority(_) => {
                let remedy = "name the certificate of its authority in `ca_file` of [smtp]";
                self.untrusted(&format!("{why}; {remedy}"))
            }
            _ => TransportError::Refused(format!("the relay {name} {why}")),
        }
    }

    async fn reply(
        &self,
        connection: &mut Connection,
        handshake: &Handshake,
    ) -> Result<Response, TransportError> {
        let lost = |why: &str| self.unreachable(&format!("{why}, {}", handshake.stage()));
        match timeout(self.timeouts.reply, connection.reply()).await {
            Ok(reply) => reply.map_err(|error| lost(&system::words(&error))),
            Err(_) => Err(lost("it does not answer")),
        }
    }

    async fn write(&self, connection: &mut Connection, bytes: &[u8]) -> Result<(), TransportError> {
        let written = connection.write(bytes).await;
        written.map_err(|error| self.unreachable(&hint::connecting(&error)))
    }

    pub(in crate::delivery) fn unreachable(&self, why: &str) -> TransportError {
        TransportError::Unreachable(format!(
            "the relay {} cannot be reached: {why}",
            self.name()
        ))
    }

    fn untrusted(&self, why: &str) -> TransportError {
        TransportError::Refused(format!("the relay {} is not trusted: {why}", self.name()))
    }

    fn refused(&self, refusal: HandshakeError) -> TransportError {
        let name = self.name();
        TransportError::Refused(match refusal {
            HandshakeError::Rejected(stage, reply) if reply.code < 500 => {
                return TransportError::Busy(format!(
                    "the relay {name} replied at {stage}: {reply}"
                ));
            }
            HandshakeError::Rejected(stage, reply) => {
                let remedy = hint::at_opening(stage, &reply);
                format!("the relay {name} refused at {stage}: {reply}; {remedy}")
            }
            HandshakeError::NoStartTls => format!(
                "the relay {name} does not offer STARTTLS, and nothing is sent in the clear; {}",
                hint::NO_STARTTLS
            ),
            HandshakeError::NoMechanism(offered) => unknown_login(&name, &offered),
        })
    }
}

fn unknown_login(name: &str, offered: &[String]) -> String {
    let offered = match offered {
        [] => "none".to_owned(),
        offered => offered.join(", "),
    };
    format!(
        "the relay {name} offers no login that is known here, but {offered}; {}",
        hint::NO_LOGIN
    )
}
