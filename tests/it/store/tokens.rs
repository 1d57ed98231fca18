//! Unsubscribe tokens: every token that was mailed is found in the store for ever, and nothing else is.

use std::collections::BTreeMap;

use franking::newsletter::config::Password;
use franking::simulator::sink::{AcceptAll, Answer, Script};
use franking::store::{Store, TokenMailbox};
use franking::subscriber::{SuppressionKey, TokenKeys};
use franking::util::key::Key;
use mail_parser::MessageParser;

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, python};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T09:00:00Z";

/// Where the ledger of a test is.
enum Ledger {
    File,
    Server(Database),
}

impl Ledger {
    fn all(test: &str) -> Vec<Self> {
        let server = Database::create(test).map(Self::Server);
        std::iter::once(Self::File).chain(server).collect()
    }

    fn newsletter(&self, relay: &Relay) -> Folder {
        let store = match self {
            Self::File => String::new(),
            Self::Server(database) => relay::store_at(&database.url()),
        };
        let folder = relay::newsletter(&format!("{}{store}", smtp(relay.port, "none", 1)));
        relay::set_subscribers(&folder, ["ann", "ben", "cat"]);
        for issue in ["a", "b", "c"] {
            relay::write_issue(&folder, issue, "");
        }
        folder
    }

    fn open(&self, folder: &Folder) -> Store {
        match self {
            Self::File => Store::open(&folder.path().join(".franking/store.db")),
            Self::Server(database) => {
                Store::connect(&Password::from(database.url()), folder.path())
            }
        }
        .expect("a store")
    }

    fn execute(&self, folder: &Folder, sql: &str) {
        match self {
            Self::File => {
                let file = rusqlite::Connection::open(folder.path().join(".franking/store.db"));
                file.expect("the ledger").execute_batch(sql).expect(sql);
            }
            Self::Server(database) => drop(database.query(sql)),
        }
    }
}

fn send(folder: &Folder, issue: &str) {
    let run = folder.run_at(NOW, &["send", issue, "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// The tokens of the messages that the relay got, by issue and local part.
fn mailed(relay: &Relay) -> BTreeMap<(String, String), String> {
    let received = relay.received();
    let tokens = received.iter().map(|message| {
        let (name, _) = message.recipients[0].split_once('@').expect("an address");
        let text = String::from_utf8_lossy(&message.bytes);
        let (_, token) = text.split_once("https://press.example/").expect("a link");
        let (_, token) = token.split_once('/').expect("a path");
        let (token, _) = token.split_once('>').expect("the end of the link");
        let parsed = MessageParser::default().parse(&message.bytes[..]);
        let parsed = parsed.expect("a message");
        let issue = &parsed.subject().expect("a subject")[..1];
        ((issue.to_owned(), name.to_owned()), token.to_owned())
    });
    tokens.collect()
}

fn address(name: &str) -> TokenMailbox {
    TokenMailbox::Address(format!("{name}@reader.example"))
}

fn found(store: &Store, token: &str) -> Option<TokenMailbox> {
    store.mailbox_of_token(token).expect("the store is read")
}

#[test]
fn a_subscriber_has_one_token_in_all_issues_until_the_key_is_rotated() {
    for ledger in Ledger::all("one token in all issues") {
        let relay = Relay::start(AcceptAll);
        let folder = ledger.newsletter(&relay);
        send(&folder, "a");
        send(&folder, "b");
        let rotated = folder.run(&["keys", "rotate"]);
        assert_eq!(rotated.code, 0, "{}", rotated.stderr);
        assert!(
            rotated.stderr.contains("`.franking/key-1`"),
            "{}",
            rotated.stderr
        );
        send(&folder, "c");
        let tokens = mailed(&relay);
        assert_eq!(tokens.len(), 9);
        let token = |issue: &str, name: &str| &tokens[&(issue.to_owned(), name.to_owned())];
        let store = ledger.open(&folder);
        for name in ["ann", "ben", "cat"] {
            assert_eq!(token("a", name), token("b", name));
            assert!(token("a", name).starts_with('0') && token("a", name).len() == 23);
            assert!(token("c", name).starts_with('1'), "{}", token("c", name));
            for issue in ["a", "c"] {
                assert_eq!(found(&store, token(issue, name)), Some(address(name)));
                let subject = format!("Re: leave {}\r\n", token(issue, name).to_lowercase());
                assert_eq!(found(&store, &subject), Some(address(name)));
            }
        }
        assert_ne!(token("a", "ann"), token("a", "ben"));
    }
}

/// Another list with the same store and key: its tokens are others, and those of both work.
#[test]
fn lists_have_different_tokens_for_one_mailbox() {
    for ledger in Ledger::all("tokens of two lists") {
        let relay = Relay::start(AcceptAll);
        let folder = ledger.newsletter(&relay);
        send(&folder, "a");
        let settings = folder.read("newsletter.toml");
        let settings = settings.replace("small.press.example", "large.press.example");
        folder.write("newsletter.toml", &settings);
        send(&folder, "b");
        let store = ledger.open(&folder);
        let tokens = mailed(&relay);
        let of_ann = |issue: &str| &tokens[&(issue.to_owned(), "ann".to_owned())];
        assert_ne!(of_ann("a"), of_ann("b"));
        for issue in ["a", "b"] {
            assert_eq!(found(&store, of_ann(issue)), Some(address("ann")));
        }
    }
}

#[test]
fn a_token_with_another_character_is_not_found() {
    let ledger = Ledger::File;
    let relay = Relay::start(AcceptAll);
    let folder = ledger.newsletter(&relay);
    send(&folder, "a");
    let store = ledger.open(&folder);
    let mut tried = 0;
    for token in mailed(&relay).values() {
        for at in 0..token.len() {
            let others = (b' '..=b'~').map(char::from);
            let others = others.filter(|c| !token[at..=at].eq_ignore_ascii_case(&c.to_string()));
            for other in others {
                let mut changed = token.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert_eq!(found(&store, &changed), None, "{token} as {changed}");
                tried += 1;
            }
        }
        assert_eq!(found(&store, &token[..22]), None, "truncated");
    }
    assert!(tried > 3 * 23 * 90, "{tried}");
}

/// Defers `ben` once.
struct Later;

impl Script for Later {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match address.starts_with("ben@") && attempt == 1 {
            true => Answer::Reply(451, "4.7.1 come back later".to_owned()),
            false => Answer::Accept,
        }
    }
}

#[test]
fn a_campaign_keeps_its_key_and_stops_where_the_key_is_missing() {
    for ledger in Ledger::all("a campaign keeps its key") {
        let relay = Relay::start(Later);
        let folder = ledger.newsletter(&relay);
        assert_eq!(
            folder.run(&["keys", "rotate"]).code,
            2,
            "there is no key yet"
        );
        let first = folder.run_at(NOW, &["send", "a", "--yes"]);
        assert_eq!(first.code, 75, "{}", first.stderr);
        assert_eq!(folder.run(&["keys", "rotate"]).code, 0);
        let path = folder.path().join(".franking/key-1");
        let key = std::fs::read(&path).expect("the new key");
        std::fs::remove_file(&path).expect("the new key");

        let missing = folder.run_at(LATER, &["send", "a", "--yes"]);
        assert_eq!(missing.code, 65, "{}", missing.stderr);
        assert!(
            missing.stderr.contains("`.franking/key-1`"),
            "{}",
            missing.stderr
        );
        assert!(
            missing.stderr.contains("franking keys rotate"),
            "{}",
            missing.stderr
        );

        std::fs::write(&path, key).expect("the key is restored");
        let retried = folder.run_at(LATER, &["send", "a", "--yes"]);
        assert_eq!(retried.code, 0, "{}", retried.stderr);
        let tokens = mailed(&relay);
        let of_ben = &tokens[&("a".to_owned(), "ben".to_owned())];
        assert!(
            of_ben.starts_with('0'),
            "the campaign began with key 0: {of_ben}"
        );
        send(&folder, "b");
        assert!(mailed(&relay)[&("b".to_owned(), "ben".to_owned())].starts_with('1'));

        std::fs::remove_file(&path).expect("the new key");
        let lost = folder.run_at(LATER, &["send", "c", "--yes", "--new-key"]);
        assert_eq!(lost.code, 0, "{}", lost.stderr);
        let store = ledger.open(&folder);
        for ((_, name), token) in mailed(&relay) {
            assert_eq!(found(&store, &token), Some(address(&name)), "{token}");
        }
    }
}

#[test]
fn mailboxes_are_hashed_as_soon_as_there_is_a_suppression_key() {
    for ledger in Ledger::all("hashed mailboxes of tokens") {
        let relay = Relay::start(AcceptAll);
        let folder = ledger.newsletter(&relay);
        send(&folder, "a");
        let key = SuppressionKey::at(&folder.path().join(".franking/suppression-key"));
        let key = key.expect("a key");
        let hash = |name: &str| TokenMailbox::Hash(key.hash(&format!("{name}@reader.example")));
        let mut store = ledger.open(&folder);
        store
            .use_suppression_key(key.clone())
            .expect("the hashes are stored");
        for ((_, name), token) in mailed(&relay) {
            assert_eq!(found(&store, &token), Some(hash(&name)));
        }
        drop(store);
        assert_eq!(folder.run(&["keys", "rotate"]).code, 0);
        send(&folder, "b");
        let mut store = ledger.open(&folder);
        let moved = tempfile::tempdir().expect("a temporary folder");
        let mut target = Store::open(&moved.path().join("store.db")).expect("a store");
        store.move_to(&mut target).expect("a move");
        for ((_, name), token) in mailed(&relay) {
            assert_eq!(found(&target, &token), Some(hash(&name)));
        }
    }
}

/// What an earlier version leaves: hexadecimal tokens that are in no table.
const EARLIER: &str =
    "delete from token; update send_edition set token_key = null; update send set tokens_added = 0";

/// The token of an earlier version.
fn earlier_token(folder: &Folder, address: &str) -> String {
    let key = Key::existing(&folder.path().join(".franking/key")).expect("a key");
    let keys = TokenKeys::first(key.expect("the key of the test"));
    let key = keys.get(None).expect("the first key");
    key.token("small.press.example", address).to_string()
}

#[test]
fn links_of_earlier_versions_are_found_and_their_campaigns_keep_them() {
    for ledger in Ledger::all("links of earlier versions") {
        let relay = Relay::start(Later);
        let folder = ledger.newsletter(&relay);
        assert_eq!(folder.run_at(NOW, &["send", "a", "--yes"]).code, 75);
        ledger.execute(&folder, EARLIER);
        let resumed = folder.run_at(LATER, &["send", "a", "--yes"]);
        assert_eq!(resumed.code, 0, "{}", resumed.stderr);
        let store = ledger.open(&folder);
        for name in ["ann", "ben", "cat"] {
            let token = earlier_token(&folder, &format!("{name}@reader.example"));
            assert_eq!(found(&store, &token), Some(address(name)));
            assert_eq!(found(&store, &token.to_uppercase()), Some(address(name)));
        }
        let last = relay.received().pop().expect("the message to ben");
        let text = String::from_utf8(last.bytes).expect("ASCII");
        let token = earlier_token(&folder, "ben@reader.example");
        let field = format!(
            "\r\nList-Unsubscribe: <https://press.example/leave/{token}>,\r\n \
             <mailto:leave@press.example?subject=leave%20{token}>\r\n"
        );
        assert!(text.contains(&field), "{text}");
    }
}

/// The sender is killed after the first step, and the next run continues.
#[test]
fn tokens_of_earlier_versions_are_complete_after_a_kill() {
    const DELIVERIES: usize = 60_000;
    let relay = Relay::start(AcceptAll);
    let folder = Ledger::File.newsletter(&relay);
    send(&folder, "a");
    Ledger::File.execute(&folder, EARLIER);
    Ledger::File.execute(
        &folder,
        &format!(
            "with recursive more (number) as (select 4 union all select number + 1 from more where number < {DELIVERIES})
             insert into delivery (send, number, address, address_key, reader, state, edition, attempts)
             select 1, number, 'r' || number || '@reader.example', 'r' || number || '@reader.example', '{{}}',
             'accepted', 1, 1 from more;
             update send set candidates = {DELIVERIES}"
        ),
    );
    let path = folder.path().join(".franking/store.db");
    let file = rusqlite::Connection::open(&path).expect("the ledger");
    file.busy_timeout(std::time::Duration::from_secs(60))
        .expect("a time limit");
    let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
    let mut command = folder.command(&["send", "b", "--yes"]);
    let mut sender = command
        .env("FRANKING_NOW", NOW)
        .spawn()
        .expect("the program starts");
    while number("select tokens_added from send where id = 1").expect("the campaign") == Some(0) {
        assert!(
            sender.try_wait().expect("the program").is_none(),
            "it ended early"
        );
        std::thread::yield_now();
    }
    sender.kill().expect("the program is running");
    sender.wait().expect("the program has ended");
    let added = number("select tokens_added from send where id = 1").expect("the campaign");
    let added = added.expect("not all tokens");
    assert!(0 < added && added < DELIVERIES as i64, "{added}");
    assert_eq!(
        number("select count(*) from token").expect("a number"),
        Some(added)
    );

    send(&folder, "b");
    assert_eq!(
        number("select tokens_added from send where id = 1").expect("a number"),
        None
    );
    let store = Ledger::File.open(&folder);
    for name in (4..=DELIVERIES).map(|number| format!("r{number}")) {
        let token = earlier_token(&folder, &format!("{name}@reader.example"));
        assert_eq!(found(&store, &token), Some(address(&name)));
    }
}

#[test]
fn no_header_line_is_longer_than_78_octets() {
    let relay = Relay::start(AcceptAll);
    let folder = Ledger::File.newsletter(&relay);
    let settings = folder.read("newsletter.toml");
    let settings = settings
        .replace(
            "https://press.example",
            "https://newsletter.confluence-institute.example",
        )
        .replace("leave@press.example", "leave@confluence-institute.example");
    folder.write("newsletter.toml", &settings);
    send(&folder, "a");
    let message = relay.received().pop().expect("a message");
    let file = folder.path().join("message.eml");
    std::fs::write(&file, &message.bytes).expect("a file of the test");
    let Some(read) = python("header lines", "header_lines.py", &[&file]) else {
        return;
    };
    let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
    for none in ["long", "trailing", "defects"] {
        assert_eq!(read[none], serde_json::json!([]), "{none}");
    }
    let page = read["uris"][0].as_str().expect("a URI");
    let token = page.strip_prefix("https://newsletter.confluence-institute.example/u/");
    let token = token.expect("the page of the token");
    let mailto = format!("mailto:leave@confluence-institute.example?subject={token}");
    assert_eq!(read["uris"], serde_json::json!([page, mailto]));
    let store = Ledger::File.open(&folder);
    let name = message.recipients[0].split('@').next().expect("an address");
    assert_eq!(found(&store, token), Some(address(name)));
}
