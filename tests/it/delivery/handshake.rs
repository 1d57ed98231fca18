//! What happens before a session is open: connections that hang, ports for another kind of TLS, certificates.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::relay::{self, Relay, smtp};
use crate::support::tls::{self, Certificate};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

fn newsletter(count: usize, smtp: &str) -> Folder {
    relay::newsletter_for(count, smtp)
}

/// The send with waits of 50 ms where a send has some of seconds.
fn send_in_haste(folder: &Folder) -> Run {
    let mut command: Command = folder.command(&["send", "a", "--yes"]);
    command.env("FRANKING_NOW", NOW);
    command.env("FRANKING_TEST_PATIENCE", "50");
    Run::from(command.output().expect("the program starts"))
}

/// Leaves the first connection without a greeting for ever.
#[derive(Default)]
struct FirstHangs {
    greetings: AtomicUsize,
    login: bool,
}

impl Script for FirstHangs {
    fn greeting(&self) -> Answer {
        match self.greetings.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::Stall,
            _ => Answer::Accept,
        }
    }
    fn login(&self) -> Option<(&str, &str)> {
        self.login.then_some(("letter", "another password"))
    }
}

#[test]
fn a_first_connection_that_hangs_leaves_its_deliveries_to_the_others() {
    let relay = Relay::start(FirstHangs::default());
    let folder = newsletter(20, &smtp(relay.port, "none", 2));
    let run = send_in_haste(&folder);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.copies().into_values().collect::<Vec<_>>(), [1; 20]);
    assert!(run.stderr.contains("no session with "), "{}", run.stderr);
}

#[test]
fn a_wrong_password_is_tried_once_also_where_the_first_connection_hangs() {
    let script = FirstHangs {
        login: true,
        ..FirstHangs::default()
    };
    let relay = Relay::start(script);
    let login = "user = \"letter\"\npassword_command = [\"echo\", \"wrong\"]\n";
    let folder = newsletter(40, &format!("{}{login}", smtp(relay.port, "none", 8)));
    let run = send_in_haste(&folder);
    assert_eq!(run.code, 69, "{}", run.stderr);
    assert_eq!((relay.count("AUTH"), relay.count("MAIL")), (1, 0));
}

#[test]
fn starttls_on_a_port_for_implicit_tls_names_the_remedy() {
    let relay = Relay::start(AcceptAll);
    let port = tls::implicit(&relay, &Certificate::of("127.0.0.1"));
    for tls in ["starttls", "none"] {
        let folder = newsletter(2, &smtp(port, tls, 1));
        let run = send_in_haste(&folder);
        assert_eq!(run.code, 69, "{tls}: {}", run.stderr);
        let remedy = "is silent and expects TLS from the first byte: set `tls = \"implicit\"`";
        assert!(run.stderr.contains(remedy), "{}", run.stderr);
    }
}

/// A relay that takes its time is not one for TLS.
#[test]
fn the_client_waits_for_a_late_greeting() {
    let relay = Relay::start(AcceptAll);
    let inner = relay.port;
    let port = serve(&relay, move |mut outside| async move {
        // Until the program has examined the port over a second connection, and hung up.
        if CONNECTIONS.fetch_add(1, Ordering::SeqCst) > 0 {
            let mut first = [0];
            outside.read_exact(&mut first).await?;
            assert_eq!(first, [22], "a handshake of TLS");
            EXAMINED.notify_one();
            return Ok(());
        }
        EXAMINED.notified().await;
        let mut inside = TcpStream::connect(("127.0.0.1", inner)).await?;
        tokio::io::copy_bidirectional(&mut outside, &mut inside)
            .await
            .map(drop)
    });
    let folder = newsletter(2, &smtp(port, "none", 1));
    let run = send_in_haste(&folder);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);
static EXAMINED: tokio::sync::Notify = tokio::sync::Notify::const_new();

#[test]
fn implicit_tls_on_a_port_for_starttls_names_the_remedy() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(2, &smtp(relay.port, "implicit", 1));
    let run = send_in_haste(&folder);
    assert_eq!(run.code, 69, "{}", run.stderr);
    let remedy = "does not speak TLS on this port: set `tls = \"starttls\"`";
    assert!(run.stderr.contains(remedy), "{}", run.stderr);
}

#[test]
fn a_rejected_certificate_is_described_without_a_type_name_of_a_library() {
    let key = || KeyPair::generate().expect("a key");
    let params = || CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
    let mut expired = params();
    expired.not_after = date_time_ymd(2021, 3, 4);
    let mut early = params();
    early.not_before = date_time_ymd(2090, 5, 6);
    let mut authority = params();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let issued_key = key();
    let issuer = Issuer::from_params(&authority, &authority_key);
    let issued = params().signed_by(&issued_key, &issuer).expect("signed");
    let issued = Certificate::from_parts(&issued, &issued_key);
    let own = |params: CertificateParams| {
        let key = key();
        let made = params.self_signed(&key).expect("signed");
        Certificate::from_parts(&made, &key)
    };
    let cases = BTreeMap::from([
        ("its certificate expired on 2021-03-04", own(expired)),
        ("is not valid before 2090-05-06", own(early)),
        ("CA:TRUE", own(authority)),
        ("issued by an authority that is not trusted here", issued),
        ("is self-signed", own(params())),
        (
            "its certificate is for other.example, not for 127.0.0.1",
            Certificate::of("other.example"),
        ),
    ]);
    for (words, certificate) in cases {
        let relay = Relay::start(AcceptAll);
        let port = tls::implicit(&relay, &certificate);
        let trusts = match words.contains("self-signed") || words.contains("authority") {
            true => String::new(),
            false => "ca_file = \"ca.pem\"\n".to_owned(),
        };
        let folder = newsletter(2, &format!("{}{trusts}", smtp(port, "implicit", 1)));
        folder.write("ca.pem", &certificate.pem);
        let run = send_in_haste(&folder);
        assert_eq!(run.code, 69, "{words}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        assert_no_type(&run);
    }
}

/// What a server says instead of a handshake.
#[test]
fn a_failed_handshake_is_described_without_a_type_name_of_a_library() {
    const OLD_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
    const NO_CIPHER: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
    for (says, words) in [
        (OLD_VERSION, "TLS 1.2 or 1.3 is required"),
        (NO_CIPHER, "there is no common cipher"),
        (b"220 hello\r\n", "does not speak TLS on this port"),
        (b"", "closed the connection during the TLS handshake"),
    ] {
        let relay = Relay::start(AcceptAll);
        let port = serve(&relay, move |mut stream| async move {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await?;
            stream.write_all(says).await
        });
        let folder = newsletter(2, &smtp(port, "implicit", 1));
        let run = folder.run(&["doctor", "--no-dns"]);
        assert_eq!(run.code, 1, "{words}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        assert_no_type(&run);
    }
}

fn assert_no_type(run: &Run) {
    for word in [
        "DnsName",
        "UnknownIssuer",
        "InvalidCertificate",
        "Context",
        "::",
    ] {
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains(word), "{word}: {said}");
    }
}

/// A server in front of `relay`; the port.
fn serve<F>(relay: &Relay, session: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> u16
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let session = Arc::new(session);
    let listener = relay.runtime().block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port on loopback");
    let port = listener.local_addr().expect("its address").port();
    relay.runtime().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(session(stream));
        }
    });
    port
}
