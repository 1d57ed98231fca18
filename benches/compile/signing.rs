//! Measures DKIM signing, and in the same run the minimum that every signer needs: one hash of the body and one
//! signature of ring.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use franking::dkim::{Signer, SigningKey};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

/// Keys for this benchmark only.
const RSA: &str = include_str!("rsa.pem");
const ED25519: &str = include_str!("ed25519.pem");

/// The approximate size of the signed header fields.
const HEAD: [u8; 1_200] = [b'h'; 1_200];

const TURNS: usize = 501;

pub fn run(message: &[u8]) {
    let body = message.windows(4).position(|four| four == b"\r\n\r\n");
    let body = &message[body.expect("a body") + 4..];
    let rsa = RsaKeyPair::from_pkcs8(&der(RSA)).expect("an RSA key");
    let random = SystemRandom::new();
    compare("RSA-2048", RSA, message, || {
        let mut signature = vec![0; rsa.public().modulus_len()];
        let hash = digest(&SHA256, body);
        let signed = rsa.sign(&RSA_PKCS1_SHA256, &random, &HEAD, &mut signature);
        signed.expect("a signature");
        (hash, signature)
    });
    let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(ED25519));
    let ed25519 = ed25519.expect("an Ed25519 key");
    compare("Ed25519", ED25519, message, || {
        let hash = digest(&SHA256, body);
        let head = digest(&SHA256, &HEAD);
        (hash, ed25519.sign(head.as_ref()).as_ref().to_vec())
    });
}

/// Alternates between signing and the bare operations, so that other load affects both.
fn compare<T>(name: &str, pem: &str, message: &[u8], bare: impl Fn() -> T) {
    let signer = Signer {
        domain: "confluence.example".to_owned(),
        selector: "letter2026".to_owned(),
        key: Arc::new(SigningKey::from_pem(pem).expect("a key")),
    };
    let sign = || signer.sign(message, jiff::Timestamp::UNIX_EPOCH);
    let expected = sign().expect("a signature");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(time(|| assert_eq!(sign().as_ref(), Ok(&expected))));
        theirs.push(time(|| std::hint::black_box(bare())));
    }
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (super::median(&ours), super::median(&theirs));
    println!(
        "sign with {name}: median {ours:.2?}, bare hash and signature {theirs:.2?}, ratio {:.2} ({TURNS} turns)",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
}

fn time<T>(turn: impl Fn() -> T) -> Duration {
    let begun = Instant::now();
    turn();
    begun.elapsed()
}

fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    BASE64_STANDARD
        .decode(lines.collect::<String>())
        .expect("base64")
}
