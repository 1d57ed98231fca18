//! What only our own export has: people who left and are on the list, mailboxes without an address, and the evidence of
//! consent as it was recorded.

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::{Value, v};
use crate::subscriber::import::RecordedConsent;

/// The columns of `staged_consent` but for its number.
pub(super) const COLUMNS: [&str; 15] = [
    "staged",
    "place",
    "at",
    "ip",
    "confirmed_at",
    "confirmed_ip",
    "columns",
    "source",
    "name",
    "sha256",
    "format",
    "line",
    "recorded_at",
    "form_version",
    "text_digest",
];

/// The statement that creates `staged_consent`. `staged` is the number of the row.
pub(super) const TABLE: &str = "create temporary table staged_consent (staged bigint, place bigint, at text, ip text, confirmed_at text,
     confirmed_ip text, columns text, source text, name text, sha256 text, format text, line bigint, recorded_at bigint,
     form_version text, text_digest text)";

/// The values of [`COLUMNS`] of evidence in the row with this number, and its place there.
pub(super) fn values(staged: usize, place: usize, consent: &RecordedConsent) -> Vec<Value> {
    // A file without a name had that of a person who was forgotten.
    let has_file = consent.sha256.is_some();
    let name = consent.file.as_deref().or(has_file.then_some(""));
    vec![
        v(staged as i64),
        v(place as i64),
        v(consent.at.as_deref()),
        v(consent.ip.as_deref()),
        v(consent.confirmed_at.as_deref()),
        v(consent.confirmed_ip.as_deref()),
        v(consent.columns.as_deref()),
        v(consent.source.as_deref()),
        v(name),
        v(consent.sha256.as_deref()),
        v(consent.format.as_deref().or(has_file.then_some("franking"))),
        v(consent.line),
        v(consent.recorded_at),
        v(consent.form_version.as_deref()),
        v(consent.text_digest.as_deref()),
    ]
}

/// Marks the rows without an address, and other rows of the same mailboxes: the strictest counts.
pub(super) fn mark_hashed(connection: &dyn Connection) -> Result<(), StoreError> {
    let duplicates = "update staged set outcome = 'duplicate' where seq in (select seq from (
         select seq, row_number() over (partition by hash order by strictness desc, seq) as place from staged
         where hash in (select hash from staged where address_key = hash)) as ranked where place > 1)";
    connection.execute(duplicates, &[])?;
    let sql = "update staged set is_forgotten = 1, outcome = coalesce(outcome, 'suppressed')
         where hash in (select hash from staged where address_key = hash)";
    connection.execute(sql, &[]).map(drop)
}

/// The condition of the people of the files who left and are on the list there, unless they are on the list here.
pub(super) const LEFT: &str =
    "outcome = 'suppressed' and is_listed = 1 and is_forgotten is null and not exists (
     select 1 from subscriber where subscriber.address_key = staged.address_key)";

/// Adds each row to the history of its person, and the evidence that is not known yet. `import` is the number of the import
/// and `count` that of its files: the files of the evidence are numbered after them.
pub(super) fn record(
    connection: &dyn Connection,
    (import, count): (i64, usize),
    now: i64,
) -> Result<(), StoreError> {
    let events = "insert into list_event (at, address_key, action, detail)
         select cast(?2 as bigint), case when is_forgotten = 1 then hash else address_key end, 'import',
         (select name from import_file where import = ?1 and number = staged.file) || ':' || line
         from staged where is_listed is not null and coalesce(outcome, '') <> 'duplicate' order by seq";
    connection.execute(events, &[v(import), v(now)])?;
    record_files(connection, import, count)?;
    connection.execute(EVIDENCE, &[v(import)]).map(drop)
}

fn record_files(connection: &dyn Connection, import: i64, count: usize) -> Result<(), StoreError> {
    let sql = "select distinct sha256, name, format from staged_consent where sha256 is not null order by 1, 2, 3";
    let files = connection.query(sql, &[])?.into_iter().enumerate();
    let mut rows = files.map(|(number, row)| {
        let place = [v(import), v((count + number) as i64)];
        place.into_iter().chain(row.0).collect()
    });
    let columns = ["import", "number", "sha256", "name", "format"];
    connection
        .insert("import_file", &columns, &mut rows)
        .map(drop)
}

/// The columns by which the same evidence is recognised.
const EVIDENCE: &str = "insert into consent (hash, address_key, at, ip, confirmed_at, confirmed_ip, columns, source, import,
     file, line, form_version, text_digest, recorded_at)
     select staged.hash, case when staged.is_forgotten = 1 then null else staged.address_key end, new.at, new.ip,
     new.confirmed_at, new.confirmed_ip, new.columns, new.source, import_file.import, import_file.number, new.line,
     new.form_version, new.text_digest, new.recorded_at
     from staged_consent as new join staged on staged.seq = new.staged
     left join import_file on import_file.import = ?1 and import_file.sha256 = new.sha256
     and import_file.name = new.name and import_file.format = new.format
     where coalesce(staged.outcome, '') <> 'duplicate' and not exists (select 1 from consent as known
     left join import_file as its on its.import = known.import and its.number = known.file
     where known.hash = staged.hash and known.recorded_at = new.recorded_at
     and coalesce(known.at, '') = coalesce(new.at, '') and coalesce(known.source, '') = coalesce(new.source, '')
     and coalesce(known.confirmed_at, '') = coalesce(new.confirmed_at, '')
     and coalesce(known.line, 0) = coalesce(new.line, 0) and coalesce(its.sha256, '') = coalesce(new.sha256, ''))
     order by staged.seq, new.place";
