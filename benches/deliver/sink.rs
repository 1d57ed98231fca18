//! The relay of the benchmark: an SMTP sink in its own process, and a proxy that adds latency.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use franking::simulator::sink::{self, AcceptAll};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::support::tls::Certificate;

/// Runs the sink. Prints its port and its port with TLS, and writes the CA certificate to `authority`. Then prints, for
/// every line on stdin, the number of messages since the last one.
pub fn serve(authority: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let [listener, private] = [(); 2].map(|()| {
        let bound = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        bound.expect("a port on loopback")
    });
    let certificate = Certificate::of("127.0.0.1");
    std::fs::write(authority, certificate.pem).expect("free disk space");
    for listener in [&listener, &private] {
        println!("{}", listener.local_addr().expect("its address").port());
    }
    let inside = listener.local_addr().expect("its address");
    runtime.spawn(under_tls(private, certificate.acceptor, inside));
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let keep = move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    };
    let forever = std::future::pending();
    runtime.spawn(sink::run(
        listener,
        Arc::new(AcceptAll),
        Arc::new(keep),
        forever,
    ));
    for _ in std::io::stdin().lines() {
        println!("{}", count.swap(0, Ordering::Relaxed));
    }
}

/// Accepts TLS connections and forwards them to `inside`.
async fn under_tls(listener: TcpListener, acceptor: TlsAcceptor, inside: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            stream.set_nodelay(true)?;
            let mut outside = acceptor.accept(stream).await?;
            let mut inside = TcpStream::connect(inside).await?;
            inside.set_nodelay(true)?;
            copy_bidirectional(&mut outside, &mut inside).await
        });
    }
}

/// The process of the sink; it exits when its stdin is closed.
pub struct Sink {
    _process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    pub port: u16,
    /// The port with implicit TLS.
    pub private: u16,
    authority: NamedTempFile,
}

impl Sink {
    pub fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let authority = NamedTempFile::new().expect("free disk space");
        let mut process = Command::new(program)
            .arg("--sink")
            .arg(authority.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let stdin = process.stdin.take().expect("it is piped");
        let stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut sink = Self {
            _process: process,
            stdin,
            stdout,
            port: 0,
            private: 0,
            authority,
        };
        let ports = [(); 2].map(|()| u16::try_from(sink.number()).expect("a port"));
        [sink.port, sink.private] = ports;
        sink
    }

    /// The file with the CA certificate for TLS.
    pub fn authority(&self) -> PathBuf {
        self.authority.path().to_owned()
    }

    /// The number of messages since the last call.
    pub fn count(&mut self) -> usize {
        self.stdin.write_all(b"\n").expect("the sink listens");
        self.number()
    }

    fn number(&mut self) -> usize {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the sink answers");
        line.trim().parse().expect("a number")
    }
}

/// Starts a proxy in front of the sink that delays each direction by half of `round_trip`, and returns its port.
pub fn far_away(runtime: &Runtime, sink: u16, round_trip: Duration) -> u16 {
    let bound = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = bound.expect("a port on loopback");
    let port = listener.local_addr().expect("its address").port();
    runtime.spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(("127.0.0.1", sink)).await;
            let far = far.expect("the sink listens");
            for stream in [&near, &far] {
                stream.set_nodelay(true).expect("an option of every socket");
            }
            let (near_in, near_out) = near.into_split();
            let (far_in, far_out) = far.into_split();
            tokio::spawn(carry(near_in, far_out, round_trip / 2));
            tokio::spawn(carry(far_in, near_out, round_trip / 2));
        }
    });
    port
}

/// Forwards bytes in one direction with a constant delay.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin + Send + 'static,
    delay: Duration,
) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let carried = tokio::spawn(async move {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let sent = sender.send((Instant::now() + delay, buffer[..count].to_vec()));
        if sent.is_err() {
            break;
        }
    }
    drop(sender);
    let _ = carried.await;
}
