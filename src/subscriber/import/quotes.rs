//! Quotation marks that open by mistake: the rows up to the next mark become part of one value, without an error.

use csv::StringRecord;

use crate::subscriber::Address;

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowShape {
    /// The values of the header.
    pub(super) columns: usize,
    pub(super) separator: char,
}

const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// If a value with line ends has what looks like a row of its own, the lines of this row before that value.
pub(super) fn swallowed(row: &StringRecord, shape: RowShape) -> Option<u64> {
    if !row.as_slice().contains(LINE_ENDS) {
        return None;
    }
    let number = (0..row.len()).find(|number| has_row(row, *number, shape))?;
    let before = row.iter().take(number);
    Some(before.map(|value| lines(value).count() as u64 - 1).sum())
}

/// Whether a line of this value looks like a row of its own. The first line is the end of the row in which the mark opens.
fn has_row(row: &StringRecord, number: usize, shape: RowShape) -> bool {
    let value = &row[number];
    if !value.contains(LINE_ENDS) {
        return false;
    }
    let addresses: Vec<usize> = (0..number).filter(|at| is_address(&row[*at])).collect();
    let separators = shape.columns.saturating_sub(2).max(1);
    let is_row = |line: &str, separators: usize| {
        let parts: Vec<&str> = line.split(shape.separator).collect();
        let has_address = match addresses.is_empty() {
            true => parts.iter().any(|part| is_address(part)),
            false => addresses
                .iter()
                .any(|at| parts.get(*at).is_some_and(|part| is_address(part))),
        };
        parts.len() > separators && has_address
    };
    let rest = separators.saturating_sub(number).max(1);
    let begins_with_row =
        addresses.is_empty() && lines(value).next().is_some_and(|line| is_row(line, rest));
    begins_with_row
        || lines(value).skip(1).any(|line| is_row(line, separators))
        || (row.len() != shape.columns && !addresses.is_empty() && has_second(row, number, shape))
}

/// Whether a row with more or fewer values than the header has another address after the first line of this value.
fn has_second(row: &StringRecord, number: usize, shape: RowShape) -> bool {
    let parts = lines(&row[number]).skip(1);
    let mut parts = parts.flat_map(|line| line.split(shape.separator));
    parts.any(is_address) || row.iter().skip(number + 1).any(is_address)
}

/// The lines of a value; each ends with CR, LF or CRLF.
fn lines(value: &str) -> impl Iterator<Item = &str> {
    let ends = value.split('\n');
    ends.flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn is_address(part: &str) -> bool {
    let part = part.trim_matches(|letter: char| letter == '"' || letter.is_whitespace());
    part.contains('@') && Address::parse(part).is_ok()
}
