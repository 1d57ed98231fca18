//! Attributes: the names of columns, and values in JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::contact::Contact;
use super::python;
use super::rejection::RejectionCode;
use crate::subscriber::Attribute;

/// A column's name as an attribute's: small letters and digits, and `_` for everything between them.
pub(super) fn name_of(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    for c in column.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.ends_with('_') {
        name.pop();
    }
    name
}

/// Adds the members of a JSON object to the contact; a list of strings called `tags` is tags.
pub(super) fn add_json(contact: &mut Contact, text: &str) {
    add_object(contact, serde_json::from_str(text).ok());
}

/// The same for a Python dictionary as `str()` prints it, or JSON.
pub(super) fn add_dictionary(contact: &mut Contact, text: &str) {
    let value = serde_json::from_str(text)
        .ok()
        .or_else(|| python::literal(text));
    add_object(contact, value);
}

fn add_object(contact: &mut Contact, value: Option<Value>) {
    let members = contact.noted(match value {
        Some(Value::Object(members)) => Ok(members),
        Some(Value::Null) => Ok(Map::new()),
        _ => Err(RejectionCode::BadAttributes),
    });
    for (key, value) in members {
        match value {
            Value::Array(list) if key == "tags" && list.iter().all(Value::is_string) => {
                list.iter()
                    .filter_map(Value::as_str)
                    .for_each(|tag| contact.tag(tag));
            }
            value => add(&mut contact.attributes, &key, value),
        }
    }
}

fn add(attributes: &mut BTreeMap<String, Attribute>, key: &str, value: Value) {
    let attribute = match value {
        Value::Null => return,
        Value::Bool(value) => Attribute::Boolean(value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Attribute::Integer(integer),
            (None, Some(number)) => Attribute::Number(number),
            (None, None) => Attribute::Text(number.to_string()),
        },
        Value::String(text) if text.trim().is_empty() => return,
        Value::String(text) => Attribute::Text(text),
        // Lists and objects, as compact JSON.
        compound => Attribute::Text(compound.to_string()),
    };
    attributes.insert(name_of(key), attribute);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_an_attribute_in_small_letters_and_digits() {
        for (column, name) in [
            ("Region of work", "region_of_work"),
            ("  E-Mail (2) ", "e_mail_2"),
            ("ÖPNV-Abo?", "öpnv_abo"),
            ("???", ""),
        ] {
            assert_eq!(name_of(column), name, "{column}");
        }
    }
}
