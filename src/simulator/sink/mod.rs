//! An SMTP sink: a server that stores messages and delivers none, for `franking demo` and for tests.
//!
//! The caller provides the listener and a [`Script`], which decides the replies; the server runs until `shutdown`. It is
//! for loopback only and has no TLS.

mod script;
mod session;

pub use script::{AcceptAll, Answer, Keep, Received, Script};

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::Semaphore;

use crate::util::fs;
use session::{Server, SinkSession};

/// The most connections at once.
const CONNECTIONS: usize = 64;

/// Stores each message as `0001-name-at-host.eml` in the directory `folder`.
pub fn into_folder(folder: PathBuf) -> impl Fn(Received) -> io::Result<()> + Send + Sync {
    let count = AtomicUsize::new(0);
    move |message: Received| {
        let number = count.fetch_add(1, Ordering::Relaxed) + 1;
        let address = message.recipients.first().map_or("nobody", String::as_str);
        let name = format!("{number:04}-{}.eml", fs::name_for(address));
        fs::write_whole(&folder.join(name), &message.bytes)
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
    let server = Arc::new(Server::new(script, keep));
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
            let _ = SinkSession::new(stream, Arc::clone(&server)).serve().await;
            server.script.closed();
            drop(permit);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

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
