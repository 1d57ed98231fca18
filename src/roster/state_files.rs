//! The files of the state directory that contain an address.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use crate::subscriber::{Address, mention};

/// How much of a binary file is in memory at once.
const BLOCK: usize = 1 << 16;

/// A file with an address.
#[derive(Debug, Clone)]
pub struct StateFile {
    /// The file.
    pub path: PathBuf,
    /// Whether it has the whole address. A binary file, such as a ledger that was set aside, may have a longer one.
    pub is_certain: bool,
}

/// The files below a directory that contain an address, in either spelling, in any case. Of these, only the `wanted` ones
/// are read.
pub(super) fn state_files(
    directory: &Path,
    address: &Address,
    wanted: &dyn Fn(&Path) -> bool,
) -> io::Result<Vec<StateFile>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() {
            found.extend(state_files(&path, address, wanted)?);
        } else if kind.is_file() && wanted(&path) {
            found.extend(examined(path, address)?);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn examined(path: PathBuf, address: &Address) -> io::Result<Option<StateFile>> {
    let mut file = File::open(&path)?;
    let spellings = [address.key(), address.unicode_key()].map(|key| mention::fold(&key));
    let is_certain = !is_binary(&mut file)?;
    let contains = match is_certain {
        true => has_line_with(file, &spellings)?,
        false => has_bytes_of(file, &spellings)?,
    };
    Ok(contains.then_some(StateFile { path, is_certain }))
}

/// Whether a file begins with a block that has a zero byte, as `git` and `grep` recognise it.
fn is_binary(file: &mut File) -> io::Result<bool> {
    let mut begin = Vec::new();
    file.by_ref().take(BLOCK as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(begin.contains(&0))
}

/// Whether a text has a whole address.
fn has_line_with(file: File, spellings: &[String]) -> io::Result<bool> {
    let (mut file, mut line) = (BufReader::new(file), Vec::new());
    while file.read_until(b'\n', &mut line)? > 0 {
        let text = mention::fold(&String::from_utf8_lossy(&line));
        let has = |spelling: &String| mention::addresses(&text, spelling).next().is_some();
        if spellings.iter().any(has) {
            return Ok(true);
        }
        line.clear();
    }
    Ok(false)
}

/// Whether a file has the bytes of an address.
fn has_bytes_of(mut file: File, spellings: &[String]) -> io::Result<bool> {
    let longest = spellings.iter().map(String::len).max().unwrap_or_default();
    let (mut text, mut block) = (Vec::new(), vec![0; BLOCK]);
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(false);
        }
        text.extend(block[..count].iter().map(u8::to_ascii_lowercase));
        let has = |spelling: &String| memchr::memmem::find(&text, spelling.as_bytes()).is_some();
        if spellings.iter().any(has) {
            return Ok(true);
        }
        // An address may stand across the border of two blocks.
        text.drain(..text.len().saturating_sub(longest));
    }
}
