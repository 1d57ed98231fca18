//! TLS and AUTH: a message leaves only over a connection to the right relay, and the password is in no output.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{NOW, send};
use crate::support::relay::{self, Relay, smtp, story};
use crate::support::tls::{self, Certificate};
use crate::support::{Folder, Run};

/// A password that must appear only in its file and on the wire.
const CANARY: &str = "canary-7f3a-not-to-be-seen";

/// Requires AUTH with this password.
struct Login(&'static str);

impl Script for Login {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("letter", self.0))
    }
}

#[test]
fn without_starttls_no_credentials_and_no_message_are_sent() {
    let relay = Relay::start(Login(CANARY));
    let folder = relay::three_subscribers(&with_login(&smtp(relay.port, "starttls", 1)));
    write_password(&folder, CANARY, 0o600);
    let run = send(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT does not offer STARTTLS, and nothing is sent in the clear; check `host` and `port` of [smtp], or set `tls = "implicit"` and the port for it (465); `tls = "none"` is for a relay on this machine
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT does not offer STARTTLS, and nothing is sent in the clear; check `host` and `port` of [smtp], or set `tls = "implicit"` and the port for it (465); `tls = "none"` is for a relay on this machine
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_eq!((relay.count("AUTH"), relay.count("MAIL")), (0, 0));
}

#[test]
fn a_self_signed_certificate_is_rejected() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(Login(CANARY));
        let certificate = Certificate::of("127.0.0.1");
        let port = port_of(&relay, &certificate);
        let folder = relay::three_subscribers(&with_login(&smtp(port, tls, 1)));
        write_password(&folder, CANARY, 0o600);
        let run = send(&folder, NOW);
        assert_data_eq!(
            story(&folder, &run, port),
            str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: its certificate is self-signed; name the certificate of its authority in `ca_file` of [smtp]
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT is not trusted: its certificate is self-signed; name the certificate of its authority in `ca_file` of [smtp]
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
        );
        assert_eq!((relay.count("AUTH"), relay.count("MAIL")), (0, 0));
    }
}

#[test]
fn a_certificate_for_another_name_is_rejected() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(AcceptAll);
        let certificate = Certificate::of("other.example");
        let port = port_of(&relay, &certificate);
        let folder = trusting(&certificate, port, tls);
        let run = send(&folder, NOW);
        assert_data_eq!(
            story(&folder, &run, port),
            str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: its certificate is for other.example, not for 127.0.0.1
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT is not trusted: its certificate is for other.example, not for 127.0.0.1
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
        );
        assert_eq!(relay.count("MAIL"), 0);
    }
}

#[test]
fn a_certificate_in_ca_file_is_accepted() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(AcceptAll);
        let certificate = Certificate::of("127.0.0.1");
        let folder = trusting(&certificate, port_of(&relay, &certificate), tls);
        let run = send(&folder, NOW);
        assert_eq!(run.code, 0, "{tls}: {}", run.stderr);
        assert_eq!(relay.recipients().len(), 3, "{tls}");
    }
}

/// RFC 3207 section 6: replies injected in plaintext after the 220 could be read as the relay's own.
#[test]
fn plaintext_after_starttls_ends_the_connection() {
    let relay = Relay::start(AcceptAll);
    let certificate = Certificate::of("127.0.0.1");
    let behind = "250 injected.example\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n";
    let port = tls::starttls(&relay, &certificate, behind);
    let folder = trusting(&certificate, port, "starttls");
    let run = send(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: stopped: 3 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: it sends plaintext after STARTTLS
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT is not trusted: it sends plaintext after STARTTLS
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_eq!(relay.count("MAIL"), 0);
}

type PortOf = fn(&Relay, &Certificate) -> u16;

const PRIVATE_WAYS: [(&str, PortOf); 2] = [
    ("implicit", tls::implicit),
    ("starttls", |relay, certificate| {
        tls::starttls(relay, certificate, "")
    }),
];

fn trusting(certificate: &Certificate, port: u16, tls: &str) -> Folder {
    let folder = relay::three_subscribers(&format!("{}ca_file = \"ca.pem\"\n", smtp(port, tls, 1)));
    folder.write("ca.pem", &certificate.pem);
    folder
}

fn with_login(smtp: &str) -> String {
    format!("{smtp}user = \"letter\"\npassword_file = \"password\"\n")
}

fn write_password(folder: &Folder, password: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    folder.write("password", &format!("{password}\n"));
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder.path().join("password"), permissions).expect("our file");
}

#[test]
fn a_wrong_password_is_tried_once_over_all_connections() {
    let relay = Relay::start(Login("another password"));
    let folder = relay::newsletter_for(200, &with_login(&smtp(relay.port, "none", 16)));
    write_password(&folder, CANARY, 0o600);
    let run = send(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       200 recipients
2026-11-30T08:00:00Z a: 200 messages to try
2026-11-30T08:00:00Z a: stopped: 200 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried        200
candidates     200  adds up
error: the relay 127.0.0.1:PORT refused at login: 535 5.7.8 no such name or password; check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay requires a token
hint: nothing was sent; `franking send a` starts over with the current files
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: the relay 127.0.0.1:PORT refused at login: 535 5.7.8 no such name or password; check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay requires a token
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried        200
candidates     200  adds up

"#]]
    );
    assert_eq!(relay.count("AUTH"), 1);
    assert_no_canary(&folder, &run);
}

#[test]
fn a_password_appears_in_no_output_and_in_no_other_file() {
    let relay = Relay::start(Login(CANARY));
    let folder = relay::three_subscribers(&with_login(&smtp(relay.port, "none", 4)));
    write_password(&folder, CANARY, 0o600);
    let run = send(&folder, NOW);
    assert_eq!(
        (run.code, relay.recipients().len()),
        (0, 3),
        "{}",
        run.stderr
    );
    assert_no_canary(&folder, &run);
    assert_no_canary(&folder, &folder.run(&["status", "a", "--json"]));
}

/// Refuses every login, and quotes what AUTH sent and what the password is.
struct Quoting;

impl Script for Quoting {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("letter", "another password"))
    }
    fn refused_login(&self) -> Answer {
        let words = format!(
            "5.7.8 bad password {CANARY}, {}, {}",
            encoded(CANARY),
            encoded(&format!("\0letter\0{CANARY}"))
        );
        Answer::Reply(535, words)
    }
}

#[test]
fn a_password_that_the_relay_quotes_is_neither_shown_nor_recorded() {
    let relay = Relay::start(Quoting);
    let folder = relay::three_subscribers(&with_login(&smtp(relay.port, "none", 1)));
    write_password(&folder, CANARY, 0o600);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    let quoted = "535 5.7.8 bad password [password], [password]";
    assert!(run.stderr.contains(quoted), "{}", run.stderr);
    assert_no_canary(&folder, &run);
    for command in [
        &["status", "--json"][..],
        &["status", "a"],
        &["doctor", "--no-dns", "--json"],
        &["send", "a", "--yes", "--json", "--log", ".franking/log"],
        &["send", "a", "--test", "ann@reader.example", "--json"],
    ] {
        assert_no_canary(&folder, &folder.run_at(NOW, command));
    }
}

#[test]
fn a_password_that_others_can_read_is_not_used() {
    let relay = Relay::start(Login(CANARY));
    let folder = relay::three_subscribers(&with_login(&smtp(relay.port, "none", 4)));
    write_password(&folder, CANARY, 0o644);
    let run = send(&folder, NOW);
    let said = relay::masked(&run.stderr, relay.port);
    assert_data_eq!(
        format!("{said}exit {}\n", run.code),
        str![[r#"
warning[exposed-password-file]: other users can read the password file `password` (mode 0644)
  --> newsletter.toml:16:17
   |
16 | password_file = "password"
   |                 ^^^^^^^^^^
hint: `send` refuses it until `chmod 600` is run on it: anyone with the password can send mail in your name

issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
error: the password file `password` is refused because other users can read it (mode 0644)
hint: run `chmod 600 password`
exit 2

"#]]
    );
    assert_eq!(relay.count("EHLO"), 0);
    assert_no_canary(&folder, &run);
}

/// Neither in what was written nor in the state: as it is, and as AUTH encodes it.
fn assert_no_canary(folder: &Folder, run: &Run) {
    let (login, password) = (encoded(&format!("\0letter\0{CANARY}")), encoded(CANARY));
    let mut places = vec![
        run.stdout.clone().into_bytes(),
        run.stderr.clone().into_bytes(),
    ];
    for entry in std::fs::read_dir(folder.path().join(".franking")).expect("the state") {
        places.push(std::fs::read(entry.expect("a file").path()).unwrap_or_default());
    }
    for secret in [CANARY, &login, &password] {
        let is_in = |place: &Vec<u8>| {
            place
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        };
        assert!(!places.iter().any(is_in), "{secret} was written somewhere");
    }
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
