//! From the greeting to a connection that accepts messages.

use franking::newsletter::config::{Password, SecretKind, TlsMode};
use franking::smtp::{Credentials, Extensions, Handshake, HandshakeStep};

use crate::server::Server;
use crate::wire::commands;

/// The extensions of the server, if the handshake succeeds. TLS itself is not tried here.
pub fn open(settings: u8, server: &mut Server) -> Option<Extensions> {
    let tls = if settings & 1 == 0 {
        TlsMode::None
    } else {
        TlsMode::StartTls
    };
    let mut handshake = Handshake::new("here.example".to_owned(), tls, credentials(settings));
    let mut is_private = false;
    loop {
        let mut step = handshake.reply(&server.reply()?).ok()?;
        if step == HandshakeStep::Secure {
            // Data before the TLS handshake was injected on the way.
            if server.has_more() {
                return None;
            }
            is_private = true;
            step = handshake.secured();
        }
        match step {
            HandshakeStep::Write(bytes) => {
                assert_harmless(&bytes, tls == TlsMode::None || is_private)
            }
            HandshakeStep::Ready(extensions) => {
                assert!(tls == TlsMode::None || is_private, "messages without TLS");
                return Some(extensions);
            }
            HandshakeStep::Secure => panic!("TLS is begun twice"),
        }
    }
}

/// One command at a time; before TLS, where TLS is required, only what leads to it.
fn assert_harmless(bytes: &[u8], is_allowed: bool) {
    let commands = commands(bytes);
    assert_eq!(commands.len(), 1);
    assert!(
        is_allowed || ["EHLO here.example", "STARTTLS"].contains(&commands[0]),
        "{commands:?} without TLS"
    );
}

fn credentials(settings: u8) -> Option<Credentials> {
    let secret = match settings >> 1 & 3 {
        0 => SecretKind::Password,
        1 => SecretKind::Token,
        _ => return None,
    };
    Some(Credentials {
        user: "user".to_owned(),
        password: Password::from("secret".to_owned()),
        secret,
    })
}
