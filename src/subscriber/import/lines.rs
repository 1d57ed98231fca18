//! Lines of a text with their numbers; a line ends with CR, LF or CRLF.

use std::io::{BufRead, BufReader, Read};

use super::error::ImportError;

/// The most bytes of a line.
const LINE: u64 = 1 << 20;

/// Calls `each` with every line, without its end, and its number from 1.
pub(super) fn each_line(
    text: &mut dyn Read,
    file: &str,
    mut each: impl FnMut(u64, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut text = BufReader::new(text);
    let mut number = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = text.by_ref().take(LINE).read_until(b'\n', &mut bytes);
        if read.map_err(|error| ImportError::unreadable(file, &error))? == 0 {
            return Ok(());
        }
        if bytes.len() as u64 == LINE && !bytes.ends_with(b"\n") {
            let message = format!("a line of more than {} MiB", LINE >> 20);
            return Err(ImportError::new(file, message)
                .line(number + 1)
                .help("export the file again, without large values"));
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        for line in line.split('\r') {
            number += 1;
            each(number, line)?;
        }
    }
}
