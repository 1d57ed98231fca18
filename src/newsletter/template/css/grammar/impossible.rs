//! A value that a property cannot have, with a hint.

use crate::diag::did_you_mean;

/// An error in a value, with a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    /// The error.
    pub message: String,
    remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Remedy {
    Unknown,
    Words(String),
    /// The name of the lists that is nearest to the given one. The search is slow, so it runs only when a finding
    /// is made.
    Nearest(String, Vec<&'static [&'static str]>),
}

impl Impossible {
    /// What to write instead.
    pub fn hint(&self) -> Option<String> {
        match &self.remedy {
            Remedy::Unknown => None,
            Remedy::Words(words) => Some(words.clone()),
            Remedy::Nearest(given, known) => {
                did_you_mean(given, known.iter().copied().flatten().copied())
            }
        }
    }
}

/// A remedy in words.
pub(in super::super) fn write(words: &str) -> Remedy {
    Remedy::Words(words.to_owned())
}

/// A remedy that suggests the nearest of `known`.
pub(in super::super) fn one_of_these(given: &str, known: Vec<&'static [&'static str]>) -> Remedy {
    Remedy::Nearest(given.to_owned(), known)
}

pub(in super::super) fn error(message: String, remedy: Remedy) -> Impossible {
    Impossible { message, remedy }
}
