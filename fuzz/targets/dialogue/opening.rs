//! From the greeting to a connection that takes letters.

use franking::newsletter::config::{Password, Secret, Tls};
use franking::smtp::{Extensions, Credentials, Handshake, Step};

use crate::ear::Ear;
use crate::wire::commands;

/// What the server offers, if it lets us in; TLS itself is not tried here.
pub fn open(settings: u8, ear: &mut Ear) -> Option<Extensions> {
    let tls = if settings & 1 == 0 {
        Tls::None
    } else {
        Tls::StartTls
    };
    let mut opening = Handshake::new("here.example".to_owned(), tls, login(settings));
    let mut is_private = false;
    loop {
        let mut step = opening.reply(&ear.reply()?).ok()?;
        if step == Step::Secure {
            // Somebody on the way has put it there.
            if ear.has_more() {
                return None;
            }
            is_private = true;
            step = opening.secured();
        }
        match step {
            Step::Write(bytes) => must_be_harmless(&bytes, tls == Tls::None || is_private),
            Step::Ready(extensions) => {
                assert!(tls == Tls::None || is_private, "letters in the clear");
                return Some(extensions);
            }
            Step::Secure => panic!("TLS is begun twice"),
        }
    }
}

/// One command at a time; in the clear, where that is not meant, only what leads out of it.
fn must_be_harmless(bytes: &[u8], may_be_said: bool) {
    let commands = commands(bytes);
    assert_eq!(commands.len(), 1);
    assert!(
        may_be_said || ["EHLO here.example", "STARTTLS"].contains(&commands[0]),
        "{commands:?} in the clear"
    );
}

fn login(settings: u8) -> Option<Credentials> {
    let secret = match settings >> 1 & 3 {
        0 => Secret::Password,
        1 => Secret::Token,
        _ => return None,
    };
    Some(Credentials {
        user: "user".to_owned(),
        password: Password::from("secret".to_owned()),
        secret,
    })
}
