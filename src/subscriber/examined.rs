//! The values of one subscriber, examined before they enter the store.

use super::null_values::{self, NameProblem};
use super::{Attribute, Subscriber, tag_problem};
use crate::diag::Finding;
use crate::language::{Language, no_language};
use crate::util::{characters, escape};

impl Subscriber {
    /// Examines the values before they enter the store: names and texts on one line, usable names, tags that a rule can
    /// name, a known language. Returns the subscriber with its language in the usual case, and with the parts of its name.
    ///
    /// # Errors
    /// The first value that is not accepted.
    pub fn examined(mut self) -> Result<Self, Finding> {
        name("name", self.name.as_deref(), false)?;
        name("first_name", self.first_name.as_deref(), false)?;
        name("last_name", self.last_name.as_deref(), true)?;
        if let Some(tag) = &self.language {
            let language = Language::parse(tag).ok_or_else(|| no_language(tag))?;
            self.language = Some(language.tag().to_owned());
        }
        match self.tags.iter().find_map(|tag| tag_problem(tag)) {
            Some(problem) => return Err(problem),
            None => self
                .attributes
                .iter()
                .try_for_each(|(name, value)| attribute(name, value))?,
        }
        Ok(self.with_parts_of_name())
    }
}

fn name(key: &str, value: Option<&str>, is_family_name: bool) -> Result<(), Finding> {
    let Some(value) = value else { return Ok(()) };
    let shown = escape::terminal(value);
    if escape::line(value) != value {
        let message = format!("a control or invisible character in `{key}`: `{shown}`");
        return Err(
            Finding::warning("control-character", message).hint("write the name on one line")
        );
    }
    let is_damaged = value.contains(char::REPLACEMENT_CHARACTER);
    let problem = null_values::name_problem(value, is_family_name);
    let why = match problem.or(is_damaged.then_some(NameProblem::NotAName)) {
        None => return Ok(()),
        Some(NameProblem::NotAName) => "is not a name",
        Some(NameProblem::Link) => "contains a link",
        Some(NameProblem::Long) => "is longer than 600 characters",
    };
    let message = format!("`{key}` {why}: `{shown}`");
    Err(Finding::error("bad-value", message).hint(
        "leave the name out if it is unknown: messages then use the default of the placeholder",
    ))
}

fn attribute(name: &str, value: &Attribute) -> Result<(), Finding> {
    let shown = escape::terminal(name);
    if name.trim().is_empty() || characters::unwanted(name).next().is_some() {
        let message = format!("invalid attribute name `{shown}`");
        return Err(Finding::error("bad-value", message)
            .hint("write the name with letters, digits and `_`"));
    }
    let is_text = matches!(value, Attribute::Text(text) if text.chars().any(char::is_control));
    if is_text {
        let message = format!("a control character in the attribute `{shown}`");
        return Err(
            Finding::warning("control-character", message).hint("write the value on one line")
        );
    }
    Ok(())
}
