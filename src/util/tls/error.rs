//! TLS handshake errors, explained to the operator of a server.

use std::io;

use jiff::Timestamp;
use tokio_rustls::rustls::pki_types::{ServerName, UnixTime};
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

use super::verifier::SelfSigned;

/// The reason why a TLS handshake failed. Its text completes "the server …"; that of a certificate completes "it is not
/// trusted: …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsError {
    /// The server does not speak TLS.
    NoTls,
    /// The server only supports versions before TLS 1.2.
    Version,
    /// The connection was closed during the handshake.
    Cut,
    /// The certificate is invalid for a reason other than its issuer.
    Certificate(String),
    /// The certificate's issuer is not trusted.
    Authority(String),
    /// Any other error of the server or its TLS library.
    Other(String),
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTls => f.write_str("does not speak TLS on this port"),
            Self::Version => {
                f.write_str("supports no TLS version that is accepted: TLS 1.2 or 1.3 is required")
            }
            Self::Cut => f.write_str("closed the connection during the TLS handshake"),
            Self::Certificate(why) | Self::Authority(why) | Self::Other(why) => f.write_str(why),
        }
    }
}

impl TlsError {
    /// The TLS error in `error`; `None` if it is a network error.
    pub fn of(error: &io::Error) -> Option<Self> {
        let inner = error.get_ref();
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<Error>()) {
            return Some(of_tls(error));
        }
        let cut = [
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe,
        ];
        cut.contains(&error.kind()).then_some(Self::Cut)
    }

    /// Whether the server speaks TLS.
    pub fn is_tls(&self) -> bool {
        !matches!(self, Self::NoTls | Self::Cut)
    }
}

fn of_tls(error: &Error) -> TlsError {
    match error {
        Error::InvalidMessage(_) => TlsError::NoTls,
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::NoCertificatesPresented => {
            TlsError::Certificate("it presents no certificate".to_owned())
        }
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            TlsError::Version
        }
        Error::AlertReceived(alert) => TlsError::Other(of_alert(*alert)),
        Error::PeerMisbehaved(_) | Error::DecryptError => {
            TlsError::Other("violates the TLS protocol".to_owned())
        }
        _ => TlsError::Other("failed in the TLS handshake".to_owned()),
    }
}

fn of_alert(alert: AlertDescription) -> String {
    let why = match alert {
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            "there is no common cipher"
        }
        AlertDescription::UnrecognisedName => "it does not know the name in `host`",
        AlertDescription::CertificateRequired => "it requires a client certificate",
        AlertDescription::InternalError => "it has an internal error",
        AlertDescription::CloseNotify | AlertDescription::UserCanceled => {
            "it closed the connection"
        }
        other => return format!("refused the TLS handshake (alert {})", u8::from(other)),
    };
    format!("refused the TLS handshake: {why}")
}

fn of_certificate(error: &CertificateError) -> TlsError {
    use CertificateError as Why;
    let words = match error {
        Why::Expired => "its certificate has expired".to_owned(),
        Why::ExpiredContext { not_after, .. } => {
            format!("its certificate expired on {}", day(*not_after))
        }
        Why::NotValidYet => "its certificate is not valid yet".to_owned(),
        Why::NotValidYetContext { not_before, .. } => format!(
            "its certificate is not valid before {}; check this machine's clock",
            day(*not_before)
        ),
        Why::NotValidForName => "its certificate is for another name".to_owned(),
        Why::NotValidForNameContext {
            expected,
            presented,
        } => of_name(expected, presented),
        Why::UnknownIssuer => {
            return TlsError::Authority(
                "its certificate was issued by an authority that is not trusted here, or the server does not send \
                 the intermediate certificates"
                    .to_owned(),
            );
        }
        Why::Other(other) if other.0.is::<SelfSigned>() => {
            return TlsError::Authority("its certificate is self-signed".to_owned());
        }
        // The type of this error is private to a dependency.
        Why::Other(other) if format!("{:?}", other.0).contains("CaUsedAsEndEntity") => {
            "its certificate is self-signed or that of an authority (CA:TRUE), not that of a server"
                .to_owned()
        }
        Why::Revoked => "its certificate was revoked".to_owned(),
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            "its certificate is not meant for servers".to_owned()
        }
        Why::BadSignature => {
            return TlsError::Authority(
                "its certificate was not signed by the trusted authority that it names".to_owned(),
            );
        }
        _ => "its certificate cannot be verified".to_owned(),
    };
    TlsError::Certificate(words)
}

/// `its certificate is for other.example, not for 127.0.0.1`
fn of_name(expected: &ServerName<'_>, presented: &[String]) -> String {
    // rustls formats names as `DnsName("other.example")` and `IpAddress(192.0.2.1)`.
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
        inner.trim_end_matches(')').trim_matches('"').to_owned()
    };
    let names: Vec<String> = presented.iter().map(bare).collect();
    let names = match names.as_slice() {
        [] => "no name".to_owned(),
        names => names.join(", "),
    };
    let expected = expected.to_str();
    format!("its certificate is for {names}, not for {expected}")
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds)
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y-%m-%d")
        .to_string()
}
