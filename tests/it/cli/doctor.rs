//! `franking doctor`: what it says of a set-up that is well, of one that is not, and what it leaves alone.

use std::os::unix::fs::PermissionsExt;

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{IntoData, assert_data_eq, str};

use crate::delivery::local_failures::Disk;
use crate::support::relay::{self, Relay, masked, smtp};
use crate::support::tls::{self, Certificate};
use crate::support::{Folder, Run};

/// Requires AUTH with this password.
struct Login(&'static str);

impl Script for Login {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("letter", self.0))
    }
}

/// Accepts connections and refuses every session.
struct Closed;

impl Script for Closed {
    fn greeting(&self) -> Answer {
        Answer::Reply(554, "no service for you".to_owned())
    }
}

/// Data, talk and code in one text.
fn output(run: &Run, port: u16) -> String {
    let text = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    masked(&text, port)
}

/// The DNS checks have tests of their own.
fn doctor(folder: &Folder) -> Run {
    folder.run_at("2026-11-30T08:00:00Z", &["doctor", "--no-dns"])
}

fn set_mode(folder: &Folder, file: &str, mode: u32) {
    let path = folder.path().join(file);
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("its owner");
}

fn with_login(port: u16, tls: &str) -> Folder {
    let login = "user = \"letter\"\npassword_file = \"password\"\nca_file = \"ca.pem\"\n";
    let folder = relay::newsletter(&format!("{}{login}", smtp(port, tls, 1)));
    folder.write("password", "right\n");
    set_mode(&folder, "password", 0o600);
    folder
}

#[test]
fn without_a_relay_doctor_names_the_directory_for_messages() {
    let folder = relay::newsletter("");
    let before = folder.files();
    let run = doctor(&folder);
    assert_data_eq!(
        output(&run, 1),
        str![[r#"
ok    newsletter.toml  from letter@press.example
ok    state            `.franking` will be created at the first send
ok    ledger           nothing has been sent yet
ok    disk             enough space: the ledger of a send to 0 subscribers needs at most 9 MB
ok    clock            2026-11-30T08:00:00Z; not compared with a time server
ok    dkim             messages are not signed here
ok    relay            none; messages become files in `.franking/outbox`
no problems found
exit 0

"#]]
        .raw()
    );
    assert_eq!(folder.changes_since(&before), [""; 0]);
}

#[test]
fn a_relay_with_tls_and_login_is_described_and_gets_no_message() {
    let relay = Relay::start(Login("right"));
    let certificate = Certificate::of("127.0.0.1");
    let port = tls::starttls(&relay, &certificate, "");
    let folder = with_login(port, "starttls");
    folder.write("ca.pem", &certificate.pem);
    let run = doctor(&folder);
    assert_data_eq!(output(&run, port), str![[r#"
ok    newsletter.toml  from letter@press.example
ok    state            `.franking` will be created at the first send
ok    ledger           nothing has been sent yet
ok    disk             enough space: the ledger of a send to 0 subscribers needs at most 9 MB
ok    clock            2026-11-30T08:00:00Z; not compared with a time server
ok    dkim             messages are not signed here; the relay must sign them
ok    relay            127.0.0.1:PORT is reachable
ok    tls              TLS 1.3; the certificate is trusted and matches the host
ok    login            accepted for `letter`
ok    extensions       PIPELINING, SIZE 67108864, AUTH PLAIN LOGIN, ENHANCEDSTATUSCODES, 8BITMIME, CHUNKING, DSN, SMTPUTF8
no problems found
exit 0

"#]].raw());
    relay.wait_until_closed();
    for (verb, count) in [("AUTH", 1), ("QUIT", 1), ("MAIL", 0), ("RCPT", 0)] {
        assert_eq!(relay.count(verb), count, "{verb}");
    }
}

#[test]
fn every_obstacle_to_a_send_is_an_error() {
    let relay = Relay::start(Login("wrong"));
    let certificate = Certificate::of("127.0.0.1");
    let port = tls::implicit(&relay, &certificate);
    let folder = with_login(port, "implicit");
    folder.write("ca.pem", &certificate.pem);
    let mut all = output(&doctor(&folder), port);
    folder.write("ca.pem", &Certificate::of("127.0.0.1").pem);
    all += &output(&doctor(&folder), port);
    set_mode(&folder, "password", 0o644);
    all += &output(&doctor(&folder), port);
    assert_data_eq!(relay_lines(&all), str![[r#"
fail  relay            the relay 127.0.0.1:PORT refused at login: 535 5.7.8 no such name or password; check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay requires a token
      hint: `tls`, `ca_file`, `user` and the password are set in [smtp]
1 failure
exit 1
fail  relay            the relay 127.0.0.1:PORT is not trusted: its certificate was not signed by the trusted authority that it names; name the certificate of its authority in `ca_file` of [smtp]
      hint: `tls`, `ca_file`, `user` and the password are set in [smtp]
1 failure
exit 1
warn  newsletter.toml  other users can read the password file `password` (mode 0644)
      hint: `franking check` shows all findings with their locations
fail  relay            the password file `password` is refused because other users can read it (mode 0644)
      hint: run `chmod 600 password`
1 failure, 1 warning
exit 1

"#]].raw());
}

#[test]
fn a_relay_that_is_unreachable_or_closed_is_reported_with_its_reply() {
    let relay = Relay::start(Closed);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let mut all = output(&doctor(&folder), relay.port);
    // Nobody listens at port 1.
    relay::set_smtp(&folder, &smtp(1, "none", 1));
    all += &output(&doctor(&folder), 1);
    assert_data_eq!(
        relay_lines(&all),
        str![[r#"
fail  relay            the relay 127.0.0.1:PORT refused at connecting: 554 no service for you; check `host` and `port` of [smtp], and whether the relay serves this machine's address
      hint: `tls`, `ca_file`, `user` and the password are set in [smtp]
1 failure
exit 1
fail  relay            the relay 127.0.0.1:PORT cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
      hint: check `host` and `port` in [smtp], or try again later; many networks block outgoing connections to port 25
1 failure
exit 1

"#]]
        .raw()
    );
}

/// The lines about the relay, and how the command ended.
fn relay_lines(output: &str) -> String {
    let others = [
        "ok    newsletter",
        "ok    state",
        "ok    ledger",
        "ok    disk",
        "ok    clock",
        "ok    dkim",
    ];
    let lines = output.lines();
    let lines = lines.filter(|line| !others.iter().any(|other| line.starts_with(other)));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_ledger_that_adds_up_and_one_that_cannot_be_read() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    let well = doctor(&folder);
    assert_eq!(well.code, 0, "{}", well.stdout);
    let line = "ok    ledger           1 send, 0 unfinished; all totals add up\n";
    assert!(well.stdout.contains(line), "{}", well.stdout);
    set_mode(&folder, ".franking", 0o755);
    set_mode(&folder, ".franking/key", 0o640);
    folder.write(".franking/store.db", &"no database at all ".repeat(99));
    let ill = doctor(&folder);
    let lines = ill.stdout.lines().skip(1).take(6);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    assert_data_eq!(lines, str![[r#"
warn  state            `.franking` can be read by others (mode 0755)
      hint: `chmod 700 .franking`
warn  key              `.franking/key` can be read by others (mode 0640)
      hint: `chmod 600 .franking/key`
fail  ledger           the ledger `.franking/store.db` is damaged: file is not a database: Error code 26: file is not a database
      hint: nothing was sent; restore the ledger from a backup. `franking send` with `--new-ledger` keeps a damaged file under another name and begins a new ledger, and issues that were sent can be sent again

"#]].raw());
    assert_eq!(
        (ill.code, ill.stderr.as_str()),
        (1, "1 failure, 2 warnings\n")
    );
}

#[test]
fn a_clock_behind_the_ledger_is_reported() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let sent = folder.run_at("2026-11-30T08:00:00Z", &["send", "a", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let moments = [
        "2026-11-30T08:00:00Z",
        "2026-11-30T07:59:59Z",
        "2023-12-31T23:59:59Z",
    ];
    let output = moments.map(|now| {
        let run = folder.run_at(now, &["doctor", "--no-dns"]);
        let lines = run.stdout.lines();
        let lines = lines.skip_while(|line| !line.contains(" clock "));
        let lines = lines.take_while(|line| !line.contains(" dkim "));
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        format!("{lines}exit {}\n", run.code)
    });
    assert_data_eq!(output.concat(), str![[r#"
ok    clock            2026-11-30T08:00:00Z; not compared with a time server
exit 0
warn  clock            the clock shows 2026-11-30T07:59:59Z, but the ledger has a send at 2026-11-30T08:00:00Z
      hint: schedules and retries depend on the clock; set it first
exit 0
warn  clock            the clock shows 2023-12-31T23:59:59Z, which is long past
      hint: schedules and retries depend on the clock; set it first
exit 0

"#]].raw());
}

#[test]
fn too_little_disk_space_for_the_next_campaign_is_reported() {
    let folder = relay::newsletter("");
    relay::set_numbered(&folder, 2_000);
    let roomy = doctor(&folder).stdout;
    let line = "enough space: the ledger of a send to 2000 subscribers needs at most 11 MB\n";
    assert!(roomy.contains(line), "{roomy}");
    let Some(disk) = Disk::at(folder.path().join(".franking"), "a small disk") else {
        return;
    };
    let mut all = disk_lines(&doctor(&folder));
    disk.fill();
    all += &disk_lines(&doctor(&folder));
    assert_data_eq!(
        all,
        str![[r#"
warn  disk             the ledger of a send to 2000 subscribers needs at most 11 MB, and 2 MB are free
      hint: a send stops when the ledger cannot be written, and resumes when there is space
exit 0
fail  disk             the ledger of a send to 2000 subscribers needs at least 1 MB, and 0 MB are free
      hint: free some space: without it, a send does not begin
exit 1

"#]]
        .raw()
    );
    // The verdict is what a send finds.
    relay::write_issue(&folder, "a", "");
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 74);
    disk.make_room();
    assert_ne!(folder.run(&["send", "a", "--yes"]).code, 2);
    let status = folder.run(&["status"]).stdout;
    assert!(status.contains(" a "), "it has begun: {status}");
}

/// The line about the disk with its hint, and the exit code.
fn disk_lines(run: &Run) -> String {
    let lines = run.stdout.lines();
    let lines = lines.skip_while(|line| !line.contains(" disk ")).take(2);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    format!("{lines}exit {}\n", run.code)
}

#[test]
fn a_ledger_on_a_full_disk_is_not_a_matter_of_permissions() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let Some(disk) = Disk::at(folder.path().join(".franking"), "a full disk") else {
        return;
    };
    assert_eq!(folder.run(&["send", "a", "--yes"]).code, 0);
    disk.fill();
    let run = doctor(&folder);
    let lines = run.stdout.lines();
    let lines = lines.skip_while(|line| !line.contains(" ledger ")).take(2);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    assert_data_eq!(
        lines,
        str![[r#"
fail  ledger           the ledger `.franking/store.db` cannot be read: the disk is full
      hint: free some space, then run the same command again

"#]]
        .raw()
    );
    assert_eq!(run.code, 1);
    let status = folder.run(&["status"]);
    let advice =
        "caused by: the disk is full\nhint: free some space, then run the same command again\n";
    assert!(status.stderr.ends_with(advice), "{}", status.stderr);
    assert_eq!(status.code, 74);
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_an_error_of_the_settings() {
    let settings = format!("{}ca_file = \"none.pem\"\n", smtp(1, "starttls", 1));
    let folder = relay::newsletter(&settings);
    relay::set_subscribers(&folder, ["ann"]);
    relay::write_issue(&folder, "a", "");
    let mut all = String::new();
    for text in [
        None,
        Some("no certificate\n"),
        Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ] {
        if let Some(text) = text {
            folder.write("none.pem", text);
        }
        let checked = folder.run(&["check"]);
        let lines = checked.stderr.lines().take(2);
        all.extend(lines.map(|line| format!("{line}\n")));
        all += &format!("check: exit {}\n", checked.code);
        let sent = folder.run(&["send", "a", "--yes"]);
        let error = sent.stderr.find("error: ").expect("an error");
        all += &format!("{}send: exit {}\n", &sent.stderr[error..], sent.code);
        all += &relay_lines(&output(&doctor(&folder), 1));
    }
    assert_data_eq!(all, str![[r#"
warning[bad-ca-file]: the certificate file `none.pem` cannot be used: no such file or directory
  --> newsletter.toml:15:11
check: exit 0
error: the certificate file `none.pem` cannot be used: no such file or directory
hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
send: exit 2
warn  newsletter.toml  the certificate file `none.pem` cannot be used: no such file or directory
      hint: `franking check` shows all findings with their locations
fail  relay            the certificate file `none.pem` cannot be used: no such file or directory
      hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
1 failure, 1 warning
exit 1
warning[bad-ca-file]: the certificate file `none.pem` cannot be used: it contains no certificate
  --> newsletter.toml:15:11
check: exit 0
error: the certificate file `none.pem` cannot be used: it contains no certificate
hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
send: exit 2
warn  newsletter.toml  the certificate file `none.pem` cannot be used: it contains no certificate
      hint: `franking check` shows all findings with their locations
fail  relay            the certificate file `none.pem` cannot be used: it contains no certificate
      hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
1 failure, 1 warning
exit 1
warning[bad-ca-file]: the certificate file `none.pem` cannot be used: it contains a damaged certificate
  --> newsletter.toml:15:11
check: exit 0
error: the certificate file `none.pem` cannot be used: it contains a damaged certificate
hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
send: exit 2
warn  newsletter.toml  the certificate file `none.pem` cannot be used: it contains a damaged certificate
      hint: `franking check` shows all findings with their locations
fail  relay            the certificate file `none.pem` cannot be used: it contains a damaged certificate
      hint: correct `ca_file` in newsletter.toml: it names a PEM file with the certificate of the relay's authority
1 failure, 1 warning
exit 1

"#]].raw());
}

#[test]
fn a_certificate_file_of_the_ledger_is_reported_without_the_password() {
    for (user, place) in [
        ("letter", "newsletter.toml:11:7"),
        ("letter:canary", "newsletter.toml:1:1"),
    ] {
        let url =
            format!("postgres://{user}@127.0.0.1:1/letter?sslmode=require&sslrootcert=none.pem");
        let folder = relay::newsletter(&format!("[store]\nurl = \"{url}\"\n"));
        let run = folder.run(&["check"]);
        let finding = "warning[bad-ca-file]: the certificate file `none.pem` cannot be used: no such file or directory";
        let found = run.stderr.split(finding).nth(1).expect("the finding");
        let line = found.lines().nth(1).expect("its place");
        assert_eq!(line.trim_start_matches([' ', '-', '>']), place);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert_eq!(run.code, 2, "the ledger cannot be opened");
    }
}

#[test]
fn the_dkim_key_is_checked_before_a_send() {
    let dkim = "[dkim]\ndomain = \"press.example\"\nselector = \"one\"\nkey_file = \"dkim.pem\"\n";
    let folder = relay::newsletter(dkim);
    let line = |folder: &Folder| {
        let run = doctor(folder);
        let lines = run.stdout.lines().skip(5).take(2);
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        format!("{lines}exit {}\n", run.code)
    };
    let mut all = line(&folder);
    let made = folder.run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    all += &line(&folder);
    // A missing record is reported although its finding is allowed.
    let silent = format!("{dkim}[check.allow]\nno-dkim-key = \"later\"\n");
    relay::set_smtp(&folder, &silent.replace("dkim.pem", "nowhere.pem"));
    all += &line(&folder);
    relay::set_smtp(&folder, dkim);
    set_mode(&folder, "dkim.pem", 0o644);
    all += &line(&folder);
    let silent = format!("{dkim}[check.allow]\nexposed-dkim-key = \"later\"\n");
    relay::set_smtp(&folder, &silent);
    all += &line(&folder);
    assert_data_eq!(
        all,
        str![[r#"
fail  dkim             the DKIM key `dkim.pem` does not exist
      hint: `send` refuses without it: restore it from a backup, or copy it from a machine that sends; `franking dkim keygen` generates a new one
exit 1
ok    dkim             signed for press.example, selector one
ok    relay            none; messages become files in `.franking/outbox`
exit 0
fail  dkim             there is no key to sign with
ok    relay            none; messages become files in `.franking/outbox`
exit 1
fail  dkim             other users can read the key `dkim.pem` (mode 0644)
      hint: `send` refuses it until `chmod 600` is run on it: anyone with the key can sign messages in your name
exit 1
fail  dkim             other users can read the key (mode 0644)
ok    relay            none; messages become files in `.franking/outbox`
exit 1

"#]]
        .raw()
    );
}

#[test]
fn an_error_in_newsletter_toml_skips_the_checks_that_depend_on_it() {
    let folder = relay::newsletter("[smtp]\nhost = \"relay.example\"\ntls = \"maybe\"\n");
    let run = doctor(&folder);
    assert_data_eq!(
        output(&run, 0),
        str![[r#"
fail  newsletter.toml  invalid value `maybe` for `tls`; the ledger, the DKIM key, the relay and the DNS were not checked
      hint: `franking check` shows all findings with their locations
ok    state            `.franking` will be created at the first send
1 failure
exit 1

"#]]
        .raw()
    );
}

#[test]
fn the_json_output_has_the_same_checks() {
    let folder = relay::newsletter(&smtp(1, "none", 1));
    let run = folder.run(&["doctor", "--no-dns", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert_eq!(report["ok"], false);
    let checks = report["checks"].as_array().expect("a list");
    let last = checks.last().expect("a relay");
    assert_eq!(
        (&last["name"], &last["verdict"]),
        (&"relay".into(), &"fail".into())
    );
    assert!(last["hint"].is_string(), "{last}");
    // The keys that docs/json.md lists.
    let keys: Vec<&String> = last.as_object().expect("a check").keys().collect();
    assert_eq!(keys, ["hint", "message", "name", "verdict"]);
    assert!(checks[0].get("hint").is_none(), "{}", checks[0]);
}
