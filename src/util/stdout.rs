//! Standard output. After the first error nothing more is written: output with a gap would look complete.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

/// What has happened to the output of this process.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    Empty,
    Begun,
    /// Its reader has closed the pipe, as `head` does.
    Closed,
    Failed,
}

static OUTPUT: Mutex<Output> = Mutex::new(Output::Empty);

fn set(output: Output) {
    *OUTPUT.lock().unwrap_or_else(PoisonError::into_inner) = output;
}

fn get() -> Output {
    *OUTPUT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes and flushes `bytes`, unless an earlier write has failed. A closed pipe is not an error.
///
/// # Errors
/// The first error of this process.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() || matches!(get(), Output::Closed | Output::Failed) {
        return Ok(());
    }
    record(io::stdout().lock().write_all(bytes))
}

/// Records the result of a write by other code, after a flush.
///
/// # Errors
/// The error of the write or of the flush, unless it is that of a closed pipe.
pub fn record(written: io::Result<()>) -> io::Result<()> {
    match written.and_then(|()| io::stdout().lock().flush()) {
        Ok(()) => set(Output::Begun),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => set(Output::Closed),
        Err(error) => {
            set(Output::Failed);
            return Err(error);
        }
    }
    Ok(())
}

/// Whether nothing has been written, not even in vain.
pub fn is_empty() -> bool {
    get() == Output::Empty
}

/// Whether a write has failed.
pub fn has_failed() -> bool {
    get() == Output::Failed
}
