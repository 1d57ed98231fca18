//! The JSON object of `--json`: what a command has done, and how it ended.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::workspace::Failure;

/// Begins the object with the list of recipients.
const BEGIN: &str = "{\"recipients\":[";

/// The members of the object, collected while the command runs.
#[derive(Default)]
pub(in crate::cli) struct JsonReport {
    members: Map<String, Value>,
    /// The recipients that are written already: a list may have a million.
    recipients: Option<Pages>,
}

impl JsonReport {
    /// Adds the fields of a struct or the members of an object.
    pub(super) fn add(&mut self, fields: impl Serialize) {
        if let Value::Object(members) = json!(fields) {
            self.members.extend(members);
        }
    }

    /// Writes a recipient of the list.
    pub(super) fn recipient(&mut self, recipient: &Value) {
        let between = match self.recipients {
            Some(_) => ",",
            None => BEGIN,
        };
        let pages = self.recipients.get_or_insert_default();
        pages.push(&format!("{between}{recipient}"));
    }

    /// The list is complete, though it may be empty.
    pub(super) fn end_recipients(&mut self) {
        self.recipients.get_or_insert_with(|| {
            let mut pages = Pages::default();
            pages.push(BEGIN);
            pages
        });
    }

    /// The whole object, with the exit code and the error.
    pub(super) fn value(mut self, done: &Result<Exit, Failure>) -> Value {
        let exit = done
            .as_ref()
            .map_or_else(|error| error.kind.into(), |exit| *exit);
        self.add(json!({ "exit": exit, "exit_code": exit as u8, "error": done.as_ref().err() }));
        Value::Object(self.members)
    }

    /// Prints the object.
    pub(in crate::cli) fn print(mut self, done: &Result<Exit, Failure>) {
        let recipients = self.recipients.take();
        let text = format!("{}\n", self.value(done));
        let Some(mut pages) = recipients else {
            return terminal::data(&text);
        };
        pages.push("],");
        pages.push(&text[1..]);
        pages.end();
    }
}
