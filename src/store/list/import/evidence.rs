//! The history of imports, and the evidence of consent of their rows.

use super::bulk;
use super::counts::ImportCounts;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::v;
use crate::subscriber::import::ImportedFile;

/// The evidence of the row that counts of each mailbox. People who were forgotten get none.
const EVIDENCE: &str = "insert into consent (hash, address_key, at, ip, confirmed_at, confirmed_ip, columns, source, import, file,
     line, recorded_at)
     select hash, address_key, consent_at, consent_ip, confirmed_at, confirmed_ip, consent_columns, consent_source,
     cast(?1 as bigint), file, line, cast(?2 as bigint) from staged
     where coalesce(outcome, '') <> 'duplicate' and is_forgotten is null and is_listed is null";

/// The condition that the same row of the same file has not been imported before with the same evidence.
const IS_NEW: &str = "and not exists (select 1 from consent as known
     join import_file as its_file on its_file.import = known.import and its_file.number = known.file
     join import_file as this_file on this_file.import = ?1 and this_file.number = staged.file
     and this_file.sha256 = its_file.sha256 and its_file.name in (this_file.name, '')
     where known.hash = staged.hash and known.line = staged.line
     and coalesce(known.at, '') = coalesce(staged.consent_at, '')
     and coalesce(known.source, '') = coalesce(staged.consent_source, ''))";

/// Records an import with its files and its evidence, and returns its number.
pub(super) fn record(
    connection: &dyn Connection,
    files: &[ImportedFile],
    counts: &ImportCounts,
    now: i64,
) -> Result<i64, StoreError> {
    let is_repeated = is_repeated(connection, files)?;
    let new = if is_repeated { 0 } else { counts.read };
    let counts = serde_json::to_string(counts).expect("numbers can be serialized");
    let sql = "insert into list_import (at, counts) values (?1, ?2) returning id";
    let id = connection.query(sql, &[v(now), v(counts)])?;
    let id = id.first().and_then(|row| row.int(0));
    let id = id.ok_or_else(|| connection.damaged())?;
    let columns = ["import", "number", "name", "sha256", "format"];
    let mut rows = files.iter().enumerate().map(|(number, file)| {
        let number = number as i64;
        let texts = [&file.name, &file.sha256].map(v);
        [v(id), v(number)]
            .into_iter()
            .chain(texts)
            .chain([v(file.format)])
            .collect()
    });
    connection.insert("import_file", &columns, &mut rows)?;
    let condition = if is_repeated { IS_NEW } else { "" };
    let sql = format!("{EVIDENCE} {condition} order by seq");
    bulk::insert(connection, ("consent", new), (&sql, &[v(id), v(now)]))?;
    Ok(id)
}

/// Whether one of the files was imported before.
fn is_repeated(connection: &dyn Connection, files: &[ImportedFile]) -> Result<bool, StoreError> {
    for file in files {
        let sql = "select 1 from import_file where sha256 = ?1 limit 1";
        if !connection.query(sql, &[v(&file.sha256)])?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
