//! An SMTP sink: a server that stores messages and delivers none, for `franking demo` and for tests.
//!
//! The caller provides the listener and a [`Script`], which decides the replies; the server runs until `shutdown`. It is
//! for loopback only and has no TLS.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::Semaphore;

use crate::util::fs;

/// The most connections at once.
const CONNECTIONS: usize = 64;
/// The longest command or line of a message, in octets. RFC 5321 requires 1,000.
const LONGEST_LINE: u64 = 16 * 1024;
/// The size of the read buffer, in octets.
const BUFFER: usize = 64 << 10;
/// The largest message, in octets.
const LARGEST_MESSAGE: usize = 64 << 20;

/// The response to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The positive reply to the command.
    Accept,
    /// Another reply: a code and a text.
    Reply(u16, String),
    /// No reply: the connection is closed.
    Drop,
    /// No reply: the connection stays open until the client closes it.
    Stall,
}

/// Decides the replies of a sink. `attempt` counts the RCPT commands for an address, from 1.
pub trait Script: Send + Sync + 'static {
    /// Called for every command, before the reply.
    fn heard(&self, _command: &str) {}
    /// The response to a new connection.
    fn greeting(&self) -> Answer {
        Answer::Accept
    }
    /// The user name and password that AUTH accepts. With `None` the sink does not announce AUTH.
    fn login(&self) -> Option<(&str, &str)> {
        None
    }
    /// The size limit that the sink announces, in octets (RFC 1870).
    fn largest(&self) -> usize {
        LARGEST_MESSAGE
    }
    /// Whether the sink announces CHUNKING (RFC 3030).
    fn chunking(&self) -> bool {
        true
    }
    /// Whether the sink announces DSN (RFC 3461). It never sends one.
    fn dsn(&self) -> bool {
        true
    }
    /// The response to MAIL FROM.
    fn sender(&self, _address: &str) -> Answer {
        Answer::Accept
    }
    /// The response to RCPT TO.
    fn recipient(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// The response to DATA or BDAT.
    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// Called after the first line of a message. Any response except [`Answer::Accept`] closes the connection there.
    fn first_line(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// The response to the final dot. The message is stored unless the response is a negative reply.
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// Called when the reply to a message has been written.
    fn answered(&self, _address: &str) {}
    /// Called when a connection has ended; no more messages arrive from it.
    fn closed(&self) {}
}

/// A script that accepts everything.
pub struct AcceptAll;

impl Script for AcceptAll {}

/// A message that the sink has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// MAIL FROM.
    pub sender: String,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// The message, dot-stuffing undone.
    pub bytes: Vec<u8>,
}

/// Stores a message before it is acknowledged. An error defers the message with a 451 reply.
pub type Keep = dyn Fn(Received) -> io::Result<()> + Send + Sync;

/// Stores each message as `0001-name-at-host.eml` in the directory `folder`.
pub fn into_folder(folder: PathBuf) -> impl Fn(Received) -> io::Result<()> + Send + Sync {
    let count = Mutex::new(0_usize);
    move |message: Received| {
        let number = {
            let mut count = count
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            *count += 1;
            *count
        };
        let address = message.recipients.first().map_or("nobody", String::as_str);
        fs::write_whole(
            &folder.join(format!("{number:04}-{}.eml", fs::name_for(address))),
            &message.bytes,
        )
    }
}

/// A sink with its own runtime. It stops when it is dropped.
pub struct Serving {
    /// The port, on 127.0.0.1.
    pub port: u16,
    runtime: Runtime,
}

impl Serving {
    /// Starts a sink on a free port.
    ///
    /// # Errors
    /// If no thread can be started or no port is available.
    pub fn start(script: Arc<dyn Script>, keep: Arc<Keep>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let port = listener.local_addr()?.port();
        runtime.spawn(run(listener, script, keep, std::future::pending()));
        Ok(Self { port, runtime })
    }

    /// The runtime, for another server in front of this one.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Stops like a killed process: closes the port and cuts every connection.
    pub fn die(self) {
        self.runtime.shutdown_timeout(Duration::from_mins(1));
    }
}

/// Serves `listener` until `shutdown` completes.
pub async fn run(
    listener: TcpListener,
    script: Arc<dyn Script>,
    keep: Arc<Keep>,
    shutdown: impl Future<Output = ()>,
) {
    let server = Arc::new(Server {
        script,
        keep,
        attempts: Mutex::new(HashMap::new()),
    });
    let limit = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let Ok(permit) = Arc::clone(&limit).acquire_owned().await else {
            return;
        };
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            // Clients that disconnect during a dialogue are expected here.
            let _ = Session::new(stream, Arc::clone(&server)).serve().await;
            server.script.closed();
            drop(permit);
        });
    }
}

struct Server {
    script: Arc<dyn Script>,
    keep: Arc<Keep>,
    attempts: Mutex<HashMap<String, u32>>,
}

impl Server {
    fn count(&self, address: &str) -> u32 {
        let mut attempts = self
            .attempts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let attempt = attempts.entry(address.to_owned()).or_insert(0);
        *attempt += 1;
        *attempt
    }
}

struct Session {
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

impl Session {
    fn new(stream: TcpStream, server: Arc<Server>) -> Self {
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

    async fn serve(mut self) -> io::Result<()> {
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
        let login = if self.server.script.login().is_some() {
            "250-AUTH PLAIN LOGIN\r\n"
        } else {
            ""
        };
        let chunking = match self.server.script.chunking() {
            true => "250-CHUNKING\r\n",
            false => "",
        };
        let dsn = match self.server.script.dsn() {
            true => "250-DSN\r\n",
            false => "",
        };
        let reply = format!(
            "250-sink.example\r\n250-PIPELINING\r\n250-SIZE {}\r\n{login}\
             250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n{chunking}{dsn}250 SMTPUTF8\r\n",
            self.server.script.largest()
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
            _ => Ok(self.say(535, "5.7.8 no such name or password")),
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
            let message = Received {
                sender: self.sender.clone().unwrap_or_default(),
                recipients: self
                    .recipients
                    .iter()
                    .map(|(address, _)| address.clone())
                    .collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    struct ScriptedFaults;

    impl Script for ScriptedFaults {
        fn recipient(&self, address: &str, attempt: u32) -> Answer {
            match (address, attempt) {
                ("later@a.example", 1) => Answer::Reply(451, "4.3.0 later".to_owned()),
                _ => Answer::Accept,
            }
        }
        fn message(&self, address: &str, _: u32) -> Answer {
            if address == "lost@a.example" {
                Answer::Drop
            } else {
                Answer::Accept
            }
        }
    }

    async fn talk(script: impl Script, input: &str) -> (String, Vec<Received>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&kept);
        let keep = move |message: Received| {
            into.lock().unwrap().push(message);
            Ok(())
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(run(listener, Arc::new(script), Arc::new(keep), async {
            let _ = stopped.await;
        }));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(input.as_bytes()).await.unwrap();
        let mut output = String::new();
        stream.read_to_string(&mut output).await.unwrap();
        stop.send(()).unwrap();
        server.await.unwrap();
        let kept = kept.lock().unwrap().clone();
        (output, kept)
    }

    #[tokio::test]
    async fn pipelined_commands_get_replies_and_the_message_is_stored() {
        let (output, kept) = talk(
            ScriptedFaults,
            "EHLO me\r\nMAIL FROM:<a@b.example> SIZE=3\r\nRCPT TO:<later@a.example>\r\n\
             RCPT TO:<later@a.example>\r\nDATA\r\n..x\r\n.\r\nQUIT\r\n",
        )
        .await;
        let codes: Vec<&str> = output
            .lines()
            .filter(|l| l.as_bytes()[3] == b' ')
            .map(|l| &l[..3])
            .collect();
        assert_eq!(
            codes,
            ["220", "250", "250", "451", "250", "354", "250", "221"]
        );
        assert_eq!(kept[0].bytes, b".x\r\n");
    }

    #[tokio::test]
    async fn a_message_is_stored_before_the_connection_drops() {
        let (output, kept) = talk(
            ScriptedFaults,
            "EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<lost@a.example>\r\nDATA\r\nx\r\n.\r\n",
        )
        .await;
        assert!(
            output.ends_with("354 end with a dot on a line of its own\r\n"),
            "{output}"
        );
        assert_eq!(kept.len(), 1);
    }
}
