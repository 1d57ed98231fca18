//! One message spoilt in every way that a signature has to notice.

use std::collections::BTreeMap;

use super::{fields, tag};

/// Fields of which a second one has to break a signature.
const GUARDED: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Reply-To",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// One byte changed in every field that is signed, in every tag of the signature and at many places of the body;
/// each signed field taken away; a second one of each guarded field. By a name for what was done.
pub fn spoilt(message: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = std::str::from_utf8(message).expect("letters are ASCII");
    let heads = fields_changed(text).into_iter();
    let heads = heads.chain(fields_added(text)).chain(tags_changed(text));
    let heads = heads.map(|(name, text)| (name, text.into_bytes()));
    heads.chain(body_changed(message)).collect()
}

/// A message without From is not looked at by OpenDKIM at all.
fn fields_changed(text: &str) -> Vec<(String, String)> {
    let fields = fields(text.as_bytes());
    let names = tag(&fields[0].1, "h");
    let is_signed = |name: &str| names.split(':').any(|signed| signed == name);
    let mut spoilt = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| is_signed(name)) {
        let line = format!("\r\n{name}:{value}\r\n");
        let with = |other: &str| text.replacen(&line, other, 1);
        let changed = format!("\r\n{name}:{}\r\n", other_letter(value));
        spoilt.push((format!("changed-{name}"), with(&changed)));
        if name != "From" {
            spoilt.push((format!("without-{name}"), with("\r\n")));
        }
    }
    spoilt
}

fn fields_added(text: &str) -> Vec<(String, String)> {
    let again = |name: &str| {
        let field = format!("\r\n{name}: x@press.example\r\nDate:");
        let spoilt = text.replacen("\r\nDate:", &field, 1);
        (format!("second-{name}"), spoilt)
    };
    GUARDED.map(again).to_vec()
}

fn tags_changed(text: &str) -> Vec<(String, String)> {
    let changed = |name: &str| {
        let parts = text.split_once(&format!(" {name}="));
        let (before, value) = parts.expect("a tag of the signature");
        let other = if value.starts_with('1') { "2" } else { "1" };
        let spoilt = format!("{before} {name}={other}{}", &value[1..]);
        (format!("tag-{name}"), spoilt)
    };
    ["d", "s", "t", "bh", "b"].map(changed).to_vec()
}

fn body_changed(message: &[u8]) -> Vec<(String, Vec<u8>)> {
    let head = message.windows(4).position(|four| four == b"\r\n\r\n");
    let body = head.expect("a body") + 4;
    let letters = (body..message.len()).filter(|at| message[*at].is_ascii_alphanumeric());
    let changed = |at: usize| {
        let mut spoilt = message.to_vec();
        spoilt[at] ^= 1;
        (format!("body-{at}"), spoilt)
    };
    letters.step_by(97).map(changed).collect()
}

/// The value with another letter or digit for its last one.
fn other_letter(value: &str) -> String {
    let at = value.rfind(|c: char| c.is_ascii_alphanumeric());
    let mut bytes = value.as_bytes().to_vec();
    bytes[at.expect("a letter")] ^= 1;
    String::from_utf8(bytes).expect("ASCII")
}
