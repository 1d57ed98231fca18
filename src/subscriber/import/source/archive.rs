//! ZIP archives: their text files, within limits that an archive made to exhaust the machine exceeds.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use crate::subscriber::import::error::{ImportError, too_large};
use crate::util::escape;

/// The most files of an archive that are looked at.
const ENTRIES: usize = 10_000;
/// How many bytes an entry may unpack to, whatever its ratio.
const SMALL: u64 = 64 << 20;
/// The fixed part of an entry of the central directory, in bytes (APPNOTE.TXT, section 4.3.12).
const HEADER: usize = 46;
/// How many times its packed size a larger entry may unpack to. Lists reach about 20.
const RATIO: u64 = 100;

/// Whether the file begins as a ZIP archive does.
pub(super) fn is_archive(path: &Path) -> io::Result<bool> {
    let mut magic = [0; 4];
    let mut file = File::open(path)?;
    Ok(file.read_exact(&mut magic).is_ok() && (&magic == b"PK\x03\x04" || &magic == b"PK\x05\x06"))
}

/// The numbers and names of the files that may have a list. Of an export of Substack, that is the list without the posts.
pub(super) fn entries(path: &Path) -> Result<Vec<(usize, String)>, ImportError> {
    let name = path.display().to_string();
    let unreadable = |error: io::Error| ImportError::unreadable(&name, &error);
    let mut archive = open(File::open(path).map_err(unreadable)?, &name)?;
    if archive.len() > ENTRIES {
        let message = format!("the archive has more than {ENTRIES} files");
        return Err(ImportError::new(&name, message).help("unpack it, and import the list alone"));
    }
    let start = archive.central_directory_start();
    if let Some(twice) = repeated_name(path, start).map_err(unreadable)? {
        let twice = escape::terminal(&twice);
        let message =
            format!("the archive has two files named `{twice}`, and one of them would be lost");
        return Err(ImportError::new(&name, message).help("pack them under different names"));
    }
    let mut entries = Vec::new();
    for number in 0..archive.len() {
        let entry = archive
            .by_index_raw(number)
            .map_err(|e| damaged(&name, &e))?;
        let entry_name = entry.name().map_err(|e| damaged(&name, &e))?.into_owned();
        if !entry.is_dir() && !is_of_the_packer(&entry_name) {
            entries.push((number, entry_name));
        }
    }
    if entries.iter().any(|(_, name)| is_list_of_substack(name)) {
        entries.retain(|(_, name)| !is_post_of_substack(name));
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

/// Files that programs for archives add, and that have no contacts.
fn is_of_the_packer(name: &str) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let is_known = matches!(file, ".DS_Store" | "Thumbs.db" | "desktop.ini");
    is_known || file.starts_with("._") || folder.split('/').any(|part| part == "__MACOSX")
}

fn file_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn is_list_of_substack(name: &str) -> bool {
    file_of(name).starts_with("email_list.")
}

/// The posts, and who has got and opened them.
fn is_post_of_substack(name: &str) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    folder.split('/').any(|part| part == "posts") || file == "posts.csv" || file.ends_with(".html")
}

/// The first name that two entries have. The library keeps only the last of them.
fn repeated_name(path: &Path, start: u64) -> io::Result<Option<String>> {
    let mut file = BufReader::new(File::open(path)?);
    file.seek(SeekFrom::Start(start))?;
    let mut names = BTreeSet::new();
    let mut header = [0; HEADER];
    while names.len() <= ENTRIES && file.read_exact(&mut header).is_ok() {
        if !header.starts_with(b"PK\x01\x02") {
            break;
        }
        let length = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let mut name = vec![0; usize::from(length(28))];
        file.read_exact(&mut name)?;
        file.seek_relative(i64::from(length(30)) + i64::from(length(32)))?;
        if let Some(twice) = names.replace(name) {
            return Ok(Some(String::from_utf8_lossy(&twice).into_owned()));
        }
    }
    Ok(None)
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
            too_large(
                message,
                "unpack the archive, look at the file, and import it alone",
            )
        })?;
        Ok(read)
    }
}
