//! Why a file is refused that may hide who left.

use super::error::ImportError;
use super::formats::{FORMATS, Layout};
use super::options::{Field, ImportOptions};
use super::table::Header;
use super::unrecognised::nearly;
use crate::util::escape;

/// Parts of the names of columns that show who left, in small letters without blanks and signs.
const SIGNS: [&str; 17] = [
    "unsub",
    "status",
    "optout",
    "optedout",
    "bounce",
    "cleantime",
    "complain",
    "blacklist",
    "blocklist",
    "blocked",
    "suppress",
    "deleted",
    "disabled",
    "abuse",
    "spam",
    "donot",
    "nomail",
];

/// Refuses a file of `--map` in which a column may show who left, if no column is mapped to `status`.
pub(super) fn check_mapped(
    file: &str,
    header: &Header,
    options: &ImportOptions,
) -> Result<(), ImportError> {
    let has_status = options.map.iter().any(|(_, field)| *field == Field::Status);
    if options.map.is_empty() || has_status || options.knows_who_left() {
        return Ok(());
    }
    if let Some(format) = fitting(header) {
        return Err(known_format(file, format));
    }
    let suspect = header
        .names
        .iter()
        .find(|name| !is_mapped(options, name) && shows_who_left(name));
    if let Some(column) = suspect {
        return Err(hidden_in(file, column));
    }
    match FORMATS.iter().find_map(|format| nearly(format, header)) {
        Some((format, _)) => Err(nearly_known(file, format)),
        None => Ok(()),
    }
}

fn is_mapped(options: &ImportOptions, column: &str) -> bool {
    let mut map = options.map.iter();
    map.any(|(mapped, _)| mapped.to_lowercase() == column.to_lowercase())
}

fn shows_who_left(column: &str) -> bool {
    let letters = column.chars().filter(|letter| letter.is_alphanumeric());
    let squeezed = letters.collect::<String>().to_lowercase();
    SIGNS.iter().any(|sign| squeezed.contains(sign))
}

/// The format that the columns fit.
fn fitting(header: &Header) -> Option<&'static str> {
    let mut formats = FORMATS.into_iter();
    let fitting = formats.find(|format| match &format.layout {
        Layout::Table(table) => table.fits(header),
        Layout::Text(_) => false,
    });
    fitting.map(|format| format.name)
}

fn known_format(file: &str, format: &str) -> ImportError {
    let message = format!(
        "opt-outs-missing: this file is one of {format}, and --map without a column for `status` does not read who left"
    );
    refused(file, message, "import it without --map")
}

fn nearly_known(file: &str, format: &str) -> ImportError {
    let message = format!(
        "opt-outs-missing: this file resembles one of {format}, which shows who left, and no column is mapped to `status`"
    );
    let first =
        format!("export it from {format} again with all columns, and import it without --map");
    refused(file, message, &first)
}

fn hidden_in(file: &str, column: &str) -> ImportError {
    let column = escape::terminal(column);
    let message = format!(
        "opt-outs-missing: the column `{column}` may show who left, and no column is mapped to `status`"
    );
    let first = "leave out the rows of people who left, and import them as another file with --status unsubscribed";
    refused(file, message, first)
}

fn refused(file: &str, message: String, first: &str) -> ImportError {
    ImportError::new(file, message).line(1).help(format!(
        "{first}; or map the column that shows who left with --map COLUMN=status (active, pending, unsubscribed, bounced, \
         complained); or use --status if every row has the same status, or --without-opt-outs if no one has left"
    ))
}

/// The error for a file in a format that does not show who left.
pub(super) fn missing(file: &str, format: &str) -> ImportError {
    let message = format!(
        "opt-outs-missing: this file of {format} does not show who left, so people who left could be mailed again"
    );
    ImportError::new(file, message).help(
        "import the file of those who left too; or use --status if every row has the same status, --consent-source if \
         you know that all of them agreed, or --without-opt-outs if no one has left",
    )
}
