//! A subscriber as a JSON object, a row of CSV, or a line for people.

use serde_json::{Map, Value, json};

use crate::store::ListedSubscriber;
use crate::subscriber::Subscriber;
use crate::util::escape;

/// The columns of the CSV export. `tags` and `attributes` are JSON, so that they are read back as they were.
pub(super) const COLUMNS: [&str; 9] = [
    "email",
    "status",
    "reason",
    "name",
    "first_name",
    "last_name",
    "language",
    "tags",
    "attributes",
];

/// The JSON object of `list find`, `list show` and `list export`. Every key is there; what a subscriber does not have is
/// `null` or empty.
pub fn record_json(one: &ListedSubscriber) -> Value {
    let subscriber = &one.subscriber;
    json!({
        "email": subscriber.address,
        "status": subscriber.status,
        "reason": one.suppression,
        "name": subscriber.name,
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "language": subscriber.language,
        "tags": subscriber.tags,
        "attributes": subscriber.attributes,
    })
}

/// The JSON object of a suppressed mailbox that is not on the list.
pub(super) fn suppressed_json(subscriber: &Subscriber, reason: &str) -> Value {
    record_json(&ListedSubscriber {
        subscriber: subscriber.clone(),
        suppression: Some(reason.to_owned()),
    })
}

/// The row of [`COLUMNS`] of such an object.
pub(super) fn csv_row(record: &Value) -> String {
    let empty = Map::new();
    let record = record.as_object().unwrap_or(&empty);
    let fields = COLUMNS.map(|column| match record.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => quoted(text),
        Some(Value::Array(list)) if list.is_empty() => String::new(),
        Some(Value::Object(members)) if members.is_empty() => String::new(),
        Some(value) => quoted(&value.to_string()),
    });
    format!("{}\r\n", fields.join(","))
}

/// A field of CSV (RFC 4180).
fn quoted(text: &str) -> String {
    let is_plain = !text.contains([',', ';', '"', '\n', '\r', '\t']) && text.trim() == text;
    match is_plain {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('"', "\"\"")),
    }
}

/// `active        ada@rivers.example (Ada Reed)  fr  [members press]`
pub fn record_line(one: &ListedSubscriber) -> String {
    let subscriber = &one.subscriber;
    let name = subscriber.full_name().map(|name| format!(" ({name})"));
    let language = subscriber.language.as_ref().map(|tag| format!("  {tag}"));
    let tags: Vec<&str> = subscriber.tags.iter().map(String::as_str).collect();
    let tags = (!tags.is_empty()).then(|| format!("  [{}]", tags.join(" ")));
    let line = format!(
        "{:<13} {}{}{}{}",
        subscriber.status.as_str(),
        subscriber.address,
        name.unwrap_or_default(),
        language.unwrap_or_default(),
        tags.unwrap_or_default()
    );
    format!("{}\n", escape::terminal(&line))
}
