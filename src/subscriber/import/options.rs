//! What the operator knows about a file and the file does not say.

use encoding_rs::Encoding;

use super::times;
use crate::subscriber::Status;
use crate::util::escape;

/// Facts about the files of one import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The name of the format, if it is not recognised by the columns.
    pub format: Option<String>,
    /// The columns of a CSV file of no known system, with their fields.
    pub map: Vec<(String, Field)>,
    /// The status of every row of a file that has no status.
    pub status: Option<Status>,
    /// The encoding, if it is not recognised.
    pub encoding: Option<&'static Encoding>,
    /// The operator knows that the file cannot show who left.
    pub without_opt_outs: bool,
    /// Where and how the people agreed, for files without evidence of consent.
    pub consent_source: Option<String>,
    /// When they agreed.
    pub consent_at: Option<String>,
}

impl ImportOptions {
    /// What `--map` names twice.
    pub(super) fn mapped_twice(&self) -> Option<String> {
        let map = &self.map;
        map.iter()
            .enumerate()
            .find_map(|(number, (column, field))| {
                let mut before = map[..number].iter();
                before.find_map(|(other, same)| {
                    if other.eq_ignore_ascii_case(column) {
                        Some(format!(
                            "the column `{}` is mapped twice",
                            escape::terminal(column)
                        ))
                    } else if same == field && *field != Field::Tags {
                        let columns = format!(
                            "`{}` and `{}`",
                            escape::terminal(other),
                            escape::terminal(column)
                        );
                        Some(format!(
                            "the columns {columns} are mapped to the same field"
                        ))
                    } else {
                        None
                    }
                })
            })
    }

    /// Whether the operator has said that the file cannot show who left.
    pub(super) fn knows_of_missing_opt_outs(&self) -> bool {
        self.knows_who_left() || self.consent_source.is_some()
    }

    /// Whether the operator has said of each row that the person has left or has not.
    pub(super) fn knows_who_left(&self) -> bool {
        self.without_opt_outs || self.status.is_some()
    }
}

/// The meaning of a column in `--map COLUMN=FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The address.
    Email,
    /// The full name.
    Name,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The language.
    Language,
    /// Tags, separated by commas or semicolons.
    Tags,
    /// The status, in the words of `subscribers.toml`.
    Status,
    /// When the person agreed.
    ConsentAt,
    /// The IP address from which the person agreed.
    ConsentIp,
    /// An attribute with this name.
    Attribute(String),
}

impl Field {
    /// The names of the fields, as help and errors show them.
    pub const NAMES: [&'static str; 10] = [
        "email",
        "name",
        "first_name",
        "last_name",
        "language",
        "tags",
        "status",
        "consent.at",
        "consent.ip",
        "attr.NAME",
    ];
}

impl std::str::FromStr for Field {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "email" => Self::Email,
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "language" => Self::Language,
            "tags" => Self::Tags,
            "status" => Self::Status,
            "consent.at" => Self::ConsentAt,
            "consent.ip" => Self::ConsentIp,
            other => match other.strip_prefix("attr.") {
                Some(name) if is_reserved(name) => {
                    return Err(format!("`{name}` is not an attribute; choose another name"));
                }
                Some(name) if !name.is_empty() => Self::Attribute(name.to_owned()),
                _ => {
                    return Err(format!(
                        "unknown field `{other}` (expected one of {})",
                        Self::NAMES.join(", ")
                    ));
                }
            },
        })
    }
}

/// Whether an attribute cannot have this name: placeholders and rules would find the other value.
fn is_reserved(name: &str) -> bool {
    let own = ["email", "address", "status"];
    own.contains(&name) || Field::NAMES.contains(&name)
}

/// Parses `--map COLUMN=FIELD`. A column may contain an equals sign.
///
/// # Errors
/// When there is no equals sign, or the field is unknown.
pub fn parse_map(text: &str) -> Result<(String, Field), String> {
    let (column, field) = text.rsplit_once('=').ok_or("expected COLUMN=FIELD")?;
    Ok((column.trim().to_owned(), field.trim().parse()?))
}

/// Parses the name of an encoding, such as `windows-1252`.
///
/// # Errors
/// When no encoding has this name in the Encoding Standard of the WHATWG.
pub fn parse_encoding(text: &str) -> Result<&'static Encoding, String> {
    let unknown = "unknown encoding (expected a name such as utf-8, windows-1252 or utf-16le)";
    Encoding::for_label(text.as_bytes()).ok_or_else(|| unknown.to_owned())
}

/// Parses a status.
///
/// # Errors
/// When it is not one of those of `subscribers.toml`.
pub fn parse_status(text: &str) -> Result<Status, String> {
    let status = Status::ALL
        .into_iter()
        .find(|status| status.as_str() == text);
    status.ok_or_else(|| {
        format!(
            "expected one of {}",
            Status::ALL.map(Status::as_str).join(", ")
        )
    })
}

/// Parses `--consent-at`: a date, or a time in UTC or with an offset. A time is converted to UTC.
///
/// # Errors
/// When it is neither.
pub fn parse_date(text: &str) -> Result<String, String> {
    if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        return Ok(text.to_owned());
    }
    times::iso(text).ok_or_else(|| {
        "expected a date such as 2026-05-31, or a time such as 2026-05-31T08:00:00Z".to_owned()
    })
}
