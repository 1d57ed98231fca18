//! A message as two programs read it that did not write it: Python's `email` and the crate `mail-parser`.

use std::path::Path;

use mail_parser::MessageParser;

use crate::support::python;

/// What Python read, after it found no defect.
pub struct Message {
    /// The names of the fields, in their order.
    pub names: Vec<String>,
    /// Display name and address of the one sender.
    pub from: (String, String),
    /// Display name and address of the one recipient.
    pub to: (String, String),
    pub subject: String,
    /// The media types of all parts, from the outside in.
    pub types: Vec<String>,
    pub text: String,
    /// The values of every `href`.
    pub links: Vec<String>,
    /// The names of the elements in the HTML part, each once.
    pub elements: Vec<String>,
    /// The attributes that would run a program.
    pub handlers: Vec<String>,
    /// The words that the HTML part shows.
    pub words: String,
}

impl Message {
    /// Reads a message twice and compares what was read. `None` where there is no Python.
    pub fn read(test: &str, file: &Path) -> Option<Self> {
        let output = python(test, "message.py", &[file])?;
        let output: serde_json::Value =
            serde_json::from_str(&output).expect("the script prints JSON");
        let text = |key: &str| output[key].as_str().expect("a text").to_owned();
        let message = Self {
            names: list(&output["names"]),
            from: serde_json::from_value(output["from"].clone()).expect("a name and an address"),
            to: serde_json::from_value(output["to"].clone()).expect("a name and an address"),
            subject: text("subject"),
            types: list(&output["types"]),
            text: text("text"),
            links: list(&output["links"]),
            elements: list(&output["elements"]),
            handlers: list(&output["handlers"]),
            words: text("words"),
        };
        message.agrees_with_the_second_reader(file);
        Some(message)
    }

    fn agrees_with_the_second_reader(&self, file: &Path) {
        let bytes = std::fs::read(file).expect("the message's file");
        let second = MessageParser::default().parse(&bytes).expect("a message");
        assert_eq!(second.subject(), Some(self.subject.as_str()));
        assert_eq!(second.body_text(0).as_deref(), Some(self.text.as_str()));
        assert_eq!(second.headers().len(), self.names.len());
        let to = second.to().and_then(|to| to.first()).expect("a recipient");
        let (name, address) = &self.to;
        assert_eq!(to.address(), Some(address.as_str()));
        assert_eq!(to.name().unwrap_or_default(), name);
        let pictures = self.types.iter().filter(|t| t.starts_with("image/"));
        assert_eq!(second.attachment_count(), pictures.count());
    }
}

fn list(value: &serde_json::Value) -> Vec<String> {
    serde_json::from_value(value.clone()).expect("a list of texts")
}
