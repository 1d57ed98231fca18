//! A contact as JSON, as the report of an import shows it.

use serde_json::{Value, json};

use super::contact::{Consent, Contact, Standing};

/// A contact who may be mailed, now or after a confirmation.
pub fn subscriber(contact: &Contact) -> Value {
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
    with_consent(value, &contact.consent)
}

/// The same of a subscriber as the store has it.
pub fn stored_subscriber(data: &str, consent: &Consent) -> Value {
    let mut value: Value = serde_json::from_str(data).unwrap_or_default();
    if let Some(value) = value.as_object_mut() {
        let address = value.remove("address");
        value.insert("email".to_owned(), address.unwrap_or_default());
        value.entry("status").or_insert_with(|| json!("active"));
    }
    with_consent(value, consent)
}

fn with_consent(mut value: Value, consent: &Consent) -> Value {
    if !consent.is_empty() {
        value["consent"] = json!(consent);
    }
    value
}
