//! A value that a property cannot have, with its remedy.

use crate::diag::nearest;

/// What is wrong with a value, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    /// What is wrong.
    pub message: String,
    remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Remedy {
    Unknown,
    Words(String),
    /// The nearest of these names. It is looked for when the finding is made: that takes longer than all else.
    Nearest(String, Vec<&'static [&'static str]>),
}

impl Impossible {
    /// What to write.
    pub fn hint(&self) -> Option<String> {
        match &self.remedy {
            Remedy::Unknown => None,
            Remedy::Words(words) => Some(words.clone()),
            Remedy::Nearest(given, known) => {
                let near = nearest(given, known.iter().copied().flatten().copied());
                near.map(|near| format!("did you mean `{near}`?"))
            }
        }
    }
}

/// The remedy in words.
pub(in super::super) fn write(words: &str) -> Remedy {
    Remedy::Words(words.to_owned())
}

/// The remedy is the nearest of these names.
pub(in super::super) fn one_of_these(given: &str, known: Vec<&'static [&'static str]>) -> Remedy {
    Remedy::Nearest(given.to_owned(), known)
}

pub(in super::super) fn fault(message: String, remedy: Remedy) -> Impossible {
    Impossible { message, remedy }
}
