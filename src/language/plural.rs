//! Plural forms, as the Unicode CLDR has them for whole numbers in the languages of the program.

/// The plural form of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluralForm {
    /// One.
    One,
    /// Two, in Arabic and Hebrew.
    Two,
    /// Few, in Arabic.
    Few,
    /// Many, in Arabic.
    Many,
    /// Every other number.
    Other,
}

impl PluralForm {
    /// The form of `number`, which is not 0, in the language with this primary subtag.
    pub fn of(number: u32, language: &str) -> Self {
        match (language, number) {
            (_, 1) => Self::One,
            ("ar" | "he", 2) => Self::Two,
            ("ar", _) => match number % 100 {
                3..=10 => Self::Few,
                11..=99 => Self::Many,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }

    /// The suffix of a text in this form.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}
