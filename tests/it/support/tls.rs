//! TLS in front of a relay: the SMTP sink has none, so a second server terminates it.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::relay::Relay;

/// A self-signed certificate.
pub struct Certificate {
    pub pem: String,
    /// Its key, as a file has it.
    pub key: String,
    pub acceptor: TlsAcceptor,
}

impl Certificate {
    /// One for `name`, a host's or an IP address.
    pub fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        Self::from_parts(&made.cert, &made.signing_key)
    }

    /// One that was made with a key.
    pub fn from_parts(made: &rcgen::Certificate, signing_key: &rcgen::KeyPair) -> Self {
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows them all")
            .with_no_client_auth()
            .with_single_cert(vec![made.der().clone()], key)
            .expect("the key is the certificate's");
        Self {
            pem: made.pem(),
            key: signing_key.serialize_pem(),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }
}

/// TLS from the first byte; the port.
pub fn implicit(relay: &Relay, certificate: &Certificate) -> u16 {
    let (acceptor, inner) = (certificate.acceptor.clone(), relay.port);
    serve(relay, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut outside = acceptor.accept(stream).await?;
            let mut inside = inside(inner).await?;
            copy_bidirectional(&mut outside, &mut inside)
                .await
                .map(drop)
        }
    })
}

/// STARTTLS, with `behind` in the clear in the same segment as its 220; the port.
pub fn starttls(relay: &Relay, certificate: &Certificate, behind: &'static str) -> u16 {
    let (acceptor, inner) = (certificate.acceptor.clone(), relay.port);
    serve(relay, move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            until_starttls(&mut stream).await?;
            let go = format!("220 2.0.0 go ahead\r\n{behind}");
            stream.write_all(go.as_bytes()).await?;
            let mut outside = acceptor.accept(stream).await?;
            let mut inside = BufReader::new(inside(inner).await?);
            // The greeting was given before TLS.
            inside.read_line(&mut String::new()).await?;
            copy_bidirectional(&mut outside, &mut inside)
                .await
                .map(drop)
        }
    })
}

/// A connection to the relay itself; forwarded bytes must not wait for acknowledgements.
async fn inside(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The dialogue in the clear; a command that is neither EHLO nor STARTTLS ends it.
async fn until_starttls(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"220 tls.example ESMTP\r\n").await?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).await?;
        match line.split_whitespace().next() {
            Some("EHLO") => {
                let reply = b"250-tls.example\r\n250 STARTTLS\r\n";
                lines.get_mut().write_all(reply).await?;
            }
            Some("STARTTLS") => return Ok(()),
            _ => return Err(std::io::Error::other("in the clear")),
        }
    }
}

fn serve<F>(relay: &Relay, session: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = relay
        .runtime()
        .block_on(TcpListener::bind("127.0.0.1:0"))
        .expect("a port on loopback");
    let port = listener.local_addr().expect("its address").port();
    relay.runtime().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(session(stream));
        }
    });
    port
}
