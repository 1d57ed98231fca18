//! The others: the same letters, their MIME built by each for every reader.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use franking::compile::edition::Edition;
use franking::message;
use franking::subscriber::Subscriber;
use lettre::message::header::ContentType;
use lettre::message::{Message, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::stamp;

/// What all the tasks of one rival share.
pub struct Work {
    pub edition: Edition,
    pub readers: Vec<Subscriber>,
    pub connections: usize,
    pub port: u16,
}

/// The letter as lettre's builder writes it.
pub fn message(edition: &Edition, reader: &Subscriber) -> Message {
    let parts = message::fill(edition, reader, &stamp());
    let html = SinglePart::builder()
        .header(ContentType::TEXT_HTML)
        .body(parts.html);
    let text = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(parts.text);
    let mailbox = |text: &str| text.parse().expect("a mailbox");
    let body = MultiPart::alternative().singlepart(text).singlepart(html);
    let message = Message::builder()
        .from(mailbox(edition.sender.from.address.as_str()))
        .to(mailbox(reader.address.as_str()))
        .subject(parts.subject)
        .multipart(body);
    message.expect("a message")
}

/// lettre's pool, which waits for acknowledgements that come 40 ms late (Nagle).
pub fn lettre_pool(work: &Arc<Work>) -> Option<()> {
    let runtime = Runtime::new().expect("a runtime");
    let pool = PoolConfig::new().max_size(work.connections as u32);
    runtime.block_on(async {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(work.port)
            .pool_config(pool)
            .build();
        side_by_side(work, |work, next| {
            let transport = transport.clone();
            async move {
                while let Some(reader) = work.readers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sent = transport.send(message(&work.edition, reader)).await;
                    sent.expect("the sink takes everything");
                }
            }
        })
        .await;
    });
    Some(())
}

/// lettre's connections without that wait.
pub fn lettre_nodelay(work: &Arc<Work>) -> Option<()> {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(side_by_side(work, |work, next| async move {
        let stream = TcpStream::connect(("127.0.0.1", work.port)).await;
        let stream = stream.expect("the sink listens");
        stream.set_nodelay(true).expect("an option of every socket");
        let stream: Box<dyn AsyncTokioStream> = Box::new(stream);
        let hello = ClientId::default();
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
        let mut connection = connection.expect("the sink greets");
        while let Some(reader) = work.readers.get(next.fetch_add(1, Ordering::Relaxed)) {
            let message = message(&work.edition, reader);
            let bytes = message.formatted();
            let sent = connection.send(message.envelope(), &bytes).await;
            sent.expect("the sink takes everything");
        }
    }));
    Some(())
}

/// As many tasks as connections, the readers shared among them.
async fn side_by_side<F: Future<Output = ()> + Send + 'static>(
    work: &Arc<Work>,
    task: impl Fn(Arc<Work>, Arc<AtomicUsize>) -> F,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..work.connections)
        .map(|_| tokio::spawn(task(Arc::clone(work), Arc::clone(&next))))
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}

/// nodemailer's pool; `None` where it is not installed.
pub fn nodemailer(work: &Arc<Work>) -> Option<()> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    if !peers.join("node_modules/nodemailer").is_dir() {
        return None;
    }
    let parts = message::fill(&work.edition, &work.readers[0], &stamp());
    let address = work.readers[0].address.as_str();
    let content = serde_json::json!({
        "from": work.edition.sender.from.address.as_str(),
        "readers": work.readers.iter().map(|reader| reader.address.as_str()).collect::<Vec<_>>(),
        "subject": parts.subject,
        "text": parts.text.split(address).collect::<Vec<_>>(),
        "html": parts.html.split(address).collect::<Vec<_>>(),
        "connections": work.connections,
        "port": work.port,
    });
    let mut node = Command::new("node")
        .arg(peers.join("nodemailer.mjs"))
        .stdin(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = node.stdin.take().expect("it is piped");
    let given = stdin.write_all(content.to_string().as_bytes());
    given.expect("it reads");
    drop(stdin);
    assert!(node.wait().expect("an end").success());
    Some(())
}

/// Postfix's own source of test messages, all alike; `None` where it is not installed.
pub fn smtp_source(work: &Arc<Work>, octets: usize) -> Option<()> {
    let source = Command::new("/usr/sbin/smtp-source")
        .args(["-s", &work.connections.to_string()])
        .args(["-m", &work.readers.len().to_string()])
        .args(["-l", &octets.to_string(), "-d"])
        .args(["-f", "a@bench.example", "-t", "b@bench.example"])
        .arg(format!("127.0.0.1:{}", work.port))
        .status()
        .ok()?;
    assert!(source.success());
    Some(())
}
