//! One SMTP session of a sink.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::script::{Answer, Keep, LARGEST_MESSAGE, Received, Script};

/// The longest command or line of a message, in octets. RFC 5321 requires 1,000.
const LONGEST_LINE: u64 = 16 * 1024;
/// The size of the read buffer, in octets.
const BUFFER: usize = 64 << 10;

/// What the sessions of a sink share.
pub(super) struct Server {
    pub(super) script: Arc<dyn Script>,
    keep: Arc<Keep>,
    /// The number of RCPT commands for each address.
    attempts: Mutex<HashMap<String, u32>>,
}

impl Server {
    pub(super) fn new(script: Arc<dyn Script>, keep: Arc<Keep>) -> Self {
        Self {
            script,
            keep,
            attempts: Mutex::new(HashMap::new()),
        }
    }

    fn count(&self, address: &str) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry(address.to_owned()).or_insert(0);
        *attempt += 1;
        *attempt
    }
}

/// The SMTP session of one connection.
pub(super) struct SinkSession {
    stream: BufReader<TcpStream>,
    server: Arc<Server>,
    /// Replies that are not written yet. Replies to pipelined commands are sent together (RFC 2920 section 3.2).
    replies: Vec<u8>,
    /// The recipients of the messages whose replies are not written yet.
    answered: Vec<String>,
    sender: Option<String>,
    recipients: Vec<(String, u32)>,
}

/// Whether the session continues.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    Close,
}

impl SinkSession {
    pub(super) fn new(stream: TcpStream, server: Arc<Server>) -> Self {
        // With Nagle's algorithm every reply would wait for the acknowledgement of the previous one.
        let _ = stream.set_nodelay(true);
        Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            server,
            replies: Vec::new(),
            answered: Vec::new(),
            sender: None,
            recipients: Vec::new(),
        }
    }

    pub(super) async fn serve(mut self) -> io::Result<()> {
        let served = self.dialogue().await;
        served.and(self.flush().await)
    }

    async fn dialogue(&mut self) -> io::Result<()> {
        let greeting = self.server.script.greeting();
        let accepted = (220, "sink.example ESMTP");
        if self.answer(greeting, accepted).await? == Next::Close {
            return Ok(());
        }
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            if self.command(&line).await? == Next::Close {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        self.server.script.heard(line);
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello().await,
            "HELO" => Ok(self.say(250, "sink.example")),
            "AUTH" => self.authenticate(argument).await,
            "MAIL" => self.mail(argument).await,
            "RCPT" => self.recipient(argument).await,
            "DATA" => self.data().await,
            "BDAT" => self.chunk(argument).await,
            "RSET" => {
                self.reset();
                Ok(self.say(250, "2.0.0 forgotten"))
            }
            "NOOP" => Ok(self.say(250, "2.0.0 ok")),
            "QUIT" => {
                self.say(221, "2.0.0 good-bye");
                Ok(Next::Close)
            }
            _ => Ok(self.say(502, "5.5.1 not here")),
        }
    }

    async fn hello(&mut self) -> io::Result<Next> {
        self.reset();
        let script = &self.server.script;
        let line = |is_announced: bool, line: &'static str| if is_announced { line } else { "" };
        let login = line(script.login().is_some(), "250-AUTH PLAIN LOGIN\r\n");
        let chunking = line(script.chunking(), "250-CHUNKING\r\n");
        let dsn = line(script.dsn(), "250-DSN\r\n");
        let reply = format!(
            "250-sink.example\r\n250-PIPELINING\r\n250-SIZE {}\r\n{login}\
             250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n{chunking}{dsn}250 SMTPUTF8\r\n",
            script.largest()
        );
        self.replies.extend_from_slice(reply.as_bytes());
        Ok(Next::Go)
    }

    async fn authenticate(&mut self, argument: &str) -> io::Result<Next> {
        use base64::Engine as _;
        let Some((user, password)) = self.server.script.login() else {
            return Ok(self.say(502, "5.5.1 not here"));
        };
        let expected =
            base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"));
        match argument.split_once(' ') {
            Some((method, given)) if method.eq_ignore_ascii_case("PLAIN") && given == expected => {
                Ok(self.say(235, "2.7.0 welcome"))
            }
            _ => {
                let refused = self.server.script.refused_login();
                self.answer(refused, (235, "2.7.0 welcome")).await
            }
        }
    }

    async fn mail(&mut self, argument: &str) -> io::Result<Next> {
        let Some(address) = path(argument) else {
            return Ok(self.say(501, "5.5.4 MAIL FROM:<address>"));
        };
        let answer = self.server.script.sender(&address);
        if answer == Answer::Accept {
            self.reset();
            self.sender = Some(address);
        }
        self.answer(answer, (250, "2.1.0 ok")).await
    }

    async fn recipient(&mut self, argument: &str) -> io::Result<Next> {
        let Some(address) = path(argument).filter(|_| self.sender.is_some()) else {
            return Ok(self.say(503, "5.5.1 MAIL FROM comes first"));
        };
        let attempt = self.server.count(&address);
        let answer = self.server.script.recipient(&address, attempt);
        if answer == Answer::Accept {
            self.recipients.push((address, attempt));
        }
        self.answer(answer, (250, "2.1.5 ok")).await
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.recipients.is_empty() {
            return Ok(self.say(503, "5.5.1 RCPT TO comes first"));
        }
        let (address, attempt) = self.recipients[0].clone();
        let answer = self.server.script.data(&address, attempt);
        let is_accepted = answer == Answer::Accept;
        let next = self
            .answer(answer, (354, "end with a dot on a line of its own"))
            .await?;
        if !is_accepted || next == Next::Close {
            return Ok(next);
        }
        match self.message(&address, attempt).await? {
            Some(bytes) => self.keep(bytes).await,
            None => Ok(Next::Close),
        }
    }

    /// BDAT (RFC 3030). Only a chunk with the whole message is accepted.
    async fn chunk(&mut self, argument: &str) -> io::Result<Next> {
        let (size, last) = argument.split_once(' ').unwrap_or((argument, ""));
        let size = size.parse().ok().filter(|size| *size <= LARGEST_MESSAGE);
        let Some(size) = size.filter(|_| last.eq_ignore_ascii_case("LAST")) else {
            return Ok(self.say(501, "5.5.4 BDAT size LAST"));
        };
        if self.stream.buffer().len() < size {
            self.flush().await?;
        }
        let mut bytes = vec![0; size];
        self.stream.read_exact(&mut bytes).await?;
        let Some((address, attempt)) = self.recipients.first().cloned() else {
            return Ok(self.say(503, "5.5.1 RCPT TO comes first"));
        };
        match self.server.script.data(&address, attempt) {
            Answer::Accept => self.keep(bytes).await,
            answer => self.answer(answer, (250, "")).await,
        }
    }

    async fn keep(&mut self, bytes: Vec<u8>) -> io::Result<Next> {
        let (address, attempt) = self.recipients[0].clone();
        let answer = self.server.script.message(&address, attempt);
        if !matches!(answer, Answer::Reply(300.., _)) {
            let recipients = self.recipients.iter();
            let message = Received {
                sender: self.sender.clone().unwrap_or_default(),
                recipients: recipients.map(|(address, _)| address.clone()).collect(),
                bytes,
            };
            if let Err(error) = (self.server.keep)(message) {
                return Ok(self.say(451, &format!("4.3.0 the message cannot be kept: {error}")));
            }
        }
        self.reset();
        let next = self.answer(answer, (250, "2.0.0 kept")).await?;
        self.answered.push(address);
        Ok(next)
    }

    /// Reads the message up to the final dot; `None` if the client disconnects before it.
    async fn message(&mut self, address: &str, attempt: u32) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        while let Some(line) = self.line().await? {
            if line == b"." {
                return Ok(Some(message));
            }
            let is_first = message.is_empty();
            if is_first && self.server.script.first_line(address, attempt) != Answer::Accept {
                return Ok(None);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            message.extend_from_slice(b"\r\n");
            let more = plain_lines(self.stream.buffer());
            message.extend_from_slice(&self.stream.buffer()[..more]);
            self.stream.consume(more);
            if message.len() > LARGEST_MESSAGE {
                return Err(io::Error::other("a message larger than SIZE"));
            }
        }
        Ok(None)
    }

    /// Reads a line without its line end; `None` at the end of the connection.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        if memchr::memchr(b'\n', self.stream.buffer()).is_none() {
            self.flush().await?;
        }
        let mut line = Vec::new();
        let read = (&mut self.stream)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await?;
        if read == 0 {
            return Ok(None);
        }
        match line.strip_suffix(b"\r\n") {
            Some(line) => Ok(Some(line.to_vec())),
            None => Err(io::Error::other("a line that does not end in CRLF")),
        }
    }

    async fn answer(&mut self, answer: Answer, accepted: (u16, &str)) -> io::Result<Next> {
        match answer {
            Answer::Accept => Ok(self.say(accepted.0, accepted.1)),
            Answer::Reply(421, words) => {
                self.say(421, &words);
                Ok(Next::Close)
            }
            Answer::Reply(code, words) => Ok(self.say(code, &words)),
            Answer::Drop => Ok(Next::Close),
            Answer::Stall => {
                self.flush().await?;
                tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await?;
                Ok(Next::Close)
            }
        }
    }

    fn say(&mut self, code: u16, words: &str) -> Next {
        let reply = format!("{code} {words}\r\n");
        self.replies.extend_from_slice(reply.as_bytes());
        Next::Go
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.stream.get_mut().write_all(&self.replies).await?;
        self.replies.clear();
        for address in self.answered.drain(..) {
            self.server.script.answered(&address);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }
}

/// How many octets at the start of `arrived` are complete lines that can be copied unchanged: they do not begin with a dot
/// and end in CRLF. Most lines of a message are like that, and reading them one by one dominated the sink's CPU time.
fn plain_lines(arrived: &[u8]) -> usize {
    let mut taken = 0;
    for end in memchr::memchr_iter(b'\n', arrived) {
        let line = &arrived[taken..=end];
        let is_long = line.len() as u64 > LONGEST_LINE;
        if line[0] == b'.' || is_long || !line.ends_with(b"\r\n") {
            break;
        }
        taken = end + 1;
    }
    taken
}

/// The address in an argument such as `FROM:<address> SIZE=…`.
fn path(argument: &str) -> Option<String> {
    let (_, rest) = argument.split_once(":<")?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}
