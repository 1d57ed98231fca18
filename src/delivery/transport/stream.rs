//! A TCP connection to the relay, with or without TLS.

use std::io::{self, IoSlice};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion};

use crate::util::tls::{self, NoAuthorities};

/// The byte stream of a connection.
#[derive(Debug)]
pub(in crate::delivery) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why a TLS handshake cannot be started.
#[derive(Debug)]
pub(in crate::delivery) enum TlsSetup {
    /// The file with certificates cannot be read.
    Authorities(NoAuthorities),
    /// The host name cannot be in a certificate.
    Name(InvalidDnsNameError),
}

impl std::fmt::Display for TlsSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Authorities(why) => why.fmt(f),
            Self::Name(_) => f.write_str("the host name cannot be in a certificate"),
        }
    }
}

/// The trusted authorities, and the host name that the certificate must contain.
#[derive(Debug, Clone)]
pub(in crate::delivery) struct Trust {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Trust {
    pub(in crate::delivery) fn new(host: &str, ca_file: Option<&Path>) -> Result<Self, TlsSetup> {
        Ok(Self {
            config: tls::config(ca_file).map_err(TlsSetup::Authorities)?,
            name: ServerName::try_from(host.to_owned()).map_err(TlsSetup::Name)?,
        })
    }
}

impl Stream {
    /// The TLS version; `None` without TLS.
    pub(in crate::delivery) fn protocol(&self) -> Option<&'static str> {
        let Self::Tls(stream) = self else {
            return None;
        };
        Some(match stream.get_ref().1.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        })
    }

    /// The same connection under TLS.
    pub(in crate::delivery) async fn secured(self, trust: &Trust) -> io::Result<Self> {
        match self {
            Self::Plain(stream) => {
                let connector = TlsConnector::from(Arc::clone(&trust.config));
                let stream = connector.connect(trust.name.clone(), stream).await?;
                Ok(Self::Tls(Box::new(stream)))
            }
            Self::Tls(_) => Ok(self),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
