//! Values of a subscriber from a command line.

use std::collections::BTreeMap;

use crate::diag::{Finding, nearest};
use crate::subscriber::{Attribute, Subscriber};
use crate::workspace::{Failure, FailureKind};

/// Values to set and to remove.
#[derive(Debug, Clone, Default)]
pub struct ValueChanges {
    /// The full name.
    pub name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
    /// Tags to add.
    pub tags: Vec<String>,
    /// Tags to remove.
    pub no_tags: Vec<String>,
    /// Attributes to set.
    pub attributes: BTreeMap<String, Attribute>,
    /// Values to remove: `name`, `first_name`, `last_name`, `language`, or the name of an attribute.
    pub unset: Vec<String>,
}

impl ValueChanges {
    /// The subscriber with the changes, examined.
    pub(super) fn apply(&self, mut subscriber: Subscriber) -> Result<Subscriber, Failure> {
        self.require_sound(&subscriber)?;
        for key in &self.unset {
            match key.as_str() {
                "name" => subscriber.name = None,
                "first_name" => subscriber.first_name = None,
                "last_name" => subscriber.last_name = None,
                "language" => subscriber.language = None,
                other => drop(subscriber.attributes.remove(other)),
            }
        }
        subscriber.tags.retain(|tag| !self.no_tags.contains(tag));
        let set = |value: &mut Option<String>, new: &Option<String>| {
            if new.is_some() {
                value.clone_from(new);
            }
        };
        set(&mut subscriber.name, &self.name);
        set(&mut subscriber.first_name, &self.first_name);
        set(&mut subscriber.last_name, &self.last_name);
        set(&mut subscriber.language, &self.language);
        subscriber.attributes.extend(self.attributes.clone());
        // Only new tags are examined: an import may have brought one that no rule can name.
        let new = self.tags.iter().cloned().collect();
        let kept = std::mem::replace(&mut subscriber.tags, new);
        let mut examined = subscriber.examined().map_err(unacceptable)?;
        examined.tags.extend(kept);
        Ok(examined)
    }
}

/// The values of every subscriber.
const VALUES: [&str; 4] = ["name", "first_name", "last_name", "language"];

/// Names that an attribute cannot have: placeholders and rules would find the other value.
const RESERVED: [&str; 8] = [
    "email",
    "address",
    "name",
    "first_name",
    "last_name",
    "language",
    "tags",
    "status",
];

impl ValueChanges {
    /// Refuses changes that contradict each other or change nothing that exists.
    fn require_sound(&self, subscriber: &Subscriber) -> Result<(), Failure> {
        if let Some(tag) = self.tags.iter().find(|tag| self.no_tags.contains(tag)) {
            let message = format!("the tag `{tag}` is added and removed");
            let hint = "use `--tag` or `--no-tag` for one tag";
            return Err(Failure::new(FailureKind::Usage, message).hint(hint));
        }
        let mut names = self.attributes.keys();
        if let Some(name) = names.find(|name| RESERVED.contains(&name.as_str())) {
            let message = format!("`{name}` is not an attribute");
            let hint = format!("choose another name than {}", RESERVED.join(", "));
            return Err(Failure::new(FailureKind::Usage, message).hint(hint));
        }
        let has = |key: &str| VALUES.contains(&key) || subscriber.attributes.contains_key(key);
        match self.unset.iter().find(|key| !has(key)) {
            None => Ok(()),
            Some(key) => {
                let known = subscriber.attributes.keys().map(String::as_str);
                let near = nearest(key, known.chain(VALUES));
                let failure = format!("`{}` has no attribute `{key}`", subscriber.address);
                let failure = Failure::new(FailureKind::Usage, failure);
                Err(match near {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!(
                        "`franking list show {}` prints the values",
                        subscriber.address
                    )),
                })
            }
        }
    }
}

/// Refuses a date or a time after `now`, which is in Unix seconds. A date begins in the earliest time zone.
///
/// # Errors
/// When it is in the future.
pub(super) fn require_past(option: &str, at: Option<&str>, now: i64) -> Result<(), Failure> {
    let Some(at) = at else { return Ok(()) };
    let start = |date: &str| format!("{date}T00:00:00+14:00").parse();
    let time: Option<jiff::Timestamp> = at.parse().or_else(|_| start(at)).ok();
    match time.is_some_and(|time| time.as_second() > now) {
        true => {
            let message = format!("`{option} {at}` is in the future");
            let hint = "name the day on which the person agreed";
            Err(Failure::new(FailureKind::Usage, message).hint(hint))
        }
        false => Ok(()),
    }
}

/// The failure for a value that is not accepted.
pub(super) fn unacceptable(finding: Finding) -> Failure {
    let failure = Failure::new(FailureKind::Usage, finding.message);
    match finding.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Parses `NAME=VALUE`. `true`, `false` and numbers have their types, as in `subscribers.toml`; a value in quotation marks is
/// a text.
///
/// # Errors
/// When there is no `=`.
pub fn parse_attribute(text: &str) -> Result<(String, Attribute), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected NAME=VALUE, such as `country=IT`")?;
    Ok((name.trim().to_owned(), typed(value.trim())))
}

fn typed(value: &str) -> Attribute {
    let inside = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(text) = inside {
        return Attribute::Text(text.to_owned());
    }
    // A number in an unusual spelling, such as a telephone number, is a text.
    let is_same = |number: &dyn std::fmt::Display| number.to_string() == value;
    let boolean = value.parse().ok().map(Attribute::Boolean);
    let integer = value.parse::<i64>().ok().filter(|number| is_same(number));
    let number = value
        .parse::<f64>()
        .ok()
        .filter(|number| is_same(number) && number.is_finite());
    boolean
        .or(integer.map(Attribute::Integer))
        .or(number.map(Attribute::Number))
        .unwrap_or_else(|| Attribute::Text(value.to_owned()))
}

/// Accepts a date, or a time in RFC 3339.
///
/// # Errors
/// When it is neither.
pub fn parse_moment(text: &str) -> Result<String, String> {
    let is_time = text.parse::<jiff::Timestamp>().is_ok();
    match is_time || (text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()) {
        true => Ok(text.to_owned()),
        false => Err("expected a date such as `2026-11-30`, or a time in RFC 3339".to_owned()),
    }
}
