//! Relays on a bad day: what is said, what the ledger knows, and how the command ends.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp, story};
use crate::support::tls::{self, Certificate};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T09:00:00Z";

/// A password that must be nowhere but in its file and on the wire.
const CANARY: &str = "canary-7f3a-not-to-be-seen";

/// Where a fault strikes.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Greeting,
    Mail,
    Recipient,
    Data,
    InMessage,
    Message,
}

/// Does one thing wrong once: to the first connection, to the second MAIL, or to `ben`.
struct Once {
    at: At,
    answer: Answer,
    count: AtomicUsize,
}

impl Once {
    fn new(at: At, answer: Answer) -> Self {
        let count = AtomicUsize::new(0);
        Self { at, answer, count }
    }

    fn strikes(&self, at: At, is_it: bool) -> Answer {
        if self.at == at && is_it {
            self.answer.clone()
        } else {
            Answer::Accept
        }
    }

    /// Whether this is call number `wanted` of the one hook that counts.
    fn is_call(&self, at: At, wanted: usize) -> bool {
        self.at == at && self.count.fetch_add(1, Ordering::SeqCst) + 1 == wanted
    }
}

impl Script for Once {
    fn greeting(&self) -> Answer {
        self.strikes(At::Greeting, self.is_call(At::Greeting, 1))
    }
    fn sender(&self, _address: &str) -> Answer {
        self.strikes(At::Mail, self.is_call(At::Mail, 2))
    }
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Recipient, is_ben(address, attempt))
    }
    fn data(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Data, is_ben(address, attempt))
    }
    fn first_line(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::InMessage, is_ben(address, attempt))
    }
    fn message(&self, address: &str, attempt: u32) -> Answer {
        self.strikes(At::Message, is_ben(address, attempt))
    }
}

fn is_ben(address: &str, attempt: u32) -> bool {
    address.starts_with("ben@") && attempt == 1
}

/// Says the same to every connection.
struct Greeting(u16, &'static str);

impl Script for Greeting {
    fn greeting(&self) -> Answer {
        Answer::Reply(self.0, self.1.to_owned())
    }
}

/// Takes small messages only.
struct Small;

impl Script for Small {
    fn largest(&self) -> usize {
        500
    }
}

/// Wants a name and a password.
struct Login(&'static str);

impl Script for Login {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("letter", self.0))
    }
}

fn reply(code: u16, words: &str) -> Answer {
    Answer::Reply(code, words.to_owned())
}

/// Three readers and one issue, over one connection, so that the order of the lines is always the same.
fn three_readers(smtp: &str) -> Folder {
    let folder = relay::newsletter(smtp);
    relay::set_readers(&folder, ["ann", "ben", "cat"]);
    relay::write_issue(&folder, "a", "");
    folder
}

fn send_at(folder: &Folder, now: &str) -> Run {
    folder.run_at(now, &["send", "a", "--yes"])
}

/// A relay with a fault, and the send over it.
fn send_over(script: impl Script) -> (Relay, Folder, Run) {
    let relay = Relay::start(script);
    let folder = three_readers(&smtp(relay.port, "none", 1));
    let run = send_at(&folder, NOW);
    (relay, folder, run)
}

/// The story of a send over a relay with one fault, and of the same send an hour later, when everything
/// that could be mended is.
fn story_of(at: At, answer: Answer) -> String {
    let (relay, folder, run) = send_over(Once::new(at, answer));
    let first = story(&folder, &run, relay.port);
    let later = send_at(&folder, LATER);
    let second = relay::masked(&later.stderr, relay.port);
    let kept = relay.recipients().join(" ");
    format!(
        "{first}\nan hour later\n{second}exit {}\n\nkept: {kept}\n",
        later.code
    )
}

/// Two tests in one, side by side, because each waits a quarter of a minute for its relay.
#[test]
fn a_relay_that_is_away_or_busy_leaves_everything_for_later() {
    let away = free_port();
    let left_by_away = three_readers(&smtp(away, "none", 1));
    let busy = Relay::start(Greeting(421, "4.3.2 come back later"));
    let left_by_busy = three_readers(&smtp(busy.port, "none", 1));
    let (away_run, busy_run) = std::thread::scope(|threads| {
        let other = threads.spawn(|| send_at(&left_by_busy, NOW));
        (send_at(&left_by_away, NOW), other.join().expect("no panic"))
    });
    assert_data_eq!(
        story(&left_by_away, &away_run, away),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
hint: nothing was sent; `franking send a` starts over with the present files
exit 75

a stopped, edition DIGEST
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_data_eq!(
        story(&left_by_busy, &busy_run, busy.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT said at connecting: 421 4.3.2 come back later
hint: nothing was sent; `franking send a` starts over with the present files
exit 75

a stopped, edition DIGEST
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
    assert_eq!(busy.count(""), 0, "nothing is said to a relay that is busy");
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("its address").port()
}

#[test]
fn a_relay_that_does_not_want_us_stops_the_send() {
    let (relay, folder, run) = send_over(Greeting(554, "5.7.1 not from your address"));
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT refused at connecting: 554 5.7.1 not from your address; check `host` and `port` of [smtp], and whether the relay serves this machine's address
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
}

#[test]
fn a_relay_that_takes_small_messages_only_stops_the_send_before_the_first() {
    let (relay, folder, run) = send_over(Small);
    let story = story(&folder, &run, relay.port);
    assert_eq!(relay.count("MAIL"), 0, "{story}");
    assert_data_eq!(
        story,
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay refuses to send for this sender: it accepts messages of at most 500 bytes, and a message has 10333 (recipient ann@reader.example); make the message smaller: remove pictures or use smaller ones, or set `pictures = "link"`
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up

"#]]
    );
}

#[test]
fn without_starttls_nothing_is_said_in_the_clear() {
    let relay = Relay::start(Login(CANARY));
    let folder = three_readers(&with_login(&smtp(relay.port, "starttls", 1)));
    write_password(&folder, CANARY, 0o600);
    let run = send_at(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT does not offer STARTTLS, and nothing is sent in the clear; check `host` and `port` of [smtp], or set `tls = "implicit"` and the port for it (465); `tls = "none"` is for a relay on this machine
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
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
fn a_certificate_that_nobody_vouches_for_is_refused() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(Login(CANARY));
        let certificate = Certificate::of("127.0.0.1");
        let port = port_of(&relay, &certificate);
        let folder = three_readers(&with_login(&smtp(port, tls, 1)));
        write_password(&folder, CANARY, 0o600);
        let run = send_at(&folder, NOW);
        assert_data_eq!(
            story(&folder, &run, port),
            str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: its certificate is self-signed; name the certificate of its authority in `ca_file` of [smtp]
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
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
fn a_certificate_for_another_name_is_refused() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(AcceptAll);
        let certificate = Certificate::of("other.example");
        let port = port_of(&relay, &certificate);
        let folder = trusting(&certificate, port, tls);
        let run = send_at(&folder, NOW);
        assert_data_eq!(
            story(&folder, &run, port),
            str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: its certificate is for other.example, not for 127.0.0.1
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
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
fn a_certificate_that_the_publication_vouches_for_is_taken() {
    for (tls, port_of) in PRIVATE_WAYS {
        let relay = Relay::start(AcceptAll);
        let certificate = Certificate::of("127.0.0.1");
        let folder = trusting(&certificate, port_of(&relay, &certificate), tls);
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 0, "{tls}: {}", run.stderr);
        assert_eq!(relay.recipients().len(), 3, "{tls}");
    }
}

/// RFC 3207 section 6: replies put into the clear behind the 220 would be taken for the relay's own.
#[test]
fn what_stands_in_the_clear_behind_starttls_ends_the_connection() {
    let relay = Relay::start(AcceptAll);
    let certificate = Certificate::of("127.0.0.1");
    let behind = "250 injected.example\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n";
    let port = tls::starttls(&relay, &certificate, behind);
    let folder = trusting(&certificate, port, "starttls");
    let run = send_at(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          3
candidates       3  adds up
error: the relay 127.0.0.1:PORT is not trusted: it sends plaintext after STARTTLS
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
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
    let folder = three_readers(&format!("{}ca_file = \"ca.pem\"\n", smtp(port, tls, 1)));
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
fn a_wrong_password_is_tried_once_however_many_connections_there_are() {
    let relay = Relay::start(Login("another password"));
    let folder = many_readers(&with_login(&smtp(relay.port, "none", 16)), 200);
    write_password(&folder, CANARY, 0o600);
    let run = send_at(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       200 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried        200
candidates     200  adds up
error: the relay 127.0.0.1:PORT refused at login: 535 5.7.8 no such name or password; check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay wants a token
hint: nothing was sent; `franking send a` starts over with the present files
exit 69

a stopped, edition DIGEST
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
fn a_password_is_in_no_output_and_in_no_file_but_its_own() {
    let relay = Relay::start(Login(CANARY));
    let folder = three_readers(&with_login(&smtp(relay.port, "none", 4)));
    write_password(&folder, CANARY, 0o600);
    let run = send_at(&folder, NOW);
    assert_eq!(
        (run.code, relay.recipients().len()),
        (0, 3),
        "{}",
        run.stderr
    );
    assert_no_canary(&folder, &run);
    assert_no_canary(&folder, &folder.run(&["status", "a", "--json"]));
}

#[test]
fn a_password_that_others_can_read_is_not_used() {
    let relay = Relay::start(Login(CANARY));
    let folder = three_readers(&with_login(&smtp(relay.port, "none", 4)));
    write_password(&folder, CANARY, 0o644);
    let run = send_at(&folder, NOW);
    let said = relay::masked(&run.stderr, relay.port);
    assert_data_eq!(
        format!("{said}exit {}\n", run.code),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
error: there is no password for the relay
caused by: other users can read the password file `./password` (mode 0644): run `chmod 600` on it
exit 2

"#]]
    );
    assert_eq!(relay.count("EHLO"), 0);
    assert_no_canary(&folder, &run);
}

/// Neither in what was written nor in the state: as it is, and as AUTH encodes it.
fn assert_no_canary(folder: &Folder, run: &Run) {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("\0letter\0{CANARY}"));
    let mut places = vec![
        run.stdout.clone().into_bytes(),
        run.stderr.clone().into_bytes(),
    ];
    for entry in std::fs::read_dir(folder.path().join(".franking")).expect("the state") {
        places.push(std::fs::read(entry.expect("a file").path()).unwrap_or_default());
    }
    for secret in [CANARY, &encoded] {
        let is_in = |place: &Vec<u8>| {
            place
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        };
        assert!(!places.iter().any(is_in), "{secret} was written somewhere");
    }
}

#[test]
fn a_connection_dropped_at_the_greeting_is_opened_again() {
    assert_data_eq!(
        story_of(At::Greeting, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up

an hour later
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_mail_reconnects_and_defers_no_recipient() {
    assert_data_eq!(
        story_of(At::Mail, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up

an hour later
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_rcpt_costs_one_reader_a_second_try() {
    assert_data_eq!(
        story_of(At::Recipient, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
deferred   ben@reader.example: the connection was lost at RCPT TO: the server hung up
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a stopped, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): the connection was lost at RCPT TO: the server hung up; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_at_data_costs_one_reader_a_second_try() {
    assert_data_eq!(
        story_of(At::Data, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
deferred   ben@reader.example: the connection was lost at DATA: the server hung up
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a stopped, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): the connection was lost at DATA: the server hung up; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

/// The relay had not got the dot, but no client can tell: its own system had taken every byte.
#[test]
fn a_connection_dropped_in_the_message_leaves_one_reader_in_doubt() {
    assert_data_eq!(
        story_of(At::InMessage, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
uncertain  ben@reader.example: the connection was lost during the message: [..]
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

an hour later
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

kept: ann@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_connection_dropped_behind_the_dot_leaves_one_reader_in_doubt() {
    assert_data_eq!(
        story_of(At::Message, Answer::Drop),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
uncertain  ben@reader.example: the connection was lost during the message: [..]
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

an hour later
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_greylisted_reader_gets_the_letter_at_the_second_try() {
    let answer = reply(451, "4.7.1 greylisted");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
deferred   ben@reader.example: 451 4.7.1 greylisted
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:04Z: run the same command then
exit 75

a stopped, edition DIGEST
accepted         2
refused          0
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
deferred   ben@reader.example (ben): 451 4.7.1 greylisted; next try 2026-11-30T08:05:04Z

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       1 recipient left, 2 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn a_reader_whose_address_is_dead_is_not_written_to_again() {
    let answer = reply(550, "5.1.1 no such mailbox");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
refused    ben@reader.example: 550 5.1.1 no such mailbox
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
details: `franking status a`
exit 0

a sent, edition DIGEST
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
refused    ben@reader.example (ben): 550 5.1.1 no such mailbox

an hour later
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
exit 0

kept: ann@reader.example cat@reader.example

"#]]
    );

    let (_, folder, _) = send_over(Once::new(
        At::Recipient,
        reply(550, "5.1.1 no such mailbox"),
    ));
    relay::write_issue(&folder, "b", "");
    let next = folder.run(&["send", "b", "--yes"]);
    let row = next
        .stderr
        .lines()
        .find(|line| line.starts_with("excluded"));
    assert_eq!(
        row,
        Some("excluded         1  (1 bounced)"),
        "{}",
        next.stderr
    );
}

#[test]
fn a_full_mailbox_is_written_to_again_with_the_next_issue() {
    let (relay, folder, run) = send_over(Once::new(At::Message, reply(552, "5.2.2 mailbox full")));
    assert_eq!(run.code, 0, "{}", run.stderr);
    relay::write_issue(&folder, "b", "");
    let next = folder.run(&["send", "b", "--yes"]);
    assert_eq!(
        (next.code, relay.recipients().len()),
        (0, 5),
        "{}",
        next.stderr
    );
}

#[test]
fn a_verdict_on_our_own_settings_stops_the_send_and_touches_nobody() {
    let answer = reply(550, "5.7.26 unauthenticated mail is not accepted");
    assert_data_eq!(
        story_of(At::Recipient, answer),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          2
candidates       3  adds up
error: the relay refuses to send for this sender: 550 5.7.26 unauthenticated mail is not accepted (recipient ben@reader.example); check `from`, [dkim] and the DNS of their domain: `franking doctor` compares them
hint: `franking send a` continues
exit 69

a stopped, edition DIGEST
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          2
candidates       3  adds up

an hour later
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to ben  (to ben@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       2 recipients left, 1 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
exit 0

kept: ann@reader.example ben@reader.example cat@reader.example

"#]]
    );
}

#[test]
fn control_characters_of_a_relay_do_not_reach_the_terminal() {
    let words = "5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone";
    let answer = reply(550, words);
    let told = story_of(At::Recipient, answer);
    assert!(
        told.chars().all(|c| c == '\n' || !c.is_control()),
        "{told:?}"
    );
    // Raw: the comparison would take `\u{1b}` for a path of another system.
    assert_data_eq!(
        told,
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
refused    ben@reader.example: 550 5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
details: `franking status a`
exit 0

a sent, edition DIGEST
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
refused    ben@reader.example (ben): 550 5.1.1 \u{1b}[2J\u{1b}]52;c;AAAA\u{7} \u{9b}31m gone

an hour later
accepted         2
refused          1
excluded         0
deferred         0
uncertain        0
untried          0
candidates       3  adds up
`a` was sent by 2026-11-30T08:00:00Z; there is nothing to do
details: `franking status a`
exit 0

kept: ann@reader.example cat@reader.example

"#]]
        .into_data()
        .raw()
    );
}

/// Never answers the letter to `r1`, and everything else at once.
struct StallsOne;

impl Script for StallsOne {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r1@") {
            Answer::Stall
        } else {
            Answer::Accept
        }
    }
}

/// `r1`, `r2` and so on.
fn many_readers(smtp: &str, count: usize) -> Folder {
    let folder = relay::newsletter(smtp);
    let names: Vec<String> = (1..=count).map(|number| format!("r{number}")).collect();
    relay::set_readers(&folder, names.iter().map(String::as_str));
    relay::write_issue(&folder, "a", "");
    folder
}

/// A send that runs while the test goes on.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(folder: &Folder) -> Self {
        let mut command = folder.command(&["send", "a", "--yes"]);
        let mut child = command
            .env("FRANKING_NOW", NOW)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("its stderr is piped"));
        Self { child, stderr }
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        let pid = self.child.id();
        let kill = std::process::Command::new("sh")
            .args(["-c", &format!("kill -INT {pid}")])
            .status();
        assert!(kill.expect("a shell").success());
    }

    /// Ctrl-C, and once more when it has said what the first one does.
    fn interrupt_twice(mut self) -> Run {
        self.interrupt();
        self.wait_for_line("stopping");
        self.interrupt();
        self.end()
    }

    /// Reads what it says until a line that begins so.
    fn wait_for_line(&mut self, beginning: &str) {
        let mut line = String::new();
        while !line.starts_with(beginning) {
            line.clear();
            let read = self.stderr.read_line(&mut line).expect("UTF-8");
            assert_ne!(read, 0, "it ended without saying `{beginning}`");
        }
    }

    fn end(mut self) -> Run {
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).expect("UTF-8");
        let status = self.child.wait().expect("a child of this test");
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::new(),
            stderr,
        }
    }
}

#[test]
fn ctrl_c_waits_for_what_is_on_its_way_and_the_same_command_goes_on() {
    let relay = Relay::start(AcceptAll);
    let folder = many_readers(&smtp(relay.port, "none", 4), 400);
    let running = Running::start(&folder);
    relay.wait_for(20);
    running.interrupt();
    let run = running.end();
    assert_eq!(run.code, 130, "{}", run.stderr);
    let status = folder.run(&["status", "a"]).stdout;
    let kept = relay.recipients().len();
    assert!(kept < 400, "it went on to the end");
    assert!(
        status.contains(&format!("accepted   {kept:>7}\n")),
        "{status}"
    );
    assert!(status.contains("uncertain        0\n"), "{status}");

    let rest = send_at(&folder, LATER);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    let mut recipients = relay.recipients();
    recipients.dedup();
    assert_eq!((relay.recipients().len(), recipients.len()), (400, 400));
}

/// Waits until the ledger knows of `count` acceptances, which the relay knows of before.
fn wait_for_ledger(folder: &Folder, count: usize) {
    let accepted = format!("accepted   {count:>7}\n");
    while !folder.run(&["status", "a"]).stdout.contains(&accepted) {}
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_the_doubt_is_shown_by_name() {
    let relay = Relay::start(StallsOne);
    let folder = many_readers(&smtp(relay.port, "none", 4), 4);
    let running = Running::start(&folder);
    relay.wait_for(3);
    wait_for_ledger(&folder, 3);
    assert_eq!(running.interrupt_twice().code, 130);
    let rest = send_at(&folder, LATER);
    assert_data_eq!(
        story(&folder, &rest, relay.port),
        str![[r#"
warning: the last run was stopped in the middle of messages: 1 delivery is uncertain
issue    a, edition DIGEST, begun 2026-11-30T08:00:00Z
subject  a: a word to {{ first_name }}
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       0 recipients left, 3 accepted
accepted         3
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       4  adds up
details: `franking status a`
resolve the uncertain deliveries: `franking resolve a`
exit 1

a sent, edition DIGEST
accepted         3
refused          0
excluded         0
deferred         0
uncertain        1
untried          0
candidates       4  adds up
uncertain  r1@reader.example (r1): the sender was stopped before the reply

Uncertain: the connection was lost after the last byte of the message and before the reply. `franking resolve a`
shows what to look for in the relay's log, and records what you have found. To send it to all of them again, set
`on_uncertain = "resend"` in issues/a.toml and run `franking send a`.

"#]]
    );
}

#[test]
fn a_second_send_learns_who_is_sending() {
    let relay = Relay::start(StallsOne);
    let folder = many_readers(&smtp(relay.port, "none", 4), 4);
    let running = Running::start(&folder);
    relay.wait_for(1);
    let pid = format!("process {},", running.child.id());
    let told = |run: &Run| {
        let said = run.stderr.replace(&pid, "process PID,");
        format!("{said}exit {}\n", run.code)
    };
    assert_data_eq!(
        told(&send_at(&folder, NOW)),
        str![[r#"
error: another send holds the lock: `send a`, process PID, since 2026-11-30T08:00:00Z
hint: `franking status` shows its progress
exit 73

"#]]
    );
    assert_data_eq!(
        told(&folder.run(&["send", "--due"])),
        str![[r#"
another send holds the lock: `send a`, process PID, since 2026-11-30T08:00:00Z
exit 0

"#]]
    );
    running.interrupt_twice();
}

/// Answers MAIL with one reply.
struct AtMail(u16, &'static str);

impl Script for AtMail {
    fn sender(&self, _address: &str) -> Answer {
        Answer::Reply(self.0, self.1.to_owned())
    }
}

#[test]
fn a_refusal_names_the_setting_to_change_by_hand_and_by_timer() {
    for (code, text, remedy) in [
        (
            530,
            "5.7.0 authentication required",
            "set `user` and `password_file`",
        ),
        (
            530,
            "5.7.0 must issue a STARTTLS command first",
            "set `tls = \"starttls\"`",
        ),
        (535, "5.7.8 no", "check `user` and `password_file`"),
        (552, "5.3.4 too large", "make the message smaller"),
        (
            550,
            "5.1.8 sender unknown",
            "check `from` of newsletter.toml",
        ),
        (
            550,
            "5.7.26 unauthenticated",
            "check `from`, [dkim] and the DNS",
        ),
    ] {
        let relay = Relay::start(AtMail(code, text));
        let folder = relay::newsletter(&smtp(relay.port, "none", 1));
        relay::set_readers(&folder, ["ann"]);
        relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
        for command in [&["send", "a", "--yes"][..], &["send", "--due"]] {
            let run = folder.run_at("2026-11-30T08:00:00Z", command);
            assert_eq!(run.code, 69, "{text}: {}", run.stderr);
            assert!(run.stderr.contains(remedy), "{text}: {}", run.stderr);
        }
    }
}

#[test]
fn a_host_that_does_not_exist_is_told_with_its_setting() {
    let folder = relay::newsletter("[smtp]\nhost = \"relay.invalid\"\n");
    relay::set_readers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    for command in [&["send", "a", "--yes"][..], &["doctor", "--no-dns"]] {
        let run = folder.run(command);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("check `host` and `port` of [smtp]"), "{said}");
        assert!(!said.contains("os error"), "{said}");
        assert!(!said.contains("lookup address"), "{said}");
    }
}
