//! Laws of the SMTP client, tried with whatever a server could say and a message could be.

use franking::outcome::Outcome;
use franking::smtp::{
    DialogueStep, Envelope, Extensions, InvalidReply, ReplyReader, Response, Transaction, stuffed,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes as servers send them, and some that they do not.
fn said() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "[2-5][0-9]{2}[ -][ -~]{0,20}\r\n".prop_map(String::into_bytes),
        "[2-5][0-9]{2}\r\n".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..30),
    ];
    vec(line, 0..12).prop_map(|lines| lines.concat())
}

/// What is read of `bytes`, arriving in pieces of the given sizes.
fn read(bytes: &[u8], sizes: &[usize]) -> (Vec<Response>, Option<InvalidReply>) {
    let mut reader = ReplyReader::default();
    let mut replies = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes
            .next()
            .map_or(rest.len(), |size| (*size).min(rest.len()));
        reader.feed(&rest[..size]);
        rest = &rest[size..];
        loop {
            match reader.take() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(invalid) => return (replies, Some(invalid)),
            }
        }
    }
    (replies, None)
}

fn reply(code: u16) -> Response {
    Response {
        code,
        words: vec!["words".to_owned()],
    }
}

/// What a server does with the message, told to the machine reply by reply; the codes that answered MAIL,
/// RCPT, DATA and the message, in their order, and the outcome.
fn talk(pipelining: bool, is_chunked: bool, codes: &[u16]) -> (Vec<u16>, Option<Outcome>) {
    let envelope = Envelope {
        sender: "a@x.example".to_owned(),
        recipient: "b@y.example".to_owned(),
        size: 7,
        id: "a".to_owned(),
    };
    let extensions = Extensions {
        pipelining,
        dsn: true,
        ..Extensions::default()
    };
    let mut transaction = match is_chunked {
        true => Transaction::chunked(&envelope, &extensions).0,
        false => Transaction::begin(&envelope, &extensions, false).0,
    };
    if is_chunked {
        transaction.sent();
    }
    let mut heard = Vec::new();
    for code in codes {
        heard.push(*code);
        match transaction.reply(&reply(*code)) {
            DialogueStep::Read | DialogueStep::Write(_) => {}
            DialogueStep::Ready => transaction.sent(),
            DialogueStep::Over(outcome) => return (heard, Some(outcome)),
        }
    }
    (heard, None)
}

proptest! {
    #[test]
    fn a_reply_is_the_same_however_it_arrives(
        bytes in said(),
        sizes in vec(1_usize..40, 1..6),
    ) {
        prop_assert_eq!(read(&bytes, &sizes), read(&bytes, &[usize::MAX]));
    }

    #[test]
    fn a_message_is_accepted_only_if_every_stage_was(
        pipelining in any::<bool>(),
        is_chunked in any::<bool>(),
        codes in vec(prop_oneof![3 => Just(250_u16), 2 => Just(354), 1 => 200_u16..600], 1..9),
    ) {
        let (heard, outcome) = talk(pipelining, is_chunked, &codes);
        if matches!(outcome, Some(Outcome::Accepted(_))) {
            let stages: Vec<u16> = heard.iter().map(|code| code / 100).collect();
            let expected: &[u16] = if is_chunked { &[2, 2, 2, 2] } else { &[2, 2, 3, 2] };
            // What answers RSET decides nothing.
            prop_assert_eq!(&stages[usize::from(is_chunked)..], &expected[usize::from(is_chunked)..]);
        }
    }

    #[test]
    fn dot_stuffing_is_reversible_and_ends_once(
        pieces in vec(vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..12), 0..6),
    ) {
        let wire = stuffed(pieces.iter().map(Vec::as_slice)).concat();
        let text = wire.strip_suffix(b".\r\n").expect("an end");
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        for line in &lines {
            let content = line.strip_suffix(b"\r\n");
            prop_assert!(content.is_some_and(|content| !content.contains(&b'\r') && content != b"."));
        }
        let unstuffed = lines.iter().map(|line| line.strip_prefix(b".").unwrap_or(line));
        prop_assert_eq!(unstuffed.collect::<Vec<_>>().concat(), whole_lines(&pieces.concat()));
    }
}

/// The same with every line end written out.
fn whole_lines(message: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for (at, byte) in message.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| message[at]);
        match byte {
            b'\r' => out.extend(b"\r\n"),
            b'\n' if before == Some(b'\r') => {}
            b'\n' => out.extend(b"\r\n"),
            other => out.push(*other),
        }
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend(b"\r\n");
    }
    out
}
