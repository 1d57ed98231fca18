//! One connection to the relay: the shell around [`crate::smtp`], with the limits of every wait
//! (RFC 5321 section 4.5.3.2).
//!
//! Why not lettre's transport: measured, it took a stray 354 for success, heard plaintext inside TLS, made a
//! network error of an accepted message whose reply was not UTF-8, and had no limit on any wait. It speaks
//! in five round trips where one does.

use std::future::Future;
use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::hint;
use super::ProbeReport;
use super::session_gate::{SessionGate, Turn as LoginTurn};
use super::stream::{Stream, Trust};
use super::timeouts::Timeouts;
use crate::message::Message;
use crate::newsletter::config::TlsMode;
use crate::outcome::{Outcome, Reply, Scope, Stage};
use crate::smtp::{
    Credentials, Envelope, Extensions, Handshake, HandshakeError, HandshakeStep, ReplyReader,
    Response, Transaction, Turn, stuffed,
};
use crate::util::system;
use crate::util::tls;

const COMMAND_LIMIT: Duration = Duration::from_secs(5 * 60);
/// For the reply to a message: a shorter limit makes duplicates.
const MESSAGE_LIMIT: Duration = Duration::from_secs(10 * 60);
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);

/// How a relay is reached.
#[derive(Debug, Clone)]
pub struct SmtpTransport {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: TlsMode,
    /// Certificate authorities of one's own, a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Name and password.
    pub login: Option<Credentials>,
    /// How long it may take until a session is open.
    pub limits: Timeouts,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum TransportError {
    /// It cannot be reached, or went away: worth another try.
    Unreachable(String),
    /// It answered, but not now: perhaps there are too many of us.
    Busy(String),
    /// It answered, and another try would get the same answer.
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

/// An open connection, logged in.
pub(in crate::delivery) struct Session {
    wire: Wire,
    extensions: Extensions,
    /// Whether the last transaction was broken off, and the next has to begin with RSET.
    is_reset_due: bool,
    /// The transaction whose envelope has gone behind the last message.
    begun: Option<Transaction>,
    /// Whether nothing more can be said over this connection.
    is_spent: bool,
    /// Whether a transaction has been decided in this session.
    has_served: bool,
}

impl SmtpTransport {
    /// `host:port`
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, makes the connection private, and logs in. The first login of all connections at `entrance` is
    /// tried by one of them.
    pub(in crate::delivery) async fn connect(
        &self,
        entrance: &SessionGate,
    ) -> Result<Session, TransportError> {
        let mut wire = match timeout(self.limits.connect, self.reach()).await {
            Ok(reached) => reached?,
            Err(_) => return Err(self.unreachable(&hint::silent())),
        };
        let mut opening = Handshake::new(wire.hello(), self.tls, self.login.clone());
        let mut turn = None;
        let mut reply = self.greeting(&mut wire, &opening).await?;
        loop {
            let mut step = opening.reply(&reply);
            if step == Ok(HandshakeStep::Secure) {
                wire = self.secured(wire).await?;
                step = Ok(opening.secured());
            }
            match step {
                Ok(HandshakeStep::Write(bytes)) => {
                    if turn.is_none() && opening.stage() == Stage::Authenticate {
                        turn = Some(entrance.login().await.map_err(TransportError::Refused)?);
                    }
                    self.write(&mut wire, &bytes).await?;
                }
                Ok(HandshakeStep::Ready(extensions)) => {
                    entrance.opened();
                    return Ok(Session::new(wire, extensions));
                }
                Ok(HandshakeStep::Secure) => return Err(self.unreachable("it begins TLS twice")),
                Err(refusal) => {
                    let error = self.refused(refusal);
                    if let (Some(_), TransportError::Refused(why)) = (&turn, &error) {
                        entrance.login_refused(why);
                    }
                    return Err(error);
                }
            }
            reply = self.reply_in_turn(&mut wire, &opening, &mut turn).await?;
        }
    }

    /// The greeting. Where none comes, the relay may be waiting for the client's first word, as one does that
    /// expects TLS at once.
    async fn greeting(
        &self,
        wire: &mut Wire,
        opening: &Handshake,
    ) -> Result<Response, TransportError> {
        if self.tls != TlsMode::Implicit
            && timeout(self.limits.silence, wire.until_readable())
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
        self.reply(wire, opening).await
    }

    /// Whether the port answers to TLS, asked over a second connection.
    async fn expects_tls(&self) -> bool {
        let asking = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            let trust =
                Trust::new(&self.host, None).map_err(|why| io::Error::other(why.to_string()))?;
            Stream::Plain(stream).secured(&trust).await.map(drop)
        };
        match timeout(self.limits.silence, asking).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => tls::TlsError::of(&error).is_some_and(|fault| fault.is_tls()),
            Err(_) => false,
        }
    }

    /// The next reply. A login that takes long lets another connection try the same.
    async fn reply_in_turn(
        &self,
        wire: &mut Wire,
        opening: &Handshake,
        turn: &mut Option<LoginTurn<'_>>,
    ) -> Result<Response, TransportError> {
        if let Some(LoginTurn::First { .. }) = turn
            && timeout(self.limits.patience, wire.until_readable())
                .await
                .is_err()
        {
            *turn = Some(LoginTurn::Known);
        }
        self.reply(wire, opening).await
    }

    async fn reach(&self) -> Result<Wire, TransportError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| self.unreachable(&hint::connecting(&error)))?;
        // Without this a small write waits for the acknowledgement of the one before, which the relay
        // delays by 40 ms.
        stream
            .set_nodelay(true)
            .map_err(|error| self.unreachable(&hint::connecting(&error)))?;
        let wire = Wire::new(Stream::Plain(stream));
        if self.tls == TlsMode::Implicit {
            return self.secured(wire).await;
        }
        Ok(wire)
    }

    /// What has arrived in the clear behind the answer to STARTTLS was put there by somebody on the way.
    async fn secured(&self, wire: Wire) -> Result<Wire, TransportError> {
        if wire.reader.has_more() {
            let why = "it speaks on in the clear behind STARTTLS";
            return Err(self.no(why));
        }
        let trust = Trust::new(&self.host, self.ca_file.as_deref());
        let trust = trust.map_err(|error| self.no(&error.to_string()))?;
        match timeout(self.limits.connect, wire.stream.secured(&trust)).await {
            Ok(Ok(stream)) => Ok(Wire::new(stream)),
            Ok(Err(error)) => Err(self.insecure(&error)),
            Err(_) => Err(self.unreachable("it does not answer to TLS")),
        }
    }

    /// A certificate that is not trusted will not be trusted at the next try either, nor will a port without TLS
    /// have some; a handshake that was cut may be a matter of the moment.
    fn insecure(&self, error: &io::Error) -> TransportError {
        let name = self.name();
        match tls::TlsError::of(error) {
            None => self.unreachable(&hint::connecting(error)),
            Some(fault @ tls::TlsError::Cut) => self.unreachable(&fault.to_string()),
            Some(fault @ tls::TlsError::NoTls) if self.tls == TlsMode::Implicit => {
                TransportError::Refused(format!(
                    "the relay {name} {fault}: set `tls = \"starttls\"` in [smtp], or use its port for implicit TLS (465)"
                ))
            }
            Some(fault @ tls::TlsError::Certificate(_)) => self.no(&fault.to_string()),
            Some(fault @ tls::TlsError::Authority(_)) => {
                let remedy = "name the certificate of its authority in `ca_file` of [smtp]";
                self.no(&format!("{fault}; {remedy}"))
            }
            Some(fault) => TransportError::Refused(format!("the relay {name} {fault}")),
        }
    }

    async fn reply(
        &self,
        wire: &mut Wire,
        opening: &Handshake,
    ) -> Result<Response, TransportError> {
        let lost = |why: &str| self.unreachable(&format!("{why}, {}", opening.stage()));
        match timeout(self.limits.reply, wire.reply()).await {
            Ok(reply) => reply.map_err(|error| lost(&system::words(&error))),
            Err(_) => Err(lost("it does not answer")),
        }
    }

    async fn write(&self, wire: &mut Wire, bytes: &[u8]) -> Result<(), TransportError> {
        let written = wire.write(bytes).await;
        written.map_err(|error| self.unreachable(&hint::connecting(&error)))
    }

    pub(in crate::delivery) fn unreachable(&self, why: &str) -> TransportError {
        TransportError::Unreachable(format!(
            "the relay {} cannot be reached: {why}",
            self.name()
        ))
    }

    fn no(&self, why: &str) -> TransportError {
        TransportError::Refused(format!("the relay {} is not trusted: {why}", self.name()))
    }

    fn refused(&self, refusal: HandshakeError) -> TransportError {
        let name = self.name();
        match refusal {
            HandshakeError::Said(stage, reply) if reply.code < 500 => {
                TransportError::Busy(format!("the relay {name} said at {stage}: {reply}"))
            }
            HandshakeError::Said(stage, reply) => {
                let remedy = hint::at_opening(stage, &reply);
                TransportError::Refused(format!(
                    "the relay {name} refused at {stage}: {reply}; {remedy}"
                ))
            }
            HandshakeError::NoStartTls => TransportError::Refused(format!(
                "the relay {name} does not offer STARTTLS, and nothing is sent in the clear; {}",
                hint::NO_STARTTLS
            )),
            HandshakeError::NoMechanism(offered) => TransportError::Refused(format!(
                "the relay {name} offers no login that is known here, but {}; {}",
                if offered.is_empty() {
                    "none".to_owned()
                } else {
                    offered.join(", ")
                },
                hint::NO_LOGIN
            )),
        }
    }
}

impl Session {
    fn new(wire: Wire, extensions: Extensions) -> Self {
        Self {
            wire,
            extensions,
            is_reset_due: false,
            begun: None,
            is_spent: false,
            has_served: false,
        }
    }

    /// Whether the relay has decided a transaction in this session: one that has reached a limit of its own has,
    /// and each new session serves at least one more recipient.
    pub(in crate::delivery) fn has_served(&self) -> bool {
        self.has_served
    }

    fn note(&mut self, outcome: &Outcome) {
        self.has_served |= match outcome {
            Outcome::Accepted(_) | Outcome::Refused { .. } => true,
            Outcome::Deferred(scope, _) => {
                matches!(scope, Scope::Address | Scope::Domain | Scope::Sender)
            }
            Outcome::Stop(_) | Outcome::Uncertain(_) => false,
        };
    }

    /// Sends one letter. `intend` makes the intent durable and runs beside the envelope; the message's bytes
    /// are written only when it has said yes, and `may_send` too, which is asked last. Where the server takes
    /// several commands at once, the envelope of `next` goes behind the last dot, in the same write (RFC 2920
    /// section 3.1): then a letter costs one round trip. `next` has to be the letter of the next call.
    pub(in crate::delivery) async fn deliver<E>(
        &mut self,
        letter: &Message,
        intend: impl Future<Output = Result<(), E>>,
        may_send: impl FnOnce() -> Result<(), E>,
        next: Option<&Message>,
    ) -> Result<Outcome, E> {
        if let Some(too_large) = self.too_large(letter) {
            return Ok(too_large);
        }
        let (mut transaction, first) = match self.begun.take() {
            Some(begun) => (begun, None),
            None => {
                let envelope = envelope(letter);
                let begun = Transaction::begin(&envelope, &self.extensions, self.is_reset_due);
                (begun.0, Some(begun.1))
            }
        };
        let asking = self.wire.ask(&mut transaction, first, COMMAND_LIMIT);
        let (mut asked, intent) = tokio::join!(asking, intend);
        intent?;
        if transaction.blames_dsn() && self.gives_up_dsn() {
            let envelope = envelope(letter);
            let begun = Transaction::begin(&envelope, &self.extensions, true);
            transaction = begun.0;
            let asking = self
                .wire
                .ask(&mut transaction, Some(begun.1), COMMAND_LIMIT);
            asked = asking.await;
        }
        let outcome = match asked {
            Asked::Over(outcome) => {
                self.is_reset_due = true;
                outcome
            }
            // It would pass for the reply to the message, of which nothing has left.
            Asked::Ready if self.wire.reader.has_more() => {
                self.is_spent = true;
                transaction.lost("a reply to a message that has not been sent")
            }
            Asked::Ready => {
                self.is_reset_due = false;
                may_send()?;
                let next = next
                    .filter(|next| self.extensions.pipelining && self.too_large(next).is_none());
                self.message(transaction, letter, next).await
            }
            Asked::Lost(outcome) => {
                self.is_spent = true;
                outcome
            }
        };
        // A reply too many would answer the next letter.
        self.is_spent |= self.begun.is_none() && self.wire.reader.has_more();
        self.note(&outcome);
        Ok(outcome)
    }

    /// A server that offers notices and then refuses to be asked for them is asked for none any more. Whether the
    /// same letter can be tried again at once.
    fn gives_up_dsn(&mut self) -> bool {
        self.extensions.dsn = false;
        self.is_good() && !self.wire.reader.has_more()
    }

    /// Whether several letters can be on their way at once.
    pub(in crate::delivery) fn takes_bursts(&self) -> bool {
        self.extensions.chunking && self.extensions.pipelining
    }

    /// Sends several letters in one write, their intents being durable, and reads what became of each. What the
    /// server has refused because of notices goes once more without, if it `may_send` still.
    ///
    /// # Panics
    /// Where the server does not take bursts.
    pub(in crate::delivery) async fn deliver_all(
        &mut self,
        letters: &[&Message],
        may_send: impl FnOnce() -> bool,
    ) -> Vec<Outcome> {
        let (mut outcomes, blamed) = self.burst(letters).await;
        if blamed.is_empty() || !self.gives_up_dsn() || !may_send() {
            return outcomes;
        }
        let again: Vec<&Message> = blamed.iter().map(|at| letters[*at]).collect();
        let (again, _) = self.burst(&again).await;
        for (at, outcome) in blamed.into_iter().zip(again) {
            outcomes[at] = outcome;
        }
        outcomes
    }

    /// What became of each letter, and which of them were refused because of notices.
    async fn burst(&mut self, letters: &[&Message]) -> (Vec<Outcome>, Vec<usize>) {
        assert!(self.takes_bursts(), "asked for before");
        let mut blamed = Vec::new();
        // Where the write fails, replies to what went before may still have arrived.
        let begun = self.write_burst(letters).await;
        let mut lost: Option<String> = None;
        let mut outcomes = Vec::with_capacity(letters.len());
        for (at, mut transaction) in begun.into_iter().enumerate() {
            let outcome = match &lost {
                Some(how) => self.wire.lost(&mut transaction, how),
                None => {
                    let (outcome, how) = self.answer_to(&mut transaction).await;
                    lost = how;
                    outcome
                }
            };
            self.note(&outcome);
            outcomes.push(outcome);
            if transaction.blames_dsn() {
                blamed.push(at);
            }
        }
        if lost.is_none() && !self.is_in_step().await {
            lost = Some("a reply too many".to_owned());
            for outcome in &mut outcomes {
                doubt(outcome);
            }
        }
        self.is_spent |= lost.is_some() || self.wire.reader.has_more();
        (outcomes, blamed)
    }

    /// Whether the reply to the EHLO behind a burst is one: of many lines, or one that does not know what to do
    /// with it. With a reply too many before it, another would stand here, and so it would behind each letter, where
    /// the yes to a reader would pass for the yes to the message.
    async fn is_in_step(&mut self) -> bool {
        let Ok(Ok(lines)) = timeout(MESSAGE_LIMIT, self.wire.reply()).await else {
            // All others have come, and behind them the server may go.
            self.is_spent = true;
            return true;
        };
        match lines.code {
            250 => lines.words.len() > 1,
            code => (500..=504).contains(&code),
        }
    }

    /// Writes the commands and the messages of all letters. Of those that have not gone out whole the
    /// transactions know it.
    async fn write_burst(&mut self, letters: &[&Message]) -> Vec<Transaction> {
        let begun = letters
            .iter()
            .map(|letter| Transaction::chunked(&envelope(letter), &self.extensions));
        let (mut begun, commands): (Vec<Transaction>, Vec<Vec<u8>>) = begun.unzip();
        let slices = commands.iter().zip(letters).flat_map(|(commands, letter)| {
            let pieces = letter.pieces.iter().map(|piece| &**piece);
            std::iter::once(commands.as_slice()).chain(pieces)
        });
        // Like RSET for the server (RFC 5321 section 4.1.4), and its reply cannot be taken for another.
        let hello = format!("EHLO {}\r\n", self.wire.hello());
        let slices = slices.chain(std::iter::once(hello.as_bytes()));
        let (written, _) = self.wire.write_slices(&slices.collect::<Vec<_>>()).await;
        let mut end = 0;
        for (transaction, (commands, letter)) in begun.iter_mut().zip(commands.iter().zip(letters))
        {
            end += commands.len() + letter.size();
            if end <= written {
                transaction.sent();
            }
        }
        begun
    }

    /// What became of the letter whose replies come next, and why none will come behind them, if so.
    async fn answer_to(&mut self, transaction: &mut Transaction) -> (Outcome, Option<String>) {
        match self.wire.ask(transaction, None, MESSAGE_LIMIT).await {
            Asked::Over(outcome) => {
                let is_over = matches!(outcome, Outcome::Deferred(Scope::Connection, _));
                (outcome, is_over.then(|| "the server went away".to_owned()))
            }
            Asked::Ready => {
                let how = "the dialogue is out of step";
                (transaction.lost(how), Some(how.to_owned()))
            }
            Asked::Lost(outcome) => (outcome, Some("the connection was lost before".to_owned())),
        }
    }

    /// A letter that the server has said it will not take stops the send: the others are about as large.
    pub(in crate::delivery) fn too_large(&self, letter: &Message) -> Option<Outcome> {
        let limit = self.extensions.size.flatten()?;
        let size = letter.size();
        (size > limit).then(|| {
            Outcome::Stop(format!(
                "it takes messages of {limit} octets at most, and a letter has {size}"
            ))
        })
    }

    /// Writes the message to its end, and the envelope of the next one behind it; reads what became of it.
    ///
    /// Where the final dot is the last thing that is written and the write fails, it has not gone out. With
    /// an envelope behind it nobody can say.
    async fn message(
        &mut self,
        mut transaction: Transaction,
        letter: &Message,
        next: Option<&Message>,
    ) -> Outcome {
        let mut slices = stuffed(&letter.pieces);
        let begun = next.map(|next| Transaction::begin(&envelope(next), &self.extensions, false));
        if let Some((_, envelope)) = &begun {
            slices.push(envelope);
            transaction.sent();
        }
        let written = self.wire.write_all_of(&slices).await;
        let begun = begun.map(|(begun, _)| begun);
        if written.is_ok() && begun.is_none() {
            transaction.sent();
        }
        let how = match written {
            Err(error) => system::words(&error),
            Ok(()) => match timeout(MESSAGE_LIMIT, self.wire.reply()).await {
                Ok(Ok(lines)) => match transaction.reply(&lines) {
                    Turn::Over(outcome) => {
                        self.begun = begun;
                        return outcome;
                    }
                    _ => "the dialogue is out of step".to_owned(),
                },
                Ok(Err(error)) => system::words(&error),
                Err(_) => "no reply within ten minutes".to_owned(),
            },
        };
        self.is_spent = true;
        transaction.lost(&how)
    }

    /// What the server offers, and which TLS the connection is under.
    pub(in crate::delivery) fn found(&self) -> ProbeReport {
        ProbeReport {
            tls: self.wire.stream.protocol(),
            extensions: self.extensions.clone(),
        }
    }

    /// Whether another letter can be sent over this connection.
    pub(in crate::delivery) fn is_good(&self) -> bool {
        !self.is_spent && !self.wire.is_closing
    }

    /// Whether the envelope of the next letter is out.
    pub(in crate::delivery) fn has_begun(&self) -> bool {
        self.begun.is_some() && self.is_good()
    }

    /// Says good-bye. A server that waits for a message that will not come would take the word for its first
    /// line; the connection is closed without it, and the server forgets the envelope.
    pub(in crate::delivery) async fn quit(mut self) {
        if self.is_good() && self.begun.is_none() {
            let goodbye = async {
                self.wire.write(b"QUIT\r\n").await?;
                self.wire.reply().await
            };
            let _ = timeout(GOODBYE_LIMIT, goodbye).await;
        }
    }
}

/// A yes that may have been meant for something else.
fn doubt(outcome: &mut Outcome) {
    if let Outcome::Accepted(reply) = outcome {
        *outcome = Outcome::Uncertain(format!("the replies are out of step; one was: {reply}"));
    }
}

fn envelope(letter: &Message) -> Envelope {
    Envelope {
        sender: letter.sender.clone(),
        recipient: letter.recipient.clone(),
        size: letter.size(),
        id: letter.issue.clone(),
    }
}

/// How the questions of a transaction ended.
enum Asked {
    /// The server waits for the message.
    Ready,
    /// It has decided.
    Over(Outcome),
    /// The connection is gone.
    Lost(Outcome),
}

/// The bytes in both directions.
struct Wire {
    stream: Stream,
    reader: ReplyReader,
    /// Whether the server has said 421, after which it closes the connection (RFC 5321 section 3.8).
    is_closing: bool,
    /// That 421, while it is the last reply.
    farewell: Option<Reply>,
}

impl Wire {
    fn new(stream: Stream) -> Self {
        Self {
            stream,
            reader: ReplyReader::default(),
            is_closing: false,
            farewell: None,
        }
    }

    /// What it means for a transaction that no more replies come.
    fn lost(&self, transaction: &mut Transaction, how: &str) -> Outcome {
        match &self.farewell {
            Some(reply) => transaction.closed(&reply.to_string()),
            None => transaction.lost(how),
        }
    }

    /// Our name: that of this machine if it is a whole one, else our address (RFC 5321 section 4.1.3).
    fn hello(&self) -> String {
        let name = hostname::get()
            .ok()
            .and_then(|name| name.into_string().ok());
        if let Some(name) = name.filter(|name| is_whole_name(name)) {
            return name;
        }
        let socket = match &self.stream {
            Stream::Plain(stream) => stream.local_addr(),
            Stream::Tls(stream) => stream.get_ref().0.local_addr(),
        };
        match socket.map(|socket| socket.ip()) {
            Ok(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            Ok(std::net::IpAddr::V4(address)) => format!("[{address}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Writes the slices as if they were one, without making one of them.
    async fn write_all_of(&mut self, slices: &[&[u8]]) -> io::Result<()> {
        match self.write_slices(slices).await {
            (_, None) => Ok(()),
            (_, Some(error)) => Err(error),
        }
    }

    /// As [`Wire::write_all_of`]; how many bytes were written, and what kept the rest from it.
    async fn write_slices(&mut self, slices: &[&[u8]]) -> (usize, Option<io::Error>) {
        let mut slices: Vec<IoSlice<'_>> = slices.iter().map(|slice| IoSlice::new(slice)).collect();
        let mut rest = slices.as_mut_slice();
        let mut sum = 0;
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.stream.write_vectored(rest).await {
                Ok(0) => return (sum, Some(io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    sum += written;
                    IoSlice::advance_slices(&mut rest, written);
                }
                Err(error) => return (sum, Some(error)),
            }
        }
        (sum, self.stream.flush().await.err())
    }

    /// Waits until something has arrived, or the connection has ended; nothing of it is taken away.
    async fn until_readable(&mut self) {
        if !self.reader.has_more() {
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(count) if count > 0 => self.reader.feed(&buffer[..count]),
                // The next read says so again.
                _ => {}
            }
        }
    }

    async fn reply(&mut self) -> io::Result<Response> {
        let mut buffer = [0; 4096];
        loop {
            let read = self.reader.take();
            if let Some(lines) = read.map_err(|garbled| io::Error::other(garbled.to_string()))? {
                let farewell = (lines.code == 421).then(|| lines.reply());
                self.is_closing |= farewell.is_some();
                self.farewell = farewell;
                return Ok(lines);
            }
            let count = self.stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            self.reader.feed(&buffer[..count]);
        }
    }

    /// Asks until the server waits for the message, or has decided.
    async fn ask(
        &mut self,
        transaction: &mut Transaction,
        first: Option<Vec<u8>>,
        limit: Duration,
    ) -> Asked {
        let mut turn = first.map_or(Turn::Read, Turn::Write);
        loop {
            if let Turn::Write(bytes) = &turn
                && let Err(error) = self.write(bytes).await
            {
                return Asked::Lost(transaction.lost(&system::words(&error)));
            }
            turn = match timeout(limit, self.reply()).await {
                Ok(Ok(lines)) => transaction.reply(&lines),
                Ok(Err(error)) => {
                    return Asked::Lost(self.lost(transaction, &system::words(&error)));
                }
                Err(_) => {
                    let how = format!("no reply within {} minutes", limit.as_secs() / 60);
                    return Asked::Lost(transaction.lost(&how));
                }
            };
            match turn {
                Turn::Ready => return Asked::Ready,
                Turn::Over(outcome) => return Asked::Over(outcome),
                Turn::Read | Turn::Write(_) => {}
            }
        }
    }
}

fn is_whole_name(name: &str) -> bool {
    name.contains('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}
