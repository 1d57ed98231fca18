//! The other senders, which build the same message for every recipient.

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

use super::options;

/// The work of one measurement, shared by its tasks.
pub struct Work {
    pub edition: Edition,
    pub recipients: Vec<Subscriber>,
    pub connections: usize,
    pub port: u16,
}

/// The message, built with lettre.
pub fn message(edition: &Edition, recipient: &Subscriber) -> Message {
    let parts = message::fill(edition, recipient, &options());
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
        .to(mailbox(recipient.address.as_str()))
        .subject(parts.subject)
        .multipart(body);
    message.expect("a message")
}

/// lettre's connection pool, which waits 40 ms for delayed acknowledgements (Nagle's algorithm).
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
                while let Some(recipient) =
                    work.recipients.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let sent = transport.send(message(&work.edition, recipient)).await;
                    sent.expect("the sink accepts everything");
                }
            }
        })
        .await;
    });
    Some(())
}

/// lettre's connections with `TCP_NODELAY`.
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
        while let Some(recipient) = work.recipients.get(next.fetch_add(1, Ordering::Relaxed)) {
            let message = message(&work.edition, recipient);
            let bytes = message.formatted();
            let sent = connection.send(message.envelope(), &bytes).await;
            sent.expect("the sink accepts everything");
        }
    }));
    Some(())
}

/// Runs one task per connection; the tasks share the recipients.
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

/// nodemailer's connection pool; `None` if it is not installed.
pub fn nodemailer(work: &Arc<Work>) -> Option<()> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    if !peers.join("node_modules/nodemailer").is_dir() {
        return None;
    }
    let parts = message::fill(&work.edition, &work.recipients[0], &options());
    let address = work.recipients[0].address.as_str();
    let content = serde_json::json!({
        "from": work.edition.sender.from.address.as_str(),
        "readers": work.recipients.iter().map(|recipient| recipient.address.as_str()).collect::<Vec<_>>(),
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

/// Postfix's generator of test messages, which are all identical; `None` if it is not installed.
pub fn smtp_source(work: &Arc<Work>, octets: usize) -> Option<()> {
    let source = Command::new("/usr/sbin/smtp-source")
        .args(["-s", &work.connections.to_string()])
        .args(["-m", &work.recipients.len().to_string()])
        .args(["-l", &octets.to_string(), "-d"])
        .args(["-f", "a@bench.example", "-t", "b@bench.example"])
        .arg(format!("127.0.0.1:{}", work.port))
        .status()
        .ok()?;
    assert!(source.success());
    Some(())
}
