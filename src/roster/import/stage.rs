//! Reads the rows of files into the temporary tables: one thread reads and examines them, the other writes them.

use std::panic;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::mailboxes::RowCheck;
use super::{ImportProgress, refused};
use crate::store::{ListImport, RowStager, StagedRow, StoreError};
use crate::subscriber::import::{ImportError, ImportOptions, Recognised};
use crate::workspace::Failure;

/// The bytes of the values that one message between the threads has, unless a single row has more.
const BATCH: usize = 128 << 10;

/// How many batches wait.
const WAITING: usize = 4;

/// Rows that were read, up to a line.
#[derive(Default)]
struct Batch {
    rows: Vec<StagedRow>,
    line: u64,
}

/// What the first thread needs.
pub(super) struct Reading<'a> {
    pub(super) recognised: &'a mut Recognised,
    pub(super) options: &'a ImportOptions,
    pub(super) check: RowCheck<'a>,
    pub(super) rows: RowStager,
}

/// Reads all rows. Returns for each file whether reports name it.
pub(super) fn stage(
    reading: &mut Reading<'_>,
    import: &ListImport<'_>,
    progress: &mut dyn FnMut(ImportProgress),
) -> Result<Vec<bool>, Failure> {
    let of = reading.recognised.lines();
    let (sender, receiver) = sync_channel(WAITING);
    let (written, read) = thread::scope(|scope| {
        let reader = scope.spawn(|| reading.read(sender));
        // Ends the reader too, because it drops the receiver.
        let written = write(receiver, import, &mut |line| {
            progress(ImportProgress::Read { line, of })
        });
        (written, reader.join())
    });
    written?;
    read.unwrap_or_else(|why| panic::resume_unwind(why))
}

impl Reading<'_> {
    /// Sends every row. If the other thread has failed, its error counts.
    fn read(&mut self, sender: SyncSender<Batch>) -> Result<Vec<bool>, Failure> {
        let (mut is_named, mut batch, mut size) = (Vec::new(), Batch::default(), 0);
        let mut failed = None;
        let read = self.recognised.each_row(self.options, &mut |row| {
            if is_named.len() <= row.number {
                is_named.resize(row.number + 1, row.file.is_some());
            }
            if let Err(failure) = self.check.examine(&row) {
                failed = Some(failure);
                return Err(ImportError::stopped());
            }
            size += row.size();
            batch.rows.push(self.rows.stage(&row));
            batch.line = row.lines_before + row.line;
            if size < BATCH {
                return Ok(());
            }
            size = 0;
            send(&sender, std::mem::take(&mut batch))
        });
        match (failed, read) {
            (Some(failure), _) => Err(failure),
            (None, read) => {
                read.and_then(|()| send(&sender, batch)).map_err(refused)?;
                Ok(is_named)
            }
        }
    }
}

fn send(sender: &SyncSender<Batch>, batch: Batch) -> Result<(), ImportError> {
    sender.send(batch).map_err(|_| ImportError::stopped())
}

/// Writes every row. `see` gets the number of lines that were read.
fn write(
    receiver: Receiver<Batch>,
    import: &ListImport<'_>,
    see: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    for Batch { rows, line } in receiver {
        import.write(rows)?;
        see(line);
    }
    Ok(())
}
