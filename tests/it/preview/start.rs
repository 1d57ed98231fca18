//! How it begins: the address is said when it is there, and a port that is taken is not.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Stdio;

use franking::simulator::sink::AcceptAll;

use super::{Answer, Preview};
use crate::support::Folder;
use crate::support::relay::{self, Relay};

#[test]
fn the_next_port_is_used_and_printed_if_one_is_in_use() {
    let folder = Folder::with("plain");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port();
    // At the end of the numbers there is no next one.
    let Some(next) = port.checked_add(1) else {
        return;
    };
    let mut child = folder
        .command(&["preview", "one", "--no-open", "--port", &port.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let first = |pipe: &mut dyn std::io::Read| {
        let mut line = String::new();
        let read = BufReader::new(pipe).read_line(&mut line);
        read.map(|_| line).expect("a line")
    };
    let said = first(child.stderr.as_mut().expect("a pipe"));
    let url = first(child.stdout.as_mut().expect("a pipe"));
    child.kill().expect("a child");
    child.wait().expect("a child");
    let got = url.trim_start_matches("http://127.0.0.1:");
    let got: u16 = got
        .split('/')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    assert!(got >= next, "{url}");
    assert_eq!(said, format!("port {port} is in use; using {got}\n"));
    assert!(url.trim_end().ends_with("/issue/one"), "{url}");
}

#[test]
fn an_unknown_issue_is_an_error_before_the_server_starts() {
    let run = Folder::with("plain").run(&["preview", "two", "--no-open", "--port", "0"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("there is no issue `two`"),
        "{}",
        run.stderr
    );
}

#[test]
fn all_issues_are_listed_with_their_states() {
    let folder = Folder::with_samples();
    let relay = Relay::start(AcceptAll);
    relay::add_smtp(&folder, &relay);
    let sent = folder.run_at("2026-11-20T08:00:00Z", &["send", "2026-10", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let draft = "subject = \"A draft\"\ndate = 2026-12-01\n\n[[section]]\nkind = \"text\"\nbody = \"Words.\"\n";
    // By name it would be the first.
    folder.write("issues/winter.toml", draft);
    folder.write("issues/2027-01.toml", "subject = ");
    // Emacs keeps a lock beside the file that it changes: a link that leads nowhere.
    std::os::unix::fs::symlink("ed@preview.42", folder.path().join("issues/.#winter.toml"))
        .expect("a link");
    let page: Answer = Preview::open(&folder).get("/");
    let issues: Vec<String> = page.words("main li");
    let sum = page.words("main li p").pop().expect("the oldest");
    assert_eq!(
        issues,
        [
            "2027-01 This file has errors; open it to see them. draft".to_owned(),
            "winter A draft draft".to_owned(),
            "2026-11 Who owns a flood? An interview, and three calls that close this winter scheduled for \
             Mon 30 Nov 2026, 09:00 CET"
                .to_owned(),
            issues[3].clone(),
        ]
    );
    assert!(
        sum.starts_with("sent : ") && sum.contains(" accepted"),
        "{sum}"
    );
}
