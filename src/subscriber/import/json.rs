//! The result of an import as JSON.

use serde_json::{Value, json};

use super::contact::{Contact, Standing};
use super::merge::{Merged, Placed};
use super::reader::Recognised;

/// The report of an import into an empty list.
pub fn report(files: &Recognised, merged: &Merged) -> Value {
    let readers: Vec<Value> = merged.subscribers().map(subscriber).collect();
    let suppressions: Vec<Value> = merged.suppressed().map(suppression).collect();
    let duplicates = merged.duplicates.iter();
    let rejections = merged.rejections.iter();
    json!({
        "format": files.formats().into_iter().collect::<Vec<_>>().join(", "),
        "read": merged.read,
        "added": readers.len(),
        "updated": 0,
        "unchanged": 0,
        "suppressed": suppressions.len(),
        "duplicate": merged.duplicates.len(),
        "rejected": merged.rejections.len(),
        "readers": readers,
        "suppressions": suppressions,
        "duplicates": duplicates.map(|row| placed(row, "email", &json!(row.value))).collect::<Vec<_>>(),
        "rejections": rejections.map(|row| placed(row, "code", &json!(row.value))).collect::<Vec<_>>(),
        "warnings": files.warnings,
    })
}

fn subscriber(contact: &Contact) -> Value {
    let status = match contact.standing {
        Standing::Active => "active",
        _ => "pending",
    };
    let mut value = json!({ "email": contact.address, "status": status });
    let texts = [
        ("name", &contact.name),
        ("first_name", &contact.first_name),
        ("last_name", &contact.last_name),
        ("language", &contact.language),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            value[key] = json!(text);
        }
    }
    if !contact.tags.is_empty() {
        value["tags"] = json!(contact.tags);
    }
    if !contact.attributes.is_empty() {
        value["attributes"] = json!(contact.attributes);
    }
    if !contact.consent.is_empty() {
        value["consent"] = json!(contact.consent);
    }
    value
}

fn suppression(contact: &Contact) -> Value {
    let mut value = match &contact.standing {
        Standing::Suppressed(suppression) => json!(suppression),
        _ => json!({}),
    };
    value["email"] = json!(contact.address);
    value
}

fn placed<T>(row: &Placed<T>, key: &str, value: &Value) -> Value {
    let mut report = json!({ "line": row.line, key: value });
    if let Some(file) = &row.file {
        report["file"] = json!(**file);
    }
    report
}
