//! ZIP archives: their text files, within limits that an archive made to exhaust the machine exceeds.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use crate::subscriber::import::error::ImportError;

/// The most files of an archive that are looked at.
const ENTRIES: usize = 10_000;
/// How many bytes an entry may unpack to, whatever its ratio.
const SMALL: u64 = 64 << 20;
/// How many times its packed size a larger entry may unpack to. Lists reach about 20.
const RATIO: u64 = 100;

/// Whether the file begins as a ZIP archive does.
pub(super) fn is_archive(path: &Path) -> io::Result<bool> {
    let mut magic = [0; 4];
    let mut file = File::open(path)?;
    Ok(file.read_exact(&mut magic).is_ok() && (&magic == b"PK\x03\x04" || &magic == b"PK\x05\x06"))
}

/// The numbers and names of the files with a list: those of Mailchimp and Substack by their names, else every CSV file.
pub(super) fn entries(path: &Path) -> Result<Vec<(usize, String)>, ImportError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| ImportError::unreadable(&name, &error))?;
    let mut archive = open(file, &name)?;
    if archive.len() > ENTRIES {
        let message = format!("the archive has more than {ENTRIES} files");
        return Err(ImportError::new(&name, message).help("unpack it, and import the list alone"));
    }
    let mut entries = Vec::new();
    for number in 0..archive.len() {
        let entry = archive
            .by_index_raw(number)
            .map_err(|e| damaged(&name, &e))?;
        let entry_name = entry.name().map_err(|e| damaged(&name, &e))?.into_owned();
        if entry.is_file() && is_text(&entry_name) {
            entries.push((number, entry_name));
        }
    }
    if entries.iter().any(|(_, name)| is_list_of_substack(name)) {
        entries.retain(|(_, name)| is_list_of_substack(name));
    }
    if entries.is_empty() {
        return Err(ImportError::new(&name, "the archive has no CSV file"));
    }
    Ok(entries)
}

/// Calls `act` with the bytes of an entry.
pub(super) fn with_entry<T>(
    file: File,
    number: usize,
    name: &str,
    act: impl FnOnce(&mut dyn Read) -> Result<T, ImportError>,
) -> Result<T, ImportError> {
    let mut archive = open(file, name)?;
    let entry = archive.by_index(number).map_err(|e| damaged(name, &e))?;
    let limit = SMALL.max(entry.compressed_size().saturating_mul(RATIO));
    act(&mut Limited { entry, left: limit })
}

fn open(file: File, name: &str) -> Result<ZipArchive<BufReader<File>>, ImportError> {
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(name, &error))
}

fn damaged(name: &str, error: &zip::result::ZipError) -> ImportError {
    ImportError::new(name, format!("the archive cannot be read: {error}"))
        .help("export it again, or unpack it and import the files")
}

fn is_text(name: &str) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let is_csv = file.to_ascii_lowercase().ends_with(".csv");
    is_csv && !file.starts_with('.') && !folder.split('/').any(|part| part == "__MACOSX")
}

fn is_list_of_substack(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.starts_with("email_list.")
}

/// A reader that fails beyond a number of bytes. The sizes that an archive states are not trusted.
struct Limited<R> {
    entry: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.entry.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let message = format!("it unpacks to more than {RATIO} times its size");
            io::Error::new(io::ErrorKind::FileTooLarge, message)
        })?;
        Ok(read)
    }
}
