//! serde's errors about an entry of a table, translated for editors.

use std::ops::Range;
use std::sync::Arc;

use toml::de::DeValue;

use super::{TomlValue, date_hint};
use crate::diag::{Finding, Place, Source, one_of};

/// An invalid entry: its path in the table, and the error.
pub(super) struct EntryError {
    /// From the outermost key to the invalid one.
    path: Vec<KeyStep>,
    span: Range<usize>,
    message: String,
}

#[derive(Clone)]
enum KeyStep {
    Key(String),
    Index(usize),
}

impl EntryError {
    /// The innermost entry that `error` is about; `None` if it is the whole of `value`.
    pub(super) fn locate(error: &toml::de::Error, value: &TomlValue<'_>) -> Option<Self> {
        let span = error.span()?;
        let path = path_to(value, &span);
        (!path.is_empty()).then(|| Self {
            path,
            span,
            message: error.message().to_owned(),
        })
    }

    /// The invalid date at `span`; `None` if there is none.
    pub(super) fn invalid_date(span: &Range<usize>, value: &TomlValue<'_>) -> Option<Self> {
        let path = path_to(value, span);
        let found = path.iter().try_fold(value, |at, step| match step {
            KeyStep::Key(key) => at.get_ref().get(key.as_str()),
            KeyStep::Index(index) => at.get_ref().get(*index),
        });
        let date = found?.get_ref().as_datetime()?;
        let is_nothing = date.date.is_none() && date.time.is_none();
        (!path.is_empty() && is_nothing).then(|| Self {
            path,
            span: span.clone(),
            message: String::new(),
        })
    }

    /// Removes the invalid entry from `value`; returns the beginning of its table and its key, if it has one.
    pub(super) fn remove(&self, value: &mut TomlValue<'_>) -> Option<(usize, &str)> {
        let (last, way) = self.path.split_last()?;
        let mut owner = value.span().start;
        let mut at = value.get_mut();
        for step in way {
            let next = match (at, step) {
                (DeValue::Table(table), KeyStep::Key(key)) => table
                    .get_mut(key.as_str())
                    .expect("the path was just walked"),
                (DeValue::Array(items), KeyStep::Index(index)) => &mut items.as_mut()[*index],
                _ => return None,
            };
            owner = next.span().start;
            at = next.get_mut();
        }
        match (at, last) {
            (DeValue::Table(table), KeyStep::Key(key)) => {
                table.remove(key.as_str());
                return Some((owner, key));
            }
            (DeValue::Array(items), KeyStep::Index(index)) => {
                let kept = items.clone().into_iter().enumerate();
                *items = kept
                    .filter(|(i, _)| i != index)
                    .map(|(_, item)| item)
                    .collect();
            }
            _ => {}
        }
        None
    }

    /// The finding; `what` names the table in messages, `beside` lists its keys that are typed separately.
    pub(super) fn finding(&self, what: &str, beside: &[&str], source: &Arc<Source>) -> Finding {
        let place = Place::new(source, self.span.clone());
        let finding = match self.unknown_key() {
            Some(mut known) => {
                let key = self.key();
                if self.path.len() == 1 {
                    known.extend(beside);
                }
                known.retain(|name| !REFUSED.contains(name));
                let hint = one_of(key, &known);
                Finding::error(
                    "unknown-key",
                    format!("unknown key `{key}` in {}", self.owner(what)),
                )
                .hint(hint)
            }
            None => {
                let message = format!("`{}` {}", self.key(), self.plain_words());
                let is_date = self.message.starts_with("must be a date");
                let written = &source.text()[self.span.clone()];
                let hint = is_date.then(|| date_hint(written));
                let hint = hint
                    .or_else(|| self.head(source.text()))
                    .or_else(|| self.dotted(source.text()));
                Finding::error("wrong-type", message).hint(
                    hint.or_else(|| self.list_of(written))
                        .or_else(|| self.example())
                        .or_else(|| self.respelled(written)),
                )
            }
        };
        finding.at(place)
    }

    /// A hint with an example of a table or list.
    fn example(&self) -> Option<String> {
        const TABLES: [(&str, &str); 10] = [
            ("warm_up", "warm_up = [50, 200, 1000]"),
            (
                "per_domain",
                "per_domain = { \"host.example\" = \"5/min\" }",
            ),
            ("allow", "allow = { \"http-link\" = \"…\" }"),
            ("image", "image = { src = \"…\", alt = \"…\" }"),
            ("portrait", "portrait = { src = \"…\", alt = \"…\" }"),
            ("link", "link = { url = \"…\", text = \"…\" }"),
            ("guest", "guest = { name = \"…\" }"),
            ("authors", "authors = [\"…\"]"),
            ("tags", "tags = [\"…\"]"),
            ("attributes", "attributes = { country = \"IT\" }"),
        ];
        let is_shape = ["expected a sequence", "expected a map", "expected struct"]
            .iter()
            .any(|shape| self.message.contains(shape));
        let (_, example) = TABLES
            .iter()
            .find(|(key, _)| *key == self.key() && is_shape)?;
        Some(format!("write `{example}`"))
    }

    /// A hint that writes `written`, the only item of a list, in brackets: `authors = ["Ada"]`.
    fn list_of(&self, written: &str) -> Option<String> {
        const LISTS: [&str; 2] = ["authors", "tags"];
        let key = self.key();
        let is_item = LISTS.contains(&key) && self.message.contains("expected a sequence");
        let is_short = written.len() <= 60 && written.starts_with(['"', '\'', '{']);
        let fits = is_item && is_short && !written.contains('\n');
        fits.then(|| format!("write `{key} = [{written}]`"))
    }

    /// A hint about a table header with one bracket instead of two, or two instead of one.
    fn head(&self, text: &str) -> Option<String> {
        let line = text[self.span.start..].lines().next()?.trim_end();
        let name = line.trim_matches(['[', ']']);
        let is_name = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        if name.is_empty() || !line.starts_with('[') || !line.ends_with(']') || !is_name(name) {
            return None;
        }
        if self.message.contains("map, expected a sequence") {
            return Some(format!("write `[[{name}]]`, with two brackets, above each"));
        }
        let is_list = self.message.contains("sequence, expected") || line.starts_with("[[");
        is_list.then(|| format!("write `[{name}]`, with one bracket"))
    }

    /// A hint about a key with a dot, which TOML reads as a table: `gmail.com = "5/min"`.
    fn dotted(&self, text: &str) -> Option<String> {
        let rest = text.get(self.span.end..)?;
        let is_table = self
            .message
            .contains("invalid type: map, expected a string");
        let end = rest
            .find(['=', ' ', '\n'])
            .filter(|_| is_table && rest.starts_with('.'))?;
        let key = &text[self.span.start..self.span.end + end];
        Some(format!("write a name with a dot in quotes: `\"{key}\"`"))
    }

    /// A hint with the value `written` in the expected type.
    fn respelled(&self, written: &str) -> Option<String> {
        let line = self.message.lines().next()?;
        let (_, expected) = line.rsplit_once(", expected ")?;
        let inner = written.trim_matches(['"', '\'']);
        if line.starts_with("invalid type: map") || line.starts_with("invalid type: sequence") {
            return None;
        }
        let is_short = written.len() <= 60 && !written.contains(['\n', '{', '[']);
        match expected {
            "a string" if is_short && inner == written => Some(format!("write `\"{written}\"`")),
            "a boolean" if matches!(inner, "true" | "false") => Some(format!("write `{inner}`")),
            "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => {
                whole(inner).filter(|hint| *hint != format!("write `{written}`"))
            }
            _ => None,
        }
    }

    /// The innermost key.
    fn key(&self) -> &str {
        self.keys().next_back().unwrap_or_default()
    }

    /// The table of the innermost key, as messages call it.
    fn owner(&self, what: &str) -> String {
        match self.keys().rev().nth(1) {
            Some(key) => format!("`{key}`"),
            None => what.to_owned(),
        }
    }

    fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.iter().filter_map(|step| match step {
            KeyStep::Key(key) => Some(key.as_str()),
            KeyStep::Index(_) => None,
        })
    }

    /// The keys that serde expected instead of an unknown one, which only its message contains.
    fn unknown_key(&self) -> Option<Vec<&str>> {
        let rest = self.message.strip_prefix("unknown field `")?;
        let expected = rest.split_once("`, ").map_or("", |(_, expected)| expected);
        Some(expected.split('`').skip(1).step_by(2).collect())
    }

    /// serde's message, such as `invalid type: integer `7`, expected a string`, as a sentence about the key.
    fn plain_words(&self) -> String {
        let message = self.message.lines().next().unwrap_or_default();
        let types = ["invalid type: ", "invalid value: "]
            .iter()
            .find_map(|prefix| message.strip_prefix(prefix))
            .and_then(|rest| rest.rsplit_once(", expected "));
        match types {
            Some((found, expected)) => match found.strip_suffix(" as i128") {
                Some(found) => format!("cannot hold the {found}"),
                None => {
                    let found = match found {
                        "map" => "table",
                        "sequence" => "list",
                        found => found,
                    };
                    format!("must be {}, not the {found}", as_noun(expected))
                }
            },
            // A type of this crate with its own message.
            None if message.starts_with("must be ") => message.to_owned(),
            None => format!("is invalid: {message}"),
        }
    }
}

/// A hint that writes `inner`, a number with a decimal point or in quotes, as a whole number.
fn whole(inner: &str) -> Option<String> {
    let digits: String = inner.chars().take_while(char::is_ascii_digit).collect();
    let fraction = inner.strip_prefix(digits.as_str())?;
    match fraction {
        _ if digits.is_empty() => Some("write a whole number in digits".to_owned()),
        "" => Some(format!("write `{digits}`")),
        ".000" => Some(format!("write `{digits}000`, without a point")),
        _ => Some(format!("write a whole number, such as `{digits}`")),
    }
}

/// Keys that are read only to be refused; hints do not suggest them.
const REFUSED: [&str; 6] = ["password", "pass", "passwd", "secret", "token", "api_key"];

/// The expected type in TOML's words; serde uses Rust's.
fn as_noun(expected: &str) -> &str {
    match expected {
        "u8" => "a number from 0 to 255",
        "u16" => "a number from 0 to 65535",
        "i64" => "a whole number",
        "u32" | "u64" | "usize" => "a number, 0 or more",
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        _ if expected.starts_with("struct ") => "a table",
        "a boolean" => "true or false",
        other => other,
    }
}

/// The path to the innermost entry at `span`. The span of a table with its own header, `[smtp]`, is only that header,
/// so every table is searched.
fn path_to(value: &TomlValue<'_>, span: &Range<usize>) -> Vec<KeyStep> {
    let found = |step: KeyStep, is_key: bool, entry: &TomlValue<'_>| {
        let deeper = if is_key {
            Vec::new()
        } else {
            path_to(entry, span)
        };
        let is_here = is_key || !deeper.is_empty() || covers(&entry.span(), span);
        is_here.then(|| std::iter::once(step).chain(deeper).collect())
    };
    let path = match value.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, entry)| {
            let step = KeyStep::Key(key.get_ref().to_string());
            found(step, key.span() == *span, entry)
        }),
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| found(KeyStep::Index(index), false, item)),
        _ => None,
    };
    path.unwrap_or_default()
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
