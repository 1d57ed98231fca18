//! `franking doctor` and the DNS: a real server, NSD, that holds the whole tree for the length of a test.
//!
//! Its root zone is the test's, so that every name is there or certainly not.

use std::net::{TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use franking::simulator::sink::AcceptAll;
use snapbox::{IntoData, assert_data_eq, str};

use crate::interop::postfix::free_port;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{self, Folder};

/// A relay that is never contacted, because the connection would be in plaintext; its address is looked up all the
/// same.
const RELAY: &str = "[smtp]\nhost = \"relay.press.example\"\ntls = \"none\"\n";

const DKIM: &str =
    "[dkim]\ndomain = \"press.example\"\nselector = \"one\"\nkey_file = \"dkim.pem\"\n";

/// Everything as it should be, but for the key's record.
const GOOD: &str = r#"
press.example.            MX   10 mx2.press.example.
press.example.            MX   5 mx1.press.example.
press.example.            TXT  "v=spf1 mx include:_spf.relay.example -all"
press.example.            TXT  "some-verification=1"
_spf.relay.example.       TXT  "v=spf1 ip4:192.0.2.0/28" " ip6:2001:db8::/64 ?all"
_dmarc.press.example.     TXT  "v=DMARC1; p=reject; rua=mailto:dmarc@press.example"
mx1.press.example.        A    198.51.100.1
mx2.press.example.        A    198.51.100.2
relay.press.example.      A    192.0.2.5
5.2.0.192.in-addr.arpa.   PTR  relay.press.example.
"#;

#[test]
fn complete_dns_records_pass() {
    let Some(dns) = Dns::start("a good DNS", "") else {
        return;
    };
    let folder = relay::newsletter(&format!("{RELAY}{DKIM}"));
    let made = folder.run(&["dkim", "keygen"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    // What `keygen` prints goes into the zone as it is, in two strings.
    let record = made.stdout.lines().next().expect("a record").to_owned();
    let dns = dns.with(&format!("{GOOD}{record}\n"));
    assert_data_eq!(
        dns.output(&folder),
        str![[r#"
fail  relay            `tls = "none"` would send everything in the clear to relay.press.example
      hint: set `tls = "starttls"` or `"implicit"`; `--allow-plaintext` overrides this check
ok    from             mail to press.example goes to mx1.press.example, mx2.press.example
ok    spf              press.example authorizes the relay's address 192.0.2.5
ok    dkim record      one._domainkey.press.example has the public key
ok    dmarc            press.example has the policy `reject`
ok    ptr              192.0.2.5 is relay.press.example, and back
1 failure, 1 warning
exit 1

"#]]
        .raw()
    );
}

#[test]
fn missing_dns_records_are_named() {
    let Some(dns) = Dns::start("an empty DNS", "") else {
        return;
    };
    let folder = relay::newsletter(&format!("{RELAY}{DKIM}"));
    folder.run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    assert_data_eq!(dns.output(&folder), str![[r#"
fail  relay            `tls = "none"` would send everything in the clear to relay.press.example
      hint: set `tls = "starttls"` or `"implicit"`; `--allow-plaintext` overrides this check
warn  from             press.example has neither an MX nor an address record
      hint: replies bounce, and receiving hosts refuse a sender whose domain does not exist
warn  spf              press.example has no record
      hint: receiving hosts expect a list of authorized senders; ask the relay's operator for the term (`include:…`)
warn  dkim record      no record at one._domainkey.press.example
      hint: `franking dkim record` prints the record to publish
warn  dmarc            no record at _dmarc.press.example
      hint: Gmail and Yahoo require a record from bulk senders; begin with `v=DMARC1; p=none; rua=mailto:…`
warn  ptr              the relay's host name has no address
1 failure, 6 warnings
exit 1

"#]].raw());
}

#[test]
fn records_that_are_empty_or_contradictory_are_reported() {
    let Some(dns) = Dns::start("a bad DNS", "") else {
        return;
    };
    let folder = relay::newsletter(&format!("{RELAY}{DKIM}"));
    let made = folder.run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    let record = made.stdout.lines().next().expect("a record").to_owned();
    let other = Folder::empty();
    std::fs::copy(
        folder.path().join("newsletter.toml"),
        other.path().join("newsletter.toml"),
    )
    .expect("a copy");
    let other = other.run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    let other = other.stdout.lines().next().expect("a record").to_owned();
    let spf = |text: &str| format!("press.example. TXT \"{text}\"\n");
    let dmarc = |text: &str| format!("_dmarc.press.example. TXT \"{text}\"\n");
    let key = |text: &str| format!("one._domainkey.press.example. TXT \"{text}\"\n");
    let relay = "relay.press.example. A 192.0.2.5\n";
    let at = "5.2.0.192.in-addr.arpa. PTR ";
    let include = |from: usize, to: usize| -> String {
        let at = |n| {
            format!(
                "press{n}.example. TXT \"v=spf1 include:press{}.example -all\"\n",
                n + 1
            )
        };
        (from..to).map(at).collect()
    };
    let cases: Vec<(&str, String)> = vec![
        ("from", "press.example. MX 0 .\n".to_owned()),
        ("from", "press.example. A 192.0.2.1\n".to_owned()),
        ("spf", spf("v=spf1 -all") + &spf("v=spf1 a -all")),
        ("spf", spf("v=spf1 ip4:192.0.2.300 -all")),
        ("spf", spf("v=spf1 include:nowhere.example -all")),
        (
            "spf",
            spf("v=spf1 include:press1.example -all") + &include(1, 12),
        ),
        ("spf", spf("v=spf1 include:press.example -all")),
        ("spf", spf("v=spf1 +all")),
        ("spf", spf("v=spf1 a mx ip4:192.0.2.6 ~all") + relay),
        ("spf", spf("v=spf1 exists:%{i}.press.example -all") + relay),
        ("spf", spf("v=spf1 -ip4:192.0.2.5 ~all") + relay),
        (
            "spf",
            spf("v=spf1 redirect=_spf.press.example")
                + relay
                + "_spf.press.example. TXT \"v=spf1 a:relay.press.example/24 -all\"\n",
        ),
        ("spf", spf("v=spf1 a:relay.press.example") + relay),
        (
            "spf",
            spf("v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/24 ~all") + relay,
        ),
        ("spf", spf("v=spf1 ?all ip4:192.0.2.5") + relay),
        (
            "spf",
            spf("v=spf1 a:one.press.example a:two.press.example a:three.press.example -all")
                + relay,
        ),
        ("spf", spf("v=spf1 exists:relay.press.example -all") + relay),
        (
            "spf",
            spf("v=spf1 ptr -all") + relay + at + "relay.press.example.\n",
        ),
        (
            "spf",
            spf("v=spf1 -exists:%{i}.press.example +ip4:192.0.2.5 -all") + relay,
        ),
        (
            "spf",
            spf("v=spf1 include:_spf.press.example ~all")
                + relay
                + "_spf.press.example. TXT \"v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/24 -all\"\n",
        ),
        ("dkim", other),
        ("dkim", record.clone() + "\n" + &key("v=DKIM1; p=")),
        ("dkim", key("v=DKIM1; p=")),
        ("dkim", key("v=DKIM1; p=AAAA")),
        ("dkim", key("v=DKIM1; k=ed25519; p=AAAA")),
        ("dkim", key("v=DKIM1; k=ed25519; h=sha1; p=AAAA")),
        ("dkim", key("what is this")),
        ("dkim", record.replace("v=DKIM1;", "v=DKIM1; t=y;")),
        ("dmarc", dmarc("v=DMARC1; p=none")),
        (
            "dmarc",
            dmarc("v=DMARC1; p=none") + &dmarc("v=DMARC1; p=reject"),
        ),
        ("dmarc", dmarc("v=DMARC1; rua=mailto:a@b.example")),
        ("dmarc", dmarc("v=DMARC1; p=quarantine; adkim=s")),
        ("ptr", relay.to_owned() + at + "other.example.\n"),
        (
            "ptr",
            relay.to_owned() + at + "other.example.\n" + at + "relay.press.example.\n",
        ),
    ];
    let mut all = String::new();
    let mut dns = dns;
    for (name, zone) in cases {
        dns = dns.with(&zone);
        let output = dns.output(&folder);
        let mut lines = output
            .lines()
            .skip_while(|line| !line[6..].starts_with(name));
        all += &format!("{}\n", lines.next().unwrap_or_else(|| panic!("{output}")));
        let hint = lines.next().filter(|line| line.starts_with("      hint: "));
        all += &hint.map(|hint| format!("{hint}\n")).unwrap_or_default();
    }
    assert_data_eq!(all, str![[r#"
warn  from             press.example accepts no mail (null MX, RFC 7505)
      hint: replies bounce, and receiving hosts refuse such a sender
ok    from             mail to press.example goes to its address, because it has no MX
warn  spf              press.example has several records, and receiving hosts ignore all of them
      hint: merge them into one record with all terms, beginning with `v=spf1`
warn  spf              `ip4:192.0.2.300` in the record of press.example is not a valid term
      hint: receiving hosts reject the whole record for it
warn  spf              nowhere.example has no record
      hint: receiving hosts expect a list of authorized senders; ask the relay's operator for the term (`include:…`)
warn  spf              the record needs more than 10 lookups, which is an error
      hint: remove an `include:` that is no longer used
warn  spf              the record needs more than 10 lookups, which is an error
      hint: remove an `include:` that is no longer used
warn  spf              press.example authorizes every host to send (`+all`)
      hint: end it with `-all` or `~all`
warn  spf              press.example does not authorize the relay's address 192.0.2.5 (result: softfail)
      hint: a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)
ok    spf              one record at press.example; whether it authorizes 192.0.2.5 depends on a macro, and is only known when a message is sent
warn  spf              press.example does not authorize the relay's address 192.0.2.5 (result: fail)
      hint: a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)
ok    spf              press.example authorizes the relay's address 192.0.2.5
ok    spf              press.example authorizes the relay's address 192.0.2.5
      hint: it does not exclude other senders; end it with `-all` or `~all`
warn  spf              press.example does not authorize the relay's address 192.0.2.5 (result: fail)
      hint: a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)
warn  spf              press.example does not authorize the relay's address 192.0.2.5 (result: neutral)
      hint: a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)
warn  spf              more than 2 lookups of the record find nothing, which is an error
      hint: remove terms whose names no longer exist
ok    spf              press.example authorizes the relay's address 192.0.2.5
ok    spf              press.example authorizes the relay's address 192.0.2.5
ok    spf              one record at press.example; whether it authorizes 192.0.2.5 depends on a macro, and is only known when a message is sent
warn  spf              press.example does not authorize the relay's address 192.0.2.5 (result: softfail)
      hint: a relay may send from other addresses than it listens on; ask its operator for the term (`include:…`)
warn  dkim record      the record at one._domainkey.press.example is for another key, so that no signature can be verified
      hint: `franking dkim record` prints the record to publish
warn  dkim record      several records at one._domainkey.press.example
      hint: receiving hosts choose one of them at random; use one selector for each key
warn  dkim record      the record at one._domainkey.press.example revokes the key
      hint: `franking dkim record` prints the record to publish
warn  dkim record      the record at one._domainkey.press.example is for a key of type `rsa`, and the key has type `ed25519`
      hint: `franking dkim record` prints the record to publish
warn  dkim record      the record at one._domainkey.press.example is for another key, so that no signature can be verified
      hint: `franking dkim record` prints the record to publish
warn  dkim record      the record at one._domainkey.press.example does not allow SHA-256
      hint: `franking dkim record` prints the record to publish
warn  dkim record      the record at one._domainkey.press.example cannot be read
      hint: `franking dkim record` prints the record to publish
warn  dkim record      the record at one._domainkey.press.example is marked as a test (`t=y`)
      hint: `franking dkim record` prints the record to publish
ok    dmarc            press.example has the policy `none`
      hint: receiving hosts only report; `quarantine` or `reject` protects the domain from forgery
warn  dmarc            several records at _dmarc.press.example
      hint: receiving hosts ignore all of them
warn  dmarc            the record at _dmarc.press.example has no policy (`p=`)
      hint: receiving hosts treat it as no record
ok    dmarc            press.example has the policy `quarantine`
warn  ptr              192.0.2.5 has the name other.example, which does not resolve to 192.0.2.5
      hint: receiving hosts refuse senders without a name; this matters if the relay sends from the address on which it listens
ok    ptr              192.0.2.5 is relay.press.example, and back

"#]].raw());
}

#[test]
fn a_subdomain_inherits_the_dmarc_policy_of_its_organisational_domain() {
    let zone = "_dmarc.press.example. TXT \"v=DMARC1; p=reject; sp=none; adkim=s\"\n";
    let Some(dns) = Dns::start("a policy above", zone) else {
        return;
    };
    let folder = relay::newsletter(&format!("{RELAY}{DKIM}"));
    let publication = folder.read("newsletter.toml");
    let publication = publication.replace("letter@press.example", "letter@news.press.example");
    folder.write("newsletter.toml", &publication);
    folder.run(&["dkim", "keygen", "--algorithm", "ed25519"]);
    let output = dns.output(&folder);
    let dmarc: Vec<&str> = output
        .lines()
        .skip_while(|line| !line.contains("dmarc"))
        .take(2)
        .collect();
    assert_data_eq!(
        dmarc.join("\n"),
        str![[r#"
warn  dmarc            press.example requires signatures by news.press.example itself (`adkim=s`), and messages are signed by press.example
      hint: sign for the domain of From, or remove `adkim=s`
"#]]
    );
}

#[test]
fn spf_is_not_evaluated_with_the_loopback_address_of_a_relay() {
    let Some(dns) = Dns::start("a relay on this machine", GOOD) else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let output = relay::masked(&dns.output(&folder), relay.port);
    assert_data_eq!(output, str![[r#"
ok    relay            127.0.0.1:PORT is reachable
ok    tls              none; the relay is on this machine
ok    login            not configured
ok    extensions       PIPELINING, SIZE 67108864, ENHANCEDSTATUSCODES, 8BITMIME, CHUNKING, DSN, SMTPUTF8
ok    from             mail to press.example goes to mx1.press.example, mx2.press.example
ok    spf              one record at press.example; the relay is on this machine, and its public address is unknown
skip  dkim record      not checked: only the relay may sign, and its selector is unknown
ok    dmarc            press.example has the policy `reject`
skip  ptr              not checked: the relay is on this machine, and its public address is unknown
no problems found
exit 0

"#]].raw());
}

/// A zone that the server has and cannot read.
#[test]
fn a_dns_server_failure_is_not_an_error_of_the_newsletter() {
    let Some(dns) = Dns::start("a DNS that fails", GOOD) else {
        return;
    };
    let folder = relay::newsletter(RELAY);
    let publication = folder.read("newsletter.toml");
    let publication = publication.replace("letter@press.example", "letter@broken.example");
    folder.write("newsletter.toml", &publication);
    assert_data_eq!(
        dns.output(&folder),
        str![[r#"
fail  relay            `tls = "none"` would send everything in the clear to relay.press.example
      hint: set `tls = "starttls"` or `"implicit"`; `--allow-plaintext` overrides this check
fail  from             not checked: the DNS server returned Server Failure
      hint: `--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks
fail  spf              not checked: the DNS server returned Server Failure
      hint: `--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks
skip  dkim record      not checked: only the relay may sign, and its selector is unknown
fail  dmarc            not checked: the DNS server returned Server Failure
      hint: `--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks
ok    ptr              192.0.2.5 is relay.press.example, and back
4 failures, 1 warning
exit 1

"#]]
        .raw()
    );
}

/// A server of a network of its own, such as a company's: that it has no such name says nothing.
#[test]
fn answers_of_a_resolver_without_the_public_dns_are_ignored() {
    const TEST: &str = "a DNS of its own";
    let others = CONFIGURATION.replace("\".\"", "\"other.example\"");
    let without_root = HEAD.lines().next().expect("its SOA");
    let folder = relay::newsletter(RELAY);
    let mut all = String::new();
    for (configuration, zone) in [(others.as_str(), ""), (CONFIGURATION, without_root)] {
        let Some(dns) = Dns::start_with(TEST, configuration, zone) else {
            return;
        };
        all += &dns.output(&folder);
    }
    assert_data_eq!(
        all,
        str![[r#"
fail  relay            `tls = "none"` would send everything in the clear to relay.press.example
      hint: set `tls = "starttls"` or `"implicit"`; `--allow-plaintext` overrides this check
fail  dns              not checked: the DNS server returned Query Refused
      hint: `--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks
2 failures, 1 warning
exit 1
fail  relay            `tls = "none"` would send everything in the clear to relay.press.example
      hint: set `tls = "starttls"` or `"implicit"`; `--allow-plaintext` overrides this check
fail  dns              not checked: the DNS server does not resolve public names
      hint: `--dns ADDRESS` asks another server, and `--no-dns` skips the DNS checks
2 failures, 1 warning
exit 1

"#]]
        .raw()
    );
}

/// Port 1 has no listener; another server may never reply.
#[test]
fn without_dns_the_result_is_unknown_and_doctor_fails() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port on loopback");
    let silent = silent.local_addr().expect("its address").to_string();
    for server in ["127.0.0.1:1", &silent] {
        let run = folder.run(&["doctor", "--dns", server]);
        let output: String = run
            .stdout
            .lines()
            .filter(|line| line.contains("  dns  "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_data_eq!(
            output,
            str![[r#"
fail  dns              not checked: no DNS server answers (request timed out)

"#]]
            .raw()
        );
        assert_eq!((run.code, run.stderr.as_str()), (1, "1 failure\n"));
    }
    let run = folder.run(&["doctor", "--no-dns"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(!run.stdout.contains("skip"), "{}", run.stdout);
}

/// An NSD that ends with its test.
struct Dns {
    root: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Dns {
    /// `None` where there is no NSD; in CI that is a fault.
    fn start(test: &str, zone: &str) -> Option<Self> {
        Self::start_with(test, CONFIGURATION, &format!("{HEAD}{zone}"))
    }

    fn start_with(test: &str, configuration: &str, zone: &str) -> Option<Self> {
        support::has("nsd", test).then(|| Self::run(configuration, zone))
    }

    /// One with another zone instead of this one.
    fn with(self, zone: &str) -> Self {
        drop(self);
        Self::run(CONFIGURATION, &format!("{HEAD}{zone}"))
    }

    fn run(configuration: &str, zone: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let at = root.path().display().to_string();
        let configuration = configuration.replace("ROOT", &at);
        let configuration = configuration.replace("PORT", &port.to_string());
        std::fs::write(root.path().join("nsd.conf"), configuration).expect("a file of the test");
        std::fs::write(root.path().join("zone"), format!("{zone}\n")).expect("a file of the test");
        let server = Command::new("/usr/sbin/nsd")
            .arg("-d")
            .arg("-c")
            .arg(root.path().join("nsd.conf"))
            .stderr(Stdio::null())
            .spawn()
            .expect("NSD starts");
        let dns = Self { root, port, server };
        dns.wait_until_it_listens();
        dns
    }

    /// NSD does not report that it is ready. The limit applies to one that is broken.
    fn wait_until_it_listens(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The lines of `doctor` from the relay on.
    fn output(&self, folder: &Folder) -> String {
        let server = format!("127.0.0.1:{}", self.port);
        let run = folder.run_at("2026-11-30T08:00:00Z", &["doctor", "--dns", &server]);
        let lines = run
            .stdout
            .lines()
            .skip_while(|line| !line[6..].starts_with("relay "));
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        format!("{lines}{}exit {}\n", run.stderr, run.code)
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        // It has children of its own, which only it can end.
        let _ = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        let _ = self.server.wait();
    }
}

const CONFIGURATION: &str = r#"
server:
  ip-address: 127.0.0.1
  port: PORT
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "ROOT"
  database: ""
  logfile: "ROOT/log"
  pidfile: "ROOT/pid"
  xfrdfile: "ROOT/xfrd"
  xfrdir: "ROOT"
  zonelistfile: "ROOT/zones"
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "zone"
zone:
  name: "broken.example"
  zonefile: "nowhere"
"#;

const HEAD: &str =
    ". 60 SOA ns.example. root.example. 1 60 60 60 60\n. 60 NS ns.example.\n$TTL 60\n";
