//! Why the format of a file is not recognised, and what to do about it.

use super::error::ImportError;
use super::formats::{ExportFormat, FORMATS, Layout};
use super::options::ImportOptions;
use super::source::ExportSource;
use super::table::Header;
use crate::util::escape;

pub(super) fn ambiguous(source: &ExportSource, fitting: &[&ExportFormat]) -> ImportError {
    let names: Vec<&str> = fitting.iter().map(|format| format.name).collect();
    let message = format!("the columns fit several formats: {}", names.join(", "));
    ImportError::new(&source.name, message).help(format!("choose one with --format {}", names[0]))
}

pub(super) fn unknown(
    source: &ExportSource,
    header: Header,
    options: &ImportOptions,
) -> ImportError {
    if source.head.trim_start().starts_with(['{', '[']) {
        let message = "the format is not known: JSON, but not one object a line as `franking list export` writes it";
        return ImportError::new(&source.name, message).help("export the list as CSV");
    }
    let message = match &options.format {
        Some(name) => format!("the file is not in the format `{}`", escape::terminal(name)),
        None => "the format is not known".to_owned(),
    };
    let nearest = FORMATS.iter().filter_map(|format| nearly(format, &header));
    let nearest = nearest.min_by_key(|(_, missing)| missing.len());
    let nearly = nearest.map_or_else(String::new, |(name, missing)| {
        format!(
            "it resembles {name}, without the column {}; export it again with all columns, or keep the opt-outs by mapping the \
             column that shows who left to `status`; ",
            missing.join(", ")
        )
    });
    ImportError::new(&source.name, message)
        .line(1)
        .help(format!(
            "{nearly}map the columns with --map COLUMN=FIELD, or name the format with --format; {}",
            columns(&header)
        ))
}

/// Columns that files of many systems have: they show no format.
const COMMON: [&str; 8] = [
    "email",
    "name",
    "first_name",
    "last_name",
    "tags",
    "status",
    "created_at",
    "categories",
];

/// The format's name and the columns that are missing, if at least half of those by which it is known are there, and one
/// that few other systems have.
pub(super) fn nearly(
    format: &ExportFormat,
    header: &Header,
) -> Option<(&'static str, Vec<&'static str>)> {
    let Layout::Table(table) = &format.layout else {
        return None;
    };
    let missing = table.missing(header);
    let is_near = !missing.is_empty() && missing.len() * 2 <= table.known_by.len();
    let (_, some_of) = table.some_of;
    let mut columns = table.known_by.iter().chain(some_of);
    let is_special = columns.any(|name| !COMMON.contains(name) && header.has(name));
    (is_near && is_special).then_some((format.name, missing))
}

pub(super) fn columns(header: &Header) -> String {
    let names: Vec<String> = header
        .names
        .iter()
        .take(12)
        .map(|name| format!("`{}`", escape::terminal(name)))
        .collect();
    format!("the columns are {}", names.join(", "))
}

/// Whether a file of an archive is nothing but addresses: they may be those of people who left.
pub(super) fn is_bare(
    source: &ExportSource,
    format: &ExportFormat,
    options: &ImportOptions,
) -> bool {
    let shows_opt_outs = match &format.layout {
        Layout::Text(text) => text.shows_opt_outs,
        Layout::Table(_) => true,
    };
    source.is_packed && options.format.is_none() && !shows_opt_outs
}

pub(super) fn bare(source: &ExportSource) -> ImportError {
    let message = "a list of addresses in an archive: whether these people have left is unknown";
    ImportError::new(&source.name, message)
        .help("unpack the archive, and import this file alone: with `--status unsubscribed` if these people have left")
}
