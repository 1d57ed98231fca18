//! The raw message is what the send puts on the wire.

use franking::simulator::sink::AcceptAll;
use mail_parser::MessageParser;

use super::Preview;
use crate::support::Folder;
use crate::support::relay::{Relay, smtp};

/// The octets of a hexadecimal code and of an unsubscribe token.
const CODE: usize = 32;
const TOKEN: usize = 23;

/// Where codes stand in the preview's message: each begins with `specimen` and may be broken by the soft line
/// break of quoted-printable.
fn codes(bytes: &[u8]) -> Vec<Vec<usize>> {
    let at = |start| {
        let code = code_at(bytes, start, CODE, u8::is_ascii_hexdigit);
        code.or_else(|| code_at(bytes, start, TOKEN, is_token))
    };
    (0..bytes.len()).filter_map(at).collect()
}

fn code_at(bytes: &[u8], start: usize, length: usize, fits: fn(&u8) -> bool) -> Option<Vec<usize>> {
    let mut at = start;
    let mut places = Vec::new();
    for expected in b"specimen".iter().map(Some).chain(vec![None; length - 8]) {
        if bytes[at..].starts_with(b"=\r\n") {
            at += 3;
        }
        let fits = |byte: &u8| expected.map_or_else(|| fits(byte), |expected| byte == expected);
        bytes.get(at).filter(|byte| fits(byte))?;
        places.push(at);
        at += 1;
    }
    (places[0] == start).then_some(places)
}

/// Whether an unsubscribe token may have this octet.
fn is_token(octet: &u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-_".contains(octet)
}

#[test]
fn the_raw_message_is_what_a_send_puts_on_the_wire() {
    let relay = Relay::start(AcceptAll);
    let folder = Folder::with_samples();
    let publication = folder.read("newsletter.toml") + &smtp(relay.port, "none", 2);
    folder.write("newsletter.toml", &publication);
    let preview = Preview::open(&folder);
    // The moment that the issue names.
    let sent = folder.run_at("2026-11-30T08:00:00Z", &["send", "2026-11", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let letters = relay.received();
    assert_eq!(letters.len(), 20);
    for letter in letters {
        let reader = &letter.recipients[0];
        let query: String = url::form_urlencoded::byte_serialize(reader.as_bytes()).collect();
        let answer = preview.get(&format!("/raw/2026-11?recipient={query}"));
        assert_eq!(answer.field("content-type"), "message/rfc822");
        assert_eq!(
            answer.field("content-disposition"),
            "attachment; filename=\"2026-11.eml\""
        );
        let mut shown = answer.body;
        let mut wire = letter.bytes.clone();
        let codes = codes(&shown);
        assert!(codes.len() > 8, "{reader}: {codes:?}");
        for at in codes.into_iter().flatten() {
            assert!(is_token(&wire[at]), "{reader} at {at}");
            (shown[at], wire[at]) = (b'x', b'x');
        }
        let differs = shown.iter().zip(&wire).position(|(a, b)| a != b);
        assert_eq!((differs, shown.len()), (None, wire.len()), "{reader}");
    }
}

/// No link in the preview can unsubscribe a subscriber, with each recipient.
#[test]
fn every_unsubscribe_link_is_a_specimen() {
    let folder = Folder::with_samples();
    // A key of its own, as of a newsletter that has sent before.
    let sent = folder.run_at("2026-11-20T08:00:00Z", &["send", "2026-10", "--yes"]);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    let preview = Preview::open(&folder);
    for reader in [
        "",
        "tomas.havel%40povodi.example",
        "odd:abroad",
        "nobody%40strand.example",
    ] {
        let raw = preview
            .get(&format!("/raw/2026-11?recipient={reader}"))
            .body;
        let message = MessageParser::default().parse(&raw).expect("a message");
        let text = message.body_text(0).expect("a text").into_owned();
        let html = message.body_html(0).expect("a page").into_owned();
        let head = String::from_utf8_lossy(
            &raw[..raw.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0)],
        )
        .into_owned();
        let frame = preview
            .get(&format!("/mail/2026-11?recipient={reader}"))
            .text();
        for (part, words) in [
            ("head", head),
            ("text", text),
            ("html", html),
            ("frame", frame),
        ] {
            let mut ways = 0;
            for (_, code) in words
                .match_indices("/u/")
                .map(|(at, way)| words.split_at(at + way.len()))
            {
                assert!(
                    code.starts_with("specimen"),
                    "{part} for {reader}: {}",
                    &code[..40]
                );
                ways += 1;
            }
            assert!(ways > 0, "no way to leave in {part} for {reader}");
        }
    }
}
